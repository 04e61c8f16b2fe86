// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IStreamflowToken} from "../interfaces/IStreamflowToken.sol";
import {Delegation, Delegations} from "./Delegations.sol";
import {Emission, Emissions} from "./Emissions.sol";
import {FeeLedger} from "./FeeLedgers.sol";
import {Pool, Pools} from "./Pools.sol";

/// @notice All that Staking remembers.
/// @param pools Stake behind each orchestrator.
/// @param delegations Stake and fees of each account.
/// @param ledgers Fees of each orchestrator and the stake behind it.
/// @param emission Inflation and the sum of all stake.
/// @param minimums By the round from which they bind: minimum stake and, in the low 104 bits, minimum self-bonded stake, in wei.
/// @param unbondingPeriod In rounds.
/// @param maxCommissionStep In ppm.
/// @param inflationRound Round in which inflation was last set.
/// @custom:storage-location erc7201:streamflow.storage.Staking
struct Books {
    mapping(address orchestrator => Pool) pools;
    mapping(address account => Delegation) delegations;
    mapping(address orchestrator => FeeLedger) ledgers;
    Emission emission;
    Checkpoints.Trace208 minimums;
    uint48 unbondingPeriod;
    uint32 maxCommissionStep;
    uint48 inflationRound;
}

/// @title StakingBooks
/// @notice Where the books are, and the entries that every operation makes.
library StakingBooks {
    using Checkpoints for Checkpoints.Trace208;
    using Delegations for Delegation;
    using Emissions for Emission;
    using Pools for Pool;

    /// @dev keccak256(abi.encode(uint256(keccak256("streamflow.storage.Staking")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant _SLOT = 0x1b5f757dc376ea90476f8ed2538eb1f25947d7eee9898f9c0897ff8ae8e57b00;
    uint256 private constant _HALF = 104;

    /// @return books The books of this contract.
    function load() internal pure returns (Books storage books) {
        // ERC-7201: the only way to place a struct at a slot.
        // solhint-disable-next-line no-inline-assembly
        // Only assembly can name a storage slot.
        // solhint-disable-next-line no-inline-assembly
        assembly {
            books.slot := _SLOT
        }
    }

    /// @notice Opens the books of `round`.
    function open(Books storage self, IStreamflowToken token, uint256 round) internal {
        if (self.emission.round < round) self.emission.advance(round, token.totalSupply());
    }

    /// @notice Writes down what `orchestrator` begins the next round with, as things stand.
    function record(Books storage self, address orchestrator, uint256 round) internal {
        self.pools[orchestrator].record(round, ownStake(self, orchestrator, round));
    }

    /// @notice Sets the minimum stakes from `round` on, in wei.
    function setMinimums(Books storage self, uint256 round, uint256 total, uint256 own) internal {
        self.minimums.push(uint48(round), uint208((total << _HALF) | own));
    }

    /// @return total Minimum stake in `round`, in wei.
    /// @return own Minimum self-bonded stake in `round`, in wei.
    function minimumsAt(Books storage self, uint256 round) internal view returns (uint256 total, uint256 own) {
        uint256 packed = self.minimums.upperLookupRecent(uint48(Math.min(round, type(uint48).max)));
        return (packed >> _HALF, packed & type(uint104).max);
    }

    /// @return Whether `orchestrator` began `round` with the minimum stakes.
    function isActiveAt(Books storage self, address orchestrator, uint256 round) internal view returns (bool) {
        (uint256 total, uint256 own) = self.pools[orchestrator].stakeAt(round);
        (uint256 minimumTotal, uint256 minimumOwn) = minimumsAt(self, round);
        return total >= minimumTotal && own >= minimumOwn;
    }

    /// @return rewardCut Of `orchestrator` in `round`, in ppm.
    /// @return feeShare Of `orchestrator` in `round`, in ppm.
    function commissionAt(Books storage self, address orchestrator, uint256 round)
        internal
        view
        returns (uint32 rewardCut, uint32 feeShare)
    {
        uint48 key = uint48(Math.min(round, type(uint48).max));
        uint256 packed = self.pools[orchestrator].commission.upperLookupRecent(key);
        return (uint32(packed >> 32), uint32(packed));
    }

    /// @return Whether `account` backs itself.
    function isOrchestrator(Books storage self, address account) internal view returns (bool) {
        return self.delegations[account].orchestrator == account;
    }

    /// @return Stake of an orchestrator in itself, in wei; zero for everybody else.
    function ownStake(Books storage self, address orchestrator, uint256 round) internal view returns (uint256) {
        if (!isOrchestrator(self, orchestrator)) return 0;
        return self.delegations[orchestrator].stakeNow(self.pools, round);
    }
}
