// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice Tokens divided by the slash factor of an orchestrator when they were bonded: a slash changes their worth, not
/// their number.
type Units is uint128;

/// @notice Units divided by the reward factor of an orchestrator when they began to earn: rewards change their worth, not
/// their number.
type Shares is uint128;

using {addUnits as +, subUnits as -, rawUnits} for Units global;
using {addShares as +, subShares as -, rawShares} for Shares global;

/// @return a + b, checked
function addUnits(Units a, Units b) pure returns (Units) {
    return Units.wrap(Units.unwrap(a) + Units.unwrap(b));
}

/// @return a - b, checked
function subUnits(Units a, Units b) pure returns (Units) {
    return Units.wrap(Units.unwrap(a) - Units.unwrap(b));
}

/// @return the number behind units
function rawUnits(Units a) pure returns (uint256) {
    return Units.unwrap(a);
}

/// @return a + b, checked
function addShares(Shares a, Shares b) pure returns (Shares) {
    return Shares.wrap(Shares.unwrap(a) + Shares.unwrap(b));
}

/// @return a - b, checked
function subShares(Shares a, Shares b) pure returns (Shares) {
    return Shares.wrap(Shares.unwrap(a) - Shares.unwrap(b));
}

/// @return the number behind shares
function rawShares(Shares a) pure returns (uint256) {
    return Shares.unwrap(a);
}
