// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev What a redemption needs of a sender, in one word, so that it costs one read and one write. From the low bits up:
/// deposit (128, wei), withdrawRound (64; 0 if no unlock is in progress), generation (64; counts withdrawals from
/// the reserve, and designations of an earlier generation are void).
type Purse is uint256;

using {deposit, withdrawRound, generation, withDeposit, withWithdrawRound, nextGeneration} for Purse global;

uint256 constant PURSE_DEPOSIT_MASK = type(uint128).max;

/// @dev Wei that pay any recipient.
function deposit(Purse self) pure returns (uint256) {
    return Purse.unwrap(self) & PURSE_DEPOSIT_MASK;
}

/// @dev First round in which everything may be withdrawn; 0 if no unlock is in progress.
function withdrawRound(Purse self) pure returns (uint256) {
    return uint64(Purse.unwrap(self) >> 128);
}

/// @dev How often the sender has taken from its reserve.
function generation(Purse self) pure returns (uint256) {
    return Purse.unwrap(self) >> 192;
}

/// @dev With another deposit, which must be below 2^128.
function withDeposit(Purse self, uint256 amount) pure returns (Purse) {
    return Purse.wrap(Purse.unwrap(self) & ~PURSE_DEPOSIT_MASK | amount);
}

/// @dev With another withdrawal round, which must be below 2^64.
function withWithdrawRound(Purse self, uint256 round) pure returns (Purse) {
    return Purse.wrap(Purse.unwrap(self) & ~(uint256(type(uint64).max) << 128) | round << 128);
}

/// @dev After a withdrawal from the reserve: designations until now are void.
function nextGeneration(Purse self) pure returns (Purse) {
    return Purse.wrap(Purse.unwrap(self) + (uint256(1) << 192));
}
