/**
 * Replies leave in the order in which they were reserved, whenever each is ready. Each states a balance, and the
 * broadcaster holds it against its own books: balances must come in the order in which the account changed.
 */

import type { OrchestratorMessage } from '@streamflow/sdk/protocol'

/** Sends the reply in its turn; without a message, its place is given up. */
export type Reply = (message?: OrchestratorMessage) => void

interface Place {
  isReady: boolean
  message: OrchestratorMessage | undefined
}

export class ReplyOrder {
  readonly #send: (message: OrchestratorMessage) => void
  readonly #places: Place[] = []

  constructor(send: (message: OrchestratorMessage) => void) {
    this.#send = send
  }

  /** Takes the next place; called when the account is changed. */
  reserve(): Reply {
    const place: Place = { isReady: false, message: undefined }
    this.#places.push(place)
    return (message) => {
      if (place.isReady) return
      place.isReady = true
      place.message = message
      this.#leave()
    }
  }

  #leave(): void {
    while (this.#places[0]?.isReady === true) {
      const { message } = this.#places.shift() as Place
      if (message !== undefined) this.#send(message)
    }
  }
}
