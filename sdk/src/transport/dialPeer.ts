/**
 * WebRTC by simple-peer: one reliable, ordered data channel. The only file that knows simple-peer and the only one
 * that touches its private `_channel`.
 *
 * simple-peer's own `connect` event waits for a poll of `getStats` (up to 100 ms a turn) and its back-pressure is fixed
 * at 64 KiB; the channel's own `open` event and low-water mark are used instead, with its stream side left alone.
 */

import type SimplePeer from 'simple-peer'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { limits } from '../protocol/limits.js'
import { createDeadline, raceSignal, wait } from '../units/deadline.js'
import type { Dialer, DialOptions, Transport } from './transport.js'

/** Sending pauses above the high mark and goes on below the low one. Small queues keep the channel responsive under loss. */
const highWaterBytes = 512 * 1024
const lowWaterBytes = 128 * 1024
/** A message queue of the browser that nobody reads must not grow without bound. */
const maxQueuedMessages = 4_096

/** A platform's WebRTC classes, where `globalThis` has none (Node). */
export type WebRtc = Exclude<SimplePeer.Options['wrtc'], undefined>

/** simple-peer with the two private members that are needed. */
type Peer = SimplePeer.Instance & { readonly _channel: RTCDataChannel }

const failed = (message: string, cause?: unknown): StreamflowError => new StreamflowError('TransportFailed', message, { cause })

/**
 * Makes an offer; candidates are gathered first, so that one request and one answer suffice.
 * @param wrtc - the platform's WebRTC, if not the global one
 * @throws {@link StreamflowError} `Unsupported` where there is no WebRTC, `TransportFailed`, `Aborted`
 */
export async function dialPeer({ wrtc, ...options }: DialOptions & { readonly wrtc?: WebRtc }): Promise<Dialer> {
  if (wrtc === undefined && typeof RTCPeerConnection === 'undefined') throw new StreamflowError('Unsupported', 'this platform has no WebRTC', { data: { missing: 'RTCPeerConnection' } })
  // Loaded here so that pages which only watch or pay never fetch it.
  const { default: PeerClass } = await import('simple-peer/simplepeer.min.js')
  const { gatheringTimeoutMs = 1_000, connectTimeoutMs = 10_000, iceServers = [] } = options
  const peer = new PeerClass({
    initiator: true,
    trickle: false,
    // Typed nowhere, documented nowhere, but the only way to bound the wait for candidates.
    ...({ iceCompleteTimeout: gatheringTimeoutMs } as object),
    config: { iceServers: [...iceServers] },
    ...(wrtc && { wrtc }),
  }) as Peer
  const transport = createPeerTransport(peer)

  const deadline = createDeadline({ timeoutMs: gatheringTimeoutMs + connectTimeoutMs, signal: options.signal })
  try {
    const offer = await raceSignal(
      new Promise<string>((resolve, reject) => {
        peer.on('signal', (data) => data.type === 'offer' && data.sdp !== undefined && resolve(data.sdp))
        transport.closed.then((error) => reject(error ?? failed('closed before the offer was made')))
      }),
      deadline.signal,
    )
    return {
      offer,
      accept: (answer, { signal } = {}) => acceptAnswer({ peer, transport, answer, timeoutMs: connectTimeoutMs, signal }),
      close: () => transport.close(),
    }
  } catch (error) {
    transport.close()
    throw toStreamflowError(error, 'TransportFailed')
  } finally {
    deadline.clear()
  }
}

interface Acceptance {
  readonly peer: Peer
  readonly transport: Transport
  readonly answer: string
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * The other side's library hands over what came before it was listened to in one thread and what comes then in another:
 * the first messages may change places. So nothing is sent before it listens for certain.
 */
const takeUpMs = 100

async function acceptAnswer({ peer, transport, answer, timeoutMs, signal }: Acceptance): Promise<Transport> {
  const deadline = createDeadline({ timeoutMs, signal })
  try {
    const opened = new Promise<void>((resolve, reject) => {
      if (peer._channel.readyState === 'open') resolve()
      peer._channel.addEventListener('open', () => resolve(), { once: true })
      transport.closed.then((error) => reject(error ?? failed('closed before it was open')))
    })
    peer.signal({ type: 'answer', sdp: answer })
    await raceSignal(opened, deadline.signal)
    peer._channel.bufferedAmountLowThreshold = lowWaterBytes
    await wait(takeUpMs, deadline.signal)
    return transport
  } catch (error) {
    transport.close()
    throw toStreamflowError(error, 'TransportFailed')
  } finally {
    deadline.clear()
  }
}

/** Connections that live: node-datachannel drops a channel whose wrapper is collected, even while it receives. */
const living = new Set<Peer>()

function createPeerTransport(peer: Peer): Transport {
  living.add(peer)
  let isClosed = false
  let settle: (error: StreamflowError | undefined) => void = () => undefined
  const closed = new Promise<StreamflowError | undefined>((resolve) => (settle = resolve))
  /** Senders that wait for the queue to drain, or for the end. */
  let parked: (() => void)[] = []
  const release = (): void => {
    const waiting = parked
    parked = []
    for (const go of waiting) go()
  }
  let inbox: ReadableStreamDefaultController<Uint8Array> | undefined
  const messages = new ReadableStream<Uint8Array>({ start: (controller) => void (inbox = controller) }, { highWaterMark: maxQueuedMessages })

  const finish = (error: StreamflowError | undefined): void => {
    if (isClosed) return
    isClosed = true
    living.delete(peer)
    release()
    inbox?.close()
    settle(error)
    peer.destroy()
  }
  peer.on('data', (data: Uint8Array) => {
    if (isClosed) return
    if ((inbox?.desiredSize ?? 0) <= 0) return finish(failed(`more than ${maxQueuedMessages} unread messages`))
    inbox?.enqueue(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  })
  peer.on('error', (error) => finish(failed(error.message, error)))
  peer.on('close', () => finish(failed('the connection was closed by the other side')))
  peer._channel.addEventListener('bufferedamountlow', release)

  return {
    messages,
    closed,
    get bufferedBytes() {
      return isClosed ? 0 : peer._channel.bufferedAmount
    },
    async send(message) {
      if (message.length > limits.messageBytes) throw new RangeError(`transport: message of ${message.length} bytes exceeds ${limits.messageBytes}`)
      while (!isClosed && peer._channel.bufferedAmount > highWaterBytes) await new Promise<void>((resolve) => parked.push(resolve))
      if (isClosed) throw failed('the connection is closed')
      try {
        peer._channel.send(message)
      } catch (error) {
        finish(failed('the channel does not take messages', error))
        throw failed('the channel does not take messages', error)
      }
    },
    close: () => finish(undefined),
  }
}
