/** The SDK for Node: the same `broadcast` over files and streams, through node-datachannel and ffmpeg. */

export { broadcast, type BroadcastOptions } from './broadcast.js'
export { captureFile } from './capture/captureFile.js'
export { captureReadable, type ReadableCapture, type ReadableCaptureOptions, type ReadableInput } from './capture/captureReadable.js'
export { parseNetwork, type Network } from '../chain/network.js'
export { formatStatementCsv, getStatement, type AccountStatement, type AccountStatementOptions, type StatementRow } from '../actions/getStatement.js'
export { createFileEvidenceStore } from './createFileEvidenceStore.js'
export { createFileHistoryStore } from './createFileHistoryStore.js'
export { createFileReputationStore } from './createFileReputationStore.js'
export { createFileSessionStore } from './createFileSessionStore.js'
export { createFfmpegExaminer } from './verification/createFfmpegExaminer.js'
export { createKeyFile, readKeyAddress, readKeyFile } from './keystore/keyFile.js'
