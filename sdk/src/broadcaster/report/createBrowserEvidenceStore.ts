/** The page's evidence, in IndexedDB. */

import { encodeEvidence } from '../../protocol/evidence.js'
import { openDatabase, transact } from '../../session/database.js'
import { chooseForgotten, sortEvidence, summarizeEvidence, type EvidenceBounds, type EvidenceStore, type EvidenceSummary } from './evidence.js'

/** The file as a `Blob`: browsers read it when it is asked for, not with each list. */
interface EvidenceRecord extends EvidenceSummary {
  readonly file: Blob
}

const name = 'evidence'

/** @throws {@link StreamflowError} `Unsupported` where there is no IndexedDB */
export async function createBrowserEvidenceStore(bounds: EvidenceBounds = {}): Promise<EvidenceStore> {
  const database = await openDatabase()
  const listAll = (): Promise<readonly EvidenceRecord[]> => transact(database, { store: name, mode: 'readonly', run: (store, settle) => settle<EvidenceRecord[]>(store.getAll()) })
  return {
    async put(evidence) {
      const file = encodeEvidence(evidence)
      const record: EvidenceRecord = { ...summarizeEvidence(evidence, file.length), file: new Blob([file]) }
      await transact(database, {
        store: name,
        mode: 'readwrite',
        async run(store, settle) {
          await settle(store.put(record))
          const kept = await settle<EvidenceRecord[]>(store.getAll())
          for (const { receiptHash } of chooseForgotten(kept, Date.now(), bounds)) await settle(store.delete(receiptHash))
        },
      })
    },
    list: async () => sortEvidence(await listAll()).map(({ file: _file, ...summary }) => summary),
    async read(receiptHash) {
      const record = await transact(database, { store: name, mode: 'readonly', run: (store, settle) => settle<EvidenceRecord | undefined>(store.get(receiptHash)) })
      return record && new Uint8Array(await record.file.arrayBuffer())
    },
    remove: (receiptHash) => transact(database, { store: name, mode: 'readwrite', run: async (store, settle) => void (await settle(store.delete(receiptHash))) }),
  }
}
