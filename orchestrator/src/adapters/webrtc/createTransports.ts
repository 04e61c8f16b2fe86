/** Data channels by node-datachannel: answers offers, one peer connection per broadcaster, everything bounded. */

import { PeerConnection, type DataChannel, type IceServer, type RtcConfig } from 'node-datachannel'
import { StreamflowError } from '@streamflow/sdk/errors'
import { limits } from '@streamflow/sdk/protocol'
import type { SessionAnswer, Transport, TransportEvents, Transports } from '../../core/streams/transport.js'
import { restrictOffer } from './restrictOffer.js'

/** How peers are made. */
export interface TransportsOptions {
  /** Peers at once; each holds a socket and a thread's attention. */
  readonly maxPeers: number
  /** STUN and TURN servers, e.g. `stun:stun.example.org:3478`. Empty: host candidates only, right for a public address. */
  readonly iceServers?: readonly (string | IceServer)[]
  /** Local address to bind; all if left out. */
  readonly bindAddress?: string
  /** UDP ports to use, inclusive. */
  readonly portRange?: { readonly first: number; readonly last: number }
  /** Whether a broadcaster may name addresses of private networks and of this machine. @default false */
  readonly allowPrivateCandidates?: boolean
}

/** Candidates must be gathered within; those found until then are sent. */
const gatherMs = 1_500
/** An answered peer must open its channel within. */
const openMs = 20_000
/** How long a lost network path may take to come back. */
const outageMs = 5_000
/** What may wait to be sent to a broadcaster that does not read: receipts are small, so this is thousands of them. */
const maxOutgoingBytes = 4 * 1024 * 1024
/**
 * How long the other side is left to close first. node-datachannel hands messages and the end of a channel to JavaScript
 * by different queues: a client on it may learn of an early end before the last message.
 */
const lingerMs = 5_000
/** How long a closed channel may take to send what is queued. */
const flushMs = 1_000

/** How long the end of the server waits for peers to take their last messages. */
const closeMs = 1_500

/** Creates the WebRTC side of the server. */
export function createTransports(options: TransportsOptions): Transports & { /** Peers now. */ count(): number } {
  // node-datachannel's objects die when they are collected, callbacks or not: this set is what keeps them alive.
  const peers = new Set<Peer>()
  let number = 0
  let isClosed = false
  return {
    count: () => peers.size,
    async accept(offer, events) {
      if (isClosed) throw new StreamflowError('Draining', 'the orchestrator is shutting down')
      if (peers.size >= options.maxPeers) throw new StreamflowError('Busy', `${options.maxPeers} peers are connected`, { data: { retryAfterMs: 5_000 } })
      const peer = new Peer(`broadcaster-${++number}`, createConfig(options), { ...events, closed: () => peers.delete(peer) && events.closed() })
      peers.add(peer)
      try {
        return { answer: await peer.answer(restrictOffer(offer.sdp, { allowPrivate: options.allowPrivateCandidates ?? false })), transport: peer }
      } catch (thrown) {
        peers.delete(peer)
        peer.destroy()
        throw thrown
      }
    },
    async close() {
      isClosed = true
      for (const peer of [...peers]) peer.close()
      const deadline = Date.now() + closeMs
      while (peers.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
      for (const peer of [...peers]) peer.destroy()
    },
  }
}

function createConfig({ iceServers = [], bindAddress, portRange }: TransportsOptions): RtcConfig {
  return {
    iceServers: [...iceServers],
    maxMessageSize: limits.messageBytes,
    ...(bindAddress !== undefined && { bindAddress }),
    ...(portRange !== undefined && { portRangeBegin: portRange.first, portRangeEnd: portRange.last }),
  }
}

class Peer implements Transport {
  readonly #connection: PeerConnection
  readonly #events: TransportEvents
  #channel: DataChannel | undefined
  #isClosing = false
  /** Whether we closed the channel. */
  #isReset = false
  #isDestroyed = false
  #timer: NodeJS.Timeout
  #outage: NodeJS.Timeout | undefined

  constructor(name: string, config: RtcConfig, events: TransportEvents) {
    this.#events = events
    this.#connection = new PeerConnection(name, config)
    this.#connection.onStateChange((state) => this.#onState(state))
    this.#connection.onDataChannel((channel) => this.#onChannel(channel))
    this.#timer = setTimeout(() => this.destroy(), openMs)
  }

  /** @throws {@link StreamflowError} `BadMessage`, `Timeout` */
  answer(sdp: string): Promise<SessionAnswer> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer)
        const description = this.#isDestroyed ? null : this.#connection.localDescription()
        if (description?.type === 'answer') resolve({ type: 'answer', sdp: description.sdp })
        else reject(new StreamflowError('Timeout', 'no answer could be made in time'))
      }
      const timer = setTimeout(finish, gatherMs)
      this.#connection.onGatheringStateChange((state) => {
        if (state === 'complete') finish()
      })
      try {
        this.#connection.setRemoteDescription(sdp, 'offer')
      } catch (cause) {
        clearTimeout(timer)
        reject(new StreamflowError('BadMessage', 'the offer cannot be answered', { cause }))
      }
    })
  }

  send(message: Uint8Array): void {
    const channel = this.#channel
    if (this.#isClosing || channel?.isOpen() !== true) return
    try {
      // A broadcaster that does not read its receipts is as good as gone.
      if (channel.bufferedAmount() > maxOutgoingBytes) this.destroy()
      else channel.sendMessageBinary(message)
    } catch {
      this.destroy() // it was closed by the connection's own thread, since it was asked
    }
  }

  close(): void {
    if (this.#isClosing || this.#isDestroyed) return
    this.#isClosing = true
    clearTimeout(this.#timer)
    const channel = this.#channel
    if (channel?.isOpen() !== true) return this.destroy()
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(() => this.destroy(), flushMs)
      // SCTP resets a stream only after its queued messages.
      this.#isReset = true
      channel.close()
    }, lingerMs)
  }

  /** Closes at once. */
  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = this.#isClosing = true
    clearTimeout(this.#timer)
    clearTimeout(this.#outage)
    this.#connection.close()
    this.#channel = undefined
    this.#events.closed()
  }

  /** A path that is lost for a moment may come back; one that stays lost is left for a new peer. */
  #onState(state: string): void {
    if (state === 'failed' || state === 'closed') return this.destroy()
    if (state !== 'disconnected' && state !== 'connected') return
    clearTimeout(this.#outage)
    if (state === 'disconnected') this.#outage = setTimeout(() => this.destroy(), outageMs)
  }

  #onChannel(channel: DataChannel): void {
    if (this.#channel !== undefined) return channel.close() // one per peer
    this.#channel = channel
    const opened = (): void => {
      clearTimeout(this.#timer)
      this.#events.opened()
    }
    // Our own close is reported at once, while what was queued is still on its way.
    channel.onClosed(() => {
      if (!this.#isReset) this.destroy()
    })
    channel.onError(() => this.destroy())
    channel.onMessage((message) => {
      if (!this.#isClosing) this.#events.message(toBytes(message))
    })
    if (channel.isOpen()) opened()
    else channel.onOpen(opened)
  }
}

/** Text has no place in the protocol; as bytes it is refused like any other message of unknown kind. */
function toBytes(message: string | Buffer | ArrayBuffer): Uint8Array {
  if (typeof message === 'string') return Buffer.from(message, 'utf8')
  return message instanceof ArrayBuffer ? new Uint8Array(message) : message
}
