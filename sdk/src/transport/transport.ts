/** How messages travel between a broadcaster and an orchestrator. Says nothing of their meaning. */

import type { StreamflowError } from '../errors/StreamflowError.js'

/** A connection that keeps messages whole and in order, or breaks. */
export interface Transport {
  /**
   * Sends one message of at most `limits.messageBytes`. Resolves when the next may be sent: real back-pressure.
   * @throws {@link StreamflowError} `TransportFailed` once the connection is closed
   */
  send(message: Uint8Array<ArrayBuffer>): Promise<void>
  /** What the other side sends; ends when the connection does. */
  readonly messages: ReadableStream<Uint8Array>
  /** Bytes handed over and not yet on their way. */
  readonly bufferedBytes: number
  /** Resolves when the connection is gone: with nothing after `close()`, with `TransportFailed` if it broke. Never rejects. */
  readonly closed: Promise<StreamflowError | undefined>
  /** Idempotent. */
  close(): void
}

/** A connection in the making: its offer exists, its answer is awaited. */
export interface Dialer {
  /** SDP, candidates included. */
  readonly offer: string
  /**
   * @param answer - SDP
   * @throws {@link StreamflowError} `TransportFailed` if the connection does not come about, `Timeout`, `Aborted`
   */
  accept(answer: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<Transport>
  /** Gives up. Idempotent; does nothing once a transport was made. */
  close(): void
}

/** A STUN or TURN server: the browsers' `RTCIceServer`, under a name that Node's types know too. */
export interface IceServer {
  readonly urls: string | string[]
  readonly username?: string
  readonly credential?: string
}

/** What a dialer may be told. */
export interface DialOptions {
  /** STUN and TURN servers. @default none: orchestrators have public addresses */
  readonly iceServers?: readonly IceServer[] | undefined
  /** Longest wait for candidates, in milliseconds. @default 1000 */
  readonly gatheringTimeoutMs?: number | undefined
  /** Longest wait for the connection after the answer, in milliseconds. @default 10000 */
  readonly connectTimeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Makes dialers: WebRTC in the page, the same over node-datachannel in Node. */
export type Dial = (options: DialOptions) => Promise<Dialer>
