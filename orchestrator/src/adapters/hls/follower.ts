/** One follow response: which segments it is given, and when it ends. */

import { encodeFollowFrame } from '@streamflow/sdk/protocol'
import type { DeliverySink } from '../../core/delivery.js'
import type { FollowBatch } from './followBatch.js'

/**
 * A response ends at the first segment's boundary after this. Long enough to spare requests; short enough that proxies
 * and caches, which like answers to end, let it through, and that viewers are spread anew when servers change.
 */
const responseMs = 30_000

export class Follower {
  readonly client: string
  readonly rendition: string
  readonly #fromSeq: number
  readonly #maxBacklogBytes: number
  readonly #endsAtMs = performance.now() + responseMs
  /** The last segment that it is given, once that is known. */
  #lastSeq = Infinity
  #sink: DeliverySink | undefined

  constructor(options: { readonly client: string; readonly rendition: string; readonly fromSeq: number; readonly maxBacklogBytes: number }) {
    this.client = options.client
    this.rendition = options.rendition
    this.#fromSeq = options.fromSeq
    this.#maxBacklogBytes = options.maxBacklogBytes
  }

  /** @param beginning - everything that is there already */
  begin(sink: DeliverySink, beginning: Uint8Array): void {
    this.#sink = sink
    sink.write(beginning)
  }

  /**
   * Gives it what it should have of a batch.
   * @returns whether the response is over with that
   */
  take(batch: FollowBatch): boolean {
    const sink = this.#sink
    if (sink === undefined) return true
    const { backlogBytes } = sink
    if (backlogBytes > this.#maxBacklogBytes) {
      this.cut()
      return true
    }
    if (this.#lastSeq === Infinity && (performance.now() >= this.#endsAtMs || backlogBytes > this.#maxBacklogBytes / 2)) {
      // Nothing of a later segment has been sent, so the next response can go on there and nothing comes twice.
      this.#lastSeq = Math.max(batch.newestSeq, this.#fromSeq)
    }
    const piece = batch.read(this.#fromSeq, this.#lastSeq)
    if (piece.length > 0) sink.write(piece)
    const isWhole = batch.firstOpenSeq > this.#lastSeq
    if (!isWhole && batch.isOver === false) return false
    const nextSeq = isWhole ? this.#lastSeq + 1 : Math.max(batch.newestSeq + 1, this.#fromSeq)
    sink.write(encodeFollowFrame({ kind: 'end', isOver: batch.isOver === true && batch.newestSeq < nextSeq, nextSeq }))
    sink.end()
    this.#sink = undefined
    return true
  }

  /** The viewer is gone. */
  leave(): void {
    this.#sink = undefined
  }

  /** Ends it at once. */
  cut(): void {
    this.#sink?.cut()
    this.#sink = undefined
  }
}
