/** What members of an attestation committee say to each other, and challengers to them, over HTTP. */

import * as v from 'valibot'
import { addressField, bytes32Field, signatureField, webAddressField } from './fields.js'

/** Where, on a member's server. */
export const attestationPaths = { evidence: '/v1/evidence', verdicts: '/v1/verdicts' } as const

/** Answer to `POST /v1/evidence`, whose body is the file: where everybody can fetch it. */
export const evidenceTakenSchema = v.object({ receiptHash: bytes32Field, url: webAddressField })
/** See {@link evidenceTakenSchema}. */
export type EvidenceTaken = v.InferOutput<typeof evidenceTakenSchema>

/** Answer to `GET /v1/verdicts/{challengeId}`: the member's word. */
export const memberVerdictSchema = v.object({ attester: addressField, challengeId: bytes32Field, verdict: v.picklist(['innocent', 'guilty', 'unavailable']), signature: signatureField })
/** See {@link memberVerdictSchema}. */
export type MemberVerdict = v.InferOutput<typeof memberVerdictSchema>
