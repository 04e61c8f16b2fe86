/** Puts ffmpeg's two Matroska streams, pictures and sound, through the playout and the segmenter. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import { createSegmenter, type Segmenter } from '../../media/createSegmenter.js'
import { ladderLimits, type InputFormat } from '../../media/ladder.js'
import { createMatroskaReader, type MatroskaTrack } from '../../media/matroska.js'
import { encodeOpusHead } from '../../media/matroskaWriter.js'
import type { SegmentEvent } from '../../media/segment.js'
import { createPlayout, type PlayoutBlock } from './createPlayout.js'

/** What is known of the input, and who takes the segments. */
export interface CutterOptions {
  readonly pace: 'realtime' | 'source'
  readonly isFile: boolean
  readonly segmentDurationUs: number
  /** The rate that is declared where the pictures are passed on as they are. */
  readonly copiedRate: number | undefined
  readonly emit: (event: SegmentEvent) => void
  /** When the first byte of the input came, where that is seen (µs, `performance.now`). */
  readonly readOriginUs: () => number | undefined
  readonly onHold: (isHeld: boolean) => void
  /** The first picture is about to be sent. */
  readonly onFormat: (format: InputFormat) => void
}

/** See `createCutter`. */
export interface Cutter {
  /** Whether the pictures' header came. */
  readonly hasPictures: boolean
  /** Whether there will be sound; nothing is sent before that is known. */
  setSound(hasSound: boolean): void
  pushVideo(bytes: Uint8Array): void
  pushSound(bytes: Uint8Array): void
  setPaused(isPaused: boolean): void
  /** Sends what is left when it is due, closes the last segment, calls `onDrained`. */
  end(onDrained: () => void): void
  /** Closes the last segment with what is due now. */
  stop(): void
}

const fallbackFrameRate = 30
/** A file's reader may take its time; what waits for a live input is late. */
const patienceUs = { file: 1_000_000, live: 250_000 } as const
/** What ffmpeg makes of every sound (see ffmpegArguments.ts). */
const sound = { sampleRate: 48_000, channels: 2, preSkip: 312 } as const
const soundDelayNs = Math.round((sound.preSkip * 1e9) / sound.sampleRate)

/** Creates a cutter. */
export function createCutter({ pace, isFile, segmentDurationUs, copiedRate, emit, readOriginUs, onHold, onFormat }: CutterOptions): Cutter {
  let segmenter: Segmenter | undefined
  let video: MatroskaTrack | undefined
  let soundNumber = -1
  let hasSound: boolean | undefined
  let gridRate: number | undefined
  let isClosed = false
  /** Blocks that came before it was known whether there will be sound. */
  const early: (() => void)[] = []

  const open = (track: MatroskaTrack, zeroUs: number): Segmenter => {
    const format: InputFormat = {
      container: 'matroska',
      video: { codec: 'h264', width: track.width, height: track.height, frameRate: declareRate(copiedRate ?? gridRate ?? fallbackFrameRate) },
      ...(hasSound ? { audio: { codec: 'opus', sampleRate: sound.sampleRate, channels: sound.channels } } : {}),
    }
    onFormat(format)
    return createSegmenter({
      format,
      // The sound's own header comes with its first packet, which may be late, or never come.
      privates: { video: track.codecPrivate, ...(hasSound ? { audio: encodeOpusHead(sound.channels, sound.sampleRate, sound.preSkip), audioDelayNs: soundDelayNs } : {}) },
      startTimeMs: Math.round(Date.now() - performance.now() + zeroUs / 1000),
      segmentDurationUs,
      emit,
    })
  }
  const playout = createPlayout({
    pace,
    readPatienceUs: () => (hasSound === true ? (isFile ? patienceUs.file : patienceUs.live) : 0),
    readOriginUs,
    onHold,
    onStart: (zeroUs) => (segmenter = open(video as MatroskaTrack, zeroUs)),
    onBlock: (track, block) => (track === 'video' ? segmenter?.addVideo(block) : segmenter?.addAudio(block)),
  })
  const push = (track: 'video' | 'audio', block: PlayoutBlock): void => {
    if (hasSound === undefined) early.push(() => playout.push(track, block))
    else playout.push(track, block)
  }
  /** Matroska counts in milliseconds; the picture's place on the grid is exact. */
  const place = (timestampUs: number): number => (gridRate === undefined ? timestampUs : Math.round((Math.round((timestampUs * gridRate) / 1e6) * 1e6) / gridRate))

  const videoReader = createMatroskaReader({
    onHeader: ({ tracks }) => {
      video = tracks.find(({ kind }) => kind === 'video')
      if (video === undefined) throw new StreamflowError('InvalidArgument', 'the input has no video')
      if (copiedRate === undefined && video.defaultDurationNs > 0) gridRate = refineRate(1e9 / video.defaultDurationNs)
    },
    onBlock: ({ timestampUs, isKey, bytes }) => push('video', { timestampUs: place(timestampUs), isKey, bytes }),
  })
  const soundReader = createMatroskaReader({
    onHeader: ({ tracks }) => (soundNumber = tracks.find(({ kind }) => kind === 'audio')?.number ?? -1),
    onBlock: ({ track, timestampUs, isKey, bytes }) => void (track === soundNumber && push('audio', { timestampUs, isKey, bytes })),
  })
  const finish = (): void => {
    if (isClosed) return
    isClosed = true
    segmenter?.finish()
  }
  return {
    get hasPictures() {
      return video !== undefined
    },
    setSound(next) {
      hasSound = next
      for (const begin of early.splice(0)) begin()
    },
    pushVideo: (bytes) => videoReader.push(bytes),
    pushSound: (bytes) => soundReader.push(bytes),
    setPaused: (isPaused) => playout.setPaused(isPaused),
    end(onDrained) {
      playout.end(() => {
        finish()
        onDrained()
      })
    },
    stop() {
      if (!isClosed) playout.stop()
      finish()
    },
  }
}

/** Headers state the length of a frame in whole nanoseconds; rates are whole, or whole ones over 1.001. */
function refineRate(rate: number): number {
  const usual = [Math.round(rate), (Math.round(rate * 1.001) * 1000) / 1001].find((near) => Math.abs(near / rate - 1) < 1e-6)
  return usual ?? rate
}

/** What is declared is never less than what is sent. */
function declareRate(rate: number): number {
  return Math.min(Math.max(rate, 1), ladderLimits.maxFrameRate)
}
