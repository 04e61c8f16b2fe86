// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SenderAccounts} from "./SenderAccounts.sol";
import {IServiceRegistry} from "./interfaces/IServiceRegistry.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {ITicketBroker} from "./interfaces/ITicketBroker.sol";
import {Batches} from "./libraries/Batches.sol";
import {BrokerParameters} from "./libraries/BrokerParameters.sol";
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
/// earned. Pausing stops funding, designating and registering a grant by itself. Redeeming has a breaker of its
/// own: a ticket dies with its round, so what it was held up is added to its life.
contract TicketBroker is SenderAccounts {
    using Batches for BrokerStorage.TicketBrokerStorage;
    using BrokerParameters for BrokerStorage.TicketBrokerStorage;
    using Grants for BrokerStorage.TicketBrokerStorage;
    using Redemptions for BrokerStorage.TicketBrokerStorage;
    using RoundCache for BrokerStorage.TicketBrokerStorage;

    /// @notice Where burned escrow goes.
    address public constant BURN_ADDRESS = Batches.BURN_ADDRESS;

    /// @notice Gas for which whoever executes a penalty is paid, per ticket.
    uint256 public constant PENALTY_GAS = Batches.PENALTY_GAS;
    /// @notice Part of what is burned that whoever executes a penalty gets beside it, in parts per million.
    uint256 public constant EXECUTOR_SHARE = Batches.EXECUTOR_SHARE;

    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IStaking private immutable _staking;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IServiceRegistry private immutable _registry;

    /// @param rounds proxy of {IRounds}
    /// @param staking proxy of {IStaking}
    /// @param registry proxy of {IServiceRegistry}
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(address rounds, address staking, address registry) SenderAccounts(rounds) {
        _staking = IStaking(staking);
        _registry = IServiceRegistry(registry);
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
        BrokerStorage.load().setParameters(
            _rounds, _staking, ticketValidityPeriod_, unlockPeriod_, escrowBurnShare_
        );
    }

    /// @inheritdoc ITicketBroker
    function registerGrant(SignedGrant calldata grant) external whenNotPaused {
        _revertIf(BrokerStorage.load().register(grant, domainSeparator()));
    }

    /// @inheritdoc ITicketBroker
    function revokeGrant(SessionGrant calldata grant) external {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        $.revoke(grant, domainSeparator(), $.refresh(_rounds).round());
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
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        return $.redeemBatch(_context($), redemptions, minPayouts, grants);
    }

    /// @inheritdoc ITicketBroker
    function redeemAndPunish(Redemption[] calldata redemptions, SignedGrant[] calldata grants)
        external
        returns (uint256[] memory paid, uint256 reward)
    {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        return $.redeemAndPunish(_context($), _registry, redemptions, grants);
    }

    /// @inheritdoc ITicketBroker
    function haltRedemption() external restricted {
        BrokerStorage.load().halt(_rounds);
    }

    /// @inheritdoc ITicketBroker
    function resumeRedemption() external restricted {
        BrokerStorage.load().resume(_rounds);
    }

    /// @inheritdoc ITicketBroker
    function setParameters(uint256 newTicketValidityPeriod, uint256 newUnlockPeriod, uint32 newEscrowBurnShare)
        external
        restricted
    {
        BrokerStorage.load().setParameters(
            _rounds, _staking, newTicketValidityPeriod, newUnlockPeriod, newEscrowBurnShare
        );
    }

    /// @inheritdoc ITicketBroker
    function senderStanding(address sender, address orchestrator, bytes32 grantHash, address key)
        external
        view
        returns (SenderStanding memory standing)
    {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        Clock clock = $.peek(_rounds);
        standing.info = senderInfo(sender);
        standing.committedReserve = $.senders[sender].committed;
        standing.grant = $.info(sender, grantHash, key);
        standing.currentRound = clock.round();
        standing.lastInitializedRound = _rounds.lastInitializedRound();
        standing.claimableReserve = _claimable($, clock, sender, orchestrator, clock.round());
        standing.lastingReserve = _claimable(
            $, clock, sender, orchestrator, standing.lastInitializedRound + clock.ticketValidityPeriod() - 1
        );
        standing.lastInitializedBlockHash = _rounds.blockHashForRound(standing.lastInitializedRound);
        standing.ticketValidityPeriod = clock.ticketValidityPeriod();
    }

    /// @inheritdoc ITicketBroker
    function grantInfo(address sender, bytes32 grantHash, address key) external view returns (GrantInfo memory) {
        return BrokerStorage.load().info(sender, grantHash, key);
    }

    /// @inheritdoc ITicketBroker
    function ticketPaid(Ticket calldata ticket, bytes calldata signature) external view returns (uint256) {
        return BrokerStorage.load().paidOf(domainSeparator(), ticket, signature);
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
    function redemptionHalted() external view returns (bool) {
        return BrokerStorage.load().clock.halted();
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
        context.minPayout = minPayout;
        (paid, failure) = $.settle(context, redemption);
        _revertIf(failure);
        Ticket calldata ticket = redemption.ticket;
        _staking.bookFees{value: paid}(ticket.recipient, ticket.creationRound, ticket.feeShare);
    }

    function _context(BrokerStorage.TicketBrokerStorage storage $) private returns (Redemptions.Context memory) {
        Clock clock = $.refresh(_rounds);
        if (clock.halted()) revert TicketBrokerRedemptionHalted();
        return Redemptions.Context({
            clock: clock,
            domainSeparator: domainSeparator(),
            rounds: _rounds,
            staking: _staking,
            burned: 0,
            penalties: 0,
            minPayout: 0,
            punishing: false,
            escrowCap: 0
        });
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
