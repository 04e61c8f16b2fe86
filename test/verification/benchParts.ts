/** What the bench of verification takes from the SDK's sources, and the kit's, in one bundle. */
export { captureReadable } from '../../sdk/src/node/capture/captureReadable.js'
export { createChance } from '../kit/createChance.js'
export { createFfmpegDecoder } from '../../sdk/src/node/verification/createFfmpegDecoder.js'
export { createFfmpegExaminer } from '../../sdk/src/node/verification/createFfmpegExaminer.js'
export { examine } from '../../sdk/src/verification/examine.js'
