// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {Rounds} from "../../src/Rounds.sol";

/// @dev Rounds, and how time passes in tests.
abstract contract RoundsFixture is Test {
    Rounds internal rounds;

    function nextRound() internal {
        (,, uint256 end) = rounds.currentRoundState();
        vm.warp(end);
        vm.roll(block.number + 10);
        rounds.initializeRound();
    }

    function nextRounds(uint256 number) internal {
        for (uint256 i = 0; i < number; ++i) {
            nextRound();
        }
    }
}
