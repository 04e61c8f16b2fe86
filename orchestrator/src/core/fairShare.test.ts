import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairShare } from './fairShare.js'

function create(capacity: number): { readonly share: FairShare<{ readonly client: string }>; readonly displaced: string[]; take(client: string): boolean } {
  const displaced: string[] = []
  const share = new FairShare<{ readonly client: string }>(capacity, ({ client }) => displaced.push(client))
  return { share, displaced, take: (client) => share.take(client, { client }) }
}

describe('places', () => {
  it('are free to all while there are any', () => {
    const { take, share } = create(3)
    expect([take('a'), take('a'), take('a')]).toEqual([true, true, true])
    expect(share.size).toBe(3)
  })

  it('are given up by whoever holds the most, for who holds less than an equal share', () => {
    const { take, displaced } = create(4)
    for (let i = 0; i < 4; i++) take('greedy')
    expect([take('a'), take('a'), take('a')]).toEqual([true, true, false])
    expect(take('greedy')).toBe(false)
    expect(take('b')).toBe(true)
    expect(displaced).toEqual(['greedy', 'greedy', 'greedy'])
  })

  it('are refused when all hold one', () => {
    const { take } = create(2)
    expect([take('a'), take('b'), take('c')]).toEqual([true, true, false])
  })

  it('can be given back, once', () => {
    const { share } = create(1)
    const item = { client: 'a' }
    share.take('a', item)
    share.release('a', item)
    share.release('a', item)
    expect([share.size, share.take('b', item)]).toEqual([0, true])
  })

  it('never exceed their number, and a client below its equal share is never refused', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 200 }), (capacity, arrivals) => {
      const { share, take } = create(capacity)
      for (const client of arrivals) {
        const held = new Map<string, number>()
        for (const item of share) held.set(item.client, (held.get(item.client) ?? 0) + 1)
        const mine = held.get(client) ?? 0
        const clients = held.size + (mine === 0 ? 1 : 0)
        const isTaken = take(client)
        expect(share.size).toBeLessThanOrEqual(capacity)
        if (mine + 1 <= capacity / clients) expect(isTaken).toBe(true)
      }
    }))
  })
})
