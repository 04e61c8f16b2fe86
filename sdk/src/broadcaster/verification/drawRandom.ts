/** Chance that an orchestrator cannot foresee: of the platform's cryptographic generator. */

/** Values of 32 bits. */
const range = 2 ** 32

/** A whole number from 0 to below `below` (at most 2^32), each exactly as likely as the others. */
export function drawBelow(below: number): number {
  const limit = range - (range % below)
  const word = new Uint32Array(1)
  do crypto.getRandomValues(word)
  while (word[0]! >= limit)
  return word[0]! % below
}

/** A share from 0 to below 1. */
export function drawShare(): number {
  return drawBelow(range) / range
}
