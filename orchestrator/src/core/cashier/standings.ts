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
/** Senders whose funds are remembered; a stranger's quote request costs one read and one place. */
const cacheSize = 16_384

interface Entry {
  standing: Standing | undefined
  readAt: number
  stale: boolean
  reading: Promise<Standing> | undefined
}

interface StandingsOptions extends Surroundings {
  readonly chain: Chain
  readonly policy: CashierPolicy
  readonly events: CashierEvents
}

/** Caches the chain's state and the senders' standings. */
export class Standings {
  readonly #options: StandingsOptions
  readonly #entries = new BoundedMap<string, Entry>(cacheSize)
  #state: ChainState | undefined
  #stateAt = 0
  #reading: Promise<ChainState> | undefined

  constructor(options: StandingsOptions) {
    this.#options = options
  }

  /** Takes the state that the chain adapter saw. */
  setState(state: ChainState): void {
    if (state.currentRound !== this.#state?.currentRound) for (const [, entry] of this.#entries.entries()) entry.stale = true
    this.#state = state
    this.#stateAt = this.#options.now()
  }

  /** Funds or grants of this sender changed: the next look reads them again. */
  invalidate(sender: Hex): void {
    for (const [name, entry] of this.#entries.entries()) {
      if (!name.startsWith(sender)) continue
      entry.stale = true
      this.#refresh(name, entry)
    }
  }

  /** The chain's state if it is recent enough to act on. */
  peekState(): ChainState | undefined {
    return this.#options.now() - this.#stateAt <= this.#options.policy.standingMaxAge ? this.#state : undefined
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
    const name = `${sender}${grantHash}${key}`
    const entry = this.#entries.get(name)
    if (entry?.standing === undefined) return undefined
    const age = this.#options.now() - entry.readAt
    if (entry.stale || age > this.#options.policy.standingRefresh) this.#refresh(name, entry)
    return age <= this.#options.policy.standingMaxAge ? entry.standing : undefined
  }

  /** @throws {@link StreamflowError} `ChainUnavailable` */
  async get(sender: Hex, grantHash: Hex, key: Hex): Promise<Standing> {
    return this.peek(sender, grantHash, key) ?? this.read(sender, grantHash, key)
  }

  /** Whatever is remembered. @throws as {@link get} */
  async read(sender: Hex, grantHash: Hex, key: Hex): Promise<Standing> {
    const name = `${sender}${grantHash}${key}`
    let entry = this.#entries.get(name)
    if (entry === undefined) {
      entry = { standing: undefined, readAt: 0, stale: true, reading: undefined }
      this.#entries.set(name, entry)
    }
    return this.#read(name, entry)
  }

  #refresh(name: string, entry: Entry): void {
    if (entry.reading !== undefined || entry.standing === undefined) return
    this.#read(name, entry).catch((cause: unknown) => this.#options.events.troubled?.('reading a standing', cause))
  }

  #read(name: string, entry: Entry): Promise<Standing> {
    entry.stale = false
    entry.reading ??= this.#options.chain
      .readStanding(name.slice(0, 42) as Hex, name.slice(42, 108) as Hex, name.slice(108) as Hex)
      .then((standing) => {
        entry.standing = standing
        entry.readAt = this.#options.now()
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
