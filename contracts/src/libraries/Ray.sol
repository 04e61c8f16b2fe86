// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Shares, Units} from "../types/StakeUnits.sol";

/// @dev One, as a fixed-point number with 27 decimals: the only precision of factors and rates.
uint256 constant RAY = 1e27;
/// @dev One, in parts per million: the unit in which commissions and slashes are stated. A statement, not a precision:
/// amounts are multiplied by it first and divided once.
uint256 constant PPM = 1_000_000;

/// @title Ray
/// @notice Conversion between tokens, units and shares. Whoever claims gets the lower number and pays the higher one.
library Ray {
    /// @return floor(a * factor)
    function mul(uint256 a, uint256 factor) internal pure returns (uint256) {
        return Math.mulDiv(a, factor, RAY);
    }

    /// @return floor(a / factor)
    function div(uint256 a, uint256 factor) internal pure returns (uint256) {
        return Math.mulDiv(a, RAY, factor);
    }

    /// @return ceil(a / factor)
    function divUp(uint256 a, uint256 factor) internal pure returns (uint256) {
        return div(a, factor) + (mulmod(a, RAY, factor) == 0 ? 0 : 1);
    }

    /// @return floor(a * rate / 1,000,000)
    function ppm(uint256 a, uint256 rate) internal pure returns (uint256) {
        return (a * rate) / PPM;
    }

    /// @return Units that `tokens` buy, rounded down.
    function toUnits(uint256 tokens, uint256 slashFactor) internal pure returns (Units) {
        return Units.wrap(SafeCast.toUint128(div(tokens, slashFactor)));
    }

    /// @return Units that must be given for `tokens`, rounded up.
    function toUnitsUp(uint256 tokens, uint256 slashFactor) internal pure returns (Units) {
        return Units.wrap(SafeCast.toUint128(divUp(tokens, slashFactor)));
    }

    /// @return Tokens that `units` are worth, rounded down.
    function toTokens(Units units, uint256 slashFactor) internal pure returns (uint256) {
        return mul(units.rawUnits(), slashFactor);
    }

    /// @return Shares that `units` buy, rounded down.
    function toShares(Units units, uint256 rewardFactor) internal pure returns (Shares) {
        return Shares.wrap(SafeCast.toUint128(div(units.rawUnits(), rewardFactor)));
    }

    /// @return Shares that must be given for `units`, rounded up.
    function toSharesUp(Units units, uint256 rewardFactor) internal pure returns (Shares) {
        return Shares.wrap(SafeCast.toUint128(divUp(units.rawUnits(), rewardFactor)));
    }

    /// @return Units that `shares` are worth, rounded down.
    function toUnits(Shares shares, uint256 rewardFactor) internal pure returns (Units) {
        return Units.wrap(SafeCast.toUint128(mul(shares.rawShares(), rewardFactor)));
    }
}
