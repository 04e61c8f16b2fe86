// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IStaking} from "../interfaces/IStaking.sol";
import {ITicketBroker} from "../interfaces/ITicketBroker.sol";

/// @title Bookings
/// @notice Payouts of a batch, put together so that one orchestrator's fees of one round are booked at once.
library Bookings {
    /// @dev Payouts that are booked together.
    struct Booking {
        address orchestrator;
        uint32 feeShare;
        uint256 round;
        uint256 amount;
    }

    /// @notice Adds a payout to the booking of its orchestrator, round and fee share; neighbours are found at once.
    /// @param booked how many bookings there are
    /// @return how many there are now
    function collect(
        Booking[] memory bookings,
        uint256 booked,
        ITicketBroker.Ticket calldata ticket,
        uint256 amount
    ) internal pure returns (uint256) {
        for (uint256 i = booked; i > 0; --i) {
            Booking memory booking = bookings[i - 1];
            if (
                booking.orchestrator == ticket.recipient && booking.round == ticket.creationRound
                    && booking.feeShare == ticket.feeShare
            ) {
                booking.amount += amount;
                return booked;
            }
        }
        bookings[booked] = Booking(ticket.recipient, ticket.feeShare, ticket.creationRound, amount);
        return booked + 1;
    }

    /// @notice Hands the fees to Staking.
    function book(Booking[] memory bookings, uint256 booked, IStaking staking) internal {
        for (uint256 i = 0; i < booked; ++i) {
            Booking memory booking = bookings[i];
            staking.bookFees{value: booking.amount}(booking.orchestrator, booking.round, booking.feeShare);
        }
    }
}
