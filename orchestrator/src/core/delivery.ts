/**
 * What viewers ask and are answered. Declared here because two adapters meet in it: adapters/http speaks HTTP and knows
 * nothing of streams, adapters/hls knows streams and nothing of connections.
 */

/** The closed set of what can be asked for below `/live/`; metrics are kept by these names, never by a URL. */
export type DeliveryRoute =
  | '/live/:streamId/master.m3u8'
  | '/live/:streamId/follow'
  | '/live/:streamId/origins'
  | '/live/:streamId/steering'
  | '/live/:streamId/:rendition/index.m3u8'
  | '/live/:streamId/:rendition/init.mp4'
  | '/live/:streamId/:rendition/:segment.m4s'
  | '/live/:streamId/:rendition/:part.m4s'
  | '/live/*'

/**
 * Something that is answered whole: a playlist, an init, a segment, a part, an error. One object per text or part,
 * shared by everybody who asks for it, so that what is derived from it (headers, compressed bytes) is made once.
 */
export interface Representation {
  readonly status: number
  readonly type: string
  readonly cacheControl: string
  readonly body: Uint8Array
  /** Whether it is worth compressing. */
  readonly isText: boolean
  /** A strong validator without its quotes; errors have none. */
  readonly tag?: string
  readonly retryAfterSeconds?: number
}

/** A long response, written as things happen. */
export interface DeliverySink {
  /** Never blocks and never copies: `bytes` are shared by all who get them and must not change. */
  write(bytes: Uint8Array): void
  /** Nothing follows. */
  end(): void
  /** Ends it so that the viewer sees that it is incomplete, and forgets what was not sent. */
  cut(): void
  /** Bytes that were written and that the viewer has not taken yet. */
  readonly backlogBytes: number
}

/** One viewer's question. */
export interface DeliveryRequest {
  /** Of the URL, without the query, e.g. `/live/0x…/master.m3u8`. */
  readonly path: string
  /** What follows the question mark, or an empty string. */
  readonly query: string
  /** Who asks, for sharing fairly: an address or a network. */
  readonly client: string
}

/** Where the answer goes: one call of one of the two, now or later. */
export interface DeliveryReply {
  send(representation: Representation, route: DeliveryRoute): void
  /** Begins a follow response; never to be stored or transformed on its way. */
  begin(route: DeliveryRoute): DeliverySink
}

/** Serves published streams. */
export interface Delivery {
  /**
   * Answers a `GET` or `HEAD`.
   * @returns what to call when the viewer is gone before the answer has ended; `undefined` if it was answered at once
   */
  handle(request: DeliveryRequest, reply: DeliveryReply): (() => void) | undefined
}
