/**
 * Sessions in IndexedDB. Keys are wrapped with AES-GCM by a key that WebCrypto made non-extractable: what is copied from
 * the disk, or by a script that only reads storage, is useless elsewhere. (A script that runs in the page can still use
 * the key while it is here: the grant's cap and expiry bound what that costs.)
 */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'
import { createMutex } from '../units/mutex.js'
import { openDatabase, transact } from './database.js'
import type { SessionStore, StoredSession } from './sessionStore.js'

/** A session as the database holds it. */
interface WrappedSession extends Omit<StoredSession, 'privateKey'> {
  readonly wrappedKey: ArrayBuffer
  readonly iv: Uint8Array<ArrayBuffer>
}

const lockPrefix = 'streamflow:'
const wrappingKeyName = 'wrapping'

/** Where the browser has no Web Locks: turns within the page; between tabs IndexedDB's own transactions keep usage right. */
const withPageLock = createMutex()

/** Runs `task` under a Web Lock. */
function withLock<T>(name: string, task: () => Promise<T>): Promise<T> {
  if (typeof navigator === 'undefined' || navigator.locks === undefined) return withPageLock(name, task)
  return navigator.locks.request(lockPrefix + name, task) as Promise<T>
}

async function getWrappingKey(database: IDBDatabase): Promise<CryptoKey> {
  return withLock('wrapping-key', async () => {
    const known = await transact(database, { store: 'keys', mode: 'readonly', run: (store, settle) => settle<CryptoKey | undefined>(store.get(wrappingKeyName)) })
    if (known !== undefined) return known
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
    // `add` fails if another tab was first where there are no Web Locks: then that one counts.
    await transact(database, { store: 'keys', mode: 'readwrite', run: (store, settle) => settle(store.add(key, wrappingKeyName)) })
    return key
  })
}

/** Binds a wrapped key to the session that it belongs to: records cannot be swapped. */
const additionalData = (id: Address): Uint8Array<ArrayBuffer> => new TextEncoder().encode(id) as Uint8Array<ArrayBuffer>

/**
 * The page's store of sessions.
 * @throws {@link StreamflowError} `Unsupported` where there is no IndexedDB or WebCrypto (pages need HTTPS or localhost)
 */
export async function createBrowserSessionStore(): Promise<SessionStore> {
  if (globalThis.crypto?.subtle === undefined) throw new StreamflowError('Unsupported', 'WebCrypto needs a secure page (HTTPS or localhost)', { data: { missing: 'crypto.subtle' } })
  const database = await openDatabase()
  const wrappingKey = await getWrappingKey(database)

  const unwrap = async ({ wrappedKey, iv, ...session }: WrappedSession): Promise<StoredSession[]> => {
    try {
      const privateKey = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: additionalData(session.id) }, wrappingKey, wrappedKey)
      return [{ ...session, privateKey: new Uint8Array(privateKey) }]
    } catch {
      return [] // made under a wrapping key that is gone: of no use to anybody
    }
  }

  return {
    async list() {
      const wrapped = await transact(database, { store: 'sessions', mode: 'readonly', run: (store, settle) => settle<WrappedSession[]>(store.getAll()) })
      return (await Promise.all(wrapped.map(unwrap))).flat()
    },
    async add({ privateKey, ...session }) {
      const iv = crypto.getRandomValues(new Uint8Array(12))
      const wrappedKey = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: additionalData(session.id) }, wrappingKey, privateKey as Uint8Array<ArrayBuffer>)
      const record: WrappedSession = { ...session, wrappedKey, iv }
      await transact(database, { store: 'sessions', mode: 'readwrite', run: (store, settle) => settle(store.put(record)) })
    },
    update: (id, change) =>
      withLock(`session:${id}`, () =>
        transact(database, {
          store: 'sessions',
          mode: 'readwrite',
          async run(store, settle) {
            const session = await settle<WrappedSession | undefined>(store.get(id))
            if (session === undefined) throw new StreamflowError('GrantInvalid', `no session of key ${id}`)
            const usage = change(session.usage)
            await settle(store.put({ ...session, usage }))
            return usage
          },
        }),
      ),
    remove: (id) => transact(database, { store: 'sessions', mode: 'readwrite', run: (store, settle) => settle(store.delete(id)) }),
    lock: withLock,
  }
}
