/** Bounds the open connections; when all are taken, the address that has the most gives one up for who has fewer. */

import type { Server, Socket } from 'node:net'
import { FairShare } from '../../core/fairShare.js'
import { nameClient } from './tokenBuckets.js'

export class FairConnections {
  readonly #places: FairShare<Socket>
  #isClosed = false
  readonly #names = new WeakMap<object, string>()

  constructor(maxConnections: number) {
    this.#places = new FairShare(maxConnections, (socket) => socket.destroy())
  }

  /** Counts the connections of a server. */
  watch(server: Server): void {
    server.on('connection', (socket) => {
      const name = this.name(socket)
      if (this.#isClosed || !this.#places.take(name, socket)) return void socket.destroy()
      socket.once('close', () => this.#places.release(name, socket))
    })
  }

  /** Who is at the other end; made once per connection. */
  name(socket: Pick<Socket, 'remoteAddress'>): string {
    let name = this.#names.get(socket)
    if (name === undefined) this.#names.set(socket, (name = nameClient(socket.remoteAddress ?? '')))
    return name
  }

  /** Cuts all of them, and those that still come. */
  close(): void {
    this.#isClosed = true
    for (const socket of [...this.#places]) socket.destroy()
  }
}
