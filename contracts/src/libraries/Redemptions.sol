// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IRounds} from "../interfaces/IRounds.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {ITicketBroker} from "../interfaces/ITicketBroker.sol";
import {Allowance} from "../types/Allowance.sol";
import {Clock} from "../types/Clock.sol";
import {Payment, makePayment} from "../types/Payment.sol";
import {PPM_ONE} from "../types/Ppm.sol";
import {Purse} from "../types/Purse.sol";
import {BrokerStorage} from "./BrokerStorage.sol";
import {Grants} from "./Grants.sol";
import {Reserves} from "./Reserves.sol";
import {RoundCache} from "./RoundCache.sol";
import {TicketHashes} from "./TicketHashes.sol";
import {TouchedTickets} from "./TouchedTickets.sol";

/// @title Redemptions
/// @notice Judges a winning ticket and takes what it pays off its sender's funds.
/// @dev Never reverts for what a ticket says: a refusal is returned as the ABI-encoded error, so that a batch can pass
/// over it. Everything is checked before anything is written. Moves no ether.
library Redemptions {
    using Reserves for BrokerStorage.Designation;
    using TouchedTickets for BrokerStorage.TicketBrokerStorage;

    /// @dev What all tickets of one transaction share.
    /// @param clock the rounds and parameters in force
    /// @param domainSeparator EIP-712 domain
    /// @param rounds whom to ask for what is not cached
    /// @param staking whom to ask who was active, where that matters
    /// @param burned escrow to burn at the end, in wei
    /// @param penalties tickets for which some is burned
    /// @param minPayout refuse if less can be paid; of the ticket at hand, as what follows
    /// @param punishing whether escrow burns for what is missing
    /// @param escrowCap most escrow that may burn under the ticket's grant, in wei
    struct Context {
        Clock clock;
        bytes32 domainSeparator;
        IRounds rounds;
        IStaking staking;
        uint256 burned;
        uint256 penalties;
        uint256 minPayout;
        bool punishing;
        uint256 escrowCap;
    }

    /// @dev How a payout is made up, in wei.
    /// @param ticketHash the ticket's name
    /// @param allowanceKey where the grant's allowance is kept; zero if the sender signed itself
    /// @param touchedKey where the word with the ticket's bit is kept
    /// @param due what the ticket may still be paid
    /// @param fromDeposit part taken from the deposit
    /// @param fromReserve part taken from the reserve
    /// @param burn escrow to burn
    /// @param punished largest shortfall of the ticket for which escrow is burned
    struct Split {
        bytes32 ticketHash;
        bytes32 allowanceKey;
        bytes32 touchedKey;
        uint256 due;
        uint256 fromDeposit;
        uint256 fromReserve;
        uint256 burn;
        uint256 punished;
    }

    /// @notice Settles one redemption.
    /// @return payout wei to hand to the recipient
    /// @return failure empty, or the ABI-encoded error for which nothing was done
    function settle(
        BrokerStorage.TicketBrokerStorage storage $,
        Context memory context,
        ITicketBroker.Redemption calldata redemption
    ) internal returns (uint256 payout, bytes memory failure) {
        failure = _checkTicket($, context, redemption);
        if (failure.length != 0) return (0, failure);
        Split memory split;
        split.ticketHash = TicketHashes.hashTicket(redemption.ticket, context.domainSeparator);
        Allowance allowance;
        (split.allowanceKey, allowance, failure) = _authorize($, context, redemption, split.ticketHash);
        if (failure.length != 0) return (0, failure);
        split.touchedKey = TouchedTickets.keyOf(redemption.ticket, split.allowanceKey);
        uint256 allowed = split.allowanceKey == 0 ? type(uint256).max : allowance.left();
        failure = _pay($, context, redemption.ticket, allowed, split);
        if (failure.length != 0) return (0, failure);
        if (split.allowanceKey != 0 && split.fromDeposit != 0) {
            $.allowances[split.allowanceKey] = allowance.spend(split.fromDeposit);
        }
        payout = _payoutOf(split);
        _log(redemption.ticket, split, payout, redemption.recipientRand);
    }

    function _log(
        ITicketBroker.Ticket calldata ticket,
        Split memory split,
        uint256 payout,
        uint256 recipientRand
    ) private {
        emit ITicketBroker.WinningTicketRedeemed(
            ticket.sender,
            ticket.recipient,
            split.ticketHash,
            ticket.grant,
            ticket.faceValue,
            payout,
            ticket.winProb,
            ticket.nonce,
            recipientRand,
            ticket.feeShare
        );
    }

    /// @dev What can be told without a signature: parties, round, commitment.
    function _checkTicket(
        BrokerStorage.TicketBrokerStorage storage $,
        Context memory context,
        ITicketBroker.Redemption calldata redemption
    ) private returns (bytes memory) {
        ITicketBroker.Ticket calldata ticket = redemption.ticket;
        uint256 created = ticket.creationRound;
        uint256 current = context.clock.round();
        if (ticket.recipient == address(0)) {
            return abi.encodeWithSelector(ITicketBroker.TicketBrokerZeroRecipient.selector);
        }
        if (ticket.sender == address(0)) return abi.encodeWithSelector(ITicketBroker.TicketBrokerZeroSender.selector);
        if (ticket.feeShare > PPM_ONE) {
            return abi.encodeWithSelector(ITicketBroker.TicketBrokerInvalidFeeShare.selector, ticket.feeShare);
        }
        uint256 validity = context.clock.validityOf(created);
        if (created <= current && current - created >= validity) {
            return abi.encodeWithSelector(
                ITicketBroker.TicketBrokerTicketExpired.selector, created, validity, current
            );
        }
        bytes32 blockHash = created > current ? bytes32(0) : RoundCache.blockHash($, context.rounds, created);
        if (blockHash == 0) {
            return abi.encodeWithSelector(ITicketBroker.TicketBrokerRoundNotInitialized.selector, created);
        }
        if (blockHash != ticket.creationRoundBlockHash) {
            return abi.encodeWithSelector(
                ITicketBroker.TicketBrokerWrongBlockHash.selector, created, ticket.creationRoundBlockHash, blockHash
            );
        }
        if (TicketHashes.hashRand(redemption.recipientRand) != ticket.recipientRandHash) {
            return abi.encodeWithSelector(
                ITicketBroker.TicketBrokerWrongRecipientRand.selector,
                redemption.recipientRand,
                ticket.recipientRandHash
            );
        }
        return "";
    }

    /// @dev Who signed, and whether the ticket won.
    function _checkDraw(bytes32 ticketHash, ITicketBroker.Redemption calldata redemption)
        private
        pure
        returns (address signer, bytes memory failure)
    {
        uint256 draw;
        (signer, draw) = TicketHashes.recover(ticketHash, redemption.signature, redemption.recipientRand);
        if (signer == address(0)) {
            failure = abi.encodeWithSelector(ITicketBroker.TicketBrokerMalformedSignature.selector, ticketHash);
        } else if (draw >= redemption.ticket.winProb) {
            failure = abi.encodeWithSelector(
                ITicketBroker.TicketBrokerTicketLost.selector, ticketHash, draw, redemption.ticket.winProb
            );
        }
    }

    /// @dev Whether the ticket won and was signed by its sender or by a key that its sender's grant covers.
    /// @return allowanceKey where the grant's allowance is kept; zero if the sender signed itself
    /// @return allowance the grant's allowance
    function _authorize(
        BrokerStorage.TicketBrokerStorage storage $,
        Context memory context,
        ITicketBroker.Redemption calldata redemption,
        bytes32 ticketHash
    ) private view returns (bytes32 allowanceKey, Allowance allowance, bytes memory failure) {
        address signer;
        (signer, failure) = _checkDraw(ticketHash, redemption);
        if (failure.length != 0) return (0, Allowance.wrap(0), failure);
        address sender = redemption.ticket.sender;
        bytes32 grantHash = redemption.ticket.grant;
        if (grantHash != 0) {
            allowanceKey = Grants.allowanceKey(sender, grantHash, signer);
            allowance = $.allowances[allowanceKey];
            failure = _checkGrant(allowance, context, redemption.ticket, signer);
        } else if (signer != sender) {
            failure = abi.encodeWithSelector(
                ITicketBroker.TicketBrokerWrongSigner.selector, ticketHash, signer, sender
            );
        }
    }

    /// @dev Whether the signer's grant covers the ticket.
    function _checkGrant(
        Allowance allowance,
        Context memory context,
        ITicketBroker.Ticket calldata ticket,
        address signer
    ) private view returns (bytes memory failure) {
        bytes32 grantHash = ticket.grant;
        uint256 created = ticket.creationRound;
        uint256 revocationRound = allowance.revocationRound();
        if (!allowance.isKnown()) {
            return abi.encodeWithSelector(
                ITicketBroker.TicketBrokerGrantUnknown.selector, ticket.sender, grantHash, signer
            );
        }
        uint256 start = RoundCache.startOf(context.clock, context.rounds, created);
        if (start > allowance.validUntil()) {
            failure = abi.encodeWithSelector(
                ITicketBroker.TicketBrokerGrantExpired.selector, grantHash, allowance.validUntil(), start
            );
        } else if (revocationRound != 0 && created > revocationRound) {
            failure = abi.encodeWithSelector(
                ITicketBroker.TicketBrokerGrantRevoked.selector, grantHash, revocationRound, created
            );
        } else if (
            (revocationRound != 0 || block.timestamp > allowance.validUntil())
                && !context.staking.isActiveAt(ticket.recipient, created)
        ) {
            // Whoever holds a key whose time is over could still date tickets back: not to an account of its own.
            failure = abi.encodeWithSelector(
                ITicketBroker.TicketBrokerGrantEnded.selector, grantHash, ticket.recipient
            );
        }
    }

    /// @dev Splits what is due over deposit (as far as the grant's cap goes) and reserve, burns escrow for what is missing
    /// if that is wanted, and writes it all down.
    function _pay(
        BrokerStorage.TicketBrokerStorage storage $,
        Context memory context,
        ITicketBroker.Ticket calldata ticket,
        uint256 allowed,
        Split memory split
    ) private returns (bytes memory) {
        BrokerStorage.Sender storage sender = $.senders[ticket.sender];
        (uint256 touched, Payment payment, uint256 paidBefore) = $.standing(split.touchedKey, split.ticketHash, ticket);
        if (paidBefore >= ticket.faceValue) {
            return abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketSpent.selector, split.ticketHash, paidBefore);
        }
        Purse purse = sender.purse;
        uint256 withdrawRound = purse.withdrawRound();
        if (withdrawRound != 0 && context.clock.round() >= withdrawRound) {
            return abi.encodeWithSelector(
                ITicketBroker.TicketBrokerSenderUnlocked.selector, ticket.sender, withdrawRound
            );
        }
        split.punished = payment.punished();
        split.due = ticket.faceValue - paidBefore;
        uint256 deposit = purse.deposit();
        split.fromDeposit = split.due < deposit ? split.due : deposit;
        if (allowed < split.fromDeposit) split.fromDeposit = allowed;
        if (split.fromDeposit < split.due) _splitShortfall($, context, sender, ticket, split);
        uint256 payout = _payoutOf(split);
        if (payout < context.minPayout || (payout == 0 && split.burn == 0)) {
            return abi.encodeWithSelector(
                ITicketBroker.TicketBrokerPayoutTooLow.selector, split.ticketHash, payout, context.minPayout
            );
        }
        $.touched[split.touchedKey] = touched | TouchedTickets.bitOf(ticket.nonce);
        // What is paid whole at once, with nothing on record, is told by its bit alone.
        if (payout != ticket.faceValue || Payment.unwrap(payment) != 0) {
            $.payments[split.ticketHash] = makePayment(paidBefore + payout, split.punished);
        }
        if (split.fromDeposit != 0) sender.purse = purse.withDeposit(deposit - split.fromDeposit);
        if (split.fromReserve != 0) _takeReserve($, sender, ticket, split.fromReserve);
        if (split.burn != 0) _takeEscrow($, context, sender, ticket, split);
        return "";
    }

    /// @dev Deposit or cap do not cover what is due: how much the recipient's designation adds, and how much escrow goes for
    /// the rest. A shortfall is punished once: the same ticket shown again burns only for what is missing beyond it.
    function _splitShortfall(
        BrokerStorage.TicketBrokerStorage storage $,
        Context memory context,
        BrokerStorage.Sender storage sender,
        ITicketBroker.Ticket calldata ticket,
        Split memory split
    ) private view {
        uint256 missing = split.due - split.fromDeposit;
        uint256 claimable = $.designations[ticket.sender][sender.purse.generation()][ticket.recipient].claimable(
            context.clock.round(), context.clock.longestValidity()
        );
        split.fromReserve = missing < claimable ? missing : claimable;
        missing -= split.fromReserve;
        if (missing > type(uint128).max) missing = type(uint128).max;
        if (!context.punishing || missing <= split.punished) return;
        uint256 burn = context.clock.escrowBurnShare().partOf(missing - split.punished);
        uint256 escrow = sender.escrow;
        if (split.allowanceKey != 0) {
            uint256 burned = $.escrowBurned[split.allowanceKey];
            uint256 capLeft = context.escrowCap > burned ? context.escrowCap - burned : 0;
            if (capLeft < escrow) escrow = capLeft;
        }
        split.burn = burn < escrow ? burn : escrow;
        if (split.burn != 0) split.punished = missing;
    }

    function _takeReserve(
        BrokerStorage.TicketBrokerStorage storage $,
        BrokerStorage.Sender storage sender,
        ITicketBroker.Ticket calldata ticket,
        uint256 claim
    ) private {
        $.designations[ticket.sender][sender.purse.generation()][ticket.recipient].claimFrom(claim);
        uint128 reserve = sender.reserve - uint128(claim);
        sender.reserve = reserve;
        sender.committed -= uint128(claim);
        emit ITicketBroker.ReserveClaimed(ticket.sender, ticket.recipient, claim, reserve);
    }

    function _takeEscrow(
        BrokerStorage.TicketBrokerStorage storage $,
        Context memory context,
        BrokerStorage.Sender storage sender,
        ITicketBroker.Ticket calldata ticket,
        Split memory split
    ) private {
        uint128 escrow = sender.escrow - uint128(split.burn);
        sender.escrow = escrow;
        context.burned += split.burn;
        ++context.penalties;
        if (split.allowanceKey != 0) $.escrowBurned[split.allowanceKey] += split.burn;
        uint256 shortfall = split.due - split.fromDeposit - split.fromReserve;
        emit ITicketBroker.EscrowBurned(ticket.sender, split.ticketHash, shortfall, split.burn, escrow);
    }

    /// @dev Both are parts of what is due, so their sum fits.
    function _payoutOf(Split memory split) private pure returns (uint256) {
        unchecked {
            return split.fromDeposit + split.fromReserve;
        }
    }
}
