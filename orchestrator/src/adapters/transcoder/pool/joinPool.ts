/**
 * A transcoder's side of a pool: says what it offers, takes jobs of the orchestrators that share the pool's name, has them done
 * by the transcoders that it is given, and sends back what they make. It knows names of connections and numbers of jobs,
 * no chain and no money.
 */

import { randomUUID } from 'node:crypto'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { Transcoders } from '../../../core/transcoding.js'
import { maxJobs } from '../../../transcoding/messages.js'
import { keepConnected, type Bus } from './bus.js'
import { readJob, readNumber } from './jobFrames.js'
import { encodeOffer, maxGuests } from './offer.js'
import { PoolJob } from './poolJob.js'
import { nameSubjects, readNames, wordPattern, type WorkerName } from './subjects.js'

/** What joins, and where. */
export interface JoinOptions {
  readonly servers: readonly string[]
  /** Text of a transcoder's credentials file. */
  readonly credentials?: string
  /** Name of the pool. */
  readonly pool: string
  /** Public key of the credential, or what stands for none. */
  readonly holder: string
  /** Of a member of a public pool: its signature, and whom it wants to be paid. */
  readonly own?: { readonly sign: (bytes: Uint8Array) => Uint8Array; readonly payTo: `0x${string}` }
  /** Who does the work. */
  readonly transcoders: Transcoders
  /** Names of their encoders, as far as they are known. */
  readonly encoders: () => readonly string[]
  readonly log: (event: JoinLogEvent) => void
}

/** Something that whoever runs it wants to know of. */
export type JoinLogEvent =
  | { readonly type: 'poolJoined'; readonly pool: string }
  | { readonly type: 'poolTroubled'; readonly reason: string }

/** A transcoder in a pool. */
export interface Membership {
  /** Takes nothing new, asks for what it has to be moved, and resolves when it has nothing left, or after a while. */
  drain(timeoutMs: number): Promise<void>
  /** Leaves at once. */
  close(): Promise<void>
}

const tickMs = 250
/** Ticks without a word after which an orchestrator's connection is believed dead, and its jobs with it. */
const silentTicks = 40

/** Joins, and again whenever the connection broke. */
export function joinPool(options: JoinOptions): Membership {
  const { servers, credentials, pool, holder, log } = options
  const state: { session?: WorkerSession; isDraining: boolean } = { isDraining: false }
  const connection = keepConnected({
    servers, name: `transcoder ${holder}`,
    ...(credentials !== undefined && { credentials }),
    onConnected(bus) {
      const session = new WorkerSession(bus, options, () => state.isDraining)
      state.session = session
      log({ type: 'poolJoined', pool })
      return () => session.close()
    },
    onTrouble: (reason) => log({ type: 'poolTroubled', reason }),
  })
  return {
    async drain(timeoutMs) {
      state.isDraining = true
      state.session?.sayOffer()
      await state.session?.untilIdle(timeoutMs)
    },
    async close() {
      state.session?.close()
      await connection.close()
    },
  }
}

/** An orchestrator's connection, and its jobs. */
interface Guest {
  readonly jobs: Map<number, PoolJob>
  silent: number
}

/** One connection to the pool. */
class WorkerSession {
  readonly #bus: Bus
  readonly #options: JoinOptions
  readonly #isDraining: () => boolean
  readonly #subjects: ReturnType<typeof nameSubjects>
  readonly #name: WorkerName
  readonly #guests = new Map<string, Guest>()
  readonly #timer: NodeJS.Timeout
  #onIdle = (): void => undefined

  constructor(bus: Bus, options: JoinOptions, isDraining: () => boolean) {
    this.#bus = bus
    this.#options = options
    this.#isDraining = isDraining
    this.#subjects = nameSubjects(options.pool)
    this.#name = { holder: options.holder, run: randomUUID() }
    bus.subscribe(this.#subjects.work(this.#name, '*'), ({ subject, bytes }) => this.#onWork(readNames(subject)[2] ?? '', bytes))
    bus.subscribe(this.#subjects.guest('*'), ({ subject }) => {
      const guest = this.#guests.get(readNames(subject)[0] ?? '')
      if (guest !== undefined) guest.silent = 0
    })
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.sayOffer()
  }

  /** Resolves when no job is left, or after a while. */
  async untilIdle(timeoutMs: number): Promise<void> {
    if (this.#countJobs() === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  close(): void {
    clearInterval(this.#timer)
    for (const { jobs } of this.#guests.values()) for (const job of [...jobs.values()]) job.abort()
    this.#guests.clear()
    this.#onIdle()
  }

  sayOffer(): void {
    const { transcoders, encoders } = this.#options
    const taken = Object.fromEntries([...this.#guests].map(([name, { jobs }]) => [name, [...jobs.values()].reduce((sum, { pixelsPerSecond }) => sum + pixelsPerSecond, 0)]))
    const { offeredPixelsPerSecond } = transcoders.capacity()
    this.#bus.publish(this.#subjects.offer(this.#name), encodeOffer({ encoders: [...encoders()], offeredPixelsPerSecond, taken, isDraining: this.#isDraining(), ...(this.#options.own && { payTo: this.#options.own.payTo }) }))
  }

  #tick(): void {
    for (const [name, guest] of [...this.#guests]) {
      if (++guest.silent < silentTicks) continue
      this.#guests.delete(name)
      for (const job of [...guest.jobs.values()]) job.abort()
    }
    this.sayOffer()
  }

  #onWork(guestName: string, frame: Uint8Array): void {
    const number = readJob(frame)
    if (number === 0 || !wordPattern.test(guestName)) return
    const job = this.#guests.get(guestName)?.jobs.get(number) ?? this.#openJob(guestName, number, frame)
    job?.receive(frame)
  }

  /** Frames of a job that is over here may still be under way: only its first one opens it. */
  #openJob(guestName: string, number: number, frame: Uint8Array): PoolJob | undefined {
    if (readNumber(frame) !== 0 || (!this.#guests.has(guestName) && this.#guests.size >= maxGuests)) return undefined
    const guest = this.#guests.get(guestName) ?? { jobs: new Map(), silent: 0 }
    this.#guests.set(guestName, guest)
    const to = this.#subjects.made(this.#name, guestName)
    const job = new PoolJob({
      number,
      transcoders: this.#options.transcoders,
      pool: this.#options.pool,
      sign: this.#options.own?.sign,
      publish: (bytes) => this.#bus.publish(to, bytes),
      onOver: () => {
        guest.jobs.delete(number)
        if (this.#countJobs() === 0) this.#onIdle()
      },
    })
    guest.jobs.set(number, job)
    if (this.#countJobs() > maxJobs) job.fail(new StreamflowError('Capped', `a transcoder runs at most ${maxJobs} jobs`))
    return job
  }

  #countJobs(): number {
    return [...this.#guests.values()].reduce((sum, { jobs }) => sum + jobs.size, 0)
  }
}
