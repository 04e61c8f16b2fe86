// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IVerifier
/// @notice Decides whether an orchestrator did what its receipt says. One per kind of service; see ServiceRegistry.
interface IVerifier {
    /// @notice What an orchestrator signed about one segment; fields as in the EIP-712 type `Receipt`.
    /// @param orchestrator Whose signer signed.
    /// @param broadcaster For whom it worked.
    /// @param serviceId Service it claims to have performed.
    /// @param streamId Stream of the segment.
    /// @param seq Number of the segment.
    /// @param attempt Number of the attempt at it.
    /// @param ladderHash Hash of the renditions asked for.
    /// @param inputHash Hash of the source bytes.
    /// @param outputHash Hash of the output bytes.
    /// @param inputPixels Pixels of the source charged for.
    /// @param pixels Output pixels charged for.
    /// @param fee Charged, in wei.
    /// @param balance Of the broadcaster's account after it, in wei.
    /// @param round Round in which the orchestrator says it signed.
    struct Receipt {
        address orchestrator;
        address broadcaster;
        bytes32 serviceId;
        bytes32 streamId;
        uint64 seq;
        uint32 attempt;
        bytes32 ladderHash;
        bytes32 inputHash;
        bytes32 outputHash;
        uint256 inputPixels;
        uint256 pixels;
        uint256 fee;
        int256 balance;
        uint256 round;
    }

    /// @notice What a verifier says of a challenged receipt. `Open`: it will say later, through `IChallenges.resolve`.
    /// `Unavailable`: the challenger withheld the evidence, so nothing could be judged.
    enum Verdict {
        Open,
        Innocent,
        Guilty,
        Unavailable
    }

    /// @notice Judges a receipt, at once or later. Called once per challenge, by Challenges.
    /// @dev Must never revert on bad evidence: evidence that proves nothing is `Innocent` or `Open`.
    /// @param challengeId See {IChallenges-challengeIdOf}.
    /// @param receipt Signed by its orchestrator; Challenges has checked that.
    /// @param challenger Who says that it is false.
    /// @param evidence What the verifier asks for.
    function judge(bytes32 challengeId, Receipt calldata receipt, address challenger, bytes calldata evidence)
        external
        returns (Verdict);
}
