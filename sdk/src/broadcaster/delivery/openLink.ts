/** A connection to a site: the stream is opened (or come back to) there, messages go out, checked messages come in. */

import { getEntry } from '../../chain/registry.js'
import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import { isWithinHost, requestStream, type AskOptions, type Requester } from '../../market/orchestratorClient.js'
import type { SignedQuote } from '../../payments/quote.js'
import { decodeFrame, encodeControl } from '../../protocol/frame.js'
import { parseOrchestratorMessage, stringify, type BroadcasterMessage, type OrchestratorMessage } from '../../protocol/message.js'
import type { StreamResponse } from '../../protocol/stream.js'
import type { Dialer } from '../../transport/transport.js'
import { createMirror } from './createMirror.js'
import type { Hex } from '../../units/hex.js'
import type { Site } from './createSite.js'
import { assertTicketCarries, computeMostHeld } from './payForSegment.js'
import type { StreamContext, StreamJob } from '../streamContext.js'

/** A connection. */
export interface Link {
  readonly site: Site
  /** The grant that the stream was opened with here: another one's tickets are not taken. */
  readonly grantHash: Hex
  /** The first segment that the orchestrator wants. */
  readonly nextSeq: number
  /** Handed over and not yet on its way. */
  readonly bufferedBytes: number
  /** Sends a frame; resolves when the next may follow. @throws {@link StreamflowError} `TransportFailed` */
  sendFrame(frame: Uint8Array<ArrayBuffer>): Promise<void>
  send(message: BroadcasterMessage): Promise<void>
  /** Resolves when the connection is gone, with the reason unless `close` was called. */
  readonly closed: Promise<StreamflowError | undefined>
  close(): void
}

/** Malformed messages before an orchestrator is given up. */
const maxBadMessages = 8

/** The asking side of a site. */
export function describeSite(site: Site, { domain, session, requestTimeoutMs, fetch }: StreamContext): { readonly ask: AskOptions; readonly requester: Requester } {
  return {
    ask: { uri: site.processUri ?? site.uri, timeoutMs: requestTimeoutMs, fetch },
    requester: { domain, signer: session.signer, sender: session.grant.sender, orchestrator: site.orchestrator },
  }
}

interface OpenLinkOptions {
  readonly site: Site
  readonly context: StreamContext
  readonly job: StreamJob
  readonly signal: AbortSignal
  /** Called for each message, in order. What it throws closes the link. */
  readonly onMessage: (message: OrchestratorMessage) => void
}

/**
 * Takes a quote after which nothing else is to be had. One by another key than the site's is good if the registry says that this
 * key signs by now: an operator changes it within a stream where the old one was stolen.
 * @throws {@link StreamflowError} `QuoteInvalid`, `QuoteExpired`, `ChainUnavailable`
 */
async function adoptByRegistry(site: Site, quote: SignedQuote, { network }: StreamContext): Promise<void> {
  try {
    site.book.adopt(quote)
  } catch (error) {
    const entry = await getEntry(network, site.orchestrator)
    if (entry === undefined) throw error
    site.book.adopt(quote, entry.signer)
    site.signer = entry.signer
  }
}

/** Opens the stream; a quote that ended meanwhile is replaced once by the one that the refusal carries. */
async function requestOpen({ site, context, job, signal }: OpenLinkOptions, offer: string): Promise<StreamResponse & Pick<Link, 'grantHash'>> {
  // Always there first: which process serves an account may have changed.
  site.processUri = undefined
  const { ask, requester } = describeSite(site, context)
  const { streamId, serviceId, input, ladder, segmentDurationMs, startTimeMs } = job
  const request = async () => {
    const { grant, grantHash } = context.session
    const { uri, ...response } = await requestStream({ ...ask, signal }, requester, { version: 1, streamId, serviceId, grant, quote: site.book.current, input, ladder: [...ladder], segmentDurationMs, startTimeMs, offer: { type: 'offer', sdp: offer } })
    if (uri !== site.uri) site.processUri = uri
    return { ...response, grantHash }
  }
  await site.book.refresh()
  // Told now: with the first ticket it would be a stream that was opened, and left without a word to viewers.
  assertTicketCarries(site)
  try {
    return await request()
  } catch (error) {
    const { code, data } = toStreamflowError(error, 'TransportFailed')
    if (code !== 'QuoteExpired' || data.quote === undefined) throw error
    await adoptByRegistry(site, data.quote as SignedQuote, context)
    return request()
  }
}

/**
 * What an orchestrator says that our earlier streams left over: credit, or a debt that can be, for the last segment may have
 * been longer than it was paid for. We have only its word for it: with the next segment it makes no more than may be out.
 * @throws {@link StreamflowError} `Overcharged`
 */
function assertCarried(balance: bigint, site: Site): bigint {
  const { estimate, orchestrator } = site
  if (balance >= estimate - computeMostHeld(site)) return balance
  throw new StreamflowError('Overcharged', `the orchestrator claims ${-balance} wei of earlier streams, more than they can have left unpaid`, { data: { balance, orchestrator } })
}

/** Viewers are sent to the host that is registered, or one below it, nowhere else. @throws {@link StreamflowError} `BadMessage` */
function assertOwnAddress(playbackUrl: string, { uri, orchestrator }: Site): void {
  if (!isWithinHost(playbackUrl, uri)) throw new StreamflowError('BadMessage', `viewers would be sent to ${playbackUrl}, ${uri} is registered`, { data: { orchestrator } })
}

/**
 * Connects to a site.
 * @throws {@link StreamflowError} what the orchestrator answered; `TransportFailed`, `Timeout`, `Aborted`, `Overcharged` if it
 *   claims a balance that cannot be explained, `QuoteInvalid` if no ticket of its can pay for a segment
 */
export async function openLink(options: OpenLinkOptions): Promise<Link> {
  const { site, context, signal, onMessage } = options
  let dialer: Dialer | undefined
  try {
    dialer = await context.dial({ iceServers: context.iceServers, signal })
    const response = await requestOpen(options, dialer.offer)
    assertOwnAddress(response.playbackUrl, site)
    const { balance, nextSeq, grantHash } = response
    if (site.mirror === undefined) {
      site.mirror = createMirror(assertCarried(balance, site))
      site.purse.carry(balance > 0n ? balance : 0n)
    } else {
      const difference = balance - site.mirror.totals.balance
      site.mirror.resume(balance, nextSeq)
      site.purse.resume(nextSeq, difference)
    }
    site.playbackUrl = response.playbackUrl
    const transport = await dialer.accept(response.answer.sdp, { signal })

    let failure: StreamflowError | undefined
    void readMessages(transport.messages, onMessage).catch((error: unknown) => {
      failure = toStreamflowError(error, 'BadMessage')
      transport.close()
    })
    return {
      site,
      grantHash,
      nextSeq,
      get bufferedBytes() {
        return transport.bufferedBytes
      },
      sendFrame: (frame) => transport.send(frame),
      send: (message) => transport.send(encodeControl(stringify(message))),
      closed: transport.closed.then((error) => failure ?? error),
      close: () => transport.close(),
    }
  } catch (error) {
    dialer?.close()
    throw toStreamflowError(error, 'TransportFailed')
  }
}

async function readMessages(messages: ReadableStream<Uint8Array>, onMessage: (message: OrchestratorMessage) => void): Promise<void> {
  const reader = messages.getReader()
  let bad = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    let message: OrchestratorMessage
    try {
      const frame = decodeFrame(value)
      if (frame.kind !== 'control') throw new StreamflowError('BadMessage', `an orchestrator sends no ${frame.kind}`)
      message = parseOrchestratorMessage(frame.text)
    } catch (error) {
      if (++bad > maxBadMessages) throw error
      continue // a newer version's message, perhaps
    }
    onMessage(message)
  }
}
