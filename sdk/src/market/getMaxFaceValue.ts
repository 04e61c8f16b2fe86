/** The most that one winner may sensibly be paid by a sender: nobody stakes all that it has on one draw. */

import { getSenderInfo, type ReadOptions } from '../chain/broker.js'
import type { Network } from '../chain/network.js'
import type { Address } from '../units/hex.js'

/** Tenths of deposit and reserve that a winner may be paid. Orchestrators that can choose want to be paid three times over. */
const tenths = 4n

/** @returns wei @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getMaxFaceValue(network: Network, sender: Address, options: ReadOptions = {}): Promise<bigint> {
  const { deposit, reserve } = await getSenderInfo(network, sender, options)
  return ((deposit + reserve) * tenths) / 10n
}
