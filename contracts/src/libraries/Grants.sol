// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {ITicketBroker} from "../interfaces/ITicketBroker.sol";
import {Allowance, makeAllowance} from "../types/Allowance.sol";
import {BrokerStorage} from "./BrokerStorage.sol";
import {TicketHashes} from "./TicketHashes.sol";

/// @title Grants
/// @notice Session grants: registered on the sender's signature, revoked by the sender.
library Grants {
    /// @dev Gas that a sender's ERC-1271 contract may use: enough for a P-256 check in Solidity, and a bound on what a
    /// hostile one can burn in a batch of other people's tickets.
    uint256 internal constant SIGNATURE_CHECK_GAS = 1_000_000;

    /// @notice Registers a grant unless it is known.
    /// @return failure empty, or the ABI-encoded error for which it was not registered
    function register(
        BrokerStorage.TicketBrokerStorage storage $,
        ITicketBroker.SignedGrant calldata signed,
        bytes32 domainSeparator
    ) internal returns (bytes memory failure) {
        ITicketBroker.SessionGrant calldata grant = signed.grant;
        bytes32 grantHash = TicketHashes.hashGrant(grant, domainSeparator);
        bytes32 key = allowanceKey(grant.sender, grantHash, grant.key);
        Allowance known = $.allowances[key];
        if (known.isKnown()) return "";
        if (
            grant.sender == address(0) || grant.key == address(0) || grant.validUntil == 0
                || !isSignedBy(grant.sender, grantHash, signed.signature)
        ) {
            return abi.encodeWithSelector(ITicketBroker.TicketBrokerInvalidGrant.selector, grantHash, grant.sender);
        }
        $.allowances[key] = makeAllowance(grant.spendCap, grant.validUntil, known.revocationRound());
        emit ITicketBroker.GrantRegistered(
            grant.sender, grantHash, grant.key, grant.spendCap, grant.escrowCap, grant.validUntil
        );
    }

    /// @notice Revokes a grant of the caller, known or not, for tickets made after the current round. The first
    /// revocation stands.
    function revoke(
        BrokerStorage.TicketBrokerStorage storage $,
        ITicketBroker.SessionGrant calldata grant,
        bytes32 domainSeparator,
        uint256 currentRound
    ) internal {
        bytes32 grantHash = TicketHashes.hashGrant(grant, domainSeparator);
        if (grant.sender != msg.sender) revert ITicketBroker.TicketBrokerInvalidGrant(grantHash, grant.sender);
        bytes32 key = allowanceKey(msg.sender, grantHash, grant.key);
        Allowance allowance = $.allowances[key];
        if (allowance.revocationRound() != 0) return;
        $.allowances[key] = allowance.revoked(currentRound);
        emit ITicketBroker.GrantRevoked(msg.sender, grantHash, grant.key, currentRound);
    }

    /// @notice State of a grant, as the interface shows it.
    function info(BrokerStorage.TicketBrokerStorage storage $, address sender, bytes32 grantHash, address key)
        internal
        view
        returns (ITicketBroker.GrantInfo memory)
    {
        bytes32 place = allowanceKey(sender, grantHash, key);
        Allowance allowance = $.allowances[place];
        return ITicketBroker.GrantInfo({
            validUntil: uint64(allowance.validUntil()),
            spendCap: uint128(allowance.spendCap()),
            spent: uint128(allowance.spent()),
            escrowBurned: uint128($.escrowBurned[place]),
            revocationRound: allowance.revocationRound()
        });
    }

    /// @notice Whether an EOA or an ERC-1271 contract signed a digest.
    function isSignedBy(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (problem == ECDSA.RecoverError.NoError && recovered == signer) return true;
        if (signer.code.length == 0) return false;
        bytes memory query = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        uint256 gasLimit = SIGNATURE_CHECK_GAS;
        bool success;
        uint256 size;
        bytes32 answer;
        // In assembly because the high-level call reverts on a short answer and copies a long one whole: either would
        // let one sender's contract spoil a batch.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            success := staticcall(gasLimit, signer, add(query, 0x20), mload(query), 0, 0x20)
            size := returndatasize()
            answer := mload(0)
        }
        return success && size > 31 && answer == bytes32(IERC1271.isValidSignature.selector);
    }

    /// @notice Where the allowance of a grant is kept.
    function allowanceKey(address sender, bytes32 grantHash, address signer) internal pure returns (bytes32 key) {
        // keccak256(abi.encode(sender, grantHash, signer)), without keeping the memory: every redemption pays for it.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, and(sender, 0xffffffffffffffffffffffffffffffffffffffff))
            mstore(add(free, 0x20), grantHash)
            mstore(add(free, 0x40), and(signer, 0xffffffffffffffffffffffffffffffffffffffff))
            key := keccak256(free, 0x60)
        }
    }
}
