import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { TranscodeJob } from '../transcoding.js'
import type { BookPage, PoolBooks, WorkRecord } from './books.js'
import { createReferee, type CheckVerdict, type RefereeEvent } from './createReferee.js'
import { computeAtRisk, type MemberAccount, type PoolPolicy } from './standing.js'

const policy: PoolPolicy = { payPerMillionPixels: 1_000_000n, pricePerMillionPixels: 2_000_000n, deposit: 10n ** 6n, allowance: 10n ** 5n, leastCheckedOneIn: 20, minimumPayout: 1n }
const job: TranscodeJob = {
  streamId: `0x${'1'.repeat(64)}`, input: { container: 'matroska', video: { codec: 'h264', width: 20, height: 10, frameRate: 10 } },
  ladder: [{ name: 'low', width: 20, height: 10, bitrate: 1_000 }], partDurationMs: 100, segmentDurationMs: 1_000,
}
/** What a new member may be given a second, with nobody else there. */
const covered = Number((policy.allowance * 1_000_000n) / policy.pricePerMillionPixels) / 4
const part = Buffer.from('part')
const hash = `0x${createHash('sha256').update(part).digest('hex')}` as const
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Books in memory, one change after the other. */
function createBooks(accounts: Map<string, MemberAccount>): PoolBooks {
  const works = new Map<string, WorkRecord>()
  const read = (member: string, work: string): BookPage => ({ account: accounts.get(member), work: works.get(work), payout: undefined })
  return {
    async update({ member, seq = -1 }, change) {
      const entry = change(read(member, `${member} ${seq}`))
      if (entry !== undefined) accounts.set(member, entry.account)
      if (entry?.work !== undefined) works.set(`${member} ${seq}`, entry.work)
      return entry
    },
    read: async (member) => read(member, ''),
    listMembers: async () => [...accounts.values()],
    listPayouts: async () => [],
    forget: async () => undefined,
    close: async () => undefined,
  }
}

function openPool() {
  let nowS = 0
  const accounts = new Map<string, MemberAccount>()
  const events: RefereeEvent[] = []
  const check = async ({ result: { seq } }: { readonly result: { readonly seq: number } }): Promise<CheckVerdict> => (seq === 13 ? { outcome: 'failed', faults: ['another picture'] } : { outcome: 'passed', faults: [] })
  const referee = createReferee({
    pool: 'p', books: createBooks(accounts), policy, check, keep: async () => 'kept', verify: () => true, random: () => 0, now: () => nowS, observe: (event) => events.push(event),
    sha256() {
      const hasher = createHash('sha256')
      return { update: (bytes) => void hasher.update(bytes), digest: () => `0x${hasher.digest('hex')}` }
    },
  })
  return {
    accounts, events,
    pass: (seconds: number) => void (nowS += seconds),
    watch: (member: string) => referee.watch(member, job, () => undefined),
    async ask(member: string): Promise<number> {
      referee.meet(member, `0x${'7'.repeat(40)}`)
      await settle()
      return referee.computeRate(member)
    },
    /** Makes a segment; the 13th of whoever makes it is a cheat. */
    async work(member: string, seq: number): Promise<void> {
      const watch = referee.watch(member, job, () => undefined)
      expect(watch.openSegment({ seq, startUs: seq * 1_000_000 })).toBe(true)
      watch.closeSegment({ seq, durationUs: 1_000_000, frames: 10 })
      watch.part({ rendition: 'low', seq, index: 0, bytes: part, startUs: 0, durationUs: 0, independent: true, frames: 10 })
      watch.result({ seq, outputs: [{ rendition: 'low', hash, frames: 10 }], pixels: 2_000n, signature: '0x01' })
      watch.end()
      for (let turns = 0; turns < 4; turns++) await settle()
    },
  }
}

it('gives newcomers four streams, all together, and one with a record as many as are covered', async () => {
  const { ask, watch, work } = openPool()
  for (let seq = 20; seq < 28; seq++) {
    expect(await ask('proven')).toBeGreaterThan(0)
    await work('proven', seq)
  }
  for (const member of ['a', 'b', 'c', 'd']) {
    expect(await ask(member)).toBe(covered)
    watch(member)
  }
  expect(await ask('e')).toBe(0)
  expect(await ask('proven')).toBeGreaterThan(0)
})

it('loses four allowances an hour, whoever comes with how many keys', async () => {
  const { accounts, ask, events, pass, work } = openPool()
  let keys = 0
  for (let second = 0; second < 3 * 3_600; second += 60, pass(60)) {
    for (let tries = 0; tries < 3; tries++) {
      const key = `key ${keys++}`
      if ((await ask(key)) > 0) await work(key, 13)
    }
  }
  const banned = [...accounts.values()].filter(({ isBanned }) => isBanned)
  expect(events.filter(({ type }) => type === 'memberBanned').length).toBe(banned.length)
  expect(banned.length).toBe(12)
  for (const account of banned) expect(computeAtRisk(account)).toBeLessThanOrEqual(policy.allowance)
  // Nobody honest is kept out for longer than that.
  pass(3_600)
  expect(await ask('honest')).toBe(covered)
})
