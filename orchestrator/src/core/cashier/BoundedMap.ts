/** A map that forgets what was added first when it is full: what strangers can fill stays bounded. */

/** At most `capacity` entries. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  entries(): IterableIterator<[K, V]> {
    return this.#entries.entries()
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  /** Adds or replaces. */
  set(key: K, value: V): void {
    if (!this.#entries.has(key) && this.#entries.size >= this.#capacity) this.#entries.delete(this.#entries.keys().next().value as K)
    this.#entries.set(key, value)
  }
}
