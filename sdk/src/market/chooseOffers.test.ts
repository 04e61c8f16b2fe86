import { describe, expect, it } from 'vitest'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'
import { chooseOffers } from './chooseOffers.js'
import { createReputation, type ReputationRecord } from './createReputation.js'
import { rankOffers, type Offer } from './offer.js'

const nameOf = (index: number): Address => `0x${index.toString(16).padStart(40, '0')}`
const makeOffers = (prices: readonly { readonly price: bigint; readonly responseTimeMs?: number }[]): readonly Offer[] =>
  rankOffers(prices.map(({ price, responseTimeMs = 50 }, index) => ({ orchestrator: nameOf(index), signer: nameOf(index), uri: 'http://o', regions: [], stake: 1n, quote: { pricePerMillionPixels: price } as Offer['quote'], maxFaceValue: 1n, responseTimeMs, freePixelsPerSecond: 1e9 })))
const random = (): number => Math.random() || Number.EPSILON
const gone = new StreamflowError('TransportFailed', 'gone')
const thief = new StreamflowError('Overcharged', 'a wei too much')

describe('a reputation', () => {
  it('starts good with little weight, falls fast, and is forgotten by half each day', () => {
    let nowMs = 1e12
    const reputation = createReputation({ now: () => nowMs })
    expect(reputation.computeSuccess(nameOf(1))).toBeCloseTo(0.8)
    reputation.fail(nameOf(1), gone)
    const after = reputation.computeSuccess(nameOf(1))
    expect(after).toBeLessThan(0.4)
    nowMs += 5 * 86_400_000
    expect(reputation.computeSuccess(nameOf(1))).toBeGreaterThan(0.7)
    for (let segment = 0; segment < 10_000; segment++) reputation.succeed(nameOf(2))
    expect(reputation.computeSuccess(nameOf(2))).toBeGreaterThan(0.95)
    for (let failure = 0; failure < 6; failure++) reputation.fail(nameOf(2), gone)
    expect(reputation.computeSuccess(nameOf(2))).toBeLessThan(0.5)
  })

  it('suspends for longer each time in a row, for a month who lies about money, briefly who is full, and nobody for what we did', () => {
    let nowMs = 1e12
    const reputation = createReputation({ now: () => nowMs })
    const measure = (reason: StreamflowError): number => {
      reputation.fail(nameOf(1), reason)
      return (reputation.findSuspension(nameOf(1))?.untilMs ?? nowMs) - nowMs
    }
    const first = measure(gone)
    nowMs += first
    expect(reputation.findSuspension(nameOf(1))).toBeUndefined()
    const second = measure(gone)
    expect(second).toBe(2 * first)
    nowMs += second
    reputation.succeed(nameOf(1))
    expect(measure(gone)).toBe(first)
    expect(measure(thief)).toBeGreaterThan(20 * 86_400_000)
    expect(reputation.findSuspension(nameOf(1))?.cause).toBe('Overcharged')
    reputation.fail(nameOf(3), new StreamflowError('Capped', 'full'))
    expect(reputation.findSuspension(nameOf(3))?.untilMs).toBe(nowMs + 30_000)
    expect(reputation.computeSuccess(nameOf(3))).toBeCloseTo(0.8)
    reputation.fail(nameOf(2), new StreamflowError('LowPMBalance', 'add funds'))
    expect(reputation.findSuspension(nameOf(2))).toBeUndefined()
    expect(reputation.computeSuccess(nameOf(2))).toBeCloseTo(0.8)
  })

  it('comes back from its records', () => {
    const records = new Map<Address, ReputationRecord>()
    const reputation = createReputation({ now: () => 1e12, save: (record) => void records.set(record.orchestrator, record) })
    reputation.fail(nameOf(1), thief)
    const again = createReputation({ records: [...records.values()], now: () => 1e12 + 1_000 })
    expect(again.findSuspension(nameOf(1))).toEqual(reputation.findSuspension(nameOf(1)))
    expect(again.computeSuccess(nameOf(1))).toBeCloseTo(reputation.computeSuccess(nameOf(1)), 4)
  })
})

describe('a choice', () => {
  const trusting = createReputation({ now: () => 1e12 })

  it('mostly takes what is worth most, and others in proportion', () => {
    const offers = makeOffers([{ price: 100n }, { price: 110n }, { price: 200n }])
    const firsts = [0, 0, 0]
    for (let draw = 0; draw < 20_000; draw++) {
      const [first] = chooseOffers(offers, { reputation: trusting, random }).offers
      firsts[Number.parseInt(first!.orchestrator, 16)]!++
    }
    // 110/100 to the power of ten is 2.6, 2 to the power of ten a thousand.
    expect(firsts[0]! / firsts[1]!).toBeGreaterThan(2.3)
    expect(firsts[0]! / firsts[1]!).toBeLessThan(2.9)
    expect(firsts[2]).toBeLessThan(60)
  })

  it('takes preferred ones first, tier by tier, and says why of each', () => {
    const offers = makeOffers([{ price: 1n }, { price: 900n }, { price: 500n }, { price: 2n }])
    const { offers: chosen } = chooseOffers(offers, { reputation: trusting, prefer: [[nameOf(1)], [nameOf(2)]], random })
    expect(chosen.slice(0, 2).map(({ orchestrator }) => orchestrator)).toEqual([nameOf(1), nameOf(2)])
    expect(chosen[0]?.reasons.join()).toMatch(/preferred, tier 1/)
    for (const { reasons } of chosen) expect(reasons.join()).toMatch(/80 % by our experience/)
  })

  it('leaves suspended ones out and says until when and for what', () => {
    const reputation = createReputation({ now: () => 1e12 })
    reputation.fail(nameOf(0), gone)
    const { offers, suspended } = chooseOffers(makeOffers([{ price: 1n }, { price: 2n }]), { reputation, random })
    expect(offers.map(({ orchestrator }) => orchestrator)).toEqual([nameOf(1)])
    expect(suspended).toEqual([expect.objectContaining({ reason: expect.stringMatching(/^left alone until .*TransportFailed$/) as string })])
  })
})

/** Orchestrators of known quality: what a broadcaster gets for its money, start after start. */
describe('a market of a thousand, one that is cheap and bad among them', () => {
  const count = 1_000
  const market = Array.from({ length: count }, (_, index) => ({
    price: index === 0 ? 20n : BigInt(100 + Math.floor(random() * 200)),
    responseTimeMs: 20 + random() * 300,
    success: index === 0 ? 0.05 : 0.5 + random() * 0.5,
  }))
  /** What a start there is worth on average. */
  const worths = market.map(({ price, responseTimeMs, success }) => success / (Number(price) * (1 + responseTimeMs / 250)))
  const best = [...worths].sort((a, b) => b - a)
  const tenth = best[count / 10] as number

  it('is learnt: most starts are in the best tenth, the bait is left alone, and new ones are still tried', () => {
    let nowMs = 1e12
    const reputation = createReputation({ now: () => nowMs })
    const all = makeOffers(market)
    const taken: number[] = []
    /** Of each start: what the first that was taken is worth, and the best of those that were asked. */
    const starts: { readonly worth: number; readonly best: number }[] = []
    for (let start = 0; start < 400; start++) {
      nowMs += 600_000
      // No more are asked than a broadcaster asks, drawn anew each time.
      const asked = all.filter(({ orchestrator }) => orchestrator === nameOf(0) || random() < 64 / count)
      const worthOf = ({ orchestrator }: Pick<Offer, 'orchestrator'>): number => worths[Number.parseInt(orchestrator, 16)]!
      const { offers } = chooseOffers(asked, { reputation, random })
      starts.push({ worth: worthOf(offers[0]!), best: Math.max(...asked.map(worthOf)) })
      for (const { orchestrator } of offers) {
        const index = Number.parseInt(orchestrator, 16)
        taken.push(index)
        const isGood = random() < market[index]!.success
        if (!isGood) {
          reputation.fail(orchestrator, gone)
          continue // the next one, as a broadcast does
        }
        for (let segment = 0; segment < 60; segment++) reputation.succeed(orchestrator)
        break
      }
    }
    const half = taken.slice(taken.length / 2)
    const measureRegret = (some: typeof starts): number => 1 - some.reduce((sum, { worth, best: most }) => sum + worth / most, 0) / some.length
    const [early, late] = [starts.slice(0, 100), starts.slice(-100)].map(measureRegret)
    process.stdout.write(`regret of the chooser among ${count}, as a share of what the best of those asked is worth: ${early!.toFixed(2)} in its first hundred starts, ${late!.toFixed(2)} in its last\n`)
    expect(late).toBeLessThan(0.3)
    const isBest = (index: number): boolean => worths[index]! >= tenth
    expect(half.filter(isBest).length / half.length).toBeGreaterThan(0.5)
    expect(half.filter((index) => index === 0).length / half.length).toBeLessThan(0.05)
    expect(new Set(half).size).toBeGreaterThan(20)
  })
})
