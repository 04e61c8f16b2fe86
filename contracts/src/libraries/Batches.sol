// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IServiceRegistry} from "../interfaces/IServiceRegistry.sol";
import {ITicketBroker} from "../interfaces/ITicketBroker.sol";
import {PPM_ONE} from "../types/Ppm.sol";
import {Bookings} from "./Bookings.sol";
import {BrokerStorage} from "./BrokerStorage.sol";
import {Grants} from "./Grants.sol";
import {Redemptions} from "./Redemptions.sol";
import {TicketHashes} from "./TicketHashes.sol";
import {TouchedTickets} from "./TouchedTickets.sol";

/// @title Batches
/// @notice Redemptions of many tickets at once, without and with burning escrow for what is missing, and what was paid; see
/// {ITicketBroker}.
/// @dev Deployed by itself and linked, because the TicketBroker would not fit the size of one contract with it.
library Batches {
    using Bookings for Bookings.Booking[];
    using Grants for BrokerStorage.TicketBrokerStorage;
    using Redemptions for BrokerStorage.TicketBrokerStorage;
    using TouchedTickets for BrokerStorage.TicketBrokerStorage;

    /// @dev Where burned escrow goes.
    address internal constant BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;
    /// @dev Gas for which whoever executes a penalty is paid, per ticket.
    uint256 internal constant PENALTY_GAS = 150_000;
    /// @dev Part of what is burned that whoever executes a penalty gets beside it, in parts per million.
    uint256 internal constant EXECUTOR_SHARE = 100_000;

    /// @notice See {ITicketBroker-redeemBatch}.
    // What differs from ticket to ticket is written into the context.
    // solhint-disable-next-line gas-calldata-parameters
    function redeemBatch(
        BrokerStorage.TicketBrokerStorage storage $,
        Redemptions.Context memory context,
        ITicketBroker.Redemption[] calldata redemptions,
        uint256[] calldata minPayouts,
        ITicketBroker.SignedGrant[] calldata grants
    ) external returns (uint256[] memory paid) {
        if (redemptions.length != minPayouts.length) {
            revert ITicketBroker.TicketBrokerLengthMismatch(redemptions.length, minPayouts.length);
        }
        _register($, context, grants);
        paid = new uint256[](redemptions.length);
        Bookings.Booking[] memory bookings = new Bookings.Booking[](redemptions.length);
        uint256 booked = 0;
        for (uint256 i = 0; i < redemptions.length; ++i) {
            context.minPayout = minPayouts[i];
            bytes memory failure;
            (paid[i], failure) = _settle($, context, redemptions[i]);
            if (failure.length != 0) emit ITicketBroker.RedemptionRefused(i, failure);
            else booked = bookings.collect(booked, redemptions[i].ticket, paid[i]);
        }
        bookings.book(booked, context.staking);
    }

    /// @notice See {ITicketBroker-redeemAndPunish}.
    function redeemAndPunish(
        BrokerStorage.TicketBrokerStorage storage $,
        Redemptions.Context memory context,
        IServiceRegistry registry,
        ITicketBroker.Redemption[] calldata redemptions,
        ITicketBroker.SignedGrant[] calldata grants
    ) external returns (uint256[] memory paid, uint256 reward) {
        context.punishing = true;
        bytes32[] memory grantHashes = _register($, context, grants);
        paid = new uint256[](redemptions.length);
        Bookings.Booking[] memory bookings = new Bookings.Booking[](redemptions.length);
        uint256 booked = 0;
        for (uint256 i = 0; i < redemptions.length; ++i) {
            bytes memory failure = _checkCaller(registry, redemptions[i].ticket.recipient);
            if (failure.length == 0) {
                context.escrowCap = _escrowCapOf(redemptions[i].ticket.grant, grants, grantHashes);
                (paid[i], failure) = _settle($, context, redemptions[i]);
            }
            if (failure.length != 0) emit ITicketBroker.RedemptionRefused(i, failure);
            else if (paid[i] != 0) booked = bookings.collect(booked, redemptions[i].ticket, paid[i]);
        }
        bookings.book(booked, context.staking);
        reward = _burn(context);
    }

    /// @notice See {ITicketBroker-ticketPaid}.
    function paidOf(
        BrokerStorage.TicketBrokerStorage storage $,
        bytes32 domainSeparator,
        ITicketBroker.Ticket calldata ticket,
        bytes calldata signature
    ) external view returns (uint256 paid) {
        bytes32 ticketHash = TicketHashes.hashTicket(ticket, domainSeparator);
        (address signer,) = TicketHashes.recover(ticketHash, signature, 0);
        bytes32 key = ticket.grant == 0 ? bytes32(0) : Grants.allowanceKey(ticket.sender, ticket.grant, signer);
        (,, paid) = $.standing(TouchedTickets.keyOf(ticket, key), ticketHash, ticket);
    }

    function _register(
        BrokerStorage.TicketBrokerStorage storage $,
        Redemptions.Context memory context,
        ITicketBroker.SignedGrant[] calldata grants
    ) private returns (bytes32[] memory grantHashes) {
        grantHashes = new bytes32[](grants.length);
        for (uint256 i = 0; i < grants.length; ++i) {
            grantHashes[i] = TicketHashes.hashGrant(grants[i].grant, context.domainSeparator);
            $.register(grants[i], context.domainSeparator);
        }
    }

    function _settle(
        BrokerStorage.TicketBrokerStorage storage $,
        Redemptions.Context memory context,
        ITicketBroker.Redemption calldata redemption
    ) private returns (uint256, bytes memory) {
        return $.settle(context, redemption);
    }

    /// @dev Burns, but for what the caller gets: the gas that a penalty takes, at the block's base fee (a price that the
    /// caller cannot choose), and a share; never more than half, so that a sender that executes itself loses.
    function _burn(Redemptions.Context memory context) private returns (uint256 reward) {
        uint256 burned = context.burned;
        if (burned == 0) return 0;
        reward = PENALTY_GAS * context.penalties * block.basefee + burned * EXECUTOR_SHARE / PPM_ONE;
        if (reward > burned / 2) reward = burned / 2;
        emit ITicketBroker.PenaltyRewarded(msg.sender, burned, reward);
        Address.sendValue(payable(BURN_ADDRESS), burned - reward);
        Address.sendValue(payable(msg.sender), reward);
    }

    /// @dev Who has been given a ticket decides whether its shortfall is punished: whoever merely saw it does not.
    function _checkCaller(IServiceRegistry registry, address recipient) private view returns (bytes memory) {
        if (msg.sender == recipient || msg.sender == registry.signerOf(recipient)) return "";
        return abi.encodeWithSelector(ITicketBroker.TicketBrokerNotRecipient.selector, msg.sender, recipient);
    }

    /// @dev The cap is in the grant, which is named by the ticket; nothing burns for one that is not shown.
    function _escrowCapOf(
        bytes32 grantHash,
        ITicketBroker.SignedGrant[] calldata grants,
        bytes32[] memory grantHashes
    ) private pure returns (uint256) {
        for (uint256 i = 0; i < grantHashes.length; ++i) {
            if (grantHashes[i] == grantHash) return grants[i].grant.escrowCap;
        }
        return 0;
    }
}
