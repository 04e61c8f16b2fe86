/** Goes live from a page. */

import { createCapture, type Capture } from '../capture/createCapture.js'
import { assertCaptureOptions, type CaptureOptions } from '../capture/captureOptions.js'
import { addControls, type PublishControls } from '../capture/publishControls.js'
import { loadAhead } from '../capture/startCapturing.js'
import type { Broadcast } from '../broadcaster/broadcast.js'
import { startBroadcast, type CommonBroadcastOptions } from '../broadcaster/startBroadcast.js'
import { createBrowserSessionStore } from '../session/createBrowserSessionStore.js'
import { dialPeer } from '../transport/dialPeer.js'

/** Options of {@link broadcast}. `video`, `audio`, …: see {@link CaptureOptions}. */
export interface BroadcastOptions extends CommonBroadcastOptions, Omit<CaptureOptions, 'signal' | 'segmentDurationMs'> {
  /** Where the code of the verification's worker is served, for pages whose CSP forbids `blob:` workers: the file `@streamflow/sdk/verification-worker.js`. @default inlined */
  readonly verificationWorkerUrl?: string | URL
}

/** A running broadcast of a page: what it publishes can be changed while it runs. */
export interface PageBroadcast extends Broadcast, PublishControls {}

/**
 * Sends a camera (or any MediaStream with video) to an orchestrator of the market, pays for each segment by ticket, and
 * resolves when viewers can be sent to `playbackUrl`.
 *
 * The wallet is asked once, for a session key that may spend `budget.spendCap` until it expires; a key that still covers
 * that is used again without asking. Before it expires the wallet is asked for the next one (see `budget.renewal`).
 *
 * @throws {@link StreamflowError} `WalletRejected`, `WalletUnavailable`, `WrongChain`, `NoOrchestrator`, `LowPMBalance`,
 *   `DeviceNotFound`, `Unsupported`, `ChainUnavailable`, `InvalidArgument`, `Aborted`, … Nothing is left running then.
 * @example
 * const camera = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
 * const live = await broadcast(camera, { network, wallet: config, budget: { spendCap: parseEther('0.01') } })
 * live.on('segment', ({ seq, fee }) => console.log(seq, fee))
 * console.log(live.playbackUrl)
 * live.setMuted(true)
 * await live.stop()
 */
export async function broadcast(stream: MediaStream, options: BroadcastOptions): Promise<PageBroadcast> {
  assertCaptureOptions(stream, options)
  loadAhead() // beside the wallet's prompt
  const { network, orchestrators, fetch } = options
  let capture: Capture | undefined
  const live = await startBroadcast(
    {
      dial: dialPeer,
      openSessionStore: createBrowserSessionStore,
      openHistoryStore: async () => (await import('../broadcaster/report/createBrowserHistoryStore.js')).createBrowserHistoryStore(),
      openEvidenceStore: async () => (await import('../broadcaster/report/createBrowserEvidenceStore.js')).createBrowserEvidenceStore(),
      openReputationStore: async () => (await import('../broadcaster/dispatch/createBrowserReputationStore.js')).createBrowserReputationStore(),
      openExaminer: async () => (await import('../broadcaster/verification/openWorkerExaminer.js')).openWorkerExaminer(options.verificationWorkerUrl),
      startSource({ segmentDurationMs, signal, onTrackEnded }) {
        capture = createCapture(stream, { ...options, segmentDurationMs, signal })
        capture.on('trackEnded', onTrackEnded)
        return capture
      },
      // Loaded beside the wallet's prompt: a page with a feed never needs it.
      discover: async ({ sender, signal }) => (await import('./discover.js')).discover({ ...orchestrators, network, sender, signal, ...(fetch && { fetch }) }),
    },
    options,
  )
  return addControls(live, capture as Capture)
}
