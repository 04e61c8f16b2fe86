// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IChallenges} from "../../src/interfaces/IChallenges.sol";
import {IServiceRegistry} from "../../src/interfaces/IServiceRegistry.sol";
import {IVerifier} from "../../src/interfaces/IVerifier.sol";
import {Registrants} from "./Registrants.sol";

/// @notice Challenges that a committee answers, or leaves unanswered; answers that wait, are overturned, or are given twice. The committee are
/// the orchestrators themselves, so the one that is accused never sits in judgement.
abstract contract Committee is Registrants {
    bytes32 internal constant ATTESTED = keccak256("Attested transcoding");

    bytes32[] private _cases;
    mapping(bytes32 challengeId => address) private _accused;
    mapping(address attester => uint256) internal _signingKeys;
    uint256 public answers;

    /// @dev A receipt of this round or the one before; by its broadcaster or by anybody.
    function accuse(uint256 who, uint256 by, bool late) external harmless(address(0)) {
        address challenger = _account(by);
        IVerifier.Receipt memory receipt;
        receipt.orchestrator = _orchestrator(who);
        receipt.broadcaster = challenger;
        receipt.serviceId = ATTESTED;
        receipt.seq = uint64(++_nonce);
        receipt.round = system.rounds.currentRound() - (late ? 1 : 0);
        bytes memory signature = _sign(keys[who % ORCHESTRATORS], system.challenges.hashReceipt(receipt));
        vm.prank(challenger);
        (bytes32 id,) = system.challenges.challenge{value: system.bond}(receipt, signature, "where the evidence lies");
        _cases.push(id);
        _accused[id] = receipt.orchestrator;
    }

    /// @dev By the two who are not accused. An innocent verdict takes nobody's stake.
    function answer(uint256 which, uint256 verdict) external {
        bytes32 id = _case(which, IVerifier.Verdict.Open);
        IVerifier.Verdict said = IVerifier.Verdict(bound(verdict, 1, 3));
        (address[] memory attesters, bytes[] memory signatures) = _signatures(id, said);
        uint256 stake = system.staking.totalStake();
        system.attestation.attest(id, said, attesters, signatures);
        answers += 1;
        if (said != IVerifier.Verdict.Guilty && system.staking.totalStake() != stake) violation = "an answer took stake";
    }

    function conclude(uint256 which) external {
        bytes32 id = _answered(which);
        uint256 deadline = system.challenges.challengeOf(id).deadline;
        uint256 round = system.rounds.currentRound();
        if (round <= deadline) _advance(deadline + 1 - round);
        system.challenges.conclude(id);
    }

    function overturn(uint256 which, uint256 verdict) external {
        system.challenges.overturn(_answered(which), IVerifier.Verdict(bound(verdict, 1, 3)));
    }

    function expire(uint256 which) external harmless(address(0)) {
        bytes32 id = _case(which, IVerifier.Verdict.Open);
        uint256 deadline = system.challenges.challengeOf(id).deadline;
        uint256 round = system.rounds.currentRound();
        if (round <= deadline) _advance(deadline + 1 - round);
        system.challenges.expire(id);
    }

    /// @dev One of the committee signs two answers; anybody shows it.
    function equivocate(uint256 which, uint256 who) external {
        bytes32 id = _cases[which % _cases.length];
        address attester = _orchestrator(who);
        uint256 key = _signingKeys[attester];
        bytes memory guilty = _sign(key, system.attestation.hashVerdict(id, IVerifier.Verdict.Guilty));
        bytes memory innocent = _sign(key, system.attestation.hashVerdict(id, IVerifier.Verdict.Innocent));
        vm.prank(_account(who + 1));
        system.attestation.reportEquivocation(
            id, attester, IVerifier.Verdict.Guilty, guilty, IVerifier.Verdict.Innocent, innocent
        );
        if (system.attestation.isAttester(attester)) violation = "who signed two answers still judges";
    }

    /// @dev Whoever was put out comes back.
    function recall(uint256 who) external harmless(address(0)) {
        address[] memory added = new address[](1);
        added[0] = _orchestrator(who);
        system.attestation.setCommittee(added, new address[](0), system.attestation.threshold());
    }

    function setSigner(uint256 who, uint256 key) external harmless(address(0)) {
        key = bound(key, 1, type(uint128).max);
        vm.prank(_orchestrator(who));
        system.registry.setSigner(vm.addr(key));
        _signingKeys[_orchestrator(who)] = key;
    }

    function withdrawCredit(uint256 who) external harmless(address(0)) {
        _withdrawCredit(_account(who));
    }

    /// @dev Bonds that are in work, and what is owed to somebody.
    function bondsAndCredits() external view returns (uint256 held) {
        for (uint256 i = 0; i < _cases.length; ++i) {
            IChallenges.Challenge memory case_ = system.challenges.challengeOf(_cases[i]);
            if (case_.challenger != address(0) && !case_.closed) held += case_.bond;
        }
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            held += system.challenges.creditOf(accounts[i]);
        }
    }

    function _formCommittee() internal {
        address[] memory members = new address[](ORCHESTRATORS);
        for (uint256 i = 0; i < ORCHESTRATORS; ++i) {
            members[i] = accounts[i];
            _signingKeys[accounts[i]] = keys[i];
        }
        system.attestation.setCommittee(members, new address[](0), ORCHESTRATORS - 1);
        IChallenges.Parameters memory parameters = system.challenges.parameters();
        (parameters.appealPeriod, parameters.attesterShare) = (1, 250_000);
        system.challenges.setParameters(parameters);
        system.registry
            .setJudgement(ATTESTED, IServiceRegistry.Judgement(address(system.attestation), 100_000, 250_000));
    }

    /// @dev When nobody answers any more: what was answered takes effect, what was not is paid back.
    function _closeCases() internal {
        for (uint256 i = 0; i < _cases.length; ++i) {
            IChallenges.Challenge memory case_ = system.challenges.challengeOf(_cases[i]);
            if (case_.challenger == address(0) || case_.closed) continue;
            if (case_.verdict == IVerifier.Verdict.Open) system.challenges.expire(_cases[i]);
            else system.challenges.conclude(_cases[i]);
        }
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            _withdrawCredit(accounts[i]);
        }
    }

    function _withdrawCredit(address account) private {
        uint256 credit = system.challenges.creditOf(account);
        vm.prank(account);
        system.challenges.withdrawCredit(payable(account), credit);
    }

    function _signatures(bytes32 id, IVerifier.Verdict verdict)
        private
        view
        returns (address[] memory attesters, bytes[] memory signatures)
    {
        bytes32 digest = system.attestation.hashVerdict(id, verdict);
        (attesters, signatures) = (new address[](ORCHESTRATORS - 1), new bytes[](ORCHESTRATORS - 1));
        uint256 count = 0;
        for (uint256 i = 0; i < ORCHESTRATORS; ++i) {
            if (accounts[i] != _accused[id]) attesters[count++] = accounts[i];
        }
        if (attesters[0] > attesters[1]) (attesters[0], attesters[1]) = (attesters[1], attesters[0]);
        for (uint256 i = 0; i < attesters.length; ++i) {
            signatures[i] = _sign(_signingKeys[attesters[i]], digest);
        }
    }

    /// @dev From `which` on, the first that nobody closed and that stands so; so few calls go nowhere.
    function _case(uint256 which, IVerifier.Verdict verdict) private view returns (bytes32 id) {
        for (uint256 i = 0; i < _cases.length; ++i) {
            id = _cases[addmod(which, i, _cases.length)];
            IChallenges.Challenge memory case_ = system.challenges.challengeOf(id);
            if (case_.challenger != address(0) && !case_.closed && case_.verdict == verdict) return id;
        }
    }

    function _answered(uint256 which) private view returns (bytes32 id) {
        for (uint256 verdict = 1; verdict <= 3; ++verdict) {
            id = _case(which, IVerifier.Verdict(verdict));
            if (id != 0 && !system.challenges.challengeOf(id).closed) return id;
        }
    }
}
