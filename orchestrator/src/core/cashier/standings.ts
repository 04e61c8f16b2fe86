/**
 * What is known of the chain between two looks at it: its state, and each sender's funds. Reads are cached so that a
 * ticket never waits for an endpoint, and used while one is down, but not for ever.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { BoundedMap } from './BoundedMap.js'
import type { Chain, ChainState, RedeemableRound, Standing } from './chain.js'
import type { CashierEvents, CashierPolicy, Surroundings } from './policy.js'

type Hex = `0x${string}`

/** The grant hash that asks about no grant. */
export const noGrant: Hex = `0x${'0'.repeat(64)}`
/** The key of no grant. */
export const noKey: Hex = `0x${'0'.repeat(40)}`
/** Senders without a stream whose funds are remembered; a stranger's quote request costs one read and one place. */
const cacheSize = 16_384

/** Whose funds, under which grant. */
export interface StandingName {
  readonly sender: Hex
  readonly grantHash: Hex
  readonly key: Hex
}

const join = ({ sender, grantHash, key }: StandingName): string => `${sender}${grantHash}${key}`

interface Entry {
  standing: Standing | undefined
  readAt: number
  /** The round that was known to be the current one when it was asked for. */
  round: bigint
  stale: boolean
  reading: Promise<Standing> | undefined
}

interface StandingsOptions extends Surroundings {
  readonly chain: Chain
  readonly policy: CashierPolicy
  readonly events: CashierEvents
  /** Whether a sender has paid here before. */
  readonly isKnown: (sender: Hex) => boolean
}

/**
 * Caches the chain's state and the senders' standings. What streams need is held apart from what strangers ask for: no
 * number of them displaces it, and they share one bound of reads among them, so that they do not use up the endpoints.
 */
export class Standings {
  readonly #options: StandingsOptions
  readonly #strangers = new BoundedMap<string, Entry>(cacheSize)
  #held = new Map<string, Entry>()
  /** Reads that strangers may still cause, as of a time. */
  #budget: { readonly reads: number; readonly at: number } | undefined
  #state: ChainState | undefined
  #stateAt = 0
  #reading: Promise<ChainState> | undefined

  constructor(options: StandingsOptions) {
    this.#options = options
  }

  /** Takes the state that the chain adapter saw. */
  setState(state: ChainState): void {
    if (state.currentRound !== this.#state?.currentRound) for (const [, entry] of this.#entries()) entry.stale = true
    this.#state = state
    this.#stateAt = this.#options.now()
  }

  /** Funds or grants of this sender changed: the next look reads them again. */
  invalidate(sender: Hex): void {
    for (const [name, entry] of this.#entries()) {
      if (!name.startsWith(sender)) continue
      entry.stale = true
      this.#refresh(name, entry)
    }
  }

  /** Keeps what a stream needs, until {@link holdOnly} lets it go. */
  hold(standing: StandingName): void {
    const name = join(standing)
    const entry = this.#strangers.get(name)
    if (entry !== undefined) this.#held.set(name, entry)
  }

  /** Keeps what these need, and treats the rest like what strangers asked for. */
  holdOnly(standings: Iterable<StandingName>): void {
    const before = this.#held
    this.#held = new Map()
    for (const standing of standings) {
      const name = join(standing)
      const entry = before.get(name) ?? this.#strangers.get(name)
      if (entry !== undefined) this.#held.set(name, entry)
    }
    for (const [name, entry] of before) if (!this.#held.has(name)) this.#strangers.set(name, entry)
  }

  /** The chain's state if it is recent enough to act on. */
  peekState(): ChainState | undefined {
    return this.#options.now() - this.#stateAt <= this.#options.policy.standingMaxAge ? this.#state : undefined
  }

  /** The block that was seen last; 0 before the first look. */
  get lastBlock(): bigint {
    return this.#state?.block ?? 0n
  }

  /** The current round as last seen, however long ago; 0 before the first look. */
  get lastRound(): bigint {
    return this.#state?.currentRound ?? 0n
  }

  /** @throws {@link StreamflowError} `ChainUnavailable` */
  async getState(): Promise<ChainState> {
    const known = this.peekState()
    if (known !== undefined) return known
    this.#reading ??= this.#options.chain.readState().finally(() => (this.#reading = undefined))
    this.setState(await this.#reading)
    return this.#state as ChainState
  }

  /** A standing if it is recent enough to act on; begins to read it again when it ages. */
  peek(sender: Hex, grantHash: Hex, key: Hex): Standing | undefined {
    const name = join({ sender, grantHash, key })
    const entry = this.#find(name)
    if (entry?.standing === undefined) return undefined
    const age = this.#options.now() - entry.readAt
    if (entry.stale || age > this.#options.policy.standingRefresh) this.#refresh(name, entry)
    return age <= this.#options.policy.standingMaxAge ? entry.standing : undefined
  }

  /** @throws {@link StreamflowError} `ChainUnavailable`, `Busy` if too many strangers ask */
  async get(sender: Hex, grantHash: Hex, key: Hex): Promise<Standing> {
    return this.peek(sender, grantHash, key) ?? this.read(sender, grantHash, key)
  }

  /** Whatever is remembered. @throws as {@link get} */
  async read(sender: Hex, grantHash: Hex, key: Hex): Promise<Standing> {
    const name = join({ sender, grantHash, key })
    const known = this.#find(name)
    if (known?.reading === undefined && !this.#mayRead(name)) {
      throw new StreamflowError('Busy', 'too many unknown senders ask at once', { data: { retryAfterMs: 1_000 } })
    }
    const entry = known ?? { standing: undefined, readAt: 0, round: 0n, stale: true, reading: undefined }
    if (known === undefined) this.#strangers.set(name, entry)
    return this.#read(name, entry)
  }

  /**
   * Reads again what was read in an earlier round: what a reserve holds for tickets made now, it may not hold for those of the
   * next one. While no endpoint answers, what is known has to do. Never throws.
   */
  async renew(sender: Hex, grantHash: Hex, key: Hex): Promise<void> {
    const name = join({ sender, grantHash, key })
    const entry = this.#find(name)
    if (entry?.standing === undefined || entry.round === this.lastRound) return
    await entry.reading?.catch(() => undefined) // it may be of before
    if (entry.round !== this.lastRound) await this.#read(name, entry).catch((cause: unknown) => this.#options.events.troubled?.('reading a standing', cause))
  }

  *#entries(): Generator<[string, Entry]> {
    yield* this.#held
    for (const each of this.#strangers.entries()) if (!this.#held.has(each[0])) yield each
  }

  #find(name: string): Entry | undefined {
    return this.#held.get(name) ?? this.#strangers.get(name)
  }

  /** Takes one from what strangers may ask of the chain; who has a stream, or had one, asks freely. */
  #mayRead(name: string): boolean {
    const { now, policy, isKnown } = this.#options
    if (this.#held.has(name) || isKnown(name.slice(0, 42) as Hex)) return true
    const at = now()
    const { strangerReadsPerSecond, strangerReadBurst } = policy
    const before = this.#budget ?? { reads: strangerReadBurst, at }
    const reads = Math.min(strangerReadBurst, before.reads + Math.max(0, at - before.at) * strangerReadsPerSecond)
    this.#budget = { reads: reads >= 1 ? reads - 1 : reads, at }
    return reads >= 1
  }

  #refresh(name: string, entry: Entry): void {
    if (entry.reading !== undefined || entry.standing === undefined || !this.#mayRead(name)) return
    this.#read(name, entry).catch((cause: unknown) => this.#options.events.troubled?.('reading a standing', cause))
  }

  #read(name: string, entry: Entry): Promise<Standing> {
    entry.stale = false
    const round = this.lastRound
    entry.reading ??= this.#options.chain
      .readStanding(name.slice(0, 42) as Hex, name.slice(42, 108) as Hex, name.slice(108) as Hex)
      .then((standing) => {
        entry.standing = standing
        entry.readAt = this.#options.now()
        entry.round = round
        return standing
      })
      .finally(() => (entry.reading = undefined))
    return entry.reading
  }
}

/**
 * Seconds until tickets of `round` can no longer be redeemed. Rounds go by the chain's clock, which may be ahead of ours
 * by what the latest block shows.
 */
export function computeSecondsLeft(state: ChainState, round: bigint, nowSeconds: number): number {
  const endsAt = state.currentRoundEndsAt + Number(round + state.ticketValidityPeriod - state.currentRound - 1n) * state.roundLength
  return endsAt - Math.max(nowSeconds, state.blockTime)
}

/** Seconds before that from which no ticket is taken any more; never more than half a round. */
export function computeMargin(state: ChainState, policy: CashierPolicy): number {
  return Math.min(policy.redemptionMargin, state.roundLength / 2)
}

/**
 * The round that new tickets should name.
 * @throws {@link StreamflowError} `ChainUnavailable` if no initialized round is young enough
 */
export function getTicketRound(state: ChainState): RedeemableRound {
  const [latest] = state.redeemable
  if (latest === undefined) {
    throw new StreamflowError('ChainUnavailable', `no recent round is initialized; the current one is ${state.currentRound}`, { data: { currentRound: state.currentRound } })
  }
  return latest
}
