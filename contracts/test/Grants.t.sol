// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ITicketBroker} from "../src/interfaces/ITicketBroker.sol";
import {BrokerFixture} from "./helpers/BrokerFixture.sol";

/// @notice Session grants: who may sign tickets, up to how much, until when.
contract GrantsTest is BrokerFixture {
    function setUp() public override {
        super.setUp();
        fund(100 ether, 0, 0);
        staking.setStake(recipient, 100 ether);
    }

    function test_registerGrant_AnyoneMayOnTheSendersSignature() public {
        ITicketBroker.SignedGrant memory signed = makeGrant(5 ether);
        bytes32 grantHash = broker.hashGrant(signed.grant);
        vm.expectEmit(address(broker));
        emit ITicketBroker.GrantRegistered(
            sender, grantHash, session, 5 ether, ESCROW_CAP, signed.grant.validUntil
        );
        vm.prank(makeAddr("anyone"));
        broker.registerGrant(signed);
        ITicketBroker.GrantInfo memory info = broker.grantInfo(sender, grantHash, session);
        assertEq(info.validUntil, signed.grant.validUntil);
        assertEq(info.spendCap, 5 ether);
        assertEq(info.spent, 0);
        assertEq(info.revocationRound, 0);
    }

    function test_registerGrant_AgainChangesNothing() public {
        bytes32 grantHash = registerGrant(5 ether);
        broker.redeem(winnerOfGrant(1 ether, grantHash), 0);
        revoke();
        broker.registerGrant(registered);
        ITicketBroker.GrantInfo memory info = broker.grantInfo(sender, grantHash, session);
        assertEq(info.spent, 1 ether);
        assertEq(info.revocationRound, 1);
    }

    function test_registerGrant_RevertsWhen_NotSignedByTheSender() public {
        ITicketBroker.SignedGrant memory signed = makeGrant(5 ether);
        bytes32 grantHash = broker.hashGrant(signed.grant);
        signed.signature = signDigest(SESSION_KEY, grantHash);
        _invalid(signed);
        signed.signature = "";
        _invalid(signed);
        signed = makeGrant(5 ether);
        signed.grant.spendCap = 6 ether;
        _invalid(signed);
    }

    function test_registerGrant_RevertsWhen_SenderOrKeyIsZero() public {
        ITicketBroker.SignedGrant memory signed = makeGrant(5 ether);
        signed.grant.key = address(0);
        signed.signature = signDigest(SENDER_KEY, broker.hashGrant(signed.grant));
        _invalid(signed);
        signed = makeGrant(5 ether);
        signed.grant.sender = address(0);
        _invalid(signed);
    }

    function test_registerGrant_CapsWhatItStores() public {
        ITicketBroker.SignedGrant memory signed = makeGrant(type(uint256).max);
        signed.grant.validUntil = type(uint64).max;
        signed.signature = signDigest(SENDER_KEY, broker.hashGrant(signed.grant));
        broker.registerGrant(signed);
        ITicketBroker.GrantInfo memory info = broker.grantInfo(sender, broker.hashGrant(signed.grant), session);
        assertEq(info.spendCap, type(uint88).max);
        assertEq(info.validUntil, type(uint40).max);
    }

    function test_redeem_BySessionKeyWithinTheCap() public {
        bytes32 grantHash = registerGrant(5 ether);
        assertEq(broker.redeem(winnerOfGrant(2 ether, grantHash), 2 ether), 2 ether);
        assertEq(broker.grantInfo(sender, grantHash, session).spent, 2 ether);
        assertEq(depositOf(sender), 98 ether);
    }

    function test_redeemWithGrant_RegistersAndRedeemsInOne() public {
        ITicketBroker.SignedGrant memory signed = makeGrant(5 ether);
        bytes32 grantHash = broker.hashGrant(signed.grant);
        assertEq(broker.redeemWithGrant(winnerOfGrant(2 ether, grantHash), 2 ether, signed), 2 ether);
        assertEq(broker.redeemWithGrant(winnerOfGrant(2 ether, grantHash), 2 ether, signed), 2 ether);
        assertEq(broker.grantInfo(sender, grantHash, session).spent, 4 ether);
    }

    function test_redeemWithGrant_WorksWhilePaused() public {
        ITicketBroker.SignedGrant memory signed = makeGrant(5 ether);
        ITicketBroker.Redemption memory redemption = winnerOfGrant(2 ether, broker.hashGrant(signed.grant));
        broker.pause();
        assertEq(broker.redeemWithGrant(redemption, 2 ether, signed), 2 ether);
    }

    function test_redeemWithGrant_RevertsWhen_TheGrantIsInvalid() public {
        ITicketBroker.SignedGrant memory signed = makeGrant(5 ether);
        bytes32 grantHash = broker.hashGrant(signed.grant);
        signed.signature = signDigest(SESSION_KEY, grantHash);
        ITicketBroker.Redemption memory redemption = winnerOfGrant(2 ether, grantHash);
        vm.expectRevert(
            abi.encodeWithSelector(ITicketBroker.TicketBrokerInvalidGrant.selector, grantHash, sender)
        );
        broker.redeemWithGrant(redemption, 0, signed);
    }

    function test_redeem_TheCapHoldsAcrossAllTicketsOfTheGrant() public {
        bytes32 grantHash = registerGrant(5 ether);
        broker.redeem(winnerOfGrant(3 ether, grantHash), 0);
        ITicketBroker.Redemption memory last = winnerOfGrant(3 ether, grantHash);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITicketBroker.TicketBrokerPayoutTooLow.selector, broker.hashTicket(last.ticket), 2 ether, 3 ether
            )
        );
        broker.redeem(last, 3 ether);
        assertEq(broker.redeem(last, 0), 2 ether);
        ITicketBroker.Redemption memory beyond = winnerOfGrant(1, grantHash);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITicketBroker.TicketBrokerPayoutTooLow.selector, broker.hashTicket(beyond.ticket), 0, 0
            )
        );
        broker.redeem(beyond, 0);
    }

    /// @dev What a cap withholds is a shortfall, or a tight cap given to three orchestrators would be double spending
    /// without penalty.
    function test_punish_WhatTheCapWithholdsIsAShortfallUpToTheEscrowCap() public {
        fund(0, 0, 10 ether);
        registered = makeGrant(1 ether);
        registered.grant.escrowCap = 3 ether;
        bytes32 grantHash = broker.hashGrant(registered.grant);
        registered.signature = signDigest(SENDER_KEY, grantHash);
        (uint256 paid,) = punishWith(winnerOfGrant(3 ether, grantHash), asList(registered));
        assertEq(paid, 1 ether);
        assertEq(broker.senderInfo(sender).escrow, 9 ether, "half of what the cap withheld");
        punishWith(winnerOfGrant(100 ether, grantHash), asList(registered));
        assertEq(broker.senderInfo(sender).escrow, 7 ether, "a session key burns no more than its grant says");
        assertEq(broker.grantInfo(sender, grantHash, session).escrowBurned, 3 ether);
        ITicketBroker.Redemption memory more = winnerOfGrant(100 ether, grantHash);
        (paid,) = punishWith(more, asList(registered));
        assertEq(paid, 0);
        assertEq(broker.senderInfo(sender).escrow, 7 ether);
    }

    function test_punish_BurnsNothingForAGrantThatIsNotShown() public {
        fund(0, 0, 10 ether);
        bytes32 grantHash = registerGrant(1 ether);
        (uint256 paid,) = punish(winnerOfGrant(3 ether, grantHash));
        assertEq(paid, 1 ether);
        assertEq(broker.senderInfo(sender).escrow, 10 ether);
    }

    /// @dev An accomplice empties the cap; the victim's designation still pays.
    function test_redeem_ADesignationPaysBeyondTheCap() public {
        fund(0, 5 ether, 0);
        designate(recipient, 5 ether);
        nextRound();
        bytes32 grantHash = registerGrant(1 ether);
        ITicketBroker.Ticket memory drain = makeTicket(1 ether);
        drain.recipient = makeAddr("accomplice");
        broker.redeem(sign(drain, SESSION_KEY, grantHash), 1 ether);
        assertEq(broker.redeem(winnerOfGrant(3 ether, grantHash), 3 ether), 3 ether);
        assertEq(broker.grantInfo(sender, grantHash, session).spent, 1 ether, "the reserve is not under the cap");
    }

    /// @dev A key whose time is over dates tickets back: they pay nobody who holds no stake.
    function test_redeem_AnEndedGrantPaysOnlyActiveRecipients() public {
        bytes32 grantHash = registerGrant(10 ether);
        ITicketBroker.Ticket memory back = makeTicket(10 ether);
        back.recipient = makeAddr("thief");
        ITicketBroker.Redemption memory redemption = sign(back, SESSION_KEY, grantHash);
        revoke();
        vm.expectRevert(
            abi.encodeWithSelector(ITicketBroker.TicketBrokerGrantEnded.selector, grantHash, back.recipient)
        );
        broker.redeem(redemption, 0);
    }

    function test_redeem_AnExpiredGrantPaysOnlyActiveRecipients() public {
        registered = makeGrant(10 ether);
        registered.grant.validUntil = uint64(block.timestamp + 60);
        bytes32 grantHash = broker.hashGrant(registered.grant);
        registered.signature = signDigest(SENDER_KEY, grantHash);
        broker.registerGrant(registered);
        ITicketBroker.Ticket memory back = makeTicket(10 ether);
        back.recipient = makeAddr("thief");
        ITicketBroker.Redemption memory redemption = sign(back, SESSION_KEY, grantHash);
        vm.warp(block.timestamp + 61);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerGrantEnded.selector);
        broker.redeem(redemption, 0);
        assertEq(broker.redeem(winnerOfGrant(1 ether, grantHash), 0), 1 ether, "an active one is paid");
    }

    /// @dev The ticket names its grant: whoever redeems cannot choose another of the same key.
    function test_redeem_OnlyUnderTheGrantThatTheTicketNames() public {
        bytes32 first = registerGrant(1 ether);
        ITicketBroker.Redemption memory redemption = winnerOfGrant(2 ether, first);
        ITicketBroker.SignedGrant memory second = makeGrant(5 ether);
        second.grant.salt = bytes32(uint256(9));
        second.signature = signDigest(SENDER_KEY, broker.hashGrant(second.grant));
        broker.registerGrant(second);
        redemption.ticket.grant = broker.hashGrant(second.grant);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerGrantUnknown.selector);
        broker.redeem(redemption, 0);
    }

    function test_redeem_RevertsWhen_TheGrantIsUnknown() public {
        bytes32 grantHash = broker.hashGrant(makeGrant(5 ether).grant);
        _refusedUnknown(winnerOfGrant(1 ether, grantHash), grantHash, session);
    }

    function test_redeem_RevertsWhen_TheGrantIsOfAnotherKey() public {
        bytes32 grantHash = registerGrant(5 ether);
        _refusedUnknown(sign(makeTicket(1 ether), 0xBAD, grantHash), grantHash, vm.addr(0xBAD));
        _refusedUnknown(sign(makeTicket(1 ether), SENDER_KEY, grantHash), grantHash, sender);
    }

    function test_redeem_RevertsWhen_TheGrantIsOfAnotherSender() public {
        bytes32 grantHash = registerGrant(5 ether);
        address victim = makeAddr("victim");
        vm.deal(victim, 1 ether);
        vm.prank(victim);
        broker.fundDeposit{value: 1 ether}();
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        ticket.sender = victim;
        ITicketBroker.Redemption memory redemption = sign(ticket, SESSION_KEY, grantHash);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITicketBroker.TicketBrokerGrantUnknown.selector, victim, grantHash, session
            )
        );
        broker.redeem(redemption, 0);
    }

    function test_redeem_RevertsWhen_TheGrantRanOutBeforeTheTicketsRound() public {
        ITicketBroker.SignedGrant memory signed = makeGrant(5 ether);
        (, uint256 start, uint256 end) = rounds.currentRoundState();
        signed.grant.validUntil = uint64(start + 10);
        bytes32 grantHash = broker.hashGrant(signed.grant);
        signed.signature = signDigest(SENDER_KEY, grantHash);
        broker.registerGrant(signed);
        ITicketBroker.Redemption memory early = winnerOfGrant(1 ether, grantHash);
        nextRound();
        assertEq(broker.redeem(early, 0), 1 ether, "made while it was good");
        ITicketBroker.Redemption memory late = winnerOfGrant(1 ether, grantHash);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITicketBroker.TicketBrokerGrantExpired.selector, grantHash, start + 10, end
            )
        );
        broker.redeem(late, 0);
    }

    function test_redeem_AsksForTheStartOfOlderRounds() public {
        broker.setParameters(4, 4, BURN_SHARE);
        bytes32 grantHash = registerGrant(5 ether);
        ITicketBroker.Redemption memory redemption = winnerOfGrant(1 ether, grantHash);
        nextRounds(3);
        assertEq(broker.redeem(redemption, 0), 1 ether);
    }

    function test_revokeGrant_KeepsAcceptedTicketsGood() public {
        bytes32 grantHash = registerGrant(5 ether);
        ITicketBroker.Redemption memory accepted = winnerOfGrant(1 ether, grantHash);
        vm.expectEmit(address(broker));
        emit ITicketBroker.GrantRevoked(sender, grantHash, session, 1);
        revoke();
        nextRound();
        assertEq(broker.redeem(accepted, 0), 1 ether);
        ITicketBroker.Redemption memory later = winnerOfGrant(1 ether, grantHash);
        vm.expectRevert(
            abi.encodeWithSelector(ITicketBroker.TicketBrokerGrantRevoked.selector, grantHash, 1, 2)
        );
        broker.redeem(later, 0);
    }

    function test_revokeGrant_WorksBeforeTheGrantIsKnown() public {
        ITicketBroker.SignedGrant memory signed = makeGrant(5 ether);
        bytes32 grantHash = broker.hashGrant(signed.grant);
        vm.prank(sender);
        broker.revokeGrant(signed.grant);
        assertEq(broker.grantInfo(sender, grantHash, session).revocationRound, 1);
        nextRound();
        broker.registerGrant(signed);
        ITicketBroker.Redemption memory later = winnerOfGrant(1 ether, grantHash);
        vm.expectRevert(
            abi.encodeWithSelector(ITicketBroker.TicketBrokerGrantRevoked.selector, grantHash, 1, 2)
        );
        broker.redeem(later, 0);
    }

    function test_revokeGrant_TheFirstRevocationStands() public {
        bytes32 grantHash = registerGrant(5 ether);
        revoke();
        nextRound();
        revoke();
        assertEq(broker.grantInfo(sender, grantHash, session).revocationRound, 1);
    }

    function test_revokeGrant_ByAStrangerDoesNothingToTheSender() public {
        bytes32 grantHash = registerGrant(5 ether);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerInvalidGrant.selector, grantHash, sender));
        vm.prank(makeAddr("stranger"));
        broker.revokeGrant(registered.grant);
        assertEq(broker.grantInfo(sender, grantHash, session).revocationRound, 0);
        nextRound();
        assertEq(broker.redeem(winnerOfGrant(1 ether, grantHash), 0), 1 ether);
    }

    function test_registerGrant_ByAContractThatAnswersErc1271() public {
        Wallet wallet = new Wallet(vm.addr(0x0071), Wallet.Mood.Honest);
        ITicketBroker.SignedGrant memory signed = _walletGrant(address(wallet));
        bytes32 grantHash = broker.hashGrant(signed.grant);
        signed.signature = signDigest(0x0071, grantHash);
        broker.registerGrant(signed);
        vm.deal(address(wallet), 2 ether);
        vm.prank(address(wallet));
        broker.fundDeposit{value: 2 ether}();
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        ticket.sender = address(wallet);
        assertEq(broker.redeem(sign(ticket, SESSION_KEY, grantHash), 0), 1 ether);
    }

    function test_registerGrant_RevertsWhen_TheContractDoesNotAnswerAsItShould() public {
        for (uint256 mood = 1; mood <= uint256(type(Wallet.Mood).max); ++mood) {
            Wallet wallet = new Wallet(vm.addr(0x0071), Wallet.Mood(mood));
            ITicketBroker.SignedGrant memory signed = _walletGrant(address(wallet));
            signed.signature = signDigest(0x0071, broker.hashGrant(signed.grant));
            _invalid(signed);
        }
    }

    function test_redeem_TicketsAreNeverErc1271() public {
        Wallet wallet = new Wallet(vm.addr(0x0071), Wallet.Mood.Honest);
        vm.deal(address(wallet), 2 ether);
        vm.prank(address(wallet));
        broker.fundDeposit{value: 2 ether}();
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        ticket.sender = address(wallet);
        ITicketBroker.Redemption memory redemption = sign(ticket, 0x0071);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITicketBroker.TicketBrokerWrongSigner.selector,
                broker.hashTicket(ticket),
                vm.addr(0x0071),
                address(wallet)
            )
        );
        broker.redeem(redemption, 0);
    }

    /// @dev Whatever the tickets, a grant pays out its cap and no more.
    function testFuzz_redeem_GrantNeverExceedsItsCap(uint88 cap, uint80[10] memory faceValues) public {
        vm.assume(cap != 0);
        vm.deal(sender, type(uint96).max);
        fund(type(uint96).max, 0, 0);
        bytes32 grantHash = registerGrant(cap);
        uint256 due = 0;
        uint256 paid = 0;
        for (uint256 i = 0; i < faceValues.length; ++i) {
            due += faceValues[i];
            try broker.redeem(winnerOfGrant(faceValues[i], grantHash), 0) returns (uint256 payout) {
                paid += payout;
            } catch {}
        }
        assertEq(paid, due < cap ? due : cap);
        assertEq(broker.grantInfo(sender, grantHash, session).spent, paid);
    }

    function _walletGrant(address wallet) private view returns (ITicketBroker.SignedGrant memory signed) {
        signed = makeGrant(5 ether);
        signed.grant.sender = wallet;
    }

    function _invalid(ITicketBroker.SignedGrant memory signed) private {
        bytes32 grantHash = broker.hashGrant(signed.grant);
        vm.expectRevert(
            abi.encodeWithSelector(ITicketBroker.TicketBrokerInvalidGrant.selector, grantHash, signed.grant.sender)
        );
        broker.registerGrant(signed);
    }

    function _refusedUnknown(ITicketBroker.Redemption memory redemption, bytes32 grantHash, address signer) private {
        vm.expectRevert(
            abi.encodeWithSelector(ITicketBroker.TicketBrokerGrantUnknown.selector, sender, grantHash, signer)
        );
        broker.redeem(redemption, 0);
    }
}

/// @notice A smart account, and some that misbehave.
contract Wallet {
    enum Mood {
        Honest,
        Refusing,
        Reverting,
        Silent,
        Bomb,
        Greedy
    }

    address private immutable _owner;
    Mood private immutable _mood;

    constructor(address owner, Mood mood) {
        _owner = owner;
        _mood = mood;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (_mood == Mood.Refusing) return 0xffffffff;
        if (_mood == Mood.Reverting) revert("no");
        if (_mood == Mood.Silent) {
            assembly {
                return(0, 0)
            }
        }
        if (_mood == Mood.Bomb) {
            assembly {
                return(0, 100000)
            }
        }
        if (_mood == Mood.Greedy) {
            while (true) {}
        }
        (uint8 v, bytes32 r, bytes32 s) =
            (uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64]));
        return ecrecover(digest, v, r, s) == _owner ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}
