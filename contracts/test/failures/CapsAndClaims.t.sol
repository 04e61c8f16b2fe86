// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {BrokerFixture} from "../helpers/BrokerFixture.sol";

/// @notice A wallet that says yes to everybody but the broker.
contract TwoFaced is IERC1271 {
    address private immutable _broker;

    constructor(address broker) {
        _broker = broker;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return msg.sender == _broker ? bytes4(0) : IERC1271.isValidSignature.selector;
    }
}

/// @notice What an audit of the first broker found, replayed: each must fail here.
contract CapsAndClaimsTest is BrokerFixture {
    /// @dev Was: a session key of small cap burned the whole escrow of its sender, by anybody's hand.
    function test_finding_SessionKeyBurnsTheWholeEscrow() public {
        fund(0.01 ether, 0, 10 ether);
        registered = makeGrant(0.02 ether);
        registered.grant.escrowCap = 0.02 ether;
        bytes32 grantHash = broker.hashGrant(registered.grant);
        registered.signature = signDigest(SENDER_KEY, grantHash);
        for (uint256 i = 0; i < 5; ++i) {
            ITicketBroker.Ticket memory ticket = makeTicket(1_000 ether);
            ticket.recipient = address(0xBAD);
            punishWith(sign(ticket, SESSION_KEY, grantHash), asList(registered));
        }
        assertEq(broker.senderInfo(sender).escrow, 10 ether - 0.02 ether);
    }

    /// @dev Was: a tight cap given to three orchestrators paid one and cost nothing.
    function test_finding_TightCapIsDoubleSpendingWithoutPenalty() public {
        fund(100 ether, 0, 10 ether);
        bytes32 grantHash = registerGrant(1 ether);
        for (uint160 i = 1; i <= 3; ++i) {
            ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
            ticket.recipient = address(i);
            (uint256 paid, uint256 reward) = punishWith(sign(ticket, SESSION_KEY, grantHash), asList(registered));
            assertEq(paid, i == 1 ? 1 ether : 0);
            assertEq(reward, i == 1 ? 0 : 0.05 ether, "who executes it is paid");
        }
        assertEq(broker.senderInfo(sender).escrow, 9 ether, "half of each winner that was not paid");
    }

    /// @dev Was: what an orchestrator read as claimable did not back the tickets that it took.
    function test_finding_ClaimableReserveOverstates() public {
        fund(0, 10 ether, 0);
        designate(recipient, 10 ether);
        nextRounds(3);
        designate(recipient, 0);
        nextRound();
        uint256 round = rounds.currentRound();
        assertEq(broker.claimableReserve(sender, recipient), 10 ether, "now");
        assertEq(broker.claimableReserveUntil(sender, recipient, round + VALIDITY - 1), 0, "not until a ticket expires");
        assertEq(broker.senderStanding(sender, recipient, 0, address(0)).lastingReserve, 0);
    }

    /// @dev Was: nobody executed the penalty, for whoever did paid gas and got nothing.
    function test_finding_EmptyDepositNeverBurns() public {
        fund(0, 0, 10 ether);
        (uint256 paid, uint256 reward) = punish(winner(5 ether));
        assertEq(paid, 0);
        assertEq(reward, 0.25 ether);
        assertEq(broker.senderInfo(sender).escrow, 7.5 ether);
    }

    /// @dev A wallet may say yes to whom it likes; what counts is what the broker has registered, and that is read.
    function test_finding_WalletThatSaysYesAtOpeningAndNoAtRedemption() public {
        TwoFaced wallet = new TwoFaced(address(broker));
        ITicketBroker.SignedGrant memory signed = makeGrant(1 ether);
        signed.grant.sender = address(wallet);
        bytes32 grantHash = broker.hashGrant(signed.grant);
        assertEq(wallet.isValidSignature(grantHash, ""), IERC1271.isValidSignature.selector);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerInvalidGrant.selector);
        broker.registerGrant(signed);
        assertEq(broker.senderStanding(address(wallet), recipient, grantHash, session).grant.validUntil, 0);
    }

    /// @dev Was: a stolen key went on after revocation and expiry, by dating tickets back, to any account.
    function test_finding_RevokedKeyDrainsByDatingBack() public {
        fund(10 ether, 0, 0);
        bytes32 grantHash = registerGrant(10 ether);
        revoke();
        ITicketBroker.Ticket memory ticket = makeTicket(10 ether);
        ticket.recipient = address(0xBAD);
        ITicketBroker.Redemption memory redemption = sign(ticket, SESSION_KEY, grantHash);
        (,, uint256 end) = rounds.currentRoundState();
        vm.warp(end + ROUND_LENGTH - 1);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerGrantEnded.selector);
        broker.redeem(redemption, 0);
    }

    /// @dev Was: the governor voided winners by shortening what tickets live.
    function test_finding_ShorterValidityVoidsWinners() public {
        fund(10 ether, 0, 0);
        ITicketBroker.Redemption memory redemption = winner(10 ether);
        nextRound();
        broker.setParameters(1, UNLOCK, BURN_SHARE);
        assertEq(broker.redeem(redemption, 0), 10 ether);
    }

    /// @dev Was: an accomplice emptied the cap, or the deposit, with a sure winner of its own, and the victim's winner was void in spite of
    /// deposit, reserve and escrow; again and again on the same funds.
    function test_finding_AccompliceRedeemsWhileTheVictimWaits() public {
        fund(10 ether, 3 ether, 9 ether);
        designate(recipient, 1 ether);
        nextRound();
        for (uint256 i = 0; i < 3; ++i) {
            registered = makeGrant(1 ether);
            registered.grant.salt = bytes32(i);
            registered.grant.escrowCap = 3 ether;
            bytes32 grantHash = broker.hashGrant(registered.grant);
            registered.signature = signDigest(SENDER_KEY, grantHash);
            broker.registerGrant(registered);
            ITicketBroker.Redemption memory victims = winnerOfGrant(2 ether, grantHash);
            ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
            ticket.recipient = address(0xBAD);
            assertEq(broker.redeem(sign(ticket, SESSION_KEY, grantHash), 0), 1 ether, "the cap is empty");
            (uint256 paid, uint256 reward) = punishWith(victims, asList(registered));
            assertEq(paid, i == 0 ? 1 ether : 0, "what is designated pays beyond the cap");
            assertGt(reward, 0, "and what is missing costs the sender escrow");
        }
        assertEq(broker.senderInfo(sender).escrow, 9 ether - 2.5 ether, "half of 1, 2 and 2 ether");
    }

    /// @dev Was: the ticket did not name its grant, so the redeemer chose the one that had most left.
    function test_finding_TicketUnderAnotherGrantOfTheKey() public {
        fund(10 ether, 0, 0);
        bytes32 small = registerGrant(1 ether);
        ITicketBroker.Redemption memory redemption = winnerOfGrant(2 ether, small);
        ITicketBroker.SignedGrant memory large = makeGrant(5 ether);
        large.grant.salt = bytes32(uint256(9));
        large.signature = signDigest(SENDER_KEY, broker.hashGrant(large.grant));
        broker.registerGrant(large);
        redemption.ticket.grant = broker.hashGrant(large.grant);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerGrantUnknown.selector);
        broker.redeem(redemption, 0);
        redemption.ticket.grant = small;
        assertEq(broker.redeem(redemption, 0), 1 ether);
    }

    /// @dev Was: who had seen the number behind a refused full redemption burned the escrow for it.
    function test_finding_ThirdPartyForcesTheBurn() public {
        fund(4 ether, 0, 10 ether);
        ITicketBroker.Redemption memory redemption = winner(5 ether);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerPayoutTooLow.selector);
        broker.redeem(redemption, 5 ether);
        vm.startPrank(address(0xBAD));
        broker.redeem(redemption, 0);
        ITicketBroker.Redemption[] memory list = new ITicketBroker.Redemption[](1);
        list[0] = redemption;
        broker.redeemAndPunish(list, noGrants());
        vm.stopPrank();
        assertEq(broker.senderInfo(sender).escrow, 10 ether);
    }

    /// @dev A ticket that was punished while nothing was there, then paid whole, is spent.
    function test_finding_PunishedThenPaidWholeIsPaidOnce() public {
        fund(0, 0, 10 ether);
        ITicketBroker.Redemption memory redemption = winner(5 ether);
        punish(redemption);
        fund(20 ether, 0, 0);
        assertEq(broker.redeem(redemption, 5 ether), 5 ether);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerTicketSpent.selector);
        broker.redeem(redemption, 0);
        assertEq(broker.ticketPaid(redemption.ticket, redemption.signature), 5 ether);
    }
}
