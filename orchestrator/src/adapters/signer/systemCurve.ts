/**
 * The curve by the system's libsecp256k1 (Debian and Ubuntu `libsecp256k1-dev`, Homebrew `secp256k1`), called through
 * koffi. Every function used here is in all releases since 2020, with the same sizes; the library aborts the process
 * when it is called against its contract, so every length is asserted before it is.
 */

import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import type * as Koffi from 'koffi'
import { lengths, type Curve } from './curve.js'

type Library = Koffi.LibraryHandle
type Call = (...args: readonly unknown[]) => number

/** Names under which systems have it, newest first. */
const names = ['libsecp256k1.so.6', 'libsecp256k1.so.5', 'libsecp256k1.so.2', 'libsecp256k1.so.1', 'libsecp256k1.so.0', '/opt/homebrew/lib/libsecp256k1.dylib', '/usr/local/lib/libsecp256k1.dylib']
/** `SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY`: what releases before 0.2 need; later ones take any. */
const contextFlags = 0x0301
/** `SECP256K1_EC_UNCOMPRESSED` */
const uncompressed = 0x0002
/** Bytes of the library's opaque structs. */
const sizes = { publicKey: 64, signature: 64, recoverableSignature: 65 } as const

function openLibrary(): { readonly library: Library; readonly name: string } | undefined {
  let koffi: typeof Koffi
  try {
    koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
  } catch {
    return undefined // no build of koffi for this machine
  }
  for (const name of names) {
    try {
      return { library: koffi.load(name), name }
    } catch {
      // not here under this name
    }
  }
  return undefined
}

/** Declares what is called. @throws Error if the library was built without recovery */
function declare(library: Library) {
  const bytes = 'const uint8_t *'
  const out = 'uint8_t *'
  const declareCall = (name: string, ...parameters: readonly string[]): Call => library.func(`secp256k1_${name}`, 'int', ['void *', ...parameters]) as Call
  return {
    createContext: library.func('secp256k1_context_create', 'void *', ['unsigned int']) as (flags: number) => unknown,
    randomize: declareCall('context_randomize', bytes),
    isPrivateKey: declareCall('ec_seckey_verify', bytes),
    createPublicKey: declareCall('ec_pubkey_create', out, bytes),
    parsePublicKey: declareCall('ec_pubkey_parse', out, bytes, 'size_t'),
    serializePublicKey: declareCall('ec_pubkey_serialize', out, 'size_t *', bytes, 'unsigned int'),
    parseSignature: declareCall('ecdsa_signature_parse_compact', out, bytes),
    verify: declareCall('ecdsa_verify', bytes, bytes, bytes),
    parseRecoverable: declareCall('ecdsa_recoverable_signature_parse_compact', out, bytes, 'int'),
    serializeRecoverable: declareCall('ecdsa_recoverable_signature_serialize_compact', out, 'int *', bytes),
    recover: declareCall('ecdsa_recover', out, bytes, bytes),
    signRecoverable: declareCall('ecdsa_sign_recoverable', out, bytes, bytes, 'void *', 'void *'),
  }
}

function assertLength(what: keyof typeof lengths, bytes: Uint8Array): void {
  if (bytes.length !== lengths[what]) throw new RangeError(`${what}: expected ${lengths[what]} bytes, got ${bytes.length}`)
}

function createCurve(library: Library, name: string): Curve {
  const calls = declare(library)
  const context = calls.createContext(contextFlags)
  // Blinds the arithmetic with secrets against whoever measures it.
  calls.randomize(context, randomBytes(32))
  const publicKeyStruct = Buffer.alloc(sizes.publicKey)
  const signatureStruct = Buffer.alloc(sizes.signature)
  const recoverable = Buffer.alloc(sizes.recoverableSignature)

  const serializePublicKey = (): Buffer => {
    const bytes = Buffer.alloc(lengths.publicKey)
    calls.serializePublicKey(context, bytes, [lengths.publicKey], publicKeyStruct, uncompressed)
    return bytes
  }
  return {
    library: name,
    computePublicKey(privateKey) {
      if (privateKey.length !== lengths.privateKey || calls.isPrivateKey(context, privateKey) !== 1) return undefined
      calls.createPublicKey(context, publicKeyStruct, privateKey)
      return serializePublicKey()
    },
    sign(digest, privateKey) {
      assertLength('digest', digest)
      assertLength('privateKey', privateKey)
      if (calls.signRecoverable(context, recoverable, digest, privateKey, null, null) !== 1) throw new RangeError('the private key is out of range')
      const signature = Buffer.alloc(lengths.signature)
      const recid = new Int32Array(1)
      calls.serializeRecoverable(context, signature, recid, recoverable)
      return { signature, recid: recid[0] as number }
    },
    recover(signature, recid, digest) {
      assertLength('signature', signature)
      assertLength('digest', digest)
      if (recid !== 0 && recid !== 1) return undefined
      if (calls.parseRecoverable(context, recoverable, signature, recid) !== 1) return undefined
      return calls.recover(context, publicKeyStruct, recoverable, digest) === 1 ? serializePublicKey() : undefined
    },
    createVerify(publicKey) {
      assertLength('publicKey', publicKey)
      const key = Buffer.alloc(sizes.publicKey)
      if (calls.parsePublicKey(context, key, publicKey, lengths.publicKey) !== 1) throw new RangeError('publicKey: no point of the curve')
      return (signature, digest) => {
        assertLength('signature', signature)
        assertLength('digest', digest)
        return calls.parseSignature(context, signatureStruct, signature) === 1 && calls.verify(context, signatureStruct, digest, key) === 1
      }
    },
  }
}

/** The curve of the system's library, or undefined where there is none that can be used. */
export function createSystemCurve(): Curve | undefined {
  const found = openLibrary()
  if (found === undefined) return undefined
  try {
    return createCurve(found.library, found.name)
  } catch {
    return undefined
  }
}
