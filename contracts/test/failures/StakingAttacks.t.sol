// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StakingFixture} from "../helpers/StakingFixture.sol";

/// @notice The attacks on delegators that the Streamflow paper describes, played out.
contract StakingAttacksTest is StakingFixture {
    uint256 private constant DUST = 10;

    /// @dev Fee theft: the orchestrator keeps winning tickets back until its delegators have gone. With nine tenths of the
    /// stake and half of the fees shared, they are due 4.5 of 10.
    function test_FeeTheft_HoldingWinnersUntilDelegatorsLeft() public {
        enlist(orchestrator, 100 ether, 0, 500_000);
        bond(alice, 450 ether, orchestrator);
        bond(bob, 450 ether, orchestrator);
        nextRound();
        uint256 creationRound = round();
        unbond(alice, 450 ether);
        vm.prank(bob);
        uint256 lockId = staking.unbond(450 ether);
        assertEq(lockId, 0);
        nextRound();
        assertEq(staking.stakeOf(orchestrator), 100 ether);
        book(orchestrator, creationRound, 500_000, 10 ether);
        assertApproxEqAbs(staking.pendingFees(alice) + staking.pendingFees(bob), 4.5 ether, DUST);
        assertApproxEqAbs(staking.pendingFees(orchestrator), 5.5 ether, DUST);
    }

    /// @dev Fee theft: the orchestrator quotes a share of zero in its tickets although it announced half.
    function test_FeeTheft_QuotingALowerShareThanAnnounced() public {
        enlist(orchestrator, 100 ether, 0, 500_000);
        bond(alice, 900 ether, orchestrator);
        nextRound();
        book(orchestrator, round(), 0, 10 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 4.5 ether, DUST);
    }

    /// @dev Fee theft: the orchestrator resigns before it redeems.
    function test_FeeTheft_ResigningBeforeRedeeming() public {
        enlist(orchestrator, 100 ether, 0, 500_000);
        bond(alice, 900 ether, orchestrator);
        nextRound();
        uint256 creationRound = round();
        unbond(orchestrator, 100 ether);
        nextRound();
        book(orchestrator, creationRound, 500_000, 10 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 4.5 ether, DUST);
        assertApproxEqAbs(staking.pendingFees(orchestrator), 5.5 ether, DUST);
    }

    /// @dev Fee theft: stake that arrives while a winner is held back takes part of it.
    function test_FeeTheft_JoiningAfterTheTicketWasMade() public {
        enlist(orchestrator, 100 ether, 0, 500_000);
        bond(alice, 100 ether, orchestrator);
        nextRound();
        uint256 creationRound = round();
        bond(bob, 10_000 ether, orchestrator);
        nextRound();
        book(orchestrator, creationRound, 500_000, 10 ether);
        assertEq(staking.pendingFees(bob), 0);
        assertApproxEqAbs(staking.pendingFees(alice), 2.5 ether, DUST);
    }

    /// @dev Squeezing: the orchestrator lures with good terms, then worsens them. A delegator that leaves in the round of the
    /// announcement, or the next, is never under the new terms; and they worsen by one step only.
    function test_Squeezing_ThereIsTimeToLeave() public {
        enlist(orchestrator, 100 ether, 100_000, 900_000);
        bond(alice, 900 ether, orchestrator);
        nextRound();
        uint256 announced = round();
        vm.prank(orchestrator);
        staking.scheduleCommission(200_000, 800_000);
        nextRound();
        (uint32 cut, uint32 share) = staking.commissionAt(orchestrator, round());
        assertEq(cut, 100_000, "not yet");
        assertEq(share, 900_000, "not yet");
        unbond(alice, 900 ether);
        book(orchestrator, round(), 900_000, 10 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 8.1 ether, DUST, "old terms to the last");
        nextRound();
        (cut, share) = staking.commissionAt(orchestrator, round());
        assertEq(round(), announced + 2);
        assertEq(cut, 200_000);
        assertEq(share, 800_000);
    }

    /// @dev Squeezing: at once, by moving to another orchestrator; the new terms never bind, and a slash still follows.
    function test_Squeezing_RedelegatingIsAtOnce() public {
        enlist(orchestrator, 100 ether, 100_000, 900_000);
        enlist(other, 100 ether, 100_000, 900_000);
        bond(alice, 900 ether, orchestrator);
        nextRound();
        vm.prank(orchestrator);
        staking.scheduleCommission(200_000, 800_000);
        vm.prank(alice);
        staking.redelegate(other);
        nextRound();
        book(other, round(), 900_000, 10 ether);
        assertApproxEqAbs(staking.pendingFees(alice), 8.1 ether, DUST);
        slash(orchestrator, 100_000, 0);
        assertApproxEqAbs(staking.pendingStake(alice), 810 ether, DUST);
    }

    /// @dev Moving from reward to reward within one round collects one reward.
    function test_RewardHopping() public {
        enlist(orchestrator, 100 ether, 0, 0);
        enlist(other, 100 ether, 0, 0);
        bond(alice, 100 ether, orchestrator);
        nextRound();
        reward(orchestrator);
        uint256 stake = staking.pendingStake(alice);
        vm.prank(alice);
        staking.redelegate(other);
        reward(other);
        assertApproxEqAbs(staking.pendingStake(alice), stake, DUST);
    }

    /// @dev Thin self-bond, rich delegators: being slashed on purpose for the bounty loses the orchestrator money.
    function test_SlashingOneselfForTheBounty() public {
        enlist(orchestrator, MINIMUM_SELF, 0, 0);
        bond(alice, 100_000 ether, orchestrator);
        nextRound();
        uint256 before = staking.pendingStake(orchestrator);
        (, uint256 bounty) = slash(orchestrator, 500_000, 999_999);
        assertLt(staking.pendingStake(orchestrator) + bounty, before);
    }
}
