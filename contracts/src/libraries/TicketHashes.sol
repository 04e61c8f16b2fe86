// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ITicketBroker} from "../interfaces/ITicketBroker.sol";

/// @title TicketHashes
/// @notice EIP-712 digests of tickets and grants, and the draw. Pure.
/// @dev Must agree with sdk/src/payments; proven by test/vectors.
library TicketHashes {
    /// @dev Type hash of a ticket.
    bytes32 internal constant TICKET_TYPEHASH = keccak256(
        "Ticket(address recipient,address sender,bytes32 grant,uint256 faceValue,uint256 winProb,uint256 nonce,bytes32 recipientRandHash,uint256 creationRound,bytes32 creationRoundBlockHash,uint32 feeShare)"
    );
    /// @dev Type hash of a session grant.
    bytes32 internal constant GRANT_TYPEHASH =
        keccak256("SessionGrant(address sender,address key,uint256 spendCap,uint256 escrowCap,uint64 validUntil,bytes32 salt)");

    /// @dev Half the order of secp256k1: a signature with a larger s has a twin, which would be a second draw.
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice Digest of a ticket under a domain.
    /// @dev In assembly because this is paid for by every redemption: 700 gas less than `abi.encode`, its twin in the
    /// tests. A ticket is ten static words, so its encoding is its calldata.
    function hashTicket(ITicketBroker.Ticket calldata ticket, bytes32 domainSeparator)
        internal
        pure
        returns (bytes32 digest)
    {
        bytes32 typeHash = TICKET_TYPEHASH;
        // Measured, see above.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            calldatacopy(add(free, 0x20), ticket, 0x140)
            let structHash := keccak256(free, 0x160)
            mstore(free, hex"1901")
            mstore(add(free, 0x02), domainSeparator)
            mstore(add(free, 0x22), structHash)
            digest := keccak256(free, 0x42)
        }
    }

    /// @notice The recipient's commitment to its number: keccak256(abi.encode(recipientRand)), without its memory.
    function hashRand(uint256 recipientRand) internal pure returns (bytes32 commitment) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0, recipientRand)
            commitment := keccak256(0, 0x20)
        }
    }

    /// @notice Digest of a grant under a domain.
    function hashGrant(ITicketBroker.SessionGrant calldata grant, bytes32 domainSeparator)
        internal
        pure
        returns (bytes32)
    {
        return MessageHashUtils.toTypedDataHash(domainSeparator, keccak256(abi.encode(GRANT_TYPEHASH, grant)));
    }

    /// @notice Recovers a canonical signature and makes its draw.
    /// @param ticketHash what was signed
    /// @param signature 65 bytes r ‖ s ‖ v, low s, v of 27 or 28; anything else gives the zero signer
    /// @param recipientRand the recipient's number
    /// @return signer zero if the signature is not canonical or recovers to nobody
    /// @return draw keccak256(r ‖ s ‖ recipientRand): the ticket wins iff it is below the win probability
    function recover(bytes32 ticketHash, bytes calldata signature, uint256 recipientRand)
        internal
        pure
        returns (address signer, uint256 draw)
    {
        if (signature.length != 65) return (address(0), 0);
        bytes32 r;
        bytes32 s;
        uint8 v;
        // In assembly for the same reason; its twin in the tests slices and encodes.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            s := calldataload(add(signature.offset, 0x20))
            v := byte(0, calldataload(add(signature.offset, 0x40)))
            let free := mload(0x40)
            mstore(free, r)
            mstore(add(free, 0x20), s)
            mstore(add(free, 0x40), recipientRand)
            draw := keccak256(free, 0x60)
        }
        if (uint256(s) > HALF_ORDER || (v != 27 && v != 28)) return (address(0), 0);
        signer = ecrecover(ticketHash, v, r, s);
    }
}
