import 'fake-indexeddb/auto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { ReputationStore } from '../../market/createReputation.js'
import { createFileReputationStore } from '../../node/createFileReputationStore.js'
import type { Address } from '../../units/hex.js'
import { createBrowserReputationStore } from './createBrowserReputationStore.js'
import { keepReputation } from './keepReputation.js'

const nameOf = (index: number): Address => `0x${index.toString(16).padStart(40, '0')}`
const gone = new StreamflowError('TransportFailed', 'gone')
const folder = mkdtempSync(join(tmpdir(), 'streamflow-reputation-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe.each<[string, () => Promise<ReputationStore>, number]>([
  ['IndexedDB', createBrowserReputationStore, 1_000],
  ['a file', async () => createFileReputationStore({ path: join(folder, 'reputation.json'), maxRecords: 30 }), 30],
])('experience in %s', (_where, open, most) => {
  it('is there for the next broadcast, and one that failed for the page that is closed over it', async () => {
    const first = await keepReputation(open, Date.now)
    first.fail(nameOf(1), gone)
    const store = await open()
    await vi.waitFor(async () => expect((await store.load()).map(({ orchestrator }) => orchestrator)).toEqual([nameOf(1)]))
    const next = await keepReputation(open, Date.now)
    expect(next.findSuspension(nameOf(1))).toMatchObject({ cause: 'TransportFailed', isFraud: false })
    expect(next.computeSuccess(nameOf(1))).toBeCloseTo(first.computeSuccess(nameOf(1)), 3)
  })

  it('has doubt about what was made, too', async () => {
    const store = await open()
    const suspicions = { quality: { looks: 3, sum: 12.5 } }
    await store.save({ orchestrator: nameOf(2), successes: 1, failures: 0, asOfMs: 1, suspensions: 0, suspendedUntilMs: 0, suspicions })
    expect((await keepReputation(open, Date.now)).readSuspicions(nameOf(2))).toEqual(suspicions)
  })

  it('is bounded: who was dealt with longest ago is forgotten', async () => {
    const store = await open()
    for (let index = 0; index < most + 3; index++) await store.save({ orchestrator: nameOf(index), successes: 1, failures: 0, asOfMs: index, suspensions: 0, suspendedUntilMs: 0 })
    const records = await store.load()
    expect(records.length).toBeLessThanOrEqual(most)
    expect(records.some(({ orchestrator }) => orchestrator === nameOf(most + 2))).toBe(true)
    expect(records.some(({ orchestrator }) => orchestrator === nameOf(0))).toBe(false)
  })
})

it('a store that fails harms nothing', async () => {
  const failing: ReputationStore = { load: () => Promise.reject(new Error('no disk')), save: () => Promise.reject(new Error('no disk')) }
  for (const open of [async () => failing, () => Promise.reject(new Error('private window'))]) {
    const reputation = await keepReputation(open, Date.now)
    reputation.fail(nameOf(1), gone)
    expect(reputation.findSuspension(nameOf(1))?.cause).toBe('TransportFailed')
  }
})

it('a page that has an older database keeps what is in it', async () => {
  const { openDatabase, transact } = await import('../../session/database.js')
  await new Promise((resolve) => (indexedDB.deleteDatabase('streamflow').onsuccess = resolve))
  const old = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open('streamflow', 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('keys')
      request.result.createObjectStore('sessions', { keyPath: 'id' })
      request.result.createObjectStore('history', { keyPath: 'streamId' })
    }
    request.onsuccess = () => resolve(request.result)
  })
  await new Promise((resolve) => (old.transaction('sessions', 'readwrite').objectStore('sessions').put({ id: 'kept' }).onsuccess = resolve))
  old.close()
  const database = await openDatabase()
  expect(await transact(database, { store: 'sessions', mode: 'readonly', run: (store, settle) => settle(store.getAll()) })).toEqual([{ id: 'kept' }])
  expect([...database.objectStoreNames].sort()).toEqual(['evidence', 'history', 'keys', 'reputation', 'sessions'])
})
