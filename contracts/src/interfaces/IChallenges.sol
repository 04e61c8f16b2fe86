// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IVerifier} from "./IVerifier.sol";

/// @title IChallenges
/// @notice A receipt that its orchestrator signed can be challenged with a bond. The verifier of the service decides: guilty costs
/// the stake behind the orchestrator, innocent costs the bond, evidence that is withheld costs the bond too, no answer in time costs
/// nothing. The first rounds belong to the receipt's broadcaster: nobody else can copy its challenge. What a verifier answers later
/// can be overturned within a delay.
/// @dev Periods are in rounds, bonds in wei of ETH, rates in parts per million. A challenge is named by its receipt and its challenger:
/// nobody's challenge, least of all one that the orchestrator makes itself with worthless evidence, stands in the way of another's. A
/// receipt is slashed for once, and an orchestrator once for all receipts of one round: an encoder that broke is one fault. Pausing
/// stops new challenges, never verdicts, expiry or withdrawals, and does not run out their time.
interface IChallenges {
    /// @notice What a deployment chooses.
    /// @param bond Deposited by the challenger, in wei.
    /// @param priority Rounds, from the one a receipt states, in which only its broadcaster can challenge it; at most `window`.
    /// @param window Rounds, from the one a receipt states, in which it can be challenged.
    /// @param answerPeriod Rounds that a verifier has to answer.
    /// @param appealPeriod Rounds after a late answer in which it can be overturned; 0 for none.
    /// @param attesterShare Part of the bond that goes to those who signed the answer, in ppm.
    struct Parameters {
        uint256 bond;
        uint256 priority;
        uint256 window;
        uint256 answerPeriod;
        uint256 appealPeriod;
        uint32 attesterShare;
    }

    /// @notice A challenge.
    /// @param challenger Who made it; zero if there is none.
    /// @param orchestrator Whose receipt it is about.
    /// @param verifier Who decides.
    /// @param bond Deposited, in wei.
    /// @param receiptHash EIP-712 digest of the receipt.
    /// @param round Round that the receipt states.
    /// @param deadline Last round in which the verifier can answer; once it has, last round in which it can be overturned.
    /// @param attesterShare Of its time, in ppm.
    /// @param slashRate Of its time, in ppm.
    /// @param bountyRate Of its time, in ppm.
    /// @param verdict The verifier's answer.
    /// @param closed Whether it has taken effect.
    struct Challenge {
        address challenger;
        address orchestrator;
        address verifier;
        uint256 bond;
        bytes32 receiptHash;
        uint64 round;
        uint64 deadline;
        uint32 attesterShare;
        uint32 slashRate;
        uint32 bountyRate;
        IVerifier.Verdict verdict;
        bool closed;
    }

    /// @notice A receipt was challenged.
    event Challenged(
        bytes32 indexed challengeId,
        address indexed orchestrator,
        address indexed challenger,
        bytes32 receiptHash,
        address verifier,
        uint256 bond,
        uint256 deadline
    );
    /// @notice A verifier answered; the answer takes effect after round `finalRound` unless it is overturned.
    event Answered(bytes32 indexed challengeId, IVerifier.Verdict verdict, uint256 finalRound);
    /// @notice An answer was overturned.
    event Overturned(bytes32 indexed challengeId, IVerifier.Verdict oldVerdict, IVerifier.Verdict newVerdict);
    /// @notice An attester that signed two answers to one challenge lost stake.
    event EquivocationPunished(address indexed attester, address indexed reporter, uint256 penalty, uint256 bounty);
    /// @notice Challenges of receipts of rounds until `lastRound` may come `extension` rounds later, for the pause.
    event WindowExtended(uint256 extension, uint256 lastRound);
    /// @notice A challenge is decided. If guilty for the first time, `penalty` wei of stake were taken, `bounty` of them for the challenger.
    event Resolved(bytes32 indexed challengeId, IVerifier.Verdict verdict, uint256 penalty, uint256 bounty);
    /// @notice The verifier did not answer in time; the bond went back.
    event Expired(bytes32 indexed challengeId);
    /// @notice `account` was credited `amount` wei, to be withdrawn.
    event Credited(address indexed account, uint256 amount);
    /// @notice `account` withdrew `amount` wei to `recipient`.
    event CreditWithdrawn(address indexed account, address indexed recipient, uint256 amount);
    /// @notice A verifier may slash from now on, or may no longer.
    event VerifierApprovalChanged(address indexed verifier, bool oldApproved, bool newApproved);
    /// @notice The parameters were changed; challenges under way keep theirs.
    event ParametersChanged(Parameters oldParameters, Parameters newParameters);

    /// @notice The bond sent is not the bond asked for.
    error ChallengesWrongBond(uint256 sent, uint256 needed);
    /// @notice The receipt states a round that has not come.
    error ChallengesDatedAhead(uint256 round, uint256 currentRound);
    /// @notice Until round `lastRound` only the receipt's broadcaster can challenge it.
    error ChallengesPriority(address broadcaster, uint256 lastRound);
    /// @notice The answer can be overturned until round `lastRound`, and takes effect after it.
    error ChallengesAppealPending(uint256 lastRound, uint256 currentRound);
    /// @notice There is no answer that could be overturned or take effect.
    error ChallengesNotAnswered(bytes32 challengeId);
    /// @notice The receipt was not signed by the orchestrator that it names, or by its signer of the round.
    error ChallengesInvalidSignature(address signer, address orchestrator);
    /// @notice The receipt could be challenged until round `lastRound`.
    error ChallengesTooLate(uint256 lastRound, uint256 currentRound);
    /// @notice The service had no verifier in the round of the receipt, or one that is not approved: nobody can be slashed for it.
    error ChallengesNotVerifiable(address orchestrator, bytes32 serviceId, address verifier);
    /// @notice This account has challenged this receipt. Only a challenge that expired can be made again.
    error ChallengesAlreadyChallenged(bytes32 challengeId);
    /// @notice The orchestrator was slashed for this receipt.
    error ChallengesAlreadyGuilty(bytes32 receiptHash);
    /// @notice There is no such challenge, or it is decided.
    error ChallengesNotOpen(bytes32 challengeId);
    /// @notice Only the challenge's verifier decides.
    error ChallengesNotVerifier(address caller, address verifier);
    /// @notice `Open` is no answer.
    error ChallengesNoVerdict(bytes32 challengeId);
    /// @notice The verifier could answer until round `deadline`.
    error ChallengesAnswerTooLate(uint256 deadline, uint256 currentRound);
    /// @notice The verifier can still answer, until round `deadline`.
    error ChallengesAnswerPending(uint256 deadline, uint256 currentRound);
    /// @notice `needed` wei were asked for, `available` are there.
    error ChallengesInsufficientCredit(address account, uint256 available, uint256 needed);
    /// @notice ETH could not be sent to `recipient`.
    error ChallengesTransferFailed(address recipient);
    /// @notice A rate is above its bound, or one of the numbers is zero.
    error ChallengesInvalidParameters();
    /// @notice In one step the bond at most doubles or halves.
    error ChallengesStepTooLarge(uint256 from, uint256 to);
    /// @notice Parameters change at most once in a round, so that the bound on each step is one on all.
    error ChallengesChangedInRound(uint256 round);
    /// @notice A challenge could take `exposure` rounds, and stake can leave after `unbondingPeriod`.
    error ChallengesExposureTooLong(uint256 exposure, uint256 unbondingPeriod);

    /// @notice Challenges a receipt. Send exactly the bond.
    /// @dev If the verifier answers at once the challenge is over when this returns.
    /// @param receipt What the orchestrator signed.
    /// @param signature Its signature, 65 bytes, low s.
    /// @param evidence For the verifier.
    /// @return challengeId Names the receipt and the caller.
    /// @return verdict The verifier's answer; `Open` if it will come later.
    function challenge(IVerifier.Receipt calldata receipt, bytes calldata signature, bytes calldata evidence)
        external
        payable
        returns (bytes32 challengeId, IVerifier.Verdict verdict);

    /// @notice Answers an open challenge. Only its verifier, until its deadline. Never paused.
    /// @param attesters Who share the part of the bond that is for the answer; may be nobody.
    function resolve(bytes32 challengeId, IVerifier.Verdict verdict, address[] calldata attesters) external;

    /// @notice Lets an answer take effect that nobody overturned in time. Anyone may call. Never paused.
    function conclude(bytes32 challengeId) external;

    /// @notice Replaces an answer that has not taken effect, at once and for good; its attesters get nothing. Restricted.
    function overturn(bytes32 challengeId, IVerifier.Verdict verdict) external;

    /// @notice Slashes an attester that signed two answers to one challenge. Only an approved verifier.
    /// @param round Round of the earlier signature.
    function punishEquivocation(address attester, address reporter, uint256 round) external;

    /// @notice Ends a challenge that its verifier did not answer: the bond goes back. Anyone may call.
    function expire(bytes32 challengeId) external;

    /// @notice Pays the caller's credit (bonds returned and bonds won). Never paused.
    /// @param recipient Who gets the ETH.
    /// @param amount In wei.
    function withdrawCredit(address payable recipient, uint256 amount) external;

    /// @notice Lets a verifier slash, or no longer. Restricted: the registry says who judges a service, this stops one that went rogue at once.
    function setVerifierApproval(address verifier, bool approved) external;

    /// @notice Sets the parameters of challenges to come. Restricted.
    function setParameters(Parameters calldata newParameters) external;

    /// @notice The parameters.
    function parameters() external view returns (Parameters memory);

    /// @notice Most rounds between the one a receipt states and its slash: the unbonding period must be longer. After a change to less,
    /// still the former value until the challenges of its time are over.
    function exposurePeriod() external view returns (uint256);

    /// @notice A challenge; all zero if there is none.
    function challengeOf(bytes32 challengeId) external view returns (Challenge memory);

    /// @notice Name of a challenge.
    /// @param receiptHash EIP-712 digest of the receipt.
    function challengeIdOf(bytes32 receiptHash, address challenger) external pure returns (bytes32);

    /// @notice Whether the orchestrator was slashed for a receipt.
    function isGuilty(bytes32 receiptHash) external view returns (bool);

    /// @notice Whether a verifier may slash.
    function isApprovedVerifier(address verifier) external view returns (bool);

    /// @notice ETH that `account` can withdraw, in wei.
    function creditOf(address account) external view returns (uint256);

    /// @notice EIP-712 digest of a receipt, in the domain of the TicketBroker.
    function hashReceipt(IVerifier.Receipt calldata receipt) external view returns (bytes32);
}
