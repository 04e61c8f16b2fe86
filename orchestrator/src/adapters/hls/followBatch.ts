/** What one turn of the event loop adds to the responses of a rendition's followers. */

/** A frame, encoded. */
export interface BatchFrame {
  /** The segment it belongs to. */
  readonly seq: number
  readonly bytes: Uint8Array
}

export class FollowBatch {
  /** All segments before this one are complete, the sound's with the picture's. */
  readonly firstOpenSeq: number
  /** The newest segment of which anything is in here, or has been before. */
  readonly newestSeq: number
  /** Nothing follows, for anybody: `elsewhere`: not here, but perhaps at another origin. */
  readonly isOver: boolean | 'elsewhere'
  readonly #frames: readonly BatchFrame[]
  readonly #oldestSeq: number
  /** By range: those whose response begins or ends within the batch get only a piece, but the same piece. */
  readonly #pieces = new Map<string, Uint8Array>()

  constructor({ frames, firstOpenSeq, newestSeq, isOver }: Pick<FollowBatch, 'firstOpenSeq' | 'newestSeq' | 'isOver'> & { readonly frames: readonly BatchFrame[] }) {
    this.#frames = frames
    this.#oldestSeq = Math.min(...frames.map(({ seq }) => seq))
    this.firstOpenSeq = firstOpenSeq
    this.newestSeq = newestSeq
    this.isOver = isOver
  }

  /** The frames of the segments in a range, both ends included, as one buffer that is made once. */
  read(fromSeq: number, lastSeq: number): Uint8Array {
    const from = fromSeq <= this.#oldestSeq ? -Infinity : fromSeq
    const last = lastSeq >= this.newestSeq ? Infinity : lastSeq
    const key = `${from} ${last}`
    let piece = this.#pieces.get(key)
    if (piece === undefined) {
      piece = Buffer.concat(this.#frames.filter(({ seq }) => seq >= from && seq <= last).map(({ bytes }) => bytes))
      this.#pieces.set(key, piece)
    }
    return piece
  }
}
