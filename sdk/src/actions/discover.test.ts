import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startRegistryNode, type RegistryNode } from '../../test/startRegistryNode.js'
import { startTestOrchestrator, type TestOrchestrator } from '../../../test/double/startTestOrchestrator.js'
import { getDomain } from '../chain/network.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import { pickSome } from '../market/collectOffers.js'
import { services } from '../payments/quote.js'
import { createFeed, type Feed } from './createFeed.js'
import { discover } from './discover.js'

/** A service that the registry gives no bit. */
const unlisted = `0x${'ab'.repeat(32)}` as const
const sender = '0x00000000000000000000000000000000000000cc'

let node: RegistryNode
let orchestrators: TestOrchestrator[]
let feeds: Feed[]
beforeEach(async () => {
  node = await startRegistryNode()
  orchestrators = []
  feeds = []
})
afterEach(async () => {
  for (const feed of feeds) feed.close()
  await Promise.all(orchestrators.map((orchestrator) => orchestrator.close()))
  await node.close()
})

async function add(entry: Partial<RegistryNode['entries'][number]> = {}, pricePerMillionPixels = 10n): Promise<TestOrchestrator> {
  const orchestrator = await startTestOrchestrator({ domain: getDomain(node.network), pricePerMillionPixels })
  orchestrators.push(orchestrator)
  node.entries.push({ orchestrator: orchestrator.address, uri: orchestrator.uri, ...entry })
  return orchestrator
}
const options = () => ({ network: node.network, sender, timeoutMs: 5_000 }) as const
/** What was asked of the registry, in order; what the sender has put up is asked beside it. */
const registryCalls = (): readonly string[] => node.calls.filter((call) => call !== 'senderInfo')

describe('discover', () => {
  it('ranks who answers, with reasons a person can read', async () => {
    const dear = await add({}, 1_000_000_000_000n)
    const cheap = await add({}, 1_000n)
    const { offers, refused } = await discover(options())
    expect(offers.map(({ orchestrator }) => orchestrator)).toEqual([cheap.address, dear.address])
    expect(refused).toEqual([])
    expect(offers[0]?.reasons[0]).toMatch(/1000 wei per million pixels, the lowest price of 2/)
    expect(offers[1]?.reasons[0]).toMatch(/% above the lowest/)
    expect(offers[0]?.responseTimeMs).toBeGreaterThan(0)
    expect(offers[0]?.score).toBeLessThan(offers[1]?.score as number)
  })

  it('asks nobody who does not match', async () => {
    const match = await add({ regions: ['eu-west'], stake: 100n })
    const others = [
      await add({ regions: ['us-east'], stake: 100n }),
      await add({ regions: ['eu-west'], stake: 99n }),
      await add({ regions: ['eu-west'], stake: 100n, services: [services.SegmentVerification] }),
      await add({ regions: ['eu-west'], stake: 100n, active: false }),
    ]
    const denied = await add({ regions: ['eu-west'], stake: 100n })
    const { offers } = await discover({ ...options(), region: 'eu-west', minStake: 100n, deny: [denied.address] })
    expect(offers.map(({ orchestrator }) => orchestrator)).toEqual([match.address])
    expect([...others, denied].map((orchestrator) => orchestrator.quotesAsked())).toEqual([0, 0, 0, 0, 0])
    expect((await discover({ ...options(), allow: [denied.address] })).offers.map(({ orchestrator }) => orchestrator)).toEqual([denied.address])
  })

  it('asks those that are preferred, however few are asked', async () => {
    for (let index = 0; index < 5; index++) await add()
    const preferred = await add()
    for (let time = 0; time < 5; time++) {
      const { offers } = await discover({ ...options(), maxAsked: 2, prefer: [[preferred.address]] })
      expect(offers).toHaveLength(2)
      expect(offers.map(({ orchestrator }) => orchestrator)).toContain(preferred.address)
    }
  })

  it('tells why somebody is no choice', async () => {
    const stranger = await add()
    const liar = await add({ orchestrator: stranger.address })
    node.entries.shift()
    const busy = await add()
    busy.behave.quote = () => {
      throw new StreamflowError('Busy', 'later')
    }
    const foreign = await add()
    foreign.behave.quote = (quote) => ({ ...quote, sender: stranger.address })
    const old = await add()
    old.behave.quote = (quote) => ({ ...quote, validUntil: Math.floor(Date.now() / 1_000) - 5 })
    const dear = await add({}, 10n ** 30n)
    node.entries.push({ orchestrator: '0x00000000000000000000000000000000000000dd', uri: 'http://127.0.0.1:1' })
    for (const uri of ['ftp://x', 'not an address', 'http://user:pass@host']) node.entries.push({ orchestrator: '0x00000000000000000000000000000000000000ee', uri })
    const { offers, refused } = await discover({ ...options(), maxPricePerMillionPixels: 100n })
    expect(offers).toEqual([])
    const codes = Object.fromEntries(refused.map(({ uri, error }) => [uri, error.code]))
    expect(codes).toEqual({ [liar.uri]: 'QuoteInvalid', [busy.uri]: 'Busy', [foreign.uri]: 'QuoteInvalid', [old.uri]: 'QuoteExpired', [dear.uri]: 'QuoteInvalid', 'http://127.0.0.1:1': 'TransportFailed' })
  })

  it('leaves out a price far beyond what the others ask, where there are enough to tell', async () => {
    const fair = [await add({}, 90n), await add({}, 100n), await add({}, 400n)]
    const dear = await add({}, 401n)
    const { offers, refused } = await discover(options())
    expect(new Set(offers.map(({ orchestrator }) => orchestrator))).toEqual(new Set(fair.map(({ address }) => address)))
    expect(refused.map(({ orchestrator, error }) => [orchestrator, error.code, error.data.median])).toEqual([[dear.address, 'QuoteInvalid', 100n]])
    expect((await discover({ ...options(), maxPriceOverMedian: 5 })).offers).toHaveLength(4)
    node.entries.splice(1, 2)
    expect((await discover(options())).offers).toHaveLength(2)
  })

  it('leaves out a winner that takes more than four tenths of what is there, or than was asked for', async () => {
    const most = ((node.funds.deposit + node.funds.reserve) * 4n) / 10n
    const greedy = await add()
    greedy.behave.quote = (quote) => ({ ...quote, faceValue: most + 1n })
    const modest = await add()
    modest.behave.quote = (quote) => ({ ...quote, faceValue: most })
    const { offers, refused } = await discover(options())
    expect(offers.map(({ orchestrator }) => orchestrator)).toEqual([modest.address])
    expect(refused.map(({ orchestrator, error }) => [orchestrator, error.code])).toEqual([[greedy.address, 'QuoteInvalid']])
    expect((await discover({ ...options(), maxFaceValue: most + 1n })).offers).toHaveLength(2)
    expect((await discover({ ...options(), maxFaceValue: 1n })).offers).toHaveLength(0)
  })

  it('asks once more, and waits longer, when nobody answered in time', async () => {
    const slow = await add()
    let asked = 0
    const { signal } = new AbortController()
    const fetch: typeof globalThis.fetch = (input, init) => {
      const url = String(input instanceof Request ? input.url : input)
      if (!url.includes('/v1/quotes') || asked++ > 0) return globalThis.fetch(input, init)
      return new Promise((_resolve, reject) => (init?.signal ?? signal).addEventListener('abort', () => reject(init?.signal?.reason as Error)))
    }
    const { offers } = await discover({ ...options(), timeoutMs: 600, fetch })
    expect(offers.map(({ orchestrator }) => orchestrator)).toEqual([slow.address])
    expect(asked).toBe(2)
  })

  /** Nobody answers those who ask here, but for the others' later questions. */
  const ignore = (uris: readonly string[], first: Set<string>): typeof globalThis.fetch => (input, init) => {
    const url = String(input instanceof Request ? input.url : input)
    const isIgnored = uris.some((uri) => url.startsWith(uri)) || first.delete(url)
    return isIgnored ? new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))) : globalThis.fetch(input, init)
  }

  it('waits no longer for who never answers, once somebody did who took long', async () => {
    const [slow, silent] = [await add(), await add()]
    const { offers, refused } = await discover({ ...options(), timeoutMs: 200, fetch: ignore([silent.uri], new Set([`${slow.uri}/v1/quotes`])) })
    expect(offers.map(({ orchestrator }) => orchestrator)).toEqual([slow.address])
    // Not the 1,600 ms for which it would have been waited for alone.
    expect(refused.map(({ orchestrator, error }) => [orchestrator, error.code, error.data.timeoutMs])).toEqual([[silent.address, 'Timeout', 200]])
  })

  it('asks others where nobody of those that were drawn makes an offer, unless they say that it is ours to mend', async () => {
    const drawn = [await add(), await add()]
    const others = [await add(), await add(), await add()]
    const asking = { ...options(), maxAsked: 2, prefer: [drawn.map(({ address }) => address)] }
    for (const orchestrator of drawn) {
      orchestrator.behave.quote = () => {
        throw new StreamflowError('Capped', 'full')
      }
    }
    const { offers, refused } = await discover(asking)
    expect(new Set(offers.map(({ orchestrator }) => orchestrator))).toEqual(new Set(others.map(({ address }) => address)))
    expect(new Set(refused.map(({ orchestrator }) => orchestrator))).toEqual(new Set(drawn.map(({ address }) => address)))
    for (const orchestrator of drawn) {
      orchestrator.behave.quote = () => {
        throw new StreamflowError('LowPMBalance', 'no funds')
      }
    }
    expect((await discover(asking)).refused.map(({ error }) => error.code)).toEqual(['LowPMBalance', 'LowPMBalance'])
    expect(others.map((orchestrator) => orchestrator.quotesAsked())).toEqual([1, 1, 1])
  })

  it('does not wait for those who are slow', async () => {
    await add()
    const fetch = ((_url: string, init: RequestInit) => new Promise((_resolve, reject) => init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)))) as unknown as typeof globalThis.fetch
    const { refused } = await discover({ ...options(), timeoutMs: 50, fetch })
    expect(refused.map(({ error }) => error.code)).toEqual(['Timeout'])
  })

  it('reads no answer beyond its limit', async () => {
    await add()
    const fetch = (async () => new Response('x'.repeat(200_000))) as unknown as typeof globalThis.fetch
    const { refused } = await discover({ ...options(), fetch })
    expect(refused.map(({ error }) => error.code)).toEqual(['MessageTooLarge'])
  })

  it('leaves the order, and who is left out, to the developer', async () => {
    await add({}, 5n)
    const dear = await add({}, 5_000_000_000_000n)
    const { offers } = await discover({ ...options(), select: (all) => all.filter(({ quote }) => quote.pricePerMillionPixels > 10n) })
    expect(offers.map(({ orchestrator }) => orchestrator)).toEqual([dear.address])
  })

  it('finds the one that matches among 5,000 in four calls, and reads no entry but its', async () => {
    const last = await add()
    for (let i = 0; i < 4_999; i++) node.entries.unshift({ orchestrator: `0x${i.toString(16).padStart(40, 'd')}`, uri: 'http://127.0.0.1:1', stake: 0n })
    const { offers } = await discover({ ...options(), minStake: 1n })
    expect(offers.map(({ orchestrator }) => orchestrator)).toEqual([last.address])
    expect(registryCalls()).toEqual(['listed', 'rows', 'rows', 'entriesOf'])
  })

  it('asks a node that lets calls use less gas for smaller pages', async () => {
    node.mostRowsAtOnce = 700n
    const last = await add()
    for (let i = 0; i < 1_999; i++) node.entries.unshift({ orchestrator: `0x${i.toString(16).padStart(40, 'd')}`, uri: 'http://127.0.0.1:1', stake: 0n })
    const { offers } = await discover({ ...options(), minStake: 1n })
    expect(offers.map(({ orchestrator }) => orchestrator)).toEqual([last.address])
    // 2,500 and 1,250 are refused, then 625 at a time.
    expect(registryCalls()).toEqual(['listed', ...Array.from({ length: 2 + 4 }, () => 'rows'), 'entriesOf'])
  })

  it('reads whole entries where a service or region has no bit', async () => {
    const match = await add({ services: [unlisted] })
    await add()
    for (let i = 0; i < 130; i++) node.entries.unshift({ orchestrator: `0x${i.toString(16).padStart(40, 'd')}`, uri: 'http://127.0.0.1:1' })
    const { refused } = await discover({ ...options(), serviceId: unlisted })
    expect(refused.map(({ orchestrator }) => orchestrator)).toEqual([match.address])
    expect(registryCalls()).toEqual(['listed', 'entries', 'entries'])
  })

  it('says that the chain cannot be reached', async () => {
    await expect(discover({ ...options(), network: { ...node.network, rpcUrls: ['http://127.0.0.1:1'] } })).rejects.toMatchObject({ code: 'ChainUnavailable' })
  })
})

describe('whom to ask of many', () => {
  const createEntries = (count: number, getStake: (index: number) => bigint) => Array.from({ length: count }, (_, index) => ({ orchestrator: `0x${index.toString(16).padStart(40, '0')}` as const, stake: getStake(index) }))

  it('is half the quick ones and half chance', () => {
    const entries = createEntries(1_000, () => 0n)
    const speed = (orchestrator: string): number | undefined => (Number(orchestrator) < 100 ? Number(orchestrator) : undefined)
    const options = { max: 20, getResponseTime: speed }
    const picked = pickSome(entries, options)
    expect(new Set(picked).size).toBe(20)
    expect(picked.slice(0, 10)).toEqual(entries.slice(0, 10))
    expect(pickSome(entries, options)).not.toEqual(picked)
    expect(pickSome(entries.slice(0, 20), options)).toHaveLength(20)
    // As many as are read at most.
    expect(pickSome(createEntries(20_000, () => 1n), options)).toHaveLength(20)
  })

  it('is decided by what stands behind them, not by under how many names: a thousand with the least stake hide nobody', () => {
    const honest = { orchestrator: `0x${'ee'.repeat(20)}` as const, stake: 10n ** 24n }
    const crowd = createEntries(1_000, () => 10n ** 21n)
    const times = 400
    const asked = Array.from({ length: times }, () => pickSome([...crowd, honest], { max: 64 }).includes(honest)).filter(Boolean).length
    // Half of all stake: it is missed once in 2^32 draws, where heads alone would decide 15 times in 16.
    expect(asked).toBe(times)
    const newcomer = { orchestrator: `0x${'ff'.repeat(20)}` as const, stake: 0n }
    const met = Array.from({ length: times }, () => pickSome([...crowd, newcomer], { max: 64 }).includes(newcomer)).filter(Boolean).length
    // 32 of 970 places: none of 400 draws once in 600,000 runs.
    expect(met).toBeGreaterThan(0)
  })
})

describe('a feed', () => {
  const start = (changes: object = {}): Feed => {
    const feed = createFeed({ ...options(), quoteRefreshMs: 40, ...changes })
    feeds.push(feed)
    return feed
  }

  it('keeps offers fresh and smooths response times', async () => {
    const orchestrator = await add()
    const feed = start()
    await feed.ready
    const [first] = feed.offers
    expect(first?.orchestrator).toBe(orchestrator.address)
    await vi.waitFor(() => expect(feed.offers[0]?.quote.seed).not.toBe(first?.quote.seed))
    expect(node.calls.filter((call) => call === 'rows')).toHaveLength(1) // the registry is not read again each time
  })

  it('shows no offer whose quote is over', async () => {
    const orchestrator = await add()
    orchestrator.behave.quote = (quote) => ({ ...quote, validUntil: Math.floor(Date.now() / 1_000) + 1 })
    const feed = start({ quoteRefreshMs: 60_000 })
    await feed.ready
    expect(feed.offers).toHaveLength(1)
    await vi.waitFor(() => expect(feed.offers).toHaveLength(0), { timeout: 5_000 })
  })

  it('goes on when a round fails, and tells', async () => {
    const feed = start({ network: { ...node.network, rpcUrls: ['http://127.0.0.1:1'] } })
    const warned = new Promise<StreamflowError>((resolve) => feed.once('warning', resolve))
    expect((await warned).code).toBe('ChainUnavailable')
    expect(feed.offers).toEqual([])
  })

  it('asks nobody once it is closed', async () => {
    const orchestrator = await add()
    const feed = start()
    await feed.ready
    feed.close()
    feed.close()
    const asked = orchestrator.quotesAsked()
    await discover(options()) // as long as a round takes, at least
    await discover(options())
    expect(orchestrator.quotesAsked()).toBe(asked + 2)
  })
})
