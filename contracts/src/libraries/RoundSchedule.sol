// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title RoundSchedule
/// @notice Maps time to rounds and back, for a length of rounds that may change at the start of any later round.
/// @dev A schedule is a list of eras; within an era all rounds are equally long. The last era may lie in the future by
/// at most one round; it may be replaced as long as it has not begun, so what has been read of the past and the present
/// never changes. An era fits one slot.
library RoundSchedule {
    /// @param firstRound number of the era's first round
    /// @param startTime unix seconds at which that round starts
    /// @param length seconds of each of its rounds
    struct Era {
        uint64 firstRound;
        uint64 startTime;
        uint64 length;
    }

    /// @notice Begins the schedule: round 1 starts at `startTime`.
    function begin(Era[] storage eras, uint256 startTime, uint256 length) internal {
        eras.push(Era({firstRound: 1, startTime: uint64(startTime), length: uint64(length)}));
    }

    /// @notice Announces another length from the round after the current one.
    /// @return effectiveRound first round of the new length
    function changeLength(Era[] storage eras, uint256 time, uint256 newLength)
        internal
        returns (uint256 effectiveRound)
    {
        (uint256 round,, uint256 end) = roundAt(eras, time);
        effectiveRound = round + 1;
        if (eras[eras.length - 1].firstRound == effectiveRound) eras.pop();
        eras.push(Era({firstRound: uint64(effectiveRound), startTime: uint64(end), length: uint64(newLength)}));
    }

    /// @notice The round at a time that is not before the schedule began.
    /// @return round its number
    /// @return start unix seconds, inclusive
    /// @return end unix seconds, exclusive
    function roundAt(Era[] storage eras, uint256 time)
        internal
        view
        returns (uint256 round, uint256 start, uint256 end)
    {
        uint256 index = eras.length - 1;
        Era memory era = eras[index];
        while (era.startTime > time) era = eras[--index];
        uint256 passed = (time - era.startTime) / era.length;
        round = era.firstRound + passed;
        start = era.startTime + passed * era.length;
        end = start + era.length;
    }

    /// @notice When a round from 1 on starts, or would start if no further change is announced.
    function startOf(Era[] storage eras, uint256 round) internal view returns (uint256) {
        uint256 index = eras.length - 1;
        Era memory era = eras[index];
        while (era.firstRound > round) era = eras[--index];
        return era.startTime + (round - era.firstRound) * era.length;
    }
}
