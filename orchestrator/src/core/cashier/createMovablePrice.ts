/** A price that the operator may move while the server runs, within bounds: a slip of a digit must not sell for nothing, or to nobody. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { PriceSource } from './policy.js'

/** How far from what the settings say it may go where they do not say how far. */
const usualFactor = 10n

/** The price as it stands; wei per 10^6 output pixels. */
export interface MovedPrice {
  readonly perMillionPixels: bigint
  readonly lowest: bigint
  readonly highest: bigint
  readonly isMoved: boolean
}

/** A price source with a hand on it. */
export interface MovablePrice extends PriceSource {
  /** @throws {@link StreamflowError} `ChainUnavailable` if a feed does not answer */
  describe(): Promise<MovedPrice>
  /**
   * Asks this from now on, of new streams; running ones keep what was agreed. It is forgotten with the process: the settings
   * say what a start begins with.
   * @throws {@link StreamflowError} `InvalidArgument` beyond the bounds; `ChainUnavailable`
   */
  move(perMillionPixels: bigint): Promise<void>
}

/** @param bounds - wei; @default a tenth and ten times of what `source` says */
export function createMovablePrice(source: PriceSource, bounds: { readonly lowest?: bigint; readonly highest?: bigint }): MovablePrice {
  let moved: bigint | undefined
  const describe = async (): Promise<MovedPrice> => {
    const usual = await source.readPricePerMillionPixels()
    const { lowest = usual / usualFactor, highest = usual * usualFactor } = bounds
    return { perMillionPixels: moved ?? usual, lowest, highest, isMoved: moved !== undefined }
  }
  return {
    readPricePerMillionPixels: async () => moved ?? source.readPricePerMillionPixels(),
    describe,
    async move(perMillionPixels) {
      const { lowest, highest } = await describe()
      if (perMillionPixels < lowest || perMillionPixels > highest) {
        throw new StreamflowError('InvalidArgument', `the price may be ${lowest} to ${highest} wei per million pixels, not ${perMillionPixels}`, { data: { lowest, highest }, help: 'price.lowest and price.highest say how far it may go.' })
      }
      moved = perMillionPixels
    },
  }
}
