// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Governed} from "./Governed.sol";
import {IRounds} from "./interfaces/IRounds.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {IStreamflowToken} from "./interfaces/IStreamflowToken.sol";
import {Delegation, Delegations, Lock} from "./libraries/Delegations.sol";
import {Emission, Emissions} from "./libraries/Emissions.sol";
import {FeeLedger, FeeLedgers, RoundFees} from "./libraries/FeeLedgers.sol";
import {Pool, Pools} from "./libraries/Pools.sol";
import {RAY} from "./libraries/Ray.sol";
import {Books, StakingBooks} from "./libraries/StakingBooks.sol";

/// @title StakingViews
/// @notice All that can be read of Staking.
abstract contract StakingViews is Governed, IStaking {
    using Checkpoints for Checkpoints.Trace208;
    using Delegations for Delegation;
    using Delegations for Lock;
    using Emissions for Emission;
    using FeeLedgers for FeeLedger;
    using Pools for Pool;
    using StakingBooks for Books;

    uint256 internal constant _COMMISSION_NOTICE = 2;

    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IStreamflowToken internal immutable _token;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IRounds internal immutable _rounds;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(IStreamflowToken token_, IRounds rounds_) {
        _token = token_;
        _rounds = rounds_;
    }

    /// @inheritdoc IStaking
    function minimumStake() external view override returns (uint256) {
        (uint256 total,) = StakingBooks.load().minimumsAt(_currentRound());
        return total;
    }

    /// @inheritdoc IStaking
    function minimumSelfStake() external view override returns (uint256) {
        (, uint256 self) = StakingBooks.load().minimumsAt(_currentRound());
        return self;
    }

    /// @inheritdoc IStaking
    function unbondingPeriod() external view override returns (uint256) {
        return StakingBooks.load().unbondingPeriod;
    }

    /// @inheritdoc IStaking
    function maxCommissionStep() external view override returns (uint32) {
        return StakingBooks.load().maxCommissionStep;
    }

    /// @inheritdoc IStaking
    function commissionNotice() external pure override returns (uint256) {
        return _COMMISSION_NOTICE;
    }

    /// @inheritdoc IStaking
    function feeWindow() external pure override returns (uint256) {
        return FeeLedgers.WINDOW;
    }

    /// @inheritdoc IStaking
    function isOrchestrator(address account) external view override returns (bool) {
        return StakingBooks.load().isOrchestrator(account);
    }

    /// @inheritdoc IStaking
    function isActive(address orchestrator) external view override returns (bool) {
        return isActiveAt(orchestrator, _currentRound());
    }

    /// @inheritdoc IStaking
    function activeStakesOf(address[] calldata orchestrators)
        external
        view
        override
        returns (uint256[] memory stakes)
    {
        Books storage books = StakingBooks.load();
        uint256 round = _currentRound();
        (uint256 minimumTotal, uint256 minimumOwn) = books.minimumsAt(round);
        stakes = new uint256[](orchestrators.length);
        for (uint256 i = 0; i < orchestrators.length; ++i) {
            (uint256 total, uint256 own) = books.pools[orchestrators[i]].stakeAt(round);
            if (total >= minimumTotal && own >= minimumOwn) stakes[i] = total;
        }
    }

    /// @inheritdoc IStaking
    function stakeOf(address orchestrator) external view override returns (uint256) {
        return StakingBooks.load().pools[orchestrator].stakeNow();
    }

    /// @inheritdoc IStaking
    function stakeAt(address orchestrator, uint256 round) external view override returns (uint256 total) {
        (total,) = StakingBooks.load().pools[orchestrator].stakeAt(round);
    }

    /// @inheritdoc IStaking
    function slashableStake(address orchestrator) external view override returns (uint256) {
        Pool storage pool = StakingBooks.load().pools[orchestrator];
        return pool.stakeNow() + pool.lockedAfter(_currentRound());
    }

    /// @inheritdoc IStaking
    function totalStake() external view override returns (uint256) {
        return StakingBooks.load().emission.totalStake;
    }

    /// @inheritdoc IStaking
    function commissionEffectiveRound(address orchestrator) external view override returns (uint256 round) {
        (, round,) = StakingBooks.load().pools[orchestrator].commission.latestCheckpoint();
    }

    /// @inheritdoc IStaking
    function delegationOf(address delegator) external view override returns (DelegationInfo memory) {
        Books storage books = StakingBooks.load();
        Delegation storage delegation = books.delegations[delegator];
        uint256 round = _currentRound();
        bool liable = delegation.liableUntil > round;
        return DelegationInfo({
            orchestrator: delegation.orchestrator,
            stake: delegation.stakeNow(books.pools, round),
            liableTo: liable ? delegation.liableTo : address(0),
            liableUntil: liable ? delegation.liableUntil : 0
        });
    }

    /// @inheritdoc IStaking
    function pendingStake(address delegator) external view override returns (uint256) {
        Books storage books = StakingBooks.load();
        return books.delegations[delegator].stakeNow(books.pools, _currentRound());
    }

    /// @inheritdoc IStaking
    function pendingFees(address account) external view override returns (uint256) {
        Books storage books = StakingBooks.load();
        Delegation storage delegation = books.delegations[account];
        (uint256 due,) = delegation.feesDue(books.pools, books.ledgers, _currentRound());
        return delegation.fees + due + books.ledgers[account].ownDue();
    }

    /// @inheritdoc IStaking
    function feesPerStake(address orchestrator, uint256 round) external view override returns (uint256) {
        RoundFees storage fees = StakingBooks.load().ledgers[orchestrator].rounds[round];
        (uint256 stake,) = StakingBooks.load().pools[orchestrator].stakeAt(round);
        if (stake == 0) return 0;
        uint256 booked = fees.own + Math.mulDiv(fees.perShare, fees.shares, RAY);
        return Math.mulDiv(booked, RAY, stake);
    }

    /// @inheritdoc IStaking
    function lockOf(address delegator, uint256 lockId) external view override returns (LockInfo memory) {
        Books storage books = StakingBooks.load();
        Lock storage lock = books.delegations[delegator].locks[lockId];
        if (lock.orchestrator == address(0)) return LockInfo(address(0), 0, 0);
        (uint256 tokens, uint256 owed) = lock.lockWorth(books.pools, _currentRound());
        return LockInfo(lock.orchestrator, lock.opens, tokens - owed);
    }

    /// @inheritdoc IStaking
    function nextLockId(address delegator) external view override returns (uint256) {
        return StakingBooks.load().delegations[delegator].nextLockId;
    }

    /// @inheritdoc IStaking
    function lastRewardRound(address orchestrator) external view override returns (uint256) {
        return StakingBooks.load().pools[orchestrator].lastRewardRound;
    }

    /// @inheritdoc IStaking
    function currentInflation() external view override returns (uint256 inflation, uint256 mintable) {
        return StakingBooks.load().emission.preview(_currentRound(), _token.totalSupply());
    }

    /// @inheritdoc IStaking
    function isActiveAt(address orchestrator, uint256 round) public view override returns (bool) {
        return StakingBooks.load().isActiveAt(orchestrator, round);
    }

    /// @inheritdoc IStaking
    function commissionAt(address orchestrator, uint256 round)
        public
        view
        override
        returns (uint32 rewardCut, uint32 feeShare)
    {
        return StakingBooks.load().commissionAt(orchestrator, round);
    }

    function _currentRound() internal view returns (uint256) {
        return _rounds.currentRound();
    }
}
