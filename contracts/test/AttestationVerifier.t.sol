// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAttestationVerifier} from "../src/interfaces/IAttestationVerifier.sol";
import {IChallenges} from "../src/interfaces/IChallenges.sol";
import {IVerifier} from "../src/interfaces/IVerifier.sol";
import {ChallengesFixture} from "./helpers/ChallengesFixture.sol";

contract AttestationVerifierTest is ChallengesFixture {
    address internal orchestrator;
    uint256 internal key;
    address internal challenger = makeAddr("challenger");
    address[] internal attesters;
    uint256[] internal keys;
    mapping(bytes32 signatureHash => address) internal signerOf;
    IVerifier.Receipt internal receipt;
    bytes32 internal id;

    function setUp() public override {
        super.setUp();
        (orchestrator, key) = makeAddrAndKey("orchestrator");
        enlist(orchestrator, 1_000 ether, address(attestation));
        _makeAttesters(4);
        address[] memory members = new address[](3);
        for (uint256 i = 0; i < 3; ++i) {
            members[i] = attesters[i];
        }
        attestation.setCommittee(members, new address[](0), 2);
        nextRound();
        receipt = receiptOf(orchestrator, 1);
        vm.deal(challenger, 1 ether);
        bytes memory signature = signReceipt(key, receipt);
        vm.prank(challenger);
        (bytes32 challengeId, IVerifier.Verdict verdict) = challenges.challenge{value: BOND}(receipt, signature, "where to look");
        assertTrue(verdict == IVerifier.Verdict.Open);
        id = challengeId;
    }

    /// @dev Ordered by address, as verdicts are.
    function _makeAttesters(uint256 number) private {
        for (uint256 i = 0; i < number; ++i) {
            (address account, uint256 accountKey) = makeAddrAndKey(string(abi.encode("attester", i)));
            attesters.push(account);
            keys.push(accountKey);
            for (uint256 j = i; j > 0 && attesters[j] < attesters[j - 1]; --j) {
                (attesters[j], attesters[j - 1]) = (attesters[j - 1], attesters[j]);
                (keys[j], keys[j - 1]) = (keys[j - 1], keys[j]);
            }
            bond(account, 100 ether, account);
        }
    }

    function _verdict(bool guilty, uint256 first, uint256 second) private returns (bytes[] memory) {
        return _verdict(_of(guilty), first, second);
    }

    function _of(bool guilty) private pure returns (IVerifier.Verdict) {
        return guilty ? IVerifier.Verdict.Guilty : IVerifier.Verdict.Innocent;
    }

    function _attest(bytes32 challengeId, bool guilty, bytes[] memory signatures) private {
        _attest(challengeId, _of(guilty), signatures);
    }

    /// @dev In the name of whoever signed.
    function _attest(bytes32 challengeId, IVerifier.Verdict verdict, bytes[] memory signatures) private {
        address[] memory signers = new address[](signatures.length);
        for (uint256 i = 0; i < signatures.length; ++i) {
            signers[i] = signerOf[keccak256(signatures[i])];
        }
        attestation.attest(challengeId, verdict, signers, signatures);
    }

    function _verdict(IVerifier.Verdict verdict) private returns (bytes[] memory signatures) {
        return _verdict(verdict, 0, 1);
    }

    function _verdict(IVerifier.Verdict verdict, uint256 first, uint256 second)
        private
        returns (bytes[] memory signatures)
    {
        signatures = new bytes[](2);
        bytes32 digest = attestation.hashVerdict(id, verdict);
        (signatures[0], signatures[1]) = (_sign(keys[first], digest), _sign(keys[second], digest));
        signerOf[keccak256(signatures[0])] = attesters[first];
        signerOf[keccak256(signatures[1])] = attesters[second];
    }

    function _setParameters(uint256 appealPeriod, uint32 attesterShare) private {
        IChallenges.Parameters memory next = challenges.parameters();
        (next.appealPeriod, next.attesterShare) = (appealPeriod, attesterShare);
        challenges.setParameters(next);
    }

    function _again(uint64 seq) private {
        receipt = receiptOf(orchestrator, seq);
        bytes memory signature = signReceipt(key, receipt);
        vm.deal(challenger, BOND);
        vm.prank(challenger);
        (id,) = challenges.challenge{value: BOND}(receipt, signature, "");
    }

    function test_attest_AttestersArePaidFromTheBondWhateverTheySay() public {
        _setParameters(0, 400_000);
        _again(2);
        _attest(id, IVerifier.Verdict.Guilty, _verdict(IVerifier.Verdict.Guilty));
        assertEq(challenges.creditOf(attesters[0]), BOND / 5);
        assertEq(challenges.creditOf(challenger), BOND * 6 / 10);
        _again(3);
        _attest(id, IVerifier.Verdict.Innocent, _verdict(IVerifier.Verdict.Innocent));
        assertEq(challenges.creditOf(attesters[1]), 2 * (BOND / 5));
        assertEq(challenges.creditOf(orchestrator), BOND * 6 / 10);
    }

    /// @dev Whoever challenges and then withholds the evidence pays for the attesters' time.
    function test_attest_UnavailableGivesTheBondToTheAttesters() public {
        _attest(id, IVerifier.Verdict.Unavailable, _verdict(IVerifier.Verdict.Unavailable));
        assertEq(challenges.creditOf(attesters[0]), BOND / 2);
        assertEq(challenges.creditOf(attesters[1]), BOND / 2);
        assertEq(challenges.creditOf(challenger) + challenges.creditOf(orchestrator), 0);
        assertEq(staking.stakeOf(orchestrator), 1_000 ether);
    }

    function test_attest_AnAnswerTakesEffectWhenNobodyOverturnedItInTime() public {
        _setParameters(1, 0);
        _attest(id, true, _verdict(true, 0, 1));
        assertEq(staking.stakeOf(orchestrator), 1_000 ether, "not yet");
        uint256 last = rounds.currentRound() + 1;
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesAppealPending.selector, last, last - 1));
        challenges.conclude(id);
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesNotOpen.selector, id));
        challenges.expire(id);
        nextRounds(2);
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesAnswerTooLate.selector, last, last + 1));
        challenges.overturn(id, IVerifier.Verdict.Innocent);
        challenges.pause();
        challenges.conclude(id);
        assertEq(staking.stakeOf(orchestrator), 900 ether);
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesNotAnswered.selector, id));
        challenges.conclude(id);
    }

    function test_overturn_ReplacesAnAnswerAndPaysItsAttestersNothing() public {
        _setParameters(1, 400_000);
        _again(2);
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesNotAnswered.selector, id));
        challenges.overturn(id, IVerifier.Verdict.Innocent);
        _attest(id, true, _verdict(true, 0, 1));
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesNoVerdict.selector, id));
        challenges.overturn(id, IVerifier.Verdict.Open);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, challenger));
        vm.prank(challenger);
        challenges.overturn(id, IVerifier.Verdict.Innocent);
        vm.expectEmit(address(challenges));
        emit IChallenges.Overturned(id, IVerifier.Verdict.Guilty, IVerifier.Verdict.Innocent);
        challenges.overturn(id, IVerifier.Verdict.Innocent);
        assertEq(staking.stakeOf(orchestrator), 1_000 ether);
        assertEq(challenges.creditOf(orchestrator), BOND);
        assertEq(challenges.creditOf(attesters[0]), 0);
    }

    function test_attest_ByTheSignersOfAttesters() public {
        (address hot, uint256 hotKey) = makeAddrAndKey("hot");
        vm.prank(attesters[0]);
        registry.setSigner(hot);
        bytes32 digest = attestation.hashVerdict(id, IVerifier.Verdict.Guilty);
        bytes[] memory signatures = new bytes[](2);
        (signatures[0], signatures[1]) = (_sign(hotKey, digest), _sign(keys[1], digest));
        address[] memory by = new address[](2);
        (by[0], by[1]) = (attesters[0], attesters[1]);
        attestation.attest(id, IVerifier.Verdict.Guilty, by, signatures);
        assertEq(staking.stakeOf(orchestrator), 900 ether);
    }

    function test_punishEquivocation_RevertsWhen_NotAnApprovedVerifier() public {
        vm.expectPartialRevert(IChallenges.ChallengesNotVerifiable.selector);
        challenges.punishEquivocation(attesters[0], challenger, 1);
    }

    function test_attest_Guilty() public {
        vm.expectEmit(address(attestation));
        emit IAttestationVerifier.Attested(id, IVerifier.Verdict.Guilty, 2);
        _attest(id, true, _verdict(true, 0, 2));
        assertEq(staking.stakeOf(orchestrator), 900 ether);
        assertEq(token.balanceOf(challenger), 25 ether);
        assertEq(challenges.creditOf(challenger), BOND);
    }

    function test_attest_Innocent() public {
        _attest(id, false, _verdict(false, 0, 1));
        assertEq(staking.stakeOf(orchestrator), 1_000 ether);
        assertEq(challenges.creditOf(orchestrator), BOND);
        bytes[] memory late = _verdict(true, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesNotOpen.selector, id));
        _attest(id, true, late);
    }

    function test_attest_UntilTheDeadlineThenTheBondGoesBack() public {
        uint256 deadline = challenges.challengeOf(id).deadline;
        vm.expectRevert(
            abi.encodeWithSelector(IChallenges.ChallengesAnswerPending.selector, deadline, rounds.currentRound())
        );
        challenges.expire(id);
        nextRounds(3);
        bytes[] memory late = _verdict(true, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesAnswerTooLate.selector, deadline, deadline + 1));
        _attest(id, true, late);
        challenges.pause();
        vm.expectEmit(address(challenges));
        emit IChallenges.Expired(id);
        challenges.expire(id);
        assertEq(challenges.creditOf(challenger), BOND);
        assertEq(staking.stakeOf(orchestrator), 1_000 ether);
        assertEq(challenges.challengeOf(id).challenger, address(0));
    }

    function test_attest_TwoChallengersOneSlash() public {
        address second = makeAddr("second");
        vm.deal(second, 1 ether);
        bytes memory signature = signReceipt(key, receipt);
        vm.prank(second);
        (bytes32 secondId,) = challenges.challenge{value: BOND}(receipt, signature, "");
        _attest(id, true, _verdict(true, 0, 1));
        id = secondId;
        _attest(id, true, _verdict(true, 0, 1));
        assertEq(staking.stakeOf(orchestrator), 900 ether);
        assertEq(token.balanceOf(second), 0);
        assertEq(challenges.creditOf(second), BOND);
    }

    /// @dev Unbonding never outruns a challenge: last round of the window, last round of the answer.
    function test_attest_TheLastPossibleAnswerStillReachesTheFirstPossibleLock() public {
        IVerifier.Receipt memory late = receiptOf(orchestrator, 2);
        bytes memory signature = signReceipt(key, late);
        vm.prank(orchestrator);
        staking.unbond(1_000 ether);
        nextRounds(2);
        vm.prank(challenger);
        (id,) = challenges.challenge{value: BOND}(late, signature, "");
        nextRounds(2);
        _attest(id, true, _verdict(true, 0, 1));
        assertEq(staking.lockOf(orchestrator, 0).amount, 900 ether);
    }

    function test_attest_RevertsWhen_NotEnoughOrNotAttesters() public {
        bytes[] memory one = new bytes[](1);
        vm.expectRevert(abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierTooFew.selector, 1, 2));
        _attest(id, true, one);
        bytes[] memory two = _verdict(true, 1, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationVerifier.AttestationVerifierNotAscending.selector, attesters[1], attesters[1]
            )
        );
        _attest(id, true, two);
        two = _verdict(true, 0, 3);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierNotEligible.selector, attesters[3])
        );
        _attest(id, true, two);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationVerifier.AttestationVerifierNotAscending.selector, address(0), address(0)
            )
        );
        _attest(id, true, new bytes[](2));
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierUnknownChallenge.selector, bytes32("none"))
        );
        _attest("none", true, two);
    }

    function test_attest_RevertsWhen_AnAttesterIsNotActive() public {
        vm.prank(attesters[1]);
        staking.unbond(100 ether);
        nextRound();
        bytes[] memory signatures = _verdict(true, 0, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierNotEligible.selector, attesters[1])
        );
        _attest(id, true, signatures);
    }

    function test_attest_RevertsWhen_AnAttesterIsParty() public {
        vm.deal(attesters[0], 1 ether);
        bytes memory signature = signReceipt(key, receipt);
        vm.prank(attesters[0]);
        (id,) = challenges.challenge{value: BOND}(receipt, signature, "");
        bytes[] memory signatures = _verdict(true, 0, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierNotEligible.selector, attesters[0])
        );
        _attest(id, true, signatures);
    }

    function test_resolve_RevertsWhen_NotTheVerifierOrNoVerdictOrNotApproved() public {
        vm.expectRevert(
            abi.encodeWithSelector(IChallenges.ChallengesNotVerifier.selector, address(this), address(attestation))
        );
        challenges.resolve(id, IVerifier.Verdict.Guilty, new address[](0));
        vm.startPrank(address(attestation));
        vm.expectRevert(abi.encodeWithSelector(IChallenges.ChallengesNoVerdict.selector, id));
        challenges.resolve(id, IVerifier.Verdict.Open, new address[](0));
        vm.stopPrank();
        challenges.setVerifierApproval(address(attestation), false);
        vm.expectPartialRevert(IChallenges.ChallengesNotVerifiable.selector);
        vm.prank(address(attestation));
        challenges.resolve(id, IVerifier.Verdict.Guilty, new address[](0));
    }

    function test_judge_RevertsWhen_NotChallenges() public {
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierUnauthorized.selector, address(this))
        );
        attestation.judge(id, receipt, challenger, "");
    }

    function test_reportEquivocation_RemovesTheAttester() public {
        uint256 tokens = token.balanceOf(address(this));
        bytes memory guilty = _sign(keys[0], attestation.hashVerdict(id, _of(true)));
        bytes memory innocent = _sign(keys[0], attestation.hashVerdict(id, _of(false)));
        bytes memory foreign = _sign(keys[1], attestation.hashVerdict(id, _of(false)));
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationVerifier.AttestationVerifierNoEquivocation.selector, attesters[0], attesters[1]
            )
        );
        _report(guilty, foreign);
        vm.expectEmit(address(attestation));
        emit IAttestationVerifier.EquivocationProven(id, attesters[0], address(this));
        _report(guilty, innocent);
        assertFalse(attestation.isAttester(attesters[0]));
        assertEq(attestation.attesters().length, 2);
        assertEq(staking.stakeOf(attesters[0]), 90 ether, "what it signs with is staked");
        assertEq(token.balanceOf(address(this)), tokens + 2.5 ether);
        assertEq(attestation.attesterCount(), 2);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierUnchanged.selector, attesters[0])
        );
        _report(guilty, innocent);
    }

    function _report(bytes memory guilty, bytes memory innocent) private {
        attestation.reportEquivocation(id, attesters[0], _of(true), guilty, _of(false), innocent);
    }

    function test_setCommittee_NeedsAMajority() public {
        assertEq(attestation.threshold(), 2);
        address[] memory one = new address[](1);
        one[0] = attesters[3];
        address[] memory none = new address[](0);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierInvalidThreshold.selector, 2, 4)
        );
        attestation.setCommittee(one, none, 2);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierInvalidThreshold.selector, 5, 4)
        );
        attestation.setCommittee(one, none, 5);
        vm.expectEmit(address(attestation));
        emit IAttestationVerifier.ThresholdChanged(2, 3);
        attestation.setCommittee(one, none, 3);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierUnchanged.selector, attesters[3])
        );
        attestation.setCommittee(one, none, 3);
        vm.expectEmit(address(attestation));
        emit IAttestationVerifier.AttesterChanged(attesters[3], false, 3);
        attestation.setCommittee(none, one, 2);
        one[0] = address(0);
        vm.expectRevert(abi.encodeWithSelector(IAttestationVerifier.AttestationVerifierUnchanged.selector, address(0)));
        attestation.setCommittee(one, none, 3);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, challenger));
        vm.prank(challenger);
        attestation.setCommittee(none, none, 2);
    }
}
