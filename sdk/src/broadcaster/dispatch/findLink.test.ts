/** In which order somebody is looked for; what becomes of connections is told by Dispatch.test.ts. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { ErrorCode } from '../../errors/codes.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { raceSignal } from '../../units/deadline.js'
import type { Address } from '../../units/hex.js'
import type { Site } from '../delivery/createSite.js'
import { createAvoidance, type Avoidance } from './createAvoidance.js'
import { findLink, type LinkSearch } from './findLink.js'

const attempts: Address[] = []
/** Who can be connected to. */
let alive: readonly Address[]
/** Who takes the request and never answers. */
let hung: readonly Address[]
/** Who refuses, and how. */
let refusals: ReadonlyMap<Address, ErrorCode>
vi.mock('../delivery/openLink.js', () => ({
  openLink: ({ site, signal }: { readonly site: Site; readonly signal: AbortSignal }) => {
    attempts.push(site.orchestrator)
    if (hung.includes(site.orchestrator)) return raceSignal(new Promise(() => undefined), signal)
    const code = refusals.get(site.orchestrator) ?? 'TransportFailed'
    return alive.includes(site.orchestrator) ? Promise.resolve({ site }) : Promise.reject(new StreamflowError(code, 'no'))
  },
}))

const names: readonly Address[] = ['0xa', '0xb', '0xc']
const [one, two, three] = names as readonly [Address, Address, Address]
const known = new Map(names.map((orchestrator) => [orchestrator, { orchestrator } as Site]))
let avoidance: Avoidance
/** Whom the search said could not be used, and why. */
const failures: [Address | undefined, ErrorCode][] = []

beforeEach(() => {
  attempts.length = 0
  failures.length = 0
  alive = names
  hung = []
  refusals = new Map()
  avoidance = createAvoidance()
})

/** Looks for somebody after `last` was left. */
async function find(search: Partial<LinkSearch> = {}): Promise<Address> {
  const nobody = (): readonly [] => []
  const link = await findLink({
    ...({} as Pick<LinkSearch, 'context' | 'job'>),
    ...{ sites: known, avoidance, isTaken: () => false, isMade: () => false, claim: () => () => undefined, listStandbys: nobody, findOffers: async () => nobody() },
    ...{ last: known.get(one), timeoutMs: 3_000, signal: new AbortController().signal, onMessage: () => undefined, onFailure: (orchestrator, { code }) => failures.push([orchestrator, code]) },
    ...search,
  })
  return link.site.orchestrator
}

const failOften = (orchestrator: Address, sinceMs: number): void => {
  for (let times = 0; times < 7; times++) avoidance.add(orchestrator, new StreamflowError('Unreliable', 'it fails'), sinceMs)
}

describe('a search', () => {
  it('tries the last one again, then who is known, each once a round', async () => {
    alive = [three]
    expect(await find()).toBe(three)
    expect(attempts).toEqual([one, one, two, three])
  })

  it('takes one that failed again and again where nobody else is left, and nobody else makes the stream', async () => {
    for (const orchestrator of names) failOften(orchestrator, performance.now() - 2_000)
    expect(await find()).toBe(one)
    await expect(find({ isMade: () => true })).rejects.toMatchObject({ code: 'Timeout' })
  })

  it('takes one that failed only after all that did not', async () => {
    failOften(two, performance.now() - 2_000)
    alive = [two]
    expect(await find()).toBe(two)
    expect(attempts).toEqual([one, one, three, two])
  })

  it('never takes back who was left for good, nor who failed a moment ago', async () => {
    avoidance.add(one, new StreamflowError('TicketsUnsettled', 'it holds'), performance.now() - 2_000)
    failOften(two, performance.now())
    failOften(three, performance.now())
    await expect(find({ timeoutMs: 500 })).rejects.toMatchObject({ code: 'Timeout' })
    expect(attempts).toEqual([])
    expect(await find()).toBe(two)
  })

  it('does not wait for those who never answer: the next are tried beside them, and they are known for it', async () => {
    hung = [one, two]
    const patience = vi.useFakeTimers()
    try {
      const found = find({ last: undefined, timeoutMs: 5_000 })
      await patience.advanceTimersByTimeAsync(4_900)
      expect(await found).toBe(three)
    } finally {
      vi.useRealTimers()
    }
    expect(attempts).toEqual([one, two, three])
    expect(failures).toEqual([[one, 'Timeout'], [two, 'Timeout']])
  })

  it('of a stream under way goes on as long as others are only out of reach', async () => {
    refusals = new Map([[one, 'LowPMBalance']])
    alive = []
    setTimeout(() => (alive = [three]), 300)
    expect(await find()).toBe(three)
    alive = []
    await expect(find({ timeoutMs: 700 })).rejects.toMatchObject({ code: 'LowPMBalance' })
  })

  it('does not believe a few that it is hopeless, but six who say so', async () => {
    const market = new Map(['0xa', '0xb', '0xc', '0xd', '0xe', '0xf', '0x10'].map((name) => [name as Address, { orchestrator: name } as Site]))
    const all = [...market.keys()]
    const last = all.at(-1) as Address
    refusals = new Map(all.map((name, i) => [name, i % 2 === 0 ? 'LowPMBalance' : 'GrantInvalid']))
    alive = [...all.slice(5)]
    expect(await find({ last: undefined, sites: market })).toBe(all[5])
    expect(failures).toEqual(all.slice(0, 5).map((name) => [name, 'SenderRefused']))
    alive = [last]
    await expect(find({ last: undefined, sites: market })).rejects.toMatchObject({ code: 'GrantInvalid' })
    expect(attempts.filter((name) => name === last)).toEqual([])
  })

  it('believes it where nobody else is', async () => {
    refusals = new Map([[one, 'LowPMBalance']])
    alive = []
    await expect(find({ last: undefined, sites: new Map([[one, known.get(one) as Site]]) })).rejects.toMatchObject({ code: 'LowPMBalance' })
    expect(attempts).toEqual([one])
  })
})
