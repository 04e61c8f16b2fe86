import { expect, it } from 'vitest'
import { nameClient, TokenBuckets } from './tokenBuckets.js'

it('gives a burst, then a steady rate', () => {
  const buckets = new TokenBuckets({ perSecond: 2, burst: 3 })
  expect([0, 0, 0].map((at) => buckets.take('a', at))).toEqual([0, 0, 0])
  expect(buckets.take('a', 0)).toBe(500)
  expect(buckets.take('b', 0)).toBe(0)
  expect(buckets.take('a', 499)).toBeGreaterThan(0)
  expect(buckets.take('a', 500)).toBe(0)
  expect(buckets.take('a', 100_000)).toBe(0)
})

it('is not fooled by a clock that goes back', () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 1 })
  expect(buckets.take('a', 10_000)).toBe(0)
  expect(buckets.take('a', 0)).toBe(1_000)
})

it('remembers a bounded number of keys', () => {
  const buckets = new TokenBuckets({ perSecond: 0.001, burst: 1 })
  buckets.take('first', 0)
  for (let i = 0; i < 50_000; i++) buckets.take(`key ${i}`, 0)
  expect(buckets.take('first', 0)).toBe(0)
  expect(buckets.take('key 49999', 0)).toBeGreaterThan(0)
})

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('names the client at %s by %s', (address, name) => {
  expect(nameClient(address)).toBe(name)
})
