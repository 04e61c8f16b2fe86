// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

/// @title VerifierHistory
/// @notice Which contract judged one service of one orchestrator in each round.
/// @dev The first verifier counts at once, every later one from the next round: what was agreed when a receipt was
/// signed stays what judges it.
library VerifierHistory {
    using Checkpoints for Checkpoints.Trace160;

    /// @param trace verifier by first round in which it judges
    struct History {
        Checkpoints.Trace160 trace;
    }

    /// @notice Records a verifier.
    /// @param currentRound now
    /// @param verifier may be zero: nobody judges
    /// @return changed whether it differs from the verifier recorded last
    /// @return oldVerifier the verifier recorded last
    /// @return effectiveRound from when `verifier` counts
    function set(History storage history, uint256 currentRound, address verifier)
        internal
        returns (bool changed, address oldVerifier, uint256 effectiveRound)
    {
        oldVerifier = address(history.trace.latest());
        bool first = history.trace.length() == 0;
        if (oldVerifier == verifier && !first) return (false, oldVerifier, 0);
        effectiveRound = first ? currentRound : currentRound + 1;
        history.trace.push(uint96(effectiveRound), uint160(verifier));
        changed = oldVerifier != verifier;
    }

    /// @notice The verifier that counts in a round; zero if none does.
    function judgeIn(History storage history, uint256 round) internal view returns (address) {
        return address(history.trace.upperLookupRecent(uint96(round)));
    }
}
