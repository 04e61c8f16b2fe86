import 'fake-indexeddb/auto'
import { writeFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TypedData, Wallet } from '../chain/wallet.js'
import { createFileSessionStore } from '../node/createFileSessionStore.js'
import { hashGrant } from '../payments/grant.js'
import { recoverAddress } from '../payments/signature.js'
import { bytesToHex } from '../units/hex.js'
import { createBrowserSessionStore } from './createBrowserSessionStore.js'
import { createMemorySessionStore } from './createMemorySessionStore.js'
import { openSession, type SessionOptions } from './openSession.js'
import type { SessionStore } from './sessionStore.js'

const domain = { chainId: 31_337, ticketBroker: '0x1111111111111111111111111111111111111111' } as const
const account = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')

/** A wallet that counts how often it asks. */
function createCountingWallet(): Wallet & { readonly asked: () => number } {
  let asked = 0
  return {
    address: account.address.toLowerCase() as `0x${string}`,
    signTypedData: async (data: TypedData) => {
      asked++
      return account.signTypedData(data as never)
    },
    sendTransaction: async () => '0x',
    asked: () => asked,
  }
}

/** No grant that the wallet's own key signed is put on chain. */
const register = () => Promise.reject(new Error('nothing is to be registered'))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamflow-'))
  indexedDB.deleteDatabase('streamflow')
})
afterEach(() => rm(folder, { recursive: true }))

const stores: [string, () => Promise<SessionStore>][] = [
  ['memory', async () => createMemorySessionStore()],
  ['IndexedDB', createBrowserSessionStore],
  ['a file', async () => createFileSessionStore({ path: join(folder, 'sessions.json') })],
]

describe.each(stores)('sessions in %s', (_name, openStore) => {
  let store: SessionStore
  let wallet: ReturnType<typeof createCountingWallet>
  const options = (changes: Partial<SessionOptions> = {}): SessionOptions => ({ domain, wallet, store, budget: { spendCap: 1_000n }, register, ...changes })
  beforeEach(async () => {
    store = await openStore()
    wallet = createCountingWallet()
  })

  it('ask the wallet once, also when two ask at once, and again only when nothing good is left', async () => {
    const [a, b] = await Promise.all([openSession(options()), openSession(options())])
    expect(wallet.asked()).toBe(1)
    expect(a.signer.address).toBe(b.signer.address)
    expect([a.isNew, b.isNew].sort()).toEqual([false, true])
    expect((await openSession(options())).isNew).toBe(false)
    expect((await openSession(options({ budget: { spendCap: 100_000n } }))).isNew).toBe(true) // the old cap is too small for that
    expect((await openSession(options({ domain: { ...domain, chainId: 1 } }))).isNew).toBe(true)
    expect(wallet.asked()).toBe(3)
  })

  it('are used again only if they cover what is asked: in time, and in money', async () => {
    const budget = { spendCap: 400n, grantCap: 1_000n, validForSeconds: 100 }
    const startMs = Math.floor(Date.now() / 1_000) * 1_000
    const late = (seconds: number, changes: object = {}) => openSession(options({ budget: { ...budget, ...changes }, now: () => startMs + seconds * 1_000 }))
    const first = await late(0)
    expect(first.grant.spendCap).toBe(1_000n)
    expect((await late(49)).isNew).toBe(false)
    expect((await late(70, { coversSeconds: 20 })).isNew).toBe(false)
    await first.reserve(1n)
    await first.close()
    expect((await late(0, { spendCap: 999n })).isNew).toBe(false)
    expect((await openSession(options({ budget, except: first.grant.key }))).isNew).toBe(true)
    for (const { id } of await store.list()) if (id !== first.grant.key) await store.remove(id)
    expect((await late(0, { spendCap: 1_000n })).isNew).toBe(true)
    for (const { id } of await store.list()) if (id !== first.grant.key) await store.remove(id)
    expect((await late(51)).isNew).toBe(true)
  })

  it.each([{ spendCap: 0n }, { perHour: 0n }, { perOrchestrator: -1n }, { grantCap: 99n }, { validForSeconds: 0 }])('are not asked for with a budget of %o', async (changes) => {
    await expect(openSession(options({ budget: { spendCap: 100n, ...changes } }))).rejects.toMatchObject({ code: 'InvalidArgument' })
    expect(wallet.asked()).toBe(0)
  })

  it('hold a grant that the wallet signed for the key', async () => {
    const { grant, grantHash, signer } = await openSession(options())
    const digest = hashGrant(domain, grant)
    expect(recoverAddress(digest, grant.signature)).toBe(wallet.address)
    expect(grant).toMatchObject({ sender: wallet.address, key: signer.address, spendCap: 1_000n })
    expect(grantHash).toBe(bytesToHex(digest))
    const [kept] = await store.list()
    expect(kept?.grant).toEqual(grant)
  })

  it('of a smart account are registered before they are kept, and not kept if that fails', async () => {
    const registered: string[] = []
    const smart: Wallet = { ...wallet, signTypedData: async () => '0xABCD' }
    await expect(openSession(options({ wallet: smart }))).rejects.toThrow('nothing is to be registered')
    expect(await store.list()).toEqual([])
    const session = await openSession(options({ wallet: smart, register: async ({ key, signature }) => void registered.push(key, signature, String((await store.list()).length)) }))
    expect(registered).toEqual([session.signer.address, '0xabcd', '0'])
    expect((await openSession(options({ wallet: smart }))).isNew, 'and used again without a transaction').toBe(false)
  })

  it('are not used when expired or revoked', async () => {
    await openSession(options({ budget: { spendCap: 1_000n, validForSeconds: 100 } }))
    expect((await openSession(options({ budget: { spendCap: 1_000n, validForSeconds: 100 }, now: () => Date.now() + 95_000 }))).isNew).toBe(true)
    for (const { id } of await store.list()) await store.update(id, (usage) => ({ ...usage, isRevoked: true }))
    expect((await openSession(options())).isNew).toBe(true)
  })

  it('never hand out a nonce twice: not to two users at once, not after a crash', async () => {
    const nonces: bigint[] = []
    const small = options({ budget: { spendCap: 500n, grantCap: 1_000n } })
    const users = await Promise.all([openSession(small), openSession(small), openSession(small)])
    for (let i = 0; i < 40; i++) nonces.push(...(await Promise.all(users.map((user) => user.reserve(1n)))))
    // No close: as after a crash.
    const after = await openSession(small)
    expect(after.isNew).toBe(false)
    nonces.push(await after.reserve(1n), await after.reserve(1n))
    expect(new Set(nonces).size).toBe(nonces.length)
  })

  it('never allow more than the cap, over all users together', async () => {
    const users = await Promise.all([openSession(options()), openSession(options())])
    let granted = 0n
    for (;;) {
      const results = await Promise.allSettled(users.map((user) => user.reserve(30n)))
      const fine = results.filter(({ status }) => status === 'fulfilled').length
      granted += 30n * BigInt(fine)
      if (fine === 0) {
        expect(results.every((result) => result.status === 'rejected' && (result.reason as { code: string }).code === 'SpendCapReached')).toBe(true)
        break
      }
    }
    expect(granted).toBeLessThanOrEqual(1_000n)
    expect(granted).toBeGreaterThan(1_000n - 60n * 2n)
  })

  it('give back what was set aside and not spent', async () => {
    const session = await openSession(options())
    await session.reserve(10n)
    await session.reserve(7n)
    expect(session.spent).toBe(17n)
    await session.close()
    await session.close()
    const [kept] = await store.list()
    expect(kept?.usage.spent).toBe(17n)
    await expect(session.reserve(1n)).rejects.toMatchObject({ code: 'GrantInvalid' })
  })

  it('stop at the budget of one broadcast even where the grant allows more', async () => {
    await openSession(options({ budget: { spendCap: 1_000n } }))
    const session = await openSession(options({ budget: { spendCap: 100n } }))
    expect(session.isNew).toBe(false)
    await session.reserve(90n)
    expect(session.remaining).toBe(10n)
    await expect(session.reserve(11n)).rejects.toMatchObject({ code: 'SpendCapReached' })
    await session.reserve(10n)
  })

  it('stop when the grant expires while it is used', async () => {
    let now = Date.now()
    const session = await openSession(options({ budget: { spendCap: 1_000n, validForSeconds: 60 }, now: () => now }))
    await session.reserve(1n)
    now += 61_000
    await expect(session.reserve(1n)).rejects.toMatchObject({ code: 'GrantInvalid' })
  })

  it('keep nothing when the wallet declines', async () => {
    const declined = { ...wallet, signTypedData: async () => { throw Object.assign(new Error('no'), { code: 4001 }) } }
    await expect(openSession(options({ wallet: declined }))).rejects.toThrow('no')
    expect(await store.list()).toEqual([])
    expect((await openSession(options())).isNew).toBe(true)
  })

  it('forget what was removed, and refuse to change what is not there', async () => {
    const { grant } = await openSession(options())
    await store.remove(grant.key)
    await store.remove(grant.key)
    expect(await store.list()).toEqual([])
    await expect(store.update(grant.key, (usage) => usage)).rejects.toMatchObject({ code: 'GrantInvalid' })
  })

  it('write nothing when a change throws', async () => {
    const { grant } = await openSession(options())
    await expect(store.update(grant.key, () => { throw new RangeError('no') })).rejects.toThrow(RangeError)
    expect((await store.list())[0]?.usage.nextNonce).toBe(0n)
  })
})

describe('the wrapped key', () => {
  it('is not in the database in the clear, nor can the wrapping key be read', async () => {
    const store = await createBrowserSessionStore()
    await openSession({ domain, wallet: createCountingWallet(), store, budget: { spendCap: 1_000n }, register })
    const privateKey = (await store.list())[0]?.privateKey as Uint8Array
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('streamflow')
      request.onsuccess = () => resolve(request.result)
    })
    const all = await new Promise<[Record<string, unknown>[], CryptoKey[]]>((resolve) => {
      const transaction = database.transaction(['sessions', 'keys'])
      const sessions = transaction.objectStore('sessions').getAll()
      const keys = transaction.objectStore('keys').getAll()
      transaction.oncomplete = () => resolve([sessions.result as Record<string, unknown>[], keys.result as CryptoKey[]])
    })
    const text = JSON.stringify(all[0], (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value instanceof ArrayBuffer ? bytesToHex(new Uint8Array(value)) : value instanceof Uint8Array ? bytesToHex(value) : value))
    expect(text).not.toContain(bytesToHex(privateKey).slice(2))
    expect(all[1][0]?.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('raw', all[1][0] as CryptoKey)).rejects.toThrow()
    database.close()
  })
})

describe('the file', () => {
  it('can be read by its owner only and is whole at any moment', async () => {
    const path = join(folder, 'deep', 'sessions.json')
    const store = createFileSessionStore({ path })
    const session = await openSession({ domain, wallet: createCountingWallet(), store, budget: { spendCap: 1_000n }, register })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const writes = Promise.all(Array.from({ length: 20 }, () => store.update(session.grant.key, (usage) => ({ ...usage, nextNonce: usage.nextNonce + 1n }))))
    for (let i = 0; i < 50; i++) JSON.parse(await readFile(path, 'utf8'))
    await writes
    expect((await store.list())[0]?.usage.nextNonce).toBe(20n)
  })

  it('is not believed when it is damaged', async () => {
    const path = join(folder, 'sessions.json')
    await writeFile(path, '{"version":1,"sessions":[{"id":"0x12"}]}')
    await expect(createFileSessionStore({ path }).list()).rejects.toMatchObject({ code: 'BadMessage' })
  })

  it('is written by processes one after the other, and past a lock that a dead one left', async () => {
    const path = join(folder, 'sessions.json')
    const session = await openSession({ domain, wallet: createCountingWallet(), store: createFileSessionStore({ path }), budget: { spendCap: 1_000n }, register })
    // Stores know nothing of each other's turns: like processes. All find the lock of the dead one at the same time.
    const stores = Array.from({ length: 6 }, () => createFileSessionStore({ path }))
    const old = new Date(Date.now() - 60_000)
    for (let round = 1; round <= 10; round++) {
      await writeFile(`${path}.lock`, 'of one that died')
      await utimes(`${path}.lock`, old, old)
      await Promise.all(stores.map((store) => store.update(session.grant.key, (usage) => ({ ...usage, nextNonce: usage.nextNonce + 1n }))))
      expect((await stores[0]?.list())?.[0]?.usage.nextNonce).toBe(BigInt(6 * round))
    }
  })

  it('is left alone by one that slept so long that another took it over', async () => {
    const path = join(folder, 'sessions.json')
    const session = await openSession({ domain, wallet: createCountingWallet(), store: createFileSessionStore({ path }), budget: { spendCap: 1_000n }, register })
    const sleeping = createFileSessionStore({ path }).update(session.grant.key, (usage) => {
      writeFileSync(`${path}.lock`, 'of another')
      return { ...usage, nextNonce: 9n }
    })
    await expect(sleeping).rejects.toMatchObject({ code: 'Timeout' })
    expect(await readFile(`${path}.lock`, 'utf8')).toBe('of another')
    expect((await createFileSessionStore({ path }).list())[0]?.usage.nextNonce).toBe(0n)
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

it('spending and nonces stay right over any course of users', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ user: fc.nat(2), value: fc.bigInt({ min: 1n, max: 200n }), closes: fc.boolean() }), { maxLength: 40 }), async (course) => {
      const store = createMemorySessionStore()
      const wallet = createCountingWallet()
      const open = () => openSession({ domain, wallet, store, budget: { spendCap: 1_000n }, register })
      const users = [await open(), await open(), await open()]
      const nonces = new Set<bigint>()
      let spent = 0n
      for (const { user, value, closes } of course) {
        const session = users[user] as Awaited<ReturnType<typeof open>>
        const nonce = await session.reserve(value).catch(() => undefined)
        if (nonce !== undefined) {
          expect(nonces.has(nonce)).toBe(false)
          nonces.add(nonce)
          spent += value
        }
        if (closes) await session.close()
      }
      await Promise.all(users.map((user) => user.close()))
      expect(spent).toBeLessThanOrEqual(1_000n)
      expect((await store.list())[0]?.usage.spent).toBe(spent)
    }),
    { numRuns: 30 },
  )
})
