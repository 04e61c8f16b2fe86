// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Test} from "forge-std/Test.sol";
import {Challenges} from "../../src/Challenges.sol";
import {Rounds} from "../../src/Rounds.sol";
import {ServiceRegistry} from "../../src/ServiceRegistry.sol";
import {Staking} from "../../src/Staking.sol";
import {StreamflowToken} from "../../src/StreamflowToken.sol";
import {TicketBroker} from "../../src/TicketBroker.sol";
import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";

/// @notice Everybody who uses the protocol, doing what a seed says. Notes what must never happen; the invariants read the notes.
contract Actors is Test {
    struct System {
        StreamflowToken token;
        Rounds rounds;
        Staking staking;
        TicketBroker broker;
        Challenges challenges;
        ServiceRegistry registry;
        address[2] stakingImplementations;
        address[2] brokerImplementations;
        address[2] challengesImplementations;
        bytes32 service;
        uint256 bond;
    }

    uint256 public constant ORCHESTRATORS = 3;
    uint256 public constant ACCOUNTS = 7;
    uint256 private constant ROUNDING = 10;

    System internal system;
    address[] public accounts;
    uint256[] internal keys;
    address public sender;
    uint256 private immutable _senderKey;
    address private immutable _session;
    uint256 private immutable _sessionKey;
    ITicketBroker.SessionGrant private _grant;
    ITicketBroker.SignedGrant private _signedGrant;

    uint256 public feesIn;
    uint256 public feesOut;
    uint256 public slashes;
    uint256 public redemptions;
    uint256 public upgrades;
    string public violation;
    mapping(uint256 round => uint256) public mintedIn;
    mapping(uint256 round => uint256) private _mintable;
    uint256 private _nonce;
    uint256 private _turn;

    constructor(address[] memory accounts_, uint256[] memory keys_) {
        accounts = accounts_;
        keys = keys_;
        (sender, _senderKey) = makeAddrAndKey("sender");
        (_session, _sessionKey) = makeAddrAndKey("session");
    }

    function connect(System calldata system_) external {
        system = system_;
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            vm.prank(accounts[i]);
            system.token.approve(address(system.staking), type(uint256).max);
            vm.deal(accounts[i], 1_000 ether);
        }
        vm.deal(sender, 1_000_000 ether);
        vm.prank(sender);
        system.broker.fundDeposit{value: 10_000 ether}();
    }

    /// @dev What nobody but the account itself, and slashes, may lower: stake, locks and fees.
    function holdings(address account) public view returns (uint256 tokens, uint256 fees) {
        tokens = system.staking.pendingStake(account) + locksOf(account);
        fees = system.staking.pendingFees(account);
    }

    function locksOf(address account) public view returns (uint256 tokens) {
        uint256 next = system.staking.nextLockId(account);
        for (uint256 lockId = 0; lockId < next; ++lockId) {
            tokens += system.staking.lockOf(account, lockId).amount;
        }
    }

    /// @dev Nobody else's holdings may fall by what one account does; two others are watched each time.
    modifier harmless(address actor) {
        address[2] memory others = [accounts[_turn % ACCOUNTS], accounts[(_turn + 3) % ACCOUNTS]];
        _turn += 1;
        (uint256 firstTokens, uint256 firstFees) = holdings(others[0]);
        (uint256 secondTokens, uint256 secondFees) = holdings(others[1]);
        _;
        if (others[0] != actor) _requireKept(others[0], firstTokens, firstFees);
        if (others[1] != actor) _requireKept(others[1], secondTokens, secondFees);
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

    /// @dev A ticket of this round or the one before, redeemed by anybody.
    function redeem(uint256 who, uint256 faceValue, uint32 feeShare, bool late) external harmless(address(0)) {
        uint256 round = system.rounds.currentRound();
        if (late) round -= 1;
        faceValue = bound(faceValue, 1, 50 ether);
        ITicketBroker.Ticket memory ticket = ITicketBroker.Ticket({
            recipient: _orchestrator(who),
            sender: sender,
            grant: 0,
            faceValue: faceValue,
            winProb: type(uint256).max,
            nonce: ++_nonce,
            recipientRandHash: keccak256(abi.encode(_nonce)),
            creationRound: round,
            creationRoundBlockHash: system.rounds.blockHashForRound(round),
            feeShare: uint32(bound(feeShare, 0, 1_000_000))
        });
        bytes32 ticketHash = system.broker.hashTicket(ticket);
        uint256 before = address(system.staking).balance;
        uint256 paid = system.broker.redeem(
            ITicketBroker.Redemption(ticket, _sign(_senderKey, ticketHash), _nonce), 0
        );
        feesIn += paid;
        redemptions += 1;
        if (address(system.staking).balance - before != paid) violation = "staking got another amount than was paid";
        if (system.broker.ticketPaid(ticketHash) > faceValue) violation = "a ticket paid more than its face value";
    }

    function fundDeposit(uint256 amount) external harmless(address(0)) {
        vm.prank(sender);
        system.broker.fundDeposit{value: bound(amount, 1, 100 ether)}();
    }

    /// @dev Reserve and escrow too, by the sender or, for the reserve, by somebody else.
    function fundReserveAndEscrow(uint256 reserve, uint256 escrow, bool foreign) external harmless(address(0)) {
        reserve = bound(reserve, 1, 50 ether);
        if (foreign) {
            vm.prank(accounts[0]);
            system.broker.fundReserveFor{value: bound(reserve, 1, 1 ether)}(sender);
            return;
        }
        escrow = bound(escrow, 0, 50 ether);
        vm.prank(sender);
        system.broker.fundDepositAndReserve{value: reserve + escrow}(0, reserve, escrow);
    }

    function designate(uint256 who, uint256 amount) external harmless(address(0)) {
        address[] memory orchestrators = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        orchestrators[0] = _orchestrator(who);
        amounts[0] = bound(amount, 0, system.broker.senderInfo(sender).reserve);
        vm.prank(sender);
        system.broker.designateReserve(orchestrators, amounts);
    }

    function grantOrRevoke(uint256 spendCap, uint256 escrowCap, bool revoking) external harmless(address(0)) {
        if (revoking && _grant.sender != address(0)) {
            vm.prank(sender);
            system.broker.revokeGrant(_grant);
            return;
        }
        _grant = ITicketBroker.SessionGrant({
            sender: sender,
            key: _session,
            spendCap: bound(spendCap, 1, 1_000 ether),
            escrowCap: bound(escrowCap, 0, 100 ether),
            validUntil: uint64(block.timestamp + 1 days),
            salt: bytes32(++_nonce)
        });
        bytes32 grantHash = system.broker.hashGrant(_grant);
        _signedGrant = ITicketBroker.SignedGrant(_grant, _sign(_senderKey, grantHash));
        system.broker.registerGrant(_signedGrant);
    }

    /// @dev A ticket of a session key: alone, in a batch, or punished; the caps hold whatever is shown.
    function redeemOfGrant(uint256 who, uint256 faceValue, uint8 how) external harmless(address(0)) {
        if (_grant.sender == address(0)) return;
        ITicketBroker.Redemption[] memory list = new ITicketBroker.Redemption[](1);
        list[0] = _ticketOfGrant(_orchestrator(who), bound(faceValue, 1, 2_000 ether));
        bytes32 grantHash = list[0].ticket.grant;
        uint256 before = address(system.staking).balance;
        if (how % 3 == 0) {
            system.broker.redeem(list[0], 0);
        } else if (how % 3 == 1) {
            system.broker.redeemBatch(list, new uint256[](1), new ITicketBroker.SignedGrant[](0));
        } else {
            ITicketBroker.SignedGrant[] memory grants = new ITicketBroker.SignedGrant[](1);
            grants[0] = _signedGrant;
            vm.prank(list[0].ticket.recipient);
            system.broker.redeemAndPunish(list, grants);
        }
        feesIn += address(system.staking).balance - before;
        ITicketBroker.GrantInfo memory info = system.broker.grantInfo(sender, grantHash, _session);
        if (info.spent > _grant.spendCap) violation = "a grant spent more than its cap";
        if (info.escrowBurned > _grant.escrowCap) violation = "a grant burned more than its cap";
    }

    function unlockOrWithdraw(bool withdrawing, uint256 deposit) external harmless(address(0)) {
        if (!withdrawing) {
            vm.prank(sender);
            system.broker.unlock();
            return;
        }
        deposit = bound(deposit, 1, system.broker.senderInfo(sender).deposit);
        uint256 before = sender.balance;
        vm.prank(sender);
        system.broker.withdrawTo(sender, deposit, 0, 0);
        if (sender.balance - before != deposit) violation = "a withdrawal paid another amount than was asked for";
    }

    function setBrokerParameters(uint256 validity, uint256 unlock, uint32 burnShare) external harmless(address(0)) {
        validity = bound(validity, 1, 4);
        system.broker.setParameters(validity, bound(unlock, validity, 7), uint32(bound(burnShare, 0, 1_000_000)));
    }

    function haltOrResume() external harmless(address(0)) {
        if (system.broker.redemptionHalted()) system.broker.resumeRedemption();
        else system.broker.haltRedemption();
    }

    function setSigner(uint256 who, uint256 key) external harmless(address(0)) {
        vm.prank(_orchestrator(who));
        system.registry.setSigner(vm.addr(bound(key, 1, type(uint128).max)));
    }

    function _ticketOfGrant(address recipient, uint256 faceValue)
        private
        returns (ITicketBroker.Redemption memory)
    {
        uint256 round = system.rounds.currentRound();
        ITicketBroker.Ticket memory ticket = ITicketBroker.Ticket({
            recipient: recipient,
            sender: sender,
            grant: system.broker.hashGrant(_grant),
            faceValue: faceValue,
            winProb: type(uint256).max,
            nonce: ++_nonce,
            recipientRandHash: keccak256(abi.encode(_nonce)),
            creationRound: round,
            creationRoundBlockHash: system.rounds.blockHashForRound(round),
            feeShare: 0
        });
        return ITicketBroker.Redemption(ticket, _sign(_sessionKey, system.broker.hashTicket(ticket)), _nonce);
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
        total = bound(total, 1 ether, 200 ether);
        system.staking.setMinimumStake(total, total / 2);
    }

    function upgrade(bool which) external harmless(address(0)) {
        uint256 i = which ? 1 : 0;
        UUPSUpgradeable(address(system.staking)).upgradeToAndCall(system.stakingImplementations[i], "");
        UUPSUpgradeable(address(system.broker)).upgradeToAndCall(system.brokerImplementations[i], "");
        UUPSUpgradeable(address(system.challenges)).upgradeToAndCall(system.challengesImplementations[i], "");
        upgrades += 1;
    }

    /// @dev Everybody takes out everything: nobody needs anybody else for it, and a pause does not hold it up.
    function leave() external {
        system.staking.pause();
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            uint256 stake = system.staking.pendingStake(accounts[i]);
            vm.prank(accounts[i]);
            if (stake != 0) system.staking.unbond(stake);
        }
        _advance(system.staking.unbondingPeriod());
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
    }

    function _requireKept(address account, uint256 tokensBefore, uint256 feesBefore) private {
        (uint256 tokens, uint256 fees) = holdings(account);
        if (tokens + ROUNDING < tokensBefore) violation = "somebody else lost stake";
        if (fees + ROUNDING < feesBefore) violation = "somebody else lost fees";
    }

    function _advance(uint256 number) private {
        for (uint256 i = 0; i < number; ++i) {
            (,, uint256 end) = system.rounds.currentRoundState();
            vm.warp(end);
            vm.roll(block.number + 10);
            system.rounds.initializeRound();
        }
    }

    function _near(uint32 from, uint32 seed) private pure returns (uint32) {
        uint256 low = from > 100_000 ? from - 100_000 : 0;
        uint256 high = from < 900_000 ? from + 100_000 : 1_000_000;
        return uint32(bound(seed, low, high));
    }

    function _account(uint256 who) private view returns (address) {
        return accounts[who % ACCOUNTS];
    }

    function _orchestrator(uint256 who) private view returns (address) {
        return accounts[who % ORCHESTRATORS];
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

    function _sign(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
