/** The pool of transcoder processes of this machine: as many as configured, started again when they die. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { Place, Transcode, TranscodeEvents, TranscodeJob, TranscoderPool, Transcoders } from '../../core/transcoding.js'
import { anyAccelerator, type AcceleratorChoice } from '../../transcoding/accelerators/probeAccelerators.js'
import type { DescribedAccelerator } from '../../transcoding/messages.js'
import { formatWorkerArguments } from '../../transcoding/workerArguments.js'
import { Placement, type Host } from './placement.js'
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
  /** Which chains of decoding, scaling and encoding may be used; @default all that work */
  readonly choice?: AcceleratorChoice
  /** Encoders that one device may run at once; learnt from what it refuses if left out. */
  readonly sessionsPerDevice?: number
  /** Output pixels per second that the whole pool offers; measured at start if left out. */
  readonly pixelsPerSecond?: number
  /** Told what happens to processes. */
  readonly log?: (event: TranscoderLogEvent) => void
}

/** Something that an operator wants to know of. */
export type TranscoderLogEvent =
  | { readonly type: 'transcoderReady'; readonly pid: number | undefined; readonly accelerators: readonly string[]; readonly pixelsPerSecond: number }
  | { readonly type: 'acceleratorChanged'; readonly pid: number | undefined; readonly accelerator: string; readonly state: 'left' | 'full' | 'back'; readonly reason: string; readonly pixelsPerSecond: number }
  | { readonly type: 'transcoderExited'; readonly pid: number | undefined; readonly reason: string; readonly jobs: number }
  | { readonly type: 'transcodeRestarted'; readonly streamId: string; readonly cause: string }

/** How long a stream waits for a transcoder that is just starting. */
const readyTimeoutMs = 10_000
/** Pause before a dead process is started again: doubled each time until one becomes ready. */
const backoff = { firstMs: 100, maxMs: 5000 } as const

/**
 * Starts the pool. The first process tries and measures what the machine has; streams may be opened meanwhile.
 * @returns the pool, and `ready`, which resolves when the first process can work
 */
export function createTranscoders(options: TranscodersOptions): TranscoderPool & { /** Resolves when the first process can work. */ ready(): Promise<void> } {
  return new Pool(options)
}

/** A process, or the place where it will be started again. */
class Slot implements Host {
  process: TranscoderProcess | undefined
  offeredPixelsPerSecond = 0
  readonly seats = new Map<number, TranscoderSeat>()
  isReady = false
  backoffMs: number = backoff.firstMs
  #nextSeat = 1

  get name(): string {
    return this.process?.pid === undefined ? 'process' : `process ${this.process.pid}`
  }

  seat(job: TranscodeJob, events: TranscodeEvents): Transcode {
    const number = this.#nextSeat++
    const seat = new TranscoderSeat({ number, job, events, send: (message, bytes) => this.process?.send(message, bytes), onOver: () => void this.seats.delete(number) })
    this.seats.set(number, seat)
    return seat
  }
}

const nameAccelerator = ({ kind, device }: DescribedAccelerator): string => (device === '' ? kind : `${kind}:${device}`)

class Pool implements TranscoderPool {
  readonly #options: TranscodersOptions
  readonly #slots: readonly Slot[]
  readonly #placement: Placement<Slot>
  #isClosed = false
  readonly #timers = new Set<NodeJS.Timeout>()
  /** What the first process found out, so that no other one, and none that replaces a dead one, need do it again. */
  #known: readonly DescribedAccelerator[] | undefined

  constructor(options: TranscodersOptions) {
    this.#options = options
    this.#slots = Array.from({ length: options.count }, () => new Slot())
    this.#placement = new Placement({
      listHosts: () => this.#slots,
      patience: { newMs: readyTimeoutMs, placedMs: readyTimeoutMs },
      onAgain: ({ streamId }) => options.log?.({ type: 'transcodeRestarted', streamId, cause: 'transcode lost' }),
    })
    const [first] = this.#slots
    if (first !== undefined) this.#startProcess(first)
  }

  ready(): Promise<void> {
    return this.#placement.waitForHost()
  }

  admit(job: TranscodeJob, options?: Parameters<Transcoders['admit']>[1]): Promise<Place> {
    return this.#placement.admit(job, options)
  }

  capacity(): ReturnType<Transcoders['capacity']> {
    return this.#placement.capacity()
  }

  list(): ReturnType<TranscoderPool['list']> {
    return this.#placement.list()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#placement.close()
    for (const slot of this.#slots) for (const seat of [...slot.seats.values()]) void seat.abort()
    await Promise.all(this.#slots.map((slot) => slot.process?.close()))
  }

  #startProcess(slot: Slot): void {
    const { command, count, ffmpegPath = 'ffmpeg', choice = anyAccelerator, sessionsPerDevice, pixelsPerSecond, log } = this.#options
    const args = formatWorkerArguments({
      ffmpegPath, choice, share: count,
      ...(sessionsPerDevice !== undefined && { sessionsPerDevice }), ...(pixelsPerSecond !== undefined && { pixelsPerSecond }), ...(this.#known && { proven: this.#known }),
    })
    const started = startTranscoderProcess([...command, ...args], {
      ready: ({ accelerators, pixelsPerSecond: offered, change }) => {
        slot.offeredPixelsPerSecond = offered
        if (change !== undefined) {
          const { name, state, reason } = change
          log?.({ type: 'acceleratorChanged', pid: started.pid, accelerator: name, state, reason, pixelsPerSecond: offered })
          return
        }
        slot.isReady = true
        slot.backoffMs = backoff.firstMs
        this.#known = accelerators
        log?.({ type: 'transcoderReady', pid: started.pid, accelerators: accelerators.map(nameAccelerator), pixelsPerSecond: offered })
        for (const other of this.#slots) if (other.process === undefined) this.#startProcess(other)
        this.#placement.wake()
      },
      message: (message, bytes) => slot.seats.get(message.job)?.receive(message, bytes),
      exited: (reason) => this.#processExited(slot, reason),
    })
    slot.process = started
  }

  #processExited(slot: Slot, reason: string): void {
    const orphans = [...slot.seats.values()]
    // One that died before it was ready may have been told of chains that no longer work.
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
}
