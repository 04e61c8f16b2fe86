// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Signers
/// @notice Whose signature speaks for an orchestrator, now and in each round of the past.
/// @dev A key serves once, from the round of its appointment to the round in which another takes its place: it never comes
/// back, so those two rounds are its whole history.
library Signers {
    /// @param since first round in which the key signed; 0 if it never did
    /// @param until last round; 0 while it serves
    struct Tenure {
        uint48 since;
        uint48 until;
    }

    /// @param current the key that serves; zero if the orchestrator signs itself
    /// @param tenures of all keys that ever served
    struct Roll {
        address current;
        mapping(address key => Tenure) tenures;
    }

    /// @notice Puts another key in place of the one that serves.
    /// @param next zero: none, the orchestrator signs itself
    /// @return old the one that served
    /// @return fresh whether `next` has never served
    function appoint(Roll storage roll, address next, uint256 round) internal returns (address old, bool fresh) {
        old = roll.current;
        if (next != address(0) && roll.tenures[next].since != 0) return (old, false);
        if (old != address(0)) roll.tenures[old].until = uint48(round);
        if (next != address(0)) roll.tenures[next].since = uint48(round);
        roll.current = next;
        return (old, true);
    }

    /// @notice Whether a key served in a round.
    function served(Roll storage roll, address key, uint256 round) internal view returns (bool) {
        Tenure memory tenure = roll.tenures[key];
        return tenure.since != 0 && tenure.since <= round && (tenure.until == 0 || round <= tenure.until);
    }
}
