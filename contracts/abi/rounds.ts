// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** error `AccessManagedInvalidAuthority(address)` of Rounds. */
export const roundsAccessManagedInvalidAuthorityError = {"type":"error","name":"AccessManagedInvalidAuthority","inputs":[{"name":"authority","type":"address"}]} as const

/** error `AccessManagedRequiredDelay(address,uint32)` of Rounds. */
export const roundsAccessManagedRequiredDelayError = {"type":"error","name":"AccessManagedRequiredDelay","inputs":[{"name":"caller","type":"address"},{"name":"delay","type":"uint32"}]} as const

/** error `AccessManagedUnauthorized(address)` of Rounds. */
export const roundsAccessManagedUnauthorizedError = {"type":"error","name":"AccessManagedUnauthorized","inputs":[{"name":"caller","type":"address"}]} as const

/** error `AddressEmptyCode(address)` of Rounds. */
export const roundsAddressEmptyCodeError = {"type":"error","name":"AddressEmptyCode","inputs":[{"name":"target","type":"address"}]} as const

/** error `ERC1967InvalidImplementation(address)` of Rounds. */
export const roundsERC1967InvalidImplementationError = {"type":"error","name":"ERC1967InvalidImplementation","inputs":[{"name":"implementation","type":"address"}]} as const

/** error `ERC1967NonPayable()` of Rounds. */
export const roundsERC1967NonPayableError = {"type":"error","name":"ERC1967NonPayable","inputs":[]} as const

/** error `EnforcedPause()` of Rounds. */
export const roundsEnforcedPauseError = {"type":"error","name":"EnforcedPause","inputs":[]} as const

/** error `ExpectedPause()` of Rounds. */
export const roundsExpectedPauseError = {"type":"error","name":"ExpectedPause","inputs":[]} as const

/** error `FailedCall()` of Rounds. */
export const roundsFailedCallError = {"type":"error","name":"FailedCall","inputs":[]} as const

/** error `InvalidInitialization()` of Rounds. */
export const roundsInvalidInitializationError = {"type":"error","name":"InvalidInitialization","inputs":[]} as const

/** error `NotInitializing()` of Rounds. */
export const roundsNotInitializingError = {"type":"error","name":"NotInitializing","inputs":[]} as const

/** error `RoundsAlreadyInitialized(uint256)` of Rounds. */
export const roundsAlreadyInitializedError = {"type":"error","name":"RoundsAlreadyInitialized","inputs":[{"name":"round","type":"uint256"}]} as const

/** error `RoundsBlockHashUnavailable(uint256)` of Rounds. */
export const roundsBlockHashUnavailableError = {"type":"error","name":"RoundsBlockHashUnavailable","inputs":[{"name":"blockNumber","type":"uint256"}]} as const

/** error `RoundsInvalidLength(uint256,uint256,uint256)` of Rounds. */
export const roundsInvalidLengthError = {"type":"error","name":"RoundsInvalidLength","inputs":[{"name":"length","type":"uint256"},{"name":"minimum","type":"uint256"},{"name":"maximum","type":"uint256"}]} as const

/** error `RoundsStepTooLarge(uint256,uint256)` of Rounds. */
export const roundsStepTooLargeError = {"type":"error","name":"RoundsStepTooLarge","inputs":[{"name":"from","type":"uint256"},{"name":"to","type":"uint256"}]} as const

/** error `RoundsUnknownRound(uint256)` of Rounds. */
export const roundsUnknownRoundError = {"type":"error","name":"RoundsUnknownRound","inputs":[{"name":"round","type":"uint256"}]} as const

/** error `UUPSUnauthorizedCallContext()` of Rounds. */
export const roundsUUPSUnauthorizedCallContextError = {"type":"error","name":"UUPSUnauthorizedCallContext","inputs":[]} as const

/** error `UUPSUnsupportedProxiableUUID(bytes32)` of Rounds. */
export const roundsUUPSUnsupportedProxiableUUIDError = {"type":"error","name":"UUPSUnsupportedProxiableUUID","inputs":[{"name":"slot","type":"bytes32"}]} as const

/** event `AuthorityUpdated(address)` of Rounds. */
export const roundsAuthorityUpdatedEvent = {"type":"event","name":"AuthorityUpdated","inputs":[{"name":"authority","type":"address","indexed":false}],"anonymous":false} as const

/** event `Initialized(uint64)` of Rounds. */
export const roundsInitializedEvent = {"type":"event","name":"Initialized","inputs":[{"name":"version","type":"uint64","indexed":false}],"anonymous":false} as const

/** event `Paused(address)` of Rounds. */
export const roundsPausedEvent = {"type":"event","name":"Paused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `RoundInitialized(uint256,bytes32,address)` of Rounds. */
export const roundsRoundInitializedEvent = {"type":"event","name":"RoundInitialized","inputs":[{"name":"round","type":"uint256","indexed":true},{"name":"blockHash","type":"bytes32","indexed":false},{"name":"initializer","type":"address","indexed":true}],"anonymous":false} as const

/** event `RoundLengthChanged(uint256,uint256,uint256)` of Rounds. */
export const roundsRoundLengthChangedEvent = {"type":"event","name":"RoundLengthChanged","inputs":[{"name":"oldLength","type":"uint256","indexed":false},{"name":"newLength","type":"uint256","indexed":false},{"name":"effectiveRound","type":"uint256","indexed":true}],"anonymous":false} as const

/** event `Unpaused(address)` of Rounds. */
export const roundsUnpausedEvent = {"type":"event","name":"Unpaused","inputs":[{"name":"account","type":"address","indexed":false}],"anonymous":false} as const

/** event `Upgraded(address)` of Rounds. */
export const roundsUpgradedEvent = {"type":"event","name":"Upgraded","inputs":[{"name":"implementation","type":"address","indexed":true}],"anonymous":false} as const

/** function `MAXIMUM_LENGTH()` of Rounds. */
export const roundsMAXIMUM_LENGTHFunction = {"type":"function","name":"MAXIMUM_LENGTH","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `MINIMUM_LENGTH()` of Rounds. */
export const roundsMINIMUM_LENGTHFunction = {"type":"function","name":"MINIMUM_LENGTH","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `UPGRADE_INTERFACE_VERSION()` of Rounds. */
export const roundsUPGRADE_INTERFACE_VERSIONFunction = {"type":"function","name":"UPGRADE_INTERFACE_VERSION","inputs":[],"outputs":[{"name":"","type":"string"}],"stateMutability":"view"} as const

/** function `authority()` of Rounds. */
export const roundsAuthorityFunction = {"type":"function","name":"authority","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"} as const

/** function `blockHashForRound(uint256)` of Rounds. */
export const roundsBlockHashForRoundFunction = {"type":"function","name":"blockHashForRound","inputs":[{"name":"round","type":"uint256"}],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `currentRound()` of Rounds. */
export const roundsCurrentRoundFunction = {"type":"function","name":"currentRound","inputs":[],"outputs":[{"name":"round","type":"uint256"}],"stateMutability":"view"} as const

/** function `currentRoundInitialized()` of Rounds. */
export const roundsCurrentRoundInitializedFunction = {"type":"function","name":"currentRoundInitialized","inputs":[],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `currentRoundState()` of Rounds. */
export const roundsCurrentRoundStateFunction = {"type":"function","name":"currentRoundState","inputs":[],"outputs":[{"name":"round","type":"uint256"},{"name":"start","type":"uint256"},{"name":"end","type":"uint256"}],"stateMutability":"view"} as const

/** function `initialize(address,uint256)` of Rounds. */
export const roundsInitializeFunction = {"type":"function","name":"initialize","inputs":[{"name":"authority","type":"address"},{"name":"length","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `initializeRound()` of Rounds. */
export const roundsInitializeRoundFunction = {"type":"function","name":"initializeRound","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `isConsumingScheduledOp()` of Rounds. */
export const roundsIsConsumingScheduledOpFunction = {"type":"function","name":"isConsumingScheduledOp","inputs":[],"outputs":[{"name":"","type":"bytes4"}],"stateMutability":"view"} as const

/** function `lastInitializedRound()` of Rounds. */
export const roundsLastInitializedRoundFunction = {"type":"function","name":"lastInitializedRound","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `pause()` of Rounds. */
export const roundsPauseFunction = {"type":"function","name":"pause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `paused()` of Rounds. */
export const roundsPausedFunction = {"type":"function","name":"paused","inputs":[],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `proxiableUUID()` of Rounds. */
export const roundsProxiableUUIDFunction = {"type":"function","name":"proxiableUUID","inputs":[],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `roundLength()` of Rounds. */
export const roundsRoundLengthFunction = {"type":"function","name":"roundLength","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `roundStart(uint256)` of Rounds. */
export const roundsRoundStartFunction = {"type":"function","name":"roundStart","inputs":[{"name":"round","type":"uint256"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `setAuthority(address)` of Rounds. */
export const roundsSetAuthorityFunction = {"type":"function","name":"setAuthority","inputs":[{"name":"newAuthority","type":"address"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setRoundLength(uint256)` of Rounds. */
export const roundsSetRoundLengthFunction = {"type":"function","name":"setRoundLength","inputs":[{"name":"newLength","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `unpause()` of Rounds. */
export const roundsUnpauseFunction = {"type":"function","name":"unpause","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `upgradeToAndCall(address,bytes)` of Rounds. */
export const roundsUpgradeToAndCallFunction = {"type":"function","name":"upgradeToAndCall","inputs":[{"name":"newImplementation","type":"address"},{"name":"data","type":"bytes"}],"outputs":[],"stateMutability":"payable"} as const

/** Every error that a call to Rounds may revert with by itself. */
export const roundsErrors = [roundsAccessManagedInvalidAuthorityError, roundsAccessManagedRequiredDelayError, roundsAccessManagedUnauthorizedError, roundsAddressEmptyCodeError, roundsERC1967InvalidImplementationError, roundsERC1967NonPayableError, roundsEnforcedPauseError, roundsExpectedPauseError, roundsFailedCallError, roundsInvalidInitializationError, roundsNotInitializingError, roundsAlreadyInitializedError, roundsBlockHashUnavailableError, roundsInvalidLengthError, roundsStepTooLargeError, roundsUnknownRoundError, roundsUUPSUnauthorizedCallContextError, roundsUUPSUnsupportedProxiableUUIDError] as const

/** Every event of Rounds. */
export const roundsEvents = [roundsAuthorityUpdatedEvent, roundsInitializedEvent, roundsPausedEvent, roundsRoundInitializedEvent, roundsRoundLengthChangedEvent, roundsUnpausedEvent, roundsUpgradedEvent] as const

/** The whole ABI of Rounds; prefer single fragments in code that a browser loads. */
export const roundsAbi = [roundsMAXIMUM_LENGTHFunction, roundsMINIMUM_LENGTHFunction, roundsUPGRADE_INTERFACE_VERSIONFunction, roundsAuthorityFunction, roundsBlockHashForRoundFunction, roundsCurrentRoundFunction, roundsCurrentRoundInitializedFunction, roundsCurrentRoundStateFunction, roundsInitializeFunction, roundsInitializeRoundFunction, roundsIsConsumingScheduledOpFunction, roundsLastInitializedRoundFunction, roundsPauseFunction, roundsPausedFunction, roundsProxiableUUIDFunction, roundsRoundLengthFunction, roundsRoundStartFunction, roundsSetAuthorityFunction, roundsSetRoundLengthFunction, roundsUnpauseFunction, roundsUpgradeToAndCallFunction, roundsAuthorityUpdatedEvent, roundsInitializedEvent, roundsPausedEvent, roundsRoundInitializedEvent, roundsRoundLengthChangedEvent, roundsUnpausedEvent, roundsUpgradedEvent, roundsAccessManagedInvalidAuthorityError, roundsAccessManagedRequiredDelayError, roundsAccessManagedUnauthorizedError, roundsAddressEmptyCodeError, roundsERC1967InvalidImplementationError, roundsERC1967NonPayableError, roundsEnforcedPauseError, roundsExpectedPauseError, roundsFailedCallError, roundsInvalidInitializationError, roundsNotInitializingError, roundsAlreadyInitializedError, roundsBlockHashUnavailableError, roundsInvalidLengthError, roundsStepTooLargeError, roundsUnknownRoundError, roundsUUPSUnauthorizedCallContextError, roundsUUPSUnsupportedProxiableUUIDError] as const
