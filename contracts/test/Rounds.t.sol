// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IRounds} from "../src/interfaces/IRounds.sol";
import {Rounds} from "../src/Rounds.sol";
import {Fixture} from "./helpers/Fixture.sol";

contract RoundsTest is Fixture {
    function test_rounds_StartAtOne() public view {
        (uint256 round, uint256 start, uint256 end) = rounds.currentRoundState();
        assertEq(round, 1);
        assertEq(start, block.timestamp);
        assertEq(end, block.timestamp + ROUND_LENGTH);
        assertEq(rounds.roundLength(), ROUND_LENGTH);
    }

    function test_initialize_RevertsWhen_LengthOutOfBounds() public {
        address seed = _seed();
        address implementation = address(new Rounds());
        for (uint256 i = 0; i < 3; ++i) {
            uint256 length = [uint256(0), 29, 30 days + 1][i];
            address proxy = _proxy(seed);
            vm.expectRevert(abi.encodeWithSelector(IRounds.RoundsInvalidLength.selector, length, 30, 30 days));
            _install(proxy, implementation, abi.encodeCall(Rounds.initialize, (address(manager), length)));
        }
    }

    function test_initialize_RevertsWhen_CalledAgain() public {
        vm.expectRevert();
        rounds.initialize(address(manager), 600);
    }

    function test_initializeRound_StoresPreviousBlockHash() public {
        (,, uint256 end) = rounds.currentRoundState();
        vm.warp(end);
        vm.roll(2_000);
        assertFalse(rounds.currentRoundInitialized());
        assertEq(rounds.lastInitializedRound(), 1);
        bytes32 hash = blockhash(1_999);
        vm.expectEmit(address(rounds));
        emit IRounds.RoundInitialized(2, hash, address(this));
        rounds.initializeRound();
        assertEq(rounds.blockHashForRound(2), hash);
        assertTrue(rounds.currentRoundInitialized());
        assertEq(rounds.lastInitializedRound(), 2);
    }

    function test_initializeRound_RevertsWhen_InitializedTwice() public {
        vm.expectRevert(abi.encodeWithSelector(IRounds.RoundsAlreadyInitialized.selector, 1));
        rounds.initializeRound();
    }

    function test_initializeRound_AnyoneMayCallEvenWhilePaused() public {
        rounds.pause();
        vm.warp(block.timestamp + ROUND_LENGTH);
        vm.prank(makeAddr("anyone"));
        rounds.initializeRound();
        assertTrue(rounds.currentRoundInitialized());
    }

    function test_blockHash_IsImmutableAndZeroForRoundsNobodyInitialized() public {
        bytes32 first = rounds.blockHashForRound(1);
        assertNotEq(first, 0);
        vm.warp(block.timestamp + 3 * ROUND_LENGTH);
        vm.roll(block.number + 30);
        rounds.initializeRound();
        assertEq(rounds.currentRound(), 4);
        assertEq(rounds.blockHashForRound(1), first);
        assertEq(rounds.blockHashForRound(2), 0);
        assertEq(rounds.blockHashForRound(3), 0);
        assertEq(rounds.blockHashForRound(5), 0);
    }

    function test_setRoundLength_KeepsTheCurrentRoundAndStartsWithTheNext() public {
        vm.warp(block.timestamp + 100);
        (uint256 round, uint256 start, uint256 end) = rounds.currentRoundState();
        vm.expectEmit(address(rounds));
        emit IRounds.RoundLengthChanged(ROUND_LENGTH, 1_000, 2);
        rounds.setRoundLength(1_000);
        (uint256 roundAfter, uint256 startAfter, uint256 endAfter) = rounds.currentRoundState();
        assertEq(roundAfter, round);
        assertEq(startAfter, start);
        assertEq(endAfter, end);
        assertEq(rounds.roundLength(), ROUND_LENGTH);
        vm.warp(end);
        assertEq(rounds.currentRound(), 2);
        assertEq(rounds.roundLength(), 1_000);
        vm.warp(end + 999);
        assertEq(rounds.currentRound(), 2);
        vm.warp(end + 1_000);
        assertEq(rounds.currentRound(), 3);
        assertEq(rounds.roundStart(1), start);
        assertEq(rounds.roundStart(2), end);
        assertEq(rounds.roundStart(3), end + 1_000);
        assertEq(rounds.roundStart(10), end + 8_000);
    }

    function test_setRoundLength_ReplacesAChangeThatHasNotBegun() public {
        (,, uint256 end) = rounds.currentRoundState();
        rounds.setRoundLength(1_000);
        rounds.setRoundLength(300);
        vm.warp(end + 300);
        assertEq(rounds.currentRound(), 3);
    }

    function test_setRoundLength_RevertsWhen_OutOfBounds() public {
        vm.expectRevert(abi.encodeWithSelector(IRounds.RoundsInvalidLength.selector, 29, 30, 30 days));
        rounds.setRoundLength(29);
    }

    /// @dev Was: rounds of hours became rounds of 30 s at once, and winners that waited for cheap gas were void.
    function test_setRoundLength_HalvesOrDoublesAtMost() public {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 length = [ROUND_LENGTH / 2 - 1, 2 * ROUND_LENGTH + 1][i];
            vm.expectRevert(abi.encodeWithSelector(IRounds.RoundsStepTooLarge.selector, ROUND_LENGTH, length));
            rounds.setRoundLength(length);
        }
        rounds.setRoundLength(ROUND_LENGTH / 2);
        // Again in the same round is no second step.
        vm.expectRevert(abi.encodeWithSelector(IRounds.RoundsStepTooLarge.selector, ROUND_LENGTH, ROUND_LENGTH / 4));
        rounds.setRoundLength(ROUND_LENGTH / 4);
        nextRound();
        rounds.setRoundLength(ROUND_LENGTH / 4);
    }

    function test_setters_RevertWhen_CallerHasNoRole() public {
        address stranger = makeAddr("stranger");
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        rounds.setRoundLength(100);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        rounds.pause();
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        rounds.unpause();
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        rounds.upgradeToAndCall(address(1), "");
        vm.stopPrank();
    }

    function test_roundStart_RevertsWhen_RoundIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(IRounds.RoundsUnknownRound.selector, 0));
        rounds.roundStart(0);
    }

    /// @dev Whatever the changes of length, rounds neither jump nor go back, and the current one keeps its bounds.
    function testFuzz_rounds_NeverJump(uint256[8] memory lengths, uint256[8] memory steps) public {
        (uint256 round, uint256 start, uint256 end) = rounds.currentRoundState();
        for (uint256 i = 0; i < 8; ++i) {
            uint256 length = end - start;
            rounds.setRoundLength(bound(lengths[i], length < 60 ? 30 : (length + 1) / 2, 2 * length));
            vm.warp(block.timestamp + bound(steps[i], 0, end - block.timestamp));
            (uint256 newRound, uint256 newStart, uint256 newEnd) = rounds.currentRoundState();
            if (newRound == round) {
                assertEq(newStart, start);
                assertEq(newEnd, end);
            } else {
                assertEq(newRound, round + 1);
                assertEq(newStart, end);
            }
            assertEq(rounds.roundStart(round), start);
            assertEq(rounds.roundStart(newRound), newStart);
            assertLe(newStart, block.timestamp);
            assertGt(newEnd, block.timestamp);
            (round, start, end) = (newRound, newStart, newEnd);
        }
    }
}
