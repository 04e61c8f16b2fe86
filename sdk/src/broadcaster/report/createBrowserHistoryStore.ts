/** The page's history, in IndexedDB. */

import { openDatabase, putBounded, transact, type Shelf } from '../../session/database.js'
import type { HistoryEntry, HistoryStore } from './history.js'

const shelf: Shelf<HistoryEntry> = { store: 'history', maxRecords: 500, getName: ({ streamId }) => streamId, getTime: ({ startedAtMs }) => startedAtMs }

/** @throws {@link StreamflowError} `Unsupported` where there is no IndexedDB */
export async function createBrowserHistoryStore(): Promise<HistoryStore> {
  const database = await openDatabase()
  const listAll = async (): Promise<readonly HistoryEntry[]> => {
    const entries = await transact(database, { store: shelf.store, mode: 'readonly', run: (store, settle) => settle<HistoryEntry[]>(store.getAll()) })
    return entries.sort((a, b) => b.startedAtMs - a.startedAtMs)
  }
  return {
    put: (entry) => putBounded(database, shelf, entry),
    list: async (limit) => (await listAll()).slice(0, limit),
  }
}
