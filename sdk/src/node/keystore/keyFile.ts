/** Key files on disk: readable by their owner only, never overwritten. */

import { mkdir, open, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { createKeySigner } from '../../payments/signature.js'
import { decryptKey, encryptKey, parseKeystore, type KeystoreCost } from './keystore.js'

type Hex = `0x${string}`

const maxFileBytes = 16 * 1024

/**
 * Writes a private key to a new file (mode 600).
 * @returns its address
 * @throws {@link StreamflowError} `ConfigInvalid` if the file exists or cannot be written
 */
export async function createKeyFile(path: string, key: { readonly privateKey: Uint8Array; readonly password: string; readonly cost?: KeystoreCost }): Promise<Hex> {
  const keystore = await encryptKey(key.privateKey, key.password, key.cost)
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(keystore, undefined, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new StreamflowError('ConfigInvalid', exists ? `${path} exists; it is not overwritten` : `cannot write ${path}`, { cause, data: { path } })
  }
  return createKeySigner(key.privateKey).address
}

/**
 * Reads and decrypts a key file.
 * @returns 32 bytes
 * @throws {@link StreamflowError} `ConfigInvalid` if it cannot be read, is no keystore, or the password is wrong
 */
export async function readKeyFile(path: string, password: string): Promise<Uint8Array> {
  return decryptKey(parseKeystore(await readText(path)), password)
}

/** The address that a key file names, without decrypting it. @throws {@link StreamflowError} `ConfigInvalid` */
export async function readKeyAddress(path: string): Promise<Hex | undefined> {
  const { address } = parseKeystore(await readText(path))
  return address === undefined ? undefined : `0x${address.toLowerCase()}`
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size <= maxFileBytes) return await readFile(path, 'utf8')
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `cannot read the key file ${path}`, { cause, data: { path } })
  }
  throw new StreamflowError('ConfigInvalid', `the key file ${path} is larger than ${maxFileBytes} bytes`, { data: { path } })
}
