/** The `Authorization: Streamflow …` header: base64url JSON of who asks, when, once, and the session key's signature. */

import * as v from 'valibot'
import { StreamflowError } from '../errors/StreamflowError.js'
import { addressField, bytes32Field, countField, signatureField } from './fields.js'

const scheme = 'Streamflow '
/** Characters of the header. */
const maxLength = 1_024

const authorizationSchema = v.strictObject({
  sender: addressField,
  issuedAt: countField(),
  nonce: bytes32Field,
  signature: signatureField,
})
/** What the header carries; signed as payments/request.ts `SignedAction`. */
export type Authorization = v.InferOutput<typeof authorizationSchema>

/** Actions that are signed. */
export const actions = { open: 'stream.open', close: 'stream.close', statement: 'stream.statement' } as const

/** Renders the header's value. */
export function encodeAuthorization(authorization: Authorization): string {
  return scheme + btoa(JSON.stringify(authorization)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/**
 * Parses the header's value.
 * @throws {@link StreamflowError} `Unauthorized` if it is missing or malformed
 */
export function decodeAuthorization(header: string | undefined): Authorization {
  if (header === undefined || !header.startsWith(scheme) || header.length > maxLength) {
    throw new StreamflowError('Unauthorized', 'expected an Authorization header of scheme Streamflow')
  }
  try {
    return v.parse(authorizationSchema, JSON.parse(atob(header.slice(scheme.length).replaceAll('-', '+').replaceAll('_', '/'))))
  } catch (cause) {
    throw new StreamflowError('Unauthorized', 'the Authorization header is malformed', { cause })
  }
}
