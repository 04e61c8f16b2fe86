// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IRounds} from "../interfaces/IRounds.sol";
import {Clock} from "../types/Clock.sol";
import {BrokerStorage} from "./BrokerStorage.sol";

/// @title RoundCache
/// @notice The broker's copy of what it needs of {IRounds}: asking through the proxy at every redemption would cost
/// about 10,000 gas more than one slot here. Safe because a round's bounds and block hash never change once they exist.
library RoundCache {
    /// @notice The clock as it is now, without writing.
    function peek(BrokerStorage.TicketBrokerStorage storage $, IRounds rounds)
        internal
        view
        returns (Clock clock)
    {
        clock = $.clock;
        if (block.timestamp >= clock.end()) clock = _advance(clock, rounds);
    }

    /// @notice The clock as it is now; written if it had run out.
    function refresh(BrokerStorage.TicketBrokerStorage storage $, IRounds rounds)
        internal
        returns (Clock clock)
    {
        clock = $.clock;
        if (block.timestamp >= clock.end()) {
            clock = _advance(clock, rounds);
            $.clock = clock;
        }
    }

    /// @notice Block hash of a round, zero if it was never initialized; kept once known.
    function blockHash(BrokerStorage.TicketBrokerStorage storage $, IRounds rounds, uint256 round)
        internal
        returns (bytes32 known)
    {
        known = $.blockHashes[round];
        if (known == 0) {
            known = rounds.blockHashForRound(round);
            if (known != 0) $.blockHashes[round] = known;
        }
    }

    /// @notice When a round that is not to come started.
    function startOf(Clock clock, IRounds rounds, uint256 round) internal view returns (uint256) {
        if (round == clock.round()) return clock.start();
        if (round + 1 == clock.round()) return clock.previousStart();
        return rounds.roundStart(round);
    }

    function _advance(Clock clock, IRounds rounds) private view returns (Clock) {
        (uint256 round, uint256 start, uint256 end) = rounds.currentRoundState();
        return clock.withRound(round, start, end, round > 1 ? rounds.roundStart(round - 1) : 0);
    }
}
