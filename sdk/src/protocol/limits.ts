/** Every bound of the protocol, in one place. Both sides enforce them: who sends more gets an error. */

export const protocolVersion = 1

export const limits = {
  /** Bytes of one message on a data channel; larger ones killed browsers. */
  messageBytes: 64 * 1024,
  /** Bytes of payload in a chunk message: what is left beside its head. */
  chunkBytes: 60 * 1024,
  /** Bytes of a control message. */
  controlBytes: 16 * 1024,
  /** Bytes of a stream's header (Matroska EBML + Tracks). */
  headerBytes: 32 * 1024,
  /** Bytes of one segment: 4 s at 50 Mbit/s. */
  segmentBytes: 25 * 1024 * 1024,
  /** Segments of one stream that may be open or unsettled at once. */
  openSegments: 8,
  /** Length of a segment in milliseconds. */
  minSegmentMs: 500,
  maxSegmentMs: 4_000,
  /** A real segment may be longer than its nominal length by this factor before it is refused. */
  segmentOverrun: 2,
  /** Bytes of an HTTP request body. */
  bodyBytes: 64 * 1024,
  /** Bytes of an SDP offer or answer. */
  sdpBytes: 32 * 1024,
  /** Seconds that a signed request's clock may differ from the server's. */
  requestSkewSeconds: 120,
  /** Nonces may arrive out of order within this window behind the highest. */
  nonceWindow: 1_024,
} as const

/**
 * The longest segment that a stream may send, and the most frames in it. Frames are what is paid for: the reservation
 * covers the nominal rate, an overrun at most one segment more.
 * @param stream.frameRate - the most frames per second that it declared
 */
export function computeSegmentBounds({ segmentDurationMs, frameRate }: { readonly segmentDurationMs: number; readonly frameRate: number }): { readonly maxMs: number; readonly maxFrames: number } {
  const maxMs = segmentDurationMs * limits.segmentOverrun
  return { maxMs, maxFrames: Math.ceil((frameRate * maxMs) / 1_000) + 1 }
}
