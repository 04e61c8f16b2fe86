import { expect, it } from 'vitest'
import { formatShare, formatTokens, parseShare, parseTokens } from './tokens.js'

const token = 10n ** 18n

it('reads what people type, and says no to what is none', () => {
  expect(parseTokens('100')).toBe(100n * token)
  expect(parseTokens(' 0,5 ')).toBe(token / 2n)
  for (const text of ['', '0', '-1', '1e3', 'all', '1.2.3']) expect(() => parseTokens(text)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
})

it('shows tokens and shares in few digits', () => {
  expect([1_234n * token, token / 16n, 0n].map(formatTokens)).toEqual(['1,234', '0.0625', '0'])
  expect([100_000, 2_550, 0].map(formatShare)).toEqual(['10 %', '0.26 %', '0 %'])
})

it('reads shares, in percent, and nothing beyond all or none', () => {
  expect(['0', '12.5', ' 40,25 ', '100'].map(parseShare)).toEqual([0, 125_000, 402_500, 1_000_000])
  for (const text of ['', '-1', '100.1', '1e1', 'all']) expect(() => parseShare(text)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
})
