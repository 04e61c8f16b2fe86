import { StreamflowError } from '@streamflow/sdk/errors'
import { expect, it } from 'vitest'
import { createLeavingWatch } from './watchLeaving.js'

type Hex = `0x${string}`
const address = (index: number): Hex => `0x${index.toString(16).padStart(40, '0')}`
const crowd = (count: number): Hex[] => Array.from({ length: count }, (_, index) => address(2 * index))

/** A chain on which these leave, with so much. */
function setUp(amounts: ReadonlyMap<Hex, bigint>) {
  let asked: Hex[] = []
  const down = new Set<Hex>()
  const watch = createLeavingWatch({
    largeSender: 100n,
    describeFunds: async (sender) => {
      asked.push(sender)
      if (down.has(sender)) throw new StreamflowError('ChainUnavailable', 'no endpoint answers')
      const putUp = amounts.get(sender)
      return putUp === undefined ? { deposit: 1_000n, reserve: 1_000n, withdrawRound: 0n } : { deposit: putUp - 1n, reserve: 1n, withdrawRound: 9n }
    },
  })
  return {
    down,
    /** @returns who leaves, and how many were asked about */
    look: async (payers: readonly Hex[]) => {
      asked = []
      const leaving = await watch.look(payers)
      return { leaving: leaving.map(({ sender }) => sender), asked: asked.length }
    },
  }
}

it('knows a sender that leaves with much, and no other', async () => {
  const { look } = setUp(new Map([[address(2), 100n], [address(4), 99n]]))
  expect(await look(crowd(5))).toEqual({ leaving: [address(2)], asked: 5 })
})

it('comes to everybody, with a bounded number of questions at a look, whoever makes accounts meanwhile', async () => {
  const large = address(1_999)
  const { look } = setUp(new Map([[large, 500n]]))
  let payers = [...crowd(1_000), large].sort()
  let [looks, leaving]: [number, readonly Hex[]] = [0, []]
  while (leaving.length === 0 && looks < 20) {
    const found = await look(payers)
    leaving = found.leaving
    expect(found.asked).toBeLessThanOrEqual(200)
    looks++
    // Somebody makes more, right before it.
    payers = [...payers, ...Array.from({ length: 100 }, (_, index) => address(1_999 - 2 * (looks * 100 + index)))].sort()
  }
  expect(leaving).toEqual([large])
  expect(looks).toBeGreaterThan(5)
  // It is not forgotten while others have their turn.
  for (let turn = 0; turn < 5; turn++) expect((await look(payers)).leaving).toEqual([large])
})

it('keeps what it knows while nobody answers, and lets go who stays after all, or is gone from the ledger', async () => {
  const amounts = new Map([[address(2), 100n], [address(4), 100n]])
  const { look, down } = setUp(amounts)
  await look(crowd(5))
  down.add(address(2)).add(address(4))
  expect((await look(crowd(5))).leaving).toEqual([address(2), address(4)])
  down.clear()
  amounts.delete(address(2))
  expect((await look(crowd(5))).leaving).toEqual([address(4)])
  expect((await look(crowd(2))).leaving).toEqual([])
})
