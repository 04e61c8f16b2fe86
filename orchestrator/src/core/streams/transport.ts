/** What streams need of a connection to a broadcaster; declared here by its consumer, implemented by adapters/webrtc. */

/** One connection. Messages are whole, in order, and bounded by the protocol's `messageBytes`. */
export interface Transport {
  /** Queues a message; silently does nothing once closed. */
  send(message: Uint8Array): void
  /** Sends what is queued, then closes. Idempotent. */
  close(): void
}

/** Called in order. `closed` comes once, also after `close()`; nothing follows it. */
export interface TransportEvents {
  opened(): void
  message(message: Uint8Array): void
  closed(): void
}

/** WebRTC session descriptions. */
export interface SessionAnswer {
  readonly type: 'answer'
  readonly sdp: string
}

/** Accepts connections. */
export interface Transports {
  /**
   * Answers an offer with all its candidates gathered (no trickling).
   * @throws {@link StreamflowError} `BadMessage` if the offer cannot be read, `Busy` if there are too many peers, `Timeout`
   */
  accept(offer: { readonly sdp: string }, events: TransportEvents): Promise<{ readonly answer: SessionAnswer; readonly transport: Transport }>
  /** Closes every connection. */
  close(): Promise<void>
}
