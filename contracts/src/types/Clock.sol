// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ppm} from "./Ppm.sol";

/// @dev The broker's parameters and its copy of the rounds, in one word, so that a redemption reads it once. From the low
/// bits up: round (40; current while the time is below `end`), start (40, unix seconds), end (40), previousStart (40;
/// start of the round before), ticketValidityPeriod (16, rounds), unlockPeriod (16, rounds), escrowBurnShare (32, ppm).
type Clock is uint256;

using {
    round,
    start,
    end,
    previousStart,
    ticketValidityPeriod,
    unlockPeriod,
    escrowBurnShare,
    withRound,
    withParameters
} for Clock global;

uint256 constant CLOCK_PARAMETERS_SHIFT = 160;
uint256 constant CLOCK_ROUND_MASK = type(uint160).max;

/// @dev Number of the round last read; 0 before the first read.
function round(Clock self) pure returns (uint256) {
    return uint40(Clock.unwrap(self));
}

/// @dev Unix seconds at which it starts.
function start(Clock self) pure returns (uint256) {
    return uint40(Clock.unwrap(self) >> 40);
}

/// @dev Unix seconds at which it ends, exclusive.
function end(Clock self) pure returns (uint256) {
    return uint40(Clock.unwrap(self) >> 80);
}

/// @dev Unix seconds at which the round before started; 0 if there was none.
function previousStart(Clock self) pure returns (uint256) {
    return uint40(Clock.unwrap(self) >> 120);
}

/// @dev Rounds that a ticket lives.
function ticketValidityPeriod(Clock self) pure returns (uint256) {
    return uint16(Clock.unwrap(self) >> 160);
}

/// @dev Rounds between unlock and withdrawal.
function unlockPeriod(Clock self) pure returns (uint256) {
    return uint16(Clock.unwrap(self) >> 176);
}

/// @dev Part of a shortfall burned from the escrow.
function escrowBurnShare(Clock self) pure returns (Ppm) {
    return Ppm.wrap(uint32(Clock.unwrap(self) >> 192));
}

/// @dev With another round; all four below 2^40.
function withRound(Clock self, uint256 newRound, uint256 newStart, uint256 newEnd, uint256 newPreviousStart)
    pure
    returns (Clock)
{
    uint256 parameters = Clock.unwrap(self) & ~CLOCK_ROUND_MASK;
    return Clock.wrap(parameters | newRound | newStart << 40 | newEnd << 80 | newPreviousStart << 120);
}

/// @dev With other parameters; the periods below 2^16.
function withParameters(Clock self, uint256 newValidity, uint256 newUnlock, Ppm newBurnShare) pure returns (Clock) {
    uint256 parameters = newValidity | newUnlock << 16 | uint256(Ppm.unwrap(newBurnShare)) << 32;
    return Clock.wrap(Clock.unwrap(self) & CLOCK_ROUND_MASK | parameters << CLOCK_PARAMETERS_SHIFT);
}
