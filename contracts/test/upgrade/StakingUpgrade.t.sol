// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {Staking} from "../../src/Staking.sol";
import {IChallenges} from "../../src/interfaces/IChallenges.sol";
import {IRounds} from "../../src/interfaces/IRounds.sol";
import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {IStreamflowToken} from "../../src/interfaces/IStreamflowToken.sol";
import {ITicketBroker} from "../../src/interfaces/ITicketBroker.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";
import {ChallengesFixture} from "../helpers/ChallengesFixture.sol";

/// @notice The next Staking: the same books, and a namespace of its own for what is new.
contract StakingNext is Staking {
    /// @custom:storage-location erc7201:streamflow.storage.StakingNext
    struct NextStorage {
        uint256 answer;
    }

    bytes32 private constant _NEXT = 0x7d1cc6b1fd2ec6cd5f9b8f0d53fbe2a0d7c2b2f62a7f4f1ad0d9a2a9b1f5ae00;

    constructor(
        IStreamflowToken token_,
        IRounds rounds_,
        ITicketBroker broker_,
        IChallenges challenges_,
        IServiceRegistry registry_
    ) Staking(token_, rounds_, broker_, challenges_, registry_) {}

    function migrate(uint256 value) external reinitializer(2) {
        _next().answer = value;
    }

    function answer() external view returns (uint256) {
        return _next().answer;
    }

    function _next() private pure returns (NextStorage storage $) {
        assembly {
            $.slot := _NEXT
        }
    }
}

/// @notice An upgrade in the middle of everything: stake joined and leaving, a redelegation that is liable, fees of open rounds, a pending
/// commission, an open challenge.
contract StakingUpgradeTest is ChallengesFixture {
    address internal orchestrator;
    uint256 internal key;
    address internal other = makeAddr("other");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal challenger = makeAddr("challenger");
    bytes32 internal challengeId;

    function setUp() public override {
        super.setUp();
        (orchestrator, key) = makeAddrAndKey("orchestrator");
        enlist(orchestrator, 1_000 ether, address(attestation));
        enlist(other, 1_000 ether, address(attestation));
        bond(alice, 300 ether, orchestrator);
        bond(bob, 200 ether, orchestrator);
        nextRound();
        vm.deal(address(broker), 100 ether);
        vm.startPrank(orchestrator);
        staking.reward();
        staking.scheduleCommission(200_000, 200_000);
        vm.stopPrank();
        _book(2 ether);
        vm.prank(alice);
        staking.unbond(100 ether);
        vm.prank(bob);
        staking.redelegate(other);
        nextRound();
        _book(3 ether);
        bond(alice, 50 ether, orchestrator);
        IVerifier.Receipt memory receipt = receiptOf(orchestrator, 1);
        bytes memory signature = signReceipt(key, receipt);
        vm.deal(challenger, 1 ether);
        vm.prank(challenger);
        (challengeId,) = challenges.challenge{value: BOND}(receipt, signature, "");
    }

    function _book(uint256 amount) private {
        uint256 round = rounds.currentRound();
        vm.prank(address(broker));
        staking.bookFees{value: amount}(orchestrator, round, 300_000);
    }

    function _state() private view returns (bytes memory) {
        uint256 round = rounds.currentRound();
        return abi.encode(
            abi.encode(staking.delegationOf(alice), staking.delegationOf(bob), staking.delegationOf(orchestrator)),
            abi.encode(staking.lockOf(alice, 0), staking.nextLockId(alice), staking.unbondingPeriod()),
            abi.encode(staking.pendingFees(alice), staking.pendingFees(bob), staking.pendingFees(orchestrator)),
            abi.encode(staking.stakeOf(orchestrator), staking.stakeAt(other, round), staking.totalStake()),
            abi.encode(staking.feesPerStake(orchestrator, round - 1), staking.feesPerStake(orchestrator, round)),
            abi.encode(staking.commissionEffectiveRound(orchestrator), staking.minimumStake()),
            abi.encode(challenges.challengeOf(challengeId), challenges.parameters(), attestation.threshold())
        );
    }

    function test_upgrade_KeepsLiveState() public {
        bytes memory before = _state();
        StakingNext next = new StakingNext(
            IStreamflowToken(address(token)),
            IRounds(address(rounds)),
            ITicketBroker(address(broker)),
            IChallenges(address(challenges)),
                IServiceRegistry(address(registry))
        );
        UUPSUpgradeable(address(staking)).upgradeToAndCall(address(next), abi.encodeCall(StakingNext.migrate, (42)));
        UUPSUpgradeable(address(challenges)).upgradeToAndCall(newChallenges(), "");
        UUPSUpgradeable(address(attestation)).upgradeToAndCall(newAttestation(), "");
        assertEq(_state(), before);
        assertEq(StakingNext(address(staking)).answer(), 42);

        // And everything goes on: fees of the round before, the slash, the way out.
        _book(1 ether);
        vm.prank(address(attestation));
        challenges.resolve(challengeId, IVerifier.Verdict.Guilty, new address[](0));
        assertGt(token.balanceOf(challenger), 0);
        staking.enforceSlash(bob);
        nextRounds(UNBONDING);
        uint256 due = staking.lockOf(alice, 0).amount;
        vm.prank(alice);
        assertEq(staking.withdrawStake(0), due);
        uint256 fees = staking.pendingFees(alice);
        vm.prank(alice);
        staking.withdrawFees(payable(alice), fees);
        assertEq(alice.balance, fees);
    }

    function test_upgrade_RevertsWhen_NotTheAdministrator() public {
        address next = newStaking();
        vm.expectRevert();
        vm.prank(alice);
        UUPSUpgradeable(address(staking)).upgradeToAndCall(next, "");
    }
}
