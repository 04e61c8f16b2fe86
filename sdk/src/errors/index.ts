export { errorCodes, isErrorCode, type CodeEntry, type ErrorCode, type Retry } from './codes.js'
export { StreamflowError, isStreamflowError, toStreamflowError, type StreamflowErrorOptions } from './StreamflowError.js'
