import { describe, expect, it } from 'vitest'
import { parseAmount } from './parseAmount.js'

describe('amounts that people type', () => {
  it.each([
    ['0.01', 10n ** 16n],
    [' 1,5 ', 15n * 10n ** 17n],
    ['0.000000000000000001', 1n],
  ])('"%s" is %i wei', (text, wei) => expect(parseAmount(text)).toBe(wei))

  it.each(['', '0', '0.0', '-1', '1e3', '0x10', '1.', '.5', 'NaN', '0.0000000000000000001', '12345678901', '1 2'])('refuses "%s" and says what it wants', (text) => {
    expect(() => parseAmount(text)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
  })
})
