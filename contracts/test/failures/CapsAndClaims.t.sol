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
}
