// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {IChallenges} from "../src/interfaces/IChallenges.sol";
import {IVerifier} from "../src/interfaces/IVerifier.sol";
import {ChallengesFixture} from "./helpers/ChallengesFixture.sol";
import {HashVerifier} from "./helpers/HashVerifier.sol";

/// @notice A verifier that answers through `resolve` while it is asked.
contract ReentrantVerifier is IVerifier {
    function judge(bytes32 challengeId, IVerifier.Receipt calldata, address, bytes calldata) external override returns (IVerifier.Verdict) {
        IChallenges(msg.sender).resolve(challengeId, IVerifier.Verdict.Guilty, new address[](0));
        return IVerifier.Verdict.Open;
    }
}

contract ChallengesTest is ChallengesFixture {
    address internal orchestrator;
    uint256 internal key;
    address internal challenger = makeAddr("challenger");
    HashVerifier internal verifier;

    function setUp() public override {
        super.setUp();
        (orchestrator, key) = makeAddrAndKey("orchestrator");
        verifier = new HashVerifier();
        challenges.setVerifierApproval(address(verifier), true);
        enlist(orchestrator, 1_000 ether, address(verifier));
        nextRound();
        vm.deal(challenger, 10 ether);
        vm.deal(orchestrator, 10 ether);
    }

    function _false() internal view returns (IVerifier.Receipt memory receipt, bytes memory signature) {
        receipt = receiptOf(orchestrator, 1);
        receipt.inputHash = keccak256("source");
        signature = signReceipt(key, receipt);
    }

    function _challenge(address who, IVerifier.Receipt memory receipt, bytes memory signature, bytes memory evidence)
        internal
        returns (bytes32, IVerifier.Verdict)
    {
        vm.prank(who);
        return challenges.challenge{value: BOND}(receipt, signature, evidence);
    }

    function test_challenge_GuiltySlashesPaysTheBountyAndReturnsTheBond() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        bytes32 receiptHash = challenges.hashReceipt(receipt);
        bytes32 id = challenges.challengeIdOf(receiptHash, challenger);
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(challenges));
        emit IChallenges.Challenged(
            id, orchestrator, challenger, receiptHash, address(verifier), BOND, rounds.currentRound() + 2
        );
        vm.expectEmit(address(challenges));
        emit IChallenges.Resolved(id, IVerifier.Verdict.Guilty, 100 ether, 25 ether);
        (bytes32 given, IVerifier.Verdict verdict) = _challenge(challenger, receipt, signature, "source");
        assertEq(given, id);
        assertTrue(verdict == IVerifier.Verdict.Guilty);
        assertEq(token.balanceOf(challenger), 25 ether);
        assertEq(token.totalSupply(), supply - 75 ether);
        assertEq(staking.stakeOf(orchestrator), 900 ether);
        assertEq(challenges.creditOf(challenger), BOND);
        assertTrue(challenges.isGuilty(receiptHash));
        assertTrue(challenges.challengeOf(id).verdict == IVerifier.Verdict.Guilty);
        vm.prank(challenger);
        challenges.withdrawCredit(payable(challenger), BOND);
        assertEq(challenger.balance, 10 ether);
    }

    function test_challenge_InnocentGivesTheBondToTheOrchestrator() public {
        IVerifier.Receipt memory receipt = receiptOf(orchestrator, 1);
        receipt.inputHash = keccak256("source");
        receipt.outputHash = keccak256(abi.encode(bytes("source")));
        (, IVerifier.Verdict verdict) = _challenge(challenger, receipt, signReceipt(key, receipt), "source");
        assertTrue(verdict == IVerifier.Verdict.Innocent);
        assertEq(challenges.creditOf(orchestrator), BOND);
        assertEq(staking.stakeOf(orchestrator), 1_000 ether);
        vm.expectEmit(address(challenges));
        emit IChallenges.CreditWithdrawn(orchestrator, challenger, BOND);
        vm.prank(orchestrator);
        challenges.withdrawCredit(payable(challenger), BOND);
    }

    function test_challenge_OneReceiptIsSlashedForOnce() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        _challenge(challenger, receipt, signature, "source");
        address second = makeAddr("second");
        vm.deal(second, 1 ether);
        vm.expectRevert(
            abi.encodeWithSelector(IChallenges.ChallengesAlreadyGuilty.selector, challenges.hashReceipt(receipt))
        );
        _challenge(second, receipt, signature, "source");
    }

    function test_challenge_RevertsWhen_TheSameAccountComesAgain() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        (bytes32 id, IVerifier.Verdict verdict) = _challenge(challenger, receipt, signature, "junk");
        assertTrue(verdict == IVerifier.Verdict.Innocent);
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesAlreadyChallenged.selector, id));
        _challenge(challenger, receipt, signature, "source");
    }

    function test_challenge_RevertsWhen_TheBondIsWrong() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesWrongBond.selector, BOND + 1, BOND));
        vm.prank(challenger);
        challenges.challenge{value: BOND + 1}(receipt, signature, "source");
    }

    function test_challenge_RevertsWhen_TheSignatureIsNotTheOrchestrators() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        receipt.fee += 1;
        vm.expectPartialRevert(IChallenges.ChallengesInvalidSignature.selector);
        _challenge(challenger, receipt, signature, "source");
        vm.expectRevert(
            abi.encodeWithSelector(IChallenges.ChallengesInvalidSignature.selector, address(0), orchestrator)
        );
        _challenge(challenger, receipt, "short", "source");
        receipt.orchestrator = address(0);
        vm.expectRevert(
            abi.encodeWithSelector(IChallenges.ChallengesInvalidSignature.selector, address(0), address(0))
        );
        _challenge(challenger, receipt, "short", "source");
    }

    function test_challenge_RevertsWhen_TheWindowIsOver() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        nextRounds(3);
        vm.expectRevert(
            abi.encodeWithSelector(IChallenges.ChallengesTooLate.selector, receipt.round + 2, receipt.round + 3)
        );
        _challenge(challenger, receipt, signature, "source");
    }

    function test_challenge_RevertsWhen_TheReceiptIsDatedAhead() public {
        IVerifier.Receipt memory receipt = receiptOf(orchestrator, 1);
        receipt.inputHash = keccak256("source");
        receipt.round += 1;
        bytes memory signature = signReceipt(key, receipt);
        vm.expectRevert(
            abi.encodeWithSelector(IChallenges.ChallengesDatedAhead.selector, receipt.round, receipt.round - 1)
        );
        _challenge(challenger, receipt, signature, "source");
    }

    /// @dev A challenge can be copied from the mempool: not while only the broadcaster may make it.
    function test_challenge_TheFirstRoundsBelongToTheBroadcaster() public {
        IChallenges.Parameters memory next = challenges.parameters();
        next.priority = 1;
        challenges.setParameters(next);
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        vm.expectRevert(
            abi.encodeWithSelector(IChallenges.ChallengesPriority.selector, receipt.broadcaster, receipt.round)
        );
        _challenge(challenger, receipt, signature, "source");
        uint256 snapshot = vm.snapshotState();
        vm.deal(receipt.broadcaster, 1 ether);
        (, IVerifier.Verdict verdict) = _challenge(receipt.broadcaster, receipt, signature, "source");
        assertTrue(verdict == IVerifier.Verdict.Guilty);
        vm.revertToState(snapshot);
        nextRound();
        (, verdict) = _challenge(challenger, receipt, signature, "source");
        assertTrue(verdict == IVerifier.Verdict.Guilty, "then anybody may");
    }

    /// @dev An encoder that broke for a round is one fault.
    function test_challenge_OneSlashPerOrchestratorAndRound() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        _challenge(challenger, receipt, signature, "source");
        IVerifier.Receipt memory another = receiptOf(orchestrator, 2);
        another.inputHash = keccak256("source");
        (, IVerifier.Verdict verdict) = _challenge(challenger, another, signReceipt(key, another), "source");
        assertTrue(verdict == IVerifier.Verdict.Guilty);
        assertEq(staking.stakeOf(orchestrator), 900 ether);
        assertEq(challenges.creditOf(challenger), 2 * BOND, "whoever proved it gets the bond back");
        nextRound();
        another = receiptOf(orchestrator, 3);
        another.inputHash = keccak256("source");
        _challenge(challenger, another, signReceipt(key, another), "source");
        assertEq(staking.stakeOf(orchestrator), 810 ether);
    }

    function test_challenge_SparesLocksMadeBeforeTheOffence() public {
        vm.prank(orchestrator);
        staking.unbond(400 ether);
        nextRound();
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        vm.prank(orchestrator);
        staking.unbond(100 ether);
        _challenge(challenger, receipt, signature, "source");
        assertEq(staking.lockOf(orchestrator, 0).amount, 400 ether, "it had left");
        assertEq(staking.lockOf(orchestrator, 1).amount, 90 ether, "it was there");
        assertEq(staking.stakeOf(orchestrator), 450 ether);
    }

    function test_challenge_TheSignerOfTheRoundIsLiable() public {
        (address hot, uint256 hotKey) = makeAddrAndKey("hot");
        vm.prank(orchestrator);
        registry.setSigner(hot);
        IVerifier.Receipt memory receipt = receiptOf(orchestrator, 1);
        receipt.inputHash = keccak256("source");
        bytes memory signature = signReceipt(hotKey, receipt);
        nextRound();
        vm.prank(orchestrator);
        registry.setSigner(address(0));
        (, IVerifier.Verdict verdict) = _challenge(challenger, receipt, signature, "source");
        assertTrue(verdict == IVerifier.Verdict.Guilty, "it was the signer then");
        nextRound();
        receipt = receiptOf(orchestrator, 2);
        receipt.inputHash = keccak256("source");
        signature = signReceipt(hotKey, receipt);
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesInvalidSignature.selector, hot, orchestrator));
        _challenge(challenger, receipt, signature, "source");
    }

    function test_pause_DoesNotRunOutTheWindow() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        nextRound();
        challenges.pause();
        nextRounds(2);
        vm.expectEmit(address(challenges));
        emit IChallenges.WindowExtended(2, rounds.currentRound());
        challenges.unpause();
        assertEq(challenges.exposurePeriod(), 6);
        nextRound();
        (, IVerifier.Verdict verdict) = _challenge(challenger, receipt, signature, "source");
        assertTrue(verdict == IVerifier.Verdict.Guilty);
    }

    function test_challenge_RevertsWhen_TheServiceHasNoVerifierOrOneThatIsNotApproved() public {
        IVerifier.Receipt memory receipt = receiptOf(orchestrator, 1);
        receipt.serviceId = keccak256("Other");
        bytes memory signature = signReceipt(key, receipt);
        vm.expectRevert(
            abi.encodeWithSelector(
                IChallenges.ChallengesNotVerifiable.selector, orchestrator, receipt.serviceId, address(0)
            )
        );
        _challenge(challenger, receipt, signature, "");

        (receipt, signature) = _false();
        vm.expectEmit(address(challenges));
        emit IChallenges.VerifierApprovalChanged(address(verifier), true, false);
        challenges.setVerifierApproval(address(verifier), false);
        assertFalse(challenges.isApprovedVerifier(address(verifier)));
        vm.expectRevert(
            abi.encodeWithSelector(
                IChallenges.ChallengesNotVerifiable.selector, orchestrator, SERVICE, address(verifier)
            )
        );
        _challenge(challenger, receipt, signature, "source");
    }

    function test_challenge_RevertsWhen_Paused() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        challenges.pause();
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        _challenge(challenger, receipt, signature, "source");
    }

    function test_challenge_AVerifierMayAnswerWhileItIsAsked() public {
        ReentrantVerifier reentrant = new ReentrantVerifier();
        challenges.setVerifierApproval(address(reentrant), true);
        (address second, uint256 secondKey) = makeAddrAndKey("second");
        enlist(second, 1_000 ether, address(reentrant));
        nextRounds(2);
        IVerifier.Receipt memory receipt = receiptOf(second, 1);
        _challenge(challenger, receipt, signReceipt(secondKey, receipt), "");
        assertEq(staking.stakeOf(second), 900 ether);
        assertEq(challenges.creditOf(challenger), BOND);
    }

    // ---- an orchestrator cannot leave, shrink or challenge itself out of a slash

    function test_challenge_OwnChallengeWithJunkDoesNotShield() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        _challenge(orchestrator, receipt, signature, "junk");
        (, IVerifier.Verdict verdict) = _challenge(challenger, receipt, signature, "source");
        assertTrue(verdict == IVerifier.Verdict.Guilty);
        assertEq(staking.stakeOf(orchestrator), 900 ether);
    }

    function test_challenge_OwnChallengeCostsMoreThanItBrings() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        uint256 before = staking.pendingStake(orchestrator) + token.balanceOf(orchestrator);
        _challenge(orchestrator, receipt, signature, "source");
        assertEq(staking.pendingStake(orchestrator) + token.balanceOf(orchestrator), before - 75 ether);
    }

    function test_challenge_LeavingDoesNotEscape() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        vm.startPrank(orchestrator);
        registry.unregister();
        staking.unbond(1_000 ether);
        vm.stopPrank();
        nextRounds(2);
        (, IVerifier.Verdict verdict) = _challenge(challenger, receipt, signature, "source");
        assertTrue(verdict == IVerifier.Verdict.Guilty);
        assertEq(staking.lockOf(orchestrator, 0).amount, 900 ether);
        assertEq(token.balanceOf(challenger), 25 ether);
    }

    function test_challenge_RenamingTheJudgeDoesNotEscape() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        vm.prank(orchestrator);
        registry.setServices(new bytes32[](0));
        nextRounds(2);
        (, IVerifier.Verdict verdict) = _challenge(challenger, receipt, signature, "source");
        assertTrue(verdict == IVerifier.Verdict.Guilty);
    }

    // ---- answers, expiry, credit, parameters

    function test_resolve_RevertsWhen_NotOpenOrNotTheVerifier() public {
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesNotOpen.selector, bytes32("none")));
        challenges.resolve("none", IVerifier.Verdict.Guilty, new address[](0));
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        (bytes32 id,) = _challenge(challenger, receipt, signature, "source");
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesNotOpen.selector, id));
        vm.prank(address(verifier));
        challenges.resolve(id, IVerifier.Verdict.Innocent, new address[](0));
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesNotOpen.selector, id));
        challenges.expire(id);
    }

    function test_withdrawCredit_RevertsWhen_TooMuchOrRefused() public {
        (IVerifier.Receipt memory receipt, bytes memory signature) = _false();
        _challenge(challenger, receipt, signature, "source");
        vm.startPrank(challenger);
        vm.expectRevert(
            abi.encodeWithSelector(IChallenges.ChallengesInsufficientCredit.selector, challenger, BOND, BOND + 1)
        );
        challenges.withdrawCredit(payable(challenger), BOND + 1);
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesTransferFailed.selector, address(token)));
        challenges.withdrawCredit(payable(address(token)), BOND);
        vm.stopPrank();
    }

    function test_setParameters_StayBelowTheUnbondingPeriod() public {
        IChallenges.Parameters memory next = challenges.parameters();
        next.window = 5;
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesExposureTooLong.selector, 7, UNBONDING));
        challenges.setParameters(next);
        next.window = 4;
        vm.expectEmit(address(challenges));
        emit IChallenges.ParametersChanged(challenges.parameters(), next);
        challenges.setParameters(next);
        assertEq(challenges.exposurePeriod(), 6);
        next.window = 1;
        next.answerPeriod = 1;
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesChangedInRound.selector, rounds.currentRound()));
        challenges.setParameters(next);
        nextRound();
        next.bond = 2 * BOND + 1;
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesStepTooLarge.selector, BOND, 2 * BOND + 1));
        challenges.setParameters(next);
        next.bond = 2 * BOND;
        challenges.setParameters(next);
        assertEq(challenges.exposurePeriod(), 6, "challenges of the time before may still be open");
        nextRounds(7);
        assertEq(challenges.exposurePeriod(), 2);
    }

    function test_setParameters_RevertsWhen_Invalid() public {
        for (uint256 i = 0; i < 4; ++i) {
            IChallenges.Parameters memory next = challenges.parameters();
            if (i == 0) next.window = 0;
            if (i == 1) next.answerPeriod = 0;
            if (i == 2) next.priority = next.window + 1;
            if (i == 3) next.attesterShare = 1_000_001;
            vm.expectRevert(IChallenges.ChallengesInvalidParameters.selector);
            challenges.setParameters(next);
        }
    }

    function test_governance_RevertsWhen_CallerHasNoRole() public {
        IChallenges.Parameters memory next = challenges.parameters();
        bytes memory unauthorized =
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, challenger);
        vm.startPrank(challenger);
        vm.expectRevert(unauthorized);
        challenges.setParameters(next);
        vm.expectRevert(unauthorized);
        challenges.setVerifierApproval(challenger, true);
        vm.stopPrank();
    }
}
