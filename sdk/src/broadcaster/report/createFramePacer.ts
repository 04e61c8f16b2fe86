/**
 * Keeps the encoder's pictures a second at what bits and encoder suffice for: fewer good ones are watched more gladly than
 * all of them as a mush, or than a stream that stutters where an encoder skips. The bitrate comes first (`createPacer.ts`);
 * the size stays what it is: it stands in the header that every segment is decoded with, and is what ladder and price are
 * made for. Pure but for what it is told.
 */

/** Figures of one second. */
export interface FramePaceSample {
  /** Bits per second that the encoder is asked for; undefined: as many as it likes. */
  readonly bitrate: number | undefined
  /** Of the pictures of this second, those for which the encoder had no time, 0…1. */
  readonly droppedShare: number
}

export interface FramePacer {
  /** Pictures a second that are asked for. */
  readonly target: number
  /** A second passed. */
  tick(sample: FramePaceSample): void
}

interface FramePacerOptions {
  readonly width: number
  readonly height: number
  /** Pictures a second that the source states. */
  readonly frameRate: number
  readonly setFrameRate: (frameRate: number) => void
}

/** Rates in parts of the source's: what divides it gives even movement. */
const shares = [1, 2 / 3, 1 / 2, 1 / 3] as const
/** Below this it is no movement any more. */
const minFrameRate = 8
/** Bits that a pixel of a picture takes at least; an untroubled encoder is given 0.12 (`capture/codecs.ts`). */
const leastBitsPerPixel = 0.025
/** A rate is gone back to only with so much more than it needs at least. */
const raiseMargin = 1.3
/** An encoder that leaves out more is behind; below the lower share it has room. */
const highDropped = 0.1
const lowDropped = 0.02
/** One bad second may be anything. */
const badSeconds = 2
/** Good seconds before an encoder is given more again; twice as many each time that it fell behind thereafter. */
const goodSeconds = { first: 10, most: 80 } as const

/** Creates a pacer, all pictures allowed. */
export function createFramePacer({ width, height, frameRate, setFrameRate }: FramePacerOptions): FramePacer {
  const rates = shares.map((share) => frameRate * share).filter((rate, index) => index === 0 || rate >= minFrameRate)
  const last = rates.length - 1
  const needs = rates.map((rate) => rate * width * height * leastBitsPerPixel)
  /** Steps down, for want of bits and for want of an encoder's time. */
  let byBits = 0
  let byEncoder = 0
  let bad = 0
  let good = 0
  let patience = 0
  let level = 0

  const followBits = (bitrate: number | undefined): void => {
    const given = bitrate ?? Number.POSITIVE_INFINITY
    while (byBits < last && given < (needs[byBits] as number)) byBits++
    while (byBits > 0 && given >= (needs[byBits - 1] as number) * raiseMargin) byBits--
  }
  const followEncoder = (droppedShare: number): void => {
    bad = droppedShare > highDropped ? bad + 1 : 0
    good = droppedShare < lowDropped ? good + 1 : 0
    if (bad >= badSeconds && level < last) {
      // From where it is: a rate that is not sent cannot have been too much.
      byEncoder = level + 1
      patience = Math.min(Math.max(goodSeconds.first, patience * 2), goodSeconds.most)
      bad = 0
    } else if (byEncoder > 0 && good >= patience) {
      byEncoder--
      good = 0
    }
  }
  return {
    get target() {
      return rates[level] as number
    },
    tick({ bitrate, droppedShare }) {
      followBits(bitrate)
      followEncoder(droppedShare)
      const next = Math.max(byBits, byEncoder)
      if (next === level) return
      level = next
      setFrameRate(rates[level] as number)
    },
  }
}
