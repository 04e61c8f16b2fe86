/** Asks a delivery without a connection, and keeps what a long response is given. */

import { FollowReader, type FollowFrame } from '@streamflow/sdk/protocol'
import type { Delivery, DeliverySink } from '../../orchestrator/src/core/delivery.js'

/** An answer: of a whole representation, or the beginning of a long response. */
export interface Answer {
  readonly status: number
  readonly type: string
  readonly cacheControl: string
  readonly retryAfterSeconds?: number
  /** As text. */
  readonly text: string
  readonly bytes: Uint8Array
  readonly route: string
  /** Of a long response. */
  readonly sink?: RecordingSink
}

/** A viewer that takes what it is given, or does not. */
export class RecordingSink implements DeliverySink {
  readonly frames: FollowFrame[] = []
  readonly writes: Uint8Array[] = []
  state: 'open' | 'ended' | 'cut' = 'open'
  backlogBytes = 0
  readonly #reader = new FollowReader()

  write(bytes: Uint8Array): void {
    this.writes.push(bytes)
    this.frames.push(...this.#reader.read(bytes))
  }

  end(): void {
    this.state = 'ended'
  }

  cut(): void {
    this.state = 'cut'
  }
}

/** A question under way. */
export interface Asked {
  readonly answer: Promise<Answer>
  /** The viewer is gone. */
  leave(): void
}

/** Asks. @param url - path and query */
export function ask(delivery: Delivery, url: string, client = '192.0.2.1'): Asked {
  let leave: (() => void) | undefined
  const [path = '', query = ''] = url.split('?')
  const answer = new Promise<Answer>((resolve) => {
    leave = delivery.handle(
      { path, query, client },
      {
        send: ({ status, type, cacheControl, body, retryAfterSeconds }, route) =>
          resolve({ status, type, cacheControl, bytes: body, text: Buffer.from(body).toString('utf8'), route, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }),
        begin: (route) => {
          const sink = new RecordingSink()
          resolve({ status: 200, type: '', cacheControl: '', text: '', bytes: new Uint8Array(0), route, sink })
          return sink
        },
      },
    )
  })
  return { answer, leave: () => leave?.() }
}
