// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Governed} from "./Governed.sol";
import {IAttestationVerifier} from "./interfaces/IAttestationVerifier.sol";
import {IChallenges} from "./interfaces/IChallenges.sol";
import {IStaking} from "./interfaces/IStaking.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {ReceiptHashes} from "./libraries/ReceiptHashes.sol";
import {StreamflowDomain} from "./libraries/StreamflowDomain.sol";

/// @title AttestationVerifier
/// @notice See {IAttestationVerifier}.
contract AttestationVerifier is Governed, IAttestationVerifier {
    /// @dev Whose case a challenge is.
    struct Parties {
        address orchestrator;
        address challenger;
    }

    /// @custom:storage-location erc7201:streamflow.storage.AttestationVerifier
    struct AttestationStorage {
        uint256 threshold;
        uint256 attesterCount;
        mapping(address account => bool) attesters;
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

    /// @param staking_ Whose stake backs attesters.
    /// @param challenges_ Who asks.
    /// @param ticketBroker_ Whose domain verdicts are signed in.
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor(IStaking staking_, IChallenges challenges_, address ticketBroker_) {
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
        _load().cases[challengeId] = Parties(receipt.orchestrator, challenger);
        emit AttestationRequested(challengeId, receipt.orchestrator, challenger, evidence);
        return IVerifier.Verdict.Open;
    }

    /// @inheritdoc IAttestationVerifier
    function attest(bytes32 challengeId, bool guilty, bytes[] calldata signatures) external override {
        AttestationStorage storage $ = _load();
        Parties memory parties = $.cases[challengeId];
        if (parties.challenger == address(0)) revert AttestationVerifierUnknownChallenge(challengeId);
        uint256 needed = $.threshold;
        if (needed == 0 || signatures.length < needed) revert AttestationVerifierTooFew(signatures.length, needed);
        bytes32 digest = hashVerdict(challengeId, guilty);
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            (address signer,,) = ECDSA.tryRecover(digest, signatures[i]);
            if (signer <= previous) revert AttestationVerifierNotAscending(previous, signer);
            if (
                !$.attesters[signer] || signer == parties.orchestrator || signer == parties.challenger
                    || !_staking.isActive(signer)
            ) revert AttestationVerifierNotEligible(signer);
            previous = signer;
        }
        emit Attested(challengeId, guilty, signatures.length);
        _challenges.resolve(challengeId, guilty ? IVerifier.Verdict.Guilty : IVerifier.Verdict.Innocent);
    }

    /// @inheritdoc IAttestationVerifier
    function reportEquivocation(bytes32 challengeId, bytes calldata guiltySignature, bytes calldata innocentSignature)
        external
        override
    {
        (address first,,) = ECDSA.tryRecover(hashVerdict(challengeId, true), guiltySignature);
        (address second,,) = ECDSA.tryRecover(hashVerdict(challengeId, false), innocentSignature);
        if (first != second) revert AttestationVerifierNoEquivocation(first, second);
        _set(first, false);
        emit EquivocationProven(challengeId, first, msg.sender);
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
        uint256 count = $.attesterCount;
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
        return _load().attesterCount;
    }

    /// @inheritdoc IAttestationVerifier
    function isAttester(address account) external view override returns (bool) {
        return _load().attesters[account];
    }

    /// @inheritdoc IAttestationVerifier
    function hashVerdict(bytes32 challengeId, bool guilty) public view override returns (bytes32) {
        return ReceiptHashes.hashVerdict(challengeId, guilty, StreamflowDomain.separator(_ticketBroker));
    }

    function _set(address attester, bool becomes) private {
        AttestationStorage storage $ = _load();
        if (attester == address(0) || $.attesters[attester] == becomes) revert AttestationVerifierUnchanged(attester);
        $.attesters[attester] = becomes;
        uint256 count = becomes ? $.attesterCount + 1 : $.attesterCount - 1;
        $.attesterCount = count;
        emit AttesterChanged(attester, becomes, count);
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
