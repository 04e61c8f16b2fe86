// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev A share in parts per million of a whole. A type of its own so that it is never mistaken for an amount.
type Ppm is uint32;

using {partOf, isValid} for Ppm global;

/// @dev The whole.
uint256 constant PPM_ONE = 1_000_000;

/// @dev Part of an amount, rounded down. `amount` must be below 2^224.
function partOf(Ppm share, uint256 amount) pure returns (uint256) {
    return amount * Ppm.unwrap(share) / PPM_ONE;
}

/// @dev Whether a share does not exceed the whole.
function isValid(Ppm share) pure returns (bool) {
    return Ppm.unwrap(share) <= PPM_ONE;
}
