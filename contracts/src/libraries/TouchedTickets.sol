// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ITicketBroker} from "../interfaces/ITicketBroker.sol";
import {Payment} from "../types/Payment.sol";
import {BrokerStorage} from "./BrokerStorage.sol";

/// @title TouchedTickets
/// @notice Which tickets have been redeemed: a bit for each nonce of one signer at one recipient, 256 in a word. A ticket
/// that is paid whole at once leaves nothing but its bit, so a winner that shares a word with an earlier one writes
/// no fresh slot, which is 17,100 gas less. What is paid in part, or punished, is written down under the ticket's hash too.
/// @dev A nonce serves one ticket: of two under one signer and recipient that both win, only the first is paid. That is the
/// recipient's to guard, as it is that of their number: it takes a nonce once per key, whatever was quoted meanwhile.
library TouchedTickets {
    /// @notice What a ticket has been paid.
    /// @return word the word with its bit
    /// @return payment what is on record under its hash
    /// @return paid wei; the face value if it, or another of its nonce, was paid whole at once
    function standing(
        BrokerStorage.TicketBrokerStorage storage $,
        bytes32 key,
        bytes32 ticketHash,
        ITicketBroker.Ticket calldata ticket
    ) internal view returns (uint256 word, Payment payment, uint256 paid) {
        word = $.touched[key];
        if (word & bitOf(ticket.nonce) == 0) return (word, payment, 0);
        payment = $.payments[ticketHash];
        paid = Payment.unwrap(payment) == 0 ? ticket.faceValue : payment.paid();
    }

    /// @notice Where the word with a ticket's bit is kept.
    /// @param allowanceKey names sender, grant and signer; zero if the sender signed itself
    function keyOf(ITicketBroker.Ticket calldata ticket, bytes32 allowanceKey) internal pure returns (bytes32 key) {
        bytes32 signer = allowanceKey == 0 ? bytes32(uint256(uint160(ticket.sender))) : allowanceKey;
        address recipient = ticket.recipient;
        uint256 place = ticket.nonce >> 8;
        // keccak256(abi.encode(signer, recipient, place)), without keeping the memory: every redemption pays for it.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, signer)
            mstore(add(free, 0x20), and(recipient, 0xffffffffffffffffffffffffffffffffffffffff))
            mstore(add(free, 0x40), place)
            key := keccak256(free, 0x60)
        }
    }

    /// @notice A nonce's bit in its word.
    function bitOf(uint256 nonce) internal pure returns (uint256) {
        return 1 << (nonce & 0xff);
    }
}
