// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev What a redemption needs of a session grant, in one word, so that it costs one read and one write. From the low
/// bits up: spent (88), spendCap (88), validUntil (40, unix seconds), revocationRound (40). 88 bits hold 309 million
/// ether; larger caps and later times are stored as the largest.
type Allowance is uint256;

using {spent, left, spendCap, validUntil, revocationRound, isKnown, spend, revoked} for Allowance global;

uint256 constant ALLOWANCE_AMOUNT_MASK = type(uint88).max;
uint256 constant ALLOWANCE_TIME_MASK = type(uint40).max;

/// @dev A fresh allowance.
function makeAllowance(uint256 cap, uint256 until, uint256 revocation) pure returns (Allowance) {
    if (cap > ALLOWANCE_AMOUNT_MASK) cap = ALLOWANCE_AMOUNT_MASK;
    if (until > ALLOWANCE_TIME_MASK) until = ALLOWANCE_TIME_MASK;
    return Allowance.wrap(cap << 88 | until << 176 | revocation << 216);
}

/// @dev Taken from the deposit under the grant, in wei.
function spent(Allowance self) pure returns (uint256) {
    return Allowance.unwrap(self) & ALLOWANCE_AMOUNT_MASK;
}

/// @dev Most that may be taken from the deposit under the grant, in wei.
function spendCap(Allowance self) pure returns (uint256) {
    return Allowance.unwrap(self) >> 88 & ALLOWANCE_AMOUNT_MASK;
}

/// @dev What may still be taken from the deposit under the grant, in wei.
function left(Allowance self) pure returns (uint256) {
    return spendCap(self) - spent(self);
}

/// @dev Unix seconds; tickets of rounds that start later are void.
function validUntil(Allowance self) pure returns (uint256) {
    return Allowance.unwrap(self) >> 176 & ALLOWANCE_TIME_MASK;
}

/// @dev Last round whose tickets are good; 0 if the grant is not revoked.
function revocationRound(Allowance self) pure returns (uint256) {
    return Allowance.unwrap(self) >> 216;
}

/// @dev Whether a grant is behind it at all.
function isKnown(Allowance self) pure returns (bool) {
    return validUntil(self) != 0;
}

/// @dev With so much more spent, which must not exceed what is left.
function spend(Allowance self, uint256 amount) pure returns (Allowance) {
    return Allowance.wrap(Allowance.unwrap(self) + amount);
}

/// @dev Revoked as of a round; only for one that is not.
function revoked(Allowance self, uint256 round) pure returns (Allowance) {
    return Allowance.wrap(Allowance.unwrap(self) | round << 216);
}
