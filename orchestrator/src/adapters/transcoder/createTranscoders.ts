/** The pool of transcoder processes of this machine: as many as configured, started again when they die. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { TranscodeEvents, TranscodeJob, Transcoders } from '../../core/transcoding.js'
import { TranscoderJob } from './transcoderJob.js'
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

interface Slot {
  process: TranscoderProcess | undefined
  offered: number
  readonly jobs: Map<number, TranscoderJob>
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
  #waiters = new Set<() => void>()
  #nextJob = 1
  #isClosed = false
  readonly #timers = new Set<NodeJS.Timeout>()
  /** What the first process found out, so that no other one, and none that replaces a dead one, need do it again. */
  #known: { readonly encoder: string; readonly pixelsPerSecond: number } | undefined

  constructor(options: TranscodersOptions) {
    this.#options = options
    this.#slots = Array.from({ length: options.count }, () => ({ process: undefined, offered: 0, jobs: new Map(), isReady: false, backoffMs: backoff.firstMs }))
    const [first] = this.#slots
    if (first !== undefined) this.#startProcess(first)
  }

  async ready(): Promise<void> {
    await this.#waitFor(() => this.#slots.some((slot) => slot.isReady))
  }

  async open(job: TranscodeJob, events: TranscodeEvents): Promise<TranscoderJob> {
    const pending = new TranscoderJob(job, events, { reseat: (again) => void this.#reseat(again), released: (gone) => this.#release(gone) })
    await this.ready()
    const slot = this.#roomiest()
    const free = slot === undefined ? 0 : slot.offered - taken(slot)
    if (slot === undefined || free < pending.pixelsPerSecond) {
      const data = { retryAfterMs, neededPixelsPerSecond: pending.pixelsPerSecond, freePixelsPerSecond: Math.max(0, free) }
      throw new StreamflowError('Capped', `the ladder needs ${Math.round(pending.pixelsPerSecond)} pixels/s, ${Math.max(0, Math.round(free))} are free`, { data })
    }
    this.#seat(slot, pending)
    return pending
  }

  capacity(): { readonly offeredPixelsPerSecond: number; readonly takenPixelsPerSecond: number } {
    return {
      offeredPixelsPerSecond: this.#slots.reduce((sum, slot) => sum + (slot.isReady ? slot.offered : 0), 0),
      takenPixelsPerSecond: this.#slots.reduce((sum, slot) => sum + taken(slot), 0),
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#wake()
    for (const slot of this.#slots) for (const job of [...slot.jobs.values()]) void job.abort()
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
      message: (message, bytes) => slot.jobs.get(message.job)?.receive(message, bytes),
      exited: (reason) => this.#processExited(slot, reason),
    })
    slot.process = started
  }

  #processExited(slot: Slot, reason: string): void {
    const orphans = [...slot.jobs.values()]
    // One that died before it was ready may have been told of an encoder that no longer works.
    if (!slot.isReady) this.#known = undefined
    slot.isReady = false
    slot.jobs.clear()
    if (this.#isClosed) return
    this.#options.log?.({ type: 'transcoderExited', pid: slot.process?.pid, reason, jobs: orphans.length })
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#startProcess(slot)
    }, slot.backoffMs)
    this.#timers.add(timer)
    slot.backoffMs = Math.min(2 * slot.backoffMs, backoff.maxMs)
    for (const job of orphans) job.lost(new StreamflowError('TranscodeFailed', `the transcoder died: ${reason}`))
  }

  /** A stream that lost its pipeline gets the roomiest process, full or not: it was admitted already. */
  async #reseat(job: TranscoderJob): Promise<void> {
    this.#release(job)
    try {
      await this.ready()
    } catch (error) {
      job.lost(error as StreamflowError)
      return
    }
    const slot = this.#roomiest()
    if (slot === undefined || job.isOver) return
    this.#options.log?.({ type: 'transcodeRestarted', streamId: job.job.streamId, cause: 'pipeline lost' })
    this.#seat(slot, job)
  }

  #seat(slot: Slot, job: TranscoderJob): void {
    const number = this.#nextJob++
    slot.jobs.set(number, job)
    const { process } = slot
    job.seat({ job: number, send: (message, bytes) => process?.send(message, bytes) })
  }

  #release(job: TranscoderJob): void {
    for (const slot of this.#slots) {
      for (const [number, seated] of slot.jobs) if (seated === job) slot.jobs.delete(number)
    }
  }

  #roomiest(): Slot | undefined {
    return this.#slots.filter((slot) => slot.isReady).sort((a, b) => b.offered - taken(b) - (a.offered - taken(a)))[0]
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

function taken(slot: Slot): number {
  return [...slot.jobs.values()].reduce((sum, job) => sum + job.pixelsPerSecond, 0)
}
