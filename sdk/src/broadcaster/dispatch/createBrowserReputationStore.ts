/** What a page knows of orchestrators, in IndexedDB. */

import type { ReputationRecord, ReputationStore } from '../../market/createReputation.js'
import { openDatabase, transact } from '../../session/database.js'

/** Orchestrators remembered; the one that was dealt with longest ago goes first. */
const maxRecords = 1_000

/** @throws {@link StreamflowError} `Unsupported` where there is no IndexedDB */
export async function createBrowserReputationStore(): Promise<ReputationStore> {
  const database = await openDatabase()
  return {
    load: () => transact(database, { store: 'reputation', mode: 'readonly', run: (store, settle) => settle<ReputationRecord[]>(store.getAll()) }),
    async save(record) {
      await transact(database, {
        store: 'reputation',
        mode: 'readwrite',
        async run(store, settle) {
          await settle(store.put(record))
          if ((await settle(store.count())) <= maxRecords) return
          const [oldest] = (await settle<ReputationRecord[]>(store.getAll())).sort((a, b) => a.asOfMs - b.asOfMs)
          if (oldest !== undefined) await settle(store.delete(oldest.orchestrator))
        },
      })
    },
  }
}
