// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Shares, Units} from "../types/StakeUnits.sol";
import {FeeLedger, FeeLedgers} from "./FeeLedgers.sol";
import {Pool, Pools} from "./Pools.sol";
import {RAY, Ray} from "./Ray.sol";

/// @notice Shares that an account held behind an orchestrator through some past rounds.
struct Position {
    address orchestrator;
    uint48 since;
    uint48 until;
    Shares shares;
}

/// @notice Stake that left `orchestrator` in round `made`, open from round `opens`; slashes for offences from then on reach it, and so do those
/// of `liableTo` before round `liableUntil`, whose slash factor was `liableFactor` when they were last taken.
struct Lock {
    address orchestrator;
    uint48 opens;
    uint48 liableUntil;
    address liableTo;
    uint96 liableFactor;
    Units units;
    uint48 made;
}

/// @notice The stake and fees of one account.
/// @param orchestrator Whom the stake backs; zero without stake.
/// @param round Round that `shares` and `pending` have reached.
/// @param liableUntil First round in which slashes of `liableTo` no longer reach the stake.
/// @param shares Earning in `round`, less those that left in it.
/// @param pending Joined in `round`; shares from the next one on.
/// @param fees Settled and not withdrawn, in wei.
/// @param advanced Part of what was ever settled that stems from rounds after `settledRound`, in wei.
/// @param settledRound Last round whose fees are settled for good.
/// @param nextLockId Number of the next lock.
/// @param liableTo Orchestrator that the stake left by redelegation; zero for none.
/// @param liableFactor Its slash factor when its slashes were last taken from this stake, in rays.
/// @param positions Before `round`, the one that ended in round r at r % WINDOW: older ones are settled for good.
struct Delegation {
    address orchestrator;
    uint48 round;
    uint48 liableUntil;
    Shares shares;
    Units pending;
    uint128 fees;
    uint128 advanced;
    uint48 settledRound;
    uint64 nextLockId;
    address liableTo;
    uint96 liableFactor;
    Position[4] positions;
    mapping(uint256 lockId => Lock) locks;
}

/// @dev Fees due, in wei: of closed rounds, and of rounds that are still open.
struct Due {
    uint256 closed;
    uint256 open;
}

/// @title Delegations
/// @notice What one account holds: every path that changes a delegate, a share or a settled round runs through here.
library Delegations {
    using FeeLedgers for FeeLedger;
    using Pools for Pool;
    using Ray for uint256;
    using Ray for Units;
    using Ray for Shares;
    using SafeCast for uint256;

    /// @notice Settles the fees due up to now. Must precede `advance`.
    function settle(Delegation storage self, mapping(address => Pool) storage pools, mapping(address => FeeLedger) storage ledgers, uint256 round) internal {
        (uint256 due, uint256 advanced) = feesDue(self, pools, ledgers, round);
        if (due != 0) self.fees += due.toUint128();
        if (advanced != self.advanced) self.advanced = advanced.toUint128();
        uint256 last = FeeLedgers.lastClosed(round);
        if (last > self.settledRound) self.settledRound = uint48(last);
    }

    /// @notice Brings shares to `round` and remembers what was held before. The pool's books must have reached it too.
    function advance(Delegation storage self, Pool storage pool, uint256 round) internal {
        uint48 reached = self.round;
        if (reached >= round) return;
        Shares shares = sharesAtStart(self, pool, round);
        if (shares.rawShares() != 0) {
            // In a place whose holder ended a whole window ago: settled for good.
            self.positions[round % FeeLedgers.WINDOW] =
                Position(self.orchestrator, reached + 1, uint48(round), shares);
        }
        if (self.pending.rawUnits() != 0) {
            self.shares = shares;
            self.pending = Units.wrap(0);
        }
        self.round = uint48(round);
    }

    /// @notice Adds tokens to the stake and to its pool.
    function join(Delegation storage self, Pool storage pool, uint256 tokens) internal {
        self.pending = self.pending + pool.join(tokens);
    }

    /// @notice Takes `tokens`, at most the stake's worth, out of the stake and its pool; those that joined last go first.
    /// @return dust What rounding left in a pool that this emptied, in wei.
    function take(Delegation storage self, Pool storage pool, uint256 tokens) internal returns (uint256 dust) {
        uint256 slashFactor = pool.currentSlashFactor();
        (uint256 joining, uint256 active) = worth(self.shares, self.pending, pool);
        uint256 fromJoining = Math.min(tokens, joining);
        uint256 fromActive = tokens - fromJoining;
        Units units = fromJoining == joining ? self.pending : fromJoining.toUnitsUp(slashFactor);
        Shares shares = fromActive == active
            ? self.shares
            : fromActive.toUnitsUp(slashFactor).toSharesUp(pool.currentRewardFactor());
        self.pending = self.pending - units;
        self.shares = self.shares - shares;
        pool.take(fromJoining, units, fromActive, shares);
        if (tokens == joining + active) {
            self.orchestrator = address(0);
            self.liableTo = address(0);
            self.liableUntil = 0;
        }
        return pool.sweep();
    }

    /// @notice Takes from redelegated stake what slashes of the orchestrator it left ask for. Must follow `advance`.
    /// @return lost What left the pool, in wei.
    function enforce(Delegation storage self, Pool storage pool, mapping(address => Pool) storage pools, uint256 round)
        internal
        returns (uint256 lost)
    {
        address liableTo = self.liableTo;
        if (liableTo == address(0)) return 0;
        uint256 until = self.liableUntil;
        uint256 factor = pools[liableTo].slashFactorAt(Math.min(round, until - 1));
        if (factor < self.liableFactor) lost = _lose(self, pool, factor);
        if (round >= until) {
            self.liableTo = address(0);
            self.liableUntil = 0;
        }
    }

    /// @notice Fees due beyond those settled.
    /// @dev Open rounds are rounded down one by one, closed ones together, so a round that closes never gives less than before.
    /// @return due In wei.
    /// @return advanced Part of all that was settled, these included, that stems from rounds still open, in wei.
    function feesDue(
        Delegation storage self,
        mapping(address => Pool) storage pools,
        mapping(address => FeeLedger) storage ledgers,
        uint256 round
    ) internal view returns (uint256 due, uint256 advanced) {
        Due memory sum;
        for (uint256 i = 0; i < FeeLedgers.WINDOW; ++i) {
            Position memory position = self.positions[i];
            if (position.until > self.settledRound) _add(self, ledgers, position, round, sum);
        }
        if (self.orchestrator != address(0) && self.round < round) {
            Shares shares = sharesAtStart(self, pools[self.orchestrator], round);
            _add(self, ledgers, Position(self.orchestrator, self.round + 1, uint48(round), shares), round, sum);
        }
        return (sum.closed + sum.open - self.advanced, sum.open);
    }

    /// @return Shares that the stake begins `round` with; if it has reached it, those it has now.
    function sharesAtStart(Delegation storage self, Pool storage pool, uint256 round) internal view returns (Shares) {
        if (self.round >= round || self.pending.rawUnits() == 0) return self.shares;
        return self.shares + self.pending.toShares(pool.rewardFactorAt(self.round));
    }

    /// @return Worth of the stake now, in wei, after what it owes to slashes.
    function stakeNow(Delegation storage self, mapping(address => Pool) storage pools, uint256 round)
        internal
        view
        returns (uint256)
    {
        if (self.orchestrator == address(0)) return 0;
        Pool storage pool = pools[self.orchestrator];
        Shares shares = sharesAtStart(self, pool, round);
        Units pending = self.round < round ? Units.wrap(0) : self.pending;
        if (self.liableTo != address(0)) {
            uint256 factor = pools[self.liableTo].slashFactorAt(Math.min(round, self.liableUntil - 1));
            (shares, pending) = _cut(shares, pending, factor, self.liableFactor);
        }
        (uint256 joining, uint256 active) = worth(shares, pending, pool);
        return joining + active;
    }

    /// @return joining Worth of pending units, in wei.
    /// @return active Worth of shares, in wei.
    function worth(Shares shares, Units pending, Pool storage pool)
        internal
        view
        returns (uint256 joining, uint256 active)
    {
        uint256 slashFactor = pool.currentSlashFactor();
        joining = pending.toTokens(slashFactor);
        active = shares.toUnits(pool.currentRewardFactor()).toTokens(slashFactor);
    }

    /// @return tokens Worth of a lock before what it owes for a redelegation, in wei.
    /// @return owed What it owes for it, in wei.
    function lockWorth(Lock storage lock, mapping(address => Pool) storage pools, uint256 round)
        internal
        view
        returns (uint256 tokens, uint256 owed)
    {
        tokens = lock.units.toTokens(pools[lock.orchestrator].lockFactor(lock.made));
        if (lock.liableTo == address(0)) return (tokens, 0);
        uint256 factor = pools[lock.liableTo].slashFactorAt(Math.min(round, lock.liableUntil - 1));
        owed = tokens - Math.mulDiv(tokens, factor, lock.liableFactor);
    }

    /// @dev Lowers the stake by the slashes between the factor last seen and `factor`.
    function _lose(Delegation storage self, Pool storage pool, uint256 factor) private returns (uint256) {
        (Shares shares, Units pending) = _cut(self.shares, self.pending, factor, self.liableFactor);
        Shares lostShares = self.shares - shares;
        Units lostUnits = self.pending - pending;
        self.shares = shares;
        self.pending = pending;
        self.liableFactor = uint96(factor);
        (uint256 joining, uint256 active) = worth(lostShares, lostUnits, pool);
        pool.take(joining, lostUnits, active, lostShares);
        return joining + active;
    }

    function _cut(Shares shares, Units pending, uint256 factor, uint256 before)
        private
        pure
        returns (Shares, Units)
    {
        return (
            Shares.wrap(uint128(Math.mulDiv(shares.rawShares(), factor, before))),
            Units.wrap(uint128(Math.mulDiv(pending.rawUnits(), factor, before)))
        );
    }

    /// @dev Adds the fees of a position since the settled round.
    function _add(
        Delegation storage self,
        mapping(address => FeeLedger) storage ledgers,
        Position memory position,
        uint256 round,
        Due memory sum
    ) private view {
        uint256 shares = position.shares.rawShares();
        if (shares == 0) return;
        FeeLedger storage ledger = ledgers[position.orchestrator];
        uint256 from = Math.max(position.since, uint256(self.settledRound) + 1);
        uint256 last = Math.min(position.until, FeeLedgers.lastClosed(round));
        if (from <= last) {
            uint256 perShare = ledger.perShareUntil(last) - ledger.perShareUntil(from - 1);
            sum.closed += Math.mulDiv(shares, perShare, RAY);
            from = last + 1;
        }
        for (; from <= position.until; ++from) {
            sum.open += Math.mulDiv(shares, ledger.rounds[from].perShare, RAY);
        }
    }
}
