// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {BrokerStorage} from "./BrokerStorage.sol";

/// @title Reserves
/// @notice What a sender's reserve holds for each orchestrator it designated.
/// @dev A designation of round N counts from N + 1. The one it replaces still backs the tickets made until N, so both
/// are held until those have expired, after round N + validity - 1. The sum of all that is held never exceeds the
/// reserve: what an orchestrator reads as claimable is there.
library Reserves {
    /// @notice Replaces a designation from the next round on.
    /// @return protected wei that stay claimable for tickets made until now
    /// @return held by how much more (or, negative, less) the sender's reserve is committed
    function designate(
        BrokerStorage.Designation storage designation,
        uint256 amount,
        uint256 currentRound,
        uint256 validityPeriod
    ) internal returns (uint256 protected, int256 held) {
        BrokerStorage.Designation memory old = designation;
        protected = claimable(old, currentRound, validityPeriod);
        held = int256(_max(protected, amount)) - int256(_max(old.previous, old.amount));
        designation.amount = uint96(amount);
        designation.previous = uint96(protected);
        designation.effectiveRound = uint40(currentRound + 1);
    }

    /// @notice Takes a claim off a designation, off the old one and the new one alike.
    /// @param claim wei, not more than {claimable}
    function claimFrom(BrokerStorage.Designation storage designation, uint256 claim) internal {
        BrokerStorage.Designation memory old = designation;
        designation.amount = old.amount > claim ? uint96(old.amount - claim) : 0;
        designation.previous = old.previous > claim ? uint96(old.previous - claim) : 0;
    }

    /// @notice What the orchestrator may claim in a round, in wei.
    function claimable(BrokerStorage.Designation memory designation, uint256 currentRound, uint256 validityPeriod)
        internal
        pure
        returns (uint256)
    {
        if (currentRound < designation.effectiveRound) return designation.previous;
        if (currentRound + 1 >= designation.effectiveRound + validityPeriod) return designation.amount;
        return _max(designation.previous, designation.amount);
    }

    /// @notice What the orchestrator may claim in every round from one to another, in wei.
    /// @dev What is claimable is first `previous`, then the larger, then `amount`: it is least at one of the ends.
    function claimableUntil(
        BrokerStorage.Designation memory designation,
        uint256 currentRound,
        uint256 lastRound,
        uint256 validityPeriod
    ) internal pure returns (uint256) {
        uint256 now_ = claimable(designation, currentRound, validityPeriod);
        if (lastRound <= currentRound) return now_;
        uint256 then_ = claimable(designation, lastRound, validityPeriod);
        return now_ < then_ ? now_ : then_;
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
