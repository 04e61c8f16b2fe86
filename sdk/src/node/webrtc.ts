/** WebRTC for Node: node-datachannel behind the same simple-peer that pages use. */

import type * as Polyfill from 'node-datachannel/polyfill'
import { StreamflowError } from '../errors/StreamflowError.js'
import { dialPeer, type WebRtc } from '../transport/dialPeer.js'
import type { Dialer, DialOptions } from '../transport/transport.js'

/** An optional peer of this package: pages do without, and so does who only uses the pure parts in Node. */
const peerName = 'node-datachannel'

let loading: Promise<WebRtc> | undefined

/**
 * Loads node-datachannel, once.
 * @throws {@link StreamflowError} `Unsupported` where it is not installed, or not for this machine
 */
export function loadWebRtc(): Promise<WebRtc> {
  loading ??= import('node-datachannel/polyfill').then(adaptWebRtc, (cause: unknown) => {
    const isMissing = (cause as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND'
    const message = isMissing ? `WebRTC in Node needs the package ${peerName}: run \`npm install ${peerName}\`` : `${peerName} does not load on this machine: ${String(cause)}`
    throw new StreamflowError('Unsupported', message, { cause, data: { missing: peerName } })
  })
  return loading
}

function adaptWebRtc(polyfill: typeof Polyfill): WebRtc {
  /** simple-peer writes to the descriptions it gets, and learns from a null candidate that all were found; node-datachannel allows the one and omits the other. */
  class PeerConnection extends polyfill.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration as ConstructorParameters<typeof polyfill.RTCPeerConnection>[0])
      this.addEventListener('icegatheringstatechange', () => {
        if (this.iceGatheringState !== 'complete') return
        const listener = this.onicecandidate as ((event: unknown) => void) | null
        queueMicrotask(() => listener?.call(this, { candidate: null }))
      })
    }

    override async createOffer(): Promise<never> {
      const { type, sdp } = (await super.createOffer()) as RTCSessionDescriptionInit
      return { type, sdp } as never
    }

    /**
     * After the channel, which closes itself in the next turn (simple-peer closes it first). Closed from two sides at once, it
     * may never say so, and node-datachannel keeps the process alive until it does.
     */
    override close(): void {
      setImmediate(() => super.close())
    }

    /** The offer is in force already: node-datachannel makes it when the channel is created, and a second time races with the first. */
    override async setLocalDescription(): Promise<void> {}
  }
  const { RTCSessionDescription, RTCIceCandidate } = polyfill
  return { RTCPeerConnection: PeerConnection, RTCSessionDescription, RTCIceCandidate } as unknown as WebRtc
}

/**
 * {@link dialPeer} over node-datachannel. The offer names no candidates of ours: orchestrators are reachable and learn our
 * address from our first check. If they could check first, libdatachannel would be connected while it still reads the
 * answer, and fail the DTLS handshake for want of the fingerprint in it (one in six on loopback).
 */
export async function dialNode(options: DialOptions): Promise<Dialer> {
  const dialer = await dialPeer({ ...options, wrtc: await loadWebRtc() })
  return { ...dialer, offer: dialer.offer.replace(/a=(candidate:.*|end-of-candidates)\r?\n/g, '') }
}
