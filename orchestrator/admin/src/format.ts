/** Amounts, times and names for people. */

/** Digits after the point that are shown of an ether. */
const etherDigits = 9

/** Wei as ether, rounded down; what is less than can be shown says so. */
export function formatEther(wei: string): string {
  const value = BigInt(wei)
  const [sign, size] = value < 0n ? ['−', -value] : ['', value]
  const unit = 10n ** BigInt(18 - etherDigits)
  if (size > 0n && size < unit) return `${sign}< 0.${'0'.repeat(etherDigits - 1)}1`
  const digits = (size / unit).toString().padStart(etherDigits + 1, '0')
  const fraction = digits.slice(-etherDigits).replace(/0+$/, '')
  return `${sign}${digits.slice(0, -etherDigits)}${fraction === '' ? '' : `.${fraction}`}`
}

/** An address or hash by its ends. */
export const shorten = (hex: string): string => (hex.length > 14 ? `${hex.slice(0, 8)}…${hex.slice(-4)}` : hex)

/** Seconds as 3:07 or 1:02:03. */
export function formatDuration(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60]
  const pad = (value: number): string => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`
}

/** A moment (unix seconds) by the reader's clock. */
export const formatTime = (seconds: number): string => new Date(seconds * 1_000).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' })

/** Pixels per second in millions. */
export const formatPixels = (pixelsPerSecond: number): string => `${(pixelsPerSecond / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 })} Mpx/s`

/** A whole number with marks between its thousands. */
export const formatCount = (digits: string | number): string => BigInt(digits).toLocaleString()
