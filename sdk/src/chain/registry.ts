/** Reads of the `ServiceRegistry`: who offers what, where, with how much stake. */

import {
  serviceRegistryEntriesFunction,
  serviceRegistryEntriesOfFunction,
  serviceRegistryEntryFunction,
  serviceRegistryListedFunction,
  serviceRegistryRowsFunction,
} from '@streamflow/contracts'
import { isStreamflowError } from '../errors/StreamflowError.js'
import { isSameHex, type Address, type Hex } from '../units/hex.js'
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

/** One orchestrator in short: all that is needed to tell whether it is worth a closer look. */
export interface RegistryRow {
  readonly orchestrator: Address
  /** Changes with the entry. */
  readonly version: number
  /** Stake with which it takes part in the current round, in token units. */
  readonly activeStake: bigint
}

/** What rows must match. */
export interface RowFilter {
  readonly serviceId: Hex
  readonly region?: string | undefined
  /** Least active stake; at least 1. */
  readonly minStake?: bigint | undefined
  readonly signal?: AbortSignal | undefined
}

interface ReadOptions {
  readonly signal?: AbortSignal | undefined
}

/** Entries asked for in one call. */
const pageSize = 100n
/** Pages read at most: 10,000 orchestrators. */
const maxPages = 100
/** Rows looked at in one call: what a node's limit of 50 million gas lets through (`npm run bench -- gas`). */
const rowPageSize = 2_500n
/** Nodes that allow less are asked for half as many each time, down to this. */
const leastRowPageSize = 300n
/** Rows looked at at most. */
const maxRows = 20_000n

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
export async function getEntries(network: Network, { signal }: ReadOptions = {}): Promise<readonly RegistryEntry[]> {
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

/** The bit at a place in the registry's lists; undefined if nothing was found there. */
function toBit(place: number): bigint | undefined {
  return place < 0 ? undefined : 1n << BigInt(place)
}

/**
 * Who is active and matches, by large pages that the registry filters. With the lists and the entries of those who are
 * picked, 5,000 orchestrators take four calls.
 * @returns undefined where service or region is not one that the registry lists: then only whole entries tell
 * @throws as {@link getEntries}
 */
export async function getRows(network: Network, { serviceId, region, minStake = 1n, signal }: RowFilter): Promise<readonly RegistryRow[] | undefined> {
  const address = network.contracts.serviceRegistry
  const [listedServices, listedRegions] = await readContract(getRpc(network), { address, fragment: serviceRegistryListedFunction, args: [], signal })
  const services = toBit(listedServices.findIndex((id) => isSameHex(id, serviceId)))
  const regions = region === undefined ? 0n : toBit(listedRegions.map(parseRegion).indexOf(region))
  if (services === undefined || regions === undefined) return undefined
  const filter = { services, regions, activeStake: minStake > 1n ? minStake : 1n }
  const rows = new Map<Address, RegistryRow>()
  let [cursor, size] = [0n, rowPageSize]
  const readPage = async () => {
    for (;;) {
      try {
        return await readContract(getRpc(network), { address, fragment: serviceRegistryRowsFunction, args: [cursor, size, filter], signal })
      } catch (error) {
        const isTooLarge = isStreamflowError(error) && error.code === 'ChainReverted' && size > leastRowPageSize
        if (!isTooLarge) throw error
        size /= 2n
      }
    }
  }
  for (let looked = 0n; looked < maxRows; looked += size) {
    const [page, nextCursor] = await readPage()
    for (const row of page) {
      const orchestrator = row.orchestrator.toLowerCase() as Address
      rows.set(orchestrator, { orchestrator, version: row.version, activeStake: row.activeStake })
    }
    if (nextCursor === 0n) break
    cursor = nextCursor
  }
  return [...rows.values()]
}

/** The entries of some orchestrators, in one call; those without one are left out. @throws as {@link getEntries} */
export async function getEntriesOf(network: Network, orchestrators: readonly Address[], { signal }: ReadOptions = {}): Promise<readonly RegistryEntry[]> {
  if (orchestrators.length === 0) return []
  const address = network.contracts.serviceRegistry
  const raw = await readContract(getRpc(network), { address, fragment: serviceRegistryEntriesOfFunction, args: [orchestrators], signal })
  return raw.filter(({ uri }) => uri !== '').map(parseEntry)
}

/** The entry of one orchestrator; undefined if it has none. @throws as {@link getEntries} */
export async function getEntry(network: Network, orchestrator: Address): Promise<RegistryEntry | undefined> {
  const raw = await readContract(getRpc(network), { address: network.contracts.serviceRegistry, fragment: serviceRegistryEntryFunction, args: [orchestrator] })
  return raw.uri === '' ? undefined : parseEntry(raw)
}
