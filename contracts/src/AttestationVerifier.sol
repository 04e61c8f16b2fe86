// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {Governed} from "./Governed.sol";
import {IAttestationVerifier} from "./interfaces/IAttestationVerifier.sol";
import {IChallenges} from "./interfaces/IChallenges.sol";
import {IRounds} from "./interfaces/IRounds.sol";
import {IServiceRegistry} from "./interfaces/IServiceRegistry.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {ReceiptHashes} from "./libraries/ReceiptHashes.sol";
import {StreamflowDomain} from "./libraries/StreamflowDomain.sol";

/// @title AttestationVerifier
/// @notice See {IAttestationVerifier}.
contract AttestationVerifier is Governed, IAttestationVerifier {
    using EnumerableSet for EnumerableSet.AddressSet;

    /// @dev Whose case a challenge is.
    struct Parties {
        address orchestrator;
        address challenger;
        uint64 round;
    }

    /// @custom:storage-location erc7201:streamflow.storage.AttestationVerifier
    struct AttestationStorage {
        uint256 threshold;
        EnumerableSet.AddressSet attesters;
        mapping(bytes32 challengeId => Parties) cases;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("streamflow.storage.AttestationVerifier")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant _SLOT = 0x738f68af8592128cf6a21aa3a147c1a79d75783bf1f1d92290c5c77f03715300;

    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IStaking private immutable _staking;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IChallenges private immutable _challenges;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    address private immutable _ticketBroker;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IRounds private immutable _rounds;
    /// @custom:oz-upgrades-unsafe-allow state-variable-immutable
    IServiceRegistry private immutable _registry;

    /// @param staking_ Whose stake backs attesters.
    /// @param challenges_ Who asks.
    /// @param ticketBroker_ Whose domain verdicts are signed in.
    /// @param rounds_ The clock.
    /// @param registry_ Who knows the signers of attesters.
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(
        IStaking staking_,
        IChallenges challenges_,
        address ticketBroker_,
        IRounds rounds_,
        IServiceRegistry registry_
    ) {
        _rounds = rounds_;
        _registry = registry_;
        _staking = staking_;
        _challenges = challenges_;
        _ticketBroker = ticketBroker_;
    }

    /// @notice Once, with the proxy. Without a committee every challenge expires, which costs nobody.
    /// @param authority_ The AccessManager.
    function initialize(address authority_) external initializer {
        __Governed_init(authority_);
    }

    /// @inheritdoc IVerifier
    function judge(bytes32 challengeId, IVerifier.Receipt calldata receipt, address challenger, bytes calldata evidence)
        external
        override
        returns (IVerifier.Verdict)
    {
        if (msg.sender != address(_challenges)) revert AttestationVerifierUnauthorized(msg.sender);
        _load().cases[challengeId] = Parties(receipt.orchestrator, challenger, uint64(_rounds.currentRound()));
        emit AttestationRequested(challengeId, receipt.orchestrator, challenger, evidence);
        return IVerifier.Verdict.Open;
    }

    /// @inheritdoc IAttestationVerifier
    function attest(bytes32 challengeId, Verdict verdict, address[] calldata attesters_, bytes[] calldata signatures)
        external
        override
    {
        AttestationStorage storage $ = _load();
        Parties memory parties = $.cases[challengeId];
        if (parties.challenger == address(0)) revert AttestationVerifierUnknownChallenge(challengeId);
        uint256 needed = $.threshold;
        if (needed == 0 || attesters_.length < needed || signatures.length != attesters_.length) {
            revert AttestationVerifierTooFew(signatures.length, needed);
        }
        bytes32 digest = hashVerdict(challengeId, verdict);
        address previous = address(0);
        for (uint256 i = 0; i < attesters_.length; ++i) {
            address attester = attesters_[i];
            if (attester <= previous) revert AttestationVerifierNotAscending(previous, attester);
            (address signer,,) = ECDSA.tryRecover(digest, signatures[i]);
            if (
                signer != _registry.signerOf(attester) || !$.attesters.contains(attester)
                    || attester == parties.orchestrator || attester == parties.challenger
                    || !_staking.isActive(attester)
            ) revert AttestationVerifierNotEligible(attester);
            previous = attester;
        }
        emit Attested(challengeId, verdict, attesters_.length);
        _challenges.resolve(challengeId, verdict, attesters_);
    }

    /// @inheritdoc IAttestationVerifier
    function reportEquivocation(
        bytes32 challengeId,
        address attester,
        Verdict first,
        bytes calldata firstSignature,
        Verdict second,
        bytes calldata secondSignature
    ) external override {
        uint256 round = _load().cases[challengeId].round;
        (address one,,) = ECDSA.tryRecover(hashVerdict(challengeId, first), firstSignature);
        (address two,,) = ECDSA.tryRecover(hashVerdict(challengeId, second), secondSignature);
        if (first == second || !_signedFor(attester, one, round) || !_signedFor(attester, two, round)) {
            revert AttestationVerifierNoEquivocation(one, two);
        }
        _set(attester, false);
        emit EquivocationProven(challengeId, attester, msg.sender);
        _challenges.punishEquivocation(attester, msg.sender, round);
    }

    /// @inheritdoc IAttestationVerifier
    function setCommittee(address[] calldata added, address[] calldata removed, uint256 newThreshold)
        external
        override
        restricted
    {
        AttestationStorage storage $ = _load();
        for (uint256 i = 0; i < removed.length; ++i) {
            _set(removed[i], false);
        }
        for (uint256 i = 0; i < added.length; ++i) {
            _set(added[i], true);
        }
        uint256 count = $.attesters.length();
        if (newThreshold > count || 2 * newThreshold <= count) {
            revert AttestationVerifierInvalidThreshold(newThreshold, count);
        }
        emit ThresholdChanged($.threshold, newThreshold);
        $.threshold = newThreshold;
    }

    /// @inheritdoc IAttestationVerifier
    function threshold() external view override returns (uint256) {
        return _load().threshold;
    }

    /// @inheritdoc IAttestationVerifier
    function attesterCount() external view override returns (uint256) {
        return _load().attesters.length();
    }

    /// @inheritdoc IAttestationVerifier
    function isAttester(address account) external view override returns (bool) {
        return _load().attesters.contains(account);
    }

    /// @inheritdoc IAttestationVerifier
    function attesters() external view override returns (address[] memory) {
        return _load().attesters.values();
    }

    /// @inheritdoc IAttestationVerifier
    function hashVerdict(bytes32 challengeId, Verdict verdict) public view override returns (bytes32) {
        return ReceiptHashes.hashVerdict(challengeId, verdict, StreamflowDomain.separator(_ticketBroker));
    }

    function _set(address attester, bool becomes) private {
        EnumerableSet.AddressSet storage attesters_ = _load().attesters;
        bool changed = attester != address(0) && (becomes ? attesters_.add(attester) : attesters_.remove(attester));
        if (!changed) revert AttestationVerifierUnchanged(attester);
        emit AttesterChanged(attester, becomes, attesters_.length());
    }

    /// @dev Whether a key spoke for an attester when the case was opened, or does now.
    function _signedFor(address attester, address key, uint256 round) private view returns (bool) {
        return key != address(0) && (key == _registry.signerOf(attester) || _registry.isSignerAt(attester, key, round));
    }

    function _load() private pure returns (AttestationStorage storage $) {
        // ERC-7201: the only way to place a struct at a slot.
        // solhint-disable-next-line no-inline-assembly
        // Only assembly can name a storage slot.
        // solhint-disable-next-line no-inline-assembly
        assembly {
            $.slot := _SLOT
        }
    }
}
