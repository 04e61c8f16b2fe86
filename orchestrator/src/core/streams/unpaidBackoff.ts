/**
 * Remembers who opened streams and paid for none, by sender and by address: each such stream held a place. After a few,
 * whoever comes again has to wait, twice as long each time. Pure.
 */

/** What one name did: streams without a ticket since it last paid, and until when it has to wait. */
interface Record {
  readonly unpaid: number
  readonly untilMs: number
}

const firstWaitMs = 1_000
/** Names that are remembered; beyond, the oldest is forgotten. */
const maxNames = 10_000

export class UnpaidBackoff {
  readonly #freeTries: number
  readonly #longestWaitMs: number
  readonly #records = new Map<string, Record>()

  /** @param options.freeTries - streams that nobody has to wait after: connections fail, pages are closed */
  constructor({ freeTries, longestWaitMs }: { readonly freeTries: number; readonly longestWaitMs: number }) {
    this.#freeTries = freeTries
    this.#longestWaitMs = longestWaitMs
  }

  /** Milliseconds that a name has to wait; 0 if it may come. */
  computeWaitMs(name: string, nowMs: number): number {
    return Math.max(0, (this.#records.get(name)?.untilMs ?? 0) - nowMs)
  }

  /** A stream ended of which no ticket was accepted. */
  note(name: string, nowMs: number): void {
    const known = this.#records.get(name)
    // Whoever stayed away for long starts afresh.
    const unpaid = (known === undefined || nowMs - known.untilMs > this.#longestWaitMs ? 0 : known.unpaid) + 1
    const waits = unpaid - this.#freeTries
    const waitMs = waits <= 0 ? 0 : Math.min(this.#longestWaitMs, firstWaitMs * 2 ** (waits - 1))
    this.#records.delete(name)
    this.#records.set(name, { unpaid, untilMs: nowMs + waitMs })
    const [oldest] = this.#records.keys()
    if (oldest !== undefined && this.#records.size > maxNames) this.#records.delete(oldest)
  }

  /** A ticket was accepted. */
  forgive(name: string): void {
    this.#records.delete(name)
  }
}
