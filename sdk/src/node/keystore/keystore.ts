/**
 * Keystore V3 files ("Web3 Secret Storage"): one private key, encrypted by a password. Pure but for randomness.
 * @see https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage
 */

import { createCipheriv, createDecipheriv, pbkdf2 as pbkdf2Callback, randomBytes, randomUUID, scrypt as scryptCallback, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'
import { scryptAsync } from '@noble/hashes/scrypt'
import * as v from 'valibot'
import { keccak256 } from 'viem'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { createKeySigner } from '../../payments/signature.js'

const scrypt = promisify<Buffer, Buffer, number, ScryptOptions, Buffer>(scryptCallback)
const pbkdf2 = promisify(pbkdf2Callback)

/** Memory that a foreign file may make us use. */
const maxScryptBytes = 1024 * 1024 * 1024
const maxIterations = 10_000_000
/** Our own files: as strong as geth's. 256 MiB, about a second. */
const scryptCost = { n: 262_144, r: 8, p: 1 } as const

const hexField = (bytes: number) => v.pipe(v.string(), v.transform((text) => text.replace(/^0x/, '')), v.regex(new RegExp(`^[0-9a-fA-F]{${2 * bytes}}$`)))
const saltField = v.pipe(v.string(), v.regex(/^([0-9a-fA-F]{2}){8,64}$/))
const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max))

const cryptoFields = {
  cipher: v.literal('aes-128-ctr'),
  cipherparams: v.object({ iv: hexField(16) }),
  ciphertext: hexField(32),
  mac: hexField(32),
}
const keystoreSchema = v.object({
  version: v.literal(3),
  id: v.optional(v.string()),
  address: v.optional(hexField(20)),
  crypto: v.variant('kdf', [
    v.object({ ...cryptoFields, kdf: v.literal('scrypt'), kdfparams: v.object({ dklen: v.literal(32), n: count(1 << 24), r: count(1024), p: count(64), salt: saltField }) }),
    v.object({ ...cryptoFields, kdf: v.literal('pbkdf2'), kdfparams: v.object({ dklen: v.literal(32), c: count(maxIterations), prf: v.literal('hmac-sha256'), salt: saltField }) }),
  ]),
})

/** The parsed form of a keystore file. */
export type Keystore = v.InferOutput<typeof keystoreSchema>

/** How much work a password guess costs; @default 256 MiB of scrypt. */
export interface KeystoreCost {
  /** Power of two. */
  readonly n: number
  readonly r: number
  readonly p: number
}

/**
 * Encrypts a private key.
 * @param privateKey - 32 bytes
 */
export async function encryptKey(privateKey: Uint8Array, password: string, cost: KeystoreCost = scryptCost): Promise<Keystore> {
  const salt = randomBytes(32)
  const iv = randomBytes(16)
  const kdfparams = { dklen: 32 as const, ...cost, salt: salt.toString('hex') }
  const derived = await deriveKey({ kdf: 'scrypt', kdfparams }, password)
  const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv)
  const ciphertext = Buffer.concat([cipher.update(privateKey), cipher.final()])
  return {
    version: 3,
    id: randomUUID(),
    address: createKeySigner(privateKey).address.slice(2),
    crypto: { cipher: 'aes-128-ctr', cipherparams: { iv: iv.toString('hex') }, ciphertext: ciphertext.toString('hex'), kdf: 'scrypt', kdfparams, mac: computeMac(derived, ciphertext).toString('hex') },
  }
}

/**
 * Decrypts a private key.
 * @returns 32 bytes
 * @throws {@link StreamflowError} `ConfigInvalid` if the password is wrong or the file names another address than its key has
 */
export async function decryptKey({ crypto, address }: Keystore, password: string): Promise<Uint8Array> {
  const derived = await deriveKey(crypto, password)
  const ciphertext = Buffer.from(crypto.ciphertext, 'hex')
  if (!timingSafeEqual(computeMac(derived, ciphertext), Buffer.from(crypto.mac, 'hex'))) throw new StreamflowError('ConfigInvalid', 'the password does not open the key file')
  const decipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), Buffer.from(crypto.cipherparams.iv, 'hex'))
  const privateKey = Buffer.concat([decipher.update(ciphertext), decipher.final()])
  if (address !== undefined && createKeySigner(privateKey).address !== `0x${address.toLowerCase()}`) {
    throw new StreamflowError('ConfigInvalid', 'the key file names another address than its key has', { data: { address: `0x${address}` } })
  }
  return privateKey
}

/**
 * Reads the text of a keystore file.
 * @throws {@link StreamflowError} `ConfigInvalid`
 */
export function parseKeystore(json: string): Keystore {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', 'the key file is not JSON', { cause })
  }
  // Some writers capitalise "Crypto".
  const lowered = typeof value === 'object' && value !== null && 'Crypto' in value ? { ...value, crypto: value.Crypto } : value
  const result = v.safeParse(keystoreSchema, lowered)
  if (result.success) return result.output
  throw new StreamflowError('ConfigInvalid', `the key file is not a keystore of version 3: ${v.getDotPath(result.issues[0]) ?? ''} ${result.issues[0].message}`)
}

type Kdf = { readonly kdf: 'scrypt'; readonly kdfparams: Extract<Keystore['crypto'], { kdf: 'scrypt' }>['kdfparams'] } | { readonly kdf: 'pbkdf2'; readonly kdfparams: Extract<Keystore['crypto'], { kdf: 'pbkdf2' }>['kdfparams'] }

async function deriveKey(crypto: Kdf, password: string): Promise<Buffer> {
  const secret = Buffer.from(password.normalize('NFKD'), 'utf8')
  if (crypto.kdf === 'pbkdf2') return pbkdf2(secret, Buffer.from(crypto.kdfparams.salt, 'hex'), crypto.kdfparams.c, 32, 'sha256')
  const { n, r, p, salt } = crypto.kdfparams
  const bytes = 128 * r * (n + p)
  if (bytes > maxScryptBytes) throw new StreamflowError('ConfigInvalid', `the key file asks for ${bytes} bytes of memory, at most ${maxScryptBytes}`)
  // OpenSSL keeps to RFC 7914's N < 2^(128·r/8), which the format's own test vector does not.
  if (n >= 2 ** (16 * r)) return Buffer.from(await scryptAsync(secret, Buffer.from(salt, 'hex'), { N: n, r, p, dkLen: 32, maxmem: bytes + 32 * 1024 * 1024 }))
  try {
    return await scrypt(secret, Buffer.from(salt, 'hex'), 32, { N: n, r, p, maxmem: bytes + 32 * 1024 * 1024 })
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', 'the key derivation of the key file cannot be done', { cause })
  }
}

function computeMac(derived: Buffer, ciphertext: Buffer): Buffer {
  return Buffer.from(keccak256(Buffer.concat([derived.subarray(16, 32), ciphertext]), 'bytes'))
}
