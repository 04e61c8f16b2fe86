// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** error `AccessManagedInvalidAuthority(address)` of Staking. */
export const stakingAccessManagedInvalidAuthorityError = {"type":"error","name":"AccessManagedInvalidAuthority","inputs":[{"name":"authority","type":"address"}]} as const

/** error `AccessManagedRequiredDelay(address,uint32)` of Staking. */
export const stakingAccessManagedRequiredDelayError = {"type":"error","name":"AccessManagedRequiredDelay","inputs":[{"name":"caller","type":"address"},{"name":"delay","type":"uint32"}]} as const

/** error `AccessManagedUnauthorized(address)` of Staking. */
export const stakingAccessManagedUnauthorizedError = {"type":"error","name":"AccessManagedUnauthorized","inputs":[{"name":"caller","type":"address"}]} as const

/** error `AddressEmptyCode(address)` of Staking. */
export const stakingAddressEmptyCodeError = {"type":"error","name":"AddressEmptyCode","inputs":[{"name":"target","type":"address"}]} as const

/** error `CheckpointUnorderedInsertion()` of Staking. */
export const stakingCheckpointUnorderedInsertionError = {"type":"error","name":"CheckpointUnorderedInsertion","inputs":[]} as const

/** error `ERC1967InvalidImplementation(address)` of Staking. */
export const stakingERC1967InvalidImplementationError = {"type":"error","name":"ERC1967InvalidImplementation","inputs":[{"name":"implementation","type":"address"}]} as const

/** error `ERC1967NonPayable()` of Staking. */
export const stakingERC1967NonPayableError = {"type":"error","name":"ERC1967NonPayable","inputs":[]} as const

/** error `EnforcedPause()` of Staking. */
export const stakingEnforcedPauseError = {"type":"error","name":"EnforcedPause","inputs":[]} as const

/** error `ExpectedPause()` of Staking. */
export const stakingExpectedPauseError = {"type":"error","name":"ExpectedPause","inputs":[]} as const

/** error `FailedCall()` of Staking. */
export const stakingFailedCallError = {"type":"error","name":"FailedCall","inputs":[]} as const

/** error `InvalidInitialization()` of Staking. */
export const stakingInvalidInitializationError = {"type":"error","name":"InvalidInitialization","inputs":[]} as const

/** error `NotInitializing()` of Staking. */
export const stakingNotInitializingError = {"type":"error","name":"NotInitializing","inputs":[]} as const

/** error `SafeCastOverflowedUintDowncast(uint8,uint256)` of Staking. */
export const stakingSafeCastOverflowedUintDowncastError = {"type":"error","name":"SafeCastOverflowedUintDowncast","inputs":[{"name":"bits","type":"uint8"},{"name":"value","type":"uint256"}]} as const

/** error `SafeERC20FailedOperation(address)` of Staking. */
export const stakingSafeERC20FailedOperationError = {"type":"error","name":"SafeERC20FailedOperation","inputs":[{"name":"token","type":"address"}]} as const

/** error `StakingAlreadyDelegated(address,address)` of Staking. */
export const stakingAlreadyDelegatedError = {"type":"error","name":"StakingAlreadyDelegated","inputs":[{"name":"delegator","type":"address"},{"name":"orchestrator","type":"address"}]} as const

/** error `StakingAlreadyRewarded(address,uint256)` of Staking. */
export const stakingAlreadyRewardedError = {"type":"error","name":"StakingAlreadyRewarded","inputs":[{"name":"orchestrator","type":"address"},{"name":"round","type":"uint256"}]} as const

/** error `StakingChangedInRound(uint256)` of Staking. */
export const stakingChangedInRoundError = {"type":"error","name":"StakingChangedInRound","inputs":[{"name":"round","type":"uint256"}]} as const

/** error `StakingCommissionNotDeclared(address)` of Staking. */
export const stakingCommissionNotDeclaredError = {"type":"error","name":"StakingCommissionNotDeclared","inputs":[{"name":"orchestrator","type":"address"}]} as const

/** error `StakingCommissionPending(address,uint256)` of Staking. */
export const stakingCommissionPendingError = {"type":"error","name":"StakingCommissionPending","inputs":[{"name":"orchestrator","type":"address"},{"name":"effectiveRound","type":"uint256"}]} as const

/** error `StakingCommissionStepTooLarge(uint32,uint32)` of Staking. */
export const stakingCommissionStepTooLargeError = {"type":"error","name":"StakingCommissionStepTooLarge","inputs":[{"name":"step","type":"uint32"},{"name":"maxStep","type":"uint32"}]} as const

/** error `StakingInsufficientFees(address,uint256,uint256)` of Staking. */
export const stakingInsufficientFeesError = {"type":"error","name":"StakingInsufficientFees","inputs":[{"name":"account","type":"address"},{"name":"available","type":"uint256"},{"name":"needed","type":"uint256"}]} as const

/** error `StakingInsufficientStake(address,uint256,uint256)` of Staking. */
export const stakingInsufficientStakeError = {"type":"error","name":"StakingInsufficientStake","inputs":[{"name":"account","type":"address"},{"name":"available","type":"uint256"},{"name":"needed","type":"uint256"}]} as const

/** error `StakingInvalidCommission(uint32,uint32)` of Staking. */
export const stakingInvalidCommissionError = {"type":"error","name":"StakingInvalidCommission","inputs":[{"name":"rewardCut","type":"uint32"},{"name":"feeShare","type":"uint32"}]} as const

/** error `StakingInvalidDelegate(address,address)` of Staking. */
export const stakingInvalidDelegateError = {"type":"error","name":"StakingInvalidDelegate","inputs":[{"name":"delegator","type":"address"},{"name":"to","type":"address"}]} as const

/** error `StakingInvalidMinimumStake(uint256,uint256)` of Staking. */
export const stakingInvalidMinimumStakeError = {"type":"error","name":"StakingInvalidMinimumStake","inputs":[{"name":"total","type":"uint256"},{"name":"self","type":"uint256"}]} as const

/** error `StakingInvalidPeriod(uint256,uint256,uint256)` of Staking. */
export const stakingInvalidPeriodError = {"type":"error","name":"StakingInvalidPeriod","inputs":[{"name":"period","type":"uint256"},{"name":"minimum","type":"uint256"},{"name":"maximum","type":"uint256"}]} as const

/** error `StakingInvalidRate(uint256,uint256)` of Staking. */
export const stakingInvalidRateError = {"type":"error","name":"StakingInvalidRate","inputs":[{"name":"rate","type":"uint256"},{"name":"maximum","type":"uint256"}]} as const

/** error `StakingLocked(uint256,uint256,uint256)` of Staking. */
export const stakingLockedError = {"type":"error","name":"StakingLocked","inputs":[{"name":"lockId","type":"uint256"},{"name":"withdrawRound","type":"uint256"},{"name":"currentRound","type":"uint256"}]} as const

/** error `StakingNotActive(address,uint256)` of Staking. */
export const stakingNotActiveError = {"type":"error","name":"StakingNotActive","inputs":[{"name":"orchestrator","type":"address"},{"name":"round","type":"uint256"}]} as const

/** error `StakingNotOrchestrator(address)` of Staking. */
export const stakingNotOrchestratorError = {"type":"error","name":"StakingNotOrchestrator","inputs":[{"name":"orchestrator","type":"address"}]} as const

/** error `StakingNotSigner(address,address)` of Staking. */
export const stakingNotSignerError = {"type":"error","name":"StakingNotSigner","inputs":[{"name":"caller","type":"address"},{"name":"orchestrator","type":"address"}]} as const

/** error `StakingNothingToEnforce(address)` of Staking. */
export const stakingNothingToEnforceError = {"type":"error","name":"StakingNothingToEnforce","inputs":[{"name":"delegator","type":"address"}]} as const

/** error `StakingOrchestratorCannotRedelegate(address)` of Staking. */
export const stakingOrchestratorCannotRedelegateError = {"type":"error","name":"StakingOrchestratorCannotRedelegate","inputs":[{"name":"account","type":"address"}]} as const

/** error `StakingOrchestratorRetired(address)` of Staking. */
export const stakingOrchestratorRetiredError = {"type":"error","name":"StakingOrchestratorRetired","inputs":[{"name":"orchestrator","type":"address"}]} as const

/** error `StakingRedelegationPending(address,uint256)` of Staking. */
export const stakingRedelegationPendingError = {"type":"error","name":"StakingRedelegationPending","inputs":[{"name":"delegator","type":"address"},{"name":"liableUntil","type":"uint256"}]} as const

/** error `StakingStepTooLarge(uint256,uint256)` of Staking. */
export const stakingStepTooLargeError = {"type":"error","name":"StakingStepTooLarge","inputs":[{"name":"from","type":"uint256"},{"name":"to","type":"uint256"}]} as const

/** error `StakingTransferFailed(address)` of Staking. */
export const stakingTransferFailedError = {"type":"error","name":"StakingTransferFailed","inputs":[{"name":"recipient","type":"address"}]} as const

/** error `StakingUnauthorized(address,address)` of Staking. */
export const stakingUnauthorizedError = {"type":"error","name":"StakingUnauthorized","inputs":[{"name":"caller","type":"address"},{"name":"expected","type":"address"}]} as const

/** error `StakingUnknownLock(address,uint256)` of Staking. */
export const stakingUnknownLockError = {"type":"error","name":"StakingUnknownLock","inputs":[{"name":"account","type":"address"},{"name":"lockId","type":"uint256"}]} as const

/** error `StakingZeroAddress()` of Staking. */
export const stakingZeroAddressError = {"type":"error","name":"StakingZeroAddress","inputs":[]} as const

/** error `StakingZeroAmount()` of Staking. */
export const stakingZeroAmountError = {"type":"error","name":"StakingZeroAmount","inputs":[]} as const

/** error `UUPSUnauthorizedCallContext()` of Staking. */
export const stakingUUPSUnauthorizedCallContextError = {"type":"error","name":"UUPSUnauthorizedCallContext","inputs":[]} as const

/** error `UUPSUnsupportedProxiableUUID(bytes32)` of Staking. */
export const stakingUUPSUnsupportedProxiableUUIDError = {"type":"error","name":"UUPSUnsupportedProxiableUUID","inputs":[{"name":"slot","type":"bytes32"}]} as const

/** event `AuthorityUpdated(address)` of Staking. */
export const stakingAuthorityUpdatedEvent = {"type":"event","name":"AuthorityUpdated","inputs":[{"name":"authority","type":"address","indexed":false}],"anonymous":false} as const

/** event `Bonded(address,address,uint256,uint256)` of Staking. */
export const stakingBondedEvent = {"type":"event","name":"Bonded","inputs":[{"name":"delegator","type":"address","indexed":true},{"name":"orchestrator","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false},{"name":"stake","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `CommissionScheduled(address,uint256,uint32,uint32,uint32,uint32)` of Staking. */
export const stakingCommissionScheduledEvent = {"type":"event","name":"CommissionScheduled","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"effectiveRound","type":"uint256","indexed":true},{"name":"oldRewardCut","type":"uint32","indexed":false},{"name":"newRewardCut","type":"uint32","indexed":false},{"name":"oldFeeShare","type":"uint32","indexed":false},{"name":"newFeeShare","type":"uint32","indexed":false}],"anonymous":false} as const

/** event `FeesBooked(address,uint256,uint256,uint256)` of Staking. */
export const stakingFeesBookedEvent = {"type":"event","name":"FeesBooked","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"round","type":"uint256","indexed":true},{"name":"amount","type":"uint256","indexed":false},{"name":"shared","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `FeesWithdrawn(address,address,uint256)` of Staking. */
export const stakingFeesWithdrawnEvent = {"type":"event","name":"FeesWithdrawn","inputs":[{"name":"account","type":"address","indexed":true},{"name":"recipient","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `InflationChanged(uint256,uint256,uint256,uint256)` of Staking. */
export const stakingInflationChangedEvent = {"type":"event","name":"InflationChanged","inputs":[{"name":"inflation","type":"uint256","indexed":false},{"name":"change","type":"uint256","indexed":false},{"name":"maximum","type":"uint256","indexed":false},{"name":"targetBondingRate","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Initialized(uint64)` of Staking. */
export const stakingInitializedEvent = {"type":"event","name":"Initialized","inputs":[{"name":"version","type":"uint64","indexed":false}],"anonymous":false} as const

/** event `MaxCommissionStepChanged(uint32,uint32)` of Staking. */
export const stakingMaxCommissionStepChangedEvent = {"type":"event","name":"MaxCommissionStepChanged","inputs":[{"name":"oldStep","type":"uint32","indexed":false},{"name":"newStep","type":"uint32","indexed":false}],"anonymous":false} as const

/** event `MinimumStakeChanged(uint256,uint256,uint256,uint256,uint256)` of Staking. */
export const stakingMinimumStakeChangedEvent = {"type":"event","name":"MinimumStakeChanged","inputs":[{"name":"oldTotal","type":"uint256","indexed":false},{"name":"newTotal","type":"uint256","indexed":false},{"name":"oldSelf","type":"uint256","indexed":false},{"name":"newSelf","type":"uint256","indexed":false},{"name":"effectiveRound","type":"uint256","indexed":true}],"anonymous":false} as const

/** event `Paused(address)` of Staking. */
export const stakingPausedEvent = {"type":"event","name":"Paused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `Rebonded(address,address,uint256,uint256)` of Staking. */
export const stakingRebondedEvent = {"type":"event","name":"Rebonded","inputs":[{"name":"delegator","type":"address","indexed":true},{"name":"orchestrator","type":"address","indexed":true},{"name":"lockId","type":"uint256","indexed":true},{"name":"amount","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Redelegated(address,address,address,uint256,uint256)` of Staking. */
export const stakingRedelegatedEvent = {"type":"event","name":"Redelegated","inputs":[{"name":"delegator","type":"address","indexed":true},{"name":"from","type":"address","indexed":true},{"name":"to","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false},{"name":"liableUntil","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `RedelegationSlashed(address,address,uint256)` of Staking. */
export const stakingRedelegationSlashedEvent = {"type":"event","name":"RedelegationSlashed","inputs":[{"name":"delegator","type":"address","indexed":true},{"name":"liableTo","type":"address","indexed":true},{"name":"amount","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Rewarded(address,uint256,uint256,uint256)` of Staking. */
export const stakingRewardedEvent = {"type":"event","name":"Rewarded","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"round","type":"uint256","indexed":true},{"name":"amount","type":"uint256","indexed":false},{"name":"cut","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Slashed(address,uint256,uint256,address,uint256)` of Staking. */
export const stakingSlashedEvent = {"type":"event","name":"Slashed","inputs":[{"name":"orchestrator","type":"address","indexed":true},{"name":"offenceRound","type":"uint256","indexed":true},{"name":"penalty","type":"uint256","indexed":false},{"name":"bountyRecipient","type":"address","indexed":true},{"name":"bounty","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `StakeWithdrawn(address,uint256,uint256)` of Staking. */
export const stakingStakeWithdrawnEvent = {"type":"event","name":"StakeWithdrawn","inputs":[{"name":"delegator","type":"address","indexed":true},{"name":"lockId","type":"uint256","indexed":true},{"name":"amount","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Unbonded(address,address,uint256,uint256,uint256)` of Staking. */
export const stakingUnbondedEvent = {"type":"event","name":"Unbonded","inputs":[{"name":"delegator","type":"address","indexed":true},{"name":"orchestrator","type":"address","indexed":true},{"name":"lockId","type":"uint256","indexed":true},{"name":"amount","type":"uint256","indexed":false},{"name":"withdrawRound","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `UnbondingPeriodChanged(uint256,uint256)` of Staking. */
export const stakingUnbondingPeriodChangedEvent = {"type":"event","name":"UnbondingPeriodChanged","inputs":[{"name":"oldPeriod","type":"uint256","indexed":false},{"name":"newPeriod","type":"uint256","indexed":false}],"anonymous":false} as const

/** event `Unpaused(address)` of Staking. */
export const stakingUnpausedEvent = {"type":"event","name":"Unpaused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `Upgraded(address)` of Staking. */
export const stakingUpgradedEvent = {"type":"event","name":"Upgraded","inputs":[{"name":"implementation","type":"address","indexed":true}],"anonymous":false} as const

/** function `UPGRADE_INTERFACE_VERSION()` of Staking. */
export const stakingUPGRADE_INTERFACE_VERSIONFunction = {"type":"function","name":"UPGRADE_INTERFACE_VERSION","inputs":[],"outputs":[{"name":"","type":"string"}],"stateMutability":"view"} as const

/** function `activeStakesOf(address[])` of Staking. */
export const stakingActiveStakesOfFunction = {"type":"function","name":"activeStakesOf","inputs":[{"name":"orchestrators","type":"address[]"}],"outputs":[{"name":"stakes","type":"uint256[]"}],"stateMutability":"view"} as const

/** function `authority()` of Staking. */
export const stakingAuthorityFunction = {"type":"function","name":"authority","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** function `bond(uint256,address)` of Staking. */
export const stakingBondFunction = {"type":"function","name":"bond","inputs":[{"name":"amount","type":"uint256"},{"name":"to","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `bondWithPermit(uint256,address,uint256,uint8,bytes32,bytes32)` of Staking. */
export const stakingBondWithPermitFunction = {"type":"function","name":"bondWithPermit","inputs":[{"name":"amount","type":"uint256"},{"name":"to","type":"address"},{"name":"deadline","type":"uint256"},{"name":"v","type":"uint8"},{"name":"r","type":"bytes32"},{"name":"s","type":"bytes32"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `bookFees(address,uint256,uint32)` of Staking. */
export const stakingBookFeesFunction = {"type":"function","name":"bookFees","inputs":[{"name":"orchestrator","type":"address"},{"name":"round","type":"uint256"},{"name":"feeShare","type":"uint32"}],"outputs":[],"stateMutability":"payable"} as const

/** function `commissionAt(address,uint256)` of Staking. */
export const stakingCommissionAtFunction = {"type":"function","name":"commissionAt","inputs":[{"name":"orchestrator","type":"address"},{"name":"round","type":"uint256"}],"outputs":[{"name":"rewardCut","type":"uint32"},{"name":"feeShare","type":"uint32"}],"stateMutability":"view"} as const

/** function `commissionEffectiveRound(address)` of Staking. */
export const stakingCommissionEffectiveRoundFunction = {"type":"function","name":"commissionEffectiveRound","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"round","type":"uint256"}],"stateMutability":"view"} as const

/** function `commissionNotice()` of Staking. */
export const stakingCommissionNoticeFunction = {"type":"function","name":"commissionNotice","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"pure"} as const

/** function `currentInflation()` of Staking. */
export const stakingCurrentInflationFunction = {"type":"function","name":"currentInflation","inputs":[],"outputs":[{"name":"inflation","type":"uint256"},{"name":"mintable","type":"uint256"}],"stateMutability":"view"} as const

/** function `delegationOf(address)` of Staking. */
export const stakingDelegationOfFunction = {"type":"function","name":"delegationOf","inputs":[{"name":"delegator","type":"address"}],"outputs":[{"name":"","type":"tuple","components":[{"name":"orchestrator","type":"address"},{"name":"stake","type":"uint256"},{"name":"liableTo","type":"address"},{"name":"liableUntil","type":"uint256"}]}],"stateMutability":"view"} as const

/** function `enforceSlash(address)` of Staking. */
export const stakingEnforceSlashFunction = {"type":"function","name":"enforceSlash","inputs":[{"name":"delegator","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `feeWindow()` of Staking. */
export const stakingFeeWindowFunction = {"type":"function","name":"feeWindow","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"pure"} as const

/** function `feesPerStake(address,uint256)` of Staking. */
export const stakingFeesPerStakeFunction = {"type":"function","name":"feesPerStake","inputs":[{"name":"orchestrator","type":"address"},{"name":"round","type":"uint256"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `initialize(address,(uint256,uint256,uint256,uint32,uint256,uint256,uint256,uint256))` of Staking. */
export const stakingInitializeFunction = {"type":"function","name":"initialize","inputs":[{"name":"authority_","type":"address"},{"name":"parameters","type":"tuple","components":[{"name":"minimumStake","type":"uint256"},{"name":"minimumSelfStake","type":"uint256"},{"name":"unbondingPeriod","type":"uint256"},{"name":"maxCommissionStep","type":"uint32"},{"name":"inflation","type":"uint256"},{"name":"inflationChange","type":"uint256"},{"name":"maxInflation","type":"uint256"},{"name":"targetBondingRate","type":"uint256"}]}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `isActive(address)` of Staking. */
export const stakingIsActiveFunction = {"type":"function","name":"isActive","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `isActiveAt(address,uint256)` of Staking. */
export const stakingIsActiveAtFunction = {"type":"function","name":"isActiveAt","inputs":[{"name":"orchestrator","type":"address"},{"name":"round","type":"uint256"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `isConsumingScheduledOp()` of Staking. */
export const stakingIsConsumingScheduledOpFunction = {"type":"function","name":"isConsumingScheduledOp","inputs":[],"outputs":[{"name":"","type":"bytes4"}],"stateMutability":"view"} as const

/** function `isOrchestrator(address)` of Staking. */
export const stakingIsOrchestratorFunction = {"type":"function","name":"isOrchestrator","inputs":[{"name":"account","type":"address"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `lastRewardRound(address)` of Staking. */
export const stakingLastRewardRoundFunction = {"type":"function","name":"lastRewardRound","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `lockOf(address,uint256)` of Staking. */
export const stakingLockOfFunction = {"type":"function","name":"lockOf","inputs":[{"name":"delegator","type":"address"},{"name":"lockId","type":"uint256"}],"outputs":[{"name":"","type":"tuple","components":[{"name":"orchestrator","type":"address"},{"name":"withdrawRound","type":"uint256"},{"name":"amount","type":"uint256"}]}],"stateMutability":"view"} as const

/** function `maxCommissionStep()` of Staking. */
export const stakingMaxCommissionStepFunction = {"type":"function","name":"maxCommissionStep","inputs":[],"outputs":[{"name":"","type":"uint32"}],"stateMutability":"view"} as const

/** function `minimumSelfStake()` of Staking. */
export const stakingMinimumSelfStakeFunction = {"type":"function","name":"minimumSelfStake","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `minimumStake()` of Staking. */
export const stakingMinimumStakeFunction = {"type":"function","name":"minimumStake","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `nextLockId(address)` of Staking. */
export const stakingNextLockIdFunction = {"type":"function","name":"nextLockId","inputs":[{"name":"delegator","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `pause()` of Staking. */
export const stakingPauseFunction = {"type":"function","name":"pause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `paused()` of Staking. */
export const stakingPausedFunction = {"type":"function","name":"paused","inputs":[],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `pendingFees(address)` of Staking. */
export const stakingPendingFeesFunction = {"type":"function","name":"pendingFees","inputs":[{"name":"account","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `pendingStake(address)` of Staking. */
export const stakingPendingStakeFunction = {"type":"function","name":"pendingStake","inputs":[{"name":"delegator","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `proxiableUUID()` of Staking. */
export const stakingProxiableUUIDFunction = {"type":"function","name":"proxiableUUID","inputs":[],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `rebond(uint256)` of Staking. */
export const stakingRebondFunction = {"type":"function","name":"rebond","inputs":[{"name":"lockId","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `redelegate(address)` of Staking. */
export const stakingRedelegateFunction = {"type":"function","name":"redelegate","inputs":[{"name":"to","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `reward()` of Staking. */
export const stakingRewardFunction = {"type":"function","name":"reward","inputs":[],"outputs":[{"name":"minted","type":"uint256"}],"stateMutability":"nonpayable"} as const

/** function `rewardFor(address)` of Staking. */
export const stakingRewardForFunction = {"type":"function","name":"rewardFor","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"minted","type":"uint256"}],"stateMutability":"nonpayable"} as const

/** function `scheduleCommission(uint32,uint32)` of Staking. */
export const stakingScheduleCommissionFunction = {"type":"function","name":"scheduleCommission","inputs":[{"name":"rewardCut","type":"uint32"},{"name":"feeShare","type":"uint32"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setAuthority(address)` of Staking. */
export const stakingSetAuthorityFunction = {"type":"function","name":"setAuthority","inputs":[{"name":"newAuthority","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setInflation(uint256,uint256,uint256,uint256)` of Staking. */
export const stakingSetInflationFunction = {"type":"function","name":"setInflation","inputs":[{"name":"rate","type":"uint256"},{"name":"change","type":"uint256"},{"name":"maximum","type":"uint256"},{"name":"targetBondingRate","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setMaxCommissionStep(uint32)` of Staking. */
export const stakingSetMaxCommissionStepFunction = {"type":"function","name":"setMaxCommissionStep","inputs":[{"name":"step","type":"uint32"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setMinimumStake(uint256,uint256)` of Staking. */
export const stakingSetMinimumStakeFunction = {"type":"function","name":"setMinimumStake","inputs":[{"name":"total","type":"uint256"},{"name":"self","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setUnbondingPeriod(uint256)` of Staking. */
export const stakingSetUnbondingPeriodFunction = {"type":"function","name":"setUnbondingPeriod","inputs":[{"name":"period","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `slash(address,uint32,address,uint32,uint256)` of Staking. */
export const stakingSlashFunction = {"type":"function","name":"slash","inputs":[{"name":"orchestrator","type":"address"},{"name":"slashRate","type":"uint32"},{"name":"bountyRecipient","type":"address"},{"name":"bountyRate","type":"uint32"},{"name":"offenceRound","type":"uint256"}],"outputs":[{"name":"penalty","type":"uint256"},{"name":"bounty","type":"uint256"}],"stateMutability":"nonpayable"} as const

/** function `slashableStake(address)` of Staking. */
export const stakingSlashableStakeFunction = {"type":"function","name":"slashableStake","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `stakeAt(address,uint256)` of Staking. */
export const stakingStakeAtFunction = {"type":"function","name":"stakeAt","inputs":[{"name":"orchestrator","type":"address"},{"name":"round","type":"uint256"}],"outputs":[{"name":"total","type":"uint256"}],"stateMutability":"view"} as const

/** function `stakeOf(address)` of Staking. */
export const stakingStakeOfFunction = {"type":"function","name":"stakeOf","inputs":[{"name":"orchestrator","type":"address"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `totalStake()` of Staking. */
export const stakingTotalStakeFunction = {"type":"function","name":"totalStake","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `unbond(uint256)` of Staking. */
export const stakingUnbondFunction = {"type":"function","name":"unbond","inputs":[{"name":"amount","type":"uint256"}],"outputs":[{"name":"lockId","type":"uint256"}],"stateMutability":"nonpayable"} as const

/** function `unbondingPeriod()` of Staking. */
export const stakingUnbondingPeriodFunction = {"type":"function","name":"unbondingPeriod","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `unpause()` of Staking. */
export const stakingUnpauseFunction = {"type":"function","name":"unpause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `upgradeToAndCall(address,bytes)` of Staking. */
export const stakingUpgradeToAndCallFunction = {"type":"function","name":"upgradeToAndCall","inputs":[{"name":"newImplementation","type":"address"},{"name":"data","type":"bytes"}],"outputs":[],"stateMutability":"payable"} as const

/** function `withdrawFees(address,uint256)` of Staking. */
export const stakingWithdrawFeesFunction = {"type":"function","name":"withdrawFees","inputs":[{"name":"recipient","type":"address"},{"name":"amount","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `withdrawStake(uint256)` of Staking. */
export const stakingWithdrawStakeFunction = {"type":"function","name":"withdrawStake","inputs":[{"name":"lockId","type":"uint256"}],"outputs":[{"name":"amount","type":"uint256"}],"stateMutability":"nonpayable"} as const

/** Every error that a call to Staking may revert with by itself. */
export const stakingErrors = [stakingAccessManagedInvalidAuthorityError, stakingAccessManagedRequiredDelayError, stakingAccessManagedUnauthorizedError, stakingAddressEmptyCodeError, stakingCheckpointUnorderedInsertionError, stakingERC1967InvalidImplementationError, stakingERC1967NonPayableError, stakingEnforcedPauseError, stakingExpectedPauseError, stakingFailedCallError, stakingInvalidInitializationError, stakingNotInitializingError, stakingSafeCastOverflowedUintDowncastError, stakingSafeERC20FailedOperationError, stakingAlreadyDelegatedError, stakingAlreadyRewardedError, stakingChangedInRoundError, stakingCommissionNotDeclaredError, stakingCommissionPendingError, stakingCommissionStepTooLargeError, stakingInsufficientFeesError, stakingInsufficientStakeError, stakingInvalidCommissionError, stakingInvalidDelegateError, stakingInvalidMinimumStakeError, stakingInvalidPeriodError, stakingInvalidRateError, stakingLockedError, stakingNotActiveError, stakingNotOrchestratorError, stakingNotSignerError, stakingNothingToEnforceError, stakingOrchestratorCannotRedelegateError, stakingOrchestratorRetiredError, stakingRedelegationPendingError, stakingStepTooLargeError, stakingTransferFailedError, stakingUnauthorizedError, stakingUnknownLockError, stakingZeroAddressError, stakingZeroAmountError, stakingUUPSUnauthorizedCallContextError, stakingUUPSUnsupportedProxiableUUIDError] as const

/** Every event of Staking. */
export const stakingEvents = [stakingAuthorityUpdatedEvent, stakingBondedEvent, stakingCommissionScheduledEvent, stakingFeesBookedEvent, stakingFeesWithdrawnEvent, stakingInflationChangedEvent, stakingInitializedEvent, stakingMaxCommissionStepChangedEvent, stakingMinimumStakeChangedEvent, stakingPausedEvent, stakingRebondedEvent, stakingRedelegatedEvent, stakingRedelegationSlashedEvent, stakingRewardedEvent, stakingSlashedEvent, stakingStakeWithdrawnEvent, stakingUnbondedEvent, stakingUnbondingPeriodChangedEvent, stakingUnpausedEvent, stakingUpgradedEvent] as const

/** The whole ABI of Staking; prefer single fragments in code that a browser loads. */
export const stakingAbi = [stakingUPGRADE_INTERFACE_VERSIONFunction, stakingActiveStakesOfFunction, stakingAuthorityFunction, stakingBondFunction, stakingBondWithPermitFunction, stakingBookFeesFunction, stakingCommissionAtFunction, stakingCommissionEffectiveRoundFunction, stakingCommissionNoticeFunction, stakingCurrentInflationFunction, stakingDelegationOfFunction, stakingEnforceSlashFunction, stakingFeeWindowFunction, stakingFeesPerStakeFunction, stakingInitializeFunction, stakingIsActiveFunction, stakingIsActiveAtFunction, stakingIsConsumingScheduledOpFunction, stakingIsOrchestratorFunction, stakingLastRewardRoundFunction, stakingLockOfFunction, stakingMaxCommissionStepFunction, stakingMinimumSelfStakeFunction, stakingMinimumStakeFunction, stakingNextLockIdFunction, stakingPauseFunction, stakingPausedFunction, stakingPendingFeesFunction, stakingPendingStakeFunction, stakingProxiableUUIDFunction, stakingRebondFunction, stakingRedelegateFunction, stakingRewardFunction, stakingRewardForFunction, stakingScheduleCommissionFunction, stakingSetAuthorityFunction, stakingSetInflationFunction, stakingSetMaxCommissionStepFunction, stakingSetMinimumStakeFunction, stakingSetUnbondingPeriodFunction, stakingSlashFunction, stakingSlashableStakeFunction, stakingStakeAtFunction, stakingStakeOfFunction, stakingTotalStakeFunction, stakingUnbondFunction, stakingUnbondingPeriodFunction, stakingUnpauseFunction, stakingUpgradeToAndCallFunction, stakingWithdrawFeesFunction, stakingWithdrawStakeFunction, stakingAuthorityUpdatedEvent, stakingBondedEvent, stakingCommissionScheduledEvent, stakingFeesBookedEvent, stakingFeesWithdrawnEvent, stakingInflationChangedEvent, stakingInitializedEvent, stakingMaxCommissionStepChangedEvent, stakingMinimumStakeChangedEvent, stakingPausedEvent, stakingRebondedEvent, stakingRedelegatedEvent, stakingRedelegationSlashedEvent, stakingRewardedEvent, stakingSlashedEvent, stakingStakeWithdrawnEvent, stakingUnbondedEvent, stakingUnbondingPeriodChangedEvent, stakingUnpausedEvent, stakingUpgradedEvent, stakingAccessManagedInvalidAuthorityError, stakingAccessManagedRequiredDelayError, stakingAccessManagedUnauthorizedError, stakingAddressEmptyCodeError, stakingCheckpointUnorderedInsertionError, stakingERC1967InvalidImplementationError, stakingERC1967NonPayableError, stakingEnforcedPauseError, stakingExpectedPauseError, stakingFailedCallError, stakingInvalidInitializationError, stakingNotInitializingError, stakingSafeCastOverflowedUintDowncastError, stakingSafeERC20FailedOperationError, stakingAlreadyDelegatedError, stakingAlreadyRewardedError, stakingChangedInRoundError, stakingCommissionNotDeclaredError, stakingCommissionPendingError, stakingCommissionStepTooLargeError, stakingInsufficientFeesError, stakingInsufficientStakeError, stakingInvalidCommissionError, stakingInvalidDelegateError, stakingInvalidMinimumStakeError, stakingInvalidPeriodError, stakingInvalidRateError, stakingLockedError, stakingNotActiveError, stakingNotOrchestratorError, stakingNotSignerError, stakingNothingToEnforceError, stakingOrchestratorCannotRedelegateError, stakingOrchestratorRetiredError, stakingRedelegationPendingError, stakingStepTooLargeError, stakingTransferFailedError, stakingUnauthorizedError, stakingUnknownLockError, stakingZeroAddressError, stakingZeroAmountError, stakingUUPSUnauthorizedCallContextError, stakingUUPSUnsupportedProxiableUUIDError] as const
