/** Says for each orchestrator why it was taken, or was not, in words and figures. Pure. */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { Offer } from '../../market/offer.js'
import type { Address } from '../../units/hex.js'
import type { Dispatch } from '../dispatch/Dispatch.js'
import type { MarketView } from '../dispatch/createOfferSource.js'

/** One orchestrator, as a broadcast sees it. */
export interface MarketEntry {
  readonly orchestrator: Address
  readonly uri: string
  /**
   * `serving`: makes the stream; `helping`: makes what another is late with; `offered`: may be next; `left`: served and was
   * left; `suspended`: left alone for what it did before; `refused`: made no offer, or none that may be taken.
   */
  readonly state: 'serving' | 'helping' | 'offered' | 'left' | 'suspended' | 'refused'
  /** Its offer, if it made one: price, response time, stake, score. */
  readonly offer?: Offer
  /** For people. */
  readonly reasons: readonly string[]
}

/** Puts together what was asked, what was chosen and what became of it: who serves first, then in the order of trying. */
export function explainMarket({ offers, suspended, refused }: MarketView, { parts, sites }: Pick<Dispatch, 'parts' | 'sites'>, left: ReadonlyMap<Address, StreamflowError>): readonly MarketEntry[] {
  const entries = new Map<Address, MarketEntry>()
  const add = (entry: MarketEntry): void => {
    if (!entries.has(entry.orchestrator)) entries.set(entry.orchestrator, entry)
  }
  const offerOf = (orchestrator: Address): Offer | undefined => offers.find((offer) => offer.orchestrator === orchestrator) ?? suspended.find(({ offer }) => offer.orchestrator === orchestrator)?.offer
  const describe = ({ orchestrator, uri }: { readonly orchestrator: Address; readonly uri: string }, state: MarketEntry['state'], ...reasons: readonly string[]): MarketEntry => {
    const offer = offerOf(orchestrator)
    return { orchestrator, uri, state, ...(offer && { offer }), reasons: [...reasons, ...(offer?.reasons ?? [])] }
  }
  for (const { site, part } of parts) add(describe(site, part))
  for (const site of sites) {
    const reason = left.get(site.orchestrator)
    if (reason !== undefined) add(describe(site, 'left', `${reason.code}: ${reason.message}`))
  }
  for (const { offer, reason } of suspended) add(describe(offer, 'suspended', reason))
  for (const offer of offers) add(describe(offer, 'offered'))
  for (const { orchestrator, uri, error } of refused) add({ orchestrator, uri, state: 'refused', reasons: [`${error.code}: ${error.message}`] })
  return [...entries.values()]
}
