/** Evidence of a challenge: what is held, else what another member holds, else what is where the challenger says. */

import { toStreamflowError, type StreamflowError } from '@streamflow/sdk/errors'
import { attestationPaths, decodeEvidence, evidenceLimits, hashEvidence, type Evidence } from '@streamflow/sdk/protocol'
import type { EvidenceFinder } from '../../core/attestation/attester.js'
import type { EvidenceShelf } from './createEvidenceShelf.js'
import { fetchBounded } from './fetchBounded.js'

/** Where to look. */
export interface EvidenceFinderOptions {
  readonly shelf: EvidenceShelf
  /** Servers of the other members. */
  readonly members: readonly string[]
  /** See `fetchBounded`; of what challengers name. */
  readonly allowPrivate: boolean
  readonly missed: (error: StreamflowError) => void
}

const timeoutMs = 30_000

/** Never rejects for evidence that is not to be had: each place that fails is told. */
export function createEvidenceFinder({ shelf, members, allowPrivate, missed }: EvidenceFinderOptions): EvidenceFinder {
  return {
    async find({ receiptHash, urls }) {
      const held = await shelf.read(receiptHash)
      // Members are named by the operator, and may be neighbours; what challengers name is not.
      const places = [
        ...(held === undefined ? [] : [() => Promise.resolve(held)]),
        ...members.map((server) => () => fetchBounded(`${server}${attestationPaths.evidence}/${receiptHash}`, { maxBytes: evidenceLimits.bytes, timeoutMs, allowPrivate: true })),
        ...urls.map((url) => () => fetchBounded(url, { maxBytes: evidenceLimits.bytes, timeoutMs, allowPrivate })),
      ]
      for (const place of places) {
        const evidence = await read(place).catch((error: unknown) => missed(toStreamflowError(error, 'EvidenceUnavailable')))
        if (evidence === undefined || hashEvidence(evidence) !== receiptHash) continue
        await shelf.keep(evidence)
        return evidence
      }
      return undefined
    },
  }
}

async function read(place: () => Promise<Uint8Array>): Promise<Evidence> {
  return decodeEvidence(await place())
}
