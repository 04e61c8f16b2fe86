// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {AttestationVerifier} from "../../src/AttestationVerifier.sol";
import {Challenges} from "../../src/Challenges.sol";
import {Rounds} from "../../src/Rounds.sol";
import {ServiceRegistry} from "../../src/ServiceRegistry.sol";
import {Staking} from "../../src/Staking.sol";
import {StreamflowToken} from "../../src/StreamflowToken.sol";
import {TicketBroker} from "../../src/TicketBroker.sol";

/// @param proxies Every upgradeable contract.
/// @param implementations Two of each, in the same order, to move between.
struct System {
    StreamflowToken token;
    Rounds rounds;
    Staking staking;
    TicketBroker broker;
    Challenges challenges;
    ServiceRegistry registry;
    AttestationVerifier attestation;
    address[6] proxies;
    address[6][2] implementations;
    bytes32 service;
    uint256 bond;
}

/// @notice What all actors of the system's invariant share: who there is, how time passes, and that nobody is robbed meanwhile.
abstract contract Stage is Test {
    uint256 public constant ORCHESTRATORS = 3;
    uint256 public constant ACCOUNTS = 7;
    uint256 private constant ROUNDING = 10;

    struct Watch {
        address account;
        uint256 tokens;
        uint256 fees;
    }

    System internal system;
    address[] public accounts;
    uint256[] internal keys;
    uint256 public feesIn;
    uint256 public feesOut;
    string public violation;
    uint256 internal _nonce;
    uint256 private _turn;

    /// @dev Nobody else's holdings may fall by what one account does; two others are watched each time.
    modifier harmless(address actor) {
        Watch[2] memory watched = [_watch(_turn), _watch(_turn + 3)];
        _turn += 1;
        _;
        _requireKept(actor, watched[0]);
        _requireKept(actor, watched[1]);
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

    function _watch(uint256 turn) private view returns (Watch memory watch) {
        watch.account = accounts[turn % ACCOUNTS];
        (watch.tokens, watch.fees) = holdings(watch.account);
    }

    function _requireKept(address actor, Watch memory watch) private {
        if (watch.account == actor) return;
        (uint256 tokens, uint256 fees) = holdings(watch.account);
        if (tokens + ROUNDING < watch.tokens) violation = "somebody else lost stake";
        if (fees + ROUNDING < watch.fees) violation = "somebody else lost fees";
    }

    function _advance(uint256 number) internal {
        for (uint256 i = 0; i < number; ++i) {
            (,, uint256 end) = system.rounds.currentRoundState();
            vm.warp(end);
            vm.roll(block.number + 10);
            system.rounds.initializeRound();
        }
    }

    function _account(uint256 who) internal view returns (address) {
        return accounts[who % ACCOUNTS];
    }

    function _orchestrator(uint256 who) internal view returns (address) {
        return accounts[who % ORCHESTRATORS];
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
