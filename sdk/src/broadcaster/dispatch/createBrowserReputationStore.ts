/** What a page knows of orchestrators, in IndexedDB. */

import type { ReputationRecord, ReputationStore } from '../../market/createReputation.js'
import { openDatabase, putBounded, transact, type Shelf } from '../../session/database.js'

/** The orchestrator that was dealt with longest ago is forgotten first. */
const shelf: Shelf<ReputationRecord> = { store: 'reputation', maxRecords: 1_000, getName: ({ orchestrator }) => orchestrator, getTime: ({ asOfMs }) => asOfMs }

/** @throws {@link StreamflowError} `Unsupported` where there is no IndexedDB */
export async function createBrowserReputationStore(): Promise<ReputationStore> {
  const database = await openDatabase()
  return {
    load: () => transact(database, { store: shelf.store, mode: 'readonly', run: (store, settle) => settle<ReputationRecord[]>(store.getAll()) }),
    save: (record) => putBounded(database, shelf, record),
  }
}
