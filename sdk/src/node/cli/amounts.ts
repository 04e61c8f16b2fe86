/** Amounts as people type and read them. */

import { formatUnits, getAddress, isAddress, parseUnits } from 'viem'
import { StreamflowError } from '../../errors/StreamflowError.js'

type Hex = `0x${string}`

/** Of ether and of the token alike. */
const decimals = 18

/** wei as a decimal of ether or tokens, exact. */
export const formatAmount = (wei: bigint): string => formatUnits(wei, decimals)

/**
 * What was given after a flag, in wei; undefined if the flag was not.
 * @param unit - for the message, e.g. `ether`
 * @throws {@link StreamflowError} `InvalidArgument`
 */
export function readAmount(name: string, text: string | undefined, unit: 'ether' | 'tokens'): bigint | undefined {
  if (text === undefined) return undefined
  const wei = /^\d{1,30}(\.\d{1,18})?$/.test(text) ? parseUnits(text, decimals) : 0n
  if (wei === 0n) throw new StreamflowError('InvalidArgument', `--${name}: expected ${unit} above 0, e.g. 0.5, got ${text}`)
  return wei
}

/** The same, where the flag must be given. @throws {@link StreamflowError} `InvalidArgument` */
export function requireAmount(name: string, text: string | undefined, unit: 'ether' | 'tokens'): bigint {
  const wei = readAmount(name, text, unit)
  if (wei === undefined) throw new StreamflowError('InvalidArgument', `expected --${name} with ${unit}, e.g. 1000 or 0.5`)
  return wei
}

/** An account that was given after a flag. @throws {@link StreamflowError} `InvalidArgument` */
export function readAddressFlag(name: string, text: string): Hex {
  // A wrong checksum is a typing mistake, and what is sent there is lost.
  if (!isAddress(text)) throw new StreamflowError('InvalidArgument', `--${name}: expected an address, got ${text}`)
  return getAddress(text)
}
