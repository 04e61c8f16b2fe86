// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title StreamflowDomain
/// @notice The EIP-712 domain of every message of the protocol: name "Streamflow", version "1", this chain, and the
/// address of the TicketBroker's proxy, whichever contract verifies the message.
/// @dev See https://eips.ethereum.org/EIPS/eip-712; agreement with the SDK is proven by test/vectors.
library StreamflowDomain {
    /// @dev Name in the domain.
    string internal constant NAME = "Streamflow";
    /// @dev Version in the domain.
    string internal constant VERSION = "1";

    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256(bytes(NAME));
    bytes32 private constant VERSION_HASH = keccak256(bytes(VERSION));

    /// @notice The domain separator on this chain.
    /// @param ticketBroker the broker's proxy
    function separator(address ticketBroker) internal view returns (bytes32 hash) {
        (bytes32 typeHash, bytes32 nameHash, bytes32 versionHash) = (DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH);
        // keccak256(abi.encode(typeHash, nameHash, versionHash, block.chainid, ticketBroker)), without keeping the memory:
        // every redemption pays for it.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typeHash)
            mstore(add(free, 0x20), nameHash)
            mstore(add(free, 0x40), versionHash)
            mstore(add(free, 0x60), chainid())
            mstore(add(free, 0x80), and(ticketBroker, 0xffffffffffffffffffffffffffffffffffffffff))
            hash := keccak256(free, 0xa0)
        }
    }
}
