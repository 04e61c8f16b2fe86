// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IStaking} from "../../src/interfaces/IStaking.sol";
import {StakingFixture} from "../helpers/StakingFixture.sol";

/// @notice Failures that earlier staking contracts of this kind had, one test each; they must be impossible here.
contract KnownStakingFailuresTest is StakingFixture {
    uint256 private constant DUST = 10;

    /// @dev Fees were divided by a stake frozen when the orchestrator fell out, while stake that came later claimed too.
    function test_InactiveOrchestratorMultipliesFees() public {
        enlist(orchestrator, MINIMUM, 0, 1_000_000);
        nextRound();
        unbond(orchestrator, MINIMUM - 1);
        nextRounds(3);
        assertFalse(staking.isActive(orchestrator));
        bond(alice, 900 ether, orchestrator);
        book(orchestrator, round(), 1_000_000, 0.5 ether);
        nextRound();
        book(orchestrator, round(), 1_000_000, 0.5 ether);
        uint256 credited = staking.pendingFees(alice) + staking.pendingFees(orchestrator);
        assertLe(credited, 1 ether);
        assertEq(address(staking).balance, 1 ether);
        uint256 due = staking.pendingFees(alice);
        vm.prank(alice);
        staking.withdrawFees(payable(alice), due);
        assertLe(alice.balance, 0.5 ether);
    }

    /// @dev Stake that was bonded again began at factor one and so claimed all past rewards and fees.
    function test_RebondWithoutFactorClaimsThePast() public {
        enlist(orchestrator, MINIMUM, 0, 500_000);
        bond(alice, 100 ether, orchestrator);
        nextRound();
        for (uint256 i = 0; i < 5; ++i) {
            reward(orchestrator);
            book(orchestrator, round(), 500_000, 1 ether);
            nextRound();
        }
        bond(bob, 100 ether, orchestrator);
        nextRound();
        unbond(bob, staking.pendingStake(bob));
        nextRound();
        vm.prank(bob);
        staking.rebond(0);
        nextRound();
        assertLe(staking.pendingStake(bob), 100 ether);
        assertApproxEqAbs(staking.pendingStake(bob), 100 ether, 100);
        assertEq(staking.pendingFees(bob), 0);
    }

    /// @dev A share at one precision applied with the library of another underflowed and lost winning tickets.
    function test_TwoPrecisionsUnderflow() public {
        enlist(orchestrator, MINIMUM, 1_000_000, 1_000_000);
        enlist(other, MINIMUM, 0, 0);
        bond(alice, 1, orchestrator);
        bond(bob, 1, other);
        nextRound();
        reward(orchestrator);
        reward(other);
        book(orchestrator, round(), 1_000_000, 1);
        book(other, round(), 0, 1);
        book(orchestrator, round(), 1, 999_999);
        assertEq(staking.pendingFees(other), 1);
        assertLe(staking.pendingFees(orchestrator) + staking.pendingFees(alice), 1_000_000);
    }

    /// @dev One wei bonded for a victim before its orchestrator's reward claimed for the victim and so forfeited that reward.
    function test_ThirdPartyBondForfeitsARewardOfTheVictim() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        bond(alice, 100 ether, orchestrator);
        for (uint256 i = 0; i < 3; ++i) {
            nextRound();
            // All that a stranger can do to the same pool before the reward.
            bond(bob, 1, orchestrator);
            uint256 before = staking.pendingStake(alice);
            uint256 minted = reward(orchestrator);
            assertApproxEqRel(staking.pendingStake(alice) - before, minted / 2, 1e12);
        }
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNothingToEnforce.selector, alice));
        staking.enforceSlash(alice);
    }

    /// @dev One wei bonded for a victim to itself made it an orchestrator, which could not delegate any more.
    function test_ForcedSelfDelegation() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        fund(bob, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNotOrchestrator.selector, alice));
        vm.prank(bob);
        staking.bond(1, alice);
        assertFalse(staking.isOrchestrator(alice));
        bond(alice, 1 ether, orchestrator);
        assertEq(staking.delegationOf(alice).orchestrator, orchestrator);
    }

    /// @dev A receiver without a delegate got one without its stake moving there; all unbonds reverted.
    function test_NullDelegateFreezesStake() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        unbond(alice, 10 ether);
        assertEq(staking.delegationOf(alice).orchestrator, address(0));
        vm.prank(alice);
        staking.rebond(0);
        assertEq(staking.stakeOf(orchestrator), MINIMUM + 10 ether);
        unbond(alice, 10 ether);
        unbond(orchestrator, MINIMUM);
        assertEq(staking.stakeOf(orchestrator), 0);
        assertEq(staking.stakeOf(address(0)), 0);
    }

    /// @dev Withdrawing fees changed stake without a note of it for the round.
    function test_WithdrawFeesChangesStakeUnrecorded() public {
        enlist(orchestrator, MINIMUM, 0, 500_000);
        bond(alice, 100 ether, orchestrator);
        nextRound();
        book(orchestrator, round(), 500_000, 1 ether);
        uint256 stake = staking.pendingStake(alice);
        uint256 due = staking.pendingFees(alice);
        vm.prank(alice);
        staking.withdrawFees(payable(alice), due);
        assertEq(staking.pendingStake(alice), stake);
        nextRound();
        assertEq(staking.stakeAt(orchestrator, round()), MINIMUM + 100 ether);
    }

    /// @dev Who claimed first got more.
    function test_OrderOfClaimsMatters() public {
        enlist(orchestrator, MINIMUM, 0, 500_000);
        bond(alice, 50 ether, orchestrator);
        bond(bob, 50 ether, orchestrator);
        nextRound();
        book(orchestrator, round(), 500_000, 8 ether);
        uint256 due = staking.pendingFees(alice);
        vm.prank(alice);
        staking.withdrawFees(payable(alice), due);
        unbond(alice, 50 ether);
        assertEq(staking.pendingFees(bob), due);
        vm.prank(bob);
        staking.withdrawFees(payable(bob), due);
        assertApproxEqAbs(staking.pendingFees(orchestrator), 6 ether, DUST);
    }

    /// @dev An orchestrator backed somebody else with its own stake and stayed one.
    function test_OrchestratorDelegatesAwayFromItself() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        enlist(other, MINIMUM, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IStaking.StakingOrchestratorCannotRedelegate.selector, orchestrator)
        );
        vm.prank(orchestrator);
        staking.redelegate(other);
    }

    /// @dev Fees and rewards of a round without stake divided by zero.
    function test_RoundWithoutStakeDividesByZero() public {
        enlist(orchestrator, MINIMUM, 0, 1_000_000);
        uint256 empty = round();
        nextRound();
        book(orchestrator, empty, 1_000_000, 1 ether);
        assertEq(staking.pendingFees(orchestrator), 1 ether);
        assertEq(staking.feesPerStake(orchestrator, empty), 0);
        bond(alice, MINIMUM, orchestrator);
        slash(orchestrator, 999_999, 0);
        assertGt(reward(orchestrator), 0);
    }

    /// @dev The commission of the time of redemption was applied to tickets of an earlier one.
    function test_FeesUnderALaterCommission() public {
        enlist(orchestrator, MINIMUM, 0, 500_000);
        bond(alice, MINIMUM, orchestrator);
        nextRound();
        vm.prank(orchestrator);
        staking.scheduleCommission(0, 400_000);
        nextRounds(1);
        uint256 creationRound = round();
        nextRound();
        (, uint32 now_) = staking.commissionAt(orchestrator, round());
        assertEq(now_, 400_000);
        book(orchestrator, creationRound, 400_000, 8 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 2 ether, DUST);
    }

    /// @dev A slash took self-bonded stake only, and what was on its way out escaped.
    function test_SlashMissesUnbondingBegunBefore() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        nextRound();
        uint256 offence = round();
        unbond(orchestrator, MINIMUM);
        nextRounds(UNBONDING - 1);
        (uint256 penalty,) = slashFor(orchestrator, 500_000, 0, offence);
        assertEq(penalty, MINIMUM / 2);
        nextRound();
        vm.prank(orchestrator);
        assertEq(staking.withdrawStake(0), MINIMUM / 2);
    }
}
