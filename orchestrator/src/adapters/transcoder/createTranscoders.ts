/** The pool of transcoder processes of this machine: as many as configured, started again when they die. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { computeLadderPixels } from '@streamflow/sdk/media'
import type { Place, Transcode, TranscodeEvents, TranscodeJob, Transcoders } from '../../core/transcoding.js'
import { TranscoderSeat } from './transcoderSeat.js'
import { startTranscoderProcess, type TranscoderProcess } from './transcoderProcess.js'

/** How the pool is run. */
export interface TranscodersOptions {
  /** Processes, 1…64. */
  readonly count: number
  /** Program and arguments of one process, e.g. `[process.execPath, 'dist/transcoder.js']`. */
  readonly command: readonly string[]
  /** ffmpeg's path; @default 'ffmpeg' */
  readonly ffmpegPath?: string
  /** Output pixels per second that the whole pool offers; measured at start if left out. */
  readonly pixelsPerSecond?: number
  /** Told what happens to processes. */
  readonly log?: (event: TranscoderLogEvent) => void
}

/** Something that an operator wants to know of. */
export type TranscoderLogEvent =
  | { readonly type: 'transcoderReady'; readonly pid: number | undefined; readonly encoder: string; readonly pixelsPerSecond: number }
  | { readonly type: 'transcoderExited'; readonly pid: number | undefined; readonly reason: string; readonly jobs: number }
  | { readonly type: 'transcodeRestarted'; readonly streamId: string; readonly cause: string }

/** How long a stream waits for a transcoder that is just starting. */
const readyTimeoutMs = 10_000
/** Pause before a dead process is started again: doubled each time until one becomes ready. */
const backoff = { firstMs: 100, maxMs: 5000 } as const
const retryAfterMs = 5000

/** What decoding a pixel takes of what encoding one does, of H.264 at the settings that are used here. */
const decodingShare = 1 / 8

/** What a stream may need, in output pixels per second: those that it makes, and those that it reads by what they take. */
function computeNeed({ ladder, input }: TranscodeJob): number {
  const { width, height, frameRate } = input.video
  return (computeLadderPixels(ladder) + width * height * decodingShare) * frameRate
}

/** Room that a stream was admitted to, and the process that it weighs upon. */
interface Room {
  readonly job: TranscodeJob
  /** Output pixels per second that the stream may need. */
  readonly pixelsPerSecond: number
  slot: Slot | undefined
}

/** A process, or the place where it will be started again. */
interface Slot {
  process: TranscoderProcess | undefined
  offered: number
  readonly seats: Map<number, TranscoderSeat>
  isReady: boolean
  backoffMs: number
}

/**
 * Starts the pool. Processes choose and measure their encoder by themselves; streams may be opened meanwhile.
 * @returns the pool, and `ready`, which resolves when the first process can work
 */
export function createTranscoders(options: TranscodersOptions): Transcoders & { /** Resolves when the first process can work. */ ready(): Promise<void> } {
  return new Pool(options)
}

class Pool implements Transcoders {
  readonly #options: TranscodersOptions
  readonly #slots: Slot[]
  readonly #rooms = new Set<Room>()
  #waiters = new Set<() => void>()
  #nextSeat = 1
  #isClosed = false
  readonly #timers = new Set<NodeJS.Timeout>()
  /** What the first process found out, so that no other one, and none that replaces a dead one, need do it again. */
  #known: { readonly encoder: string; readonly pixelsPerSecond: number } | undefined

  constructor(options: TranscodersOptions) {
    this.#options = options
    this.#slots = Array.from({ length: options.count }, () => ({ process: undefined, offered: 0, seats: new Map(), isReady: false, backoffMs: backoff.firstMs }))
    const [first] = this.#slots
    if (first !== undefined) this.#startProcess(first)
  }

  async ready(): Promise<void> {
    await this.#waitFor(() => this.#slots.some((slot) => slot.isReady))
  }

  async admit(job: TranscodeJob): Promise<Place> {
    const pixelsPerSecond = computeNeed(job)
    await this.ready()
    const slot = this.#roomiest()
    const free = slot === undefined ? 0 : slot.offered - this.#taken(slot)
    if (slot === undefined || free < pixelsPerSecond) {
      const data = { retryAfterMs, neededPixelsPerSecond: pixelsPerSecond, freePixelsPerSecond: Math.max(0, free) }
      throw new StreamflowError('Capped', `the stream needs ${Math.round(pixelsPerSecond)} pixels/s, ${Math.max(0, Math.round(free))} are free`, { data })
    }
    const room: Room = { job, pixelsPerSecond, slot }
    this.#rooms.add(room)
    let starts = 0
    return {
      start: async (events) => {
        const transcode = await this.#seat(room, events)
        if (starts++ > 0) this.#options.log?.({ type: 'transcodeRestarted', streamId: job.streamId, cause: 'transcode lost' })
        return transcode
      },
      release: () => void this.#rooms.delete(room),
    }
  }

  capacity(): { readonly offeredPixelsPerSecond: number; readonly takenPixelsPerSecond: number } {
    return {
      offeredPixelsPerSecond: this.#slots.reduce((sum, slot) => sum + (slot.isReady ? slot.offered : 0), 0),
      takenPixelsPerSecond: [...this.#rooms].reduce((sum, room) => sum + room.pixelsPerSecond, 0),
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#wake()
    for (const slot of this.#slots) for (const seat of [...slot.seats.values()]) void seat.abort()
    await Promise.all(this.#slots.map((slot) => slot.process?.close()))
  }

  #startProcess(slot: Slot): void {
    const { command, count, ffmpegPath = 'ffmpeg', log } = this.#options
    const pixelsPerSecond = this.#options.pixelsPerSecond ?? this.#known?.pixelsPerSecond
    const args = ['--ffmpeg', ffmpegPath]
    if (this.#known !== undefined) args.push('--encoder', this.#known.encoder)
    // Processes share one machine: each offers its part of what was measured, or of what the operator said.
    if (pixelsPerSecond !== undefined) args.push('--pixels-per-second', String(pixelsPerSecond / count))
    const started = startTranscoderProcess([...command, ...args], {
      ready: (encoder, rate) => {
        const total = pixelsPerSecond ?? rate
        slot.offered = total / count
        slot.isReady = true
        slot.backoffMs = backoff.firstMs
        this.#known = { encoder, pixelsPerSecond: total }
        log?.({ type: 'transcoderReady', pid: started.pid, encoder, pixelsPerSecond: slot.offered })
        for (const other of this.#slots) if (other.process === undefined) this.#startProcess(other)
        this.#wake()
      },
      message: (message, bytes) => slot.seats.get(message.job)?.receive(message, bytes),
      exited: (reason) => this.#processExited(slot, reason),
    })
    slot.process = started
  }

  #processExited(slot: Slot, reason: string): void {
    const orphans = [...slot.seats.values()]
    // One that died before it was ready may have been told of an encoder that no longer works.
    if (!slot.isReady) this.#known = undefined
    slot.isReady = false
    slot.seats.clear()
    if (this.#isClosed) return
    this.#options.log?.({ type: 'transcoderExited', pid: slot.process?.pid, reason, jobs: orphans.length })
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#startProcess(slot)
    }, slot.backoffMs)
    this.#timers.add(timer)
    slot.backoffMs = Math.min(2 * slot.backoffMs, backoff.maxMs)
    for (const seat of orphans) seat.fail(new StreamflowError('TranscodeFailed', `the transcoder died: ${reason}`))
  }

  /** Full or not, for the stream was admitted; and not weighed down by what it leaves. */
  async #seat(room: Room, events: TranscodeEvents): Promise<Transcode> {
    room.slot = undefined
    await this.ready()
    const slot = this.#roomiest()
    const process = slot?.process
    if (slot === undefined || process === undefined) throw new StreamflowError('Capped', 'no transcoder is running', { data: { retryAfterMs } })
    room.slot = slot
    const number = this.#nextSeat++
    const { job } = room
    const seat = new TranscoderSeat({ number, job, events, send: (message, bytes) => process.send(message, bytes), onOver: () => void slot.seats.delete(number) })
    slot.seats.set(number, seat)
    return seat
  }

  #taken(slot: Slot): number {
    return [...this.#rooms].reduce((sum, room) => sum + (room.slot === slot ? room.pixelsPerSecond : 0), 0)
  }

  #roomiest(): Slot | undefined {
    return this.#slots.filter((slot) => slot.isReady).sort((a, b) => b.offered - this.#taken(b) - (a.offered - this.#taken(a)))[0]
  }

  async #waitFor(isMet: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + readyTimeoutMs
    while (!isMet()) {
      const leftMs = deadlineMs - performance.now()
      if (this.#isClosed || leftMs <= 0) throw new StreamflowError('Capped', 'no transcoder is running', { data: { retryAfterMs } })
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, leftMs)
        const waiters = this.#waiters
        function done(): void {
          clearTimeout(timer)
          waiters.delete(done)
          resolve()
        }
        waiters.add(done)
      })
    }
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter()
  }
}
