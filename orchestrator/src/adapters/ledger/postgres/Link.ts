/**
 * The one connection of a ledger: a job at a time, in the order in which they come. A job whose connection breaks is done again over
 * the next one, so jobs are such that doing them twice is doing them once.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { describeFailure, isHindered, isLost, openSession, type Session } from './openSession.js'

/** A piece of work; all of it may be done again. */
export type Job<T> = (session: Session) => Promise<T>

/** The server is gone, or lets nobody in: whether what was under way is done, nobody knows. */
export class LinkDown extends Error {
  override readonly name = 'LinkDown'
  readonly reason: StreamflowError

  constructor(cause: unknown) {
    super('the connection to PostgreSQL is down', { cause })
    this.reason = describeFailure(cause)
  }
}

interface LinkOptions {
  readonly url: string
  /** The first connection. */
  readonly session: Session
  /** How long jobs wait for a server that is gone; milliseconds. */
  readonly patienceMs: number
  /** Told before a job is given up because the server stays away. */
  readonly onDown: (reason: StreamflowError) => void
}

/** A server that does not answer for so long is as good as gone; milliseconds. */
const answerMs = 15_000
const retryMs = 200
/** Times that a job may find others in its way. */
const maxHindrances = 20

/** See above. */
export class Link {
  readonly #options: LinkOptions
  #session: Session | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #lostAtMs: number | undefined
  #backSinceMs = Number.NEGATIVE_INFINITY
  #isHurried = false

  constructor(options: LinkOptions) {
    this.#options = options
    this.#session = options.session
  }

  /** Since when there is a connection again, of `performance.now()`; −∞ if it never broke. */
  get backSinceMs(): number {
    return this.#backSinceMs
  }

  /** @throws {@link LinkDown} if the server stays away, or does not let us in again; what the job throws */
  run<T>(job: Job<T>): Promise<T> {
    const result = this.#turn.then(() => this.#do(job))
    this.#turn = result.catch(() => undefined)
    return result
  }

  /** From now on a server that is gone is not waited for. */
  hurry(): void {
    this.#isHurried = true
  }

  /** After the jobs that wait. */
  async close(): Promise<void> {
    this.hurry()
    await this.#turn
    await this.#session?.end().catch(() => undefined)
    this.#session = undefined
  }

  async #do<T>(job: Job<T>): Promise<T> {
    for (let hindrances = 0; ; ) {
      try {
        const result = await this.#once(job)
        if (this.#lostAtMs !== undefined) this.#backSinceMs = performance.now()
        this.#lostAtMs = undefined
        return result
      } catch (thrown) {
        if (isHindered(thrown) && hindrances++ < maxHindrances) continue
        if (thrown instanceof LinkDown) return this.#giveUp(thrown)
        if (!isLost(thrown)) throw thrown
        this.#session?.destroy()
        this.#session = undefined
        this.#lostAtMs ??= performance.now()
        if (this.#isHurried || performance.now() - this.#lostAtMs > this.#options.patienceMs) return this.#giveUp(new LinkDown(thrown))
        await new Promise((resolve) => setTimeout(resolve, retryMs))
      }
    }
  }

  #giveUp(down: LinkDown): never {
    this.#options.onDown(down.reason)
    throw down
  }

  async #open(): Promise<Session> {
    try {
      return await openSession(this.#options.url)
    } catch (thrown) {
      throw isLost(thrown) ? thrown : new LinkDown(thrown)
    }
  }

  async #once<T>(job: Job<T>): Promise<T> {
    const session = (this.#session ??= await this.#open())
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new StreamflowError('LedgerFailed', `PostgreSQL does not answer within ${answerMs} ms`, { cause: { code: 'ETIMEDOUT' } })), answerMs)
    })
    try {
      return await Promise.race([job(session), silence])
    } finally {
      clearTimeout(timer)
    }
  }
}
