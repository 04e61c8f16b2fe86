/**
 * What a challenger hands in on chain for an attestation committee: where the evidence is to be had, as addresses, one a line.
 * The evidence itself is megabytes; its hashes stand in the receipt, so whoever sends it cannot send another.
 */

import * as v from 'valibot'
import { StreamflowError } from '../errors/StreamflowError.js'
import { bytesToHex, hexToBytes, type Hex } from '../units/hex.js'
import { webAddressField } from './fields.js'

/** Most addresses, and most bytes of all together: each byte is paid for. */
export const evidenceNoticeLimits = { addresses: 4, bytes: 1_024 } as const

const isWebAddress = (text: string): boolean => v.is(webAddressField, text)

/** Writes it. @throws {@link StreamflowError} `InvalidArgument` */
export function encodeEvidenceNotice(addresses: readonly string[]): Hex {
  const bytes = new TextEncoder().encode(addresses.join('\n'))
  const wrong = addresses.find((address) => !isWebAddress(address) || /\s/.test(address))
  if (wrong !== undefined) throw new StreamflowError('InvalidArgument', `evidence is fetched from http(s) addresses, not from ${wrong}`)
  if (addresses.length > evidenceNoticeLimits.addresses || bytes.length > evidenceNoticeLimits.bytes) {
    throw new StreamflowError('InvalidArgument', `at most ${evidenceNoticeLimits.addresses} addresses of ${evidenceNoticeLimits.bytes} bytes together, got ${addresses.length} of ${bytes.length}`)
  }
  return bytesToHex(bytes)
}

/** Reads it; what is no address is left out, since anybody may write anything there. */
export function decodeEvidenceNotice(notice: Hex): readonly string[] {
  const bytes = hexToBytes(notice)
  if (bytes.length > evidenceNoticeLimits.bytes) return []
  return new TextDecoder().decode(bytes).split('\n').slice(0, evidenceNoticeLimits.addresses).filter(isWebAddress)
}
