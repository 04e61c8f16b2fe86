// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Steps
/// @notice How far governance may move a parameter at once. An absolute bound has to allow what any network wants, from rounds of
/// seconds to rounds of days; a bound relative to what is in force keeps each network near what its users agreed to.
library Steps {
    /// @notice Whether `to` is at least half and at most twice `from`.
    function isStep(uint256 from, uint256 to) internal pure returns (bool) {
        return to <= 2 * from && from <= 2 * to;
    }

    /// @notice Whether `to` is at most `most` away from `from`.
    function isWithin(uint256 from, uint256 to, uint256 most) internal pure returns (bool) {
        return from < to ? to - from <= most : from - to <= most;
    }
}
