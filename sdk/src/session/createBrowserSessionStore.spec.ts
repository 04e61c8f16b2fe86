import { expect } from 'chai'
import type { TypedData, Wallet } from '../chain/wallet.js'
import { createKeySigner, createPrivateKey } from '../payments/signature.js'
import { bytesToHex } from '../units/hex.js'
import { createBrowserSessionStore } from './createBrowserSessionStore.js'
import { openSession } from './openSession.js'

const domain = { chainId: 31_337, ticketBroker: '0x1111111111111111111111111111111111111111' } as const

function createWallet(): Wallet & { asked: number } {
  const signer = createKeySigner(createPrivateKey())
  return {
    asked: 0,
    address: signer.address,
    async signTypedData(_data: TypedData) {
      this.asked++
      return signer.sign(new Uint8Array(32).fill(1))
    },
    sendTransaction: async () => '0x',
  }
}

/** These wallets' signatures are no account's own. */
const register = async () => undefined

/** Another context of this origin: holds a Web Lock until told otherwise. */
async function holdLockInWorker(name: string): Promise<{ release(): void; close(): void }> {
  const code = `onmessage = ({ data: name }) => navigator.locks.request(name, () => new Promise((resolve) => { postMessage('held'); onmessage = resolve }))`
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
  const held = new Promise((resolve) => (worker.onmessage = resolve))
  worker.postMessage(name)
  await held
  return { release: () => worker.postMessage('go'), close: () => worker.terminate() }
}

describe('the page keeps sessions', () => {
  it('with keys that the database does not hold in the clear, wrapped by one that cannot leave', async () => {
    const store = await createBrowserSessionStore()
    const wallet = createWallet()
    const session = await openSession({ domain, wallet, store, budget: { spendCap: 1_000n }, register })
    const kept = (await store.list()).find(({ id }) => id === session.signer.address)
    expect(createKeySigner(kept?.privateKey as Uint8Array).address).to.equal(session.signer.address)

    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('streamflow')
      request.onsuccess = () => resolve(request.result)
    })
    const read = <T>(name: string): Promise<T[]> => new Promise((resolve) => (database.transaction(name).objectStore(name).getAll().onsuccess = ({ target }) => resolve((target as IDBRequest<T[]>).result)))
    const [wrapping] = await read<CryptoKey>('keys')
    expect(wrapping?.extractable).to.equal(false)
    const records = await read<{ id: string; wrappedKey: ArrayBuffer }>('sessions')
    const record = records.find(({ id }) => id === session.signer.address)
    expect(record).to.not.have.property('privateKey')
    expect(bytesToHex(new Uint8Array(record?.wrappedKey as ArrayBuffer))).to.not.contain(bytesToHex(kept?.privateKey as Uint8Array).slice(2))
    database.close()
  })

  it('across reloads: a store that is opened later finds them and does not ask again', async () => {
    const wallet = createWallet()
    const first = await openSession({ domain, wallet, store: await createBrowserSessionStore(), budget: { spendCap: 1_000n }, register })
    const second = await openSession({ domain, wallet, store: await createBrowserSessionStore(), budget: { spendCap: 1_000n }, register })
    expect(wallet.asked).to.equal(1)
    expect(second.signer.address).to.equal(first.signer.address)
  })

  it('and asks once when two stores want a session at the same moment', async () => {
    const wallet = createWallet()
    const stores = await Promise.all([createBrowserSessionStore(), createBrowserSessionStore()])
    const sessions = await Promise.all(stores.map((store) => openSession({ domain, wallet, store, budget: { spendCap: 1_000n }, register })))
    expect(wallet.asked).to.equal(1)
    const nonces: bigint[] = []
    for (let i = 0; i < 50; i++) nonces.push(...(await Promise.all(sessions.map((session) => session.reserve(1n)))))
    expect(new Set(nonces).size).to.equal(100)
  })

  it('and waits for another context that has the turn', async () => {
    const store = await createBrowserSessionStore()
    const session = await openSession({ domain, wallet: createWallet(), store, budget: { spendCap: 1_000n }, register })
    const other = await holdLockInWorker(`streamflow:session:${session.signer.address}`)
    let isDone = false
    const update = store.update(session.signer.address, (usage) => ({ ...usage, nextNonce: usage.nextNonce + 1n })).then(() => (isDone = true))
    // A transaction of its own, started later, is long over: the update did not even begin.
    await store.list()
    await store.list()
    expect(isDone).to.equal(false)
    other.release()
    await update
    other.close()
  })
})
