// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IStaking} from "../interfaces/IStaking.sol";
import {IStreamflowToken} from "../interfaces/IStreamflowToken.sol";
import {Delegation, Delegations, Lock} from "./Delegations.sol";
import {Emission, Emissions} from "./Emissions.sol";
import {Pool, Pools} from "./Pools.sol";
import {Ray} from "./Ray.sol";
import {Books, StakingBooks} from "./StakingBooks.sol";

/// @title Bonding
/// @notice Moves stake: in, out, between orchestrators, and what rewards add and slashes take. See {IStaking} for what each does.
/// @dev Deployed by itself and linked, because Staking would not fit the size of one contract with it. Every operation opens the books,
/// touches the account (`_touch`), moves tokens through `_join` or `_leave` alone, and calls the token last.
library Bonding {
    using Checkpoints for Checkpoints.Trace208;
    using Delegations for Delegation;
    using Delegations for Lock;
    using Emissions for Emission;
    using Pools for Pool;
    using Ray for uint256;
    using SafeERC20 for IStreamflowToken;
    using StakingBooks for Books;

    /// @dev Part of an orchestrator's own loss that a bounty can reach, in ppm.
    uint256 private constant _MAXIMUM_OWN_BOUNTY = 900_000;

    /// @notice See {IStaking-bond}.
    function bond(Books storage self, IStreamflowToken token, uint256 round, uint256 amount, address to) external {
        if (amount == 0) revert IStaking.StakingZeroAmount();
        (Delegation storage delegation,) = _touch(self, token, round, msg.sender);
        _requireMayJoin(self, delegation, round, to);
        _join(self, delegation, round, to, amount);
        emit IStaking.Bonded(msg.sender, to, amount, delegation.stakeNow(self.pools, round));
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice See {IStaking-unbond}.
    function unbond(Books storage self, IStreamflowToken token, uint256 round, uint256 amount)
        external
        returns (uint256 lockId)
    {
        if (amount == 0) revert IStaking.StakingZeroAmount();
        (Delegation storage delegation,) = _touch(self, token, round, msg.sender);
        address orchestrator = delegation.orchestrator;
        Pool storage pool = self.pools[orchestrator];
        lockId = delegation.nextLockId++;
        Lock storage lock = delegation.locks[lockId];
        lock.orchestrator = orchestrator;
        lock.made = uint48(round);
        if (delegation.liableTo != address(0)) {
            lock.liableTo = delegation.liableTo;
            lock.liableUntil = delegation.liableUntil;
            lock.liableFactor = delegation.liableFactor;
        }
        _leave(self, delegation, round, amount);
        uint256 opens;
        (lock.units, opens) = pool.lock(round, self.unbondingPeriod, amount, orchestrator == msg.sender);
        lock.opens = uint48(opens);
        emit IStaking.Unbonded(msg.sender, orchestrator, lockId, amount, opens);
    }

    /// @notice See {IStaking-rebond}.
    function rebond(Books storage self, IStreamflowToken token, uint256 round, uint256 lockId) external {
        (Delegation storage delegation,) = _touch(self, token, round, msg.sender);
        uint256 liableUntil = delegation.locks[lockId].liableUntil;
        if (liableUntil > round) revert IStaking.StakingRedelegationPending(msg.sender, liableUntil);
        (address to, uint256 amount) = _takeLock(self, token, delegation, round, lockId);
        if (amount == 0) revert IStaking.StakingZeroAmount();
        _requireMayJoin(self, delegation, round, to);
        _join(self, delegation, round, to, amount);
        emit IStaking.Rebonded(msg.sender, to, lockId, amount);
    }

    /// @notice See {IStaking-redelegate}.
    function redelegate(Books storage self, IStreamflowToken token, uint256 round, address to) external {
        (Delegation storage delegation,) = _touch(self, token, round, msg.sender);
        address from = delegation.orchestrator;
        if (from == msg.sender) revert IStaking.StakingOrchestratorCannotRedelegate(msg.sender);
        if (to == from || to == msg.sender) revert IStaking.StakingInvalidDelegate(msg.sender, to);
        _requireMayJoin(self, delegation, round, from);
        uint256 amount = delegation.stakeNow(self.pools, round);
        if (amount == 0) revert IStaking.StakingInsufficientStake(msg.sender, 0, 1);
        _leave(self, delegation, round, amount);
        uint256 liableUntil = round + self.unbondingPeriod;
        delegation.liableTo = from;
        delegation.liableUntil = uint48(liableUntil);
        delegation.liableFactor = uint96(self.pools[from].currentSlashFactor());
        _join(self, delegation, round, to, amount);
        emit IStaking.Redelegated(msg.sender, from, to, amount, liableUntil);
    }

    /// @notice See {IStaking-withdrawStake}.
    function withdrawStake(Books storage self, IStreamflowToken token, uint256 round, uint256 lockId)
        external
        returns (uint256 amount)
    {
        Delegation storage delegation = self.delegations[msg.sender];
        uint256 opens = delegation.locks[lockId].opens;
        if (opens > round) revert IStaking.StakingLocked(lockId, opens, round);
        (, amount) = _takeLock(self, token, delegation, round, lockId);
        emit IStaking.StakeWithdrawn(msg.sender, lockId, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// @notice See {IStaking-enforceSlash}.
    function enforceSlash(Books storage self, IStreamflowToken token, uint256 round, address delegator) external {
        (, uint256 lost) = _touch(self, token, round, delegator);
        if (lost == 0) revert IStaking.StakingNothingToEnforce(delegator);
    }

    /// @notice See {IStaking-reward}.
    function reward(Books storage self, IStreamflowToken token, uint256 round, address account)
        external
        returns (uint256 minted)
    {
        (Delegation storage delegation,) = _touch(self, token, round, account);
        Pool storage pool = self.pools[account];
        if (!self.isOrchestrator(account) || !self.isActiveAt(account, round)) {
            revert IStaking.StakingNotActive(account, round);
        }
        if (pool.lastRewardRound == round) revert IStaking.StakingAlreadyRewarded(account, round);
        pool.lastRewardRound = uint48(round);
        minted = pool.isSated() ? 0 : self.emission.shareOf(pool.active);
        uint256 cut = 0;
        if (minted != 0) {
            (uint32 rewardCut,) = self.commissionAt(account, round);
            cut = minted.ppm(rewardCut);
            pool.reward(round, minted - cut);
            if (cut != 0) delegation.join(pool, cut);
            self.emission.grow(minted);
            self.record(account, round);
            token.mint(address(this), minted);
        }
        emit IStaking.Rewarded(account, round, minted, cut);
    }

    /// @notice See {IStaking-slash}.
    function slash(
        Books storage self,
        IStreamflowToken token,
        uint256 round,
        address orchestrator,
        uint32 slashRate,
        uint32 bountyRate,
        uint256 offenceRound
    ) external returns (uint256 penalty, uint256 bounty) {
        self.open(token, round);
        Pool storage pool = self.pools[orchestrator];
        pool.advance(round);
        uint256 ownLoss = self.ownStake(orchestrator, round).ppm(slashRate);
        uint256 bonded;
        uint256 ownLocks;
        (penalty, bonded, ownLocks) = pool.slash(round, slashRate, offenceRound);
        if (penalty == 0) return (0, 0);
        self.emission.shrink(bonded);
        self.record(orchestrator, round);
        bounty = Math.min(penalty.ppm(bountyRate), (ownLoss + ownLocks).ppm(_MAXIMUM_OWN_BOUNTY));
        token.burn(penalty - bounty);
    }

    /// @dev Brings an account to `round`: fees settled, joined stake earning, slashes of an orchestrator it left taken.
    function _touch(Books storage self, IStreamflowToken token, uint256 round, address account)
        private
        returns (Delegation storage delegation, uint256 lost)
    {
        self.open(token, round);
        delegation = self.delegations[account];
        delegation.settle(self.pools, self.ledgers, round);
        address orchestrator = delegation.orchestrator;
        if (orchestrator == address(0)) {
            delegation.round = uint48(round);
            return (delegation, 0);
        }
        Pool storage pool = self.pools[orchestrator];
        pool.advance(round);
        delegation.advance(pool, round);
        address liableTo = delegation.liableTo;
        lost = delegation.enforce(pool, self.pools, round);
        if (lost == 0) return (delegation, 0);
        self.emission.shrink(lost);
        self.record(orchestrator, round);
        token.burn(lost);
        emit IStaking.RedelegationSlashed(account, liableTo, lost);
    }

    /// @dev The one way for tokens into a stake; the account must have been touched.
    function _join(Books storage self, Delegation storage delegation, uint256 round, address to, uint256 amount)
        private
    {
        if (to == address(0)) revert IStaking.StakingZeroAddress();
        Pool storage pool = self.pools[to];
        if (to != msg.sender) {
            if (!self.isOrchestrator(to)) revert IStaking.StakingNotOrchestrator(to);
            if (pool.commission.length() == 0) revert IStaking.StakingCommissionNotDeclared(to);
        }
        if (pool.isRetired()) revert IStaking.StakingOrchestratorRetired(to);
        pool.advance(round);
        delegation.orchestrator = to;
        delegation.join(pool, amount);
        self.emission.grow(amount);
        self.record(to, round);
    }

    /// @dev The one way for tokens out of a stake; the account must have been touched.
    function _leave(Books storage self, Delegation storage delegation, uint256 round, uint256 amount) private {
        address orchestrator = delegation.orchestrator;
        uint256 available = delegation.stakeNow(self.pools, round);
        if (amount > available) revert IStaking.StakingInsufficientStake(msg.sender, available, amount);
        uint256 dust = delegation.take(self.pools[orchestrator], amount);
        self.emission.shrink(amount + dust);
        self.record(orchestrator, round);
    }

    /// @dev Ends a lock and burns what it owes for a redelegation.
    function _takeLock(
        Books storage self,
        IStreamflowToken token,
        Delegation storage delegation,
        uint256 round,
        uint256 lockId
    ) private returns (address orchestrator, uint256 amount) {
        Lock storage lock = delegation.locks[lockId];
        orchestrator = lock.orchestrator;
        if (orchestrator == address(0)) revert IStaking.StakingUnknownLock(msg.sender, lockId);
        (uint256 tokens, uint256 owed) = lock.lockWorth(self.pools, round);
        self.pools[orchestrator].unlock(lock.made, tokens, orchestrator == msg.sender);
        address liableTo = lock.liableTo;
        delete delegation.locks[lockId];
        if (owed != 0) {
            token.burn(owed);
            emit IStaking.RedelegationSlashed(msg.sender, liableTo, owed);
        }
        return (orchestrator, tokens - owed);
    }

    /// @dev Stake that is still liable for a redelegation cannot move or grow, and stake has one orchestrator at a time.
    /// What slashes left worthless holds nobody.
    function _requireMayJoin(Books storage self, Delegation storage delegation, uint256 round, address to) private {
        address orchestrator = delegation.orchestrator;
        if (orchestrator == address(0)) return;
        if (delegation.stakeNow(self.pools, round) == 0) {
            _leave(self, delegation, round, 0);
            return;
        }
        if (delegation.liableTo != address(0)) {
            revert IStaking.StakingRedelegationPending(msg.sender, delegation.liableUntil);
        }
        if (orchestrator != to) revert IStaking.StakingAlreadyDelegated(msg.sender, orchestrator);
    }
}
