/** Evidence in a folder, a file each: files can be handed over as they are. */

import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { chooseForgotten, sortEvidence, summarizeEvidence, type EvidenceBounds, type EvidenceStore, type EvidenceSummary } from '../broadcaster/report/evidence.js'
import { decodeEvidenceHead, encodeEvidence, evidenceLimits, hashEvidence } from '../protocol/evidence.js'
import type { Hex } from '../units/hex.js'
import { writeFileWhole } from './writeFileWhole.js'

/** What a file of evidence ends in. */
export const evidenceSuffix = '.evidence'
const ownerOnlyFolder = 0o700
/** Magic, version and length stand before the head. */
const mostStartBytes = 16 + evidenceLimits.headBytes

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** What a file's beginning says; undefined if it is no evidence. */
async function summarizeFile(path: string): Promise<EvidenceSummary | undefined> {
  try {
    const file = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(mostStartBytes), 0, mostStartBytes, 0)
      return summarizeEvidence(decodeEvidenceHead(buffer.subarray(0, bytesRead)).head, (await stat(path)).size)
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

/**
 * Node's store of evidence, for the option `evidenceStore` and for `exportEvidence`.
 * @param options.folder - @default `~/.streamflow/evidence`
 */
export function createFileEvidenceStore({ folder = join(homedir(), '.streamflow', 'evidence'), ...bounds }: EvidenceBounds & { readonly folder?: string } = {}): EvidenceStore {
  const pathOf = (receiptHash: Hex): string => join(folder, `${receiptHash.toLowerCase()}${evidenceSuffix}`)
  const listAll = async (): Promise<readonly EvidenceSummary[]> => {
    const names = await readdir(folder).catch((error: unknown) => {
      if (isMissing(error)) return []
      throw error
    })
    const found = await Promise.all(names.filter((name) => name.endsWith(evidenceSuffix)).map((name) => summarizeFile(join(folder, name))))
    return found.filter((summary) => summary !== undefined)
  }
  const remove = (receiptHash: Hex): Promise<void> => rm(pathOf(receiptHash), { force: true })
  return {
    async put(evidence) {
      await mkdir(folder, { recursive: true, mode: ownerOnlyFolder })
      await writeFileWhole(pathOf(hashEvidence(evidence)), encodeEvidence(evidence))
      for (const { receiptHash } of chooseForgotten(await listAll(), Date.now(), bounds)) await remove(receiptHash)
    },
    list: async () => sortEvidence(await listAll()),
    async read(receiptHash) {
      try {
        return new Uint8Array(await readFile(pathOf(receiptHash)))
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    remove,
  }
}
