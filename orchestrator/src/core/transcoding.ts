/**
 * What the core needs of transcoders, and what it does with their output. Declared here by the consumer;
 * adapters/transcoder and adapters/hls implement it.
 */

import type { StreamflowError } from '@streamflow/sdk/errors'
import type { InputFormat, Ladder } from '@streamflow/sdk/media'
import type { SignedOrigins } from '@streamflow/sdk/payments'

/** Everything a transcoder must know of a stream. It knows nothing of money. */
export interface TranscodeJob {
  /** 32 bytes, 0x-hex. */
  readonly streamId: `0x${string}`
  readonly input: InputFormat
  readonly ladder: Ladder
  /** Target length of a part, 100…500 ms. */
  readonly partDurationMs: number
  /** Nominal length of a segment, 1000…4000 ms. */
  readonly segmentDurationMs: number
  /** Id of the exact service, if the stream is of it: each segment comes out as its bytes alone say, by the encoder that the id stands for. */
  readonly exactService?: `0x${string}`
}

/** The `ftyp`+`moov` of one rendition (`audio` for the sound) and what a master playlist says of it. */
export interface RenditionInit {
  /** A name of the ladder, or `audio`. */
  readonly rendition: string
  readonly bytes: Uint8Array
  /** RFC 6381, e.g. `avc1.42c01e` or `mp4a.40.2`. */
  readonly codecs: string
}

/** A piece of a rendition that can be delivered: one or more whole CMAF fragments (`moof`+`mdat`). */
export interface RenditionPart {
  readonly rendition: string
  /** The broadcaster's segment number that this part belongs to. */
  readonly seq: number
  /** 0, 1, 2 … within the segment. */
  readonly index: number
  readonly bytes: Uint8Array
  /** Microseconds on the broadcaster's stream clock (same as `startUs` of the segments). */
  readonly startUs: number
  readonly durationUs: number
  /** Starts with a sync sample. */
  readonly independent: boolean
  /** Samples (video frames, or AAC frames). */
  readonly frames: number
}

/** A rendition's share of one segment is complete: no part of it follows. */
export interface RenditionSegment {
  readonly rendition: string
  readonly seq: number
  readonly parts: number
  readonly frames: number
  readonly bytes: number
  readonly startUs: number
  readonly durationUs: number
  /** SHA-256 over the segment's bytes (all parts in order), 0x-hex. */
  readonly hash: `0x${string}`
}

/** Called as output appears, in order per rendition; nothing after `failed`. Never throw. */
export interface TranscodeEvents {
  init(init: RenditionInit): void
  part(part: RenditionPart): void
  /** Once per rendition and seq, also for a segment that yielded no frame (`frames: 0`). */
  segment(share: { readonly rendition: string; readonly seq: number }): void
  /** `write` may be called again after it returned false. */
  drain(): void
  /**
   * The transcode is dead: `TranscodeFailed`, or `SegmentFormatDidntMatchJobInputParams` if the header does not match the job;
   * `TransportFailed` if only the way to its transcoder is, or the transcoder leaves: nothing of the stream's is to blame.
   */
  failed(error: StreamflowError): void
}

/** One stream's work in a transcoder process, until either dies. Calls are in order: header, (open, write…, close)…, end. */
export interface Transcode {
  /** The container header; checked against `job.input`. */
  header(bytes: Uint8Array): void
  openSegment(segment: { readonly seq: number; readonly startUs: number }): void
  /** A chunk of the open segment. Returns false when the caller should wait for `drain`. */
  write(chunk: Uint8Array): boolean
  closeSegment(segment: { readonly seq: number; readonly durationUs: number; readonly frames: number }): void
  /** No more input: flush, deliver what is left, then resolve. Idempotent. */
  end(): Promise<void>
  /** Stop at once and leave nothing running. Idempotent. */
  abort(): Promise<void>
}

/** Room for one stream. It is kept whatever dies: what was admitted once need not be admitted again. */
export interface Place {
  /**
   * Starts a transcode wherever there is most room now, full or not; one that runs here already must have failed.
   * @throws {@link StreamflowError} `Capped` when no transcoder is running
   */
  start(events: TranscodeEvents): Promise<Transcode>
  /** Gives the room back. Idempotent. */
  release(): void
}

/** Transcoders, wherever they are. */
export interface Transcoders {
  /**
   * @param options.isAdmitted - somebody who coordinates several of these has given the stream its room already: none is asked for
   * @throws {@link StreamflowError} `Capped` when no transcoder has room for the ladder's pixel rate
   */
  admit(job: TranscodeJob, options?: { readonly isAdmitted?: boolean }): Promise<Place>
  /** Output pixels per second: offered by all transcoders, and taken by open streams. */
  capacity(): { readonly offeredPixelsPerSecond: number; readonly takenPixelsPerSecond: number }
  /** Stops what it started, and leaves what it joined. */
  close(): Promise<void>
}

/** A transcoder as it stands. Output pixels per second. */
export interface TranscoderDescription {
  readonly name: string
  readonly isReady: boolean
  readonly offeredPixelsPerSecond: number
  readonly takenPixelsPerSecond: number
  /** Of this orchestrator. */
  readonly streams: number
}

/** Transcoders into which their operator may look. */
export interface TranscoderPool extends Transcoders {
  /** One entry for each that there is, or will be again. */
  list(): readonly TranscoderDescription[]
}

/** A segment that a rendition does not have, and the time that it leaves free. */
export interface Gap {
  readonly rendition: string
  readonly seq: number
  readonly startUs: number
  readonly durationUs: number
}

/**
 * Where renditions go: the delivery of one stream to viewers. Told in order: by rendition every number once, each segment
 * complete before the next begins, no start before the end of what was told; only a jump beyond all gaps leaves numbers out.
 */
export interface Publication {
  init(init: RenditionInit): void
  part(part: RenditionPart): void
  segment(segment: RenditionSegment): void
  /** The segment will never come in this rendition (refused, lost): players skip it. */
  gap(gap: Gap): void
  /** Where else the stream is to be had; replaces what was told before. */
  origins(origins: SignedOrigins): void
  /**
   * Nothing follows here, and its broadcaster did not say that it is over: if it has other origins, players find it there.
   * @param isMoving - its broadcaster is there and takes it elsewhere, be it to where nobody knows of yet: it has no end here
   */
  leave(isMoving: boolean): void
  /** The stream is over: playlists end, the window stays for `lingerMs`, then is dropped. */
  end(): void
}

/** All published streams. */
export interface Publisher {
  /** @param stream.startTimeMs - wall clock at stream clock 0, for `EXT-X-PROGRAM-DATE-TIME` */
  publish(stream: { readonly job: TranscodeJob; readonly startTimeMs: number }): Publication
}
