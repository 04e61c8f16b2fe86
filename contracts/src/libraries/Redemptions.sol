// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IRounds} from "../interfaces/IRounds.sol";
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

/// @title Redemptions
/// @notice Judges a winning ticket and takes what it pays off its sender's funds.
/// @dev Never reverts for what a ticket says: a refusal is returned as the ABI-encoded error, so that a batch can pass
/// over it. Everything is checked before anything is written. Moves no ether.
library Redemptions {
    using Reserves for BrokerStorage.Designation;

    /// @dev What all tickets of one transaction share.
    /// @param clock the rounds and parameters in force
    /// @param domainSeparator EIP-712 domain
    /// @param rounds whom to ask for what is not cached
    /// @param burned escrow to burn at the end, in wei
    struct Context {
        Clock clock;
        bytes32 domainSeparator;
        IRounds rounds;
        uint256 burned;
    }

    /// @dev How a payout is made up, in wei.
    /// @param due what the ticket may still be paid
    /// @param fromDeposit part taken from the deposit
    /// @param fromReserve part taken from the reserve
    /// @param burn escrow to burn
    /// @param punished largest shortfall of the ticket for which escrow is burned
    struct Split {
        uint256 due;
        uint256 fromDeposit;
        uint256 fromReserve;
        uint256 burn;
        uint256 punished;
    }

    /// @notice Settles one redemption.
    /// @param minPayout refuse if less can be paid
    /// @return payout wei to hand to the recipient
    /// @return failure empty, or the ABI-encoded error for which nothing was done
    function settle(
        BrokerStorage.TicketBrokerStorage storage $,
        Context memory context,
        ITicketBroker.Redemption calldata redemption,
        uint256 minPayout
    ) internal returns (uint256 payout, bytes memory failure) {
        failure = _checkTicket($, context, redemption);
        if (failure.length != 0) return (0, failure);
        bytes32 ticketHash = TicketHashes.hashTicket(redemption.ticket, context.domainSeparator);
        (bytes32 allowanceKey, Allowance allowance, bytes memory refusal) =
            _authorize($, context, redemption, ticketHash);
        if (refusal.length != 0) return (0, refusal);
        uint256 allowed = allowanceKey == 0 ? type(uint256).max : allowance.left();
        (payout, failure) = _pay($, context, redemption.ticket, ticketHash, allowed, minPayout);
        if (failure.length != 0) return (0, failure);
        if (allowanceKey != 0) $.allowances[allowanceKey] = allowance.spend(payout);
        _log(redemption.ticket, ticketHash, payout, redemption.recipientRand);
    }

    function _log(
        ITicketBroker.Ticket calldata ticket,
        bytes32 ticketHash,
        uint256 payout,
        uint256 recipientRand
    ) private {
        emit ITicketBroker.WinningTicketRedeemed(
            ticket.sender,
            ticket.recipient,
            ticketHash,
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
        if (created <= current && current - created >= context.clock.ticketValidityPeriod()) {
            return abi.encodeWithSelector(
                ITicketBroker.TicketBrokerTicketExpired.selector,
                created,
                context.clock.ticketValidityPeriod(),
                current
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
        if (keccak256(abi.encode(redemption.recipientRand)) != ticket.recipientRandHash) {
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
        if (redemption.grantHash != 0) {
            allowanceKey = Grants.allowanceKey(sender, redemption.grantHash, signer);
            allowance = $.allowances[allowanceKey];
            failure = _checkGrant(allowance, context, redemption, signer);
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
        ITicketBroker.Redemption calldata redemption,
        address signer
    ) private view returns (bytes memory failure) {
        bytes32 grantHash = redemption.grantHash;
        uint256 created = redemption.ticket.creationRound;
        if (!allowance.isKnown()) {
            return abi.encodeWithSelector(
                ITicketBroker.TicketBrokerGrantUnknown.selector, redemption.ticket.sender, grantHash, signer
            );
        }
        uint256 start = RoundCache.startOf(context.clock, context.rounds, created);
        if (start > allowance.validUntil()) {
            failure = abi.encodeWithSelector(
                ITicketBroker.TicketBrokerGrantExpired.selector, grantHash, allowance.validUntil(), start
            );
        } else if (allowance.revocationRound() != 0 && created > allowance.revocationRound()) {
            failure = abi.encodeWithSelector(
                ITicketBroker.TicketBrokerGrantRevoked.selector, grantHash, allowance.revocationRound(), created
            );
        } else if (allowance.left() == 0) {
            failure = abi.encodeWithSelector(
                ITicketBroker.TicketBrokerGrantExhausted.selector, grantHash, allowance.spendCap()
            );
        }
    }

    /// @dev Splits what is due over deposit and reserve, burns escrow for what is missing, and writes it all down.
    function _pay(
        BrokerStorage.TicketBrokerStorage storage $,
        Context memory context,
        ITicketBroker.Ticket calldata ticket,
        bytes32 ticketHash,
        uint256 allowed,
        uint256 minPayout
    ) private returns (uint256 payout, bytes memory failure) {
        BrokerStorage.Sender storage sender = $.senders[ticket.sender];
        Payment payment = $.payments[ticketHash];
        if (payment.paid() >= ticket.faceValue) {
            failure =
                abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketSpent.selector, ticketHash, payment.paid());
            return (0, failure);
        }
        Purse purse = sender.purse;
        uint256 withdrawRound = purse.withdrawRound();
        if (withdrawRound != 0 && context.clock.round() >= withdrawRound) {
            failure = abi.encodeWithSelector(
                ITicketBroker.TicketBrokerSenderUnlocked.selector, ticket.sender, withdrawRound
            );
            return (0, failure);
        }
        Split memory split;
        split.punished = payment.punished();
        split.due = ticket.faceValue - payment.paid();
        if (allowed < split.due) split.due = allowed;
        uint256 deposit = purse.deposit();
        split.fromDeposit = split.due < deposit ? split.due : deposit;
        if (split.fromDeposit < split.due) _splitShortfall($, context, sender, ticket, split);
        payout = split.fromDeposit + split.fromReserve;
        if (payout < minPayout || (payout == 0 && split.burn == 0)) {
            failure = abi.encodeWithSelector(
                ITicketBroker.TicketBrokerPayoutTooLow.selector, ticketHash, payout, minPayout
            );
            return (0, failure);
        }
        $.payments[ticketHash] = makePayment(payment.paid() + payout, split.punished);
        if (split.fromDeposit != 0) sender.purse = purse.withDeposit(deposit - split.fromDeposit);
        if (split.fromReserve != 0) _takeReserve($, sender, ticket, split.fromReserve);
        if (split.burn != 0) _takeEscrow(context, sender, ticket, ticketHash, split);
    }

    /// @dev The deposit does not cover what is due: how much the reserve adds, and how much escrow goes for the rest.
    /// A shortfall is punished once: the same ticket shown again burns only for what is missing beyond it.
    function _splitShortfall(
        BrokerStorage.TicketBrokerStorage storage $,
        Context memory context,
        BrokerStorage.Sender storage sender,
        ITicketBroker.Ticket calldata ticket,
        Split memory split
    ) private view {
        uint256 missing = split.due - split.fromDeposit;
        uint256 claimable = $.designations[ticket.sender][sender.purse.generation()][ticket.recipient].claimable(
            context.clock.round(), context.clock.ticketValidityPeriod()
        );
        split.fromReserve = missing < claimable ? missing : claimable;
        missing -= split.fromReserve;
        if (missing > type(uint128).max) missing = type(uint128).max;
        if (missing <= split.punished) return;
        uint256 burn = context.clock.escrowBurnShare().partOf(missing - split.punished);
        uint256 escrow = sender.escrow;
        split.burn = burn < escrow ? burn : escrow;
        split.punished = missing;
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
        Context memory context,
        BrokerStorage.Sender storage sender,
        ITicketBroker.Ticket calldata ticket,
        bytes32 ticketHash,
        Split memory split
    ) private {
        uint128 escrow = sender.escrow - uint128(split.burn);
        sender.escrow = escrow;
        context.burned += split.burn;
        uint256 shortfall = split.due - split.fromDeposit - split.fromReserve;
        emit ITicketBroker.EscrowBurned(ticket.sender, ticketHash, shortfall, split.burn, escrow);
    }
}
