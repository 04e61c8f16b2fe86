// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {ITicketBroker} from "../src/interfaces/ITicketBroker.sol";
import {BrokerFixture} from "./helpers/BrokerFixture.sol";

/// @notice Funding, designating, unlocking, withdrawing.
contract SenderAccountsTest is BrokerFixture {
    address private anyone = makeAddr("anyone");
    address private other = makeAddr("other orchestrator");

    function setUp() public override {
        super.setUp();
        vm.deal(anyone, 100 ether);
    }

    function test_fundDeposit_AddsUpAndMovesTheEther() public {
        uint256 before = sender.balance;
        vm.startPrank(sender);
        vm.expectEmit(address(broker));
        emit ITicketBroker.DepositFunded(sender, sender, 1 ether, 1 ether);
        broker.fundDeposit{value: 1 ether}();
        vm.expectEmit(address(broker));
        emit ITicketBroker.DepositFunded(sender, sender, 2 ether, 3 ether);
        broker.fundDeposit{value: 2 ether}();
        vm.stopPrank();
        assertEq(depositOf(sender), 3 ether);
        assertEq(address(broker).balance, 3 ether);
        assertEq(sender.balance, before - 3 ether);
        assertEq(depositOf(anyone), 0);
    }

    function test_fundReserveAndEscrow_AddUpApart() public {
        vm.startPrank(sender);
        vm.expectEmit(address(broker));
        emit ITicketBroker.ReserveFunded(sender, sender, 1 ether, 1 ether);
        broker.fundReserve{value: 1 ether}();
        broker.fundReserve{value: 1 ether}();
        vm.expectEmit(address(broker));
        emit ITicketBroker.EscrowFunded(sender, 3 ether, 3 ether);
        broker.fundEscrow{value: 3 ether}();
        vm.stopPrank();
        vm.prank(anyone);
        broker.fundReserve{value: 5 ether}();
        _assertInfo(sender, 0, 2 ether, 3 ether, 0);
        _assertInfo(anyone, 0, 5 ether, 0, 0);
    }

    function test_fundDepositAndReserve_RevertsWhen_ValueIsNotTheSum() public {
        vm.startPrank(sender);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerWrongValue.selector, 5, 6));
        broker.fundDepositAndReserve{value: 5}(1, 2, 3);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerWrongValue.selector, 7, 6));
        broker.fundDepositAndReserve{value: 7}(1, 2, 3);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerWrongValue.selector, 0, 0));
        broker.fundDeposit();
        vm.stopPrank();
    }

    function test_funding_BySelfCancelsAnUnlock() public {
        fund(3 ether, 0, 0);
        for (uint256 i = 0; i < 4; ++i) {
            vm.startPrank(sender);
            broker.unlock();
            uint256 withdrawRound = broker.senderInfo(sender).withdrawRound;
            vm.expectEmit(address(broker));
            emit ITicketBroker.UnlockCancelled(sender, withdrawRound);
            if (i == 0) broker.fundDeposit{value: 1}();
            if (i == 1) broker.fundReserve{value: 1}();
            if (i == 2) broker.fundEscrow{value: 1}();
            if (i == 3) broker.fundDepositAndReserve{value: 3}(1, 1, 1);
            vm.stopPrank();
            assertEq(broker.senderInfo(sender).withdrawRound, 0);
        }
    }

    function test_fundDepositFor_CreditsAndLeavesTheUnlockRunning() public {
        fund(1 ether, 0, 0);
        vm.prank(sender);
        broker.unlock();
        vm.prank(anyone);
        vm.expectEmit(address(broker));
        emit ITicketBroker.DepositFunded(sender, anyone, 2 ether, 3 ether);
        broker.fundDepositFor{value: 2 ether}(sender);
        _assertInfo(sender, 3 ether, 0, 0, 3);
    }

    function test_fundDepositFor_RevertsWhen_NobodyOrNothing() public {
        vm.startPrank(anyone);
        vm.expectRevert(ITicketBroker.TicketBrokerZeroSender.selector);
        broker.fundDepositFor{value: 1}(address(0));
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerWrongValue.selector, 0, 0));
        broker.fundDepositFor(sender);
        vm.stopPrank();
    }

    function test_entry_RevertsWhen_Paused() public {
        broker.pause();
        ITicketBroker.SignedGrant memory grant = makeGrant(1 ether);
        vm.startPrank(sender);
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        broker.fundDeposit{value: 1}();
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        broker.fundReserve{value: 1}();
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        broker.fundEscrow{value: 1}();
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        broker.fundDepositAndReserve{value: 1}(1, 0, 0);
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        broker.fundDepositFor{value: 1}(anyone);
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        broker.designateReserve(new address[](0), new uint256[](0));
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        broker.registerGrant(grant);
        vm.stopPrank();
    }

    function test_exit_WorksWhilePaused() public {
        fund(2 ether, 1 ether, 1 ether);
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        broker.pause();
        assertEq(broker.redeem(redemption, 1 ether), 1 ether);
        vm.startPrank(sender);
        broker.revokeGrant(makeGrant(1 ether).grant);
        broker.unlock();
        broker.cancelUnlock();
        broker.unlock();
        vm.stopPrank();
        nextRounds(UNLOCK);
        uint256 before = sender.balance;
        vm.prank(sender);
        broker.withdraw();
        assertEq(sender.balance - before, 3 ether);
    }

    function test_designateReserve_CountsFromTheNextRound() public {
        fund(0, 10 ether, 0);
        vm.expectEmit(address(broker));
        emit ITicketBroker.ReserveDesignated(sender, recipient, 0, 4 ether, 2);
        designate(recipient, 4 ether);
        assertEq(broker.claimableReserve(sender, recipient), 0);
        assertEq(broker.committedReserve(sender), 4 ether);
        nextRound();
        assertEq(broker.claimableReserve(sender, recipient), 4 ether);
        assertEq(broker.claimableReserve(sender, other), 0);
        assertEq(broker.claimableReserve(anyone, recipient), 0);
    }

    function test_designateReserve_OldAmountBacksTicketsUntilTheyExpire() public {
        fund(0, 10 ether, 0);
        designate(recipient, 10 ether);
        nextRound();
        designate(recipient, 1 ether);
        assertEq(broker.claimableReserve(sender, recipient), 10 ether, "in the round of the change");
        nextRound();
        assertEq(broker.claimableReserve(sender, recipient), 10 ether, "tickets of the round before still live");
        nextRound();
        assertEq(broker.claimableReserve(sender, recipient), 1 ether, "all of them have expired");
    }

    function test_designateReserve_RevertsWhen_OldAndNewTogetherExceedTheReserve() public {
        fund(0, 10 ether, 0);
        designate(recipient, 10 ether);
        nextRound();
        (address[] memory orchestrators, uint256[] memory amounts) = _two(recipient, 0, other, 10 ether);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITicketBroker.TicketBrokerReserveOvercommitted.selector, sender, 20 ether, 10 ether
            )
        );
        vm.prank(sender);
        broker.designateReserve(orchestrators, amounts);
        designate(recipient, 0);
        nextRounds(VALIDITY);
        vm.prank(sender);
        broker.designateReserve(orchestrators, amounts);
        nextRound();
        assertEq(broker.claimableReserve(sender, other), 10 ether);
        assertEq(broker.claimableReserve(sender, recipient), 0);
        assertEq(broker.committedReserve(sender), 10 ether);
    }

    function test_designateReserve_RevertsWhen_AmountExceedsTheReserve() public {
        fund(0, 10 ether, 0);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 amount = [10 ether + 1, type(uint256).max][i];
            (address[] memory orchestrators, uint256[] memory amounts) = _two(recipient, amount, other, 0);
            vm.expectRevert(
                abi.encodeWithSelector(
                    ITicketBroker.TicketBrokerReserveOvercommitted.selector, sender, amount, 10 ether
                )
            );
            vm.prank(sender);
            broker.designateReserve(orchestrators, amounts);
        }
    }

    function test_designateReserve_RevertsWhen_ListsDifferInLength() public {
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerLengthMismatch.selector, 1, 2));
        broker.designateReserve(new address[](1), new uint256[](2));
    }

    function test_designateReserve_LeavesOrchestratorsNotListedAlone() public {
        fund(0, 10 ether, 0);
        designate(recipient, 4 ether);
        designate(other, 6 ether);
        nextRound();
        assertEq(broker.claimableReserve(sender, recipient), 4 ether);
        assertEq(broker.claimableReserve(sender, other), 6 ether);
    }

    function test_designateReserve_TwiceInARoundTheLastCounts() public {
        fund(0, 10 ether, 0);
        designate(recipient, 10 ether);
        designate(recipient, 3 ether);
        assertEq(broker.committedReserve(sender), 3 ether);
        nextRound();
        assertEq(broker.claimableReserve(sender, recipient), 3 ether);
    }

    function test_unlock_StartsTheClock() public {
        fund(1 ether, 0, 0);
        vm.expectEmit(address(broker));
        emit ITicketBroker.Unlocked(sender, 1, 3);
        vm.prank(sender);
        broker.unlock();
        _assertInfo(sender, 1 ether, 0, 0, 3);
    }

    function test_unlock_WorksWithAnyPartFunded() public {
        vm.prank(sender);
        broker.fundReserve{value: 1}();
        vm.prank(sender);
        broker.unlock();
        vm.prank(anyone);
        broker.fundEscrow{value: 1}();
        vm.prank(anyone);
        broker.unlock();
    }

    function test_unlock_RevertsWhen_NothingIsThereOrItRunsAlready() public {
        vm.startPrank(sender);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerNoFunds.selector, sender));
        broker.unlock();
        broker.fundDeposit{value: 1}();
        broker.unlock();
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerUnlockInProgress.selector, sender, 3));
        broker.unlock();
        vm.stopPrank();
    }

    function test_cancelUnlock_BlocksWithdrawal() public {
        fund(1 ether, 0, 0);
        vm.startPrank(sender);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerNotUnlocking.selector, sender));
        broker.cancelUnlock();
        broker.unlock();
        vm.expectEmit(address(broker));
        emit ITicketBroker.UnlockCancelled(sender, 3);
        broker.cancelUnlock();
        vm.stopPrank();
        nextRounds(UNLOCK);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerNotUnlocking.selector, sender));
        vm.prank(sender);
        broker.withdraw();
    }

    function test_withdraw_PaysEverythingOnce() public {
        fund(3 ether, 2 ether, 1 ether);
        vm.prank(sender);
        broker.unlock();
        nextRounds(UNLOCK);
        uint256 before = sender.balance;
        vm.expectEmit(address(broker));
        emit ITicketBroker.Withdrawn(sender, sender, 3 ether, 2 ether, 1 ether);
        vm.prank(sender);
        broker.withdraw();
        assertEq(sender.balance - before, 6 ether);
        assertEq(address(broker).balance, 0);
        _assertInfo(sender, 0, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerNotUnlocking.selector, sender));
        vm.prank(sender);
        broker.withdraw();
    }

    function test_withdrawTo_PaysPartOfItToAnotherAccount() public {
        fund(3 ether, 2 ether, 1 ether);
        designate(recipient, 2 ether);
        vm.prank(sender);
        broker.unlock();
        nextRounds(UNLOCK);
        address payee = makeAddr("payee");
        vm.startPrank(sender);
        vm.expectRevert(
            abi.encodeWithSelector(ITicketBroker.TicketBrokerInsufficientFunds.selector, sender, 3 ether, 4 ether)
        );
        broker.withdrawTo(payee, 4 ether, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ITicketBroker.TicketBrokerInsufficientFunds.selector, sender, 2 ether, 4 ether)
        );
        broker.withdrawTo(payee, 0, 4 ether, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ITicketBroker.TicketBrokerInsufficientFunds.selector, sender, 1 ether, 4 ether)
        );
        broker.withdrawTo(payee, 0, 0, 4 ether);
        vm.expectRevert(ITicketBroker.TicketBrokerZeroRecipient.selector);
        broker.withdrawTo(address(0), 1 ether, 0, 0);
        broker.withdrawTo(payee, 1 ether, 0, 1 ether);
        assertEq(payee.balance, 2 ether);
        assertEq(broker.claimableReserve(sender, recipient), 2 ether, "the reserve was not touched");
        broker.withdrawTo(payee, 0, 1 ether, 0);
        assertEq(broker.claimableReserve(sender, recipient), 0);
        assertEq(broker.committedReserve(sender), 0);
        _assertInfo(sender, 2 ether, 1 ether, 0, 3);
        broker.cancelUnlock();
        vm.stopPrank();
        assertEq(broker.redeem(winner(1 ether), 1 ether), 1 ether, "what stayed pays again");
    }

    function test_fundReserveFor_CreditsAndLeavesTheUnlockRunning() public {
        fund(1 ether, 0, 0);
        vm.prank(sender);
        broker.unlock();
        address patron = makeAddr("patron");
        vm.deal(patron, 2 ether);
        vm.startPrank(patron);
        vm.expectEmit(address(broker));
        emit ITicketBroker.ReserveFunded(sender, patron, 2 ether, 2 ether);
        broker.fundReserveFor{value: 2 ether}(sender);
        vm.expectRevert(ITicketBroker.TicketBrokerZeroSender.selector);
        broker.fundReserveFor(address(0));
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerWrongValue.selector, 0, 0));
        broker.fundReserveFor(sender);
        vm.stopPrank();
        _assertInfo(sender, 1 ether, 2 ether, 0, 3);
    }

    function test_withdraw_RevertsWhen_TooEarly() public {
        fund(1 ether, 0, 0);
        vm.prank(sender);
        broker.unlock();
        nextRounds(UNLOCK - 1);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerStillLocked.selector, sender, 3, 2));
        vm.prank(sender);
        broker.withdraw();
    }

    function test_withdraw_RevertsWhen_AllWasSpentMeanwhile() public {
        fund(1 ether, 0, 0);
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        vm.prank(sender);
        broker.unlock();
        broker.redeem(redemption, 0);
        nextRounds(UNLOCK);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerNoFunds.selector, sender));
        vm.prank(sender);
        broker.withdraw();
    }

    function test_withdraw_RevertsWhen_TheAccountRefusesEther() public {
        Refuser refuser = new Refuser();
        vm.deal(address(refuser), 1 ether);
        vm.startPrank(address(refuser));
        broker.fundDeposit{value: 1 ether}();
        broker.unlock();
        vm.stopPrank();
        nextRounds(UNLOCK);
        vm.expectRevert(
            abi.encodeWithSelector(ITicketBroker.TicketBrokerTransferFailed.selector, address(refuser), 1 ether)
        );
        vm.prank(address(refuser));
        broker.withdraw();
    }

    function test_withdraw_VoidsDesignations() public {
        fund(0, 10 ether, 0);
        designate(recipient, 10 ether);
        vm.prank(sender);
        broker.unlock();
        nextRounds(UNLOCK);
        vm.prank(sender);
        broker.withdraw();
        fund(0, 10 ether, 0);
        assertEq(broker.claimableReserve(sender, recipient), 0);
        assertEq(broker.committedReserve(sender), 0);
        designate(other, 10 ether);
        nextRound();
        assertEq(broker.claimableReserve(sender, other), 10 ether);
    }

    function test_withdraw_ReentrantCallFindsNothing() public {
        Reenterer reenterer = new Reenterer();
        vm.deal(address(reenterer), 1 ether);
        fund(5 ether, 0, 0);
        vm.startPrank(address(reenterer));
        broker.fundDeposit{value: 1 ether}();
        broker.unlock();
        vm.stopPrank();
        nextRounds(UNLOCK);
        vm.prank(address(reenterer));
        broker.withdraw();
        assertTrue(reenterer.refused());
        assertEq(address(reenterer).balance, 1 ether);
        assertEq(address(broker).balance, 5 ether);
    }

    function test_broker_RefusesEtherThatIsMeantForNothing() public {
        vm.prank(anyone);
        (bool accepted,) = address(broker).call{value: 1 ether}("");
        assertFalse(accepted);
    }

    /// @dev Whatever is designated and when, what orchestrators read as claimable is there.
    function testFuzz_designations_NeverExceedTheReserve(uint256 seed) public {
        fund(0, 10 ether, 0);
        address[4] memory orchestrators = [recipient, other, anyone, address(4)];
        for (uint256 i = 0; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            address[] memory one = new address[](1);
            uint256[] memory amount = new uint256[](1);
            one[0] = orchestrators[seed % 4];
            amount[0] = (seed >> 8) % 11 ether;
            vm.prank(sender);
            try broker.designateReserve(one, amount) {} catch {}
            if ((seed >> 128) % 3 == 0) nextRound();
            uint256 sum = 0;
            for (uint256 j = 0; j < 4; ++j) {
                sum += broker.claimableReserve(sender, orchestrators[j]);
            }
            assertLe(sum, broker.committedReserve(sender));
            assertLe(broker.committedReserve(sender), broker.senderInfo(sender).reserve);
        }
    }

    function testFuzz_fundAndWithdraw_ConservesEther(uint96 deposit, uint96 reserve, uint96 escrow) public {
        uint256 total = uint256(deposit) + reserve + escrow;
        vm.assume(total != 0);
        vm.deal(sender, total);
        fund(deposit, reserve, escrow);
        _assertInfo(sender, deposit, reserve, escrow, 0);
        vm.prank(sender);
        broker.unlock();
        nextRounds(UNLOCK);
        vm.prank(sender);
        broker.withdraw();
        assertEq(sender.balance, total);
        assertEq(address(broker).balance, 0);
    }

    function _assertInfo(address who, uint256 deposit, uint256 reserve, uint256 escrow, uint256 withdrawRound)
        private
        view
    {
        ITicketBroker.SenderInfo memory info = broker.senderInfo(who);
        assertEq(info.deposit, deposit);
        assertEq(info.reserve, reserve);
        assertEq(info.escrow, escrow);
        assertEq(info.withdrawRound, withdrawRound);
    }

    function _two(address a, uint256 amountA, address b, uint256 amountB)
        private
        pure
        returns (address[] memory orchestrators, uint256[] memory amounts)
    {
        orchestrators = new address[](2);
        amounts = new uint256[](2);
        (orchestrators[0], orchestrators[1], amounts[0], amounts[1]) = (a, b, amountA, amountB);
    }
}

contract Refuser {}

contract Reenterer {
    bool public refused;

    receive() external payable {
        try ITicketBroker(msg.sender).withdraw() {} catch {
            refused = true;
        }
    }
}
