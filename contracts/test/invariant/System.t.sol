// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rounds} from "../../src/Rounds.sol";
import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {ChallengesFixture} from "../helpers/ChallengesFixture.sol";
import {HashVerifier} from "../helpers/HashVerifier.sol";
import {Actors} from "./Actors.sol";
import {System} from "./Stage.sol";

/// @notice What holds whatever everybody does, over many rounds, with slashes and upgrades: the invariants of the whole system.
/// forge-config: default.invariant.depth = 30
contract SystemInvariantTest is ChallengesFixture {
    /// @dev Rounding leaves less than this behind, in wei, over a whole run.
    uint256 private constant DUST = 1e9;

    Actors internal actors;

    function setUp() public override {
        super.setUp();
        HashVerifier verifier = new HashVerifier();
        challenges.setVerifierApproval(address(verifier), true);
        address[] memory accounts = new address[](7);
        uint256[] memory keys = new uint256[](7);
        for (uint256 i = 0; i < 7; ++i) {
            (accounts[i], keys[i]) = makeAddrAndKey(string(abi.encode("actor", i)));
            token.transfer(accounts[i], 20_000 ether);
        }
        actors = new Actors(accounts, keys);
        for (uint256 i = 0; i < 3; ++i) {
            enlist(accounts[i], 1_000 ether, address(verifier));
            bond(accounts[3 + i], 500 ether, accounts[i]);
        }
        manager.grantRole(0, address(actors), 0);
        actors.connect(_system());
        nextRounds(2);
        targetContract(address(actors));
        bytes4[] memory excluded = new bytes4[](2);
        (excluded[0], excluded[1]) = (Actors.connect.selector, Actors.leave.selector);
        excludeSelector(FuzzSelector(address(actors), excluded));
    }

    function _system() private returns (System memory system) {
        (system.token, system.rounds, system.staking, system.broker) = (token, rounds, staking, broker);
        (system.challenges, system.attestation, system.registry) = (challenges, attestation, registry);
        (system.service, system.bond) = (SERVICE, BOND);
        system.proxies = [
            address(staking), address(broker), address(challenges), address(rounds), address(registry), address(attestation)
        ];
        for (uint256 i = 0; i < 2; ++i) {
            system.implementations[i] = [
                newStaking(), newBroker(), newChallenges(), address(new Rounds()), newRegistry(), newAttestation()
            ];
        }
    }

    /// @dev After every step. One campaign for all of them: Foundry plays every `invariant_` function its own.
    function invariant_system() public view {
        assertEq(actors.violation(), "", "noted by the actors");
        assertEq(address(staking).balance, actors.feesIn() - actors.feesOut());
        _theBrokerHoldsWhatSendersHave();
    }

    /// @dev After every run: the sums over all accounts (an error in them would have stayed). Then everybody leaves, for exit never
    /// depends on a third party, and what stays is dust.
    function afterInvariant() public {
        _feesAreBacked();
        _stakesAddUp();
        assertEq(address(challenges).balance, actors.bondsAndCredits(), "bonds");
        assertTrue(actors.pagesAreWhole(), "the pages of the registry");
        actors.leave();
        assertLe(staking.totalStake(), DUST);
        assertLe(token.balanceOf(address(staking)), DUST);
        assertLe(address(staking).balance, DUST);
        assertEq(address(broker).balance, 0, "senders leave nothing behind");
        assertEq(address(challenges).balance, 0, "challengers leave nothing behind");
    }

    /// @dev The fees that came in and did not go out cover what everybody is owed.
    function _feesAreBacked() private view {
        uint256 owed = 0;
        for (uint256 i = 0; i < actors.ACCOUNTS(); ++i) {
            owed += staking.pendingFees(actors.accounts(i));
        }
        assertLe(owed, address(staking).balance);
    }

    /// @dev Vault ETH = deposits + reserves + escrows.
    function _theBrokerHoldsWhatSendersHave() private view {
        uint256 held = 0;
        for (uint256 i = 0; i < actors.SENDERS(); ++i) {
            ITicketBroker.SenderInfo memory info = broker.senderInfo(actors.senderAt(i));
            held += info.deposit + info.reserve + info.escrow;
            assertLe(broker.committedReserve(actors.senderAt(i)), info.reserve, "no more is designated than there is");
        }
        assertEq(address(broker).balance, held);
    }

    /// @dev Delegated = Σ stakes, and the tokens are there (more of them while locks owe for a redelegation; see `afterInvariant`).
    function _stakesAddUp() private {
        uint256 held = 0;
        uint256 locks = 0;
        uint256 pools = 0;
        for (uint256 i = 0; i < actors.ACCOUNTS(); ++i) {
            try staking.enforceSlash(actors.accounts(i)) {} catch {}
        }
        for (uint256 i = 0; i < actors.ACCOUNTS(); ++i) {
            address account = actors.accounts(i);
            held += staking.pendingStake(account);
            locks += actors.locksOf(account);
            pools += staking.stakeOf(account);
        }
        assertLe(held, pools);
        assertApproxEqAbs(held, pools, DUST);
        assertEq(pools, staking.totalStake());
        assertGe(token.balanceOf(address(staking)), pools + locks);
    }
}
