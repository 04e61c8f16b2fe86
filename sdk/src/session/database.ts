/** The page's IndexedDB database: session keys, the history of broadcasts, and what they learnt about orchestrators. */

import { StreamflowError } from '../errors/StreamflowError.js'

/** Object stores of the database. */
export type StoreName = 'keys' | 'sessions' | 'history' | 'reputation' | 'evidence'

const databaseName = 'streamflow'
const databaseVersion = 3
/** Where a record's name stands in it; nowhere: it is given beside it. */
const keyPaths: Record<StoreName, string | null> = { keys: null, sessions: 'id', history: 'streamId', reputation: 'orchestrator', evidence: 'receiptHash' }

/** The result of a request, as a promise. */
function settle<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(new StreamflowError('Unsupported', 'IndexedDB refused', { cause: request.error }))
  })
}

/** Opens the database, made where it is missing. @throws {@link StreamflowError} `Unsupported` where there is none (e.g. private windows of some browsers) */
export async function openDatabase(): Promise<IDBDatabase> {
  if (typeof indexedDB === 'undefined') throw new StreamflowError('Unsupported', 'this platform has no IndexedDB', { data: { missing: 'IndexedDB' } })
  const request = indexedDB.open(databaseName, databaseVersion)
  request.onupgradeneeded = () => {
    const { result: database } = request
    // Of an older version some are there: what they hold stays.
    for (const [name, keyPath] of Object.entries(keyPaths)) if (!database.objectStoreNames.contains(name)) database.createObjectStore(name, { keyPath })
  }
  const database = await settle(request)
  // Another tab brings a newer version: let it.
  database.onversionchange = () => database.close()
  return database
}

/** Work inside one transaction over one store: `run` must only wait for requests of that store. */
export interface Work<T> {
  readonly store: StoreName
  readonly mode: IDBTransactionMode
  run(store: IDBObjectStore, settle: <R>(request: IDBRequest<R>) => Promise<R>): Promise<T>
}

/** Runs work in a transaction; resolves when it is on disk, rejects with everything undone. */
export async function transact<T>(database: IDBDatabase, { store, mode, run }: Work<T>): Promise<T> {
  const transaction = database.transaction(store, mode, { durability: 'strict' })
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(new StreamflowError('Unsupported', 'IndexedDB gave up a transaction', { cause: transaction.error }))
  })
  done.catch(() => undefined) // awaited below; must not count as unhandled while `run` fails
  try {
    const result = await run(transaction.objectStore(store), settle)
    await done
    return result
  } catch (error) {
    try {
      transaction.abort()
    } catch {
      // already over
    }
    throw error
  }
}

/** Where records are kept, how many of them, and when each was written: the oldest goes first. */
export interface Shelf<T> {
  readonly store: StoreName
  readonly maxRecords: number
  readonly getName: (record: T) => IDBValidKey
  readonly getTime: (record: T) => number
}

/** Puts a record in place of the one of its name; where there are too many then, the oldest goes. */
export function putBounded<T>(database: IDBDatabase, { store, maxRecords, getName, getTime }: Shelf<T>, record: T): Promise<void> {
  return transact(database, {
    store,
    mode: 'readwrite',
    async run(records, settle) {
      await settle(records.put(record))
      if ((await settle(records.count())) <= maxRecords) return
      const [oldest] = (await settle<T[]>(records.getAll())).sort((a, b) => getTime(a) - getTime(b))
      if (oldest !== undefined) await settle(records.delete(getName(oldest)))
    },
  })
}
