/** A copy of a stream, and who makes it. Types only. */

import type { Delivery, DeliveryEnd } from '../delivery/Delivery.js'

/** A delivery under way. */
export interface Run {
  readonly delivery: Delivery
  readonly done: Promise<DeliveryEnd>
}

/** One copy of the stream. */
export interface Lane {
  run: Run | undefined
  /** Whoever makes what is late here. */
  hedge: { run: Run | undefined; readonly search: AbortController; connected: Promise<unknown> } | undefined
}
