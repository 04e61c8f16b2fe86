// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IVerifier} from "./IVerifier.sol";

/// @title IAttestationVerifier
/// @notice A verifier whose verdicts are signed by m of n attesters. Attesters are orchestrators with stake of their own: only the
/// signature of one that is active counts, and never in a case of its own.
/// @dev A verdict is EIP-712 `Verdict(bytes32 challengeId,uint8 verdict)` in the domain of the TicketBroker. Attesters do not see the work on chain: they
/// get source and output from the challenger, who holds both, and repeat the work. m must be more than half of n, so there are no two verdicts.
interface IAttestationVerifier is IVerifier {
    /// @notice A challenge waits for attesters; `evidence` is what the challenger handed in for them.
    event AttestationRequested(
        bytes32 indexed challengeId, address indexed orchestrator, address indexed challenger, bytes evidence
    );
    /// @notice `attestations` attesters agreed.
    event Attested(bytes32 indexed challengeId, Verdict verdict, uint256 attestations);
    /// @notice An attester came or went; `attesterCount` there are now.
    event AttesterChanged(address indexed attester, bool isAttester, uint256 attesterCount);
    /// @notice The number of attesters that must agree was changed.
    event ThresholdChanged(uint256 oldThreshold, uint256 newThreshold);
    /// @notice An attester signed two verdicts of one challenge, lost stake, and is no attester any more.
    event EquivocationProven(bytes32 indexed challengeId, address indexed attester, address indexed reporter);

    /// @notice Only Challenges asks for verdicts.
    error AttestationVerifierUnauthorized(address caller);
    /// @notice Nobody asked about this challenge.
    error AttestationVerifierUnknownChallenge(bytes32 challengeId);
    /// @notice `given` attestations are not the `needed` ones.
    error AttestationVerifierTooFew(uint256 given, uint256 needed);
    /// @notice `signer` is no attester, or not active, or party to the case.
    error AttestationVerifierNotEligible(address signer);
    /// @notice Signers must ascend, so that nobody counts twice.
    error AttestationVerifierNotAscending(address previous, address signer);
    /// @notice The two signatures are not both the attester's, or not of two verdicts.
    error AttestationVerifierNoEquivocation(address first, address second);
    /// @notice `threshold` must be more than half of `attesterCount` and not more than it.
    error AttestationVerifierInvalidThreshold(uint256 threshold, uint256 attesterCount);
    /// @notice The attester is already what it should become.
    error AttestationVerifierUnchanged(address attester);

    /// @notice Hands in a verdict. Anyone may call. The attesters share their part of the challenge's bond; all of it where
    /// they say that the challenger withheld the evidence.
    /// @param challengeId See {IChallenges-challengeIdOf}.
    /// @param verdict What the attesters say.
    /// @param attesters At least `threshold()` of them, ascending.
    /// @param signatures Of each attester's signer, 65 bytes.
    function attest(bytes32 challengeId, Verdict verdict, address[] calldata attesters, bytes[] calldata signatures)
        external;

    /// @notice Removes an attester that signed two verdicts of one challenge, and takes stake of it. Anyone may call; whoever
    /// does gets part of it.
    function reportEquivocation(
        bytes32 challengeId,
        address attester,
        Verdict first,
        bytes calldata firstSignature,
        Verdict second,
        bytes calldata secondSignature
    ) external;

    /// @notice Changes who attests and how many must agree. Restricted.
    /// @param added Not attesters yet.
    /// @param removed Attesters.
    /// @param newThreshold How many of those that remain must agree.
    function setCommittee(address[] calldata added, address[] calldata removed, uint256 newThreshold) external;

    /// @notice How many attesters must agree.
    function threshold() external view returns (uint256);

    /// @notice How many attesters there are.
    function attesterCount() external view returns (uint256);

    /// @notice Whether `account` is an attester.
    function isAttester(address account) external view returns (bool);

    /// @notice All attesters.
    function attesters() external view returns (address[] memory);

    /// @notice EIP-712 digest of a verdict.
    function hashVerdict(bytes32 challengeId, Verdict verdict) external view returns (bytes32);
}
