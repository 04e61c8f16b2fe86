// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {PPM, RAY} from "./Ray.sol";

/// @notice Fees of the tickets made in one round for one orchestrator.
/// @param perShare Fees shared with the stake of the round, per share, in rays of wei.
/// @param own Fees the orchestrator keeps, in wei.
/// @param shares Shares that the round began with; fixed with the first fees.
/// @param minimumShare Fee share announced for the round, in ppm.
/// @param known Whether the two above were fixed.
struct RoundFees {
    uint128 perShare;
    uint128 own;
    uint128 shares;
    uint32 minimumShare;
    bool known;
}

/// @notice Fees of one orchestrator and the stake behind it.
/// @param rounds By the round in which tickets were made.
/// @param closed Sum of `perShare` of all closed rounds up to one.
/// @param open Rounds with fees that were not yet added to `closed`, in no order; zero for none.
/// @param own The orchestrator's fees of the rounds in `closed`, or outside the window, in wei.
/// @param ownPaid Part of all its own fees already moved to its account, in wei.
struct FeeLedger {
    mapping(uint256 round => RoundFees) rounds;
    Checkpoints.Trace208 closed;
    uint48[4] open;
    uint128 own;
    uint128 ownPaid;
}

/// @title FeeLedgers
/// @notice Fees are booked to the round in which their ticket was made and shared by the shares that round began with. A round stays open
/// for `WINDOW` rounds; after that it is closed and its sum is final.
/// @dev Booking again in an open round reads one slot and writes one.
library FeeLedgers {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    /// @notice Rounds, the current one included, to which fees can be booked.
    uint256 internal constant WINDOW = 4;

    /// @notice Books `amount` wei to a round already known.
    /// @param feeShare Committed in the tickets, in ppm; raised to the announced one.
    /// @return shared Part of it that goes to the stake, in wei.
    function book(FeeLedger storage self, uint256 round, uint256 amount, uint256 feeShare)
        internal
        returns (uint256 shared)
    {
        RoundFees storage fees = self.rounds[round];
        uint256 shares = fees.shares;
        if (feeShare < fees.minimumShare) feeShare = fees.minimumShare;
        if (feeShare > PPM) feeShare = PPM;
        // One slot, read once and written once.
        (uint256 perShare, uint256 own) = (fees.perShare, fees.own);
        if (shares != 0) {
            shared = (amount * feeShare) / PPM;
            uint256 increased = perShare + (shared * RAY) / shares;
            // So little stake that the sum would not fit is as good as none.
            if (increased > type(uint128).max) shared = 0;
            else perShare = increased;
        }
        (fees.perShare, fees.own) = (uint128(perShare), (own + amount - shared).toUint128());
    }

    /// @notice Books `amount` wei to the orchestrator alone.
    function bookOwn(FeeLedger storage self, uint256 amount) internal {
        self.own += amount.toUint128();
    }

    /// @notice Fixes how the fees of an open round are shared, and closes the rounds whose time is over.
    /// @param shares Shares that `round` began with.
    /// @param minimumShare Fee share announced for `round`, in ppm.
    function openRound(FeeLedger storage self, uint256 round, uint256 currentRound, uint256 shares, uint32 minimumShare)
        internal
    {
        _close(self, currentRound);
        for (uint256 i = 0; i < WINDOW; ++i) {
            if (self.open[i] != 0) continue;
            self.open[i] = uint48(round);
            break;
        }
        RoundFees storage fees = self.rounds[round];
        fees.shares = shares.toUint128();
        fees.minimumShare = minimumShare;
        fees.known = true;
    }

    /// @notice Moves the orchestrator's own fees to its account.
    /// @return amount In wei.
    function takeOwn(FeeLedger storage self) internal returns (uint256 amount) {
        amount = ownDue(self);
        if (amount != 0) self.ownPaid += amount.toUint128();
    }

    /// @return due The orchestrator's own fees not yet moved to its account, in wei.
    function ownDue(FeeLedger storage self) internal view returns (uint256 due) {
        due = self.own;
        for (uint256 i = 0; i < WINDOW; ++i) {
            uint256 round = self.open[i];
            if (round != 0) due += self.rounds[round].own;
        }
        due -= self.ownPaid;
    }

    /// @return sum Fees per share of all rounds up to `round`, in rays of wei.
    function perShareUntil(FeeLedger storage self, uint256 round) internal view returns (uint256 sum) {
        sum = self.closed.upperLookupRecent(uint48(round));
        for (uint256 i = 0; i < WINDOW; ++i) {
            uint256 candidate = self.open[i];
            if (candidate != 0 && candidate <= round) sum += self.rounds[candidate].perShare;
        }
    }

    /// @return Last round whose fees are final when it is `currentRound`.
    function lastClosed(uint256 currentRound) internal pure returns (uint256) {
        return currentRound > WINDOW ? currentRound - WINDOW : 0;
    }

    /// @dev Adds the open rounds whose time is over to `closed`, oldest first.
    function _close(FeeLedger storage self, uint256 currentRound) private {
        uint256 last = lastClosed(currentRound);
        while (true) {
            uint256 oldest = type(uint256).max;
            uint256 place = 0;
            for (uint256 i = 0; i < WINDOW; ++i) {
                uint256 round = self.open[i];
                if (round == 0 || round >= oldest) continue;
                oldest = round;
                place = i;
            }
            if (oldest > last) return;
            RoundFees storage fees = self.rounds[oldest];
            self.closed.push(uint48(oldest), (uint256(self.closed.latest()) + fees.perShare).toUint208());
            self.own += fees.own;
            self.open[place] = 0;
        }
    }
}
