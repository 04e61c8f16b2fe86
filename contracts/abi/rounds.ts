// Generated from contracts/src by `npm run --workspace contracts generate`. Do not edit.

/** error `RoundsAlreadyInitialized(uint256)` of Rounds. */
export const roundsAlreadyInitializedError = {"type":"error","name":"RoundsAlreadyInitialized","inputs":[{"name":"round","type":"uint256"}]} as const

/** error `RoundsBlockHashUnavailable(uint256)` of Rounds. */
export const roundsBlockHashUnavailableError = {"type":"error","name":"RoundsBlockHashUnavailable","inputs":[{"name":"blockNumber","type":"uint256"}]} as const

/** error `RoundsInvalidLength(uint256,uint256,uint256)` of Rounds. */
export const roundsInvalidLengthError = {"type":"error","name":"RoundsInvalidLength","inputs":[{"name":"length","type":"uint256"},{"name":"minimum","type":"uint256"},{"name":"maximum","type":"uint256"}]} as const

/** error `RoundsInvalidLockShare(uint32)` of Rounds. */
export const roundsInvalidLockShareError = {"type":"error","name":"RoundsInvalidLockShare","inputs":[{"name":"lockShare","type":"uint32"}]} as const

/** error `RoundsUnknownRound(uint256)` of Rounds. */
export const roundsUnknownRoundError = {"type":"error","name":"RoundsUnknownRound","inputs":[{"name":"round","type":"uint256"}]} as const

/** event `RoundInitialized(uint256,bytes32,address)` of Rounds. */
export const roundsRoundInitializedEvent = {"type":"event","name":"RoundInitialized","inputs":[{"name":"round","type":"uint256","indexed":true},{"name":"blockHash","type":"bytes32","indexed":false},{"name":"initializer","type":"address","indexed":true}],"anonymous":false} as const

/** event `RoundLengthChanged(uint256,uint256,uint256)` of Rounds. */
export const roundsRoundLengthChangedEvent = {"type":"event","name":"RoundLengthChanged","inputs":[{"name":"oldLength","type":"uint256","indexed":false},{"name":"newLength","type":"uint256","indexed":false},{"name":"effectiveRound","type":"uint256","indexed":true}],"anonymous":false} as const

/** event `RoundLockShareChanged(uint32,uint32)` of Rounds. */
export const roundsRoundLockShareChangedEvent = {"type":"event","name":"RoundLockShareChanged","inputs":[{"name":"oldLockShare","type":"uint32","indexed":false},{"name":"newLockShare","type":"uint32","indexed":false}],"anonymous":false} as const

/** function `blockHashForRound(uint256)` of Rounds. */
export const roundsBlockHashForRoundFunction = {"type":"function","name":"blockHashForRound","inputs":[{"name":"round","type":"uint256"}],"outputs":[{"name":"","type":"bytes32"}],"stateMutability":"view"} as const

/** function `currentRound()` of Rounds. */
export const roundsCurrentRoundFunction = {"type":"function","name":"currentRound","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `currentRoundInitialized()` of Rounds. */
export const roundsCurrentRoundInitializedFunction = {"type":"function","name":"currentRoundInitialized","inputs":[],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `currentRoundLocked()` of Rounds. */
export const roundsCurrentRoundLockedFunction = {"type":"function","name":"currentRoundLocked","inputs":[],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"} as const

/** function `currentRoundState()` of Rounds. */
export const roundsCurrentRoundStateFunction = {"type":"function","name":"currentRoundState","inputs":[],"outputs":[{"name":"round","type":"uint256"},{"name":"start","type":"uint256"},{"name":"end","type":"uint256"}],"stateMutability":"view"} as const

/** function `initializeRound()` of Rounds. */
export const roundsInitializeRoundFunction = {"type":"function","name":"initializeRound","inputs":[],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `lastInitializedRound()` of Rounds. */
export const roundsLastInitializedRoundFunction = {"type":"function","name":"lastInitializedRound","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `roundLength()` of Rounds. */
export const roundsRoundLengthFunction = {"type":"function","name":"roundLength","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `roundLockShare()` of Rounds. */
export const roundsRoundLockShareFunction = {"type":"function","name":"roundLockShare","inputs":[],"outputs":[{"name":"","type":"uint32"}],"stateMutability":"view"} as const

/** function `roundStart(uint256)` of Rounds. */
export const roundsRoundStartFunction = {"type":"function","name":"roundStart","inputs":[{"name":"round","type":"uint256"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"} as const

/** function `setRoundLength(uint256)` of Rounds. */
export const roundsSetRoundLengthFunction = {"type":"function","name":"setRoundLength","inputs":[{"name":"newLength","type":"uint256"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** function `setRoundLockShare(uint32)` of Rounds. */
export const roundsSetRoundLockShareFunction = {"type":"function","name":"setRoundLockShare","inputs":[{"name":"newLockShare","type":"uint32"}],"outputs":[],"stateMutability":"nonpayable"} as const

/** Every error that a call to Rounds may revert with by itself. */
export const roundsErrors = [roundsAlreadyInitializedError, roundsBlockHashUnavailableError, roundsInvalidLengthError, roundsInvalidLockShareError, roundsUnknownRoundError] as const

/** Every event of Rounds. */
export const roundsEvents = [roundsRoundInitializedEvent, roundsRoundLengthChangedEvent, roundsRoundLockShareChangedEvent] as const

/** The whole ABI of Rounds; prefer single fragments in code that a browser loads. */
export const roundsAbi = [roundsBlockHashForRoundFunction, roundsCurrentRoundFunction, roundsCurrentRoundInitializedFunction, roundsCurrentRoundLockedFunction, roundsCurrentRoundStateFunction, roundsInitializeRoundFunction, roundsLastInitializedRoundFunction, roundsRoundLengthFunction, roundsRoundLockShareFunction, roundsRoundStartFunction, roundsSetRoundLengthFunction, roundsSetRoundLockShareFunction, roundsRoundInitializedEvent, roundsRoundLengthChangedEvent, roundsRoundLockShareChangedEvent, roundsAlreadyInitializedError, roundsBlockHashUnavailableError, roundsInvalidLengthError, roundsInvalidLockShareError, roundsUnknownRoundError] as const
