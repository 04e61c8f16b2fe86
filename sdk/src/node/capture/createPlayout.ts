/**
 * Lets the blocks of an input go when they are due. ffmpeg reads ahead; what it has read waits here, each track in a queue
 * of its own, so that a track which is late, paused or over never holds the other back. Pure but for its clock and timer.
 *
 * Not ffmpeg's `-re`: it begins its count after it has looked at the input, so that a live stream through a pipe stays
 * behind by that for ever, and it cannot look ahead over a hole.
 */

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
   * Microseconds for which pictures wait for sound of their time that keeps coming; sound that is late, paused or over is
   * not waited for. 0: there is no sound. Transcoders put silence where sound is behind the pictures.
   */
  readonly readPatienceUs: () => number
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

/** A stretch of the input's clock in which nothing was shown: it is left out for both tracks. */
interface Cut {
  readonly afterUs: number
  readonly untilUs: number
  readonly byUs: number
}

/** Creates a playout. */
export function createPlayout({ pace, readPatienceUs, readClockUs = () => performance.now() * 1000, onStart, onBlock, onHold }: PlayoutOptions): Playout {
  const queues: Record<PlayoutTrack, PlayoutBlock[]> = { video: [], audio: [] }
  const cuts: Cut[] = []
  let videoBytes = 0
  let firstVideo: { readonly atUs: number; readonly timestampUs: number } | undefined
  let lastVideo: { readonly atUs: number; readonly timestampUs: number } | undefined
  /** Least distance of arrival and time so far: when the input's time was 0, if nothing was delayed. */
  let earliestZeroUs = Number.POSITIVE_INFINITY
  let zeroUs: number | undefined
  let lastSoundAtUs = Number.NEGATIVE_INFINITY
  /** A picture is due and waits for its sound: more must be read. */
  let isStarving = false
  let isPaused = false
  let isHeld = false
  let isOver = false
  let drained: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  /** The time without what was cut out; `undefined` within a cut. */
  const mapTime = (timestampUs: number): number | undefined => {
    let mapped = timestampUs
    for (const { afterUs, untilUs, byUs } of cuts) {
      if (timestampUs >= untilUs) mapped -= byUs
      else if (timestampUs > afterUs) return undefined
    }
    return mapped
  }
  const seeVideo = (timestampUs: number, atUs: number): void => {
    firstVideo ??= { atUs, timestampUs }
    const jumpUs = lastVideo === undefined ? 0 : timestampUs - lastVideo.timestampUs - (atUs - lastVideo.atUs)
    if (lastVideo !== undefined && jumpUs > maxHoleUs) cuts.push({ afterUs: lastVideo.timestampUs + seamUs, untilUs: timestampUs, byUs: jumpUs - seamUs })
    lastVideo = { atUs, timestampUs }
  }
  /** The next block of a track that is still to be shown, with its time. */
  const peek = (track: PlayoutTrack): number | undefined => {
    for (const queue = queues[track]; queue.length > 0; ) {
      const time = mapTime((queue[0] as PlayoutBlock).timestampUs)
      if (time !== undefined) return time
      queue.shift()
    }
    return undefined
  }
  const release = (track: PlayoutTrack, timestampUs: number): void => {
    const block = queues[track].shift() as PlayoutBlock
    if (track === 'video') videoBytes -= block.bytes.length
    onBlock(track, { ...block, timestampUs })
  }
  /** Whether the first block may go; sets the zero. */
  const settle = (nowUs: number): boolean => {
    if (zeroUs !== undefined) return true
    if (firstVideo === undefined) return false
    const limitUs = pace === 'realtime' ? firstVideo.atUs - firstVideo.timestampUs - burstUs : Number.NEGATIVE_INFINITY
    if (earliestZeroUs > limitUs && nowUs - firstVideo.atUs < settleUs && drained === undefined) return false
    zeroUs = Math.max(earliestZeroUs, limitUs)
    onStart(zeroUs)
    return true
  }
  const hold = (): void => {
    const { video } = queues
    const aheadUs = video.length === 0 ? 0 : (video.at(-1) as PlayoutBlock).timestampUs - (video[0] as PlayoutBlock).timestampUs
    const next = isPaused || (pace === 'realtime' && zeroUs !== undefined && !isStarving && aheadUs > lookaheadUs) || videoBytes > maxAheadBytes
    if (next !== isHeld) onHold((isHeld = next))
  }
  const wake = (delayUs: number): void => {
    clearTimeout(timer)
    timer = setTimeout(pump, Math.max(1, Math.ceil(delayUs / 1000)))
  }
  const pump = (): void => {
    clearTimeout(timer)
    const nowUs = readClockUs()
    if (isOver) return
    if (!settle(nowUs)) return firstVideo === undefined ? undefined : wake(settleUs - (nowUs - firstVideo.atUs))
    while (!isPaused && !isOver) {
      const video = peek('video')
      const audio = peek('audio')
      if (video === undefined && audio === undefined) break
      const track = audio === undefined || (video !== undefined && video <= audio) ? 'video' : 'audio'
      const time = (track === 'video' ? video : audio) as number
      const dueUs = (zeroUs as number) + time
      if (pace === 'realtime' && dueUs > nowUs) {
        wake(dueUs - nowUs)
        break
      }
      const patienceLeftUs = audio === undefined && drained === undefined && videoBytes <= maxAheadBytes ? readPatienceUs() - (nowUs - lastSoundAtUs) : 0
      isStarving = patienceLeftUs > 0
      if (isStarving) {
        wake(patienceLeftUs)
        break
      }
      release(track, time)
    }
    hold()
    if (drained !== undefined && queues.video.length + queues.audio.length === 0) finish()
  }
  const finish = (): void => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    drained?.()
  }

  return {
    push(track, block) {
      if (isOver || (track === 'audio' && queues.audio.length >= maxSoundBlocks)) return
      const nowUs = readClockUs()
      if (track === 'video') {
        seeVideo(block.timestampUs, nowUs)
        videoBytes += block.bytes.length
      }
      if (track === 'audio') lastSoundAtUs = nowUs
      if (zeroUs === undefined) earliestZeroUs = Math.min(earliestZeroUs, nowUs - block.timestampUs)
      queues[track].push(block)
      pump()
    },
    setPaused(next) {
      isPaused = next
      hold()
      if (!next) pump()
    },
    end(onDrained) {
      drained = onDrained
      if (firstVideo === undefined) finish()
      else pump()
    },
    stop() {
      pump()
      isOver = true
      clearTimeout(timer)
    },
  }
}
