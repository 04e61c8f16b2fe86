/** `key …`: make, import, export and name the orchestrator's key. */

import { readFileSync } from 'node:fs'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createKeySigner, createPrivateKey } from '@streamflow/sdk/payments'
import { createKeyFile } from '../adapters/keystore/keyFile.js'
import type { Command } from './command.js'
import { readAddress, readPassword, readPrivateKey } from './operator.js'

/** `key new` */
export const keyNewCommand: Command = {
  usage: 'key new',
  summary: 'make a key and write it, encrypted, to key.file',
  async run({ load, print }) {
    const { config } = load()
    print(await createKeyFile(config.key.file, { privateKey: createPrivateKey(), password: readPassword(config) }))
    return 0
  },
}

/** `key import` */
export const keyImportCommand: Command = {
  usage: 'key import --private-key-file <path>',
  summary: 'encrypt a private key (hex, in a file; - for standard input) into key.file',
  async run({ load, flags, print }) {
    const { config } = load()
    const path = flags['private-key-file']
    if (path === undefined) throw new StreamflowError('InvalidArgument', 'key import: expected --private-key-file')
    print(await createKeyFile(config.key.file, { privateKey: readPrivateKeyHex(path), password: readPassword(config) }))
    return 0
  },
}

/** `key export` */
export const keyExportCommand: Command = {
  usage: 'key export',
  summary: 'print the private key; whoever reads it owns the account',
  async run({ load, print }) {
    print(`0x${Buffer.from(await readPrivateKey(load().config)).toString('hex')}`)
    return 0
  },
}

/** `key address` */
export const keyAddressCommand: Command = {
  usage: 'key address',
  summary: 'print the address of key.file',
  async run({ load, print }) {
    print(await readAddress(load().config))
    return 0
  },
}

function readPrivateKeyHex(path: string): Uint8Array {
  let text: string
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8').trim()
  } catch (cause) {
    throw new StreamflowError('InvalidArgument', `cannot read ${path}`, { cause })
  }
  // What the file holds is never repeated in an error.
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(text)) throw new StreamflowError('InvalidArgument', `${path}: expected 32 bytes as hex`)
  const privateKey = Buffer.from(text.replace(/^0x/, ''), 'hex')
  try {
    createKeySigner(privateKey)
  } catch (cause) {
    throw new StreamflowError('InvalidArgument', `${path}: the key is out of range`, { cause })
  }
  return privateKey
}
