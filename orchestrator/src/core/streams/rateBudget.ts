/**
 * How many pictures a stream may send: as many as the rate that it declared, by which its place in the pool is booked, and
 * at once what it may have kept while its connection was broken. Pure.
 */
export class PictureBudget {
  readonly #picturesPerMs: number
  readonly #most: number
  #left: number
  #atMs: number

  /** @param burstMs - how much may come at once */
  constructor({ frameRate, burstMs, nowMs }: { readonly frameRate: number; readonly burstMs: number; readonly nowMs: number }) {
    this.#picturesPerMs = frameRate / 1_000
    this.#left = this.#most = this.#picturesPerMs * burstMs
    this.#atMs = nowMs
  }

  /** So many pictures came. */
  spend(pictures: number, nowMs: number): void {
    this.#refill(nowMs)
    this.#left -= pictures
  }

  /** Milliseconds until more may come; 0 if it may now. */
  computeWaitMs(nowMs: number): number {
    this.#refill(nowMs)
    return this.#left > 0 ? 0 : Math.ceil(-this.#left / this.#picturesPerMs) + 1
  }

  #refill(nowMs: number): void {
    this.#left = Math.min(this.#most, this.#left + Math.max(0, nowMs - this.#atMs) * this.#picturesPerMs)
    this.#atMs = nowMs
  }
}
