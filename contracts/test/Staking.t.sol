// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {IStaking} from "../src/interfaces/IStaking.sol";
import {StakingFixture} from "./helpers/StakingFixture.sol";

/// @notice Stake: in, out, between orchestrators.
contract StakingTest is StakingFixture {
    function test_bond_ToSelfMakesAnOrchestratorFromTheNextRoundOn() public {
        fund(orchestrator, MINIMUM);
        vm.expectEmit(address(staking));
        emit IStaking.Bonded(orchestrator, orchestrator, MINIMUM, MINIMUM);
        vm.prank(orchestrator);
        staking.bond(MINIMUM, orchestrator);

        assertTrue(staking.isOrchestrator(orchestrator));
        assertFalse(staking.isActive(orchestrator));
        assertTrue(staking.isActiveAt(orchestrator, round() + 1));
        assertEq(staking.stakeOf(orchestrator), MINIMUM);
        assertEq(staking.stakeAt(orchestrator, round()), 0);
        assertEq(staking.totalStake(), MINIMUM);
        assertEq(token.balanceOf(address(staking)), MINIMUM);
        nextRound();
        assertTrue(staking.isActive(orchestrator));
        assertFalse(staking.isActiveAt(orchestrator, round() - 1));
        assertEq(staking.stakeAt(orchestrator, round()), MINIMUM);
    }

    function test_bond_AddsToTheSameStake() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        nextRound();
        bond(alice, 5 ether, orchestrator);
        assertEq(staking.pendingStake(alice), 15 ether);
        assertEq(staking.stakeOf(orchestrator), MINIMUM + 15 ether);
        assertEq(staking.delegationOf(alice).orchestrator, orchestrator);
    }

    function test_bond_RevertsWhen_AmountIsZero() public {
        vm.expectRevert(IStaking.StakingZeroAmount.selector);
        vm.prank(alice);
        staking.bond(0, alice);
    }

    function test_bond_RevertsWhen_DelegateIsZero() public {
        fund(alice, 1);
        vm.expectRevert(IStaking.StakingZeroAddress.selector);
        vm.prank(alice);
        staking.bond(1, address(0));
    }

    function test_bond_RevertsWhen_DelegateIsNoOrchestrator() public {
        fund(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNotOrchestrator.selector, bob));
        vm.prank(alice);
        staking.bond(1, bob);
    }

    function test_bond_RevertsWhen_CommissionIsNotDeclared() public {
        bond(orchestrator, MINIMUM, orchestrator);
        fund(alice, 1);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingCommissionNotDeclared.selector, orchestrator));
        vm.prank(alice);
        staking.bond(1, orchestrator);
    }

    function test_bond_RevertsWhen_AlreadyDelegatedElsewhere() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        enlist(other, MINIMUM, 0, 0);
        bond(alice, 1 ether, orchestrator);
        fund(alice, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingAlreadyDelegated.selector, alice, orchestrator));
        vm.prank(alice);
        staking.bond(1 ether, other);
        fund(orchestrator, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingAlreadyDelegated.selector, orchestrator, orchestrator));
        vm.prank(orchestrator);
        staking.bond(1 ether, other);
    }

    function test_bond_RevertsWhen_Paused() public {
        staking.pause();
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        vm.prank(alice);
        staking.bond(1, alice);
    }

    function test_bondWithPermit_BondsWithoutAnApproval() public {
        (address carol, uint256 key) = makeAddrAndKey("carol");
        token.transfer(carol, 200 ether);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                carol,
                address(staking),
                200 ether,
                0,
                block.timestamp
            )
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(key, keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash)));
        // Whoever copies the permit from the mempool changes nothing.
        token.permit(carol, address(staking), 200 ether, block.timestamp, v, r, s);
        vm.prank(carol);
        staking.bondWithPermit(200 ether, carol, block.timestamp, v, r, s);
        assertEq(staking.pendingStake(carol), 200 ether);
    }

    function test_isActive_NeedsBothMinimums() public {
        enlist(orchestrator, MINIMUM - 1, 0, 0);
        enlist(other, MINIMUM_SELF - 1, 0, 0);
        bond(alice, MINIMUM, other);
        nextRound();
        assertFalse(staking.isActive(orchestrator), "total too small");
        assertFalse(staking.isActive(other), "own too small");
        bond(orchestrator, 1, orchestrator);
        bond(other, 1, other);
        nextRound();
        assertTrue(staking.isActive(orchestrator));
        assertTrue(staking.isActive(other));
        unbond(alice, 60 ether);
        unbond(alice, 1 ether);
        assertTrue(staking.isActive(other), "until the round ends");
        nextRound();
        assertFalse(staking.isActive(other));
    }

    function test_views_AnswerForRoundsFarAhead() public {
        enlist(orchestrator, MINIMUM, 7, 9);
        (uint32 cut, uint32 share) = staking.commissionAt(orchestrator, type(uint256).max);
        assertEq(cut, 7);
        assertEq(share, 9);
        assertTrue(staking.isActiveAt(orchestrator, type(uint256).max));
        assertEq(staking.stakeAt(orchestrator, type(uint256).max), MINIMUM);
    }

    function test_unbond_LocksAndNumbers() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        nextRound();
        vm.expectEmit(address(staking));
        emit IStaking.Unbonded(alice, orchestrator, 0, 4 ether, round() + UNBONDING);
        assertEq(unbond(alice, 4 ether), 0);
        assertEq(unbond(alice, 6 ether), 1);
        assertEq(staking.nextLockId(alice), 2);
        IStaking.LockInfo memory lock = staking.lockOf(alice, 1);
        assertEq(lock.orchestrator, orchestrator);
        assertEq(lock.amount, 6 ether);
        assertEq(lock.withdrawRound, round() + UNBONDING);
        assertEq(staking.lockOf(alice, 2).orchestrator, address(0));
        assertEq(staking.pendingStake(alice), 0);
        assertEq(staking.delegationOf(alice).orchestrator, address(0));
        assertEq(staking.stakeOf(orchestrator), MINIMUM);
        assertEq(staking.totalStake(), MINIMUM);
        assertEq(staking.slashableStake(orchestrator), MINIMUM + 10 ether);
    }

    function test_unbond_WhatJoinedInTheSameRoundGoesFirst() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        nextRound();
        bond(alice, 10 ether, orchestrator);
        unbond(alice, 12 ether);
        assertEq(staking.pendingStake(alice), 8 ether);
        nextRound();
        assertEq(staking.pendingStake(alice), 8 ether);
        assertEq(staking.stakeAt(orchestrator, round()), MINIMUM + 8 ether);
    }

    function test_unbond_RevertsWhen_ZeroOrTooMuch() public {
        bond(orchestrator, MINIMUM, orchestrator);
        vm.expectRevert(IStaking.StakingZeroAmount.selector);
        unbond(orchestrator, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IStaking.StakingInsufficientStake.selector, orchestrator, MINIMUM, MINIMUM + 1)
        );
        unbond(orchestrator, MINIMUM + 1);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInsufficientStake.selector, alice, 0, 1));
        unbond(alice, 1);
    }

    function test_unbond_WholeSelfBondResigns() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        nextRound();
        unbond(orchestrator, MINIMUM);
        assertFalse(staking.isOrchestrator(orchestrator));
        assertTrue(staking.isActive(orchestrator), "until the round ends");
        nextRound();
        assertFalse(staking.isActive(orchestrator));
        fund(bob, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNotOrchestrator.selector, orchestrator));
        vm.prank(bob);
        staking.bond(1 ether, orchestrator);
        unbond(alice, 10 ether);
        assertEq(staking.stakeOf(orchestrator), 0);
    }

    function test_unbond_ThenBackAnother() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        enlist(other, MINIMUM, 0, 0);
        nextRound();
        unbond(orchestrator, MINIMUM);
        bond(orchestrator, 1 ether, other);
        assertEq(staking.delegationOf(orchestrator).orchestrator, other);
        assertFalse(staking.isOrchestrator(orchestrator));
    }

    function test_rebond_FromBondedAndFromUnbonded() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        nextRound();
        unbond(alice, 4 ether);
        vm.expectEmit(address(staking));
        emit IStaking.Rebonded(alice, orchestrator, 0, 4 ether);
        vm.prank(alice);
        staking.rebond(0);
        assertEq(staking.pendingStake(alice), 10 ether);
        unbond(alice, 10 ether);
        nextRound();
        vm.prank(alice);
        staking.rebond(1);
        assertEq(staking.pendingStake(alice), 10 ether);
        assertEq(staking.slashableStake(orchestrator), MINIMUM + 10 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingUnknownLock.selector, alice, 1));
        vm.prank(alice);
        staking.rebond(1);
    }

    function test_rebond_RevertsWhen_BackingAnotherOrOrchestratorResigned() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        enlist(other, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        unbond(alice, 10 ether);
        bond(alice, 1 ether, other);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingAlreadyDelegated.selector, alice, other));
        vm.prank(alice);
        staking.rebond(0);
        unbond(alice, 1 ether);
        unbond(orchestrator, MINIMUM);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNotOrchestrator.selector, orchestrator));
        vm.prank(alice);
        staking.rebond(0);
    }

    function test_withdrawStake_PaysOnceAndExactly() public {
        bond(orchestrator, MINIMUM, orchestrator);
        unbond(orchestrator, 30 ether);
        uint256 opens = round() + UNBONDING;
        nextRounds(UNBONDING - 1);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingLocked.selector, 0, opens, opens - 1));
        vm.prank(orchestrator);
        staking.withdrawStake(0);
        nextRound();
        staking.pause();
        vm.expectEmit(address(staking));
        emit IStaking.StakeWithdrawn(orchestrator, 0, 30 ether);
        vm.prank(orchestrator);
        assertEq(staking.withdrawStake(0), 30 ether);
        assertEq(token.balanceOf(orchestrator), 30 ether);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingUnknownLock.selector, orchestrator, 0));
        vm.prank(orchestrator);
        staking.withdrawStake(0);
    }

    function test_unbond_WorksWhilePaused() public {
        bond(orchestrator, MINIMUM, orchestrator);
        staking.pause();
        unbond(orchestrator, MINIMUM);
        assertEq(staking.pendingStake(orchestrator), 0);
    }

    function test_redelegate_MovesAllAtOnce() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        enlist(other, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        nextRound();
        vm.expectEmit(address(staking));
        emit IStaking.Redelegated(alice, orchestrator, other, 10 ether, round() + UNBONDING);
        vm.prank(alice);
        staking.redelegate(other);
        assertEq(staking.stakeOf(orchestrator), MINIMUM);
        assertEq(staking.stakeOf(other), MINIMUM + 10 ether);
        assertEq(staking.stakeAt(other, round()), MINIMUM);
        IStaking.DelegationInfo memory info = staking.delegationOf(alice);
        assertEq(info.orchestrator, other);
        assertEq(info.stake, 10 ether);
        assertEq(info.liableTo, orchestrator);
        assertEq(info.liableUntil, round() + UNBONDING);
    }

    function test_redelegate_RevertsWhen_StillLiable() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        enlist(other, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        vm.prank(alice);
        staking.redelegate(other);
        uint256 until = round() + UNBONDING;
        bytes memory pending = abi.encodeWithSelector(IStaking.StakingRedelegationPending.selector, alice, until);
        vm.expectRevert(pending);
        vm.prank(alice);
        staking.redelegate(orchestrator);
        fund(alice, 1 ether);
        vm.expectRevert(pending);
        vm.prank(alice);
        staking.bond(1 ether, other);
        nextRounds(UNBONDING);
        assertEq(staking.delegationOf(alice).liableTo, address(0));
        vm.prank(alice);
        staking.bond(1 ether, other);
        vm.prank(alice);
        staking.redelegate(orchestrator);
        assertEq(staking.stakeOf(orchestrator), MINIMUM + 11 ether);
    }

    function test_redelegate_CanAlwaysBeUnbonded() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        enlist(other, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        vm.prank(alice);
        staking.redelegate(other);
        unbond(alice, 10 ether);
        vm.expectRevert(
            abi.encodeWithSelector(IStaking.StakingRedelegationPending.selector, alice, round() + UNBONDING)
        );
        vm.prank(alice);
        staking.rebond(0);
        nextRounds(UNBONDING);
        vm.prank(alice);
        assertEq(staking.withdrawStake(0), 10 ether);
    }

    function test_redelegate_RevertsWhen_Invalid() public {
        enlist(orchestrator, MINIMUM, 0, 0);
        bond(alice, 10 ether, orchestrator);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidDelegate.selector, alice, orchestrator));
        vm.prank(alice);
        staking.redelegate(orchestrator);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidDelegate.selector, alice, alice));
        vm.prank(alice);
        staking.redelegate(alice);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingNotOrchestrator.selector, bob));
        vm.prank(alice);
        staking.redelegate(bob);
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInvalidDelegate.selector, bob, address(0)));
        vm.prank(bob);
        staking.redelegate(address(0));
        vm.expectRevert(abi.encodeWithSelector(IStaking.StakingInsufficientStake.selector, bob, 0, 1));
        vm.prank(bob);
        staking.redelegate(orchestrator);
        vm.expectRevert(
            abi.encodeWithSelector(IStaking.StakingOrchestratorCannotRedelegate.selector, orchestrator)
        );
        vm.prank(orchestrator);
        staking.redelegate(other);
    }

    /// @dev Whatever is bonded comes out again, in any split.
    function testFuzz_bondUnbond_RoundTrip(uint96 first, uint96 second, uint96 part) public {
        uint256 a = bound(first, 1, SUPPLY / 4);
        uint256 b = bound(second, 1, SUPPLY / 4);
        enlist(orchestrator, MINIMUM, 0, 0);
        bond(alice, a, orchestrator);
        nextRound();
        bond(alice, b, orchestrator);
        uint256 out = bound(part, 1, a + b);
        unbond(alice, out);
        if (out < a + b) unbond(alice, a + b - out);
        nextRounds(UNBONDING);
        vm.startPrank(alice);
        staking.withdrawStake(0);
        if (out < a + b) staking.withdrawStake(1);
        vm.stopPrank();
        assertEq(token.balanceOf(alice), a + b);
        assertEq(staking.stakeOf(orchestrator), MINIMUM);
        assertEq(token.balanceOf(address(staking)), MINIMUM);
    }
}
