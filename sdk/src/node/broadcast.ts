/** Goes live from Node: a file, a stream of bytes, or anything that ffmpeg reads. */

import type { Broadcast } from '../broadcaster/broadcast.js'
import { checkOptions } from '../broadcaster/checkOptions.js'
import { startBroadcast, type CommonBroadcastOptions } from '../broadcaster/startBroadcast.js'
import { discover } from '../actions/discover.js'
import { createMemorySessionStore } from '../session/createMemorySessionStore.js'
import { createFfmpegExaminer } from './verification/createFfmpegExaminer.js'
import { captureReadable, type ReadableCaptureOptions, type ReadableInput } from './capture/captureReadable.js'
import { dialNode, loadWebRtc } from './webrtc.js'

/** Options of {@link broadcast}. `video`, `audio`, `pace`, `loop`, …: see {@link ReadableCaptureOptions}. */
export interface BroadcastOptions extends CommonBroadcastOptions, Omit<ReadableCaptureOptions, 'signal' | 'segmentDurationMs'> {}

/**
 * Sends a path, URL, stream of bytes or other input of ffmpeg to an orchestrator of the market, paid by ticket; the same
 * as in a page but for the source.
 *
 * Session keys are kept in memory unless `sessionStore` says otherwise (see `createFileSessionStore`).
 *
 * @throws {@link StreamflowError} as the page's `broadcast`; `Unsupported` without ffmpeg or node-datachannel
 * @example
 * const live = await broadcast('film.mp4', { network, wallet: privateKeyToAccount('0x…'), budget: { spendCap: 10n ** 16n } })
 * await live.finished
 */
export async function broadcast(input: ReadableInput, options: BroadcastOptions): Promise<Broadcast> {
  const checked = checkOptions(options)
  await loadWebRtc() // what is missing is said before the wallet is asked
  const { network, orchestrators, fetch } = options
  return startBroadcast(
    {
      dial: dialNode,
      openSessionStore: async () => createMemorySessionStore(),
      openExaminer: async () => createFfmpegExaminer(options.ffmpegPath),
      startSource: ({ segmentDurationMs, signal }) => captureReadable(input, { ...options, segmentDurationMs, signal }),
      discover: ({ sender, signal }) => discover({ ...orchestrators, network, sender, signal, ...(fetch && { fetch }) }),
    },
    checked,
  )
}
