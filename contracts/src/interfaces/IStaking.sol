// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title IStaking
/// @notice Stake of orchestrators and their delegators: bonding, rewards by inflation, fees of winning tickets,
/// announced commissions, and slashing. Pausing stops entry (bond, rebond, redelegate, reward, commissions), never exit, the
/// booking of fees or slashes.
/// @dev Token amounts and fees are in wei. Rounds are numbers of `IRounds.currentRound()`. Commissions, slash and bounty
/// rates are parts per million (ppm). Factors, inflation and rates are rays (1e27 = 1): the only fixed-point precision.
/// A change of stake made in round N earns, and stops earning, from round N + 1.
interface IStaking {
    /// @notice What a deployment chooses; every field has a setter.
    /// @param minimumStake Self-bonded plus delegated tokens an orchestrator needs to be active, in wei.
    /// @param minimumSelfStake Self-bonded tokens an orchestrator needs to be active, in wei, at least 1.
    /// @param unbondingPeriod Rounds between `unbond` and `withdrawStake`.
    /// @param maxCommissionStep Most that one announcement moves `rewardCut` or `feeShare`, in ppm.
    /// @param inflation Minted per round as a part of supply at the start, in rays.
    /// @param inflationChange Step by which inflation moves each round towards the target bonding rate, in rays.
    /// @param maxInflation Upper bound of inflation per round, in rays.
    /// @param targetBondingRate Bonded part of supply that inflation steers to, in rays.
    struct Parameters {
        uint256 minimumStake;
        uint256 minimumSelfStake;
        uint256 unbondingPeriod;
        uint32 maxCommissionStep;
        uint256 inflation;
        uint256 inflationChange;
        uint256 maxInflation;
        uint256 targetBondingRate;
    }

    /// @notice Stake on its way out.
    /// @param orchestrator Whose slashes still reach it.
    /// @param withdrawRound First round in which it can be withdrawn, and in which slashes no longer reach it.
    /// @param amount What it is worth now, after slashes, in wei.
    struct LockInfo {
        address orchestrator;
        uint256 withdrawRound;
        uint256 amount;
    }

    /// @notice Where an account's stake stands.
    /// @param orchestrator Whom it backs; the account itself for an orchestrator; zero if it has no stake.
    /// @param stake What it is worth now, rewards and slashes included, in wei.
    /// @param liableTo Orchestrator it left by `redelegate` whose slashes still reach it; zero if none.
    /// @param liableUntil First round in which they no longer do.
    struct DelegationInfo {
        address orchestrator;
        uint256 stake;
        address liableTo;
        uint256 liableUntil;
    }

    /// @notice `delegator` bonded `amount` wei to `orchestrator`; `stake` is the delegator's stake after it.
    event Bonded(address indexed delegator, address indexed orchestrator, uint256 amount, uint256 stake);
    /// @notice `delegator` moved `amount` wei from one orchestrator to another; the old one's slashes reach it until `liableUntil`.
    event Redelegated(address indexed delegator, address indexed from, address indexed to, uint256 amount, uint256 liableUntil);
    /// @notice `delegator` put `amount` wei into lock `lockId`, withdrawable from round `withdrawRound`.
    event Unbonded(
        address indexed delegator, address indexed orchestrator, uint256 indexed lockId, uint256 amount, uint256 withdrawRound
    );
    /// @notice `delegator` bonded the `amount` wei of lock `lockId` again.
    event Rebonded(address indexed delegator, address indexed orchestrator, uint256 indexed lockId, uint256 amount);
    /// @notice `delegator` was paid the `amount` wei of lock `lockId`.
    event StakeWithdrawn(address indexed delegator, uint256 indexed lockId, uint256 amount);
    /// @notice `amount` wei were minted for `orchestrator` and its delegators; it kept `cut` of them.
    event Rewarded(address indexed orchestrator, uint256 indexed round, uint256 amount, uint256 cut);
    /// @notice `amount` wei of fees were booked to `round` for `orchestrator`; `shared` of them go to that round's stake.
    event FeesBooked(address indexed orchestrator, uint256 indexed round, uint256 amount, uint256 shared);
    /// @notice `account` withdrew `amount` wei of fees to `recipient`.
    event FeesWithdrawn(address indexed account, address indexed recipient, uint256 amount);
    /// @notice `orchestrator` announced a commission that binds from `effectiveRound`, with the values it replaces.
    event CommissionScheduled(
        address indexed orchestrator,
        uint256 indexed effectiveRound,
        uint32 oldRewardCut,
        uint32 newRewardCut,
        uint32 oldFeeShare,
        uint32 newFeeShare
    );
    /// @notice Stake behind `orchestrator` lost `penalty` wei: `bounty` of it paid to `bountyRecipient`, the rest burned.
    event Slashed(
        address indexed orchestrator, uint256 indexed offenceRound, uint256 penalty, address indexed bountyRecipient, uint256 bounty
    );
    /// @notice Redelegated stake of `delegator` lost `amount` wei, burned, for a slash of `liableTo`, which it had left.
    event RedelegationSlashed(address indexed delegator, address indexed liableTo, uint256 amount);
    /// @notice The minimum stakes were changed, from round `effectiveRound` on.
    event MinimumStakeChanged(
        uint256 oldTotal, uint256 newTotal, uint256 oldSelf, uint256 newSelf, uint256 indexed effectiveRound
    );
    /// @notice The unbonding period was changed; locks made before keep theirs.
    event UnbondingPeriodChanged(uint256 oldPeriod, uint256 newPeriod);
    /// @notice The largest step of a commission was changed.
    event MaxCommissionStepChanged(uint32 oldStep, uint32 newStep);
    /// @notice The rule of inflation was changed, from the next round on; all values in rays.
    event InflationChanged(uint256 inflation, uint256 change, uint256 maximum, uint256 targetBondingRate);

    /// @notice An amount must be positive.
    error StakingZeroAmount();
    /// @notice `caller` is neither `orchestrator` nor its signer.
    error StakingNotSigner(address caller, address orchestrator);
    /// @notice An address is zero.
    error StakingZeroAddress();
    /// @notice `caller` is not the contract that may do this, which is `expected`.
    error StakingUnauthorized(address caller, address expected);
    /// @notice `orchestrator` has bonded nothing to itself, so nobody can bond to it and it cannot do what orchestrators do.
    error StakingNotOrchestrator(address orchestrator);
    /// @notice `orchestrator` has not declared its commission yet, so nobody can bond to it.
    error StakingCommissionNotDeclared(address orchestrator);
    /// @notice `orchestrator` was slashed so often that its books lack precision; it can take no more stake.
    error StakingOrchestratorRetired(address orchestrator);
    /// @notice `delegator` already backs `orchestrator`; `redelegate` or `unbond` first.
    error StakingAlreadyDelegated(address delegator, address orchestrator);
    /// @notice Stake moved by `redelegate` cannot be moved again or grow before round `liableUntil`; it can be unbonded.
    error StakingRedelegationPending(address delegator, uint256 liableUntil);
    /// @notice `to` cannot receive the stake of `delegator`: it is its present orchestrator, or the delegator itself.
    error StakingInvalidDelegate(address delegator, address to);
    /// @notice `account` is an orchestrator and cannot back another; it can unbond.
    error StakingOrchestratorCannotRedelegate(address account);
    /// @notice `needed` wei were asked for, `available` are there.
    error StakingInsufficientStake(address account, uint256 available, uint256 needed);
    /// @notice `needed` wei of fees were asked for, `available` are there.
    error StakingInsufficientFees(address account, uint256 available, uint256 needed);
    /// @notice `account` has no lock `lockId`.
    error StakingUnknownLock(address account, uint256 lockId);
    /// @notice The lock opens in round `withdrawRound`; it is `currentRound`.
    error StakingLocked(uint256 lockId, uint256 withdrawRound, uint256 currentRound);
    /// @notice `orchestrator` is not active in `round`.
    error StakingNotActive(address orchestrator, uint256 round);
    /// @notice `orchestrator` was already rewarded in `round`.
    error StakingAlreadyRewarded(address orchestrator, uint256 round);
    /// @notice A commission is above 1,000,000 ppm.
    error StakingInvalidCommission(uint32 rewardCut, uint32 feeShare);
    /// @notice A commission moves by more than `maxStep` ppm at once.
    error StakingCommissionStepTooLarge(uint32 step, uint32 maxStep);
    /// @notice An announced commission has yet to bind, in `effectiveRound`.
    error StakingCommissionPending(address orchestrator, uint256 effectiveRound);
    /// @notice Nothing of `delegator`'s stake is owed to a slash.
    error StakingNothingToEnforce(address delegator);
    /// @notice A rate is above what it may be.
    error StakingInvalidRate(uint256 rate, uint256 maximum);
    /// @notice A period of rounds is outside [`minimum`, `maximum`].
    error StakingInvalidPeriod(uint256 period, uint256 minimum, uint256 maximum);
    /// @notice A minimum stake is zero, or the self-bonded one is above the total one.
    error StakingInvalidMinimumStake(uint256 total, uint256 self);
    /// @notice In one step a minimum stake, or the bound of inflation, at most doubles or halves.
    error StakingStepTooLarge(uint256 from, uint256 to);
    /// @notice Inflation is set at most once in a round, so that the bound on each step is one on all.
    error StakingChangedInRound(uint256 round);
    /// @notice ETH could not be sent to `recipient`.
    error StakingTransferFailed(address recipient);

    // ---------------------------------------------------------------- stake

    /// @notice Bonds `amount` wei of tokens (approved before) of the caller to `to`. To oneself makes an orchestrator.
    /// @dev Nobody can bond for another account. It earns from the next round on.
    /// @param amount In wei, positive.
    /// @param to An orchestrator, the caller itself, or whom the caller already backs.
    function bond(uint256 amount, address to) external;

    /// @notice The same, with the caller's ERC-2612 permit in place of an approval.
    function bondWithPermit(uint256 amount, address to, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Takes `amount` wei out of the caller's stake into a lock that opens after the unbonding period. Never paused.
    /// @dev The stake keeps its claim to fees of tickets made up to this round. Slashes of the orchestrator reach the lock
    /// until it opens.
    /// @param amount In wei, positive, at most `pendingStake(caller)`.
    /// @return lockId Number of the lock among the caller's.
    function unbond(uint256 amount) external returns (uint256 lockId);

    /// @notice Bonds a lock again, to the orchestrator it left.
    /// @param lockId Of the caller.
    function rebond(uint256 lockId) external;

    /// @notice Moves the caller's whole stake to orchestrator `to`, at once; it earns there from the next round on.
    /// @dev Slashes of the orchestrator it left reach it for another unbonding period; until then it can be unbonded but
    /// neither moved again nor added to.
    /// @param to An orchestrator other than the caller and the present one.
    function redelegate(address to) external;

    /// @notice Pays an open lock to the caller. Never paused.
    /// @param lockId Of the caller.
    /// @return amount What slashes left of it, in wei.
    function withdrawStake(uint256 lockId) external returns (uint256 amount);

    /// @notice Burns what redelegated stake of `delegator` owes to slashes of the orchestrator it left. Anyone may call;
    /// it happens by itself when the delegator acts.
    /// @param delegator Whose stake.
    function enforceSlash(address delegator) external;

    // ---------------------------------------------------------------- orchestrators

    /// @notice Mints the caller's part of this round's inflation: once per round, for an active orchestrator.
    /// @return minted Tokens added to its and its delegators' stake, in wei.
    function reward() external returns (uint256 minted);

    /// @notice The same for an orchestrator, by itself or by its signer.
    function rewardFor(address orchestrator) external returns (uint256 minted);

    /// @notice Announces a commission. The first one of an orchestrator binds from the next round on and may be anything
    /// (nobody can delegate before it); any later one binds `commissionNotice()` rounds ahead and moves by at most the largest step.
    /// @param rewardCut Part of rewards KEPT by the orchestrator, in ppm.
    /// @param feeShare Part of fees GIVEN to the stake behind it, in ppm.
    function scheduleCommission(uint32 rewardCut, uint32 feeShare) external;

    // ---------------------------------------------------------------- fees

    /// @notice Books the fees of winning tickets made in `round` (TicketBroker only, payable). They are shared with the stake of that
    /// round at `feeShare`, or at the commission then in force if that is higher. A round without stake, or outside the fee
    /// window, shares nothing. Never reverts for the broker.
    /// @param orchestrator Recipient of the tickets; need not be active any more.
    /// @param round Round in which the tickets were made; at most `feeWindow()` - 1 rounds ago.
    /// @param feeShare Share committed in the tickets, in ppm.
    function bookFees(address orchestrator, uint256 round, uint32 feeShare) external payable;

    /// @notice Pays fees of the caller. Never paused.
    /// @param recipient Who gets the ETH.
    /// @param amount In wei, at most `pendingFees(caller)`.
    function withdrawFees(address payable recipient, uint256 amount) external;

    // ---------------------------------------------------------------- slashing

    /// @notice Takes `slashRate` of all stake behind `orchestrator`: self-bond, delegations, and locks that were made since the
    /// offence and have not opened (Challenges only).
    /// @dev The bounty is at most 90 % of what the orchestrator itself loses, so challenging oneself always costs.
    /// @param orchestrator Who is guilty.
    /// @param slashRate In ppm.
    /// @param bountyRecipient Who gets the bounty, in tokens.
    /// @param bountyRate Part of the penalty that is bounty, in ppm.
    /// @param offenceRound Round of the offence; locks made before it are spared.
    /// @return penalty Taken, in wei.
    /// @return bounty Paid of it, in wei; the rest is burned.
    function slash(
        address orchestrator,
        uint32 slashRate,
        address bountyRecipient,
        uint32 bountyRate,
        uint256 offenceRound
    ) external returns (uint256 penalty, uint256 bounty);

    // ---------------------------------------------------------------- roles

    /// @notice Sets the minimum stakes from the next round on. Restricted.
    /// @param total Self-bonded plus delegated, in wei.
    /// @param self Self-bonded, in wei, in [1, total].
    function setMinimumStake(uint256 total, uint256 self) external;

    /// @notice Sets the unbonding period of locks and redelegations to come, longer than any challenge takes. Restricted.
    function setUnbondingPeriod(uint256 period) external;

    /// @notice Sets the largest step of a commission. Restricted.
    /// @param step In ppm, in [1, 1,000,000].
    function setMaxCommissionStep(uint32 step) external;

    /// @notice Sets the rule of inflation from the next round on; all in rays. Restricted.
    function setInflation(uint256 rate, uint256 change, uint256 maximum, uint256 targetBondingRate) external;

    // ---------------------------------------------------------------- views

    /// @notice Stake (self-bonded and delegated) an orchestrator needs in the current round to be active, in wei.
    function minimumStake() external view returns (uint256);

    /// @notice Self-bonded stake an orchestrator needs in the current round to be active, in wei.
    function minimumSelfStake() external view returns (uint256);

    /// @notice Rounds between `unbond` and `withdrawStake`.
    function unbondingPeriod() external view returns (uint256);

    /// @notice Most that one announcement moves a commission, in ppm.
    function maxCommissionStep() external view returns (uint32);

    /// @notice Rounds between the announcement of a commission and its start.
    function commissionNotice() external view returns (uint256);

    /// @notice Rounds, the current one included, to which fees can be booked. A ticket must not live longer.
    function feeWindow() external view returns (uint256);

    /// @notice Whether `account` has bonded to itself.
    function isOrchestrator(address account) external view returns (bool);

    /// @notice Whether `orchestrator` had the minimum stakes when the current round began.
    function isActive(address orchestrator) external view returns (bool);

    /// @notice Whether `orchestrator` had the minimum stakes when `round` began; for the next round, as things stand.
    function isActiveAt(address orchestrator, uint256 round) external view returns (bool);

    /// @notice Stake with which each orchestrator takes part in the current round, in wei; 0 for one that does not.
    function activeStakesOf(address[] calldata orchestrators) external view returns (uint256[] memory);

    /// @notice Stake behind `orchestrator` now, self-bonded and delegated, in wei.
    function stakeOf(address orchestrator) external view returns (uint256);

    /// @notice Stake behind `orchestrator` when `round` began, in wei.
    function stakeAt(address orchestrator, uint256 round) external view returns (uint256);

    /// @notice What a slash of `orchestrator` reaches now at most: its stake and the locks that have not opened, in wei.
    function slashableStake(address orchestrator) external view returns (uint256);

    /// @notice Stake of all orchestrators now, in wei.
    function totalStake() external view returns (uint256);

    /// @notice Commission of `orchestrator` in force in `round`, which may lie ahead.
    function commissionAt(address orchestrator, uint256 round) external view returns (uint32 rewardCut, uint32 feeShare);

    /// @notice First round in which the last announced commission binds; zero if none was ever declared.
    function commissionEffectiveRound(address orchestrator) external view returns (uint256);

    /// @notice Where the stake of `delegator` stands.
    function delegationOf(address delegator) external view returns (DelegationInfo memory);

    /// @notice Stake of `delegator` now, rewards and slashes included, in wei.
    function pendingStake(address delegator) external view returns (uint256);

    /// @notice Fees that `account` can withdraw now, in wei.
    function pendingFees(address account) external view returns (uint256);

    /// @notice Fees booked to `round` per token that was staked behind `orchestrator` in it, in rays (wei of fees per 1e27 wei
    /// of stake); zero where nothing was staked.
    function feesPerStake(address orchestrator, uint256 round) external view returns (uint256);

    /// @notice Lock `lockId` of `delegator`; all zero if there is none.
    function lockOf(address delegator, uint256 lockId) external view returns (LockInfo memory);

    /// @notice Number that the next lock of `delegator` gets.
    function nextLockId(address delegator) external view returns (uint256);

    /// @notice Last round in which `orchestrator` was rewarded.
    function lastRewardRound(address orchestrator) external view returns (uint256);

    /// @notice Inflation of the current round, in rays, and what it allows to mint, in wei.
    function currentInflation() external view returns (uint256 inflation, uint256 mintable);
}
