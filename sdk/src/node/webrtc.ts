/** WebRTC for Node: node-datachannel behind the same simple-peer that pages use. */

import * as polyfill from 'node-datachannel/polyfill'
import { dialPeer, type WebRtc } from '../transport/dialPeer.js'
import type { Dialer, DialOptions } from '../transport/transport.js'

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

  /** The offer is in force already: node-datachannel makes it when the channel is created, and a second time races with the first. */
  override async setLocalDescription(): Promise<void> {}
}

const wrtc = {
  RTCPeerConnection: PeerConnection,
  RTCSessionDescription: polyfill.RTCSessionDescription,
  RTCIceCandidate: polyfill.RTCIceCandidate,
} as unknown as WebRtc

/**
 * {@link dialPeer} over node-datachannel. The offer names no candidates of ours: orchestrators are reachable and learn our
 * address from our first check. If they could check first, libdatachannel would be connected while it still reads the
 * answer, and fail the DTLS handshake for want of the fingerprint in it (one in six on loopback).
 */
export async function dialNode(options: DialOptions): Promise<Dialer> {
  const dialer = await dialPeer({ ...options, wrtc })
  return { ...dialer, offer: dialer.offer.replace(/a=(candidate:.*|end-of-candidates)\r?\n/g, '') }
}
