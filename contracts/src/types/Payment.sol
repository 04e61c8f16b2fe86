// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @dev What a ticket has done so far, in one word, so that a redemption writes it once. Low 128 bits: wei paid. High 128
/// bits: the largest shortfall, in wei, for which escrow has been burned.
type Payment is uint256;

using {paid, punished} for Payment global;

/// @dev Both amounts must be below 2^128.
function makePayment(uint256 paidWei, uint256 punishedWei) pure returns (Payment) {
    return Payment.wrap(punishedWei << 128 | paidWei);
}

/// @dev Wei paid.
function paid(Payment self) pure returns (uint256) {
    return uint128(Payment.unwrap(self));
}

/// @dev Largest shortfall punished, in wei.
function punished(Payment self) pure returns (uint256) {
    return Payment.unwrap(self) >> 128;
}
