/** Turns encoded frames into the events of a captured stream: header, segments, chunks. Pure. */

import { concatBytes } from './ebml.js'
import { encodeClusterHead, encodeMatroskaHeader, encodeSimpleBlock, maxBlockTicks, tickUs, trackNumber, type CodecPrivates } from './matroskaWriter.js'
import type { InputFormat } from './ladder.js'
import type { SegmentEvent } from './segment.js'

/** One encoded frame of video or packet of audio, on the stream's clock. */
export interface EncodedFrame {
  /** Microseconds since the start of the stream; audio may come before 0 and is then left out. */
  readonly timestampUs: number
  /** Whether decoding can start here. */
  readonly isKey: boolean
  readonly bytes: Uint8Array
}

/** What a segmenter needs to begin. */
export interface SegmenterOptions {
  readonly format: InputFormat
  readonly privates: CodecPrivates
  /** Wall clock in ms since the epoch at timestamp 0. */
  readonly startTimeMs: number
  /** Microseconds between the boundaries at which a segment may end. */
  readonly segmentDurationUs: number
  /** Receives the events, in order, at once. */
  readonly emit: (event: SegmentEvent) => void
}

/** Cuts a stream into segments; see `createSegmenter`. */
export interface Segmenter {
  /** Adds a frame of video, in decoding order. Frames before the first keyframe are left out. */
  addVideo(frame: EncodedFrame): void
  /** Adds a packet of audio, interleaved with the video as it comes. */
  addAudio(frame: EncodedFrame): void
  /** Closes the open segment. Nothing may be added afterwards. */
  finish(): void
}

/** Audio further ahead of the video than this is left out: the video stands still and the segment must not grow on. */
export const maxAudioLeadUs = 1_000_000
/** Sound that no picture follows leaves after so long on its own clock. */
const maxHeldSoundUs = 60_000
/** Sound that begins so shortly before the first picture is kept: it lasts into it, and decoders find into the rest by it. */
const maxEarlySoundUs = 25_000
/** A gap between frames longer than this does not count as duration of the segment before it. */
const maxFrameGapUs = 1_000_000

/**
 * The first segment may end here already: players want a whole segment before they begin, and so a second of every start
 * was spent on waiting for it. Ten pictures at 25 fps, and long enough for the next to end on its own boundary.
 */
const firstBoundaryUs = 400_000

/**
 * Whether a keyframe at `timestampUs` should begin a new segment, after one that began at `startUs`: it lies beyond
 * the next multiple of the duration (or the stream's first boundary), and not so shortly after the last one that the
 * segment would be a splinter.
 */
export function isSegmentBoundary(startUs: number, timestampUs: number, segmentDurationUs: number): boolean {
  const lengthUs = timestampUs - startUs
  if (startUs < firstBoundaryUs) return lengthUs >= firstBoundaryUs
  return Math.floor(timestampUs / segmentDurationUs) > Math.floor(startUs / segmentDurationUs) && lengthUs >= segmentDurationUs / 2
}

/**
 * Creates a segmenter and emits the header.
 *
 * Timestamps are rounded to the container's ticks and made strictly increasing per track. A segment ends where
 * {@link isSegmentBoundary} says.
 *
 * Sound leaves with the picture after it: a chunk wakes every process on its way, and ffmpeg decodes sound and picture
 * together anyhow. A picture waits for nothing, and so does sound for longer than {@link maxHeldSoundUs}.
 */
export function createSegmenter({ format, privates, startTimeMs, segmentDurationUs, emit }: SegmenterOptions): Segmenter {
  const nominalFrameUs = Math.round(1_000_000 / format.video.frameRate)
  let seq = -1
  let startTicks = 0
  let clusterTicks = 0
  let frames = 0
  let videoTicks = -1
  let audioTicks = -1
  /** Blocks of sound on their way into the next chunk, and where the first of them stands. */
  let held: Uint8Array[] = []
  let heldTicks = 0
  /** The last packet before the first picture. */
  let early: EncodedFrame | undefined

  emit({ type: 'header', bytes: encodeMatroskaHeader(format, privates), format, startTimeMs })

  const emitChunk = (pieces: readonly Uint8Array[]): void => {
    if (pieces.length > 0) emit({ type: 'chunk', seq, bytes: concatBytes(pieces) })
    held = []
  }

  const close = (endTicks: number): void => {
    emitChunk(held)
    emit({ type: 'close', seq, durationUs: (endTicks - startTicks) * tickUs, frames })
  }

  const encodeBlock = (track: number, ticks: number, { isKey, bytes }: EncodedFrame, opensCluster: boolean): Uint8Array[] => {
    const startsCluster = opensCluster || ticks - clusterTicks > maxBlockTicks
    if (startsCluster) clusterTicks = ticks
    const block = encodeSimpleBlock(track, ticks - clusterTicks, isKey, bytes)
    return startsCluster ? [encodeClusterHead(clusterTicks), block] : [block]
  }

  const addAudio = (frame: EncodedFrame): void => {
    if (!format.audio || frame.timestampUs < 0) return
    if (seq < 0) return void (early = frame)
    const ticks = Math.max(Math.round(frame.timestampUs / tickUs), audioTicks + 1)
    if ((ticks - videoTicks) * tickUs > maxAudioLeadUs || clusterTicks - ticks > maxBlockTicks) return
    audioTicks = ticks
    if (held.length === 0) heldTicks = ticks
    held.push(...encodeBlock(trackNumber.audio, ticks, frame, false))
    if ((ticks - heldTicks) * tickUs >= maxHeldSoundUs) emitChunk(held)
  }

  return {
    addVideo(frame) {
      if (seq < 0 && !frame.isKey) return
      const ticks = Math.max(Math.round(frame.timestampUs / tickUs), videoTicks + 1, 0)
      const opens = frame.isKey && (seq < 0 || isSegmentBoundary(startTicks * tickUs, ticks * tickUs, segmentDurationUs))
      if (opens) {
        const gapTicks = ticks - videoTicks
        if (seq >= 0) close(gapTicks * tickUs <= maxFrameGapUs ? ticks : videoTicks + Math.round(nominalFrameUs / tickUs))
        seq++
        startTicks = ticks
        frames = 0
        emit({ type: 'open', seq, startUs: ticks * tickUs })
      }
      videoTicks = ticks
      frames++
      emitChunk([...held, ...encodeBlock(trackNumber.video, ticks, frame, opens)])
      if (early !== undefined && frame.timestampUs - early.timestampUs < maxEarlySoundUs) addAudio(early)
      early = undefined
    },
    addAudio,
    finish() {
      if (seq >= 0) close(videoTicks + Math.round(nominalFrameUs / tickUs))
    },
  }
}
