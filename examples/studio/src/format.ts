/** Figures as people read them. Pure. */

import { formatEther } from 'viem'

/**
 * Ether with three significant digits; small amounts in gwei, so that a segment's price is not `0.00000…`.
 * @param wei - may be negative
 * @returns value and unit apart, for different sizes of type
 */
export function formatWei(wei: bigint): { readonly value: string; readonly unit: 'ETH' | 'gwei' } {
  const ether = Number(formatEther(wei))
  if (wei !== 0n && Math.abs(ether) < 0.0001) return { value: new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(ether * 1e9), unit: 'gwei' }
  return { value: new Intl.NumberFormat('en', { maximumSignificantDigits: ether >= 1_000 ? 6 : 4 }).format(ether), unit: 'ETH' }
}

/** As one string, e.g. `0.0042 ETH`. */
export function formatAmount(wei: bigint): string {
  const { value, unit } = formatWei(wei)
  return `${value} ${unit}`
}

/** @param bitsPerSecond - at least 0 */
export function formatBitrate(bitsPerSecond: number): { readonly value: string; readonly unit: 'Mbit/s' | 'kbit/s' } {
  return bitsPerSecond >= 1e6 ? { value: (bitsPerSecond / 1e6).toFixed(2), unit: 'Mbit/s' } : { value: (bitsPerSecond / 1e3).toFixed(0), unit: 'kbit/s' }
}

/** @returns `m:ss`, or `h:mm:ss` */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** @returns e.g. `0x7099…79C8` */
export function formatAddress(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`
}
