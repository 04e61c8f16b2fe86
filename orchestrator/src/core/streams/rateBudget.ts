/**
 * How much of something a stream may send (pictures, by the rate that it declared and its place in the pool is booked by;
 * messages): its rate for ever, and at once what it may have kept while its connection was broken. Pure.
 */
export class RateBudget {
  readonly #perMs: number
  readonly #most: number
  #left: number
  #atMs: number

  /** @param burstMs - how much may come at once */
  constructor({ perSecond, burstMs, nowMs }: { readonly perSecond: number; readonly burstMs: number; readonly nowMs: number }) {
    this.#perMs = perSecond / 1_000
    this.#left = this.#most = this.#perMs * burstMs
    this.#atMs = nowMs
  }

  /** So many came. */
  spend(count: number, nowMs: number): void {
    this.#refill(nowMs)
    this.#left -= count
  }

  /** Milliseconds until more may come; 0 if it may now. */
  computeWaitMs(nowMs: number): number {
    this.#refill(nowMs)
    return this.#left > 0 ? 0 : Math.ceil(-this.#left / this.#perMs) + 1
  }

  #refill(nowMs: number): void {
    this.#left = Math.min(this.#most, this.#left + Math.max(0, nowMs - this.#atMs) * this.#perMs)
    this.#atMs = nowMs
  }
}
