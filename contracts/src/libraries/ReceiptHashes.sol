// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IVerifier} from "../interfaces/IVerifier.sol";

/// @title ReceiptHashes
/// @notice EIP-712 digests of receipts and of verdicts on them. Pure.
/// @dev The receipt must agree with sdk/src/payments; proven by test/vectors.
library ReceiptHashes {
    /// @dev Type hash of a receipt.
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(address orchestrator,address broadcaster,bytes32 serviceId,bytes32 streamId,uint64 seq,uint32 attempt,bytes32 ladderHash,bytes32 inputHash,bytes32 outputHash,uint256 inputPixels,uint256 pixels,uint256 fee,int256 balance,uint256 round)"
    );
    /// @dev Type hash of a verdict.
    bytes32 internal constant VERDICT_TYPEHASH = keccak256("Verdict(bytes32 challengeId,uint8 verdict)");

    /// @notice Digest of a receipt under a domain.
    function hashReceipt(IVerifier.Receipt calldata receipt, bytes32 domainSeparator) internal pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(domainSeparator, keccak256(abi.encode(RECEIPT_TYPEHASH, receipt)));
    }

    /// @notice Digest of a verdict under a domain.
    function hashVerdict(bytes32 challengeId, IVerifier.Verdict verdict, bytes32 domainSeparator) internal pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(
            domainSeparator, keccak256(abi.encode(VERDICT_TYPEHASH, challengeId, verdict))
        );
    }
}
