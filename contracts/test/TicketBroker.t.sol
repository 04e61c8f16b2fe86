// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ITicketBroker} from "../src/interfaces/ITicketBroker.sol";
import {TicketBroker} from "../src/TicketBroker.sol";
import {BrokerFixture} from "./helpers/BrokerFixture.sol";
import {StakingDouble} from "./helpers/StakingDouble.sol";

/// @notice Redeeming one ticket: what is valid, what is paid.
contract TicketBrokerTest is BrokerFixture {
    address private anyone = makeAddr("anyone");

    function setUp() public override {
        super.setUp();
        fund(10 ether, 0, 0);
    }

    function test_redeem_PaysTheFaceValueToTheRecipientWhoeverSubmits() public {
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        ITicketBroker.Ticket memory ticket = redemption.ticket;
        bytes32 ticketHash = broker.hashTicket(ticket);
        vm.expectCall(
            address(staking), 1 ether, abi.encodeCall(StakingDouble.bookFees, (recipient, 1, 250_000))
        );
        vm.expectEmit(address(broker));
        emit ITicketBroker.WinningTicketRedeemed(
            sender,
            recipient,
            ticketHash,
            bytes32(0),
            1 ether,
            1 ether,
            ticket.winProb,
            ticket.nonce,
            redemption.recipientRand,
            250_000
        );
        vm.prank(anyone);
        assertEq(broker.redeem(redemption, 1 ether), 1 ether);
        assertEq(depositOf(sender), 9 ether);
        assertEq(staking.pendingFees(recipient), 1 ether);
        assertEq(broker.ticketPaid(redemption.ticket, redemption.signature), 1 ether);
        assertEq(anyone.balance, 0);
    }

    function test_redeem_PaysExactlyTheDeposit() public {
        assertEq(broker.redeem(winner(10 ether), 10 ether), 10 ether);
        assertEq(depositOf(sender), 0);
    }

    function test_redeem_RevertsWhen_RecipientIsZero() public {
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        ticket.recipient = address(0);
        _refused(sign(ticket, SENDER_KEY), abi.encodeWithSelector(ITicketBroker.TicketBrokerZeroRecipient.selector));
    }

    function test_redeem_RevertsWhen_SenderIsZero() public {
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        ticket.sender = address(0);
        _refused(sign(ticket, SENDER_KEY), abi.encodeWithSelector(ITicketBroker.TicketBrokerZeroSender.selector));
    }

    function test_redeem_RevertsWhen_FeeShareExceedsOne() public {
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        ticket.feeShare = 1_000_001;
        _refused(
            sign(ticket, SENDER_KEY),
            abi.encodeWithSelector(ITicketBroker.TicketBrokerInvalidFeeShare.selector, 1_000_001)
        );
    }

    function test_redeem_RevertsWhen_RoundWasNeverInitialized() public {
        vm.warp(block.timestamp + ROUND_LENGTH);
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        _refused(
            sign(ticket, SENDER_KEY),
            abi.encodeWithSelector(ITicketBroker.TicketBrokerRoundNotInitialized.selector, 2)
        );
    }

    function test_redeem_RevertsWhen_RoundIsToCome() public {
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        ticket.creationRound = 2;
        _refused(
            sign(ticket, SENDER_KEY),
            abi.encodeWithSelector(ITicketBroker.TicketBrokerRoundNotInitialized.selector, 2)
        );
        ticket.creationRound = type(uint256).max;
        _refused(
            sign(ticket, SENDER_KEY),
            abi.encodeWithSelector(ITicketBroker.TicketBrokerRoundNotInitialized.selector, type(uint256).max)
        );
    }

    function test_redeem_RevertsWhen_BlockHashIsAnother() public {
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        bytes32 right = ticket.creationRoundBlockHash;
        ticket.creationRoundBlockHash = bytes32(uint256(1));
        _refused(
            sign(ticket, SENDER_KEY),
            abi.encodeWithSelector(ITicketBroker.TicketBrokerWrongBlockHash.selector, 1, bytes32(uint256(1)), right)
        );
    }

    function test_redeem_RevertsWhen_TicketHasExpired() public {
        ITicketBroker.Redemption memory early = winner(1 ether);
        ITicketBroker.Redemption memory late = winner(1 ether);
        nextRound();
        assertEq(broker.redeem(early, 1 ether), 1 ether, "valid in the round after its own");
        nextRound();
        _refused(late, abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketExpired.selector, 1, 2, 3));
    }

    function test_redeem_ExpiresByRoundAcrossAChangeOfLength() public {
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        rounds.setRoundLength(ROUND_LENGTH / 2);
        nextRounds(2);
        _refused(redemption, abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketExpired.selector, 1, 2, 3));
    }

    function test_redeem_NeedsNoInitializedCurrentRound() public {
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        vm.warp(block.timestamp + ROUND_LENGTH);
        assertEq(broker.redeem(redemption, 1 ether), 1 ether);
    }

    function test_redeem_RevertsWhen_RandIsNotTheCommittedOne() public {
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        redemption.recipientRand ^= 1;
        _refused(
            redemption,
            abi.encodeWithSelector(
                ITicketBroker.TicketBrokerWrongRecipientRand.selector,
                redemption.recipientRand,
                redemption.ticket.recipientRandHash
            )
        );
    }

    function test_redeem_RevertsWhen_SpentInFull() public {
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        broker.redeem(redemption, 0);
        bytes32 ticketHash = broker.hashTicket(redemption.ticket);
        _refused(redemption, abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketSpent.selector, ticketHash, 1 ether));
    }

    function test_redeem_RevertsWhen_FaceValueIsZero() public {
        ITicketBroker.Redemption memory redemption = winner(0);
        bytes32 ticketHash = broker.hashTicket(redemption.ticket);
        _refused(redemption, abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketSpent.selector, ticketHash, 0));
    }

    function test_redeem_RevertsWhen_SomebodyElseSigned() public {
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        _refused(
            sign(ticket, SESSION_KEY),
            abi.encodeWithSelector(
                ITicketBroker.TicketBrokerWrongSigner.selector, broker.hashTicket(ticket), session, sender
            )
        );
    }

    function test_redeem_RevertsWhen_TicketWasAlteredAfterSigning() public {
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        redemption.ticket.faceValue = 2 ether;
        vm.expectRevert();
        broker.redeem(redemption, 0);
        assertEq(depositOf(sender), 10 ether);
    }

    function test_redeem_RevertsWhen_TicketLost() public {
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        ticket.winProb = 0;
        ITicketBroker.Redemption memory redemption = sign(ticket, SENDER_KEY);
        _refused(
            redemption,
            abi.encodeWithSelector(
                ITicketBroker.TicketBrokerTicketLost.selector, broker.hashTicket(ticket), _draw(redemption), 0
            )
        );
    }

    function test_redeem_WinsIffTheDrawIsBelowWinProb() public {
        ITicketBroker.Ticket memory ticket = makeTicket(0.01 ether);
        ticket.winProb = type(uint256).max / 4;
        uint256 won = 0;
        for (uint256 i = 0; i < 64; ++i) {
            ticket.nonce = 1_000 + i;
            ticket.recipientRandHash = keccak256(abi.encode(randOf(ticket.nonce)));
            ITicketBroker.Redemption memory redemption = sign(ticket, SENDER_KEY);
            if (_draw(redemption) < ticket.winProb) {
                ++won;
                assertEq(broker.redeem(redemption, 0), 0.01 ether);
            } else {
                vm.expectPartialRevert(ITicketBroker.TicketBrokerTicketLost.selector);
                broker.redeem(redemption, 0);
            }
        }
        assertGt(won, 4);
        assertLt(won, 32);
    }

    function test_redeem_RevertsWhen_SignatureIsMalformed() public {
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        bytes32 ticketHash = broker.hashTicket(redemption.ticket);
        bytes memory expected =
            abi.encodeWithSelector(ITicketBroker.TicketBrokerMalformedSignature.selector, ticketHash);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SENDER_KEY, ticketHash);
        bytes[7] memory malformed = [
            bytes(""),
            abi.encodePacked(r, s), // no v
            abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255))), // EIP-2098
            abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27)), // high s
            abi.encodePacked(r, s, uint8(v - 27)), // v of 0 or 1
            abi.encodePacked(r, s, v, uint8(0)), // a byte too many
            abi.encodePacked(bytes32(0), s, v) // recovers to nobody
        ];
        for (uint256 i = 0; i < malformed.length; ++i) {
            redemption.signature = malformed[i];
            _refused(redemption, expected);
        }
    }

    function test_redeem_RevertsWhen_SenderIsUnlocked() public {
        vm.prank(sender);
        broker.unlock();
        nextRound();
        assertEq(broker.redeem(winner(1 ether), 0), 1 ether, "while the wait runs");
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        nextRound();
        _refused(redemption, abi.encodeWithSelector(ITicketBroker.TicketBrokerSenderUnlocked.selector, sender, 3));
    }

    function test_redeem_EveryTicketMadeBeforeAnUnlockExpiresBeforeTheWithdrawal() public {
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        vm.prank(sender);
        broker.unlock();
        nextRound();
        broker.redeem(redemption, 1 ether);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerStillLocked.selector);
        vm.prank(sender);
        broker.withdraw();
    }

    function test_redeem_RevertsWhen_LessThanMinPayoutCanBePaid() public {
        ITicketBroker.Redemption memory redemption = winner(11 ether);
        bytes32 ticketHash = broker.hashTicket(redemption.ticket);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITicketBroker.TicketBrokerPayoutTooLow.selector, ticketHash, 10 ether, 10 ether + 1
            )
        );
        broker.redeem(redemption, 10 ether + 1);
        assertEq(depositOf(sender), 10 ether);
        assertEq(broker.redeem(redemption, 10 ether), 10 ether);
    }

    function test_redeem_RemainderStaysRedeemableUntilExpiry() public {
        ITicketBroker.Redemption memory redemption = winner(11 ether);
        bytes32 ticketHash = broker.hashTicket(redemption.ticket);
        assertEq(broker.redeem(redemption, 0), 10 ether);
        fund(5 ether, 0, 0);
        nextRound();
        assertEq(broker.redeem(redemption, 1 ether), 1 ether);
        assertEq(depositOf(sender), 4 ether);
        assertEq(broker.ticketPaid(redemption.ticket, redemption.signature), 11 ether);
        _refused(redemption, abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketSpent.selector, ticketHash, 11 ether));
    }

    function test_redeem_RevertsWhen_NothingIsLeft() public {
        broker.redeem(winner(10 ether), 0);
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        bytes32 ticketHash = broker.hashTicket(redemption.ticket);
        _refused(redemption, abi.encodeWithSelector(ITicketBroker.TicketBrokerPayoutTooLow.selector, ticketHash, 0, 0));
        fund(1 ether, 0, 0);
        assertEq(broker.redeem(redemption, 1 ether), 1 ether, "a refused ticket is not burned");
    }

    /// @dev A nonce is a bit: of two tickets of one signer, recipient and nonce the first is paid.
    function test_redeem_RevertsWhen_TheNonceWasUsed() public {
        ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
        broker.redeem(sign(ticket, SENDER_KEY), 1 ether);
        ticket.faceValue = 2 ether;
        ITicketBroker.Redemption memory twin = sign(ticket, SENDER_KEY);
        bytes32 ticketHash = broker.hashTicket(twin.ticket);
        _refused(twin, abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketSpent.selector, ticketHash, 2 ether));
        twin.ticket.recipient = makeAddr("another recipient");
        assertEq(broker.redeem(sign(twin.ticket, SENDER_KEY), 2 ether), 2 ether, "each recipient has its own");
    }

    function test_redeem_NoncesFarApartDoNotMeet() public {
        uint256[4] memory nonces = [uint256(7), 7 + 256, type(uint256).max, type(uint256).max - 256];
        for (uint256 i = 0; i < nonces.length; ++i) {
            ITicketBroker.Ticket memory ticket = makeTicket(1 ether);
            ticket.nonce = nonces[i];
            ticket.recipientRandHash = keccak256(abi.encode(randOf(nonces[i])));
            assertEq(broker.redeem(sign(ticket, SENDER_KEY), 1 ether), 1 ether);
        }
    }

    function test_redeem_HugeFaceValuePaysWhatIsThere() public {
        assertEq(broker.redeem(winner(type(uint256).max), 0), 10 ether);
    }

    function test_setParameters_ChangesThemAndKeepsTheOrder() public {
        vm.expectEmit(address(broker));
        emit ITicketBroker.ParametersChanged(2, 3, 2, 4, BURN_SHARE, 250_000);
        broker.setParameters(3, 4, 250_000);
        assertEq(broker.ticketValidityPeriod(), 3);
        assertEq(broker.unlockPeriod(), 4);
        assertEq(broker.escrowBurnShare(), 250_000);
    }

    /// @dev Was: a governor made of any parameter what it liked, at once.
    function test_setParameters_OneBoundedStepARound() public {
        _stepRefused(4, 5, BURN_SHARE, 2, 5);
        _stepRefused(2, 2, BURN_SHARE + 250_001, BURN_SHARE, BURN_SHARE + 250_001);
        _stepRefused(2, 2, BURN_SHARE - 250_001, BURN_SHARE, BURN_SHARE - 250_001);
        broker.setParameters(4, 4, BURN_SHARE);
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerChangedInRound.selector, 1));
        broker.setParameters(4, 7, BURN_SHARE);
        nextRound();
        _stepRefused(1, 4, BURN_SHARE, 4, 1);
        broker.setParameters(4, 7, BURN_SHARE);
    }

    function test_setParameters_RevertsWhen_OutOfOrder() public {
        uint256[3][5] memory bad =
            [[uint256(0), 2, 0], [uint256(3), 2, 0], [uint256(2), 8, 0], [uint256(2), 2, 1_000_001], [uint256(5), 6, 0]];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ITicketBroker.TicketBrokerInvalidParameters.selector, bad[i][0], bad[i][1], 7, uint32(bad[i][2])
                )
            );
            broker.setParameters(bad[i][0], bad[i][1], uint32(bad[i][2]));
        }
        staking.setUnbondingPeriod(70_000);
        vm.expectPartialRevert(ITicketBroker.TicketBrokerInvalidParameters.selector);
        broker.setParameters(2, 256, 0);
    }

    function test_setParameters_SparesTicketsMadeBefore() public {
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        nextRound();
        broker.setParameters(1, UNLOCK, BURN_SHARE);
        assertEq(broker.redeem(redemption, 1 ether), 1 ether);
        ITicketBroker.Redemption memory spared = winner(1 ether);
        nextRound();
        ITicketBroker.Redemption memory short = winner(1 ether);
        assertEq(broker.redeem(spared, 1 ether), 1 ether, "the round of the change is spared as a whole");
        nextRound();
        _refused(
            short, abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketExpired.selector, 3, 1, 4)
        );
    }

    /// @dev Whoever unlocks after a change waits for the tickets of before it.
    function test_setParameters_NoWithdrawalBeforeATicketHasExpired() public {
        broker.setParameters(4, 4, BURN_SHARE);
        nextRound();
        winner(1 ether);
        broker.setParameters(2, 2, BURN_SHARE);
        vm.prank(sender);
        broker.unlock();
        assertEq(broker.senderInfo(sender).withdrawRound, 6);
    }

    function _stepRefused(uint256 validity, uint256 unlock, uint32 share, uint256 from, uint256 to) private {
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerStepTooLarge.selector, from, to));
        broker.setParameters(validity, unlock, share);
    }

    function test_haltRedemption_StopsRedeemingAndCostsNoTicket() public {
        ITicketBroker.Redemption memory redemption = winner(1 ether);
        nextRound();
        vm.expectEmit(address(broker));
        emit ITicketBroker.RedemptionHalted(2);
        broker.haltRedemption();
        assertTrue(broker.redemptionHalted());
        _refused(redemption, abi.encodeWithSelector(ITicketBroker.TicketBrokerRedemptionHalted.selector));
        vm.expectRevert(ITicketBroker.TicketBrokerRedemptionHalted.selector);
        broker.redeemBatch(new ITicketBroker.Redemption[](0), new uint256[](0), noGrants());
        vm.expectRevert(ITicketBroker.TicketBrokerRedemptionHalted.selector);
        broker.redeemAndPunish(new ITicketBroker.Redemption[](0), noGrants());
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerHaltUnchanged.selector, true));
        broker.haltRedemption();
        nextRounds(3);
        vm.expectEmit(address(broker));
        emit ITicketBroker.RedemptionResumed(5, 3);
        broker.resumeRedemption();
        assertEq(broker.redeem(redemption, 1 ether), 1 ether, "it has the time that it had");
        vm.expectRevert(abi.encodeWithSelector(ITicketBroker.TicketBrokerHaltUnchanged.selector, false));
        broker.resumeRedemption();
        ITicketBroker.Redemption memory later = winner(1 ether);
        nextRounds(5);
        _refused(later, abi.encodeWithSelector(ITicketBroker.TicketBrokerTicketExpired.selector, 5, 5, 10));
    }

    function test_setters_RevertWhen_CallerHasNoRole() public {
        vm.startPrank(anyone);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anyone));
        broker.setParameters(2, 2, 0);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anyone));
        broker.pause();
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anyone));
        broker.haltRedemption();
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anyone));
        broker.resumeRedemption();
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, anyone));
        broker.upgradeToAndCall(address(1), "");
        vm.stopPrank();
    }

    function test_initialize_RevertsWhen_CalledAgainOrOnTheImplementation() public {
        vm.expectRevert();
        broker.initialize(address(manager), 2, 2, 0);
        TicketBroker implementation = new TicketBroker(address(rounds), address(staking), address(registry));
        vm.expectRevert();
        implementation.initialize(address(manager), 2, 2, 0);
    }

    function test_senderStanding_ShowsAllThereIsToJudgeASenderBy() public {
        fund(0, 5 ether, 1 ether);
        designate(recipient, 3 ether);
        bytes32 grantHash = registerGrant(2 ether);
        nextRound();
        broker.redeem(winnerOfGrant(0.5 ether, grantHash), 0);
        vm.warp(block.timestamp + ROUND_LENGTH);
        ITicketBroker.SenderStanding memory standing = broker.senderStanding(sender, recipient, grantHash, session);
        assertEq(standing.info.deposit, 9.5 ether);
        assertEq(standing.info.reserve, 5 ether);
        assertEq(standing.info.escrow, 1 ether);
        assertEq(standing.info.withdrawRound, 0);
        assertEq(standing.claimableReserve, 3 ether);
        assertEq(standing.committedReserve, 3 ether);
        assertEq(standing.lastingReserve, 3 ether);
        assertGt(standing.grant.validUntil, 0);
        assertEq(standing.grant.spendCap, 2 ether);
        assertEq(standing.grant.spent, 0.5 ether);
        assertEq(standing.currentRound, 3);
        assertEq(standing.lastInitializedRound, 2);
        assertEq(standing.lastInitializedBlockHash, rounds.blockHashForRound(2));
        assertEq(standing.ticketValidityPeriod, VALIDITY);
    }

    /// @dev However often it is shown and the deposit topped up, a ticket pays its face value once.
    function testFuzz_redeem_PaysAtMostTheFaceValue(uint96 faceValue, uint96[6] memory topUps) public {
        vm.assume(faceValue != 0);
        ITicketBroker.Redemption memory redemption = winner(faceValue);
        uint256 paid = 0;
        uint256 funded = 10 ether;
        for (uint256 i = 0; i < topUps.length; ++i) {
            try broker.redeem(redemption, 0) returns (uint256 payout) {
                paid += payout;
            } catch {}
            assertEq(broker.ticketPaid(redemption.ticket, redemption.signature), paid);
            assertEq(paid, funded < faceValue ? funded : faceValue);
            assertEq(depositOf(sender), funded - paid);
            if (topUps[i] == 0) continue;
            vm.deal(sender, topUps[i]);
            fund(topUps[i], 0, 0);
            funded += topUps[i];
        }
    }

    function _draw(ITicketBroker.Redemption memory redemption) private pure returns (uint256) {
        bytes memory rs = new bytes(64);
        for (uint256 i = 0; i < 64; ++i) {
            rs[i] = redemption.signature[i];
        }
        return uint256(keccak256(abi.encodePacked(rs, redemption.recipientRand)));
    }

    function _refused(ITicketBroker.Redemption memory redemption, bytes memory reason) private {
        vm.expectRevert(reason);
        broker.redeem(redemption, 0);
    }
}
