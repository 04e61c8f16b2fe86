/** One broadcast from the page's point of view: the SDK's, with what the chain says of its winners. */

import { broadcast, type Feed, type MarketEntry, type Network } from '@streamflow/sdk'
import type { Ladder } from '@streamflow/sdk/media'
import { StreamflowError, type ErrorCode } from '@streamflow/sdk/errors'
import type { Address } from 'viem'
import { countWinners } from './countWinners.js'
import type { Figures } from './figures.js'
import type { MarketChoices } from './marketChoices.js'
import type { Wallet } from './wallets.js'

/** What to send, to whose cost. */
export interface GoLiveOptions {
  readonly stream: MediaStream
  readonly network: Network
  readonly wallet: Wallet
  readonly ladder: Ladder
  /** wei */
  readonly budget: bigint
  /** Offers that are known already. */
  readonly feed: Feed | undefined
  /** How many orchestrators make it at once. */
  readonly redundancy: number
  /** Whom to take first, and whom never. */
  readonly filters: MarketChoices['filters']
  /** Something went wrong; the broadcast may go on. */
  readonly onFailure: (thrown: unknown) => void
  /** Who makes the stream has changed. */
  readonly onMarket: () => void
  /** Viewers find it elsewhere. */
  readonly onOrigins: (origins: readonly string[]) => void
  /** What was reported with this code is over: segments are accepted again. */
  readonly onMended: (code: ErrorCode) => void
}

/** A broadcast that is on air. */
export interface OnAir {
  readonly streamId: string
  readonly startedAtMs: number
  /** Addresses for viewers, best first. */
  readonly origins: readonly string[]
  figures(): Figures
  /** Of each orchestrator, why it was taken, or was not. */
  explain(): readonly MarketEntry[]
  /** Not this orchestrator any more. */
  leave(orchestrator: Address): void
  /** Sends what this stream shows from now on. @throws {@link StreamflowError} as the SDK's `replaceVideoTrack`; the broadcast goes on */
  show(stream: MediaStream): void
  /** Resolves when it is over, however it ended, with all receipts in. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/** Refusals of a ticket, as an orchestrator states them. */
const ticketCodes: ReadonlySet<ErrorCode> = new Set(['TicketInvalid', 'TicketParamsExpired', 'PriceTooLow', 'LowPMBalance', 'SpendCapReached', 'GrantInvalid'])

/** @throws {@link StreamflowError} as the SDK's `broadcast` */
export async function goLive({ stream, network, wallet, ladder, budget, feed, redundancy, filters, ...told }: GoLiveOptions): Promise<OnAir> {
  const { onFailure, onMarket, onOrigins, onMended } = told
  const startedAtMs = Date.now()
  const winners = await countWinners(network, wallet.address)
  let ticketsRefused = 0
  const policy = { budget: { spendCap: budget }, ladder, redundancy, orchestrators: filters, ...(feed && { feed }) }
  const live = await broadcast(stream, { network, wallet: wallet.signer, ...policy }).catch((thrown: unknown) => {
    winners.stop()
    throw thrown
  })
  let refusal: StreamflowError | undefined
  const report = (error: StreamflowError): void => {
    const isForecast = error.data['isForecast'] === true
    if (ticketCodes.has(error.code) && !isForecast) ticketsRefused += 1
    // What the SDK mends by itself is no news to a person.
    if (error.retry !== 'after-fix') return
    if (!isForecast) refusal = error
    onFailure(error)
  }
  live.on('segment', () => {
    if (refusal !== undefined) onMended(refusal.code)
    refusal = undefined
  })
  live.on('origins', ({ origins }) => onOrigins(origins))
  live.on('orchestrator', onMarket)
  live.on('left', onMarket)
  live.on('warning', report)
  live.on('alert', ({ kind, orchestrator, value }) => {
    if (kind === 'refused-redeemed') onFailure(new StreamflowError('TicketsUnsettled', `${orchestrator} was paid ${value} wei for a ticket that it had refused`))
  })
  live.on('trackEnded', ({ kind, graceMs }) => {
    if (graceMs !== undefined) onFailure(new StreamflowError('DeviceNotFound', `the ${kind} is gone: viewers see its last picture, and the broadcast ends in ${Math.round(graceMs / 1_000)} s without another`))
  })
  live.on('lost', ({ error }) => report(error))
  live.on('left', ({ reason }) => {
    if (reason.code === 'SegmentFailedVerification' || reason.code === 'PoorQuality') onFailure(reason)
  })
  live.on('error', onFailure)
  return {
    streamId: live.streamId,
    startedAtMs,
    get origins() {
      return live.origins
    },
    figures() {
      const { latencyMs, bitrate, segmentsSettled, ticketsSent, fees, balance, remaining } = live.stats
      return { latencyMs, bitrate: bitrate > 0 ? bitrate : undefined, segments: segmentsSettled, tickets: ticketsSent, ticketsRefused, winners: winners.count(), paid: fees, balance, left: remaining }
    },
    explain: () => live.explain(),
    leave: (orchestrator) => live.leave(orchestrator),
    show(shown) {
      const [video] = shown.getVideoTracks()
      const [audio] = shown.getAudioTracks()
      if (video) live.replaceVideoTrack(video)
      onMended('DeviceNotFound')
      if (audio && live.tracks.audio) live.replaceAudioTrack(audio)
    },
    ended: live.finished.then(() => winners.stop()),
    stop: () => live.stop(),
  }
}
