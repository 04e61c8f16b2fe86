export { errorCodes, isErrorCode, type CodeEntry, type ErrorCode, type Fault, type Remedy, type Retry } from './codes.js'
export { StreamflowError, isStreamflowError, toStreamflowError, type StreamflowErrorOptions } from './StreamflowError.js'
