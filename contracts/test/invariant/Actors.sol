// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IChallenges} from "../../src/interfaces/IChallenges.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";
import {RAY} from "../../src/libraries/Ray.sol";
import {Committee} from "./Committee.sol";
import {System} from "./Stage.sol";

/// @notice Everybody who uses the protocol, doing what a seed says. Notes what must never happen; the invariants read the notes. Those who
/// send tickets are {Broadcasters}, those who are listed {Registrants}, those who judge the {Committee}; here are those who stake, earn, challenge and govern.
contract Actors is Committee {
    uint256 private constant LONGEST_UNBONDING = 10;

    uint256 public slashes;
    uint256 public upgrades;
    mapping(uint256 round => uint256) public mintedIn;
    mapping(uint256 round => uint256) private _mintable;

    constructor(address[] memory accounts_, uint256[] memory keys_) {
        accounts = accounts_;
        keys = keys_;
    }

    function connect(System calldata system_) external {
        system = system_;
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            vm.prank(accounts[i]);
            system.token.approve(address(system.staking), type(uint256).max);
            vm.deal(accounts[i], 1_000 ether);
        }
        _fundBroadcasters();
        _noteRegistered();
        _formCommittee();
    }

    function bond(uint256 who, uint256 to, uint256 amount) external harmless(_account(who)) {
        address account = _account(who);
        address target = system.staking.delegationOf(account).orchestrator;
        if (target == address(0)) target = who % ACCOUNTS < ORCHESTRATORS ? account : accounts[to % ORCHESTRATORS];
        amount = bound(amount, 1, system.token.balanceOf(account) / 2 + 1);
        vm.prank(account);
        system.staking.bond(amount, target);
    }

    function unbond(uint256 who, uint256 amount, bool all) external harmless(_account(who)) {
        address account = _account(who);
        uint256 stake = system.staking.pendingStake(account);
        amount = all ? stake : bound(amount, 1, stake);
        vm.prank(account);
        system.staking.unbond(amount);
    }

    function rebond(uint256 who, uint256 lock) external harmless(_lockHolder(who)) {
        address account = _lockHolder(who);
        uint256 id = _lockOf(account, lock);
        vm.prank(account);
        system.staking.rebond(id);
    }

    function redelegate(uint256 who, uint256 to) external harmless(_delegator(who)) {
        vm.prank(_delegator(who));
        system.staking.redelegate(accounts[to % ORCHESTRATORS]);
    }

    function withdrawStake(uint256 who, uint256 lock) external harmless(_lockHolder(who)) {
        address account = _lockHolder(who);
        uint256 id = _lockOf(account, lock);
        uint256 opens = system.staking.lockOf(account, id).withdrawRound;
        uint256 round = system.rounds.currentRound();
        if (opens > round) _advance(opens - round);
        uint256 due = system.staking.lockOf(account, id).amount;
        uint256 before = system.token.balanceOf(account);
        vm.prank(account);
        system.staking.withdrawStake(id);
        if (system.token.balanceOf(account) - before != due) violation = "a lock paid another amount than it showed";
    }

    function withdrawFees(uint256 who, uint256 amount) external harmless(_feeHolder(who)) {
        address account = _feeHolder(who);
        amount = bound(amount, 1, system.staking.pendingFees(account));
        vm.prank(account);
        system.staking.withdrawFees(payable(account), amount);
        feesOut += amount;
    }

    function reward(uint256 who) external harmless(_orchestrator(who)) {
        uint256 round = system.rounds.currentRound();
        (, uint256 mintable) = system.staking.currentInflation();
        vm.prank(_orchestrator(who));
        uint256 minted = system.staking.reward();
        mintedIn[round] += minted;
        if (_mintable[round] == 0) _mintable[round] = mintable;
        if (mintedIn[round] > _mintable[round]) violation = "a round minted more than it may";
    }

    function scheduleCommission(uint256 who, uint32 cut, uint32 share) external harmless(address(0)) {
        address account = _orchestrator(who);
        (uint32 oldCut, uint32 oldShare) = system.staking.commissionAt(account, system.rounds.currentRound());
        vm.prank(account);
        system.staking.scheduleCommission(_near(oldCut, cut), _near(oldShare, share));
    }

    /// @dev A receipt that is false or true, challenged by anybody, even by its orchestrator.
    function challenge(uint256 who, uint256 by, bool isFalse) external {
        uint256 place = who % ORCHESTRATORS;
        address orchestrator = accounts[place];
        IVerifier.Receipt memory receipt;
        receipt.orchestrator = orchestrator;
        receipt.serviceId = system.service;
        receipt.seq = uint64(++_nonce);
        receipt.inputHash = keccak256("source");
        receipt.outputHash = isFalse ? bytes32(0) : keccak256(abi.encode(bytes("source")));
        receipt.round = system.rounds.currentRound();
        bytes memory signature = _sign(keys[place], system.challenges.hashReceipt(receipt));
        address challenger = _account(by);
        uint256 before = system.staking.slashableStake(orchestrator);
        uint256 supply = system.token.totalSupply();
        uint256 balance = system.token.balanceOf(challenger);
        vm.prank(challenger);
        (, IVerifier.Verdict verdict) =
            system.challenges.challenge{value: system.bond}(receipt, signature, "source");
        uint256 penalty = before - system.staking.slashableStake(orchestrator);
        uint256 bounty = system.token.balanceOf(challenger) - balance;
        if ((verdict == IVerifier.Verdict.Guilty) != isFalse) violation = "a wrong verdict";
        if (!isFalse && penalty != 0) violation = "an innocent orchestrator lost stake";
        if (supply - system.token.totalSupply() != penalty - bounty) violation = "a slash burned another amount";
        if (isFalse) slashes += 1;
    }

    /// @dev Of the first who owes, from `who` on.
    function enforceSlash(uint256 who) external harmless(address(0)) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            try system.staking.enforceSlash(_account(addmod(who, i, ACCOUNTS))) {
                return;
            } catch {}
        }
    }

    function nextRounds(uint256 number) external harmless(address(0)) {
        _advance(bound(number, 1, 3));
    }

    function setMinimumStake(uint256 total) external harmless(address(0)) {
        uint256 now_ = system.staking.minimumStake();
        total = bound(total, now_ / 2, 200 ether);
        system.staking.setMinimumStake(total, total / 2);
    }

    function setInflation(uint256 rate, uint256 maximum) external harmless(address(0)) {
        maximum = bound(maximum, RAY / 1_000, RAY / 100);
        system.staking.setInflation(bound(rate, 0, maximum), RAY / 100_000, maximum, RAY / 2);
    }

    function setUnbondingPeriod(uint256 period) external harmless(address(0)) {
        system.staking.setUnbondingPeriod(bound(period, 5, LONGEST_UNBONDING));
    }

    function setRoundLength(uint256 length) external harmless(address(0)) {
        uint256 now_ = system.rounds.roundLength();
        system.rounds.setRoundLength(bound(length, now_ / 2 + 1, 2 * now_));
    }

    function setChallengeParameters(uint256 window, uint256 answerPeriod, uint256 appealPeriod)
        external
        harmless(address(0))
    {
        IChallenges.Parameters memory next = system.challenges.parameters();
        (next.window, next.answerPeriod, next.appealPeriod, next.attesterShare) =
            (bound(window, 1, 2), bound(answerPeriod, 1, 2), bound(appealPeriod, 0, 1), uint32(window % 1_000_001));
        system.challenges.setParameters(next);
    }

    /// @dev All six at once, with whatever is going on.
    function upgrade(bool which) external harmless(address(0)) {
        for (uint256 i = 0; i < system.proxies.length; ++i) {
            UUPSUpgradeable(system.proxies[i]).upgradeToAndCall(system.implementations[which ? 1 : 0][i], "");
        }
        upgrades += 1;
    }

    /// @dev Everybody takes out everything: nobody needs anybody else for it, and a pause does not hold it up.
    function leave() external {
        system.staking.pause();
        system.broker.pause();
        _unlockAll();
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            uint256 stake = system.staking.pendingStake(accounts[i]);
            vm.prank(accounts[i]);
            if (stake != 0) system.staking.unbond(stake);
        }
        // Locks made under a longer period than the present one open by then too.
        _advance(LONGEST_UNBONDING);
        _closeCases();
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            address account = accounts[i];
            uint256 next = system.staking.nextLockId(account);
            vm.startPrank(account);
            for (uint256 lockId = 0; lockId < next; ++lockId) {
                if (system.staking.lockOf(account, lockId).orchestrator != address(0)) {
                    system.staking.withdrawStake(lockId);
                }
            }
            uint256 fees = system.staking.pendingFees(account);
            if (fees != 0) {
                system.staking.withdrawFees(payable(account), fees);
                feesOut += fees;
            }
            vm.stopPrank();
        }
        _withdrawAll();
    }

    function _near(uint32 from, uint32 seed) private pure returns (uint32) {
        uint256 low = from > 100_000 ? from - 100_000 : 0;
        uint256 high = from < 900_000 ? from + 100_000 : 1_000_000;
        return uint32(bound(seed, low, high));
    }

    function _delegator(uint256 who) private view returns (address) {
        return accounts[ORCHESTRATORS + (who % (ACCOUNTS - ORCHESTRATORS))];
    }

    /// @dev From `who` on, the first account with a lock, so that few calls go nowhere.
    function _lockHolder(uint256 who) private view returns (address account) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            account = accounts[addmod(who, i, ACCOUNTS)];
            if (locksOf(account) != 0) return account;
        }
    }

    function _feeHolder(uint256 who) private view returns (address account) {
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            account = accounts[addmod(who, i, ACCOUNTS)];
            if (system.staking.pendingFees(account) != 0) return account;
        }
    }

    function _lockOf(address account, uint256 lock) private view returns (uint256 lockId) {
        uint256 next = system.staking.nextLockId(account);
        for (uint256 i = 0; i < next; ++i) {
            lockId = addmod(lock, i, next);
            if (system.staking.lockOf(account, lockId).orchestrator != address(0)) return lockId;
        }
    }
}
