// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {RAY, Ray} from "./Ray.sol";

/// @notice What all stake together earns, round by round.
/// @param round Round that the books have reached.
/// @param totalStake All stake now, in wei.
/// @param stakeAtStart All stake when `round` began, in wei.
/// @param mintable What `round` may mint in all, in wei.
/// @param inflation Of `round`, in rays of supply.
/// @param change Step by which inflation moves each round, in rays.
/// @param maximum Upper bound of inflation, in rays.
/// @param targetBondingRate Bonded part of supply steered to, in rays.
struct Emission {
    uint48 round;
    uint128 totalStake;
    uint128 stakeAtStart;
    uint128 mintable;
    uint128 inflation;
    uint128 change;
    uint128 maximum;
    uint128 targetBondingRate;
}

/// @title Emissions
/// @notice Inflation towards a target bonding rate. The books of a round open with the first change of stake in it; rounds
/// in which nothing happened move inflation all the same, so nobody can hold it by keeping still.
library Emissions {
    using Ray for uint256;
    using SafeCast for uint256;

    /// @notice Opens the first books, at the inflation already set.
    /// @param supply Tokens in existence, in wei.
    function start(Emission storage self, uint256 round, uint256 supply) internal {
        self.round = uint48(round);
        self.mintable = supply.mul(self.inflation).toUint128();
    }

    /// @notice Opens the books of `round` if they are not open: fixes the stake at its start and what it may mint.
    /// @param supply Tokens in existence, in wei.
    function advance(Emission storage self, uint256 round, uint256 supply) internal {
        if (self.round >= round) return;
        (uint256 inflation, uint256 mintable) = preview(self, round, supply);
        self.round = uint48(round);
        self.stakeAtStart = self.totalStake;
        self.inflation = inflation.toUint128();
        self.mintable = mintable.toUint128();
    }

    /// @notice Stake came in.
    function grow(Emission storage self, uint256 amount) internal {
        self.totalStake += amount.toUint128();
    }

    /// @notice Stake left.
    function shrink(Emission storage self, uint256 amount) internal {
        self.totalStake -= amount.toUint128();
    }

    /// @notice Inflation of `round` and what it may mint, whether or not its books are open.
    /// @dev Below the target inflation rises by one step per round, above it falls, at it it stays; without supply it rises.
    /// The bonding rate cannot have moved in rounds whose books nobody opened.
    function preview(Emission storage self, uint256 round, uint256 supply)
        internal
        view
        returns (uint256 inflation, uint256 mintable)
    {
        inflation = self.inflation;
        if (self.round >= round) return (inflation, self.mintable);
        uint256 target = self.targetBondingRate;
        uint256 rate = supply == 0 ? 0 : Math.mulDiv(self.totalStake, RAY, supply);
        uint256 move = uint256(self.change) * (round - self.round);
        if (rate < target || supply == 0) inflation += move;
        else if (rate > target) inflation = Math.saturatingSub(inflation, move);
        inflation = Math.min(inflation, self.maximum);
        mintable = supply.mul(inflation);
    }

    /// @notice What `stake`, part of the stake at the start of the round, mints in it, rounded down.
    function shareOf(Emission storage self, uint256 stake) internal view returns (uint256) {
        uint256 total = self.stakeAtStart;
        return total == 0 ? 0 : Math.mulDiv(self.mintable, Math.min(stake, total), total);
    }
}
