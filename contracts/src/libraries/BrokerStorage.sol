// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Allowance} from "../types/Allowance.sol";
import {Clock} from "../types/Clock.sol";
import {Payment} from "../types/Payment.sol";
import {Purse} from "../types/Purse.sol";

/// @title BrokerStorage
/// @notice What the TicketBroker remembers, packed so that a redemption touches as few slots as can be: one for clock
/// and parameters, one for the block hash, one each for the ticket's word, the sender's deposit and the grant's allowance.
/// @dev ERC-7201. Append only: `npm run --workspace contracts check:storage` compares with the committed layout.
library BrokerStorage {
    /// @dev What a sender has put up. The first slot is all that a redemption from the deposit touches.
    /// @param committed part of the reserve that is held for designated orchestrators; never more than the reserve
    struct Sender {
        Purse purse;
        uint128 reserve;
        uint128 committed;
        uint128 escrow;
    }

    /// @dev What a reserve holds for one orchestrator. One slot.
    /// @param amount wei claimable for tickets made from `effectiveRound` on
    /// @param previous wei claimable for tickets made before
    struct Designation {
        uint96 amount;
        uint96 previous;
        uint40 effectiveRound;
    }

    /// @custom:storage-location erc7201:streamflow.storage.TicketBroker
    struct TicketBrokerStorage {
        Clock clock;
        mapping(uint256 round => bytes32 blockHash) blockHashes;
        mapping(address sender => Sender) senders;
        // What was paid in part, or punished; see {TouchedTickets}.
        mapping(bytes32 ticketHash => Payment) payments;
        // By sender, grant and signer together, so that the key itself need neither be read nor be kept.
        mapping(bytes32 allowanceKey => Allowance) allowances;
        // Read on a shortfall only; the cap itself is in the grant, which whoever punishes shows.
        mapping(bytes32 allowanceKey => uint256) escrowBurned;
        mapping(address sender => mapping(uint256 generation => mapping(address orchestrator => Designation)))
            designations;
        uint256 haltRound;
        // Which tickets were paid anything: a bit each, by nonce; see {TouchedTickets}.
        mapping(bytes32 touchedKey => uint256) touched;
        uint256 parametersRound;
    }

    // keccak256(abi.encode(uint256(keccak256("streamflow.storage.TicketBroker")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0x87b831a58831efecb262f82895a006e5979f10a61d768b23f298b445c6ab5400;

    /// @dev The broker's storage.
    function load() internal pure returns (TicketBrokerStorage storage $) {
        // Only assembly can name a storage slot.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            $.slot := STORAGE_SLOT
        }
    }
}
