// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IRounds} from "../interfaces/IRounds.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {ITicketBroker} from "../interfaces/ITicketBroker.sol";
import {Clock} from "../types/Clock.sol";
import {Ppm} from "../types/Ppm.sol";
import {BrokerStorage} from "./BrokerStorage.sol";
import {RoundCache} from "./RoundCache.sol";
import {Steps} from "./Steps.sol";

/// @title BrokerParameters
/// @notice What governance changes in the TicketBroker: parameters, and the breaker for redemptions. No change takes a
/// ticket that was made before it.
/// @dev Deployed by itself and linked, because the TicketBroker would not fit the size of one contract with it.
library BrokerParameters {
    /// @dev Most that the burn share moves at once, in parts per million.
    uint256 internal constant MAXIMUM_SHARE_STEP = 250_000;

    using RoundCache for BrokerStorage.TicketBrokerStorage;

    /// @notice See {ITicketBroker-setParameters}.
    function setParameters(
        BrokerStorage.TicketBrokerStorage storage $,
        IRounds rounds,
        IStaking staking,
        uint256 newValidity,
        uint256 newUnlock,
        uint32 newBurnShare
    ) external {
        Clock clock = $.refresh(rounds);
        Ppm burnShare = Ppm.wrap(newBurnShare);
        uint256 unbonding = staking.unbondingPeriod();
        if (
            newValidity == 0 || newValidity > newUnlock || newValidity > staking.feeWindow() || newUnlock > unbonding
                || newUnlock > type(uint8).max || !burnShare.isValid()
        ) revert ITicketBroker.TicketBrokerInvalidParameters(newValidity, newUnlock, unbonding, newBurnShare);
        _checkSteps($, clock, newValidity, newUnlock, newBurnShare);
        emit ITicketBroker.ParametersChanged(
            clock.ticketValidityPeriod(),
            newValidity,
            clock.unlockPeriod(),
            newUnlock,
            Ppm.unwrap(clock.escrowBurnShare()),
            newBurnShare
        );
        // What was made until now lives as long as it was made to.
        uint256 validity = clock.longestValidity();
        if (validity > newValidity) clock = clock.withFormerValidity(validity, clock.round());
        $.clock = clock.withParameters(newValidity, newUnlock, burnShare);
    }

    /// @notice See {ITicketBroker-haltRedemption}.
    function halt(BrokerStorage.TicketBrokerStorage storage $, IRounds rounds) external {
        Clock clock = $.refresh(rounds);
        if (clock.halted()) revert ITicketBroker.TicketBrokerHaltUnchanged(true);
        $.clock = clock.withHalt(true);
        $.haltRound = clock.round();
        emit ITicketBroker.RedemptionHalted(clock.round());
    }

    /// @notice See {ITicketBroker-resumeRedemption}.
    function resume(BrokerStorage.TicketBrokerStorage storage $, IRounds rounds) external {
        Clock clock = $.refresh(rounds);
        if (!clock.halted()) revert ITicketBroker.TicketBrokerHaltUnchanged(false);
        uint256 extension = clock.round() - $.haltRound;
        // A ticket that was alive when the breaker opened has as long as it had then.
        uint256 longer = clock.longestValidity() + extension;
        if (longer > type(uint8).max) longer = type(uint8).max;
        if (extension != 0) clock = clock.withFormerValidity(longer, clock.round());
        $.clock = clock.withHalt(false);
        emit ITicketBroker.RedemptionResumed(clock.round(), extension);
    }

    /// @dev What broadcasters and orchestrators agreed under is not changed out of recognition before they can react. The
    /// first parameters may be anything that is valid.
    function _checkSteps(
        BrokerStorage.TicketBrokerStorage storage $,
        Clock clock,
        uint256 newValidity,
        uint256 newUnlock,
        uint32 newBurnShare
    ) private {
        if (clock.ticketValidityPeriod() == 0) return;
        uint256 round = clock.round();
        if ($.parametersRound == round) revert ITicketBroker.TicketBrokerChangedInRound(round);
        $.parametersRound = round;
        _checkStep(clock.ticketValidityPeriod(), newValidity);
        _checkStep(clock.unlockPeriod(), newUnlock);
        uint256 share = Ppm.unwrap(clock.escrowBurnShare());
        if (!Steps.isWithin(share, newBurnShare, MAXIMUM_SHARE_STEP)) {
            revert ITicketBroker.TicketBrokerStepTooLarge(share, newBurnShare);
        }
    }

    function _checkStep(uint256 from, uint256 to) private pure {
        if (!Steps.isStep(from, to)) revert ITicketBroker.TicketBrokerStepTooLarge(from, to);
    }
}
