/** Bytes that arrive in pieces of any size and leave in pieces of chosen size; copies only what straddles two pieces. */

/** A first-in, first-out queue of bytes. */
export class ByteQueue {
  readonly #pieces: Uint8Array[] = []
  #length = 0

  /** Bytes that wait. */
  get length(): number {
    return this.#length
  }

  /** Appends bytes; they must not change afterwards. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#pieces.push(bytes)
    this.#length += bytes.length
  }

  /**
   * The first `count` bytes without removing them.
   * @param count - at most `length`
   */
  peek(count: number): Uint8Array {
    return this.#gather(count)
  }

  /**
   * Removes and returns the first `count` bytes.
   * @param count - at most `length`
   */
  take(count: number): Uint8Array {
    const bytes = this.#gather(count)
    this.#drop(count)
    return bytes
  }

  /** Removes everything. */
  clear(): void {
    this.#pieces.length = 0
    this.#length = 0
  }

  #gather(count: number): Uint8Array {
    if (count > this.#length) throw new RangeError(`byte queue: ${count} bytes asked, ${this.#length} there`)
    const first = this.#pieces[0]
    if (count === 0 || first === undefined) return new Uint8Array(0)
    if (first.length >= count) return first.subarray(0, count)
    const whole = new Uint8Array(count)
    let offset = 0
    for (const piece of this.#pieces) {
      if (offset === count) break
      const part = piece.subarray(0, count - offset)
      whole.set(part, offset)
      offset += part.length
    }
    return whole
  }

  #drop(count: number): void {
    this.#length -= count
    let left = count
    let gone = 0
    for (const piece of this.#pieces) {
      if (piece.length > left) {
        this.#pieces[gone] = piece.subarray(left)
        break
      }
      left -= piece.length
      gone++
    }
    this.#pieces.splice(0, gone)
  }
}
