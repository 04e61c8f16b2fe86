// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Governed} from "./Governed.sol";
import {IChallenges} from "./interfaces/IChallenges.sol";
import {IRounds} from "./interfaces/IRounds.sol";
import {IServiceRegistry} from "./interfaces/IServiceRegistry.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {PPM} from "./libraries/Ray.sol";
import {ReceiptHashes} from "./libraries/ReceiptHashes.sol";
import {Steps} from "./libraries/Steps.sol";
import {StreamflowDomain} from "./libraries/StreamflowDomain.sol";

/// @title Challenges
/// @notice See {IChallenges}.
contract Challenges is Governed, IChallenges {
    using SafeCast for uint256;

    /// @custom:storage-location erc7201:streamflow.storage.Challenges
    struct ChallengesStorage {
        Parameters parameters;
        mapping(bytes32 challengeId => Challenge) challenges;
        mapping(bytes32 receiptHash => bool) guilty;
        mapping(address verifier => bool) approved;
        mapping(address account => uint256) credits;
        uint256 formerExposure;
        uint256 formerUntil;
        mapping(bytes32 challengeId => address[]) attesters;
        mapping(address orchestrator => mapping(uint256 round => bool)) slashedIn;
        uint64 pausedIn;
        uint64 extension;
        uint64 extendedUntil;
        uint64 changedIn;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("streamflow.storage.Challenges")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant _SLOT = 0xbdd8fbe3919047cfbcb2cfe5e86d9864b933ee08ffd0e54710b631a4ee38ad00;

    /// @notice Part of the stake behind an attester that signing two answers costs, in ppm.
    uint32 public constant EQUIVOCATION_SLASH_RATE = 100_000;
    /// @notice Part of it that whoever reports it gets, in ppm.
    uint32 public constant EQUIVOCATION_BOUNTY_RATE = 250_000;

    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IRounds private immutable _rounds;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IStaking private immutable _staking;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IServiceRegistry private immutable _registry;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    address private immutable _ticketBroker;

    /// @param rounds_ The clock.
    /// @param staking_ What is slashed.
    /// @param registry_ Who names verifiers.
    /// @param ticketBroker_ Whose domain receipts are signed in.
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(IRounds rounds_, IStaking staking_, IServiceRegistry registry_, address ticketBroker_) {
        _rounds = rounds_;
        _staking = staking_;
        _registry = registry_;
        _ticketBroker = ticketBroker_;
    }

    /// @notice Once, with the proxy.
    /// @param authority_ The AccessManager.
    /// @param initial See {IChallenges}.
    function initialize(address authority_, Parameters calldata initial) external initializer {
        __Governed_init(authority_);
        _setParameters(initial);
    }

    /// @inheritdoc IChallenges
    function challenge(IVerifier.Receipt calldata receipt, bytes calldata signature, bytes calldata evidence)
        external
        payable
        override
        whenNotPaused
        returns (bytes32 challengeId, IVerifier.Verdict verdict)
    {
        address verifier;
        (challengeId, verifier) = _open(receipt, signature);
        verdict = IVerifier(verifier).judge(challengeId, receipt, msg.sender, evidence);
        // What is decided here and now is computed, not attested: there is nothing to appeal.
        if (verdict != IVerifier.Verdict.Open) _close(challengeId, verdict);
    }

    /// @inheritdoc IChallenges
    function resolve(bytes32 challengeId, IVerifier.Verdict verdict, address[] calldata attesters) external override {
        ChallengesStorage storage $ = _load();
        Challenge storage case_ = _requireOpen(challengeId);
        if (msg.sender != case_.verifier) revert ChallengesNotVerifier(msg.sender, case_.verifier);
        if (!$.approved[msg.sender]) revert ChallengesNotVerifiable(case_.orchestrator, 0, msg.sender);
        if (verdict == IVerifier.Verdict.Open) revert ChallengesNoVerdict(challengeId);
        uint256 round = _rounds.currentRound();
        if (round > case_.deadline) revert ChallengesAnswerTooLate(case_.deadline, round);
        $.attesters[challengeId] = attesters;
        uint256 appealPeriod = $.parameters.appealPeriod;
        if (appealPeriod == 0) return _close(challengeId, verdict);
        case_.verdict = verdict;
        case_.deadline = (round + appealPeriod).toUint64();
        emit Answered(challengeId, verdict, round + appealPeriod);
    }

    /// @inheritdoc IChallenges
    function conclude(bytes32 challengeId) external override {
        Challenge storage case_ = _requireAnswered(challengeId);
        uint256 round = _rounds.currentRound();
        if (round <= case_.deadline) revert ChallengesAppealPending(case_.deadline, round);
        _close(challengeId, case_.verdict);
    }

    /// @inheritdoc IChallenges
    function overturn(bytes32 challengeId, IVerifier.Verdict verdict) external override restricted {
        Challenge storage case_ = _requireAnswered(challengeId);
        if (verdict == IVerifier.Verdict.Open) revert ChallengesNoVerdict(challengeId);
        uint256 round = _rounds.currentRound();
        if (round > case_.deadline) revert ChallengesAnswerTooLate(case_.deadline, round);
        emit Overturned(challengeId, case_.verdict, verdict);
        delete _load().attesters[challengeId];
        _close(challengeId, verdict);
    }

    /// @inheritdoc IChallenges
    function punishEquivocation(address attester, address reporter, uint256 round) external override {
        if (!_load().approved[msg.sender]) revert ChallengesNotVerifiable(attester, 0, msg.sender);
        (uint256 penalty, uint256 bounty) =
            _staking.slash(attester, EQUIVOCATION_SLASH_RATE, reporter, EQUIVOCATION_BOUNTY_RATE, round);
        emit EquivocationPunished(attester, reporter, penalty, bounty);
    }

    /// @inheritdoc IChallenges
    function expire(bytes32 challengeId) external override {
        Challenge storage case_ = _requireOpen(challengeId);
        uint256 round = _rounds.currentRound();
        if (round <= case_.deadline) revert ChallengesAnswerPending(case_.deadline, round);
        (address challenger, uint256 bond) = (case_.challenger, case_.bond);
        delete _load().challenges[challengeId];
        emit Expired(challengeId);
        _credit(challenger, bond);
    }

    /// @inheritdoc IChallenges
    function withdrawCredit(address payable recipient, uint256 amount) external override {
        ChallengesStorage storage $ = _load();
        uint256 available = $.credits[msg.sender];
        if (amount > available) revert ChallengesInsufficientCredit(msg.sender, available, amount);
        $.credits[msg.sender] = available - amount;
        emit CreditWithdrawn(msg.sender, recipient, amount);
        // The recipient may be a contract that needs more than 2,300 gas.
        // solhint-disable-next-line avoid-low-level-calls
        (bool sent,) = recipient.call{value: amount}("");
        if (!sent) revert ChallengesTransferFailed(recipient);
    }

    /// @inheritdoc IChallenges
    function setVerifierApproval(address verifier, bool approved) external override restricted {
        ChallengesStorage storage $ = _load();
        emit VerifierApprovalChanged(verifier, $.approved[verifier], approved);
        $.approved[verifier] = approved;
    }

    /// @inheritdoc IChallenges
    function setParameters(Parameters calldata newParameters) external override restricted {
        ChallengesStorage storage $ = _load();
        uint256 round = _rounds.currentRound();
        if ($.changedIn == round) revert ChallengesChangedInRound(round);
        $.changedIn = round.toUint64();
        uint256 bond = $.parameters.bond;
        if (!Steps.isStep(bond, newParameters.bond)) revert ChallengesStepTooLarge(bond, newParameters.bond);
        uint256 exposure = exposurePeriod();
        ($.formerExposure, $.formerUntil) = (exposure, round + exposure);
        _setParameters(newParameters);
    }

    /// @inheritdoc IChallenges
    function parameters() external view override returns (Parameters memory) {
        return _load().parameters;
    }

    /// @inheritdoc IChallenges
    function challengeOf(bytes32 challengeId) external view override returns (Challenge memory) {
        return _load().challenges[challengeId];
    }

    /// @inheritdoc IChallenges
    function isGuilty(bytes32 receiptHash) external view override returns (bool) {
        return _load().guilty[receiptHash];
    }

    /// @inheritdoc IChallenges
    function isApprovedVerifier(address verifier) external view override returns (bool) {
        return _load().approved[verifier];
    }

    /// @inheritdoc IChallenges
    function creditOf(address account) external view override returns (uint256) {
        return _load().credits[account];
    }

    /// @inheritdoc IChallenges
    function exposurePeriod() public view override returns (uint256) {
        ChallengesStorage storage $ = _load();
        uint256 exposure = _exposureOf($.parameters);
        if (_rounds.currentRound() <= uint256($.extendedUntil) + exposure + $.extension) exposure += $.extension;
        if (_rounds.currentRound() > $.formerUntil) return exposure;
        return Math.max(exposure, $.formerExposure);
    }

    /// @inheritdoc IChallenges
    function hashReceipt(IVerifier.Receipt calldata receipt) public view override returns (bytes32) {
        return ReceiptHashes.hashReceipt(receipt, StreamflowDomain.separator(_ticketBroker));
    }

    /// @inheritdoc IChallenges
    function challengeIdOf(bytes32 receiptHash, address challenger) public pure override returns (bytes32) {
        return keccak256(abi.encode(receiptHash, challenger));
    }

    /// @dev Checks everything that needs no judgement and writes the challenge down.
    function _open(IVerifier.Receipt calldata receipt, bytes calldata signature)
        private
        returns (bytes32 challengeId, address verifier)
    {
        ChallengesStorage storage $ = _load();
        Parameters memory current = $.parameters;
        if (msg.value != current.bond) revert ChallengesWrongBond(msg.value, current.bond);
        uint256 round = _rounds.currentRound();
        _checkTime($, current, receipt, round);
        bytes32 receiptHash = hashReceipt(receipt);
        (address signer,,) = ECDSA.tryRecover(receiptHash, signature);
        if (signer == address(0) || !_registry.isSignerAt(receipt.orchestrator, signer, receipt.round)) {
            revert ChallengesInvalidSignature(signer, receipt.orchestrator);
        }
        if ($.guilty[receiptHash]) revert ChallengesAlreadyGuilty(receiptHash);
        IServiceRegistry.Judgement memory judgement = _registry.judgementAt(receipt.serviceId, receipt.round);
        verifier = judgement.verifier;
        if (!$.approved[verifier]) {
            revert ChallengesNotVerifiable(receipt.orchestrator, receipt.serviceId, verifier);
        }
        challengeId = challengeIdOf(receiptHash, msg.sender);
        if ($.challenges[challengeId].challenger != address(0)) revert ChallengesAlreadyChallenged(challengeId);
        uint64 deadline = (round + current.answerPeriod).toUint64();
        $.challenges[challengeId] = Challenge({
            challenger: msg.sender,
            orchestrator: receipt.orchestrator,
            verifier: verifier,
            bond: msg.value,
            receiptHash: receiptHash,
            round: uint64(receipt.round),
            deadline: deadline,
            attesterShare: current.attesterShare,
            slashRate: judgement.slashRate,
            bountyRate: judgement.bountyRate,
            verdict: IVerifier.Verdict.Open,
            closed: false
        });
        emit Challenged(
            challengeId, receipt.orchestrator, msg.sender, receiptHash, verifier, msg.value, deadline
        );
    }

    /// @dev Whether a receipt can be challenged now, by the caller.
    function _checkTime(
        ChallengesStorage storage $,
        Parameters memory current,
        IVerifier.Receipt calldata receipt,
        uint256 round
    ) private view {
        if (receipt.round > round) revert ChallengesDatedAhead(receipt.round, round);
        uint256 extension = receipt.round <= $.extendedUntil ? $.extension : 0;
        uint256 lastRound = receipt.round + current.window + extension;
        if (round > lastRound) revert ChallengesTooLate(lastRound, round);
        uint256 owned = receipt.round + current.priority;
        if (round < owned && msg.sender != receipt.broadcaster) {
            revert ChallengesPriority(receipt.broadcaster, owned - 1);
        }
    }

    /// @dev The challenge is closed before anything is called: a verifier that comes back finds it decided.
    function _close(bytes32 challengeId, IVerifier.Verdict verdict) private {
        ChallengesStorage storage $ = _load();
        Challenge storage case_ = $.challenges[challengeId];
        (case_.verdict, case_.closed) = (verdict, true);
        uint256 rest = case_.bond - _payAttesters(challengeId, case_, verdict);
        uint256 penalty = 0;
        uint256 bounty = 0;
        if (verdict == IVerifier.Verdict.Guilty) {
            _credit(case_.challenger, rest);
            (penalty, bounty) = _slash($, case_);
        } else if (rest != 0) {
            _credit(case_.orchestrator, rest);
        }
        emit Resolved(challengeId, verdict, penalty, bounty);
    }

    /// @dev Once per receipt, and once per orchestrator and round.
    function _slash(ChallengesStorage storage $, Challenge storage case_)
        private
        returns (uint256 penalty, uint256 bounty)
    {
        address orchestrator = case_.orchestrator;
        if ($.guilty[case_.receiptHash]) return (0, 0);
        $.guilty[case_.receiptHash] = true;
        if ($.slashedIn[orchestrator][case_.round]) return (0, 0);
        $.slashedIn[orchestrator][case_.round] = true;
        return _staking.slash(orchestrator, case_.slashRate, case_.challenger, case_.bountyRate, case_.round);
    }

    /// @dev Those who signed the answer share their part of the bond; all of it if they were shown no evidence.
    function _payAttesters(bytes32 challengeId, Challenge storage case_, IVerifier.Verdict verdict)
        private
        returns (uint256 paid)
    {
        address[] memory attesters = _load().attesters[challengeId];
        if (attesters.length == 0) return 0;
        uint256 share = verdict == IVerifier.Verdict.Unavailable ? PPM : case_.attesterShare;
        uint256 each = case_.bond * share / PPM / attesters.length;
        for (uint256 i = 0; i < attesters.length; ++i) {
            _credit(attesters[i], each);
        }
        return each * attesters.length;
    }

    /// @inheritdoc PausableUpgradeable
    function _pause() internal override {
        _load().pausedIn = uint64(_rounds.currentRound());
        super._pause();
    }

    /// @dev The time for challenges stood still: as far as stake that leaves is still within reach.
    /// @inheritdoc PausableUpgradeable
    function _unpause() internal override {
        super._unpause();
        ChallengesStorage storage $ = _load();
        uint256 round = _rounds.currentRound();
        uint256 reach = _staking.unbondingPeriod() - 1 - _exposureOf($.parameters);
        uint256 extension = Math.min(round - $.pausedIn, reach);
        if (extension == 0) return;
        ($.extension, $.extendedUntil) = (uint64(extension), uint64(round));
        emit WindowExtended(extension, round);
    }

    function _credit(address account, uint256 amount) private {
        _load().credits[account] += amount;
        emit Credited(account, amount);
    }

    function _setParameters(Parameters calldata next) private {
        if (
            next.bond == 0 || next.window == 0 || next.answerPeriod == 0 || next.priority > next.window
                || next.attesterShare > PPM
        ) revert ChallengesInvalidParameters();
        uint256 exposure = next.window + next.answerPeriod + next.appealPeriod;
        uint256 unbondingPeriod = _staking.unbondingPeriod();
        if (exposure >= unbondingPeriod) revert ChallengesExposureTooLong(exposure, unbondingPeriod);
        ChallengesStorage storage $ = _load();
        emit ParametersChanged($.parameters, next);
        $.parameters = next;
    }

    function _requireAnswered(bytes32 challengeId) private view returns (Challenge storage case_) {
        case_ = _load().challenges[challengeId];
        if (case_.closed || case_.verdict == IVerifier.Verdict.Open) revert ChallengesNotAnswered(challengeId);
    }

    function _exposureOf(Parameters storage current) private view returns (uint256) {
        return current.window + current.answerPeriod + current.appealPeriod;
    }

    function _requireOpen(bytes32 challengeId) private view returns (Challenge storage case_) {
        case_ = _load().challenges[challengeId];
        if (case_.challenger == address(0) || case_.verdict != IVerifier.Verdict.Open) revert ChallengesNotOpen(challengeId);
    }

    function _load() private pure returns (ChallengesStorage storage $) {
        // ERC-7201: the only way to place a struct at a slot.
        // solhint-disable-next-line no-inline-assembly
        // Only assembly can name a storage slot.
        // solhint-disable-next-line no-inline-assembly
        assembly {
            $.slot := _SLOT
        }
    }
}
