// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {IRounds} from "../../src/interfaces/IRounds.sol";
import {BrokerFixture} from "../helpers/BrokerFixture.sol";

/// @notice Failures of the deployed ancestors that concern tickets and rounds: each was real there and is impossible here.
contract BrokerFailuresTest is BrokerFixture {
    address private attacker = makeAddr("attacker");
    address private honest = makeAddr("honest orchestrator");

    function setUp() public override {
        super.setUp();
        vm.deal(attacker, 100 ether);
    }

    /// @dev Ancestor: anyone funded an empty sender with 1 wei and submitted its winner; the orchestrator got 1 wei and
    /// the ticket was burned.
    function test_failure_DustGriefing() public {
        ITicketBroker.Redemption memory redemption = winner(5 ether);
        vm.startPrank(attacker);
        broker.fundDepositFor{value: 1}(sender);
        assertEq(broker.redeem(redemption, 0), 1);
        vm.stopPrank();
        fund(5 ether, 0, 0);
        assertEq(broker.redeem(redemption, 5 ether - 1), 5 ether - 1);
        assertEq(staking.pendingFees(recipient), 5 ether);
    }

    /// @dev Ancestor: a redemption paid what little was there, or nothing, and marked the ticket as used.
    function test_failure_PartialPayoutBurnsTheTicket() public {
        fund(0.04 ether, 0, 0);
        ITicketBroker.Redemption memory redemption = winner(5 ether);
        assertEq(broker.redeem(redemption, 0), 0.04 ether);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerPayoutTooLow.selector);
        broker.redeem(redemption, 0);
        fund(10 ether, 0, 0);
        assertEq(broker.redeem(redemption, 0), 4.96 ether);
    }

    /// @dev Ancestor: who may claim was read from one set and how much from another; when the set grew or shrank within a
    /// round, the claim underflowed and the winner was lost. Here an allocation does not depend on any set.
    function test_failure_ReserveDivisorMismatch() public {
        fund(1 ether, 4 ether, 0);
        designate(recipient, 2 ether);
        nextRound();
        assertEq(broker.redeem(winner(3 ether), 3 ether), 3 ether);
        for (uint256 i = 1; i <= 3; ++i) {
            designate(address(uint160(i)), i == 1 ? 2 ether : 0);
        }
        fund(1 ether, 0, 0);
        assertEq(broker.claimableReserve(sender, recipient), 0);
        assertEq(broker.redeem(winner(1 ether), 1 ether), 1 ether, "the deposit pays although the reserve is spent");
    }

    /// @dev Ancestor: a third party reset a sender's withdrawal clock by funding it.
    function test_failure_ForcedCancelUnlock() public {
        fund(1 ether, 0, 0);
        vm.prank(sender);
        broker.unlock();
        vm.prank(attacker);
        broker.fundDepositFor{value: 1}(sender);
        assertEq(broker.senderInfo(sender).withdrawRound, 3);
        nextRounds(UNLOCK);
        vm.prank(sender);
        broker.withdraw();
        assertEq(sender.balance, 1_000 ether + 1);
    }

    /// @dev Ancestor: deleting a sender left its claims by round behind, to be met again after it came back.
    function test_failure_StaleClaimsAfterWithdrawal() public {
        fund(0, 4 ether, 0);
        designate(recipient, 4 ether);
        nextRound();
        broker.redeem(winner(3 ether), 3 ether);
        vm.prank(sender);
        broker.unlock();
        nextRounds(UNLOCK);
        vm.prank(sender);
        broker.withdraw();
        fund(0, 4 ether, 0);
        assertEq(broker.claimableReserve(sender, recipient), 0);
        designate(recipient, 4 ether);
        nextRound();
        assertEq(broker.claimableReserve(sender, recipient), 4 ether);
    }

    /// @dev Ancestor's clients: a second encoding of one signature gives a second draw.
    function test_failure_SecondDrawByAnotherEncoding() public {
        fund(1 ether, 0, 0);
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SENDER_KEY, broker.hashTicket(redemption.ticket));
        bytes[2] memory encodings = [
            abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255))),
            abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27))
        ];
        for (uint256 i = 0; i < 2; ++i) {
            redemption.signature = encodings[i];
            vm.expectPartialRevert(ITicketBroker.TicketBrokerMalformedSignature.selector);
            broker.redeem(redemption, 0);
        }
    }

    /// @dev Ancestor on Arbitrum: rounds were initialized with the hash 0x0, and their tickets were void.
    function test_failure_ZeroRoundHash() public {
        vm.warp(block.timestamp + ROUND_LENGTH);
        vm.setBlockhash(block.number - 1, bytes32(0));
        vm.expectRevert(abi.encodeWithSelector(IRounds.RoundsBlockHashUnavailable.selector, block.number - 1));
        rounds.initializeRound();
        assertFalse(rounds.currentRoundInitialized());
        vm.roll(block.number + 1);
        rounds.initializeRound();
        assertNotEq(rounds.blockHashForRound(2), 0);
    }

    /// @dev Ancestor: a change of the round length made the number of the round jump.
    function test_failure_RoundJumpsWhenTheLengthChanges() public {
        nextRounds(5);
        uint256 before = rounds.currentRound();
        rounds.setRoundLength(ROUND_LENGTH / 2);
        assertEq(rounds.currentRound(), before);
        (,, uint256 end) = rounds.currentRoundState();
        vm.warp(end);
        assertEq(rounds.currentRound(), before + 1);
    }

    /// @dev A ticket of another chain, broker or version has another digest.
    function test_failure_ReplayOnAnotherChain() public {
        fund(1 ether, 0, 0);
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        vm.chainId(1);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerWrongSigner.selector);
        broker.redeem(redemption, 0);
    }

    /// @dev A broadcaster that drains its deposit to an accomplice cannot touch what it designated to others: an honest
    /// orchestrator still collects its whole allocation.
    function test_failure_FrontRunDrainLeavesTheReserve() public {
        fund(5 ether, 2 ether, 0);
        designate(honest, 2 ether);
        nextRound();
        ITicketBroker.Ticket memory ticket = makeTicket(2 ether);
        ticket.recipient = honest;
        ITicketBroker.Redemption memory owed = sign(ticket, SENDER_KEY);
        ticket = makeTicket(100 ether);
        ticket.recipient = attacker;
        assertEq(broker.redeem(sign(ticket, SENDER_KEY), 0), 5 ether);
        assertEq(broker.redeem(owed, 2 ether), 2 ether);
    }
}
