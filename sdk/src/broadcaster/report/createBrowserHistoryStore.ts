/** The page's history, in IndexedDB. */

import { openDatabase, transact } from '../../session/database.js'
import type { HistoryEntry, HistoryStore } from './history.js'

/** Entries kept; the oldest go first. */
const maxEntries = 500

/** @throws {@link StreamflowError} `Unsupported` where there is no IndexedDB */
export async function createBrowserHistoryStore(): Promise<HistoryStore> {
  const database = await openDatabase()
  const listAll = async (): Promise<readonly HistoryEntry[]> => {
    const entries = await transact(database, { store: 'history', mode: 'readonly', run: (store, settle) => settle<HistoryEntry[]>(store.getAll()) })
    return entries.sort((a, b) => b.startedAtMs - a.startedAtMs)
  }
  return {
    async put(entry) {
      await transact(database, {
        store: 'history',
        mode: 'readwrite',
        async run(store, settle) {
          await settle(store.put(entry))
          if ((await settle(store.count())) <= maxEntries) return
          const entries = await settle<HistoryEntry[]>(store.getAll())
          const [oldest] = entries.sort((a, b) => a.startedAtMs - b.startedAtMs)
          if (oldest !== undefined) await settle(store.delete(oldest.streamId))
        },
      })
    },
    list: async (limit) => (await listAll()).slice(0, limit),
  }
}
