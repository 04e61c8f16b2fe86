/** The most that one winner may sensibly be paid by a sender: nobody stakes all that it has on one draw. */

import { getSenderInfo, type ReadOptions } from '../chain/broker.js'
import type { Network } from '../chain/network.js'
import type { Address } from '../units/hex.js'

/** Of the deposit, or of the reserve where that is larger, a winner may be paid one part in so many. */
const share = 2n

/** @returns wei @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getMaxFaceValue(network: Network, sender: Address, options: ReadOptions = {}): Promise<bigint> {
  const { deposit, reserve } = await getSenderInfo(network, sender, options)
  return (deposit > reserve ? deposit : reserve) / share
}
