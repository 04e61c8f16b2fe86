// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SenderAccounts} from "./SenderAccounts.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {ITicketBroker} from "./interfaces/ITicketBroker.sol";
import {BrokerStorage} from "./libraries/BrokerStorage.sol";
import {Grants} from "./libraries/Grants.sol";
import {Redemptions} from "./libraries/Redemptions.sol";
import {RoundCache} from "./libraries/RoundCache.sol";
import {StreamflowDomain} from "./libraries/StreamflowDomain.sol";
import {TicketHashes} from "./libraries/TicketHashes.sol";
import {Clock} from "./types/Clock.sol";
import {Ppm} from "./types/Ppm.sol";

/// @title TicketBroker
/// @notice Holds what broadcasters put up and pays winning tickets out of it; see {ITicketBroker}.
/// @dev The contract's ether is the sum of all deposits, reserves and escrows; fees move to {IStaking} as they are
/// earned. Pausing stops funding, designating and registering a grant by itself. It does not stop redeeming: a ticket
/// dies with its round, so holding it up would take an orchestrator's earnings.
contract TicketBroker is SenderAccounts {
    using Grants for BrokerStorage.TicketBrokerStorage;
    using Redemptions for BrokerStorage.TicketBrokerStorage;
    using RoundCache for BrokerStorage.TicketBrokerStorage;

    /// @dev Payouts of a batch to one orchestrator that are booked together.
    struct Booking {
        address orchestrator;
        uint32 feeShare;
        uint256 round;
        uint256 amount;
    }

    /// @notice Where burned escrow goes.
    address public constant BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;

    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IStaking private immutable _staking;

    /// @param rounds proxy of {IRounds}
    /// @param staking proxy of {IStaking}
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(address rounds, address staking) SenderAccounts(rounds) {
        _staking = IStaking(staking);
    }

    /// @param authority the AccessManager
    /// @param ticketValidityPeriod_ rounds a ticket lives
    /// @param unlockPeriod_ rounds between unlock and withdrawal
    /// @param escrowBurnShare_ parts per million of a shortfall burned from the escrow
    function initialize(
        address authority,
        uint256 ticketValidityPeriod_,
        uint256 unlockPeriod_,
        uint32 escrowBurnShare_
    ) external initializer {
        __Governed_init(authority);
        _setParameters(ticketValidityPeriod_, unlockPeriod_, escrowBurnShare_);
    }

    /// @inheritdoc ITicketBroker
    function registerGrant(SignedGrant calldata grant) external whenNotPaused {
        _revertIf(BrokerStorage.load().register(grant, domainSeparator()));
    }

    /// @inheritdoc ITicketBroker
    function revokeGrant(bytes32 grantHash) external {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        $.revoke(grantHash, $.refresh(_rounds).round());
    }

    /// @inheritdoc ITicketBroker
    function redeem(Redemption calldata redemption, uint256 minPayout) external returns (uint256 paid) {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        return _redeem($, _context($), redemption, minPayout);
    }

    /// @inheritdoc ITicketBroker
    function redeemWithGrant(Redemption calldata redemption, uint256 minPayout, SignedGrant calldata grant)
        external
        returns (uint256 paid)
    {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        Redemptions.Context memory context = _context($);
        _revertIf($.register(grant, context.domainSeparator));
        return _redeem($, context, redemption, minPayout);
    }

    /// @inheritdoc ITicketBroker
    function redeemBatch(
        Redemption[] calldata redemptions,
        uint256[] calldata minPayouts,
        SignedGrant[] calldata grants
    ) external returns (uint256[] memory paid) {
        if (redemptions.length != minPayouts.length) {
            revert TicketBrokerLengthMismatch(redemptions.length, minPayouts.length);
        }
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        Redemptions.Context memory context = _context($);
        for (uint256 i = 0; i < grants.length; ++i) {
            $.register(grants[i], context.domainSeparator);
        }
        paid = new uint256[](redemptions.length);
        Booking[] memory bookings = new Booking[](redemptions.length);
        uint256 booked = 0;
        for (uint256 i = 0; i < redemptions.length; ++i) {
            bytes memory failure;
            (paid[i], failure) = $.settle(context, redemptions[i], minPayouts[i]);
            if (failure.length != 0) emit RedemptionRefused(i, failure);
            else if (paid[i] != 0) booked = _collect(bookings, booked, redemptions[i].ticket, paid[i]);
        }
        for (uint256 i = 0; i < booked; ++i) {
            Booking memory booking = bookings[i];
            _staking.bookFees{value: booking.amount}(booking.orchestrator, booking.round, booking.feeShare);
        }
        _burn(context.burned);
    }

    /// @inheritdoc ITicketBroker
    function setParameters(uint256 newTicketValidityPeriod, uint256 newUnlockPeriod, uint32 newEscrowBurnShare)
        external
        restricted
    {
        _setParameters(newTicketValidityPeriod, newUnlockPeriod, newEscrowBurnShare);
    }

    /// @inheritdoc ITicketBroker
    function senderStanding(address sender, address orchestrator, bytes32 grantHash)
        external
        view
        returns (SenderStanding memory standing)
    {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        Clock clock = $.peek(_rounds);
        standing.info = senderInfo(sender);
        standing.claimableReserve = _claimable($, clock, sender, orchestrator);
        standing.committedReserve = $.senders[sender].committed;
        standing.grant = $.info(sender, grantHash);
        standing.currentRound = clock.round();
        standing.lastInitializedRound = _rounds.lastInitializedRound();
        standing.lastInitializedBlockHash = _rounds.blockHashForRound(standing.lastInitializedRound);
        standing.ticketValidityPeriod = clock.ticketValidityPeriod();
    }

    /// @inheritdoc ITicketBroker
    function grantInfo(address sender, bytes32 grantHash) external view returns (GrantInfo memory) {
        return BrokerStorage.load().info(sender, grantHash);
    }

    /// @inheritdoc ITicketBroker
    function ticketPaid(bytes32 ticketHash) external view returns (uint256) {
        return BrokerStorage.load().payments[ticketHash].paid();
    }

    /// @inheritdoc ITicketBroker
    function hashTicket(Ticket calldata ticket) external view returns (bytes32) {
        return TicketHashes.hashTicket(ticket, domainSeparator());
    }

    /// @inheritdoc ITicketBroker
    function hashGrant(SessionGrant calldata grant) external view returns (bytes32) {
        return TicketHashes.hashGrant(grant, domainSeparator());
    }

    /// @inheritdoc ITicketBroker
    function ticketValidityPeriod() external view returns (uint256) {
        return BrokerStorage.load().clock.ticketValidityPeriod();
    }

    /// @inheritdoc ITicketBroker
    function unlockPeriod() external view returns (uint256) {
        return BrokerStorage.load().clock.unlockPeriod();
    }

    /// @inheritdoc ITicketBroker
    function escrowBurnShare() external view returns (uint32) {
        return Ppm.unwrap(BrokerStorage.load().clock.escrowBurnShare());
    }

    /// @inheritdoc ITicketBroker
    function domainSeparator() public view returns (bytes32) {
        return StreamflowDomain.separator(address(this));
    }

    function _redeem(
        BrokerStorage.TicketBrokerStorage storage $,
        Redemptions.Context memory context,
        Redemption calldata redemption,
        uint256 minPayout
    ) private returns (uint256 paid) {
        bytes memory failure;
        (paid, failure) = $.settle(context, redemption, minPayout);
        _revertIf(failure);
        Ticket calldata ticket = redemption.ticket;
        if (paid != 0) _staking.bookFees{value: paid}(ticket.recipient, ticket.creationRound, ticket.feeShare);
        _burn(context.burned);
    }

    function _context(BrokerStorage.TicketBrokerStorage storage $) private returns (Redemptions.Context memory) {
        return Redemptions.Context({
            clock: $.refresh(_rounds),
            domainSeparator: domainSeparator(),
            rounds: _rounds,
            burned: 0
        });
    }

    function _burn(uint256 amount) private {
        if (amount != 0) Address.sendValue(payable(BURN_ADDRESS), amount);
    }

    function _setParameters(uint256 newValidity, uint256 newUnlock, uint32 newBurnShare) private {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        Clock clock = $.clock;
        Ppm burnShare = Ppm.wrap(newBurnShare);
        uint256 unbonding = _staking.unbondingPeriod();
        if (
            newValidity == 0 || newValidity > newUnlock || newValidity > _staking.feeWindow() || newUnlock > unbonding
                || newUnlock > type(uint16).max || !burnShare.isValid()
        ) revert TicketBrokerInvalidParameters(newValidity, newUnlock, unbonding, newBurnShare);
        emit ParametersChanged(
            clock.ticketValidityPeriod(),
            newValidity,
            clock.unlockPeriod(),
            newUnlock,
            Ppm.unwrap(clock.escrowBurnShare()),
            newBurnShare
        );
        $.clock = clock.withParameters(newValidity, newUnlock, burnShare);
    }

    /// @dev Adds a payout to the booking of its orchestrator, round and fee share; neighbours are found at once.
    function _collect(Booking[] memory bookings, uint256 booked, Ticket calldata ticket, uint256 amount)
        private
        pure
        returns (uint256)
    {
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

    /// @dev Reverts with an ABI-encoded error, if there is one.
    function _revertIf(bytes memory failure) private pure {
        if (failure.length == 0) return;
        // Solidity cannot revert with bytes it was given.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            revert(add(failure, 0x20), mload(failure))
        }
    }
}
