// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IStaking
/// @notice What the other contracts need of the staking contract.
interface IStaking {
    /// @notice Books the fees of a winning ticket. TicketBroker only; never reverts for it.
    /// @param orchestrator who earned them
    /// @param round the round in which the ticket was made
    /// @param feeShare parts per million given to the delegators of that round
    function bookFees(address orchestrator, uint256 round, uint32 feeShare) external payable;

    /// @notice Least stake with which an orchestrator takes part, in token units.
    function minimumStake() external view returns (uint256);

    /// @notice Own and delegated stake of an orchestrator, in token units.
    function stakeOf(address orchestrator) external view returns (uint256);

    /// @notice Whether an orchestrator takes part in the current round.
    function isActive(address orchestrator) external view returns (bool);

    /// @notice Whether an orchestrator took part in a round.
    function isActiveAt(address orchestrator, uint256 round) external view returns (bool);

    /// @notice Commission of an orchestrator in a round, in parts per million.
    function commissionAt(address orchestrator, uint256 round)
        external
        view
        returns (uint32 rewardCut, uint32 feeShare);

    /// @notice Rounds that unbonding takes.
    function unbondingPeriod() external view returns (uint256);
}
