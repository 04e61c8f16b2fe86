/** Finds somebody to send to: the same orchestrator again, else the next that makes an offer, until time is up. */

import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import type { Offer } from '../../market/offer.js'
import type { OrchestratorMessage } from '../../protocol/message.js'
import { createDeadline, joinSignals, wait } from '../../units/deadline.js'
import type { Address } from '../../units/hex.js'
import { tryInTurn } from '../../units/tryInTurn.js'
import type { Avoidance } from './createAvoidance.js'
import { createSite, type Site } from '../delivery/createSite.js'
import { openLink, type Link } from '../delivery/openLink.js'
import type { StreamContext, StreamJob } from '../streamContext.js'

/** Waits before the same orchestrator is tried again, in milliseconds; then others are. */
const sameSiteDelaysMs = [0, 300]
/** Longer than a connection takes nearly everywhere; each try asks somebody for a place. */
const turns = { patienceMs: 1_500, atOnce: 4 } as const
/** Wait before everybody is asked again, in milliseconds; doubles up to the maximum. */
const firstRoundDelayMs = 500
const maxRoundDelayMs = 4_000
/** Repetitions of a first search in which somebody made an offer. */
const maxFirstRounds = 1

/** What a search knows and changes. */
export interface LinkSearch {
  readonly context: StreamContext
  readonly job: StreamJob
  /** Everybody dealt with so far; sites found are added. */
  readonly sites: Map<Address, Site>
  /** Whom to leave alone. */
  readonly avoidance: Avoidance
  /** Whether somebody works on the stream already. */
  readonly isTaken: (orchestrator: Address) => boolean
  /** Whether anybody works on the stream who is not silent. */
  readonly isMade: () => boolean
  /** This search is about to connect to it. @returns what says that it does not any more */
  readonly claim: (orchestrator: Address) => () => void
  /** Who stands by, in the order of trying: tried before anybody is asked. */
  readonly listStandbys: () => readonly Offer[]
  /** Asks the market; the first call may answer from what is known. */
  readonly findOffers: () => Promise<readonly Offer[]>
  /** The orchestrator to try first, if any. */
  readonly last?: Site | undefined
  /** Why that one was left, if it was: what is said if there is nobody else. */
  readonly left?: StreamflowError | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onMessage: (site: Site, message: OrchestratorMessage) => void
  /** One that could not be used; without a name, the market itself, or the one that was left. */
  readonly onFailure: (orchestrator: Address | undefined, error: StreamflowError) => void
}

/** What another orchestrator would say too, if it is true. */
const isHopeless = ({ remedy }: StreamflowError): boolean => remedy === 'stop' || remedy === 'wait-for-funds'
/** A few alone are not believed: cheap ones that come first could keep a broadcaster from all others. */
const mostHopeless = 6

/** One that is known from before is asked for nothing where its offer is newer than what we have. */
function takeQuote({ book }: Site, { quote }: Offer): void {
  if (quote.validUntil <= book.current.validUntil) return
  try {
    book.adopt(quote)
  } catch {
    // dearer than agreed, or over: the book asks for another
  }
}

/** Whether an orchestrator that failed so should be left alone for the rest of the broadcast. */
const isFinal = ({ code, retry }: StreamflowError): boolean => code === 'Overcharged' || (retry === 'never' && code !== 'Unauthorized')

/** Tries to connect, and what came of it. */
interface Tries {
  /** @throws {@link StreamflowError} what would fail anywhere; the signal's reason */
  readonly attempt: (site: Site) => Promise<Link | undefined>
  /** One after the other. @throws as {@link attempt} */
  readonly attemptEach: (candidates: Iterable<Site>) => Promise<Link | undefined>
  /** The latest one. */
  failure: StreamflowError | undefined
  /** What would fail anywhere, by the word of a few. */
  readonly refusal: StreamflowError | undefined
  /** Whether somebody else may yet take the stream: it failed in another way. */
  readonly hasOthers: boolean
}

/** @param signal - of the whole search */
function createTries({ context, job, sites, avoidance, claim, last, left, onMessage, onFailure }: LinkSearch, signal: AbortSignal): Tries {
  let failure = left
  let hasOthers = false
  const hopeless = new Map<Address, StreamflowError>()
  const attempt = async (site: Site, given?: AbortSignal): Promise<Link | undefined> => {
    const release = claim(site.orchestrator)
    try {
      return await openLink({ site, context, job, signal: joinSignals(signal, given), onMessage: (message) => onMessage(site, message) })
    } catch (thrown) {
      release()
      // The time for the whole search is over: that says nothing of anybody.
      if (signal.aborted) throw signal.reason
      if (given?.aborted === true) {
        const { code } = given.reason as StreamflowError
        if (code === 'Timeout') onFailure(site.orchestrator, given.reason as StreamflowError)
        return undefined
      }
      failure = toStreamflowError(thrown, 'TransportFailed')
      if (failure.code === 'Aborted') throw failure
      if (isHopeless(failure)) {
        hopeless.set(site.orchestrator, failure)
        if (hopeless.size >= mostHopeless) throw failure
        return undefined
      }
      hasOthers = true
      if (isFinal(failure)) avoidance.add(site.orchestrator, failure, performance.now())
      onFailure(site === last ? undefined : site.orchestrator, failure)
      return undefined
    }
  }
  const attemptEach = async (candidates: Iterable<Site>): Promise<Link | undefined> => {
    const link = await tryInTurn(candidates, { ...turns, attempt, discard: (late) => late.close() })
    if (link === undefined) return undefined
    sites.set(link.site.orchestrator, link.site)
    for (const [orchestrator, cause] of hopeless) onFailure(orchestrator, new StreamflowError('SenderRefused', `it says ${cause.code}, and another takes the stream`, { cause }))
    return link
  }
  return {
    attempt,
    attemptEach,
    get failure() {
      return failure
    },
    set failure(error) {
      failure = error
    },
    get refusal() {
      return [...hopeless.values()][0]
    },
    get hasOthers() {
      return hasOthers
    },
  }
}

/**
 * @throws {@link StreamflowError} `NoOrchestrator` if nobody made an offer; the last failure if nobody could be reached in time;
 *   at once what would fail anywhere (`GrantInvalid`, `LowPMBalance`, `SegmentFormatDidntMatchJobInputParams`, …)
 */
export async function findLink(search: LinkSearch): Promise<Link> {
  const { context, job, sites, avoidance, isTaken, isMade, listStandbys, findOffers, last, timeoutMs, signal, onFailure } = search
  const deadline = createDeadline({ timeoutMs, signal })
  const tries = createTries(search, deadline.signal)
  const { attempt, attemptEach } = tries
  let rounds = 0
  /** Nobody else is left: who is to be left alone for a while is better than none. */
  let isLastResort = false
  const isAvoided = ({ orchestrator }: Pick<Site, 'orchestrator'>): boolean =>
    isTaken(orchestrator) || (isLastResort ? avoidance.isUnwanted(orchestrator, performance.now()) : avoidance.has(orchestrator, performance.now()))

  const attemptAgain = async (tried: Set<Address>): Promise<Link | undefined> => {
    for (const delayMs of sameSiteDelaysMs) {
      if (last === undefined || isAvoided(last)) return undefined
      await wait(delayMs, deadline.signal)
      tried.add(last.orchestrator)
      const link = await attempt(last)
      if (link !== undefined) return link
    }
    return undefined
  }
  /** The market's offers; while it cannot be asked, a stream under way makes do with whom it knows. */
  const askMarket = async (): Promise<readonly Offer[]> => {
    try {
      return await findOffers()
    } catch (thrown) {
      const failure = (tries.failure = toStreamflowError(thrown, 'ChainUnavailable'))
      if (last === undefined || failure.code === 'Aborted') throw failure
      onFailure(undefined, failure)
      return []
    }
  }
  /** @param tried - who is not tried again in this round */
  function* listKnown(tried: Set<Address>): Generator<Site> {
    for (const site of sites.values()) {
      if (isAvoided(site) || tried.has(site.orchestrator)) continue
      tried.add(site.orchestrator)
      yield site
    }
  }
  function* listOffered(offers: readonly Offer[], tried: Set<Address>): Generator<Site> {
    for (const offer of offers) {
      if (isAvoided(offer) || tried.has(offer.orchestrator)) continue
      tried.add(offer.orchestrator)
      const site = sites.get(offer.orchestrator) ?? createSite(offer, context, job)
      takeQuote(site, offer)
      yield site
    }
  }
  const attemptAll = async (): Promise<Link | undefined> => {
    const tried = new Set<Address>()
    isLastResort = false
    const atOnce = (await attemptAgain(tried)) ?? (await attemptEach(listOffered(listStandbys(), tried)))
    if (atOnce !== undefined) return atOnce
    const offers = await askMarket()
    const link = (await attemptEach(listOffered(offers, tried))) ?? (await attemptEach(listKnown(tried)))
    if (link !== undefined || isMade()) return link
    isLastResort = true
    return (await attemptEach(listOffered(offers, tried))) ?? (await attemptEach(listKnown(tried)))
  }

  try {
    for (let delayMs = firstRoundDelayMs; ; delayMs = Math.min(2 * delayMs, maxRoundDelayMs)) {
      const link = await attemptAll()
      if (link !== undefined) return link
      const { failure, refusal } = tries
      // A stream under way does not end by the word of a few while others are only out of reach.
      if (refusal !== undefined && (last === undefined || !tries.hasOthers)) throw refusal
      // The first search of a broadcast soon says that there is nobody; later ones wait for somebody to come back.
      const isWorthRepeating = failure !== undefined && failure.retry !== 'never' && rounds++ < maxFirstRounds
      if (last === undefined && !isWorthRepeating) throw failure ?? new StreamflowError('NoOrchestrator', 'no orchestrator made an offer within the filters')
      await wait(delayMs, deadline.signal)
    }
  } catch (thrown) {
    const error = toStreamflowError(thrown, 'TransportFailed')
    throw error.code === 'Timeout' && !signal.aborted ? (tries.refusal ?? tries.failure ?? error) : error
  } finally {
    deadline.clear()
  }
}
