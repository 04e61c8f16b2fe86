// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governed} from "./Governed.sol";
import {IRounds} from "./interfaces/IRounds.sol";
import {ITicketBroker} from "./interfaces/ITicketBroker.sol";
import {BrokerStorage} from "./libraries/BrokerStorage.sol";
import {Designating} from "./libraries/Designating.sol";
import {Reserves} from "./libraries/Reserves.sol";
import {RoundCache} from "./libraries/RoundCache.sol";
import {Clock} from "./types/Clock.sol";

/// @title SenderAccounts
/// @notice The half of the TicketBroker that belongs to broadcasters: funding, designating a reserve, unlocking,
/// withdrawing; see {ITicketBroker}. Nobody but the owner of an account moves anything in it but its deposit, up.
abstract contract SenderAccounts is ITicketBroker, Governed {
    using Designating for BrokerStorage.TicketBrokerStorage;
    using Reserves for BrokerStorage.Designation;
    using RoundCache for BrokerStorage.TicketBrokerStorage;

    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IRounds internal immutable _rounds;

    /// @param rounds proxy of {IRounds}
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(address rounds) {
        _rounds = IRounds(rounds);
    }

    /// @inheritdoc ITicketBroker
    function fundDeposit() external payable {
        fundDepositAndReserve(msg.value, 0, 0);
    }

    /// @inheritdoc ITicketBroker
    function fundReserve() external payable {
        fundDepositAndReserve(0, msg.value, 0);
    }

    /// @inheritdoc ITicketBroker
    function fundEscrow() external payable {
        fundDepositAndReserve(0, 0, msg.value);
    }

    /// @inheritdoc ITicketBroker
    function fundDepositFor(address sender) external payable whenNotPaused {
        if (sender == address(0)) revert TicketBrokerZeroSender();
        if (msg.value == 0) revert TicketBrokerWrongValue(0, 0);
        _addDeposit(BrokerStorage.load().senders[sender], sender, msg.value);
    }

    /// @inheritdoc ITicketBroker
    function fundReserveFor(address sender) external payable whenNotPaused {
        if (sender == address(0)) revert TicketBrokerZeroSender();
        if (msg.value == 0) revert TicketBrokerWrongValue(0, 0);
        _addReserve(BrokerStorage.load().senders[sender], sender, msg.value);
    }

    /// @inheritdoc ITicketBroker
    function designateReserve(address[] calldata orchestrators, uint256[] calldata amounts) external whenNotPaused {
        BrokerStorage.load().designateReserve(_rounds, orchestrators, amounts);
    }

    /// @inheritdoc ITicketBroker
    function unlock() external {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        BrokerStorage.Sender storage sender = $.senders[msg.sender];
        uint256 running = sender.purse.withdrawRound();
        if (running != 0) revert TicketBrokerUnlockInProgress(msg.sender, running);
        if (_isEmpty(sender)) revert TicketBrokerNoFunds(msg.sender);
        Clock clock = $.refresh(_rounds);
        // Never before a ticket that is alive has expired, whatever its life was when it was made.
        uint256 wait = clock.longestValidity();
        if (wait < clock.unlockPeriod()) wait = clock.unlockPeriod();
        uint256 withdrawRound = clock.round() + wait;
        sender.purse = sender.purse.withWithdrawRound(withdrawRound);
        emit Unlocked(msg.sender, clock.round(), withdrawRound);
    }

    /// @inheritdoc ITicketBroker
    function cancelUnlock() external {
        BrokerStorage.Sender storage sender = BrokerStorage.load().senders[msg.sender];
        if (sender.purse.withdrawRound() == 0) revert TicketBrokerNotUnlocking(msg.sender);
        _cancelUnlock(sender);
    }

    /// @inheritdoc ITicketBroker
    function withdraw() external {
        BrokerStorage.Sender storage sender = _unlocked();
        if (_isEmpty(sender)) revert TicketBrokerNoFunds(msg.sender);
        _withdraw(sender, msg.sender, sender.purse.deposit(), sender.reserve, sender.escrow);
    }

    /// @inheritdoc ITicketBroker
    function withdrawTo(address recipient, uint256 deposit, uint256 reserve, uint256 escrow) external {
        if (recipient == address(0)) revert TicketBrokerZeroRecipient();
        _withdraw(_unlocked(), recipient, deposit, reserve, escrow);
    }

    /// @inheritdoc ITicketBroker
    function claimableReserve(address sender, address orchestrator) external view returns (uint256) {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        Clock clock = $.peek(_rounds);
        return _claimable($, clock, sender, orchestrator, clock.round());
    }

    /// @inheritdoc ITicketBroker
    function claimableReserveUntil(address sender, address orchestrator, uint256 lastRound)
        external
        view
        returns (uint256)
    {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        return _claimable($, $.peek(_rounds), sender, orchestrator, lastRound);
    }

    /// @inheritdoc ITicketBroker
    function committedReserve(address sender) external view returns (uint256) {
        return BrokerStorage.load().senders[sender].committed;
    }

    /// @inheritdoc ITicketBroker
    function fundDepositAndReserve(uint256 deposit, uint256 reserve, uint256 escrow) public payable whenNotPaused {
        // Checked one by one: an overflowing sum reverts, a wrong one is named.
        if (msg.value == 0 || deposit + reserve + escrow != msg.value) {
            revert TicketBrokerWrongValue(msg.value, deposit + reserve + escrow);
        }
        BrokerStorage.Sender storage sender = BrokerStorage.load().senders[msg.sender];
        if (deposit != 0) _addDeposit(sender, msg.sender, deposit);
        if (reserve != 0) _addReserve(sender, msg.sender, reserve);
        if (escrow != 0) {
            uint128 grown = sender.escrow + uint128(escrow);
            sender.escrow = grown;
            emit EscrowFunded(msg.sender, escrow, grown);
        }
        if (sender.purse.withdrawRound() != 0) _cancelUnlock(sender);
    }

    /// @inheritdoc ITicketBroker
    function senderInfo(address sender) public view returns (SenderInfo memory) {
        BrokerStorage.Sender storage stored = BrokerStorage.load().senders[sender];
        return SenderInfo({
            deposit: stored.purse.deposit(),
            reserve: stored.reserve,
            escrow: stored.escrow,
            withdrawRound: stored.purse.withdrawRound()
        });
    }

    function _addDeposit(BrokerStorage.Sender storage sender, address account, uint256 amount) private {
        // In 128 bits, so that it reverts rather than reach into its neighbour.
        uint128 grown = uint128(sender.purse.deposit()) + uint128(amount);
        sender.purse = sender.purse.withDeposit(grown);
        emit DepositFunded(account, msg.sender, amount, grown);
    }

    function _addReserve(BrokerStorage.Sender storage sender, address account, uint256 amount) private {
        uint128 grown = sender.reserve + uint128(amount);
        sender.reserve = grown;
        emit ReserveFunded(account, msg.sender, amount, grown);
    }

    /// @dev The caller's account, if its unlock has run out.
    function _unlocked() private returns (BrokerStorage.Sender storage sender) {
        BrokerStorage.TicketBrokerStorage storage $ = BrokerStorage.load();
        sender = $.senders[msg.sender];
        uint256 withdrawRound = sender.purse.withdrawRound();
        if (withdrawRound == 0) revert TicketBrokerNotUnlocking(msg.sender);
        uint256 round = $.refresh(_rounds).round();
        if (round < withdrawRound) revert TicketBrokerStillLocked(msg.sender, withdrawRound, round);
    }

    /// @dev The account stays unlocked while something is in it, and is as new when nothing is.
    function _withdraw(
        BrokerStorage.Sender storage sender,
        address recipient,
        uint256 deposit,
        uint256 reserve,
        uint256 escrow
    ) private {
        uint256 held = sender.purse.deposit();
        if (deposit > held) revert TicketBrokerInsufficientFunds(msg.sender, held, deposit);
        if (reserve > sender.reserve) revert TicketBrokerInsufficientFunds(msg.sender, sender.reserve, reserve);
        if (escrow > sender.escrow) revert TicketBrokerInsufficientFunds(msg.sender, sender.escrow, escrow);
        uint256 amount = deposit + reserve + escrow;
        if (amount == 0) revert TicketBrokerNoFunds(msg.sender);
        sender.purse = sender.purse.withDeposit(held - deposit);
        sender.escrow -= uint128(escrow);
        if (reserve != 0) {
            sender.purse = sender.purse.nextGeneration();
            (sender.reserve, sender.committed) = (sender.reserve - uint128(reserve), 0);
        }
        if (_isEmpty(sender)) sender.purse = sender.purse.nextGeneration().withWithdrawRound(0);
        emit Withdrawn(msg.sender, recipient, deposit, reserve, escrow);
        // Last, with everything settled: the receiver may call back and finds what is left.
        (bool sent,) = recipient.call{value: amount}("");
        if (!sent) revert TicketBrokerTransferFailed(recipient, amount);
    }

    function _cancelUnlock(BrokerStorage.Sender storage sender) private {
        emit UnlockCancelled(msg.sender, sender.purse.withdrawRound());
        sender.purse = sender.purse.withWithdrawRound(0);
    }

    function _claimable(
        BrokerStorage.TicketBrokerStorage storage $,
        Clock clock,
        address sender,
        address orchestrator,
        uint256 lastRound
    ) internal view returns (uint256) {
        return $.designations[sender][$.senders[sender].purse.generation()][orchestrator].claimableUntil(
            clock.round(), lastRound, clock.longestValidity()
        );
    }

    function _isEmpty(BrokerStorage.Sender storage sender) private view returns (bool) {
        return sender.purse.deposit() == 0 && sender.reserve == 0 && sender.escrow == 0;
    }
}
