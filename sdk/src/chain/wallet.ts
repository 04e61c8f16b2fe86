/**
 * One shape for what developers have: a wagmi `Config`, a viem `WalletClient` with an account, a viem `LocalAccount`, or
 * the provider that a browser's wallet injects.
 * They are told apart by their members, so that neither library is bundled for it.
 */

import { StreamflowError, isStreamflowError } from '../errors/StreamflowError.js'
import type { Address, Hex } from '../units/hex.js'
import type { Network } from './network.js'
import { getRpc, readRpcError } from './rpc.js'

/** Typed data as `eth_signTypedData_v4` takes it. */
export interface TypedData {
  readonly domain: Readonly<Record<string, unknown>>
  readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>
  readonly primaryType: string
  readonly message: Readonly<Record<string, unknown>>
}

/** A call of a contract that changes state. */
export interface TransactionRequest {
  readonly to: Address
  readonly data: Hex
  /** wei @default 0 */
  readonly value?: bigint
  /** Most that it may take. @default what the wallet thinks */
  readonly gas?: bigint
}

/** Whoever pays: signs one approval per session, and the transactions that move funds. */
export interface Wallet {
  /** Lower case. */
  readonly address: Address
  /**
   * @returns 65 bytes of an EOA, or whatever a smart account gives
   * @throws {@link StreamflowError} `WalletRejected`, `WalletUnavailable`, `WrongChain`
   */
  signTypedData(data: TypedData): Promise<Hex>
  /**
   * Sends, without waiting for inclusion.
   * @returns the transaction's hash
   * @throws {@link StreamflowError} `WalletRejected`, `WalletUnavailable`, `WrongChain`, `ChainReverted`, `ChainUnavailable`
   */
  sendTransaction(request: TransactionRequest): Promise<Hex>
}

/** An EIP-1193 provider: what browser wallets inject. */
export interface Eip1193Provider {
  request(request: { readonly method: string; readonly params?: unknown }): Promise<unknown>
}

/** The part of a viem `LocalAccount` that is needed (e.g. of `privateKeyToAccount`). */
export interface LocalAccountLike {
  readonly type: 'local'
  readonly address: Address
  // The parameters of viem's methods are generic in ways that no structural type can name.
  signTypedData(data: never): Promise<Hex>
  signTransaction(transaction: never): Promise<Hex>
}

/** The part of a viem `WalletClient` that is needed. */
export interface WalletClientLike {
  readonly account?: { readonly address: Address; readonly type: string } | undefined
  /** Tells a client without an account from a bare provider. */
  readonly transport?: unknown
  request(request: never): Promise<unknown>
}

/** The part of a wagmi `Config` that is needed. */
export interface WagmiConfigLike {
  readonly state: {
    readonly current: string | null
    readonly connections: ReadonlyMap<string, { readonly accounts: readonly Address[]; readonly connector: { getProvider(parameters?: { chainId?: number }): Promise<unknown> } }>
  }
}

/** What `wallet` options take. */
export type WalletSource = Wallet | LocalAccountLike | WalletClientLike | WagmiConfigLike | Eip1193Provider

/** Codes of EIP-1193 and EIP-1474 that wallets answer with. */
const rejectedCode = 4001
const pendingCode = -32002
const wrongChainCodes = new Set([4902, 4901])
const disconnectedCodes = new Set([4100, 4900])

/** Reads the code of a wallet's error, also where libraries wrapped it. */
function findCode(error: unknown, depth = 0): number | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined
  const { code, cause, data } = error as { code?: unknown; cause?: unknown; data?: { originalError?: unknown } }
  if (typeof code === 'number' && code !== -32603) return code
  return findCode(data?.originalError, depth + 1) ?? findCode(cause, depth + 1) ?? (typeof code === 'number' ? code : undefined)
}

/** What a wallet's failure means, by code and never by text. */
export function readWalletError(thrown: unknown): StreamflowError {
  if (isStreamflowError(thrown)) return thrown
  const code = findCode(thrown)
  const { message = 'the wallet failed', data } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as { message?: string; data?: unknown }
  const options = { cause: thrown, data: code === undefined ? {} : { walletCode: code } }
  if (code === rejectedCode) return new StreamflowError('WalletRejected', 'the approval was declined', options)
  if (code === pendingCode) return new StreamflowError('WalletUnavailable', 'the wallet is still showing an earlier request: open it and answer', { ...options, data: { ...options.data, pending: true } })
  if (code !== undefined && wrongChainCodes.has(code)) return new StreamflowError('WrongChain', 'the wallet does not know or is not on the chain of the network', options)
  if (code !== undefined && disconnectedCodes.has(code)) return new StreamflowError('WalletUnavailable', 'the wallet is not connected to this page', options)
  if (code === 3 || code === -32000) return readRpcError({ code, message, data })
  return new StreamflowError('WalletUnavailable', message.slice(0, 500), options)
}

async function guard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw readWalletError(error)
  }
}

/** JSON of typed data: big integers as decimal strings, `EIP712Domain` spelled out, as injected wallets insist. */
function serialize({ domain, types, primaryType, message }: TypedData): string {
  const solidity: Record<string, string> = { name: 'string', version: 'string', chainId: 'uint256', verifyingContract: 'address' }
  const EIP712Domain = Object.keys(domain).map((name) => ({ name, type: solidity[name] }))
  return JSON.stringify({ domain, types: { EIP712Domain, ...types }, primaryType, message }, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
}

function createProviderWallet({ provider, address, network }: { readonly provider: Eip1193Provider; readonly address: Address; readonly network: Network }): Wallet {
  const assertChain = async (): Promise<void> => {
    const chainId = Number(await provider.request({ method: 'eth_chainId' }))
    if (chainId !== network.chainId) {
      throw new StreamflowError('WrongChain', `the wallet is on chain ${chainId}, the network is ${network.chainId}`, { data: { expected: network.chainId, got: chainId } })
    }
  }
  return {
    address,
    signTypedData: (data) =>
      guard(async () => {
        await assertChain()
        return (await provider.request({ method: 'eth_signTypedData_v4', params: [address, serialize(data)] })) as Hex
      }),
    sendTransaction: ({ to, data, value = 0n, gas }) =>
      guard(async () => {
        await assertChain()
        return (await provider.request({ method: 'eth_sendTransaction', params: [{ from: address, to, data, value: `0x${value.toString(16)}`, ...(gas !== undefined && { gas: `0x${gas.toString(16)}` }) }] })) as Hex
      }),
  }
}

function createAccountWallet(account: LocalAccountLike, network: Network): Wallet {
  const address = account.address.toLowerCase() as Address
  return {
    address,
    signTypedData: (data) => guard(() => account.signTypedData(data as never)),
    async sendTransaction(request) {
      const { signAndSend } = await import('./signAndSend.js') // pages that only broadcast never need it
      return signAndSend({ rpc: getRpc(network), account, chainId: network.chainId, request })
    },
  }
}

/** Asks a browser's wallet which account it lends to this page. */
async function connectProvider(provider: Eip1193Provider, network: Network): Promise<Wallet> {
  const accounts = await guard(() => provider.request({ method: 'eth_requestAccounts' }))
  const address: unknown = Array.isArray(accounts) ? accounts[0] : undefined
  if (typeof address !== 'string') throw new StreamflowError('WalletUnavailable', 'the wallet lends no account to this page')
  return createProviderWallet({ provider, address: address.toLowerCase() as Address, network })
}

/**
 * The wallet behind a source.
 * @throws {@link StreamflowError} `WalletUnavailable` if nothing is connected or the client has no account
 */
export async function createWallet(source: WalletSource, network: Network): Promise<Wallet> {
  if ('state' in source) {
    const { current, connections } = source.state
    const connection = current === null ? undefined : connections.get(current)
    const address = connection?.accounts[0]
    if (connection === undefined || address === undefined) throw new StreamflowError('WalletUnavailable', 'no wallet is connected')
    const provider = (await connection.connector.getProvider({ chainId: network.chainId })) as Eip1193Provider
    return createProviderWallet({ provider, address: address.toLowerCase() as Address, network })
  }
  // Before accounts: a wallet client has their methods too.
  if ('request' in source) {
    const { account, transport } = source as WalletClientLike
    if (account === undefined && transport === undefined) return connectProvider(source as Eip1193Provider, network)
    if (account === undefined) throw new StreamflowError('WalletUnavailable', 'the wallet client has no account')
    if (account.type === 'local') return createAccountWallet(account as LocalAccountLike, network)
    return createProviderWallet({ provider: source as unknown as Eip1193Provider, address: account.address.toLowerCase() as Address, network })
  }
  if ('signTransaction' in source) return createAccountWallet(source, network)
  if ('signTypedData' in source) return source
  throw new StreamflowError('InvalidArgument', 'wallet: expected a wagmi config, a viem wallet client or account, or an EIP-1193 provider', { data: { option: 'wallet' } })
}
