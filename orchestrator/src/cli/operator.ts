/** What commands of an operator share: the network, the key, and a way to send transactions with it. */

import { readFileSync } from 'node:fs'
import { createPublicClient, createWalletClient, defineChain, fallback, http, type Account, type Chain, type PublicClient, type Transport, type WalletClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { StreamflowError } from '@streamflow/sdk/errors'
import { parseNetwork, type Network } from '@streamflow/sdk/chain'
import { createKeySigner } from '@streamflow/sdk/payments'
import { readRevert } from '../adapters/chain/chainClient.js'
import { readKeyAddress, readKeyFile } from '../adapters/keystore/keyFile.js'
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
  readonly address: Hex
  readonly client: PublicClient<Transport, Chain>
  readonly wallet: WalletClient<Transport, Chain, Account>
}

/** Connects to a network without an account, to read. */
export function createReader({ chainId, rpcUrls }: Network): PublicClient<Transport, Chain> {
  return createPublicClient({ chain: describeChain(chainId, rpcUrls), transport: fallback(rpcUrls.map((url) => http(url))), pollingInterval: 500 })
}

/** Unlocks the key and connects. @throws {@link StreamflowError} `ConfigInvalid` */
export async function openOperator(config: Config): Promise<Operator> {
  const network = readNetwork(config)
  const account = privateKeyToAccount(`0x${Buffer.from(await readPrivateKey(config)).toString('hex')}`)
  const { chainId, rpcUrls } = network
  const wallet = createWalletClient({ account, chain: describeChain(chainId, rpcUrls), transport: fallback(rpcUrls.map((url) => http(url))) })
  return { network, address: account.address.toLowerCase() as Hex, client: createReader(network), wallet }
}

function describeChain(id: number, rpcUrls: readonly string[]): Chain {
  return defineChain({ id, name: `chain ${id}`, nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [...rpcUrls] } } })
}

/** Awaits a call; what the chain or its endpoints refuse becomes a coded error with the contract's own reason. */
export async function callContract<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    if (cause instanceof StreamflowError) throw cause
    const reason = readRevert(cause)
    if (reason !== undefined) throw new StreamflowError('ChainReverted', `${what}: ${reason}`, { cause, data: { error: reason } })
    const text = cause instanceof Error ? ((cause as { shortMessage?: string }).shortMessage ?? cause.message) : String(cause)
    const isRefusal = /revert|insufficient funds|exceeds the balance/i.test(text)
    throw new StreamflowError(isRefusal ? 'ChainReverted' : 'ChainUnavailable', `${what}: ${text}`, { cause })
  }
}

/** Waits until a transaction is mined. @returns its hash @throws {@link StreamflowError} `ChainReverted` if it failed there */
export async function awaitMined({ client }: Operator, what: string, send: () => Promise<Hex>): Promise<Hex> {
  const hash = await callContract(what, send)
  const { status } = await callContract(what, () => client.waitForTransactionReceipt({ hash }))
  if (status !== 'success') throw new StreamflowError('ChainReverted', `${what}: the transaction ${hash} failed`, { data: { hash } })
  return hash
}
