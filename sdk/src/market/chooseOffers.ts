/**
 * In which order offers are tried: preferred orchestrators first, then by chance, in proportion to what each is worth:
 * success · quickness ÷ price. A sharp choice, but none that always takes the same one: newcomers, and those that failed
 * once, get their turn now and then, and no market is blind for what became better. Pure.
 */

import type { Address } from '../units/hex.js'
import { isSameHex } from '../units/hex.js'
import type { Reputation } from './createReputation.js'
import type { Offer } from './offer.js'

/** How to choose. */
export interface Choice {
  readonly reputation: Pick<Reputation, 'computeSuccess' | 'findSuspension'>
  /** Orchestrators to be taken first, tier by tier, whatever they cost: "mine", then "partners", then the market. */
  readonly prefer?: readonly (readonly Address[])[] | undefined
  /** The order is the page's own: only who is suspended is taken out. */
  readonly keepsOrder?: boolean
  /** 0 < u < 1, uniform. */
  readonly random?: () => number
}

/** Offers in the order in which they are to be tried, and who is left alone. */
export interface Chosen {
  readonly offers: readonly Offer[]
  /** `isFraud`: not even where there is nobody else. */
  readonly suspended: readonly { readonly offer: Offer; readonly reason: string; readonly isFraud: boolean }[]
}

/** An offer worth 10 % less than another is taken before it once in four times, one worth half once in a thousand. */
const temperature = 0.1

const drawUniform = (): number => ((crypto.getRandomValues(new Uint32Array(1))[0] as number) + 0.5) / 2 ** 32

/** How much each is worth: the inverse of its score, which has price and quickness, times the chance that it delivers. */
export function chooseOffers(offers: readonly Offer[], { reputation, prefer = [], keepsOrder = false, random = drawUniform }: Choice): Chosen {
  const suspended: Chosen['suspended'][number][] = []
  const candidates = offers.flatMap((offer, index) => {
    const { orchestrator } = offer
    const suspension = reputation.findSuspension(orchestrator)
    if (suspension !== undefined) {
      suspended.push({ offer, isFraud: suspension.isFraud, reason: `left alone until ${new Date(suspension.untilMs).toISOString()}: ${suspension.cause}` })
      return []
    }
    const success = reputation.computeSuccess(orchestrator)
    const found = prefer.findIndex((tier) => tier.some((preferred) => isSameHex(preferred, orchestrator)))
    const tier = found === -1 ? prefer.length : found
    const score = offer.score / success
    // The order of these keys is that of drawing without replacement in proportion to score^(−1/temperature) (Gumbel).
    const key = keepsOrder ? -index : -Math.log(score) / temperature - Math.log(-Math.log(random()))
    const reasons = [...offer.reasons, `expected to deliver ${Math.round(success * 100)} % by our experience`, ...(tier < prefer.length ? [`preferred, tier ${tier + 1}`] : [])]
    return [{ tier, key, offer: { ...offer, score, reasons } }]
  })
  candidates.sort((a, b) => a.tier - b.tier || b.key - a.key)
  return { offers: candidates.map(({ offer }) => offer), suspended }
}
