// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Shares, Units} from "../types/StakeUnits.sol";
import {PPM, RAY, Ray} from "./Ray.sol";

/// @notice Stake that was put on its way out of one orchestrator in one round.
/// @param total Of everybody, in wei.
/// @param own Of the orchestrator itself, in wei.
/// @param factor Tokens per unit, in rays: what slashes for later offences left of it; 0 for one.
/// @param opens Round in which it can be withdrawn, and in which slashes no longer reach it.
struct Batch {
    uint128 total;
    uint128 own;
    uint96 factor;
    uint48 opens;
}

/// @notice All stake behind one orchestrator.
/// @param active Tokens that earn in `round`; never less than what `shares` are worth.
/// @param joining Tokens that came in `round` and earn from the next one; never less than what `pending` is worth.
/// @param shares Sum of the delegators' shares.
/// @param pending Sum of the delegators' pending units.
/// @param round Round that the books have reached.
/// @param lastRewardRound Round of the last reward.
/// @param rewardFactor Units per share at the end of a round, in rays.
/// @param slashFactor Tokens per unit at the end of a round, in rays.
/// @param sharesAtStart Shares that a round began with.
/// @param stakeAtStart Stake that a round began with, in wei: all of it and, in the low half, the orchestrator's own.
/// @param commission By the round from which it binds: reward cut and, in the low 32 bits, fee share, in ppm.
/// @param batches Stake on its way out, by the round in which it left.
struct Pool {
    uint128 active;
    uint128 joining;
    Shares shares;
    Units pending;
    uint48 round;
    uint48 lastRewardRound;
    Checkpoints.Trace208 rewardFactor;
    Checkpoints.Trace208 slashFactor;
    Checkpoints.Trace208 sharesAtStart;
    Checkpoints.Trace208 stakeAtStart;
    Checkpoints.Trace208 commission;
    mapping(uint256 round => Batch) batches;
}

/// @title Pools
/// @notice Cumulative-factor accounting of the stake behind one orchestrator. Rewards raise the reward factor, slashes
/// lower the slash factor; no operation depends on how many delegators or orchestrators there are.
library Pools {
    using Checkpoints for Checkpoints.Trace208;
    using Ray for uint256;
    using Ray for Units;
    using Ray for Shares;
    using SafeCast for uint256;

    /// @notice Below this slash factor units would lose precision: nothing more is slashed.
    uint256 internal constant MINIMUM_SLASH_FACTOR = 1e18;
    /// @notice Below this slash factor (a thousandth is left) an orchestrator takes no more stake: far enough above the other
    /// that nobody who joins meets it.
    uint256 internal constant RETIREMENT_FACTOR = 1e24;
    /// @notice Above this reward factor (a billionfold) shares would lose precision: such a pool earns no more.
    uint256 internal constant MAXIMUM_REWARD_FACTOR = 1e36;
    /// @notice Most rounds that stake is on its way out: bounds the walk that a slash takes.
    uint256 internal constant MAXIMUM_UNBONDING_PERIOD = 64;
    uint256 private constant HALF = 104;

    /// @notice Brings the books to `round`: what joined in an earlier round begins to earn.
    function advance(Pool storage self, uint256 round) internal {
        uint48 reached = self.round;
        if (reached >= round) return;
        Shares shares = sharesNow(self, round);
        if (shares.rawShares() != self.sharesAtStart.latest()) {
            self.sharesAtStart.push(reached + 1, uint208(shares.rawShares()));
        }
        if (self.joining != 0 || self.pending.rawUnits() != 0) {
            self.active += self.joining;
            self.joining = 0;
            self.shares = shares;
            self.pending = Units.wrap(0);
        }
        self.round = uint48(round);
    }

    /// @notice Adds tokens that earn from the next round on. The books must have reached the current round.
    /// @return units What the tokens are in units.
    function join(Pool storage self, uint256 tokens) internal returns (Units units) {
        units = tokens.toUnits(currentSlashFactor(self));
        self.joining += tokens.toUint128();
        self.pending = self.pending + units;
    }

    /// @notice Takes tokens out, some of them from those that joined in this round.
    /// @param tokensJoining Of the tokens that joined in this round, against `units`.
    /// @param tokensActive Of the others, against `shares`.
    function take(Pool storage self, uint256 tokensJoining, Units units, uint256 tokensActive, Shares shares) internal {
        self.joining -= tokensJoining.toUint128();
        self.active -= tokensActive.toUint128();
        self.pending = self.pending - units;
        self.shares = self.shares - shares;
    }

    /// @notice Takes out what rounding left behind once the last delegator has gone.
    /// @return dust In wei.
    function sweep(Pool storage self) internal returns (uint256 dust) {
        if (self.shares.rawShares() != 0 || self.pending.rawUnits() != 0) return 0;
        dust = uint256(self.active) + self.joining;
        self.active = 0;
        self.joining = 0;
    }

    /// @notice Adds a reward to the stake that earns in `round`. Without such stake nothing must be added.
    /// @param tokens In wei, for the stake in proportion.
    function reward(Pool storage self, uint256 round, uint256 tokens) internal {
        uint256 factor = currentRewardFactor(self);
        factor += Math.mulDiv(factor, tokens, self.active);
        self.rewardFactor.push(uint48(round), factor.toUint208());
        self.active += tokens.toUint128();
    }

    /// @notice Takes `rate` of all stake, and of what was put on its way out since the offence and has not opened: what left
    /// before it had no part in it.
    /// @param offenceRound Round of the offence, not after `round`.
    /// @return penalty What was taken, in wei.
    /// @return bonded Part of it that was bonded, in wei.
    /// @return ownLocks Part of it that was in the orchestrator's own locks, in wei.
    function slash(Pool storage self, uint256 round, uint256 rate, uint256 offenceRound)
        internal
        returns (uint256 penalty, uint256 bonded, uint256 ownLocks)
    {
        uint256 factor = currentSlashFactor(self);
        if (factor < MINIMUM_SLASH_FACTOR) return (0, 0, 0);
        self.slashFactor.push(uint48(round), Math.mulDiv(factor, PPM - rate, PPM).toUint208());
        uint256 fromActive = uint256(self.active).ppm(rate);
        uint256 fromJoining = uint256(self.joining).ppm(rate);
        self.active -= uint128(fromActive);
        self.joining -= uint128(fromJoining);
        bonded = fromActive + fromJoining;
        penalty = bonded;
        for (uint256 made = Math.max(offenceRound, _oldestLocked(round)); made <= round; ++made) {
            Batch storage batch = self.batches[made];
            if (batch.total == 0 || batch.opens <= round) continue;
            uint256 fromAll = uint256(batch.total).ppm(rate);
            uint256 fromOwn = uint256(batch.own).ppm(rate);
            batch.total -= uint128(fromAll);
            batch.own -= uint128(fromOwn);
            batch.factor = uint96(Math.mulDiv(_orOne(batch.factor), PPM - rate, PPM));
            penalty += fromAll;
            ownLocks += fromOwn;
        }
    }

    /// @notice Counts tokens that are put on their way out in `round`.
    /// @param period Rounds until they open, if they are the first of the round.
    /// @return units What they are in units of the round's batch.
    /// @return opens Round in which they open.
    function lock(Pool storage self, uint256 round, uint256 period, uint256 tokens, bool own)
        internal
        returns (Units units, uint256 opens)
    {
        Batch storage batch = self.batches[round];
        opens = batch.opens;
        if (opens == 0) {
            opens = round + period;
            batch.opens = uint48(opens);
        }
        batch.total += tokens.toUint128();
        if (own) batch.own += tokens.toUint128();
        units = tokens.toUnits(_orOne(batch.factor));
    }

    /// @notice Uncounts tokens that were put on their way out in round `made`.
    function unlock(Pool storage self, uint256 made, uint256 tokens, bool own) internal {
        Batch storage batch = self.batches[made];
        batch.total -= tokens.toUint128();
        if (own) batch.own -= tokens.toUint128();
    }

    /// @notice Writes down what the next round begins with, as things stand.
    /// @param own Stake of the orchestrator itself, in wei.
    function record(Pool storage self, uint256 round, uint256 own) internal {
        self.stakeAtStart.push(uint48(round + 1), uint208((stakeNow(self) << HALF) | own.toUint104()));
    }

    /// @return Stake now, in wei.
    function stakeNow(Pool storage self) internal view returns (uint256) {
        return uint256(self.active) + self.joining;
    }

    /// @return total Stake that `round` began with, in wei.
    /// @return own Part of it that was the orchestrator's, in wei.
    function stakeAt(Pool storage self, uint256 round) internal view returns (uint256 total, uint256 own) {
        uint256 packed = self.stakeAtStart.upperLookupRecent(uint48(Math.min(round, type(uint48).max)));
        return (packed >> HALF, packed & type(uint104).max);
    }

    /// @return Shares that `round`, not after the current one, began with.
    function sharesAt(Pool storage self, uint256 round) internal view returns (uint256) {
        if (round > self.round) return sharesNow(self, round).rawShares();
        return self.sharesAtStart.upperLookupRecent(uint48(round));
    }

    /// @return Shares that earn in `round`, the current one, less those that left in it.
    function sharesNow(Pool storage self, uint256 round) internal view returns (Shares) {
        if (self.round >= round) return self.shares;
        return self.shares + self.pending.toShares(currentRewardFactor(self));
    }

    /// @return Stake in locks that open after `round`, the current one, in wei.
    function lockedAfter(Pool storage self, uint256 round) internal view returns (uint256) {
        uint256 sum = 0;
        for (uint256 made = _oldestLocked(round); made <= round; ++made) {
            if (self.batches[made].opens > round) sum += self.batches[made].total;
        }
        return sum;
    }

    /// @return Tokens per unit of what was put on its way out in round `made`, in rays.
    function lockFactor(Pool storage self, uint256 made) internal view returns (uint256) {
        return _orOne(self.batches[made].factor);
    }

    /// @return Whether another reward would leave shares too little precision.
    function isSated(Pool storage self) internal view returns (bool) {
        return currentRewardFactor(self) >= MAXIMUM_REWARD_FACTOR;
    }

    /// @return Whether slashes have left too little precision to take more stake.
    function isRetired(Pool storage self) internal view returns (bool) {
        return currentSlashFactor(self) < RETIREMENT_FACTOR;
    }

    /// @return Units per share now, in rays.
    function currentRewardFactor(Pool storage self) internal view returns (uint256) {
        return _orOne(self.rewardFactor.latest());
    }

    /// @return Units per share at the end of `round`, in rays.
    function rewardFactorAt(Pool storage self, uint256 round) internal view returns (uint256) {
        return _orOne(self.rewardFactor.upperLookupRecent(uint48(round)));
    }

    /// @return Tokens per unit now, in rays.
    function currentSlashFactor(Pool storage self) internal view returns (uint256) {
        return _orOne(self.slashFactor.latest());
    }

    /// @return Tokens per unit at the end of `round`, in rays.
    function slashFactorAt(Pool storage self, uint256 round) internal view returns (uint256) {
        return _orOne(self.slashFactor.upperLookupRecent(uint48(round)));
    }

    /// @dev Oldest round whose locks may not have opened in `round`.
    function _oldestLocked(uint256 round) private pure returns (uint256) {
        return Math.saturatingSub(round, MAXIMUM_UNBONDING_PERIOD);
    }

    /// @dev A factor is never zero: the reward factor only rises, the slash factor stops at MINIMUM_SLASH_FACTOR's slash.
    function _orOne(uint256 factor) private pure returns (uint256) {
        return factor == 0 ? RAY : factor;
    }
}
