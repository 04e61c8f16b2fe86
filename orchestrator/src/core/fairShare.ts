/**
 * A bounded number of places, shared fairly among clients: while there is room everybody may have as many as they like;
 * when there is none, whoever holds the most gives one up for somebody who holds less than an equal share. So one client
 * can fill what is empty, but shuts nobody out.
 */
export class FairShare<T extends object> {
  readonly #capacity: number
  readonly #displace: (item: T) => void
  readonly #held = new Map<string, Set<T>>()
  #size = 0

  /**
   * @param capacity - places
   * @param displace - called with what lost its place to a newcomer; it has been released already
   */
  constructor(capacity: number, displace: (item: T) => void) {
    this.#capacity = capacity
    this.#displace = displace
  }

  /** Places that are taken. */
  get size(): number {
    return this.#size
  }

  /** Takes a place. @returns whether there was one, or one was made */
  take(client: string, item: T): boolean {
    if (this.#size >= this.#capacity && !this.#makeRoom(client)) return false
    const held = this.#held.get(client)
    if (held === undefined) this.#held.set(client, new Set([item]))
    else held.add(item)
    this.#size++
    return true
  }

  /** Gives a place back. Idempotent. */
  release(client: string, item: T): void {
    const held = this.#held.get(client)
    if (held?.delete(item) !== true) return
    this.#size--
    if (held.size === 0) this.#held.delete(client)
  }

  /** Everything that holds a place. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (const held of this.#held.values()) yield* held
  }

  /** Whoever asks for more than an equal share is refused without a look at the others: being greedy costs the server nothing. */
  #makeRoom(client: string): boolean {
    const mine = this.#held.get(client)?.size ?? 0
    const clients = this.#held.size + (mine === 0 ? 1 : 0)
    if (mine + 1 > this.#capacity / clients) return false
    // Somebody holds more than an equal share, since all places are taken and this client has less.
    let largest: [string, Set<T>] | undefined
    for (const entry of this.#held) if (largest === undefined || entry[1].size > largest[1].size) largest = entry
    const oldest = largest?.[1].values().next().value
    if (largest === undefined || oldest === undefined) return false
    this.release(largest[0], oldest)
    this.#displace(oldest)
    return true
  }
}
