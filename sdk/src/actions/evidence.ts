/** Evidence that was kept: what there is, taken out as a file, read from one. */

import { createBrowserEvidenceStore } from '../broadcaster/report/createBrowserEvidenceStore.js'
import type { EvidenceStore, EvidenceSummary } from '../broadcaster/report/evidence.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import { decodeEvidence, type Evidence } from '../protocol/evidence.js'
import type { Hex } from '../units/hex.js'

/** Where evidence is kept. */
export interface EvidenceSource {
  /** @default the page's IndexedDB */
  readonly store?: EvidenceStore
}

/** All evidence, latest first. @throws {@link StreamflowError} `Unsupported` without storage */
export async function listEvidence({ store }: EvidenceSource = {}): Promise<readonly EvidenceSummary[]> {
  return (store ?? (await createBrowserEvidenceStore())).list()
}

/**
 * The file of one segment's evidence, which needs nothing beside it.
 * @param options.receiptHash - as {@link listEvidence} says
 * @throws {@link StreamflowError} `InvalidArgument` if none is kept; `BadMessage` if what is kept is damaged
 */
export async function exportEvidence({ receiptHash, store }: EvidenceSource & { readonly receiptHash: Hex }): Promise<Uint8Array> {
  const file = await (store ?? (await createBrowserEvidenceStore())).read(receiptHash)
  if (file === undefined) throw new StreamflowError('InvalidArgument', `receiptHash: no evidence is kept of ${receiptHash}`, { data: { option: 'receiptHash' } })
  decodeEvidence(file)
  return file
}

/**
 * Reads such a file; every field is checked, and that all of it belongs together.
 * @throws {@link StreamflowError} `BadMessage`, `MessageTooLarge`, `Unsupported` for a version that is not known here
 */
export function readEvidence(file: Uint8Array): Evidence {
  return decodeEvidence(file)
}
