import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createKeySigner, createPrivateKey } from '../../payments/signature.js'
import { createKeyFile, readKeyAddress, readKeyFile } from './keyFile.js'
import { decryptKey, encryptKey, parseKeystore } from './keystore.js'

// The test vectors of the Web3 Secret Storage definition.
const secret = '7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d'
const password = 'testpassword'
const vectors = {
  pbkdf2: {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
      ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
      kdf: 'pbkdf2',
      kdfparams: { c: 262144, dklen: 32, prf: 'hmac-sha256', salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd' },
      mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
    },
    id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
    version: 3,
  },
  scrypt: {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
      ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
      kdf: 'scrypt',
      kdfparams: { dklen: 32, n: 262144, r: 1, p: 8, salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19' },
      mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
    },
    id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
    version: 3,
  },
}
const cheap = { n: 1024, r: 8, p: 1 }
let folder: string | undefined

afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true })
  folder = undefined
})

describe('keystore', () => {
  it.each(Object.entries(vectors))('opens the standard vector for %s', async (_kdf, vector) => {
    const key = await decryptKey(parseKeystore(JSON.stringify(vector)), password)
    expect(Buffer.from(key).toString('hex')).toBe(secret)
  })

  it('opens what it wrote, with that password only', async () => {
    const privateKey = createPrivateKey()
    const text = JSON.stringify(await encryptKey(privateKey, 'naïve pass', cheap))
    expect(Buffer.from(await decryptKey(parseKeystore(text), 'naïve pass')).equals(Buffer.from(privateKey))).toBe(true)
    await expect(decryptKey(parseKeystore(text), 'another')).rejects.toMatchObject({ code: 'ConfigInvalid' })
    expect(text).not.toContain(Buffer.from(privateKey).toString('hex'))
  })

  it('refuses a file whose address is not its key’s', async () => {
    const keystore = await encryptKey(createPrivateKey(), 'p', cheap)
    const other = createKeySigner(createPrivateKey()).address.slice(2)
    await expect(decryptKey({ ...keystore, address: other }, 'p')).rejects.toMatchObject({ code: 'ConfigInvalid' })
  })

  it('refuses a file that asks for absurd memory', async () => {
    const keystore = parseKeystore(JSON.stringify({ ...vectors.scrypt, crypto: { ...vectors.scrypt.crypto, kdfparams: { ...vectors.scrypt.crypto.kdfparams, n: 1 << 24, r: 8 } } }))
    await expect(decryptKey(keystore, password)).rejects.toMatchObject({ code: 'ConfigInvalid' })
  })

  it.each(['', '[]', '{"version":1}', JSON.stringify({ ...vectors.scrypt, version: 4 })])('refuses what is no keystore: %s', (text) => {
    expect(() => parseKeystore(text)).toThrow(expect.objectContaining({ code: 'ConfigInvalid' }))
  })

  it('writes a file that only its owner can read, and never overwrites one', async () => {
    folder = await mkdtemp(join(tmpdir(), 'streamflow-key-'))
    const path = join(folder, 'keys', 'orchestrator.json')
    const privateKey = createPrivateKey()
    const address = await createKeyFile(path, { privateKey, password: 'p', cost: cheap })
    expect(address).toBe(createKeySigner(privateKey).address)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readKeyAddress(path)).toBe(address)
    expect(Buffer.from(await readKeyFile(path, 'p')).equals(Buffer.from(privateKey))).toBe(true)
    await expect(createKeyFile(path, { privateKey, password: 'p', cost: cheap })).rejects.toMatchObject({ code: 'ConfigInvalid' })
  })
})
