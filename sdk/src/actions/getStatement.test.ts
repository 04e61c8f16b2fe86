import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startRegistryNode, type RegistryNode } from '../../test/startRegistryNode.js'
import type { HistoryEntry, HistorySite } from '../broadcaster/report/history.js'
import { createFileHistoryStore } from '../node/createFileHistoryStore.js'
import type { Hex } from '../units/hex.js'
import { formatStatementCsv, getStatement } from './getStatement.js'

const sender = `0x${'cc'.repeat(20)}` as const
const [one, two] = [`0x${'a1'.repeat(20)}`, `0x${'b2'.repeat(20)}`] as const
const word = (digits: string): Hex => `0x${digits.repeat(32)}`

let node: RegistryNode
let folder: string
beforeEach(async () => {
  node = await startRegistryNode()
  folder = await mkdtemp(join(tmpdir(), 'streamflow-'))
})
afterEach(async () => {
  await node.close()
  await rm(folder, { recursive: true })
})

const createSite = (orchestrator: HistorySite['orchestrator'], changes: Partial<HistorySite> = {}): HistorySite => ({
  orchestrator, uri: 'https://host', segments: 10, tickets: 11, credited: 1_100n, fees: 1_000n, balance: 100n, sent: { tickets: 12, value: 1_200n }, refused: [], ...changes,
})
const createEntry = (changes: Partial<HistoryEntry> = {}): HistoryEntry => ({
  streamId: word('01'), chainId: 31_337, sender, startedAtMs: Date.now() - 60_000, updatedAtMs: Date.now(), state: 'ended', segmentsLost: 0, playbackUrl: '', sites: [createSite(one)], ...changes,
})
const redeem = (orchestrator: HistorySite['orchestrator'], ticketHash: Hex, { paid = 5_000n, by = sender as HistorySite['orchestrator'], blockNumber = 990n } = {}): void =>
  void node.redemptions.push({ sender: by, orchestrator, ticketHash, faceValue: 5_000n, paid, blockNumber })

describe('a statement', () => {
  it('adds up what was sent, accepted, charged and paid, by orchestrator and in all', async () => {
    const historyStore = createFileHistoryStore({ path: join(folder, 'deep', 'history.json') })
    await historyStore.put(createEntry())
    await historyStore.put(createEntry({ streamId: word('02'), sites: [createSite(one, { uri: 'https://new' }), createSite(two, { refused: [{ hash: word('0e'), value: 90n, faceValue: 5_000n, round: 5n }] })], startedAtMs: Date.now() - 30_000 }))
    await historyStore.put(createEntry({ streamId: word('03'), chainId: 1 }))
    await historyStore.put(createEntry({ streamId: word('04'), sender: two }))
    redeem(one, word('0a'))
    redeem(one, word('0b'), { paid: 2_000n })
    redeem(two, word('0e'))
    redeem(two, word('0f'), { by: two })
    const { rows, total, redemptions } = await getStatement({ network: node.network, sender, historyStore })
    const expected = { streams: 2, ticketsSent: 24, sent: 2_400n, ticketsAccepted: 22, credited: 2_200n, receipts: 20, fees: 2_000n, balance: 200n, ticketsRefused: 0, refused: 0n, redemptions: 2, redeemed: 7_000n, refusedRedemptions: 0, refusedRedeemed: 0n }
    expect(rows[0]).toEqual({ orchestrator: one, uri: 'https://new', ...expected })
    expect(rows[1]).toMatchObject({ orchestrator: two, streams: 1, ticketsRefused: 1, refused: 90n, redemptions: 1, refusedRedemptions: 1, refusedRedeemed: 5_000n })
    expect(total).toMatchObject({ streams: 3, sent: 3_600n, redeemed: 12_000n, refusedRedeemed: 5_000n })
    expect(redemptions).toHaveLength(3)
    expect((await stat(join(folder, 'deep', 'history.json'))).mode & 0o777).toBe(0o600)
  })

  it('names who was paid and is in no history', async () => {
    redeem(two, word('0a'))
    const { rows } = await getStatement({ network: node.network, sender, historyStore: createFileHistoryStore({ path: join(folder, 'none.json') }), fromBlock: 0n })
    expect(rows).toMatchObject([{ orchestrator: two, streams: 0, redemptions: 1, redeemed: 5_000n }])
  })

  it('begins where the first broadcast did, however few blocks an endpoint looks through at once', async () => {
    node.blockNumber = 50_000n
    node.mostBlocksAtOnce = 100n
    const historyStore = createFileHistoryStore({ path: join(folder, 'history.json') })
    await historyStore.put(createEntry({ startedAtMs: Date.now() - 1_000_000 }))
    redeem(one, word('0a'), { blockNumber: 40_000n })
    redeem(one, word('0b'), { blockNumber: 49_100n })
    redeem(one, word('0c'), { blockNumber: 50_000n })
    const { redemptions, fromBlock } = await getStatement({ network: node.network, sender, historyStore })
    expect(redemptions.map(({ ticketHash }) => ticketHash)).toEqual([word('0b'), word('0c')])
    // A block a second: 1,000 s ago, and what clocks may differ by.
    expect(Number(fromBlock)).toBeGreaterThan(50_000 - 1_000 - 600 - 10)
    expect(Number(fromBlock)).toBeLessThan(50_000 - 1_000)
  })

  it('as CSV holds a line for each and one for all, and nothing that a spreadsheet would run', async () => {
    const historyStore = createFileHistoryStore({ path: join(folder, 'history.json') })
    await historyStore.put(createEntry({ sites: [createSite(one, { uri: '=cmd("x"),1' }), createSite(two, { balance: -5n })] }))
    const lines = formatStatementCsv(await getStatement({ network: node.network, sender, historyStore })).split('\r\n')
    expect(lines).toHaveLength(5)
    expect(lines[0]?.startsWith('orchestrator,uri,streams,ticketsSent,sent,')).toBe(true)
    expect(lines[1]?.startsWith(`${one},"'=cmd(""x""),1",1,12,1200,`)).toBe(true)
    expect(lines[2]).toContain(',-5,')
    expect(lines[3]?.startsWith('total,,2,24,2400,')).toBe(true)
    expect(lines[4]).toBe('')
  })
})

describe('the history in a file', () => {
  it('keeps the latest broadcasts, each once', async () => {
    const store = createFileHistoryStore({ path: join(folder, 'history.json'), maxEntries: 5 })
    const id = (i: number): Hex => `0x${i.toString(16).padStart(64, '0')}`
    for (let i = 0; i < 8; i++) await store.put(createEntry({ streamId: id(i), startedAtMs: i }))
    await store.put(createEntry({ streamId: id(7), startedAtMs: 7, state: 'failed', code: 'Overcharged' }))
    const all = await store.list(1_000)
    expect(all).toHaveLength(5)
    expect(all[0]).toMatchObject({ streamId: id(7), state: 'failed', code: 'Overcharged', sites: [{ credited: 1_100n }] })
    expect(await store.list(2)).toEqual(all.slice(0, 2))
  })
})
