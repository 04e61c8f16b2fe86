/** Tokens and shares as people read and type them. Pure. */

import { formatEther, parseEther } from 'viem'
import { StreamflowError } from '@streamflow/sdk/errors'

/** Tokens with four significant digits, e.g. `1,234` or `0.0625`. @param wei - of tokens */
export function formatTokens(wei: bigint): string {
  const value = Number(formatEther(wei))
  return new Intl.NumberFormat('en', { maximumSignificantDigits: Math.abs(value) >= 1_000 ? 7 : 4 }).format(value)
}

/** Parts per million as percent. */
export const formatShare = (ppm: number): string => `${new Intl.NumberFormat('en', { maximumFractionDigits: 2 }).format(ppm / 10_000)} %`

/** @param text - percent, point or comma @returns parts per million @throws {@link StreamflowError} `InvalidArgument` outside 0…100 */
export function parseShare(text: string): number {
  const decimal = text.trim().replace(',', '.')
  const ppm = /^\d{1,3}(\.\d{1,4})?$/.test(decimal) ? Math.round(Number(decimal) * 10_000) : -1
  if (ppm < 0 || ppm > 1_000_000) throw new StreamflowError('InvalidArgument', `"${text}" is not a share from 0 to 100 percent`)
  return ppm
}

/** @param text - decimal tokens, point or comma @returns wei above 0 @throws {@link StreamflowError} `InvalidArgument` */
export function parseTokens(text: string): bigint {
  const decimal = text.trim().replace(',', '.')
  const wei = /^\d{1,12}(\.\d{1,18})?$/.test(decimal) ? parseEther(decimal) : 0n
  if (wei === 0n) throw new StreamflowError('InvalidArgument', `"${text}" is not a number of tokens above zero, such as 100`)
  return wei
}
