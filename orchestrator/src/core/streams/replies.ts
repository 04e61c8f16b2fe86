/** What was said last about each attempt at a segment, so that a repeated message gets the same answer and costs nothing. */

import type { OrchestratorMessage } from '@streamflow/sdk/protocol'
import { streamBounds } from './policy.js'

/** An attempt at a segment. */
export interface Attempt {
  readonly seq: number
  readonly attempt: number
}

export class Replies {
  readonly #replies = new Map<string, OrchestratorMessage>()

  /** The last reply about an attempt. */
  get(attempt: Attempt): OrchestratorMessage | undefined {
    return this.#replies.get(nameAttempt(attempt))
  }

  set(attempt: Attempt, reply: OrchestratorMessage): void {
    const name = nameAttempt(attempt)
    this.#replies.delete(name)
    this.#replies.set(name, reply)
    if (this.#replies.size <= streamBounds.history) return
    const [oldest] = this.#replies.keys()
    if (oldest !== undefined) this.#replies.delete(oldest)
  }
}

/** Whether two names mean the same attempt. */
export function isSameAttempt(a: Attempt, b: Attempt): boolean {
  return a.seq === b.seq && a.attempt === b.attempt
}

function nameAttempt({ seq, attempt }: Attempt): string {
  return `${seq}/${attempt}`
}
