/** What commands of an operator share: the network, the key, and the account that sends. */

import { readFileSync } from 'node:fs'
import { privateKeyToAccount, type LocalAccount } from 'viem/accounts'
import { StreamflowError } from '@streamflow/sdk/errors'
import { parseNetwork, type Network } from '@streamflow/sdk/chain'
import { createKeySigner } from '@streamflow/sdk/payments'
import { readKeyAddress, readKeyFile } from '@streamflow/sdk/node'
import type { Config } from '../config/settings.js'

type Hex = `0x${string}`

const maxFileLength = 64 * 1024

function readText(path: string, what: string): string {
  try {
    const text = readFileSync(path, 'utf8')
    if (text.length <= maxFileLength) return text
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `cannot read the ${what} ${path}`, { cause, data: { path } })
  }
  throw new StreamflowError('ConfigInvalid', `the ${what} ${path} is too large`, { data: { path } })
}

/** Reads the network description. @throws {@link StreamflowError} `ConfigInvalid` */
export function readNetwork({ network }: Config): Network {
  const text = readText(network.file, 'network file')
  try {
    // Put in before the file is judged: one without endpoints is good if they are set.
    return parseNetwork(network.rpcUrls.length > 0 ? JSON.stringify({ ...(JSON.parse(text) as object), rpcUrls: network.rpcUrls }) : text)
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `the network file ${network.file} is not a network description: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}

/** The password of the key file: from its file, else from the setting. @throws {@link StreamflowError} `ConfigInvalid` */
export function readPassword({ key }: Config): string {
  if (key.passwordFile !== undefined) return readText(key.passwordFile, 'password file').split(/\r?\n/, 1)[0] ?? ''
  if (key.password !== undefined) return key.password
  throw new StreamflowError('ConfigInvalid', 'there is no password for the key file: set key.passwordFile (--key-password-file) or STREAMFLOW_KEY_PASSWORD')
}

/** The orchestrator's private key, 32 bytes. @throws {@link StreamflowError} `ConfigInvalid` */
export function readPrivateKey(config: Config): Promise<Uint8Array> {
  return readKeyFile(config.key.file, readPassword(config))
}

/** The address of the key, unlocked only where its file does not say. @throws {@link StreamflowError} `ConfigInvalid` */
export async function readAddress(config: Config): Promise<Hex> {
  return (await readKeyAddress(config.key.file)) ?? createKeySigner(await readPrivateKey(config)).address
}

/** The orchestrator's account: the one for which the key signs, else the key's own; lower case. @throws {@link StreamflowError} `ConfigInvalid` */
export async function readAccount(config: Config): Promise<Hex> {
  return (config.key.orchestrator ?? (await readAddress(config))).toLowerCase() as Hex
}

/** The operator's account on the chain. */
export interface Operator {
  readonly network: Network
  /** Lower case. */
  readonly address: Hex
  /** What the SDK's actions send with. */
  readonly wallet: LocalAccount
}

/** Unlocks the key. @throws {@link StreamflowError} `ConfigInvalid` */
export async function openOperator(config: Config): Promise<Operator> {
  const network = readNetwork(config)
  const wallet = privateKeyToAccount(`0x${Buffer.from(await readPrivateKey(config)).toString('hex')}`)
  return { network, address: wallet.address.toLowerCase() as Hex, wallet }
}

/**
 * Unlocks the key of the orchestrator's own account, for what only that one may do.
 * @param what - for the message, e.g. `withdraw fees`
 * @throws {@link StreamflowError} `ConfigInvalid` if the key only signs for it
 */
export async function openOwner(config: Config, what: string): Promise<Operator> {
  const operator = await openOperator(config)
  const account = await readAccount(config)
  if (account === operator.address) return operator
  throw new StreamflowError('ConfigInvalid', `only ${account} can ${what}: this key (${operator.address}) only signs for it`, {
    help: 'Run this where the account’s own key is, without key.orchestrator.',
  })
}
