/**
 * The evidence that a member holds, in two folders. What is handed in waits where newer evidence pushes it out, so that nobody
 * fills a disk; what a challenge asks for is kept apart until the challenge is over, so that nobody pushes that out. A file that
 * is put into `handed-in` by hand, as `<receipt>.evidence`, was handed in.
 */

import { join } from 'node:path'
import { createFileEvidenceStore } from '@streamflow/sdk/node'
import type { EvidenceStore } from '@streamflow/sdk'
import type { Evidence } from '@streamflow/sdk/protocol'

type Hex = `0x${string}`

/** See above. */
export interface EvidenceShelf {
  /** Keeps what was handed in, for a while. */
  take(evidence: Evidence): Promise<void>
  /** Keeps what a challenge asks for. */
  keep(evidence: Evidence): Promise<void>
  /** The file of what is held. */
  read(receiptHash: Hex): Promise<Uint8Array | undefined>
  /** Lets go of what was kept, but for these. */
  release(needed: ReadonlySet<Hex>): Promise<void>
}

const maxAgeMs = 24 * 3_600_000

/** Where, and how much. */
export interface EvidenceShelfOptions {
  readonly folder: string
  /** Of what was handed in and is not asked for. */
  readonly maxBytes: number
}

/** @throws {@link StreamflowError} only from its functions, as the file system does */
export function createEvidenceShelf({ folder, maxBytes }: EvidenceShelfOptions): EvidenceShelf {
  const handedIn = createFileEvidenceStore({ folder: join(folder, 'handed-in'), maxBytes, maxAgeMs })
  const asked = createFileEvidenceStore({ folder: join(folder, 'asked'), maxBytes: Number.POSITIVE_INFINITY, maxAgeMs: Number.POSITIVE_INFINITY })
  // By our own clock: what a file says of its age would keep it for as long as its maker likes.
  const put = (store: EvidenceStore, evidence: Evidence): Promise<void> => store.put({ ...evidence, recordedAtMs: Date.now() })
  return {
    take: (evidence) => put(handedIn, evidence),
    keep: (evidence) => put(asked, evidence),
    read: async (receiptHash) => (await asked.read(receiptHash)) ?? (await handedIn.read(receiptHash)),
    async release(needed) {
      for (const { receiptHash } of await asked.list()) if (!needed.has(receiptHash)) await asked.remove(receiptHash)
    },
  }
}
