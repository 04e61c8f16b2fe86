// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IRounds} from "../interfaces/IRounds.sol";
import {ITicketBroker} from "../interfaces/ITicketBroker.sol";
import {Clock} from "../types/Clock.sol";
import {BrokerStorage} from "./BrokerStorage.sol";
import {Reserves} from "./Reserves.sol";
import {RoundCache} from "./RoundCache.sol";

/// @title Designating
/// @notice A sender says which orchestrators its reserve stands for.
/// @dev Deployed by itself and linked, because the TicketBroker would not fit the size of one contract with it.
library Designating {
    using Reserves for BrokerStorage.Designation;
    using RoundCache for BrokerStorage.TicketBrokerStorage;

    /// @notice See {ITicketBroker-designateReserve}; the caller's reserve.
    function designateReserve(
        BrokerStorage.TicketBrokerStorage storage $,
        IRounds rounds,
        address[] calldata orchestrators,
        uint256[] calldata amounts
    ) external {
        if (orchestrators.length != amounts.length) {
            revert ITicketBroker.TicketBrokerLengthMismatch(orchestrators.length, amounts.length);
        }
        Clock clock = $.refresh(rounds);
        BrokerStorage.Sender storage sender = $.senders[msg.sender];
        uint256 reserve = sender.reserve;
        int256 committed = int256(uint256(sender.committed));
        for (uint256 i = 0; i < orchestrators.length; ++i) {
            // Bounds each amount as well as the sum: what is held fits its slot.
            if (amounts[i] > reserve || amounts[i] > type(uint96).max) {
                revert ITicketBroker.TicketBrokerReserveOvercommitted(msg.sender, amounts[i], reserve);
            }
            committed += _designate($, clock, sender.purse.generation(), orchestrators[i], amounts[i]);
        }
        if (committed > int256(reserve)) {
            revert ITicketBroker.TicketBrokerReserveOvercommitted(msg.sender, uint256(committed), reserve);
        }
        sender.committed = uint128(uint256(committed));
    }

    function _designate(
        BrokerStorage.TicketBrokerStorage storage $,
        Clock clock,
        uint256 generation,
        address orchestrator,
        uint256 amount
    ) private returns (int256 held) {
        uint256 oldAmount;
        (oldAmount, held) = $.designations[msg.sender][generation][orchestrator].designate(
            amount, clock.round(), clock.longestValidity()
        );
        emit ITicketBroker.ReserveDesignated(msg.sender, orchestrator, oldAmount, amount, clock.round() + 1);
    }
}
