/** Whom the market has: who matches is told by the registry's compact rows, and only those who are asked are read whole. */

import { getEntries, getEntriesOf, getRows, type RegistryEntry } from '../chain/registry.js'
import type { Network } from '../chain/network.js'
import { isSameHex, type Address, type Hex } from '../units/hex.js'
import { defaultMaxAsked, pickSome, type Drawable } from './collectOffers.js'
import { filterEntries, type OrchestratorFilters } from './offer.js'

/** Orchestrators that matched when the registry was read. */
export interface Directory {
  /**
   * Some of them, with their entries; those that are preferred always.
   * @param max - most
   * @param getResponseTime - what is known of each, in milliseconds
   * @param except - who was picked before
   * @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted`
   */
  pick(max?: number, getResponseTime?: (orchestrator: Address) => number | undefined, except?: readonly Address[]): Promise<readonly RegistryEntry[]>
}

/** What is wanted. */
export interface DirectoryOptions {
  readonly network: Network
  readonly filters: OrchestratorFilters & { readonly serviceId: Hex }
  readonly signal?: AbortSignal | undefined
}

/** Entries read in one call: anybody's may be as long as the registry lets it be. */
const maxEntriesAtOnce = 64

/** Entries by calls of a bounded size, all at once. */
async function readEntries(network: Network, orchestrators: readonly Address[], signal: AbortSignal | undefined): Promise<readonly RegistryEntry[]> {
  const parts = Array.from({ length: Math.ceil(orchestrators.length / maxEntriesAtOnce) }, (_, index) => orchestrators.slice(index * maxEntriesAtOnce, (index + 1) * maxEntriesAtOnce))
  return (await Promise.all(parts.map((part) => getEntriesOf(network, part, { signal })))).flat()
}

const includes = (list: readonly Address[], member: Address): boolean => list.some((item) => isSameHex(item, member))

/**
 * Reads the registry once.
 * @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted`
 */
export async function readDirectory({ network, filters, signal }: DirectoryOptions): Promise<Directory> {
  const { serviceId, region, minStake, allow, deny, prefer = [] } = filters
  const preferred = prefer.flat()
  const pickAmong = <T extends Drawable>(all: readonly T[], max: number = defaultMaxAsked, getResponseTime?: (orchestrator: Address) => number | undefined, except: readonly Address[] = []): readonly T[] => {
    const gone = new Set(except)
    const candidates = all.filter(({ orchestrator }) => !gone.has(orchestrator))
    const wanted = candidates.filter(({ orchestrator }) => includes(preferred, orchestrator)).slice(0, max)
    return [...wanted, ...pickSome(candidates.filter((candidate) => !wanted.includes(candidate)), { max: max - wanted.length, getResponseTime })]
  }
  const rows = await getRows(network, { serviceId, region, minStake, signal })
  if (rows === undefined) {
    const entries = filterEntries(await getEntries(network, { signal }), filters)
    return { pick: async (max, getResponseTime, except) => pickAmong(entries, max, getResponseTime, except) }
  }
  const isWanted = (orchestrator: Address): boolean => (allow === undefined || includes(allow, orchestrator)) && !(deny !== undefined && includes(deny, orchestrator))
  const candidates = rows.flatMap(({ orchestrator, activeStake }) => (isWanted(orchestrator) ? [{ orchestrator, stake: activeStake }] : []))
  const known = new Map<Address, RegistryEntry>()
  return {
    async pick(max, getResponseTime, except) {
      const picked = pickAmong(candidates, max, getResponseTime, except).map(({ orchestrator }) => orchestrator)
      const unknown = picked.filter((orchestrator) => !known.has(orchestrator))
      for (const entry of await readEntries(network, unknown, signal)) known.set(entry.orchestrator, entry)
      return filterEntries(picked.flatMap((orchestrator) => known.get(orchestrator) ?? []), filters)
    },
  }
}
