/**
 * What an encoder's clock means. An encoder is given a clock of its own that begins at 0 and has no holes worth
 * mentioning; each of its units (a picture, an AAC frame) stands for a unit of the stream's grid, or for none.
 */

interface Piece {
  /** First unit of the encoder, and the unit of the stream that it stands for; `undefined`: these are nobody's. */
  readonly from: number
  readonly to: number | undefined
}

/** Pieces that are kept while output of them may still come. */
const maxPieces = 16

/** The clock of one encoder, piece by piece. */
export class EncoderClock {
  /** Newest first. */
  readonly #pieces: Piece[] = []

  /** From unit `from` of the encoder on, its units stand for those of the stream from `to` on. */
  jump(from: number, to: number): void {
    this.#add({ from, to })
  }

  /** From unit `from` of the encoder on, its units are nobody's. */
  discard(from: number): void {
    this.#add({ from, to: undefined })
  }

  /** The encoder's unit that stands for a unit of the stream, by the newest piece that stands for any. May be a fraction. */
  encoderUnit(unit: number): number {
    const piece = this.#pieces.find(({ to }) => to !== undefined)
    return piece === undefined ? 0 : piece.from + unit - (piece.to ?? 0)
  }

  /** The unit of the stream that a unit of the encoder stands for. */
  streamUnit(unit: number): number | undefined {
    const piece = this.#pieces.find(({ from }) => from <= unit)
    return piece?.to === undefined ? undefined : piece.to + unit - piece.from
  }

  #add(piece: Piece): void {
    if (this.#pieces[0]?.from === piece.from) this.#pieces.shift()
    this.#pieces.unshift(piece)
    if (this.#pieces.length > maxPieces) this.#pieces.pop()
  }
}
