// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {IServiceRegistry} from "../src/interfaces/IServiceRegistry.sol";
import {IStaking} from "../src/interfaces/IStaking.sol";
import {StakingFixture} from "./helpers/StakingFixture.sol";

/// @notice Rewards, fees and commissions.
contract StakingEconomicsTest is StakingFixture {
    uint256 private constant DUST = 5;

    // ---- rewards

    function test_reward_SplitsByCommissionAndStake() public {
        enlist(orchestrator, 300 ether, 200_000, 0);
        bond(alice, 100 ether, orchestrator);
        nextRound();
        uint256 mintable = token.totalSupply() / 1_000;
        vm.expectEmit(address(staking));
        emit IStaking.Rewarded(orchestrator, round(), mintable, mintable / 5);
        assertEq(reward(orchestrator), mintable);

        uint256 rest = mintable - mintable / 5;
        assertApproxEqAbs(staking.pendingStake(alice), 100 ether + rest / 4, DUST);
        assertApproxEqAbs(staking.pendingStake(orchestrator), 300 ether + (rest * 3) / 4 + mintable / 5, DUST);
        assertEq(staking.stakeOf(orchestrator), 400 ether + mintable);
        assertEq(staking.lastRewardRound(orchestrator), round());
        assertEq(token.balanceOf(address(staking)), 400 ether + mintable);
    }

    function test_rewardFor_BySelfOrSigner() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        nextRound();
        vm.mockCall(registry, abi.encodeCall(IServiceRegistry.signerOf, (orchestrator)), abi.encode(bob));
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNotSigner.selector, alice, orchestrator));
        vm.prank(alice);
        staking.rewardFor(orchestrator);
        vm.prank(bob);
        assertGt(staking.rewardFor(orchestrator), 0);
        vm.expectRevert(
            abi.encodeWithSelector(IStaking.StakingAlreadyRewarded.selector, orchestrator, round())
        );
        vm.prank(orchestrator);
        staking.rewardFor(orchestrator);
    }

    function test_reward_InProportionToAllStake() public {
        enlist(orchestrator, 300 ether, 0, 0);
        enlist(other, 100 ether, 0, 0);
        nextRound();
        (uint256 inflation, uint256 mintable) = staking.currentInflation();
        assertEq(inflation, RAY / 1_000);
        assertEq(reward(orchestrator), (mintable * 3) / 4);
        assertEq(reward(other), mintable / 4);
    }

    function test_reward_RevertsWhen_NotActiveOrTwice() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNotActive.selector, orchestrator, round()));
        reward(orchestrator);
        nextRound();
        reward(orchestrator);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingAlreadyRewarded.selector, orchestrator, round()));
        reward(orchestrator);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNotActive.selector, alice, round()));
        reward(alice);
    }

    function test_reward_RevertsWhen_Paused() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        nextRound();
        staking.pause();
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        reward(orchestrator);
        staking.unpause();
        reward(orchestrator);
    }

    function test_reward_RevertsWhen_Resigned() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        nextRound();
        unbond(orchestrator, MINIMUM);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNotActive.selector, orchestrator, round()));
        reward(orchestrator);
    }

    function test_reward_AMissedRoundIsLost() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        nextRounds(5);
        uint256 supply = token.totalSupply();
        assertEq(reward(orchestrator), supply / 1_000);
    }

    function test_reward_JoiningInTheRoundEarnsNothingOfIt() public {
        enlist(orchestrator, 100 ether, 0, 0);
        bond(alice, 100 ether, orchestrator);
        nextRound();
        bond(bob, 1_000 ether, orchestrator);
        reward(orchestrator);
        assertEq(staking.pendingStake(bob), 1_000 ether);
        assertGt(staking.pendingStake(alice), 100 ether);
        nextRound();
        uint256 before = staking.pendingStake(bob);
        assertApproxEqAbs(before, 1_000 ether, DUST);
        reward(orchestrator);
        assertGt(staking.pendingStake(bob), before);
    }

    /// @dev Whoever sleeps ends where whoever acts every round ends.
    function test_reward_OrderAndTimeOfClaimsDoNotMatter() public {
        enlist(orchestrator, 100 ether, 100_000, 300_000);
        bond(alice, 70 ether, orchestrator);
        bond(bob, 70 ether, orchestrator);
        for (uint256 i = 0; i < 10; ++i) {
            nextRound();
            reward(orchestrator);
            book(orchestrator, round(), 300_000, 1 ether);
            if (i % 2 == 0) {
                // Alice touches her stake; it changes nothing but the books.
                vm.startPrank(alice);
                uint256 lockId = staking.unbond(1);
                staking.rebond(lockId);
                vm.stopPrank();
            }
        }
        assertApproxEqAbs(staking.pendingStake(alice), staking.pendingStake(bob), 1e10);
        assertApproxEqAbs(staking.pendingFees(alice), staking.pendingFees(bob), 1e10);
    }

    /// @dev Was: an orchestrator that kept almost nothing in at each reward drove its reward factor up without bound, until whoever
    /// joined lost to rounding.
    function test_reward_StopsAtTheCeilingOfItsFactor() public {
        enlist(orchestrator, 100 ether, 0, 0);
        uint256 times = 0;
        for (uint256 minted = 1; minted != 0 && times < 30; ++times) {
            nextRound();
            unbond(orchestrator, staking.pendingStake(orchestrator) - 1_000_000);
            minted = reward(orchestrator);
            bond(orchestrator, 100 ether, orchestrator);
        }
        assertGt(times, 5);
        assertLt(times, 30, "such a pool earns no more");
        bond(alice, 1 ether, orchestrator);
        nextRound();
        assertApproxEqAbs(staking.pendingStake(alice), 1 ether, 1e12);
    }

    function test_inflation_MovesTowardsTheTargetAndStaysInBounds() public {
        staking.setInflation(RAY / 1_000, RAY / 10_000, RAY / 500, RAY / 2);
        enlist(orchestrator, 1_000 ether, 0, 0);
        nextRound();
        (uint256 inflation,) = staking.currentInflation();
        assertEq(inflation, RAY / 1_000 + RAY / 10_000, "below the target it rises");
        nextRounds(3);
        (inflation,) = staking.currentInflation();
        assertEq(inflation, RAY / 1_000 + (4 * RAY) / 10_000, "in rounds without a transaction too");
        nextRounds(50);
        (inflation,) = staking.currentInflation();
        assertEq(inflation, RAY / 500, "bounded above");

        fund(alice, 600_000 ether);
        vm.prank(alice);
        staking.bond(600_000 ether, orchestrator);
        nextRound();
        (inflation,) = staking.currentInflation();
        assertEq(inflation, RAY / 500 - RAY / 10_000, "above the target it falls");
        nextRounds(50);
        (inflation,) = staking.currentInflation();
        assertEq(inflation, 0, "bounded below");
        assertEq(reward(orchestrator), 0);
    }

    function test_inflation_StaysAtTheTarget() public {
        staking.setInflation(RAY / 1_000, RAY / 10_000, RAY / 500, RAY / 2);
        fund(orchestrator, SUPPLY / 2);
        vm.prank(orchestrator);
        staking.bond(SUPPLY / 2, orchestrator);
        nextRounds(3);
        (uint256 inflation,) = staking.currentInflation();
        assertEq(inflation, RAY / 1_000);
    }

    // ---- fees

    function test_bookFees_SplitsAtTheCommittedShare() public {
        enlist(orchestrator, 100 ether, 0, 500_000);
        bond(alice, 300 ether, orchestrator);
        bond(bob, 300 ether, orchestrator);
        address carol = makeAddr("carol");
        bond(carol, 300 ether, orchestrator);
        nextRound();
        vm.expectEmit(address(staking));
        emit IStaking.FeesBooked(orchestrator, round(), 1_000 ether, 500 ether);
        book(orchestrator, round(), 500_000, 1_000 ether);
        assertApproxEqAbs(staking.pendingFees(orchestrator), 550 ether, DUST);
        assertApproxEqAbs(staking.pendingFees(alice), 150 ether, DUST);
        assertApproxEqAbs(staking.pendingFees(bob), 150 ether, DUST);
        assertApproxEqAbs(staking.pendingFees(carol), 150 ether, DUST);
        assertApproxEqAbs(staking.feesPerStake(orchestrator, round()), RAY, 1e10);
        assertEq(staking.feesPerStake(orchestrator, round() - 1), 0);
        assertEq(staking.feesPerStake(other, round()), 0);
    }

    function test_bookFees_AHigherCommittedShareIsHonouredALowerOneRaised() public {
        enlist(orchestrator, 100 ether, 0, 400_000);
        bond(alice, 100 ether, orchestrator);
        nextRound();
        book(orchestrator, round(), 800_000, 10 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 4 ether, DUST);
        book(orchestrator, round(), 0, 10 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 6 ether, DUST);
        book(orchestrator, round(), type(uint32).max, 10 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 11 ether, DUST);
    }

    function test_bookFees_GoToTheRoundOfTheTicket() public {
        enlist(orchestrator, 100 ether, 0, 1_000_000);
        bond(alice, 100 ether, orchestrator);
        nextRound();
        uint256 creationRound = round();
        bond(bob, 800 ether, orchestrator);
        unbond(alice, 100 ether);
        nextRound();
        book(orchestrator, creationRound, 1_000_000, 10 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 5 ether, DUST, "left, but was there");
        assertEq(staking.pendingFees(bob), 0, "came later");
        nextRounds(10);
        assertApproxEqAbs(staking.pendingFees(alice), 5 ether, DUST, "for good");
        uint256 due = staking.pendingFees(alice);
        vm.prank(alice);
        staking.withdrawFees(payable(alice), due);
        assertEq(alice.balance, due);
    }

    function test_bookFees_LateInAnyOrderOfRounds() public {
        enlist(orchestrator, 100 ether, 0, 500_000);
        bond(alice, 300 ether, orchestrator);
        nextRound();
        uint256 first = round();
        nextRounds(2);
        book(orchestrator, first + 2, 500_000, 4 ether);
        book(orchestrator, first, 500_000, 8 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 4.5 ether, DUST);
        vm.prank(alice);
        staking.withdrawFees(payable(alice), 1 ether);
        book(orchestrator, first + 1, 500_000, 8 ether);
        nextRound();
        book(orchestrator, first, 500_000, 8 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 9.5 ether, DUST);
        nextRounds(7);
        assertApproxEqAbs(staking.pendingFees(alice), 9.5 ether, DUST);
        book(orchestrator, round(), 500_000, 8 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 12.5 ether, DUST);
        assertApproxEqAbs(staking.pendingFees(orchestrator), 36 ether - 13.5 ether, DUST);
    }

    function test_bookFees_OutsideTheWindowAllToTheOrchestrator() public {
        enlist(orchestrator, 100 ether, 0, 1_000_000);
        bond(alice, 100 ether, orchestrator);
        nextRound();
        uint256 old = round();
        nextRounds(staking.feeWindow());
        book(orchestrator, old, 1_000_000, 1 ether);
        book(orchestrator, round() + 1, 1_000_000, 1 ether);
        assertEq(staking.pendingFees(orchestrator), 2 ether);
        assertEq(staking.pendingFees(alice), 0);
    }

    function test_bookFees_OfAStrangerAreItsOwn() public {
        book(alice, round(), 500_000, 3 ether);
        assertEq(staking.pendingFees(alice), 3 ether);
        assertEq(staking.feesPerStake(alice, round()), 0);
        vm.prank(alice);
        staking.withdrawFees(payable(bob), 3 ether);
        assertEq(bob.balance, 3 ether);
    }

    function test_bookFees_AgainstDustOfStakeDoNotOverflow() public {
        // All that is left of the round's stake is one wei: fees per share cannot be told, so nothing is shared.
        enlist(orchestrator, MINIMUM, 0, 1_000_000);
        bond(alice, 1, orchestrator);
        unbond(orchestrator, MINIMUM);
        nextRound();
        book(orchestrator, round(), 1_000_000, 1_000_000 ether);
        assertEq(staking.pendingFees(orchestrator), 1_000_000 ether);
        assertEq(staking.pendingFees(alice), 0);
    }

    function test_bookFees_RevertsWhen_NotTheBroker() public {
        vm.deal(alice, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingUnauthorized.selector, alice, broker));
        vm.prank(alice);
        staking.bookFees{value: 1 ether}(alice, 1, 0);
    }

    function test_bookFees_WorksWhilePaused() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        nextRound();
        staking.pause();
        book(orchestrator, round(), 0, 1 ether);
        vm.prank(orchestrator);
        staking.withdrawFees(payable(orchestrator), 1 ether);
        assertEq(orchestrator.balance, 1 ether);
    }

    function test_withdrawFees_PartThenAllThenAgain() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        nextRound();
        book(orchestrator, round(), 0, 10 ether);
        vm.startPrank(orchestrator);
        vm.expectEmit(address(staking));
        emit IStaking.FeesWithdrawn(orchestrator, alice, 4 ether);
        staking.withdrawFees(payable(alice), 4 ether);
        staking.withdrawFees(payable(alice), 6 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInsufficientFees.selector, orchestrator, 0, 1));
        staking.withdrawFees(payable(alice), 1);
        vm.stopPrank();
        book(orchestrator, round(), 0, 1 ether);
        vm.prank(orchestrator);
        staking.withdrawFees(payable(alice), 1 ether);
        assertEq(alice.balance, 11 ether);
        assertEq(address(staking).balance, 0);
    }

    function test_withdrawFees_RevertsWhen_Invalid() public {
        book(alice, round(), 0, 1 ether);
        vm.startPrank(alice);
        vm.expectRevert(IStaking.StakingZeroAddress.selector);
        staking.withdrawFees(payable(address(0)), 1);
        vm.expectRevert(IStaking.StakingZeroAmount.selector);
        staking.withdrawFees(payable(alice), 0);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingTransferFailed.selector, address(token)));
        staking.withdrawFees(payable(address(token)), 1);
        vm.stopPrank();
    }

    /// @dev Σ credited never exceeds what came in, whatever the stakes and the share.
    function testFuzz_bookFees_NeverCreditMoreThanPaid(uint96 self, uint96 first, uint96 second, uint32 share, uint96 fee)
        public
    {
        uint256 amount = bound(fee, 1, 100_000 ether);
        enlist(orchestrator, bound(self, MINIMUM, SUPPLY / 4), 100_000, uint32(bound(share, 0, 1_000_000)));
        bond(alice, bound(first, 1, SUPPLY / 4), orchestrator);
        bond(bob, bound(second, 1, SUPPLY / 4), orchestrator);
        nextRound();
        reward(orchestrator);
        book(orchestrator, round(), 0, amount);
        nextRound();
        book(orchestrator, round() - 1, 0, amount);
        book(orchestrator, round(), 0, amount);
        uint256 credited =
            staking.pendingFees(orchestrator) + staking.pendingFees(alice) + staking.pendingFees(bob);
        assertLe(credited, 3 * amount);
        assertApproxEqAbs(credited, 3 * amount, 10);
        uint256 stakes =
            staking.pendingStake(orchestrator) + staking.pendingStake(alice) + staking.pendingStake(bob);
        assertLe(stakes, staking.stakeOf(orchestrator));
        // Each holder's dust is a few times the reward factor, which one reward on little stake can raise elevenfold.
        assertApproxEqAbs(stakes, staking.stakeOf(orchestrator), 100);
    }

    // ---- commissions

    function test_scheduleCommission_TheFirstBindsNextRoundLaterOnesTwoAhead() public {
        bond(orchestrator, MINIMUM, orchestrator);
        assertEq(staking.commissionEffectiveRound(orchestrator), 0);
        uint256 start = round();
        vm.expectEmit(address(staking));
        emit IStaking.CommissionScheduled(orchestrator, start + 1, 0, 700_000, 0, 300_000);
        vm.prank(orchestrator);
        staking.scheduleCommission(700_000, 300_000);
        assertEq(staking.commissionEffectiveRound(orchestrator), start + 1);
        nextRound();
        vm.prank(orchestrator);
        staking.scheduleCommission(800_000, 200_000);
        (uint32 cut, uint32 share) = staking.commissionAt(orchestrator, start);
        assertEq(cut + share, 0);
        (cut, share) = staking.commissionAt(orchestrator, start + 2);
        assertEq(cut, 700_000);
        assertEq(share, 300_000);
        (cut, share) = staking.commissionAt(orchestrator, start + 3);
        assertEq(cut, 800_000);
        assertEq(share, 200_000);
        assertEq(staking.commissionNotice(), 2);
    }

    function test_scheduleCommission_RevertsWhen_OneIsPending() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        bytes memory pending =
            abi.encodeWithSelector(IStaking.StakingCommissionPending.selector, orchestrator, round() + 1);
        vm.expectRevert(pending);
        vm.prank(orchestrator);
        staking.scheduleCommission(1, 1);
        nextRound();
        vm.prank(orchestrator);
        staking.scheduleCommission(1, 1);
        pending = abi.encodeWithSelector(IStaking.StakingCommissionPending.selector, orchestrator, round() + 2);
        vm.expectRevert(pending);
        vm.prank(orchestrator);
        staking.scheduleCommission(2, 2);
    }

    function test_scheduleCommission_RevertsWhen_TheStepIsTooLarge() public {
        enlist(orchestrator, MINIMUM, 500_000, 500_000);
        nextRound();
        vm.startPrank(orchestrator);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingCommissionStepTooLarge.selector, 100_001, 100_000));
        staking.scheduleCommission(600_001, 500_000);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingCommissionStepTooLarge.selector, 100_001, 100_000));
        staking.scheduleCommission(500_000, 399_999);
        staking.scheduleCommission(600_000, 400_000);
        vm.stopPrank();
    }

    function test_scheduleCommission_RevertsWhen_Invalid() public {
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidCommission.selector, 1_000_001, 0));
        staking.scheduleCommission(1_000_001, 0);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidCommission.selector, 0, 1_000_001));
        staking.scheduleCommission(0, 1_000_001);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNotOrchestrator.selector, address(this)));
        staking.scheduleCommission(0, 0);
        staking.pause();
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        staking.scheduleCommission(0, 0);
    }
}
