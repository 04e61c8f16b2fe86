import { describe, expect, it } from 'vitest'
import { parseEther } from './ether.js'

describe('ether as text', () => {
  it.each([
    ['1', 10n ** 18n],
    ['0.05', 5n * 10n ** 16n],
    ['0.000000000000000001', 1n],
    ['12.5', 125n * 10n ** 17n],
  ])('%s is %s wei', (text, wei) => expect(parseEther(text)).toBe(wei))

  it.each(['', '.5', '5.', '-1', '1e18', '0x1', '1 ', '1,5', '0.0000000000000000001'])('%j is no amount', (text) => expect(parseEther(text)).toBeUndefined())
})
