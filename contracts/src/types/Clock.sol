// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ppm} from "./Ppm.sol";

/// @dev The broker's parameters and its copy of the rounds, in one word, so that a redemption reads it once. From the low
/// bits up: round (40; current while the time is below `end`), start (40, unix seconds), end (40), previousStart (40;
/// start of the round before), ticketValidityPeriod (8, rounds), formerValidityPeriod (8; of tickets made until
/// `formerUntil`), formerUntil (40, round), unlockPeriod (8, rounds), escrowBurnShare (24, ppm), halted (8, 0 or 1).
type Clock is uint256;

using {
    round,
    start,
    end,
    previousStart,
    ticketValidityPeriod,
    validityOf,
    longestValidity,
    unlockPeriod,
    escrowBurnShare,
    halted,
    withRound,
    withParameters,
    withFormerValidity,
    withHalt
} for Clock global;

uint256 constant CLOCK_ROUND_MASK = type(uint160).max;
uint256 constant CLOCK_VALIDITY_MASK = uint256(type(uint56).max) << 160;
uint256 constant CLOCK_HALT_MASK = uint256(type(uint8).max) << 248;

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

/// @dev Rounds that a ticket made from now on lives.
function ticketValidityPeriod(Clock self) pure returns (uint256) {
    return uint8(Clock.unwrap(self) >> 160);
}

/// @dev Rounds that a ticket of a round lives: a change spares what was made before it.
function validityOf(Clock self, uint256 creationRound) pure returns (uint256) {
    uint256 former = uint8(Clock.unwrap(self) >> 168);
    if (former != 0 && creationRound <= uint40(Clock.unwrap(self) >> 176)) return former;
    return ticketValidityPeriod(self);
}

/// @dev Most rounds that a ticket now alive, or made now, lives.
function longestValidity(Clock self) pure returns (uint256) {
    uint256 former = uint8(Clock.unwrap(self) >> 168);
    uint256 current = ticketValidityPeriod(self);
    uint256 until = uint40(Clock.unwrap(self) >> 176);
    return former > current && round(self) < until + former ? former : current;
}

/// @dev Rounds between unlock and withdrawal.
function unlockPeriod(Clock self) pure returns (uint256) {
    return uint8(Clock.unwrap(self) >> 216);
}

/// @dev Part of a shortfall burned from the escrow.
function escrowBurnShare(Clock self) pure returns (Ppm) {
    return Ppm.wrap(uint32(uint24(Clock.unwrap(self) >> 224)));
}

/// @dev Whether redemptions are stopped.
function halted(Clock self) pure returns (bool) {
    return Clock.unwrap(self) >> 248 != 0;
}

/// @dev With another round; all four below 2^40.
function withRound(Clock self, uint256 newRound, uint256 newStart, uint256 newEnd, uint256 newPreviousStart)
    pure
    returns (Clock)
{
    uint256 parameters = Clock.unwrap(self) & ~CLOCK_ROUND_MASK;
    return Clock.wrap(parameters | newRound | newStart << 40 | newEnd << 80 | newPreviousStart << 120);
}

/// @dev With other parameters for tickets made after a round; the periods below 2^8, the share below 2^24.
function withParameters(Clock self, uint256 newValidity, uint256 newUnlock, Ppm newBurnShare) pure returns (Clock) {
    uint256 kept = Clock.unwrap(self) & (CLOCK_ROUND_MASK | CLOCK_VALIDITY_MASK | CLOCK_HALT_MASK);
    kept &= ~(uint256(type(uint8).max) << 160);
    return Clock.wrap(kept | newValidity << 160 | newUnlock << 216 | uint256(Ppm.unwrap(newBurnShare)) << 224);
}

/// @dev With another life for tickets made until a round.
function withFormerValidity(Clock self, uint256 validity, uint256 until) pure returns (Clock) {
    uint256 kept = Clock.unwrap(self) & ~(uint256(type(uint48).max) << 168);
    return Clock.wrap(kept | validity << 168 | until << 176);
}

/// @dev With redemptions stopped, or not.
function withHalt(Clock self, bool stopped) pure returns (Clock) {
    return Clock.wrap(Clock.unwrap(self) & ~CLOCK_HALT_MASK | (stopped ? uint256(1) << 248 : 0));
}
