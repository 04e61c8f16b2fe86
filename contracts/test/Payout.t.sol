// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../src/interfaces/ITicketBroker.sol";
import {BrokerFixture} from "./helpers/BrokerFixture.sol";

/// @notice Where a payout comes from: deposit, then designated reserve; and what a shortfall costs.
contract PayoutTest is BrokerFixture {
    address private other = makeAddr("other orchestrator");

    function test_reserve_PaysWhatTheDepositLacks() public {
        fund(1 ether, 10 ether, 0);
        designate(recipient, 5 ether);
        nextRound();
        ITicketBroker.Redemption memory redemption = winner(3 ether);
        vm.expectEmit(address(broker));
        emit ITicketBroker.ReserveClaimed(sender, recipient, 2 ether, 8 ether);
        assertEq(broker.redeem(redemption, 3 ether), 3 ether);
        _assertFunds(0, 8 ether, 3 ether);
        assertEq(broker.claimableReserve(sender, recipient), 3 ether);
    }

    function test_reserve_IsUntouchedWhileTheDepositSuffices() public {
        fund(3 ether, 10 ether, 0);
        designate(recipient, 5 ether);
        nextRound();
        broker.redeem(winner(3 ether), 3 ether);
        assertEq(broker.claimableReserve(sender, recipient), 5 ether);
    }

    function test_reserve_PaysNobodyWhoIsNotDesignated() public {
        fund(1 ether, 10 ether, 0);
        designate(other, 10 ether);
        nextRound();
        assertEq(broker.redeem(winner(3 ether), 0), 1 ether);
        _assertFunds(0, 10 ether, 10 ether);
    }

    function test_reserve_ClaimsAddUpToTheDesignatedAmount() public {
        fund(0, 10 ether, 0);
        designate(recipient, 5 ether);
        nextRound();
        assertEq(broker.redeem(winner(2 ether), 0), 2 ether);
        assertEq(broker.redeem(winner(2 ether), 0), 2 ether);
        assertEq(broker.redeem(winner(2 ether), 0), 1 ether, "cut down to what is left");
        ITicketBroker.Redemption memory redemption = winner(2 ether);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerPayoutTooLow.selector);
        broker.redeem(redemption, 0);
        _assertFunds(0, 5 ether, 0);
    }

    function test_reserve_OneOrchestratorsClaimsLeaveAnothersAlone() public {
        fund(0, 10 ether, 0);
        designate(recipient, 5 ether);
        designate(other, 5 ether);
        nextRound();
        broker.redeem(winner(9 ether), 0);
        assertEq(broker.claimableReserve(sender, other), 5 ether);
        ITicketBroker.Ticket memory ticket = makeTicket(5 ether);
        ticket.recipient = other;
        assertEq(broker.redeem(sign(ticket, SENDER_KEY), 5 ether), 5 ether);
        _assertFunds(0, 0, 0);
    }

    function test_reserve_ClaimCountsAgainstTheOldAndTheNewDesignation() public {
        fund(0, 10 ether, 0);
        designate(recipient, 6 ether);
        nextRound();
        designate(recipient, 10 ether);
        assertEq(broker.redeem(winner(6 ether), 6 ether), 6 ether);
        _assertFunds(0, 4 ether, 4 ether);
        nextRound();
        assertEq(broker.claimableReserve(sender, recipient), 4 ether);
    }

    function test_reserve_BacksTicketsMadeBeforeTheDesignationWasWithdrawn() public {
        fund(0, 10 ether, 0);
        designate(recipient, 10 ether);
        nextRound();
        ITicketBroker.Redemption memory redemption = winner(10 ether);
        designate(recipient, 0);
        nextRound();
        assertEq(broker.redeem(redemption, 10 ether), 10 ether);
    }

    function test_escrow_BurnsPartOfAShortfall() public {
        fund(1 ether, 0, 10 ether);
        ITicketBroker.Redemption memory redemption = winner(5 ether);
        bytes32 ticketHash = broker.hashTicket(redemption.ticket);
        vm.expectEmit(address(broker));
        emit ITicketBroker.EscrowBurned(sender, ticketHash, 4 ether, 2 ether, 8 ether);
        (uint256 paid, uint256 reward) = punish(redemption);
        assertEq(paid, 1 ether);
        assertEq(broker.senderInfo(sender).escrow, 8 ether);
        assertEq(reward, 0.2 ether, "a tenth, where gas is free");
        assertEq(recipient.balance, 0.2 ether);
        assertEq(broker.BURN_ADDRESS().balance, 1.8 ether);
        assertEq(address(broker).balance, 8 ether);
    }

    function test_escrow_NeverBurnsMoreThanIsThere() public {
        fund(1 ether, 0, 1 ether);
        punish(winner(1_000 ether));
        assertEq(broker.senderInfo(sender).escrow, 0);
        assertEq(broker.BURN_ADDRESS().balance + recipient.balance, 1 ether);
    }

    function test_escrow_StaysWholeWithoutAShortfall() public {
        fund(1 ether, 10 ether, 10 ether);
        designate(recipient, 10 ether);
        nextRound();
        broker.redeem(winner(11 ether), 11 ether);
        assertEq(broker.senderInfo(sender).escrow, 10 ether);
    }

    function test_escrow_AShortfallIsPunishedOnce() public {
        fund(0, 0, 10 ether);
        ITicketBroker.Redemption memory redemption = winner(4 ether);
        (uint256 paid,) = punish(redemption);
        assertEq(paid, 0, "nothing to pay, but a shortfall proven");
        assertEq(broker.senderInfo(sender).escrow, 8 ether);
        (paid,) = punish(redemption);
        assertEq(paid, 0);
        assertEq(broker.senderInfo(sender).escrow, 8 ether);
        fund(1 ether, 0, 0);
        (paid,) = punish(redemption);
        assertEq(paid, 1 ether);
        assertEq(broker.senderInfo(sender).escrow, 8 ether);
        fund(3 ether, 0, 0);
        assertEq(broker.redeem(redemption, 0), 3 ether, "still redeemable in full");
        assertEq(broker.senderInfo(sender).escrow, 8 ether);
    }

    function test_escrow_IsSafeWhereTheRecipientAsksForFullPayment() public {
        fund(1 ether, 0, 10 ether);
        ITicketBroker.Redemption memory redemption = winner(5 ether);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerPayoutTooLow.selector);
        broker.redeem(redemption, 5 ether);
        assertEq(broker.senderInfo(sender).escrow, 10 ether);
    }

    /// @dev Who saw the number behind a refused redemption can redeem it, but not burn for it.
    function test_escrow_NobodyElseForcesTheBurn() public {
        fund(4 ether, 0, 10 ether);
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](1);
        redemptions[0] = winner(5 ether);
        vm.startPrank(makeAddr("onlooker"));
        vm.expectEmit(address(broker));
        emit ITicketBroker.RedemptionRefused(
            0,
            abi.encodeWithSelector(ITicketBroker.TicketBrokerNotRecipient.selector, makeAddr("onlooker"), recipient)
        );
        broker.redeemAndPunish(redemptions, noGrants());
        assertEq(broker.redeem(redemptions[0], 0), 4 ether);
        vm.stopPrank();
        assertEq(broker.senderInfo(sender).escrow, 10 ether);
    }

    function test_escrow_TheRecipientsSignerPunishesForIt() public {
        fund(0, 0, 10 ether);
        address signer = makeAddr("hot key");
        vm.prank(recipient);
        registry.setSigner(signer);
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](1);
        redemptions[0] = winner(4 ether);
        vm.prank(signer);
        (, uint256 reward) = broker.redeemAndPunish(redemptions, noGrants());
        assertEq(reward, 0.2 ether);
        assertEq(signer.balance, 0.2 ether);
        assertEq(broker.senderInfo(sender).escrow, 8 ether);
    }

    /// @dev Gas is paid at the block's base fee, which the caller cannot choose, and never beyond half of the burn: a
    /// sender that executes its own penalty loses at least the other half.
    function test_escrow_WhoeverExecutesIsPaidGasButNeverMoreThanHalf() public {
        fund(0, 0, 10 ether);
        vm.fee(1 gwei);
        vm.txGasPrice(10_000 gwei);
        (, uint256 reward) = punish(winner(4 ether));
        assertEq(reward, 0.2 ether + 150_000 gwei);
        vm.fee(1 ether);
        (, reward) = punish(winner(4 ether));
        assertEq(reward, 1 ether);
    }

    function test_batch_PaysSeveralTicketsAndBooksThemTogether() public {
        fund(10 ether, 0, 0);
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](3);
        for (uint256 i = 0; i < 3; ++i) {
            redemptions[i] = winner(1 ether);
        }
        vm.expectCall(address(staking), abi.encodeWithSelector(staking.bookFees.selector), 1);
        uint256[] memory paid = broker.redeemBatch(redemptions, new uint256[](3), noGrants());
        assertEq(paid.length, 3);
        assertEq(paid[0] + paid[1] + paid[2], 3 ether);
        assertEq(staking.feesOf(recipient, 1), 3 ether);
    }

    function test_batch_OfTwoSendersRecipientsAndShares() public {
        fund(10 ether, 0, 0);
        uint256 secondKey = 0xB0B;
        address second = vm.addr(secondKey);
        vm.deal(second, 1 ether);
        vm.prank(second);
        broker.fundDeposit{value: 1 ether}();
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](4);
        redemptions[0] = winner(1 ether);
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        ticket.sender = second;
        redemptions[1] = sign(ticket, secondKey);
        ticket = makeTicket(1 ether);
        ticket.recipient = other;
        redemptions[2] = sign(ticket, SENDER_KEY);
        ticket = makeTicket(1 ether);
        ticket.feeShare = 0;
        redemptions[3] = sign(ticket, SENDER_KEY);
        vm.expectCall(address(staking), 2 ether, abi.encodeCall(staking.bookFees, (recipient, 1, 250_000)), 1);
        vm.expectCall(address(staking), 1 ether, abi.encodeCall(staking.bookFees, (other, 1, 250_000)), 1);
        vm.expectCall(address(staking), 1 ether, abi.encodeCall(staking.bookFees, (recipient, 1, 0)), 1);
        broker.redeemBatch(redemptions, new uint256[](4), noGrants());
        assertEq(depositOf(sender), 7 ether);
        assertEq(depositOf(second), 0);
        assertEq(staking.pendingFees(recipient), 3 ether);
        assertEq(staking.pendingFees(other), 1 ether);
    }

    function test_batch_PassesOverWhatCannotBePaid() public {
        fund(10 ether, 0, 0);
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](4);
        redemptions[0] = winner(1 ether);
        redemptions[1] = redemptions[0];
        redemptions[2] = sign(makeTicket(1 ether), SESSION_KEY);
        redemptions[3] = winner(1 ether);
        bytes32 first = broker.hashTicket(redemptions[0].ticket);
        vm.expectEmit(address(broker));
        emit ITicketBroker.RedemptionRefused(
            1, abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketSpent.selector, first, 1 ether)
        );
        uint256[] memory paid = broker.redeemBatch(redemptions, new uint256[](4), noGrants());
        assertEq(paid[0], 1 ether);
        assertEq(paid[1], 0);
        assertEq(paid[2], 0);
        assertEq(paid[3], 1 ether);
        assertEq(depositOf(sender), 8 ether);
    }

    function test_batch_OfNothingGoodSucceedsAndPaysNothing() public {
        fund(10 ether, 0, 0);
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](2);
        redemptions[0] = sign(makeTicket(1 ether), SESSION_KEY);
        redemptions[1] = redemptions[0];
        uint256[] memory paid = broker.redeemBatch(redemptions, new uint256[](2), noGrants());
        assertEq(paid[0] + paid[1], 0);
        assertEq(staking.pendingFees(recipient), 0);
        assertEq(broker.redeemBatch(new ITicketBroker.Redemption[](0), new uint256[](0), noGrants()).length, 0);
    }

    function test_batch_RegistersGrantsAndPassesOverInvalidOnes() public {
        fund(10 ether, 0, 0);
        ITicketBroker.SignedGrant[] memory grants = new ITicketBroker.SignedGrant[](2);
        grants[0] = makeGrant(1 ether);
        grants[0].signature = "";
        grants[1] = makeGrant(5 ether);
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](2);
        redemptions[0] = winnerOfGrant(1 ether, broker.hashGrant(grants[0].grant));
        redemptions[1] = winnerOfGrant(1 ether, broker.hashGrant(grants[1].grant));
        uint256[] memory paid = broker.redeemBatch(redemptions, new uint256[](2), grants);
        assertEq(paid[0], 0);
        assertEq(paid[1], 1 ether);
    }

    function test_batch_BurnsEscrowOnceForAll() public {
        fund(1 ether, 0, 10 ether);
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](2);
        redemptions[0] = winner(2 ether);
        redemptions[1] = winner(2 ether);
        vm.prank(recipient);
        (uint256[] memory paid, uint256 reward) = broker.redeemAndPunish(redemptions, noGrants());
        assertEq(paid[0] + paid[1], 1 ether);
        assertEq(broker.BURN_ADDRESS().balance + reward, 1.5 ether);
        assertEq(broker.senderInfo(sender).escrow, 8.5 ether);
    }

    function test_batch_HonoursMinPayouts() public {
        fund(3 ether, 0, 0);
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](2);
        redemptions[0] = winner(4 ether);
        redemptions[1] = winner(2 ether);
        uint256[] memory minPayouts = new uint256[](2);
        (minPayouts[0], minPayouts[1]) = (4 ether, 2 ether);
        uint256[] memory paid = broker.redeemBatch(redemptions, minPayouts, noGrants());
        assertEq(paid[0], 0);
        assertEq(paid[1], 2 ether);
    }

    function test_batch_RevertsWhen_ListsDifferInLength() public {
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerLengthMismatch.selector, 1, 0));
        broker.redeemBatch(new ITicketBroker.Redemption[](1), new uint256[](0), noGrants());
    }

    /// @dev One by one or in a batch, in whatever amounts: the same is paid, and no wei appears or vanishes.
    function testFuzz_batch_EqualsOneByOne(uint64[6] memory faceValues, uint72 deposit, uint72 reserve, uint72 escrow)
        public
    {
        vm.assume(deposit != 0);
        vm.deal(sender, type(uint96).max);
        fund(deposit, reserve, escrow);
        designate(recipient, reserve);
        nextRound();
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](6);
        for (uint256 i = 0; i < 6; ++i) {
            redemptions[i] = winner(uint256(faceValues[i]) * 100);
        }
        uint256 snapshot = vm.snapshotState();
        uint256[] memory together = broker.redeemBatch(redemptions, new uint256[](6), noGrants());
        _assertConserved(uint256(deposit) + reserve + escrow);
        vm.revertToState(snapshot);
        for (uint256 i = 0; i < 6; ++i) {
            uint256 alone = 0;
            try broker.redeem(redemptions[i], 0) returns (uint256 payout) {
                alone = payout;
            } catch {}
            assertEq(alone, together[i]);
        }
        _assertConserved(uint256(deposit) + reserve + escrow);
    }

    function _assertConserved(uint256 funded) private view {
        ITicketBroker.SenderInfo memory info = broker.senderInfo(sender);
        uint256 held = info.deposit + info.reserve + info.escrow;
        assertEq(address(broker).balance, held);
        assertEq(held + staking.pendingFees(recipient) + broker.BURN_ADDRESS().balance, funded);
    }

    function _assertFunds(uint256 deposit, uint256 reserve, uint256 committed) private view {
        ITicketBroker.SenderInfo memory info = broker.senderInfo(sender);
        assertEq(info.deposit, deposit);
        assertEq(info.reserve, reserve);
        assertEq(broker.committedReserve(sender), committed);
    }
}
