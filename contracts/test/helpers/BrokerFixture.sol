// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {Fixture} from "./Fixture.sol";

/// @notice A sender with a session key, a recipient, and the means to make tickets that win.
abstract contract BrokerFixture is Fixture {
    uint256 internal constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    uint256 internal constant SENDER_KEY = 0xA11CE;
    uint256 internal constant SESSION_KEY = 0x5E5510;
    address internal sender = vm.addr(SENDER_KEY);
    address internal session = vm.addr(SESSION_KEY);
    address internal recipient = makeAddr("recipient");
    uint256 internal constant ESCROW_CAP = 100 ether;
    ITicketBroker.SignedGrant internal registered;
    uint256 private _nonce;

    function setUp() public virtual override {
        super.setUp();
        vm.deal(sender, 1_000 ether);
    }

    /// @dev A ticket that wins whatever its draw, by its sender's own key.
    function makeTicket(uint256 faceValue) internal returns (ITicketBroker.Ticket memory ticket) {
        uint256 round = rounds.currentRound();
        ticket = ITicketBroker.Ticket({
            recipient: recipient,
            sender: sender,
            grant: 0,
            faceValue: faceValue,
            winProb: type(uint256).max,
            nonce: ++_nonce,
            recipientRandHash: keccak256(abi.encode(randOf(_nonce))),
            creationRound: round,
            creationRoundBlockHash: rounds.blockHashForRound(round),
            feeShare: 250_000
        });
    }

    function randOf(uint256 nonce) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("rand", nonce)));
    }

    function sign(ITicketBroker.Ticket memory ticket, uint256 key)
        internal
        view
        returns (ITicketBroker.Redemption memory)
    {
        return sign(ticket, key, bytes32(0));
    }

    function sign(ITicketBroker.Ticket memory ticket, uint256 key, bytes32 grantHash)
        internal
        view
        returns (ITicketBroker.Redemption memory)
    {
        ticket.grant = grantHash;
        return ITicketBroker.Redemption({
            ticket: ticket,
            signature: signDigest(key, broker.hashTicket(ticket)),
            recipientRand: randOf(ticket.nonce)
        });
    }

    function signDigest(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function winner(uint256 faceValue) internal returns (ITicketBroker.Redemption memory) {
        return sign(makeTicket(faceValue), SENDER_KEY);
    }

    function winnerOfGrant(uint256 faceValue, bytes32 grantHash) internal returns (ITicketBroker.Redemption memory) {
        return sign(makeTicket(faceValue), SESSION_KEY, grantHash);
    }

    function makeGrant(uint256 spendCap) internal view returns (ITicketBroker.SignedGrant memory signed) {
        signed.grant = ITicketBroker.SessionGrant({
            sender: sender,
            key: session,
            spendCap: spendCap,
            escrowCap: ESCROW_CAP,
            validUntil: uint64(block.timestamp + 1 days),
            salt: bytes32(uint256(1))
        });
        signed.signature = signDigest(SENDER_KEY, broker.hashGrant(signed.grant));
    }

    function registerGrant(uint256 spendCap) internal returns (bytes32 grantHash) {
        ITicketBroker.SignedGrant memory signed = makeGrant(spendCap);
        registered = signed;
        broker.registerGrant(signed);
        return broker.hashGrant(signed.grant);
    }

    function fund(uint256 deposit, uint256 reserve, uint256 escrow) internal {
        vm.prank(sender);
        broker.fundDepositAndReserve{value: deposit + reserve + escrow}(deposit, reserve, escrow);
    }

    function designate(address orchestrator, uint256 amount) internal {
        address[] memory orchestrators = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        (orchestrators[0], amounts[0]) = (orchestrator, amount);
        vm.prank(sender);
        broker.designateReserve(orchestrators, amounts);
    }

    function noGrants() internal pure returns (ITicketBroker.SignedGrant[] memory) {
        return new ITicketBroker.SignedGrant[](0);
    }

    /// @dev The sender revokes what was registered last.
    function revoke() internal {
        vm.prank(sender);
        broker.revokeGrant(registered.grant);
    }

    /// @dev The recipient redeems for whatever there is and punishes what is missing.
    function punish(ITicketBroker.Redemption memory redemption) internal returns (uint256 paid, uint256 reward) {
        return punishWith(redemption, noGrants());
    }

    function punishWith(ITicketBroker.Redemption memory redemption, ITicketBroker.SignedGrant[] memory grants)
        internal
        returns (uint256, uint256)
    {
        ITicketBroker.Redemption[] memory redemptions = new ITicketBroker.Redemption[](1);
        redemptions[0] = redemption;
        vm.prank(redemption.ticket.recipient);
        (uint256[] memory paid, uint256 reward) = broker.redeemAndPunish(redemptions, grants);
        return (paid[0], reward);
    }

    function asList(ITicketBroker.SignedGrant memory grant)
        internal
        pure
        returns (ITicketBroker.SignedGrant[] memory grants)
    {
        grants = new ITicketBroker.SignedGrant[](1);
        grants[0] = grant;
    }

    function depositOf(address account) internal view returns (uint256) {
        return broker.senderInfo(account).deposit;
    }
}
