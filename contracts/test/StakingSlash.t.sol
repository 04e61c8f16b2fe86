// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Staking} from "../src/Staking.sol";
import {IChallenges} from "../src/interfaces/IChallenges.sol";
import {IStaking} from "../src/interfaces/IStaking.sol";
import {IStreamflowToken} from "../src/interfaces/IStreamflowToken.sol";
import {ITicketBroker} from "../src/interfaces/ITicketBroker.sol";
import {StakingFixture} from "./helpers/StakingFixture.sol";

/// @notice Slashes, and the parameters that governance sets.
contract StakingSlashTest is StakingFixture {
    uint32 private constant TENTH = 100_000;
    uint256 private constant DUST = 5;

    function setUp() public override {
        super.setUp();
        enlist(orchestrator, 400 ether, 0, 0);
        enlist(other, 400 ether, 0, 0);
        bond(alice, 100 ether, orchestrator);
        nextRound();
    }

    function test_slash_ReachesSelfBondDelegationAndLocksAlike() public {
        unbond(alice, 40 ether);
        unbond(orchestrator, 100 ether);
        bond(bob, 100 ether, orchestrator);
        uint256 supply = token.totalSupply();
        assertEq(staking.slashableStake(orchestrator), 600 ether);

        vm.expectEmit(address(staking));
        emit IStaking.Slashed(orchestrator, round(), 60 ether, hunter, 15 ether);
        (uint256 penalty, uint256 bounty) = slash(orchestrator, TENTH, 250_000);
        assertEq(penalty, 60 ether);
        assertEq(bounty, 15 ether);
        assertEq(token.balanceOf(hunter), 15 ether);
        assertEq(token.totalSupply(), supply - 45 ether, "the rest is burned");
        assertApproxEqAbs(staking.pendingStake(orchestrator), 270 ether, DUST);
        assertApproxEqAbs(staking.pendingStake(alice), 54 ether, DUST);
        assertApproxEqAbs(staking.pendingStake(bob), 90 ether, DUST);
        assertApproxEqAbs(staking.lockOf(alice, 0).amount, 36 ether, DUST);
        assertApproxEqAbs(staking.lockOf(orchestrator, 0).amount, 90 ether, DUST);
        assertEq(staking.stakeOf(orchestrator), 414 ether);
        assertEq(staking.slashableStake(orchestrator), 540 ether);
        assertEq(staking.totalStake(), 814 ether);
        assertEq(staking.stakeOf(other), 400 ether);
    }

    function test_slash_StillActiveUntilTheRoundEnds() public {
        slash(orchestrator, 900_000, 0);
        assertTrue(staking.isActive(orchestrator));
        nextRound();
        assertFalse(staking.isActive(orchestrator));
    }

    function test_slash_EverybodyLeavesWithWhatIsLeft() public {
        unbond(alice, 40 ether);
        slash(orchestrator, TENTH, 0);
        reward(orchestrator);
        slash(orchestrator, 333_333, 500_000);
        unbond(alice, staking.pendingStake(alice));
        unbond(orchestrator, staking.pendingStake(orchestrator));
        assertEq(staking.stakeOf(orchestrator), 0, "what rounding left is swept");
        nextRounds(UNBONDING);
        vm.startPrank(alice);
        staking.withdrawStake(0);
        staking.withdrawStake(1);
        vm.stopPrank();
        vm.prank(orchestrator);
        staking.withdrawStake(0);
        assertApproxEqAbs(token.balanceOf(address(staking)), 400 ether, 100);
        assertGe(token.balanceOf(address(staking)), 400 ether);
    }

    function test_slash_DoesNotReachLocksThatHaveOpened() public {
        uint256 offence = round();
        unbond(alice, 40 ether);
        nextRounds(UNBONDING - 1);
        slashFor(orchestrator, TENTH, 0, offence);
        assertApproxEqAbs(staking.lockOf(alice, 0).amount, 36 ether, DUST, "the round before it opens");
        nextRound();
        slashFor(orchestrator, TENTH, 0, offence);
        assertApproxEqAbs(staking.lockOf(alice, 0).amount, 36 ether, DUST, "open: out of reach");
        vm.prank(alice);
        uint256 amount = staking.withdrawStake(0);
        assertApproxEqAbs(amount, 36 ether, DUST);
    }

    /// @dev What left before the offence had no part in it.
    function test_slash_SparesLocksMadeBeforeTheOffence() public {
        unbond(alice, 40 ether);
        nextRound();
        unbond(alice, 20 ether);
        uint256 before = staking.slashableStake(orchestrator);
        (uint256 penalty,) = slashFor(orchestrator, TENTH, 0, round());
        assertEq(staking.lockOf(alice, 0).amount, 40 ether);
        assertApproxEqAbs(staking.lockOf(alice, 1).amount, 18 ether, DUST);
        assertApproxEqAbs(penalty, (before - 40 ether) / 10, DUST);
    }

    /// @dev Retired well above the factor at which slashes stop: who joins just before never meets that floor.
    function test_slash_RetiresWithAThousandthLeft() public {
        for (uint256 i = 0; i < 9; ++i) {
            slashFor(orchestrator, 500_000, 0, 1);
        }
        bond(alice, 1 ether, orchestrator);
        slashFor(orchestrator, 500_000, 0, 1);
        fund(alice, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingOrchestratorRetired.selector, orchestrator));
        vm.prank(alice);
        staking.bond(1 ether, orchestrator);
        uint256 stake = staking.pendingStake(alice);
        slashFor(orchestrator, 500_000, 0, 1);
        assertApproxEqAbs(staking.pendingStake(alice), stake / 2, DUST, "and is still slashed");
    }

    /// @dev Was: dust slashes left a factor so near its floor that whoever joined then lost to rounding.
    function test_slash_WhoJoinsJustAboveRetirementLosesNothing() public {
        for (uint256 i = 0; i < 9; ++i) {
            slashFor(orchestrator, 500_000, 0, 1);
        }
        bond(bob, 1 ether, orchestrator);
        assertApproxEqAbs(staking.pendingStake(bob), 1 ether, DUST);
        unbond(bob, staking.pendingStake(bob));
        assertApproxEqAbs(staking.lockOf(bob, 0).amount, 1 ether, DUST);
    }

    function test_slash_FollowsRedelegatedStake() public {
        vm.prank(alice);
        staking.redelegate(other);
        nextRound();
        slash(orchestrator, TENTH, 0);
        assertEq(staking.pendingStake(alice), 90 ether, "seen at once");
        assertEq(staking.stakeOf(other), 500 ether, "taken when it is enforced");
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(staking));
        emit IStaking.RedelegationSlashed(alice, orchestrator, 10 ether);
        staking.enforceSlash(alice);
        assertEq(staking.stakeOf(other), 490 ether);
        assertEq(staking.totalStake(), 850 ether);
        assertEq(token.totalSupply(), supply - 10 ether);
        assertEq(staking.pendingStake(alice), 90 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNothingToEnforce.selector, alice));
        staking.enforceSlash(alice);
    }

    function test_slash_FollowsRedelegatedStakeIntoItsLock() public {
        vm.prank(alice);
        staking.redelegate(other);
        unbond(alice, 60 ether);
        slash(orchestrator, TENTH, 0);
        slash(other, 500_000, 0);
        assertEq(staking.lockOf(alice, 0).amount, 27 ether, "liable to both");
        assertEq(staking.pendingStake(alice), 18 ether);
        nextRounds(UNBONDING);
        slash(orchestrator, TENTH, 0);
        vm.prank(alice);
        assertEq(staking.withdrawStake(0), 27 ether);
        assertEq(token.balanceOf(alice), 27 ether);
        assertEq(staking.pendingStake(alice), 18 ether);
        unbond(alice, 18 ether);
    }

    function test_slash_DoesNotFollowLongerThanTheUnbondingPeriod() public {
        vm.prank(alice);
        staking.redelegate(other);
        nextRounds(UNBONDING);
        slash(orchestrator, TENTH, 0);
        assertEq(staking.pendingStake(alice), 100 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNothingToEnforce.selector, alice));
        staking.enforceSlash(alice);
    }

    function test_slash_TheBountyStaysBelowTheOrchestratorsOwnLoss() public {
        // Nearly all stake is delegated: a bounty on all of it would pay the orchestrator for slashing its delegators.
        enlist(bob, 50 ether, 0, 0);
        address whale = makeAddr("whale");
        bond(whale, 9_950 ether, bob);
        (uint256 penalty, uint256 bounty) = slash(bob, TENTH, 500_000);
        assertEq(penalty, 1_000 ether);
        assertEq(bounty, 4.5 ether, "90 % of its own 5");
    }

    function test_slash_CountsTheOrchestratorsOwnLocksForTheBounty() public {
        unbond(orchestrator, 400 ether);
        (uint256 penalty, uint256 bounty) = slash(orchestrator, TENTH, 250_000);
        assertEq(penalty, 50 ether);
        assertEq(bounty, 12.5 ether);
    }

    function test_slash_NothingThereTakesNothing() public {
        vm.expectEmit(address(staking));
        emit IStaking.Slashed(bob, round(), 0, hunter, 0);
        (uint256 penalty, uint256 bounty) = slash(bob, TENTH, 500_000);
        assertEq(penalty + bounty, 0);
    }

    function test_slash_AgainAndAgainRetires() public {
        for (uint256 i = 0; i < 10; ++i) {
            slash(orchestrator, 999_999, 0);
        }
        fund(orchestrator, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingOrchestratorRetired.selector, orchestrator));
        vm.prank(orchestrator);
        staking.bond(1 ether, orchestrator);
        (uint256 penalty,) = slash(orchestrator, 999_999, 0);
        assertEq(penalty, 0);
        unbond(alice, staking.pendingStake(alice));
        unbond(orchestrator, staking.pendingStake(orchestrator));
        assertEq(staking.stakeOf(orchestrator), 0);
    }

    function test_slash_WhatIsLeftWorthlessHoldsNobody() public {
        bond(bob, 1, orchestrator);
        slash(orchestrator, TENTH, 0);
        assertEq(staking.pendingStake(bob), 0);
        assertEq(staking.delegationOf(bob).orchestrator, orchestrator);
        bond(bob, 1 ether, other);
        assertEq(staking.delegationOf(bob).orchestrator, other);
        assertEq(staking.pendingStake(bob), 1 ether);
    }

    function test_slash_RevertsWhen_NotChallengesOrRateTooHigh() public {
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingUnauthorized.selector, address(this), challenges));
        staking.slash(orchestrator, TENTH, hunter, 0, 1);
        vm.startPrank(challenges);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidRate.selector, 1_000_000, 999_999));
        staking.slash(orchestrator, 1_000_000, hunter, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidRate.selector, 1_000_000, 999_999));
        staking.slash(orchestrator, 1, hunter, 1_000_000, 1);
        vm.stopPrank();
    }

    function test_slash_WorksWhilePaused() public {
        staking.pause();
        (uint256 penalty,) = slash(orchestrator, TENTH, 0);
        assertEq(penalty, 50 ether);
    }

    /// @dev I8: a slash takes exactly the penalty from self-bond, delegation and locks together.
    function testFuzz_slash_TakesExactlyThePenalty(uint96 own, uint96 delegated, uint96 locked, uint32 rate, bool rewarded)
        public
    {
        uint256 a = bound(own, MINIMUM, SUPPLY / 8);
        uint256 b = bound(delegated, 2, SUPPLY / 8);
        enlist(bob, a, 100_000, 0);
        bond(hunter, b, bob);
        nextRound();
        if (rewarded) reward(bob);
        unbond(hunter, bound(locked, 1, b - 1));
        uint32 slashRate = uint32(bound(rate, 1, 999_999));
        uint256 before = staking.slashableStake(bob);
        uint256 supply = token.totalSupply();
        (uint256 penalty, uint256 bounty) = slash(bob, slashRate, 300_000);
        assertEq(before - staking.slashableStake(bob), penalty);
        assertEq(supply - token.totalSupply(), penalty - bounty);
        assertApproxEqAbs(penalty, (before * slashRate) / 1_000_000, 4);
        uint256 held =
            staking.pendingStake(bob) + staking.pendingStake(hunter) + staking.lockOf(hunter, 0).amount;
        assertLe(held, staking.slashableStake(bob));
        assertApproxEqAbs(held, staking.slashableStake(bob), 1_000);
    }

    // ---- parameters

    function test_setMinimumStake_BindsFromTheNextRound() public {
        vm.expectEmit(address(staking));
        emit IStaking.MinimumStakeChanged(MINIMUM, 2 * MINIMUM, MINIMUM_SELF, 60 ether, round() + 1);
        staking.setMinimumStake(2 * MINIMUM, 60 ether);
        assertEq(staking.minimumStake(), MINIMUM);
        assertEq(staking.minimumSelfStake(), MINIMUM_SELF);
        nextRound();
        assertEq(staking.minimumStake(), 2 * MINIMUM);
        assertEq(staking.minimumSelfStake(), 60 ether);
        staking.setMinimumStake(4 * MINIMUM, 60 ether);
        nextRound();
        staking.setMinimumStake(6 * MINIMUM, 60 ether);
        assertTrue(staking.isActive(orchestrator));
        nextRound();
        assertFalse(staking.isActive(orchestrator));
        assertTrue(staking.isActiveAt(orchestrator, round() - 1), "the past stays");
    }

    function test_setMinimumStake_RevertsWhen_Invalid() public {
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidMinimumStake.selector, 1, 0));
        staking.setMinimumStake(1, 0);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidMinimumStake.selector, 1, 2));
        staking.setMinimumStake(1, 2);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidMinimumStake.selector, 1 << 104, 2));
        staking.setMinimumStake(1 << 104, 2);
    }

    function test_setUnbondingPeriod_OutlastsChallengesAndUnlocking() public {
        vm.mockCall(challenges, abi.encodeCall(IChallenges.exposurePeriod, ()), abi.encode(4));
        vm.mockCall(broker, abi.encodeCall(ITicketBroker.unlockPeriod, ()), abi.encode(2));
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidPeriod.selector, 4, 5, 64));
        staking.setUnbondingPeriod(4);
        vm.mockCall(broker, abi.encodeCall(ITicketBroker.unlockPeriod, ()), abi.encode(6));
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidPeriod.selector, 5, 6, 64));
        staking.setUnbondingPeriod(5);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidPeriod.selector, 65, 6, 64));
        staking.setUnbondingPeriod(65);
        unbond(alice, 1 ether);
        vm.expectEmit(address(staking));
        emit IStaking.UnbondingPeriodChanged(UNBONDING, 6);
        staking.setUnbondingPeriod(6);
        nextRound();
        unbond(alice, 1 ether);
        assertEq(staking.unbondingPeriod(), 6);
        assertEq(staking.lockOf(alice, 0).withdrawRound, round() - 1 + 7);
        assertEq(staking.lockOf(alice, 1).withdrawRound, round() + 6);
    }

    function test_setMaxCommissionStep() public {
        vm.expectEmit(address(staking));
        emit IStaking.MaxCommissionStepChanged(100_000, 1);
        staking.setMaxCommissionStep(1);
        assertEq(staking.maxCommissionStep(), 1);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidRate.selector, 0, 1_000_000));
        staking.setMaxCommissionStep(0);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidRate.selector, 1_000_001, 1_000_000));
        staking.setMaxCommissionStep(1_000_001);
    }

    function test_setInflation_RevertsWhen_Invalid() public {
        uint256 top = RAY / 100;
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidRate.selector, top + 1, top));
        staking.setInflation(0, 0, top + 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidRate.selector, 3, 2));
        staking.setInflation(3, 0, 2, 0);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidRate.selector, 3, 2));
        staking.setInflation(0, 3, 2, 0);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidRate.selector, RAY + 1, RAY));
        staking.setInflation(0, 0, 2, RAY + 1);
        vm.expectEmit(address(staking));
        emit IStaking.InflationChanged(1, 1, RAY / 500, RAY);
        staking.setInflation(1, 1, RAY / 500, RAY);
    }

    /// @dev Was: a governor could inflate by a percent a round, or shut every orchestrator out, at once.
    function test_parameters_MoveOneBoundedStepARound() public {
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingStepTooLarge.selector, RAY / 250, RAY / 125 + 1));
        staking.setInflation(0, 0, RAY / 125 + 1, RAY);
        staking.setInflation(0, 0, RAY / 500, RAY);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingChangedInRound.selector, round()));
        staking.setInflation(0, 0, RAY / 1_000, RAY);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingStepTooLarge.selector, MINIMUM, 2 * MINIMUM + 1));
        staking.setMinimumStake(2 * MINIMUM + 1, MINIMUM_SELF);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingStepTooLarge.selector, MINIMUM_SELF, MINIMUM_SELF / 2 - 1));
        staking.setMinimumStake(MINIMUM, MINIMUM_SELF / 2 - 1);
        staking.setMinimumStake(2 * MINIMUM, 2 * MINIMUM_SELF);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingStepTooLarge.selector, MINIMUM, 4 * MINIMUM));
        staking.setMinimumStake(4 * MINIMUM, MINIMUM_SELF);
        nextRound();
        staking.setMinimumStake(4 * MINIMUM, MINIMUM_SELF);
        staking.setInflation(0, 0, RAY / 1_000, RAY);
    }

    function test_parameters_RevertsWhen_CallerHasNoRole() public {
        bytes memory unauthorized = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(unauthorized);
        staking.setMinimumStake(1, 1);
        vm.expectRevert(unauthorized);
        staking.setUnbondingPeriod(5);
        vm.expectRevert(unauthorized);
        staking.setMaxCommissionStep(5);
        vm.expectRevert(unauthorized);
        staking.setInflation(0, 0, 0, 0);
        vm.expectRevert(unauthorized);
        staking.pause();
        vm.expectRevert(unauthorized);
        staking.unpause();
        vm.expectRevert(unauthorized);
        staking.upgradeToAndCall(address(staking), "");
        vm.stopPrank();
    }

    function test_initialize_RevertsWhen_CalledAgainOrOnTheImplementation() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        staking.initialize(address(manager), parameters());
        Staking implementation = Staking(newImplementation());
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(address(manager), parameters());
    }

    /// @dev A deployment that forgets the right to burn would make every slash revert.
    function test_slash_RevertsWhen_StakingMayNotBurn() public {
        manager.revokeRole(BURNER, address(staking));
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(staking))
        );
        slashFor(orchestrator, TENTH, 0, 1);
        assertEq(IStreamflowToken.burn.selector, bytes4(keccak256("burn(uint256)")));
    }
}
