/** The ladder: which renditions a broadcaster orders, and what they cost in pixels. Pure. */

import { StreamflowError } from '../errors/StreamflowError.js'

/** One video output of the ladder. */
export interface Rendition {
  /** Name in URLs and receipts: `^[a-z0-9-]{1,16}$`, unique within the ladder, never `audio`. */
  readonly name: string
  /** Pixels; even, 16…4096. */
  readonly width: number
  /** Pixels; even, 16…4096. */
  readonly height: number
  /** Target bitrate of the video in bits per second, 50 000…50 000 000. */
  readonly bitrate: number
}

/** The renditions of a stream, best first; 1…8 of them. */
export type Ladder = readonly Rendition[]

/** What the source looks like, as the broadcaster declares it when it opens the stream. */
export interface InputFormat {
  readonly container: 'matroska'
  readonly video: {
    readonly codec: 'h264' | 'vp8' | 'vp9' | 'av1'
    /** Coded picture size in pixels. */
    readonly width: number
    readonly height: number
    /** Nominal frames per second (may be fractional, 1…120); an upper bound for variable frame rate. */
    readonly frameRate: number
  }
  readonly audio?: {
    readonly codec: 'opus' | 'aac'
    /** Hz */
    readonly sampleRate: number
    readonly channels: number
  }
}

/** Bounds of a ladder and an input; also enforced on the wire. */
export const ladderLimits = { renditions: 8, minSide: 16, maxSide: 4096, minBitrate: 50_000, maxBitrate: 50_000_000, maxFrameRate: 120 } as const

/**
 * Asserts that a ladder is within its limits.
 * @throws {@link StreamflowError} `InvalidArgument` naming the rendition and the limit
 */
export function assertLadder(ladder: Ladder): void {
  const fail = (message: string): never => {
    throw new StreamflowError('InvalidArgument', `ladder: ${message}`)
  }
  if (ladder.length < 1 || ladder.length > ladderLimits.renditions) fail(`expected 1…${ladderLimits.renditions} renditions, got ${ladder.length}`)
  const names = new Set<string>()
  for (const { name, width, height, bitrate } of ladder) {
    if (!/^[a-z0-9-]{1,16}$/.test(name) || name === 'audio') fail(`"${name}" is not a rendition name (a-z, 0-9, "-", at most 16, not "audio")`)
    if (names.has(name)) fail(`two renditions are named "${name}"`)
    names.add(name)
    for (const side of [width, height]) {
      if (!Number.isInteger(side) || side % 2 !== 0 || side < ladderLimits.minSide || side > ladderLimits.maxSide) {
        fail(`${name}: expected even sides of ${ladderLimits.minSide}…${ladderLimits.maxSide} pixels, got ${width}×${height}`)
      }
    }
    if (!(bitrate >= ladderLimits.minBitrate && bitrate <= ladderLimits.maxBitrate)) fail(`${name}: bitrate ${bitrate} bit/s is out of range`)
  }
}

/** Pixels of one output frame across the whole ladder: Σ width · height. */
export function computeLadderPixels(ladder: Ladder): number {
  return ladder.reduce((sum, { width, height }) => sum + width * height, 0)
}

const defaultHeights = [720, 480, 360, 240] as const
/** Bits per pixel and frame that look decent with x264 at low latency; smaller pictures need a little more. */
const bitsPerPixel = 0.1

/**
 * The ladder used when a developer names none: the source's own size (at most 720 lines) and the next two rungs
 * below it, keeping the aspect ratio (portrait stays portrait), sides rounded to even numbers.
 * @param source - picture size in pixels and frames per second
 */
export function computeDefaultLadder(source: { readonly width: number; readonly height: number; readonly frameRate: number }): Ladder {
  const short = Math.min(source.width, source.height)
  const top = Math.min(short, defaultHeights[0])
  const rungs = [top, ...defaultHeights.filter((rung) => rung < top)].slice(0, 3)
  return rungs.map((rung) => {
    const scale = rung / short
    const even = (side: number): number => Math.max(ladderLimits.minSide, 2 * Math.round((side * scale) / 2))
    const width = even(source.width)
    const height = even(source.height)
    const bitrate = Math.round((width * height * Math.min(source.frameRate, 60) * bitsPerPixel) / 10_000) * 10_000
    return { name: `${rung}p`, width, height, bitrate: Math.min(Math.max(bitrate, 150_000), ladderLimits.maxBitrate) }
  })
}
