// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Stands in for the staking contract where a test is about something else: books fees, and answers what the
/// test set. Whole-system tests use the real one.
contract StakingDouble {
    event FeesBooked(address indexed orchestrator, uint256 indexed round, uint32 feeShare, uint256 amount);

    uint256 public minimumStake = 100 ether;
    uint256 public constant feeWindow = 4;
    uint256 public unbondingPeriod = 7;
    mapping(address orchestrator => uint256) public stakeOf;
    mapping(address account => uint256) public pendingFees;
    mapping(address orchestrator => mapping(uint256 round => uint256)) public feesOf;

    function bookFees(address orchestrator, uint256 round, uint32 feeShare) external payable {
        pendingFees[orchestrator] += msg.value;
        feesOf[orchestrator][round] += msg.value;
        emit FeesBooked(orchestrator, round, feeShare, msg.value);
    }

    function setStake(address orchestrator, uint256 stake) external {
        stakeOf[orchestrator] = stake;
    }

    function setMinimumStake(uint256 stake) external {
        minimumStake = stake;
    }

    function setUnbondingPeriod(uint256 rounds) external {
        unbondingPeriod = rounds;
    }

    function activeStakesOf(address[] calldata orchestrators) external view returns (uint256[] memory stakes) {
        stakes = new uint256[](orchestrators.length);
        for (uint256 i = 0; i < orchestrators.length; ++i) {
            uint256 stake = stakeOf[orchestrators[i]];
            if (stake >= minimumStake) stakes[i] = stake;
        }
    }

    function isActive(address orchestrator) external view returns (bool) {
        return stakeOf[orchestrator] >= minimumStake;
    }

    function isActiveAt(address orchestrator, uint256) external view returns (bool) {
        return stakeOf[orchestrator] >= minimumStake;
    }

    function commissionAt(address, uint256) external pure returns (uint32, uint32) {
        return (100_000, 500_000);
    }
}
