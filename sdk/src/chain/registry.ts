/** Reads of the `ServiceRegistry`: who offers what, where, with how much stake. */

import { serviceRegistryEntriesFunction, serviceRegistryEntryFunction } from '@streamflow/contracts'
import type { Address, Hex } from '../units/hex.js'
import type { Network } from './network.js'
import { readContract } from './readContract.js'
import { getRpc } from './rpc.js'

/** One orchestrator as the registry and the stake show it. Everything here is the orchestrator's own claim, but for `stake` and `active`. */
export interface RegistryEntry {
  readonly orchestrator: Address
  /** Whose signature on quotes, receipts and statements is its own. */
  readonly signer: Address
  /** Where it answers, e.g. `https://host:port`, without trailing slash. */
  readonly uri: string
  /** Ids of the services on offer. */
  readonly services: readonly Hex[]
  /** e.g. `eu-west` */
  readonly regions: readonly string[]
  /** Own and delegated, in token units. */
  readonly stake: bigint
  readonly active: boolean
  /** Share of fees given to delegators, parts per million. */
  readonly feeShare: number
}

/** Entries asked for in one call. */
const pageSize = 100n
/** Pages read at most: 10,000 orchestrators. */
const maxPages = 100

interface RawEntry {
  readonly orchestrator: Address
  readonly signer: Address
  readonly uri: string
  readonly services: readonly Hex[]
  readonly regions: readonly Hex[]
  readonly stake: bigint
  readonly active: boolean
  readonly feeShare: number
}

/** bytes32, ASCII, left-aligned and zero-padded → text. */
export function parseRegion(region: Hex): string {
  let text = ''
  for (let i = 2; i < 66; i += 2) {
    const code = Number.parseInt(region.slice(i, i + 2), 16)
    if (code === 0) break
    text += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '?'
  }
  return text
}

function parseEntry({ orchestrator, signer, uri, services, regions, stake, active, feeShare }: RawEntry): RegistryEntry {
  return {
    orchestrator: orchestrator.toLowerCase() as Address,
    signer: signer.toLowerCase() as Address,
    uri: uri.replace(/\/+$/, ''),
    services: services.map((id) => id.toLowerCase() as Hex),
    regions: regions.map(parseRegion),
    stake,
    active,
    feeShare,
  }
}

/**
 * All entries, page by page. Pages run from the newest to the oldest: an entry that moves meanwhile may be read twice,
 * so each is kept once.
 * @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted`
 */
export async function getEntries(network: Network, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<readonly RegistryEntry[]> {
  const entries = new Map<Address, RegistryEntry>()
  let cursor = 0n
  for (let i = 0; i < maxPages; i++) {
    const [page, nextCursor] = await readContract(getRpc(network), {
      address: network.contracts.serviceRegistry,
      fragment: serviceRegistryEntriesFunction,
      args: [cursor, pageSize],
      signal,
    })
    for (const entry of page.map(parseEntry)) entries.set(entry.orchestrator, entry)
    if (nextCursor === 0n) break
    cursor = nextCursor
  }
  return [...entries.values()]
}

/** The entry of one orchestrator; undefined if it has none. @throws as {@link getEntries} */
export async function getEntry(network: Network, orchestrator: Address): Promise<RegistryEntry | undefined> {
  const raw = await readContract(getRpc(network), { address: network.contracts.serviceRegistry, fragment: serviceRegistryEntryFunction, args: [orchestrator] })
  return raw.uri === '' ? undefined : parseEntry(raw)
}
