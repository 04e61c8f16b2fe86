/** Draws which segments are looked at: one of each block, where nobody but this process can know which. */

/** See {@link createSampler}. */
export interface Sampler {
  /** Whether this segment is looked at, whoever made it. */
  isDrawn(seq: number): boolean
}

/** Blocks that are remembered: receipts come within seconds. */
const rememberedBlocks = 8

/**
 * @param rate - segments in a block; 0: none is looked at, 1: every one
 * @param draw - a whole number from 0 to below its argument, each as likely as the others and not to be foreseen
 */
export function createSampler(rate: number, draw: (below: number) => number): Sampler {
  const drawn = new Map<number, number>()
  return {
    isDrawn(seq) {
      if (rate === 0) return false
      const block = Math.floor(seq / rate)
      let place = drawn.get(block)
      if (place === undefined) {
        drawn.set(block, (place = draw(rate)))
        const [oldest] = drawn.keys()
        if (drawn.size > rememberedBlocks && oldest !== undefined) drawn.delete(oldest)
      }
      return seq % rate === place
    },
  }
}
