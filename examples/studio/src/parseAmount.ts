/** What a person types as an amount of ether. Pure. */

import { parseEther } from 'viem'
import { StreamflowError } from '@streamflow/sdk/errors'

/**
 * @param text - decimal ether, point or comma
 * @returns wei, above 0
 * @throws {@link StreamflowError} `InvalidArgument`
 */
export function parseAmount(text: string): bigint {
  const decimal = text.trim().replace(',', '.')
  const wei = /^\d{1,9}(\.\d{1,18})?$/.test(decimal) ? parseEther(decimal) : 0n
  if (wei === 0n) throw new StreamflowError('InvalidArgument', `"${text}" is not an amount of ether above zero, such as 0.01`)
  return wei
}
