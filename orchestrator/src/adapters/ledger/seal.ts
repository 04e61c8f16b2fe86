/** Seals what nobody should find in a copy of the ledger, under a key that is not in it. */

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { StreamflowError } from '@streamflow/sdk/errors'

/** Closes and opens; `name` is bound to the content, so that it cannot stand for something else. */
export interface Seal {
  close(bytes: Uint8Array, name: string): Buffer
  /** @throws {@link StreamflowError} `LedgerFailed` if it was closed under another key, or is altered */
  open(sealed: Uint8Array, name: string): Uint8Array
  /** Whether these bytes were closed. */
  isClosed(bytes: Uint8Array): boolean
}

const cipher = 'aes-256-gcm'
/** First byte of everything that is sealed. */
const version = 1
const ivBytes = 12
const tagBytes = 16
/** Length of what is sealed here, in clear. */
const secretBytes = 32

/**
 * A seal under a key derived from the orchestrator's own (HKDF-SHA-256), with AES-256-GCM.
 * @param key - 32 bytes
 */
export function createSeal(key: Uint8Array): Seal {
  const sealKey = Buffer.from(hkdfSync('sha256', key, 'streamflow ledger', 'seal v1', 32))
  const isClosed = (bytes: Uint8Array): boolean => bytes.length !== secretBytes && bytes[0] === version
  return {
    isClosed,
    close(bytes, name) {
      const iv = randomBytes(ivBytes)
      const encryption = createCipheriv(cipher, sealKey, iv).setAAD(Buffer.from(name))
      const content = Buffer.concat([encryption.update(bytes), encryption.final()])
      return Buffer.concat([Buffer.from([version]), iv, encryption.getAuthTag(), content])
    },
    open(sealed, name) {
      // Earlier versions wrote secrets as they are.
      if (!isClosed(sealed)) return new Uint8Array(sealed)
      try {
        const decryption = createDecipheriv(cipher, sealKey, sealed.subarray(1, 1 + ivBytes)).setAAD(Buffer.from(name))
        decryption.setAuthTag(sealed.subarray(1 + ivBytes, 1 + ivBytes + tagBytes))
        return new Uint8Array(Buffer.concat([decryption.update(sealed.subarray(1 + ivBytes + tagBytes)), decryption.final()]))
      } catch (cause) {
        throw new StreamflowError('LedgerFailed', `the ledger was sealed with another key (${name}): use the key that it was made with`, { cause })
      }
    },
  }
}

/** Leaves everything as it is: for ledgers that hold nothing worth a key. */
export const noSeal: Seal = { isClosed: () => false, close: (bytes) => Buffer.from(bytes), open: (bytes) => new Uint8Array(bytes) }
