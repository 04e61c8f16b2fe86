/** `key …`: make, import, export and name the orchestrator's key. */

import { readFileSync } from 'node:fs'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createKeySigner, createPrivateKey } from '@streamflow/sdk/payments'
import { createKeyFile } from '@streamflow/sdk/node'
import type { Command } from './command.js'
import { readAddress, readPassword, readPrivateKey } from './operator.js'
import { report } from '@streamflow/sdk/cli'

/** `key new` */
export const keyNewCommand: Command = {
  usage: 'key new [--json]',
  summary: 'make a key and write it, encrypted, to key.file',
  example: 'key new --key-file streamflow-data/key.json',
  async run({ load, print, isJson }) {
    const { config } = load()
    const address = await createKeyFile(config.key.file, { privateKey: createPrivateKey(), password: readPassword(config) })
    report({ address, keyFile: config.key.file }, { isJson, print, sentence: address })
    return 0
  },
}

/** `key import` */
export const keyImportCommand: Command = {
  usage: 'key import --private-key-file <path> [--json]',
  summary: 'encrypt a private key (hex, in a file; - for standard input) into key.file',
  example: 'key import --private-key-file private.hex',
  async run({ load, flags, print, isJson }) {
    const { config } = load()
    const path = flags['private-key-file']
    if (path === undefined) throw new StreamflowError('InvalidArgument', 'key import: expected --private-key-file')
    const address = await createKeyFile(config.key.file, { privateKey: readPrivateKeyHex(path), password: readPassword(config) })
    report({ address, keyFile: config.key.file }, { isJson, print, sentence: address })
    return 0
  },
}

/** `key export` */
export const keyExportCommand: Command = {
  usage: 'key export [--json]',
  summary: 'print the private key; whoever reads it owns the account',
  example: 'key export',
  async run({ load, print, isJson }) {
    const privateKey = `0x${Buffer.from(await readPrivateKey(load().config)).toString('hex')}`
    report({ privateKey }, { isJson, print, sentence: privateKey })
    return 0
  },
}

/** `key address` */
export const keyAddressCommand: Command = {
  usage: 'key address [--json]',
  summary: 'print the address of key.file',
  example: 'key address',
  async run({ load, print, isJson }) {
    const address = await readAddress(load().config)
    report({ address }, { isJson, print, sentence: address })
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
