// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {StakingViews} from "./StakingViews.sol";
import {IChallenges} from "./interfaces/IChallenges.sol";
import {IRounds} from "./interfaces/IRounds.sol";
import {IServiceRegistry} from "./interfaces/IServiceRegistry.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {IStreamflowToken} from "./interfaces/IStreamflowToken.sol";
import {ITicketBroker} from "./interfaces/ITicketBroker.sol";
import {Bonding} from "./libraries/Bonding.sol";
import {Delegation, Delegations} from "./libraries/Delegations.sol";
import {Emission, Emissions} from "./libraries/Emissions.sol";
import {FeeLedger, FeeLedgers} from "./libraries/FeeLedgers.sol";
import {Pool, Pools} from "./libraries/Pools.sol";
import {PPM, RAY} from "./libraries/Ray.sol";
import {Books, StakingBooks} from "./libraries/StakingBooks.sol";
import {Steps} from "./libraries/Steps.sol";

/// @title Staking
/// @notice See {IStaking}. Stake moves in {Bonding}; fees, commissions and parameters are here; reading is in {StakingViews}.
contract Staking is StakingViews {
    using Bonding for Books;
    using Checkpoints for Checkpoints.Trace208;
    using Delegations for Delegation;
    using Emissions for Emission;
    using FeeLedgers for FeeLedger;
    using Pools for Pool;
    using SafeERC20 for IStreamflowToken;
    using StakingBooks for Books;

    /// @dev 1 % per round.
    uint256 private constant _MAXIMUM_INFLATION = RAY / 100;

    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    ITicketBroker private immutable _ticketBroker;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IChallenges private immutable _challenges;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IServiceRegistry private immutable _registry;

    /// @param token_ What is staked.
    /// @param rounds_ The clock.
    /// @param ticketBroker_ Who books fees.
    /// @param challenges_ Who slashes.
    /// @param registry_ Who knows the signers of orchestrators.
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(
        IStreamflowToken token_,
        IRounds rounds_,
        ITicketBroker ticketBroker_,
        IChallenges challenges_,
        IServiceRegistry registry_
    ) StakingViews(token_, rounds_) {
        _registry = registry_;
        _ticketBroker = ticketBroker_;
        _challenges = challenges_;
    }

    /// @notice Once, with the proxy.
    /// @param authority_ The AccessManager.
    /// @param parameters See {IStaking}.
    function initialize(address authority_, Parameters calldata parameters) external initializer {
        __Governed_init(authority_);
        _checkMinimums(parameters.minimumStake, parameters.minimumSelfStake);
        _checkPeriod(parameters.unbondingPeriod, 1);
        _checkStep(parameters.maxCommissionStep);
        Books storage books = StakingBooks.load();
        books.setMinimums(0, parameters.minimumStake, parameters.minimumSelfStake);
        books.unbondingPeriod = uint48(parameters.unbondingPeriod);
        books.maxCommissionStep = parameters.maxCommissionStep;
        _setEmission(
            parameters.inflation, parameters.inflationChange, parameters.maxInflation, parameters.targetBondingRate
        );
        books.emission.start(_currentRound(), _token.totalSupply());
    }

    /// @inheritdoc IStaking
    function bond(uint256 amount, address to) external override whenNotPaused {
        StakingBooks.load().bond(_token, _currentRound(), amount, to);
    }

    /// @inheritdoc IStaking
    function bondWithPermit(uint256 amount, address to, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        override
        whenNotPaused
    {
        // Whoever copied the permit from the mempool has set the same allowance: a permit that is spent does no harm.
        // solhint-disable-next-line no-empty-blocks
        try _token.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        StakingBooks.load().bond(_token, _currentRound(), amount, to);
    }

    /// @inheritdoc IStaking
    function unbond(uint256 amount) external override returns (uint256 lockId) {
        return StakingBooks.load().unbond(_token, _currentRound(), amount);
    }

    /// @inheritdoc IStaking
    function rebond(uint256 lockId) external override whenNotPaused {
        StakingBooks.load().rebond(_token, _currentRound(), lockId);
    }

    /// @inheritdoc IStaking
    function redelegate(address to) external override whenNotPaused {
        StakingBooks.load().redelegate(_token, _currentRound(), to);
    }

    /// @inheritdoc IStaking
    function withdrawStake(uint256 lockId) external override returns (uint256 amount) {
        return StakingBooks.load().withdrawStake(_token, _currentRound(), lockId);
    }

    /// @inheritdoc IStaking
    function enforceSlash(address delegator) external override {
        StakingBooks.load().enforceSlash(_token, _currentRound(), delegator);
    }

    /// @inheritdoc IStaking
    function reward() external override whenNotPaused returns (uint256 minted) {
        return StakingBooks.load().reward(_token, _currentRound(), msg.sender);
    }

    /// @inheritdoc IStaking
    function rewardFor(address orchestrator) external override whenNotPaused returns (uint256 minted) {
        if (msg.sender != orchestrator && msg.sender != _registry.signerOf(orchestrator)) {
            revert StakingNotSigner(msg.sender, orchestrator);
        }
        return StakingBooks.load().reward(_token, _currentRound(), orchestrator);
    }

    /// @inheritdoc IStaking
    function scheduleCommission(uint32 rewardCut, uint32 feeShare) external override whenNotPaused {
        if (rewardCut > PPM || feeShare > PPM) revert StakingInvalidCommission(rewardCut, feeShare);
        Books storage books = StakingBooks.load();
        if (!books.isOrchestrator(msg.sender)) revert StakingNotOrchestrator(msg.sender);
        Checkpoints.Trace208 storage commission = books.pools[msg.sender].commission;
        uint256 round = _currentRound();
        (bool declared, uint48 last,) = commission.latestCheckpoint();
        uint256 effectiveRound = round + (declared ? _COMMISSION_NOTICE : 1);
        (uint32 oldRewardCut, uint32 oldFeeShare) = commissionAt(msg.sender, round);
        if (declared) {
            if (last > round) revert StakingCommissionPending(msg.sender, last);
            _checkMove(oldRewardCut, rewardCut);
            _checkMove(oldFeeShare, feeShare);
        }
        commission.push(uint48(effectiveRound), (uint208(rewardCut) << 32) | feeShare);
        emit CommissionScheduled(msg.sender, effectiveRound, oldRewardCut, rewardCut, oldFeeShare, feeShare);
    }

    /// @inheritdoc IStaking
    function bookFees(address orchestrator, uint256 round, uint32 feeShare) external payable override {
        if (msg.sender != address(_ticketBroker)) revert StakingUnauthorized(msg.sender, address(_ticketBroker));
        FeeLedger storage ledger = StakingBooks.load().ledgers[orchestrator];
        uint256 shared = 0;
        if (ledger.rounds[round].known || _open(ledger, orchestrator, round)) {
            shared = ledger.book(round, msg.value, feeShare);
        } else {
            ledger.bookOwn(msg.value);
        }
        emit FeesBooked(orchestrator, round, msg.value, shared);
    }

    /// @inheritdoc IStaking
    function withdrawFees(address payable recipient, uint256 amount) external override {
        if (recipient == address(0)) revert StakingZeroAddress();
        if (amount == 0) revert StakingZeroAmount();
        Books storage books = StakingBooks.load();
        Delegation storage delegation = books.delegations[msg.sender];
        delegation.settle(books.pools, books.ledgers, _currentRound());
        uint256 available = delegation.fees + books.ledgers[msg.sender].takeOwn();
        if (amount > available) revert StakingInsufficientFees(msg.sender, available, amount);
        delegation.fees = uint128(available - amount);
        emit FeesWithdrawn(msg.sender, recipient, amount);
        // The recipient may be a contract that needs more than 2,300 gas.
        // solhint-disable-next-line avoid-low-level-calls
        (bool sent,) = recipient.call{value: amount}("");
        if (!sent) revert StakingTransferFailed(recipient);
    }

    /// @inheritdoc IStaking
    function slash(
        address orchestrator,
        uint32 slashRate,
        address bountyRecipient,
        uint32 bountyRate,
        uint256 offenceRound
    ) external override returns (uint256 penalty, uint256 bounty) {
        if (msg.sender != address(_challenges)) revert StakingUnauthorized(msg.sender, address(_challenges));
        if (slashRate >= PPM || bountyRate >= PPM) revert StakingInvalidRate(Math.max(slashRate, bountyRate), PPM - 1);
        (penalty, bounty) =
            StakingBooks.load().slash(_token, _currentRound(), orchestrator, slashRate, bountyRate, offenceRound);
        emit Slashed(orchestrator, offenceRound, penalty, bountyRecipient, bounty);
        if (bounty != 0) _token.safeTransfer(bountyRecipient, bounty);
    }

    /// @inheritdoc IStaking
    function setMinimumStake(uint256 total, uint256 self) external override restricted {
        uint256 round = _currentRound();
        _checkMinimums(total, self);
        Books storage books = StakingBooks.load();
        // Measured against what binds now, which a change does not touch: at most one step a round, however often called.
        (uint256 nowTotal, uint256 nowSelf) = books.minimumsAt(round);
        if (!Steps.isStep(nowTotal, total)) revert StakingStepTooLarge(nowTotal, total);
        if (!Steps.isStep(nowSelf, self)) revert StakingStepTooLarge(nowSelf, self);
        (uint256 oldTotal, uint256 oldSelf) = books.minimumsAt(round + 1);
        books.setMinimums(round + 1, total, self);
        emit MinimumStakeChanged(oldTotal, total, oldSelf, self, round + 1);
    }

    /// @inheritdoc IStaking
    function setUnbondingPeriod(uint256 period) external override restricted {
        uint256 minimum = Math.max(_challenges.exposurePeriod() + 1, _ticketBroker.unlockPeriod());
        _checkPeriod(period, minimum);
        emit UnbondingPeriodChanged(StakingBooks.load().unbondingPeriod, period);
        StakingBooks.load().unbondingPeriod = uint48(period);
    }

    /// @inheritdoc IStaking
    function setMaxCommissionStep(uint32 step) external override restricted {
        _checkStep(step);
        emit MaxCommissionStepChanged(StakingBooks.load().maxCommissionStep, step);
        StakingBooks.load().maxCommissionStep = step;
    }

    /// @inheritdoc IStaking
    function setInflation(uint256 rate, uint256 change, uint256 maximum, uint256 targetBondingRate)
        external
        override
        restricted
    {
        Books storage books = StakingBooks.load();
        books.open(_token, _currentRound());
        if (books.inflationRound == _currentRound()) revert StakingChangedInRound(_currentRound());
        books.inflationRound = uint48(_currentRound());
        uint256 before = books.emission.maximum;
        _setEmission(rate, change, maximum, targetBondingRate);
        if (!Steps.isStep(before, maximum)) revert StakingStepTooLarge(before, maximum);
    }

    /// @dev Fixes how the fees of `round` are shared; false if its time is over or has not come.
    function _open(FeeLedger storage ledger, address orchestrator, uint256 round) private returns (bool) {
        uint256 currentRound = _currentRound();
        if (round > currentRound || round <= FeeLedgers.lastClosed(currentRound)) return false;
        (, uint32 feeShare) = commissionAt(orchestrator, round);
        ledger.openRound(round, currentRound, StakingBooks.load().pools[orchestrator].sharesAt(round), feeShare);
        return true;
    }

    function _setEmission(uint256 rate, uint256 change, uint256 maximum, uint256 targetBondingRate) private {
        if (maximum > _MAXIMUM_INFLATION) revert StakingInvalidRate(maximum, _MAXIMUM_INFLATION);
        if (rate > maximum) revert StakingInvalidRate(rate, maximum);
        if (change > maximum) revert StakingInvalidRate(change, maximum);
        if (targetBondingRate > RAY) revert StakingInvalidRate(targetBondingRate, RAY);
        Emission storage emission = StakingBooks.load().emission;
        emission.inflation = uint128(rate);
        emission.change = uint128(change);
        emission.maximum = uint128(maximum);
        emission.targetBondingRate = uint128(targetBondingRate);
        emit InflationChanged(rate, change, maximum, targetBondingRate);
    }

    function _checkMove(uint32 from, uint32 to) private view {
        uint32 step = from < to ? to - from : from - to;
        uint32 maximum = StakingBooks.load().maxCommissionStep;
        if (step > maximum) revert StakingCommissionStepTooLarge(step, maximum);
    }

    function _checkPeriod(uint256 period, uint256 minimum) private pure {
        if (period < minimum || period > Pools.MAXIMUM_UNBONDING_PERIOD) {
            revert StakingInvalidPeriod(period, minimum, Pools.MAXIMUM_UNBONDING_PERIOD);
        }
    }

    function _checkMinimums(uint256 total, uint256 self) private pure {
        if (self == 0 || self > total || total > type(uint104).max) revert StakingInvalidMinimumStake(total, self);
    }

    function _checkStep(uint32 step) private pure {
        if (step == 0 || step > PPM) revert StakingInvalidRate(step, PPM);
    }
}
