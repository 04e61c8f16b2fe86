/**
 * Lets the blocks of an input go when they are due. ffmpeg reads ahead; what it has read waits here, each track in a queue
 * of its own, so that a track which is late, paused or over never holds the other back. Pure but for its clock and timer.
 *
 * Not ffmpeg's `-re`: it begins its count after it has looked at the input, so that a live stream through a pipe stays
 * behind by that for ever, and it cannot look ahead over a hole.
 */

import { maxAudioLeadUs } from '../../media/createSegmenter.js'

/** One encoded frame or packet, on the input's clock. */
export interface PlayoutBlock {
  readonly timestampUs: number
  readonly isKey: boolean
  readonly bytes: Uint8Array<ArrayBuffer>
}
export type PlayoutTrack = 'video' | 'audio'

/** How to let go, and who takes it. */
export interface PlayoutOptions {
  /** `realtime`: as fast as it plays; `source`: as it comes. */
  readonly pace: 'realtime' | 'source'
  /**
   * Microseconds for which pictures wait for sound of their time, at the beginning and while it keeps coming; sound that is
   * late, paused or over is waited for once. 0: there is no sound. Transcoders put silence where sound is behind the pictures.
   */
  readonly readPatienceUs: () => number
  /**
   * When the first byte of the input came, where that can be seen: its first picture was made no later. So a live stream is
   * let go as it comes, and what reading it takes is part of the latency that viewers are told of. @default unknown
   */
  readonly readOriginUs?: () => number | undefined
  /** Microseconds, never backwards. @default performance.now */
  readonly readClockUs?: () => number
  /** Called once, before the first block: the clock's reading at which the input's time was 0. */
  readonly onStart: (zeroUs: number) => void
  readonly onBlock: (track: PlayoutTrack, block: PlayoutBlock) => void
  /** Enough is read ahead: the input should wait, or go on. */
  readonly onHold: (isHeld: boolean) => void
}

/** See `createPlayout`. */
export interface Playout {
  /** Takes a block; each track's in order. */
  push(track: PlayoutTrack, block: PlayoutBlock): void
  /** Whether whoever receives blocks is behind: none is let go. */
  setPaused(isPaused: boolean): void
  /** The input is over: what is left is let go when it is due, then `onDrained` is called. */
  end(onDrained: () => void): void
  /** Lets go of what is due now, and of nothing after that. */
  stop(): void
}

/** What a stream has in store when it is begun is let go at once, at most so much: the rest is paced. */
const burstUs = 1_000_000
/** How long arrivals are watched before the first is let go: a live stream's store comes in a rush, its edge does not. */
const settleUs = 150_000
/** Pictures read ahead, in time and in bytes. */
const lookaheadUs = 2_000_000
const maxAheadBytes = 32 * 1024 * 1024
/** Sound may be ahead of the pictures by as many packets; they are small. */
const maxSoundBlocks = 60_000
/** A longer hole that did not take as long to pass is a clock that jumped. */
const maxHoleUs = 30_000_000
/** What remains of it. */
const seamUs = 40_000
/** A look around while nothing comes. */
const idleUs = 1_000_000

/** A stretch of the input's clock in which nothing was shown: it is left out for both tracks. */
interface Cut {
  readonly afterUs: number
  readonly untilUs: number
  readonly byUs: number
}

/** When a picture came, and its time. */
interface Arrival {
  readonly atUs: number
  readonly timestampUs: number
}

/** A block that waits. */
interface Waiting {
  readonly block: PlayoutBlock
  readonly atUs: number
}

/** Creates a playout. */
export function createPlayout(options: PlayoutOptions): Playout {
  return new TimedPlayout(options)
}

class TimedPlayout implements Playout {
  private readonly readClockUs: () => number
  private readonly queues: Record<PlayoutTrack, Waiting[]> = { video: [], audio: [] }
  private readonly cuts: Cut[] = []
  private videoBytes = 0
  private firstVideo: Arrival | undefined
  private lastVideo: Arrival | undefined
  /** Least distance of arrival and time so far: when the input's time was 0, if nothing was delayed. */
  private earliestZeroUs = Number.POSITIVE_INFINITY
  private zeroUs: number | undefined
  /** Time of the picture that was let go last. */
  private shownUs = Number.NEGATIVE_INFINITY
  private lastSoundAtUs = Number.NEGATIVE_INFINITY
  /** Whether pictures wait for sound: until one has waited in vain, and again when some comes. */
  private isSoundExpected = true
  private isPaused = false
  private isHeld = false
  private isOver = false
  private drained: (() => void) | undefined
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly options: PlayoutOptions) {
    this.readClockUs = options.readClockUs ?? (() => performance.now() * 1000)
  }

  push(track: PlayoutTrack, block: PlayoutBlock): void {
    if (this.isOver || (track === 'audio' && this.queues.audio.length >= maxSoundBlocks)) return
    const nowUs = this.readClockUs()
    if (track === 'audio') {
      this.lastSoundAtUs = nowUs
      this.isSoundExpected = true
    } else {
      this.seeVideo({ atUs: nowUs, timestampUs: block.timestampUs })
      this.videoBytes += block.bytes.length
    }
    if (this.zeroUs === undefined) this.earliestZeroUs = Math.min(this.earliestZeroUs, nowUs - block.timestampUs)
    this.queues[track].push({ block, atUs: nowUs })
    this.pump()
  }

  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused
    this.pump()
  }

  end(onDrained: () => void): void {
    this.drained = onDrained
    if (this.firstVideo === undefined) this.finish()
    else this.pump()
  }

  stop(): void {
    this.pump()
    this.isOver = true
    clearTimeout(this.timer)
  }

  private seeVideo(arrival: Arrival): void {
    this.firstVideo ??= arrival
    const last = this.lastVideo
    this.lastVideo = arrival
    if (last === undefined) return
    const jumpUs = arrival.timestampUs - last.timestampUs - (arrival.atUs - last.atUs)
    if (jumpUs > maxHoleUs) this.cuts.push({ afterUs: last.timestampUs + seamUs, untilUs: arrival.timestampUs, byUs: jumpUs - seamUs })
  }

  /** The time without what was cut out; `undefined` within a cut. */
  private mapTime(timestampUs: number): number | undefined {
    let mapped = timestampUs
    for (const { afterUs, untilUs, byUs } of this.cuts) {
      if (timestampUs >= untilUs) mapped -= byUs
      else if (timestampUs > afterUs) return undefined
    }
    return mapped
  }

  /** The time of a track's next block; what lies within a cut is dropped. */
  private peek(track: PlayoutTrack): number | undefined {
    for (const queue = this.queues[track]; queue.length > 0; ) {
      const time = this.mapTime((queue[0] as Waiting).block.timestampUs)
      if (time !== undefined) return time
      queue.shift()
    }
    return undefined
  }

  /** Whether the first block may go; sets the zero. */
  private settle(nowUs: number): boolean {
    if (this.zeroUs !== undefined) return true
    if (this.firstVideo === undefined) return false
    const { atUs, timestampUs } = this.firstVideo
    const limitUs = this.options.pace === 'realtime' ? atUs - timestampUs - burstUs : Number.NEGATIVE_INFINITY
    if (this.earliestZeroUs > limitUs && nowUs - atUs < settleUs && this.drained === undefined) {
      this.wake(settleUs - (nowUs - atUs))
      return false
    }
    const originUs = this.options.readOriginUs?.() ?? Number.POSITIVE_INFINITY
    this.zeroUs = Math.max(Math.min(this.earliestZeroUs, originUs - timestampUs), limitUs)
    this.options.onStart(this.zeroUs)
    return true
  }

  private pump(): void {
    clearTimeout(this.timer)
    if (this.isOver) return
    const nowUs = this.readClockUs()
    let waitUs = 0
    if (this.settle(nowUs)) {
      while (!this.isPaused && !this.isOver && waitUs === 0 && this.queues.video.length + this.queues.audio.length > 0) waitUs = this.releaseNext(nowUs)
      if (waitUs > 0) this.wake(waitUs)
    }
    this.hold(nowUs)
    if (this.drained !== undefined && this.queues.video.length + this.queues.audio.length === 0) this.finish()
  }

  /** Lets the earliest block go. @returns 0, or microseconds to wait for it */
  private releaseNext(nowUs: number): number {
    const video = this.peek('video')
    const audio = this.peek('audio')
    const track = audio === undefined || (video !== undefined && video <= audio) ? 'video' : 'audio'
    const time = track === 'video' ? video : audio
    if (time === undefined) return 0
    // Sound so far ahead would find no place in the segment: an encoder may need longer for its pictures.
    if (video === undefined && time > this.shownUs + maxAudioLeadUs && this.drained === undefined) return idleUs
    const untilDueUs = this.options.pace === 'realtime' ? (this.zeroUs as number) + time - nowUs : 0
    const waitUs = Math.max(0, untilDueUs, this.computePatienceUs(nowUs))
    if (waitUs > 0) return waitUs
    const { block } = this.queues[track].shift() as Waiting
    if (track === 'video') {
      this.videoBytes -= block.bytes.length
      this.shownUs = time
      if (audio === undefined) this.isSoundExpected = false
    }
    this.options.onBlock(track, { ...block, timestampUs: time })
    return 0
  }

  /** How long the next picture still waits for sound, if none is there. */
  private computePatienceUs(nowUs: number): number {
    const [next] = this.queues.video
    const isEnough = next === undefined || this.queues.audio.length > 0 || this.drained !== undefined || this.videoBytes > maxAheadBytes
    if (isEnough || !this.isSoundExpected) return 0
    return this.options.readPatienceUs() - (nowUs - Math.max(this.lastSoundAtUs, next.atUs))
  }

  private hold(nowUs: number): void {
    const { video } = this.queues
    const aheadUs = video.length === 0 ? 0 : (video.at(-1) as Waiting).block.timestampUs - (video[0] as Waiting).block.timestampUs
    // A picture that waits for its sound: more must be read.
    const isStarving = this.computePatienceUs(nowUs) > 0
    const isAhead = this.options.pace === 'realtime' && this.zeroUs !== undefined && aheadUs > lookaheadUs && !isStarving
    const next = this.isPaused || isAhead || this.videoBytes > maxAheadBytes
    if (next !== this.isHeld) this.options.onHold((this.isHeld = next))
  }

  private wake(delayUs: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.pump(), Math.max(1, Math.ceil(delayUs / 1000)))
  }

  private finish(): void {
    if (this.isOver) return
    this.isOver = true
    clearTimeout(this.timer)
    this.drained?.()
  }
}
