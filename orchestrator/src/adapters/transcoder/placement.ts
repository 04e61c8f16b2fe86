/**
 * Which stream weighs upon which transcoder, whether that is a process of this machine or one of the pool: streams are
 * admitted by the pixel rate that they need, each goes where most is free, and what was admitted once stays so.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { computeNeed } from '../../core/transcodeNeed.js'
import type { Place, Transcode, TranscodeEvents, TranscodeJob, TranscoderPool, Transcoders } from '../../core/transcoding.js'

const retryAfterMs = 5000

/** What streams are placed in. */
export interface Host {
  /** For its operator. */
  readonly name: string
  /** Can be given a stream now. */
  readonly isReady: boolean
  /** Output pixels per second that it can make of ours. */
  readonly offeredPixelsPerSecond: number
  /** Starts a transcode there. */
  seat(job: TranscodeJob, events: TranscodeEvents): Transcode
}

/** How long streams wait for a host that is ready. */
export interface Patience {
  /** One that asks for a place, milliseconds. */
  readonly newMs: number
  /** One that has a place and lost its transcode, milliseconds. */
  readonly placedMs: number
}

/** Room that a stream was admitted to, and the host that it weighs upon. */
interface Room<H> {
  readonly job: TranscodeJob
  readonly pixelsPerSecond: number
  host: H | undefined
}

export class Placement<H extends Host> {
  readonly #listHosts: () => readonly H[]
  readonly #patience: Patience
  readonly #onAgain: (job: TranscodeJob) => void
  readonly #rooms = new Set<Room<H>>()
  readonly #waiters = new Set<() => void>()
  #isClosed = false

  /** @param options.onAgain - a stream that had a transcode got another one */
  constructor(options: { readonly listHosts: () => readonly H[]; readonly patience: Patience; readonly onAgain: (job: TranscodeJob) => void }) {
    this.#listHosts = options.listHosts
    this.#patience = options.patience
    this.#onAgain = options.onAgain
  }

  /** @throws {@link StreamflowError} `Capped` */
  async admit(job: TranscodeJob, { isAdmitted = false }: { readonly isAdmitted?: boolean } = {}): Promise<Place> {
    const pixelsPerSecond = computeNeed(job)
    await this.waitForHost(this.#patience.newMs)
    const host = this.findRoomiest()
    const free = host === undefined ? 0 : Math.max(0, this.computeFree(host))
    if (!isAdmitted && free < pixelsPerSecond) {
      const data = { retryAfterMs, neededPixelsPerSecond: pixelsPerSecond, freePixelsPerSecond: free }
      throw new StreamflowError('Capped', `the stream needs ${Math.round(pixelsPerSecond)} pixels/s, ${Math.round(free)} are free`, { data })
    }
    const room: Room<H> = { job, pixelsPerSecond, host }
    this.#rooms.add(room)
    let starts = 0
    return {
      start: async (events) => {
        const transcode = await this.#seat(room, events)
        if (starts++ > 0) this.#onAgain(job)
        return transcode
      },
      release: () => void this.#rooms.delete(room),
    }
  }

  capacity(): ReturnType<Transcoders['capacity']> {
    const hosts = this.#listHosts().filter(({ isReady }) => isReady)
    return {
      offeredPixelsPerSecond: hosts.reduce((sum, host) => sum + host.offeredPixelsPerSecond, 0),
      takenPixelsPerSecond: [...this.#rooms].reduce((sum, room) => sum + room.pixelsPerSecond, 0),
    }
  }

  list(): ReturnType<TranscoderPool['list']> {
    return this.#listHosts().map((host) => {
      const { name, isReady, offeredPixelsPerSecond } = host
      const streams = [...this.#rooms].filter((room) => room.host === host).length
      return { name, isReady, offeredPixelsPerSecond, takenPixelsPerSecond: offeredPixelsPerSecond - this.computeFree(host), streams }
    })
  }

  /** Output pixels per second that a host has left for us. */
  computeFree(host: H): number {
    return [...this.#rooms].reduce((free, room) => free - (room.host === host ? room.pixelsPerSecond : 0), host.offeredPixelsPerSecond)
  }

  /** The ready host with most room; `undefined` if none is ready. */
  findRoomiest(): H | undefined {
    return this.#listHosts()
      .filter(({ isReady }) => isReady)
      .map((host) => ({ host, free: this.computeFree(host) }))
      .sort((a, b) => b.free - a.free)[0]?.host
  }

  /** @throws {@link StreamflowError} `Capped` when no host became ready in time, or all was closed */
  async waitForHost(timeoutMs = this.#patience.newMs): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs
    while (!this.#listHosts().some(({ isReady }) => isReady)) {
      const leftMs = deadlineMs - performance.now()
      if (this.#isClosed || leftMs <= 0) throw new StreamflowError('Capped', 'no transcoder is running', { data: { retryAfterMs } })
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          this.#waiters.delete(done)
          resolve()
        }
        const timer = setTimeout(done, leftMs)
        this.#waiters.add(done)
      })
    }
  }

  /** Some host may have become ready. */
  wake(): void {
    for (const waiter of [...this.#waiters]) waiter()
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#isClosed = true
    this.wake()
  }

  /** Full or not, for the stream was admitted; and not weighed down by what it leaves. */
  async #seat(room: Room<H>, events: TranscodeEvents): Promise<Transcode> {
    room.host = undefined
    await this.waitForHost(this.#patience.placedMs)
    const host = this.findRoomiest()
    if (host === undefined) throw new StreamflowError('Capped', 'no transcoder is running', { data: { retryAfterMs } })
    room.host = host
    return host.seat(room.job, events)
  }
}
