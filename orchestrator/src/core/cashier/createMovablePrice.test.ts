import { expect, it } from 'vitest'
import { createMovablePrice } from './createMovablePrice.js'

const source = { readPricePerMillionPixels: async () => 1_000n }

it('is what the settings say until the operator moves it, a tenth to ten times of that', async () => {
  const price = createMovablePrice(source, {})
  expect(await price.describe()).toEqual({ perMillionPixels: 1_000n, lowest: 100n, highest: 10_000n, isMoved: false })
  await price.move(10_000n)
  expect(await price.readPricePerMillionPixels()).toBe(10_000n)
  expect(await price.describe()).toEqual({ perMillionPixels: 10_000n, lowest: 100n, highest: 10_000n, isMoved: true })
  for (const wei of [99n, 10_001n, 0n]) await expect(price.move(wei)).rejects.toMatchObject({ code: 'InvalidArgument', data: { lowest: 100n, highest: 10_000n } })
  expect(await price.readPricePerMillionPixels()).toBe(10_000n)
})

it('goes as far as the operator says', async () => {
  const price = createMovablePrice(source, { lowest: 999n, highest: 1_001n })
  await expect(price.move(998n)).rejects.toMatchObject({ code: 'InvalidArgument' })
  await price.move(999n)
  expect(await price.readPricePerMillionPixels()).toBe(999n)
})
