import { describe, expect, it } from 'vitest'
import { formatAmount, formatBitrate, formatDuration } from './format.js'

describe('figures as people read them', () => {
  it.each([
    [0n, '0 ETH'],
    [10n ** 18n, '1 ETH'],
    [1_234_567n * 10n ** 12n, '1.235 ETH'],
    [99_999n * 10n ** 9n, '100,000 gwei'],
    [8_300_000_000n, '8.3 gwei'],
    [-5_000_000_000n, '-5 gwei'],
    [9_998_765n * 10n ** 15n, '9,998.77 ETH'],
  ])('%i wei is %s', (wei, text) => expect(formatAmount(wei)).toBe(text))

  it.each([
    [0, '0 kbit/s'],
    [999_000, '999 kbit/s'],
    [1_250_000, '1.25 Mbit/s'],
  ])('%i bit/s is %s', (bitsPerSecond, text) => {
    const { value, unit } = formatBitrate(bitsPerSecond)
    expect(`${value} ${unit}`).toBe(text)
  })

  it.each([
    [-5, '0:00'],
    [61_999, '1:01'],
    [3_600_000, '1:00:00'],
  ])('%i ms is %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text))
})
