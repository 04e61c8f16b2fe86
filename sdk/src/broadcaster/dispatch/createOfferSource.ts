/** Whom a broadcast may try, in which order: offers of a feed or of the market, within the filters, by what is known of each. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import { chooseOffers } from '../../market/chooseOffers.js'
import type { Reputation } from '../../market/createReputation.js'
import { isOfferWithin, type Offer, type OrchestratorFilters, type Refusal, type Select } from '../../market/offer.js'
import { rankByStream } from '../../market/rankByStream.js'
import type { Address, Hex } from '../../units/hex.js'

/** The market as it was asked last. */
export interface MarketView {
  /** In the order in which they are tried. */
  readonly offers: readonly Offer[]
  readonly suspended: readonly { readonly offer: Offer; readonly reason: string }[]
  readonly refused: readonly Refusal[]
}

/** See {@link createOfferSource}. */
export interface OfferSource {
  readonly view: MarketView
  /** Begins to ask, for the first search. @throws as {@link find} */
  begin(): Promise<unknown>
  /**
   * The first answers are those of `begin`, which may come from the feed.
   * @throws {@link StreamflowError} what asking throws; `NoOrchestrator` with who was asked and why none would
   */
  find(): Promise<readonly Offer[]>
  /**
   * Who would stand by for a stream, as far as is known without asking: of those that are worth about the same, its id decides
   * who comes first, as it does for viewers who look for it and know nothing else.
   */
  listStandbys(streamId: Hex): readonly Offer[]
  /** Gets fresh quotes of these, and of those that did not answer before: who does not answer is no standby until it does. Never rejects. */
  tend(standbys: readonly Offer[]): Promise<void>
}

interface OfferSourceOptions {
  readonly sender: Address
  readonly filters: OrchestratorFilters & { readonly select?: Select }
  readonly feed: { readonly offers: readonly Offer[]; readonly refused?: readonly Refusal[] } | undefined
  /** Read while the market is asked. */
  readonly reputation: Promise<Pick<Reputation, 'computeSuccess' | 'findSuspension'>>
  readonly discover: () => Promise<{ readonly offers: readonly Offer[]; readonly refused: readonly Refusal[] }>
  /** Asks some again. */
  readonly requote: (offers: readonly Offer[]) => Promise<{ readonly offers: readonly Offer[] }>
}

/** A quote of the feed that ends sooner is not started with, in seconds. */
const freshSeconds = 15
/** Offers whose scores are within this factor of the best are worth about the same. */
const aboutTheSame = 1.5
/** Standbys that may be told of: beyond them the order is the market's. */
const maxRanked = 8

/** Nothing was asked yet. */
export function createOfferSource({ sender, filters, feed, reputation, discover, requote }: OfferSourceOptions): OfferSource {
  let view: MarketView = { offers: [], suspended: [], refused: [] }
  /** Who was asked to stand by and did not answer. */
  let silent: readonly Address[] = []
  const { select, prefer } = filters

  const take = async (given: readonly Offer[], refused: readonly Refusal[]): Promise<readonly Offer[]> => {
    const { offers, suspended } = chooseOffers(given, { reputation: await reputation, prefer, keepsOrder: select !== undefined })
    view = { offers, suspended, refused }
    silent = []
    // Where there is nobody else, one that failed before is better than none.
    return [...offers, ...suspended.filter(({ isFraud }) => !isFraud).map(({ offer }) => offer)]
  }
  /** A feed was made for whatever its page wanted: what this broadcast wants holds all the same. */
  const readFeed = (): readonly Offer[] => {
    const deadline = Date.now() / 1_000 + freshSeconds
    const fed = feed?.offers.filter((offer) => offer.quote.validUntil > deadline && offer.quote.sender.toLowerCase() === sender && isOfferWithin(offer, filters)) ?? []
    return select === undefined ? fed : select(fed)
  }
  const ask = async (): Promise<readonly Offer[]> => {
    const { offers, refused } = await discover()
    const taken = await take(offers, refused)
    if (taken.length === 0 && refused.length > 0) throw explainRefusals(refused)
    return taken
  }
  let begun: Promise<readonly Offer[]> | undefined
  return {
    get view() {
      return view
    },
    begin() {
      const fed = readFeed()
      return (begun = fed.length > 0 ? take(fed, feed?.refused ?? []) : ask())
    },
    find() {
      const first = begun
      begun = undefined
      return first ?? ask()
    },
    listStandbys(streamId) {
      if (begun !== undefined) return [] // the first search has them
      const known = view.offers.filter(({ orchestrator }) => !silent.includes(orchestrator))
      // An order that somebody wants is kept.
      if (select !== undefined || prefer !== undefined) return known
      const best = Math.min(...known.map(({ score }) => score))
      const alike = known.slice(0, maxRanked).filter(({ score }) => score <= best * aboutTheSame)
      return [...rankByStream(alike, streamId), ...known.filter((offer) => !alike.includes(offer))]
    },
    async tend(standbys) {
      const names = [...silent, ...standbys.map(({ orchestrator }) => orchestrator)]
      const asked = view.offers.filter(({ orchestrator }) => names.includes(orchestrator))
      const { offers } = await requote(asked).catch(() => ({ offers: [] }))
      const fresh = new Map(offers.map(({ orchestrator, quote, responseTimeMs }) => [orchestrator, { quote, responseTimeMs }]))
      silent = asked.flatMap(({ orchestrator }) => (fresh.has(orchestrator) ? [] : [orchestrator]))
      view = { ...view, offers: view.offers.map((offer) => ({ ...offer, ...fresh.get(offer.orchestrator) })) }
    },
  }
}

/** Nobody made an offer: if all for one reason that the user can mend, that is the failure. */
function explainRefusals(refused: readonly Refusal[]): StreamflowError {
  const first = (refused[0] as Refusal).error
  if (first.retry === 'after-fix' && refused.every(({ error }) => error.code === first.code)) return first
  return new StreamflowError('NoOrchestrator', `${refused.length} orchestrator(s) were asked, none made an offer: ${refused.slice(0, 3).map(({ uri, error }) => `${uri} ${error.code}`).join(', ')}`, {
    cause: first,
    data: { refused: refused.map(({ orchestrator, uri, error }) => ({ orchestrator, uri, code: error.code, message: error.message })) },
  })
}
