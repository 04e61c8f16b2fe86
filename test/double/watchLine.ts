/** What passes between the double and one broadcaster: written down, held back while it is silent, and bent as a test says. */

import { createHash } from 'node:crypto'
import { hashLadder, hashReceipt, type Domain, type KeySigner, type Receipt } from '@streamflow/sdk/payments'
import { decodeFrame, encodeControl, parseBroadcasterMessage, parseOrchestratorMessage, stringify, type AnnounceOrigins, type BroadcasterMessage, type SegmentReceipt, type StreamRequest } from '@streamflow/sdk/protocol'
import type { Transport, TransportEvents, Transports } from '../../orchestrator/src/core/streams/transport.js'
import type { Misbehaviour } from './startTestOrchestrator.js'

type Hex = `0x${string}`

/** A segment that came whole, and whose ticket was taken. */
export interface ReceivedSegment {
  readonly streamId: Hex
  readonly seq: number
  readonly attempt: number
  readonly bytes: Uint8Array
}

/** What is written down. */
export interface LineLog {
  readonly received: ReceivedSegment[]
  readonly origins: AnnounceOrigins['list'][]
}

/** Whose line it is, and who bends it. */
export interface LineTools {
  readonly domain: Domain
  readonly signer: KeySigner
  readonly behave: Misbehaviour
  readonly log: LineLog
  /** The request that comes with an offer. */
  readonly findRequest: (sdp: string) => StreamRequest
  /** Resolves as soon as the double says something again. */
  readonly untilHeard: () => Promise<void>
}

interface Arriving {
  readonly chunks: Uint8Array[]
  isAccepted: boolean
  isWhole: boolean
}

/** The same transports, watched. */
export function watchTransports(transports: Transports, tools: LineTools): Transports & { /** Breaks all connections. */ drop(): void } {
  // A peer can be closed at once, for which streams never ask: they let it say its last word.
  const open = new Set<Transport & { destroy?(): void }>()
  return {
    async accept(offer, events) {
      const request = tools.findRequest(offer.sdp)
      const arrivals = watchArrivals(request, tools.log)
      const { answer, transport } = await transports.accept(offer, { ...events, message: passOn(events, (message) => arrivals.take(message)), closed: () => void (open.delete(transport), events.closed()) })
      open.add(transport)
      return {
        answer,
        transport: {
          send(message) {
            arrivals.note(message)
            const bent = bend(message, request, tools)
            if (bent !== undefined) void tools.untilHeard().then(() => transport.send(bent))
          },
          close: () => void tools.untilHeard().then(() => tools.behave.isSilentAtEnd === true || transport.close()),
        },
      }
    },
    close: () => transports.close(),
    drop() {
      for (const transport of open) transport.destroy?.()
    },
  }
}

const passOn = (events: TransportEvents, watch: (message: Uint8Array) => void) => (message: Uint8Array): void => {
  try {
    watch(message)
  } catch {
    // What cannot be read is for the stream to refuse.
  }
  events.message(message)
}

function watchArrivals({ streamId }: StreamRequest, log: LineLog) {
  const arriving = new Map<string, Arriving>()
  const name = ({ seq, attempt }: { readonly seq: number; readonly attempt: number }): string => `${seq}/${attempt}`
  let header: Uint8Array = new Uint8Array(0)
  const isWhole = ({ chunks }: Arriving, { hash, bytes }: Extract<BroadcasterMessage, { type: 'close' }>): boolean => {
    const digest = chunks.reduce((sum, chunk) => sum.update(chunk), createHash('sha256').update(header)).digest('hex')
    return hash === `0x${digest}` && bytes === chunks.reduce((sum, { length }) => sum + length, 0)
  }
  const keep = (segment: { readonly seq: number; readonly attempt: number }, change: Partial<Arriving>): void => {
    const { seq, attempt } = segment
    const one = arriving.get(name(segment))
    if (one === undefined) return
    Object.assign(one, change)
    if (!one.isAccepted || !one.isWhole) return
    arriving.delete(name(segment))
    log.received.push({ streamId, seq, attempt, bytes: Buffer.concat(one.chunks) })
  }
  return {
    /** Something came. */
    take(bytes: Uint8Array): void {
      const frame = decodeFrame(bytes)
      if (frame.kind === 'header') header = frame.bytes.slice()
      else if (frame.kind === 'chunk') arriving.get(name(frame))?.chunks.push(frame.bytes.slice())
      else {
        const message = parseBroadcasterMessage(frame.text)
        if (message.type === 'open') arriving.set(name(message), { chunks: [], isAccepted: false, isWhole: false })
        else if (message.type === 'close') keep(message, { isWhole: isWhole(arriving.get(name(message)) ?? { chunks: [], isAccepted: false, isWhole: false }, message) })
        else if (message.type === 'origins') log.origins.push(message.list)
      }
    },
    /** Something goes. */
    note(bytes: Uint8Array): void {
      const frame = decodeFrame(bytes)
      if (frame.kind !== 'control') return
      const message = parseOrchestratorMessage(frame.text)
      if (message.type === 'accepted') keep(message, { isAccepted: true })
    },
  }
}

/** @returns what goes instead; undefined for nothing */
function bend(bytes: Uint8Array, request: StreamRequest, { domain, signer, behave }: LineTools): Uint8Array | undefined {
  const frame = decodeFrame(bytes)
  if (frame.kind !== 'control') return bytes
  const message = parseOrchestratorMessage(frame.text)
  if (message.type === 'ended' && behave.isSilentAtEnd === true) return undefined
  if (message.type !== 'receipt') return bytes
  const { receipt: change = (honest) => honest, signedReceipt = (honest) => honest, nextQuote } = behave
  const { type, outputs, quote: given, signature: _, ...rest } = message
  const { streamId, serviceId, grant, ladder } = request
  const context = { orchestrator: signer.address, broadcaster: grant.sender, serviceId, streamId, ladderHash: hashLadder(ladder) }
  const receipt: Receipt | undefined = change({ ...context, ...rest })
  if (receipt === undefined) return undefined
  const quote = nextQuote?.(receipt.seq) ?? given
  const { orchestrator: _o, broadcaster: _b, serviceId: _s, streamId: _i, ladderHash: _l, ...said } = receipt
  const reply: SegmentReceipt = { type, ...said, outputs, signature: signer.sign(hashReceipt(domain, receipt)), ...(quote && { quote }) }
  return encodeControl(stringify(signedReceipt(reply)))
}
