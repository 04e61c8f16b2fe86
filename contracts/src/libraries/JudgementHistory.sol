// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";

/// @title JudgementHistory
/// @notice Who judged one service in each round, and at what rates.
/// @dev The first judge counts at once, every later one from the next round: what was agreed when a receipt was signed stays
/// what judges it. In one word: verifier (160), slash rate (24), bounty rate (24).
library JudgementHistory {
    using Checkpoints for Checkpoints.Trace208;

    /// @notice Records a judgement.
    /// @return old what was recorded last
    /// @return effectiveRound first round for which the new one counts
    function set(Checkpoints.Trace208 storage history, uint256 currentRound, IServiceRegistry.Judgement calldata next)
        internal
        returns (IServiceRegistry.Judgement memory old, uint256 effectiveRound)
    {
        old = _unpack(history.latest());
        effectiveRound = history.length() == 0 ? currentRound : currentRound + 1;
        uint208 packed = uint208(uint160(next.verifier)) << 48 | uint208(next.slashRate) << 24 | next.bountyRate;
        history.push(uint48(effectiveRound), packed);
    }

    /// @notice What counts for receipts of a round.
    function at(Checkpoints.Trace208 storage history, uint256 round)
        internal
        view
        returns (IServiceRegistry.Judgement memory)
    {
        return _unpack(history.upperLookupRecent(uint48(round)));
    }

    function _unpack(uint208 packed) private pure returns (IServiceRegistry.Judgement memory) {
        return IServiceRegistry.Judgement(address(uint160(packed >> 48)), uint24(packed >> 24), uint24(packed));
    }
}
