/** What an operator decides about streams, and the fixed bounds of one stream. */

/** An operator's choices; see config/settings.ts for what each is good for. */
export interface StreamPolicy {
  /** Streams at once, of all senders. */
  readonly maxStreams: number
  /** Streams at once of one sender. */
  readonly maxStreamsPerSender: number
  /** How long a stream waits for its broadcaster to come back. */
  readonly resumeMs: number
  /** A connection without any message for so long is dropped: its broadcaster may come back over another one. */
  readonly idleMs: number
  /** Bytes of chunks that wait for the transcoder, per stream. */
  readonly maxQueuedBytes: number
  /** Target length of a part, 100…500 ms. */
  readonly partDurationMs: number
  /** Ids of the services that are offered. */
  readonly serviceIds: readonly `0x${string}`[]
}

export const streamBounds = {
  /** Messages that break the protocol, per connection, before it is closed. */
  offences: 8,
  /** Messages, of which each takes a moment whatever it says: chunks of every picture and packet of sound, and questions. */
  messagesPerSecond: 1_000,
  /** Refused segments in a row before a stream is ended; a broadcaster that waits for funds tries once a second. */
  refusals: 64,
  /** The first ticket must be accepted within: until then a stream has a place and gives nothing for it. */
  firstTicketMs: 10_000,
  /** Streams at once of one sender, and from one address, of which no ticket was accepted yet. */
  unpaidPerSender: 4,
  unpaidPerAddress: 100,
  /** A stream without an accepted ticket for so long (or as long as its broadcaster may be away) is ended: it holds capacity that others would pay for. */
  unpaidMs: 60_000,
  /** Frames beyond those declared that the segments of a stream may come out with, all together: none is free in every segment. */
  spareFrames: 2,
  /** Finished segments whose last reply is remembered, for repeated messages. */
  history: 64,
  /** Largest step of `seq`: an hour of one-second segments. */
  seqStep: 3_600,
  /** Largest `startUs`: 31 days. */
  startUs: 31 * 86_400 * 1_000_000,
  /** Media that may come at once: what a broadcaster keeps while its connection is broken. Beyond, it comes at its rate. */
  burstMs: 40_000,
  /** Furthest a stream's wall clock may be from ours. */
  startTimeMs: 31 * 86_400 * 1_000,
  /** A transport that was answered must open within. */
  connectMs: 20_000,
  /** All renditions of a closed segment must be complete within. */
  settleMs: 30_000,
  /** A transcode must flush within. */
  flushMs: 15_000,
  /** Transcodes that may die one after the other without a segment coming out whole between them. */
  transcodeDeaths: 3,
  /** Input of unfinished segments that is kept to give it to another transcode, per stream. */
  keptBytes: 32 * 1024 * 1024,
  /** What `Busy` and `Capped` tell a client to wait. */
  busyRetryMs: 1_000,
  cappedRetryMs: 10_000,
} as const
