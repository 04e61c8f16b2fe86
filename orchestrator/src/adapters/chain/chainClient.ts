/** A viem client over several endpoints, and how its failures become coded errors. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { BaseError, ContractFunctionRevertedError, ContractFunctionZeroDataError, createPublicClient, decodeErrorResult, defineChain, fallback, http, isHex, RawContractError, type Abi, type PublicClient } from 'viem'

type Hex = `0x${string}`

/** Where the chain is reached and which contracts are meant. */
export interface ChainLocation {
  readonly chainId: number
  /** JSON-RPC over HTTP, tried in order. */
  readonly rpcUrls: readonly string[]
  readonly contracts: { readonly ticketBroker: Hex; readonly rounds: Hex; readonly staking: Hex }
}

const timeoutMs = 10_000
/** Calls of one turn of the loop travel as one request. */
const batch = { batchSize: 100, wait: 0 }

/** A client that goes on to the next endpoint when one fails. */
export function createChainClient({ chainId, rpcUrls }: ChainLocation): PublicClient {
  const [url = ''] = rpcUrls
  const chain = defineChain({ id: chainId, name: `chain ${chainId}`, nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [url] } } })
  const transports = rpcUrls.map((endpoint) => http(endpoint, { batch, timeout: timeoutMs, retryCount: 1 }))
  return createPublicClient({ chain, transport: fallback(transports, { retryCount: 1 }), cacheTime: 0 })
}

/** Bytes of a contract's error, as the endpoint gave them. */
const hasBytes = (error: unknown): error is { readonly data: Hex } => isHex((error as { readonly data?: unknown }).data)

/** Which of `errors` it is, if any: viem adds those of Solidity itself, whose names say nothing. */
function nameBytes(thrown: BaseError, errors: Abi): string | undefined {
  const found: unknown = thrown.walk(hasBytes)
  if (found === null || !hasBytes(found)) return undefined
  try {
    const { abiItem, errorName } = decodeErrorResult({ abi: errors, data: found.data })
    return errors.includes(abiItem) ? errorName : undefined
  } catch {
    return undefined
  }
}

/**
 * Name of the contract's error behind a failed call, e.g. `TicketBrokerPayoutTooLow`; undefined if the chain did not refuse.
 * @param errors - which there are, where the call itself did not know them
 */
export function readRevert(thrown: unknown, errors: Abi = []): string | undefined {
  if (!(thrown instanceof BaseError)) return undefined
  const reverted = thrown.walk((error) => error instanceof ContractFunctionRevertedError)
  if (reverted instanceof ContractFunctionRevertedError) return reverted.data?.errorName ?? reverted.reason ?? 'reverted without a reason'
  const named = nameBytes(thrown, errors)
  if (named !== undefined) return named
  if (thrown.walk((error) => error instanceof ContractFunctionZeroDataError || error instanceof RawContractError) !== null) return 'reverted without a reason'
  const text = thrown.walk((error) => /execution reverted/i.test((error as Error).message ?? ''))
  return text === null ? undefined : 'reverted without a reason'
}

/** Awaits a call; what fails becomes `ChainReverted` (with the contract's error) or `ChainUnavailable`. */
export async function callChain<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    if (cause instanceof StreamflowError) throw cause
    const reason = readRevert(cause)
    if (reason !== undefined) throw new StreamflowError('ChainReverted', `${what}: ${reason}`, { cause, data: { error: reason } })
    throw new StreamflowError('ChainUnavailable', `${what}: ${cause instanceof BaseError ? cause.shortMessage : String(cause)}`, { cause })
  }
}
