// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title ITicketBroker
/// @notice Holds what broadcasters put up (deposit, designated reserve, penalty escrow) and pays winning lottery tickets
/// out of it. A ticket is signed off chain, costs nothing unless it wins, and pays at most its face value in total.
/// @dev EIP-712 domain: name "Streamflow", version "1", chain id, address of the broker's proxy. All amounts are in wei,
/// all shares in parts per million, all rounds as counted by {IRounds}. Funding, designating and registering a grant by itself
/// can be paused; revoking, unlocking and withdrawing cannot. Redeeming has a breaker of its own, which costs no ticket.
interface ITicketBroker {
    /// @notice A signed lottery ticket that pays for one segment.
    /// @param recipient orchestrator who is paid
    /// @param sender broadcaster who pays
    /// @param grant EIP-712 digest of the session key's grant; zero if the sender signs itself
    /// @param faceValue what a winner pays, in wei
    /// @param winProb the ticket wins iff its draw is below this number of 2^256
    /// @param nonce serves one ticket of a signer at a recipient: of two with the same one only the first is paid. Winners
    /// whose nonces share all but the low 8 bits share a slot, so count up
    /// @param recipientRandHash keccak256(abi.encode(uint256 recipientRand)), the recipient's commitment
    /// @param creationRound round in which the ticket was made
    /// @param creationRoundBlockHash block hash of that round
    /// @param feeShare share of the payout that goes to the delegators of that round
    struct Ticket {
        address recipient;
        address sender;
        bytes32 grant;
        uint256 faceValue;
        uint256 winProb;
        uint256 nonce;
        bytes32 recipientRandHash;
        uint256 creationRound;
        bytes32 creationRoundBlockHash;
        uint32 feeShare;
    }

    /// @notice Leave to a session key to sign tickets for a sender.
    /// @param sender account that pays: an EOA or a contract that answers ERC-1271
    /// @param key account of the session key
    /// @param spendCap most that tickets under this grant may take from the deposit together, in wei
    /// @param escrowCap most of the escrow that may be burned for tickets under this grant, in wei
    /// @param validUntil unix seconds; tickets of rounds that start later are void
    /// @param salt makes grants to one key distinct
    struct SessionGrant {
        address sender;
        address key;
        uint256 spendCap;
        uint256 escrowCap;
        uint64 validUntil;
        bytes32 salt;
    }

    /// @notice A grant with its sender's signature (65 bytes of an EOA, or whatever the sender's ERC-1271 accepts).
    struct SignedGrant {
        SessionGrant grant;
        bytes signature;
    }

    /// @notice What is shown to be paid.
    /// @param ticket the ticket
    /// @param signature 65 bytes r ‖ s ‖ v, low s, v 27 or 28, by the session key or by the sender's own EOA
    /// @param recipientRand the number behind the recipient's commitment
    struct Redemption {
        Ticket ticket;
        bytes signature;
        uint256 recipientRand;
    }

    /// @notice What a sender has put up.
    /// @param deposit pays any recipient
    /// @param reserve pays designated recipients once the deposit is spent
    /// @param escrow burned in part when a punishing redemption falls short
    /// @param withdrawRound first round in which everything may be withdrawn; 0 if no unlock is in progress
    struct SenderInfo {
        uint256 deposit;
        uint256 reserve;
        uint256 escrow;
        uint256 withdrawRound;
    }

    /// @notice State of a grant; all zero (but for a revocation) before it is registered.
    /// @param validUntil unix seconds, capped at 2^40 - 1; 0 if it is not registered
    /// @param spendCap in wei, capped at 2^88 - 1
    /// @param spent taken from the deposit under the grant so far, in wei
    /// @param escrowBurned escrow burned for tickets under the grant so far, in wei
    /// @param revocationRound last round whose tickets are still good; 0 if not revoked
    struct GrantInfo {
        uint64 validUntil;
        uint128 spendCap;
        uint128 spent;
        uint128 escrowBurned;
        uint256 revocationRound;
    }

    /// @notice Everything an orchestrator needs to judge a sender.
    /// @param info what the sender has put up
    /// @param claimableReserve what the reserve holds for this orchestrator in the current round
    /// @param lastingReserve what of it lasts until tickets of the last initialized round expire
    /// @param committedReserve part of the reserve that is designated to somebody
    /// @param grant state of the grant asked for
    /// @param currentRound now
    /// @param lastInitializedRound the round that new tickets should name
    /// @param lastInitializedBlockHash and its block hash
    /// @param ticketValidityPeriod rounds that a ticket lives
    struct SenderStanding {
        SenderInfo info;
        uint256 claimableReserve;
        uint256 lastingReserve;
        uint256 committedReserve;
        GrantInfo grant;
        uint256 currentRound;
        uint256 lastInitializedRound;
        bytes32 lastInitializedBlockHash;
        uint256 ticketValidityPeriod;
    }

    /// @notice The ticket names no recipient.
    error TicketBrokerZeroRecipient();
    /// @notice The ticket or the funding names no sender.
    error TicketBrokerZeroSender();
    /// @notice No block hash was fixed for the ticket's round.
    error TicketBrokerRoundNotInitialized(uint256 creationRound);
    /// @notice The ticket carries another block hash than its round's.
    error TicketBrokerWrongBlockHash(uint256 creationRound, bytes32 given, bytes32 expected);
    /// @notice The ticket was valid up to and including round `creationRound + validityPeriod - 1`.
    error TicketBrokerTicketExpired(uint256 creationRound, uint256 validityPeriod, uint256 currentRound);
    /// @notice A share exceeds one million parts per million.
    error TicketBrokerInvalidFeeShare(uint32 feeShare);
    /// @notice The number shown is not the one that the recipient committed to.
    error TicketBrokerWrongRecipientRand(uint256 recipientRand, bytes32 recipientRandHash);
    /// @notice The signature is not 65 bytes r ‖ s ‖ v with low s and v of 27 or 28.
    error TicketBrokerMalformedSignature(bytes32 ticketHash);
    /// @notice The ticket is signed by somebody else than its sender.
    error TicketBrokerWrongSigner(bytes32 ticketHash, address signer, address sender);
    /// @notice The draw is not below the win probability.
    error TicketBrokerTicketLost(bytes32 ticketHash, uint256 draw, uint256 winProb);
    /// @notice The ticket, or another of its signer, recipient and nonce, has paid its whole face value.
    error TicketBrokerTicketSpent(bytes32 ticketHash, uint256 paid);
    /// @notice The sender's unlock period has run out: its funds may be gone at any moment.
    error TicketBrokerSenderUnlocked(address sender, uint256 withdrawRound);
    /// @notice The sender registered no such grant for the key that signed the ticket.
    error TicketBrokerGrantUnknown(address sender, bytes32 grantHash, address signer);
    /// @notice The grant ran out before the ticket's round began.
    error TicketBrokerGrantExpired(bytes32 grantHash, uint256 validUntil, uint256 roundStart);
    /// @notice The grant was revoked before the ticket's round.
    error TicketBrokerGrantRevoked(bytes32 grantHash, uint256 revocationRound, uint256 creationRound);
    /// @notice The grant has ended, so only a recipient that was active in the ticket's round is still paid.
    error TicketBrokerGrantEnded(bytes32 grantHash, address recipient);
    /// @notice Only a ticket's recipient or its signer decides that a shortfall is punished.
    error TicketBrokerNotRecipient(address caller, address recipient);
    /// @notice The breaker for redemptions is open.
    error TicketBrokerRedemptionHalted();
    /// @notice Redemptions are halted already, or are not.
    error TicketBrokerHaltUnchanged(bool halted);
    /// @notice More was asked for than there is.
    error TicketBrokerInsufficientFunds(address sender, uint256 available, uint256 needed);
    /// @notice The grant names no sender or no key, or its sender did not sign it.
    error TicketBrokerInvalidGrant(bytes32 grantHash, address sender);
    /// @notice The payout would be less than asked for, or nothing.
    error TicketBrokerPayoutTooLow(bytes32 ticketHash, uint256 payout, uint256 minPayout);
    /// @notice Two lists that belong together differ in length.
    error TicketBrokerLengthMismatch(uint256 first, uint256 second);
    /// @notice The value sent is zero or not the sum of the parts.
    error TicketBrokerWrongValue(uint256 sent, uint256 expected);
    /// @notice Designations, old ones included while tickets may rely on them, exceed the reserve.
    error TicketBrokerReserveOvercommitted(address sender, uint256 committed, uint256 reserve);
    /// @notice Nothing is put up, so there is nothing to unlock or withdraw.
    error TicketBrokerNoFunds(address sender);
    /// @notice An unlock is in progress already.
    error TicketBrokerUnlockInProgress(address sender, uint256 withdrawRound);
    /// @notice No unlock is in progress.
    error TicketBrokerNotUnlocking(address sender);
    /// @notice Withdrawal is possible from `withdrawRound` on.
    error TicketBrokerStillLocked(address sender, uint256 withdrawRound, uint256 currentRound);
    /// @notice The account refused the ether.
    error TicketBrokerTransferFailed(address recipient, uint256 amount);
    /// @notice Parameters change at most once in a round, so that a bound on each step is one on all.
    error TicketBrokerChangedInRound(uint256 round);
    /// @notice In one step a period at most doubles or halves, and the burn share moves by at most a quarter of the whole.
    error TicketBrokerStepTooLarge(uint256 from, uint256 to);
    /// @notice Must hold: 1 <= validity <= unlock <= unbonding, burn share <= 1,000,000, and validity <= the fee window of
    /// Staking, so that no ticket outlives its delegators' claim.
    error TicketBrokerInvalidParameters(
        uint256 ticketValidityPeriod, uint256 unlockPeriod, uint256 unbondingPeriod, uint32 escrowBurnShare
    );

    /// @notice A deposit grew from `deposit - amount` to `deposit`.
    event DepositFunded(address indexed sender, address indexed funder, uint256 amount, uint256 deposit);
    /// @notice A reserve grew from `reserve - amount` to `reserve`.
    event ReserveFunded(address indexed sender, address indexed funder, uint256 amount, uint256 reserve);
    /// @notice An escrow grew from `escrow - amount` to `escrow`.
    event EscrowFunded(address indexed sender, uint256 amount, uint256 escrow);
    /// @notice A sender designated part of its reserve.
    /// @param oldAmount claimable by the orchestrator for tickets made before `effectiveRound`
    /// @param newAmount claimable for tickets made from `effectiveRound` on
    event ReserveDesignated(
        address indexed sender,
        address indexed orchestrator,
        uint256 oldAmount,
        uint256 newAmount,
        uint256 effectiveRound
    );
    /// @notice Part of a reserve was paid to an orchestrator; `reserve` is left.
    event ReserveClaimed(address indexed sender, address indexed orchestrator, uint256 amount, uint256 reserve);
    /// @notice A session key may sign tickets.
    event GrantRegistered(
        address indexed sender,
        bytes32 indexed grantHash,
        address indexed key,
        uint256 spendCap,
        uint256 escrowCap,
        uint64 validUntil
    );
    /// @notice Tickets under the grant made after `revocationRound` are void.
    event GrantRevoked(
        address indexed sender, bytes32 indexed grantHash, address indexed key, uint256 revocationRound
    );
    /// @notice A winning ticket was paid, in full or in part.
    /// @param grantHash of the ticket; zero if the sender signed itself
    /// @param paid wei paid by this redemption
    event WinningTicketRedeemed(
        address indexed sender,
        address indexed recipient,
        bytes32 indexed ticketHash,
        bytes32 grantHash,
        uint256 faceValue,
        uint256 paid,
        uint256 winProb,
        uint256 nonce,
        uint256 recipientRand,
        uint32 feeShare
    );
    /// @notice One redemption of a batch was passed over.
    /// @param index its place in the batch
    /// @param reason the error, ABI-encoded, with which it would have failed alone
    event RedemptionRefused(uint256 indexed index, bytes reason);
    /// @notice Part of an escrow was burned because a punishing redemption fell short.
    /// @param shortfall wei that were due and not there
    /// @param burned wei burned
    /// @param escrow wei left
    event EscrowBurned(
        address indexed sender, bytes32 indexed ticketHash, uint256 shortfall, uint256 burned, uint256 escrow
    );
    /// @notice Whoever executed penalties was paid out of what was burned.
    event PenaltyRewarded(address indexed executor, uint256 burned, uint256 reward);
    /// @notice Redemptions stopped in `round`.
    event RedemptionHalted(uint256 round);
    /// @notice Redemptions go on; tickets made until `round` live `extension` rounds longer.
    event RedemptionResumed(uint256 round, uint256 extension);
    /// @notice A sender asked for its funds back; they may leave from `withdrawRound` on.
    event Unlocked(address indexed sender, uint256 round, uint256 withdrawRound);
    /// @notice A sender's unlock was called off, by itself.
    event UnlockCancelled(address indexed sender, uint256 oldWithdrawRound);
    /// @notice A sender took funds out.
    event Withdrawn(
        address indexed sender, address indexed recipient, uint256 deposit, uint256 reserve, uint256 escrow
    );
    /// @notice The parameters changed.
    event ParametersChanged(
        uint256 oldTicketValidityPeriod,
        uint256 newTicketValidityPeriod,
        uint256 oldUnlockPeriod,
        uint256 newUnlockPeriod,
        uint32 oldEscrowBurnShare,
        uint32 newEscrowBurnShare
    );

    /// @notice Adds to the caller's deposit; calls off the caller's unlock.
    function fundDeposit() external payable;

    /// @notice Adds to somebody's deposit and changes nothing else: an unlock in progress goes on.
    /// @param sender whose deposit
    function fundDepositFor(address sender) external payable;

    /// @notice Adds to the caller's reserve; calls off the caller's unlock.
    function fundReserve() external payable;

    /// @notice Adds to somebody's reserve and changes nothing else: an unlock in progress goes on.
    /// @param sender whose reserve
    function fundReserveFor(address sender) external payable;

    /// @notice Adds to the caller's penalty escrow; calls off the caller's unlock.
    function fundEscrow() external payable;

    /// @notice Adds to all three; the value sent must be their sum. Calls off the caller's unlock.
    function fundDepositAndReserve(uint256 deposit, uint256 reserve, uint256 escrow) external payable;

    /// @notice Says which orchestrators the caller's reserve stands for, and with how much each, from the next round on.
    /// Orchestrators not listed keep what they have. What backed tickets until now backs them until they expire.
    /// @dev The sum of all designations, old ones included while tickets may rely on them, must not exceed the reserve.
    /// Room held by old ones is freed by naming them again once they have lapsed.
    /// @param orchestrators who
    /// @param amounts wei each may still claim
    function designateReserve(address[] calldata orchestrators, uint256[] calldata amounts) external;

    /// @notice Makes a grant known, on its sender's signature. Anyone may call; again changes nothing.
    function registerGrant(SignedGrant calldata grant) external;

    /// @notice Revokes a grant of the caller, known or not: tickets made after the current round are void, and those made
    /// until it pay only recipients that were active in their round.
    /// @param grant the whole grant, so that its allowance is found whether or not it is known
    function revokeGrant(SessionGrant calldata grant) external;

    /// @notice Pays a winning ticket. Anyone may call; only the ticket's recipient is paid.
    /// @param redemption the ticket and its proofs
    /// @param minPayout reverts if less can be paid now; what is not paid stays redeemable until the ticket expires
    /// @return paid wei paid now
    function redeem(Redemption calldata redemption, uint256 minPayout) external returns (uint256 paid);

    /// @notice Registers the session key's grant if it is not known yet, then redeems.
    function redeemWithGrant(Redemption calldata redemption, uint256 minPayout, SignedGrant calldata grant)
        external
        returns (uint256 paid);

    /// @notice Pays many tickets. One that cannot be paid is passed over and harms no other.
    /// @param redemptions the tickets; cheapest when those of one recipient and round are neighbours
    /// @param minPayouts one for each
    /// @param grants grants to register first; invalid ones are passed over
    /// @return paid wei paid for each; 0 for those passed over
    function redeemBatch(
        Redemption[] calldata redemptions,
        uint256[] calldata minPayouts,
        SignedGrant[] calldata grants
    ) external returns (uint256[] memory paid);

    /// @notice Pays what can be paid of winning tickets that the caller was given (as their recipient or its signer), and
    /// burns escrow of their senders for the rest, once per ticket and shortfall. The caller gets part of what is burned.
    /// @param redemptions the tickets
    /// @param grants those of the tickets' session keys: they say how much escrow may burn for them; unknown ones are registered
    /// @return paid wei paid for each
    /// @return reward wei paid to the caller
    function redeemAndPunish(Redemption[] calldata redemptions, SignedGrant[] calldata grants)
        external
        returns (uint256[] memory paid, uint256 reward);

    /// @notice Starts the wait after which the caller may withdraw everything.
    function unlock() external;

    /// @notice Calls off the caller's unlock.
    function cancelUnlock() external;

    /// @notice Pays the caller all it has put up, once its unlock has run out.
    function withdraw() external;

    /// @notice Pays part of what the caller has put up to an account of its choice, once its unlock has run out.
    /// @dev Taking from the reserve voids its designations.
    function withdrawTo(address recipient, uint256 deposit, uint256 reserve, uint256 escrow) external;

    /// @notice Stops all redemptions, and nothing else. Guardian only.
    function haltRedemption() external;

    /// @notice Lets redemptions go on; tickets live longer by the rounds in which they could not be redeemed. Guardian only.
    function resumeRedemption() external;

    /// @notice Changes the parameters, from the next round on for what tickets live. Governor only.
    /// @param newTicketValidityPeriod rounds a ticket lives, 1 to the fee window of {IStaking}
    /// @param newUnlockPeriod rounds between unlock and withdrawal; not less than a ticket lives
    /// @param newEscrowBurnShare part of a shortfall that is burned from the escrow
    function setParameters(uint256 newTicketValidityPeriod, uint256 newUnlockPeriod, uint32 newEscrowBurnShare)
        external;

    /// @notice What a sender has put up.
    function senderInfo(address sender) external view returns (SenderInfo memory);

    /// @notice What a sender's reserve holds for an orchestrator in the current round, in wei.
    function claimableReserve(address sender, address orchestrator) external view returns (uint256);

    /// @notice What a sender's reserve holds for an orchestrator from now until the end of a round, in wei: what backs a ticket
    /// that can be redeemed until then, if nothing of it is claimed before.
    function claimableReserveUntil(address sender, address orchestrator, uint256 lastRound)
        external
        view
        returns (uint256);

    /// @notice Part of a sender's reserve that is held for somebody, in wei.
    function committedReserve(address sender) external view returns (uint256);

    /// @notice State of a grant.
    /// @param key the account of its session key
    function grantInfo(address sender, bytes32 grantHash, address key) external view returns (GrantInfo memory);

    /// @notice Everything an orchestrator needs to judge a sender, in one call.
    function senderStanding(address sender, address orchestrator, bytes32 grantHash, address key)
        external
        view
        returns (SenderStanding memory);

    /// @notice How much a ticket has been paid so far, in wei; its face value if another of its signer, recipient and nonce was.
    /// @param signature as in its redemption: says who signed
    function ticketPaid(Ticket calldata ticket, bytes calldata signature) external view returns (uint256);

    /// @notice EIP-712 digest of a ticket: what is signed, and the ticket's name on chain.
    function hashTicket(Ticket calldata ticket) external view returns (bytes32);

    /// @notice EIP-712 digest of a grant: what is signed, and the grant's name on chain.
    function hashGrant(SessionGrant calldata grant) external view returns (bytes32);

    /// @notice The EIP-712 domain separator, shared by every message type of the protocol.
    function domainSeparator() external view returns (bytes32);

    /// @notice Rounds in which a ticket can be redeemed, its own included.
    function ticketValidityPeriod() external view returns (uint256);

    /// @notice Whether redemptions are stopped.
    function redemptionHalted() external view returns (bool);

    /// @notice Rounds between unlock and withdrawal.
    function unlockPeriod() external view returns (uint256);

    /// @notice Part of a shortfall that is burned from the escrow, in parts per million.
    function escrowBurnShare() external view returns (uint32);
}
