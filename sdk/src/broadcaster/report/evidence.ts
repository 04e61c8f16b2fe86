/** Keeping evidence: of segments that were looked at, or that failed, for as long as a challenge may come. On this machine, bounded. */

import type { Evidence, EvidenceHead } from '../../protocol/evidence.js'
import { hashEvidence } from '../../protocol/evidence.js'
import type { Address, Hex } from '../../units/hex.js'

/** What is known of kept evidence without reading all of it. */
export interface EvidenceSummary {
  /** Digest of the receipt: the name of the evidence. */
  readonly receiptHash: Hex
  readonly chainId: number
  readonly orchestrator: Address
  readonly serviceId: Hex
  readonly streamId: Hex
  readonly seq: number
  /** In which the receipt was signed: the window for a challenge counts from it. */
  readonly round: bigint
  readonly reason: string
  readonly recordedAtMs: number
  /** Of the whole file. */
  readonly bytes: number
}

/** Keeps evidence, by the digest of its receipt. */
export interface EvidenceStore {
  /** Keeps it, in place of what was kept of the same receipt; what is too old, or too much, goes. Durable when it resolves. */
  put(evidence: Evidence): Promise<void>
  /** Latest first. */
  list(): Promise<readonly EvidenceSummary[]>
  /** Its file, as it was kept; undefined if there is none. */
  read(receiptHash: Hex): Promise<Uint8Array | undefined>
  remove(receiptHash: Hex): Promise<void>
}

/** How much is kept. */
export interface EvidenceBounds {
  /** Milliseconds; `getChallengeTerms` tells how long a challenge is possible. @default seven days */
  readonly maxAgeMs?: number
  /** Bytes of all evidence together. @default 256 MiB */
  readonly maxBytes?: number
}

const defaultMaxAgeMs = 7 * 24 * 3_600_000
const defaultMaxBytes = 256 * 1024 * 1024

/** The summary of evidence that is `bytes` long. */
export function summarizeEvidence(head: Pick<EvidenceHead, 'domain' | 'receipt' | 'reason' | 'recordedAtMs'>, bytes: number): EvidenceSummary {
  const { domain, receipt, reason, recordedAtMs } = head
  const { orchestrator, serviceId, streamId, seq, round } = receipt
  return { receiptHash: hashEvidence(head), chainId: domain.chainId, orchestrator, serviceId, streamId, seq, round, reason, recordedAtMs, bytes }
}

/** Latest first. */
export function sortEvidence<T extends Pick<EvidenceSummary, 'recordedAtMs'>>(kept: readonly T[]): readonly T[] {
  return [...kept].sort((a, b) => b.recordedAtMs - a.recordedAtMs)
}

/** What goes: what is too old, and of the rest the oldest that are too much. The newest stays, however large. Pure. */
export function chooseForgotten<T extends Pick<EvidenceSummary, 'recordedAtMs' | 'bytes'>>(kept: readonly T[], nowMs: number, { maxAgeMs = defaultMaxAgeMs, maxBytes = defaultMaxBytes }: EvidenceBounds): readonly T[] {
  let total = 0
  return sortEvidence(kept).filter(({ recordedAtMs, bytes }, i) => {
    total += bytes
    return i > 0 && (total > maxBytes || nowMs - recordedAtMs > maxAgeMs)
  })
}
