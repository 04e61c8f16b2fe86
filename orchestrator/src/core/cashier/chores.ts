/** What each round asks for beside tickets: that somebody begins it, and that each orchestrator takes its part of the inflation. Pure. */

import type { ChainState, Chore } from './chain.js'

type Hex = `0x${string}`

/** Choices of an operator about chores. */
export interface ChorePolicy {
  /** Whether to initialize rounds that nobody else did. */
  readonly initializeRounds: boolean
  /** Whether to mint each round's reward; nobody else can, and what is left out is lost. */
  readonly claimRewards: boolean
  /** wei that one chore may cost; while gas is dearer it waits. Neither pays in ether, so nothing else says when to stop. */
  readonly maximumChoreCost: bigint
}

/** What a chore takes at most, measured: 266 k for a round, less for a reward. */
export const choreGas = 300_000n

/** Turns in which the orchestrators of a market come to begin a round: two of the same turn are rarer the more there are. */
const turns = 16n
/** Longer than a block and a look at it together, so that the next in turn sees that it is done. */
const turnSeconds = 15
/** All turns together take no more than this part of a round. */
const turnsShare = 0.1

/** What a decision is based on. */
export interface ChoreCircumstances {
  readonly state: ChainState
  readonly nowSeconds: number
  readonly policy: ChorePolicy
  /** The orchestrator's account. */
  readonly recipient: Hex
}

/**
 * Seconds after its beginning at which an orchestrator may begin a round. Everybody tries, one is enough, and whoever comes
 * second pays for nothing; the order moves on with each round, so that the same ones do not pay for it every time.
 */
export function computeTurn({ currentRound, roundLength }: Pick<ChainState, 'currentRound' | 'roundLength'>, recipient: Hex): number {
  const turn = (BigInt(recipient) + currentRound) % turns
  return Number(turn) * Math.min(turnSeconds, (roundLength * turnsShare) / Number(turns))
}

function isRoundDue({ state, nowSeconds, policy, recipient }: ChoreCircumstances): boolean {
  if (!policy.initializeRounds || state.isRoundInitialized) return false
  // Without any round that is good nothing can be sold: nobody waits for a turn then.
  if (state.redeemable.length === 0) return true
  const age = Math.max(nowSeconds, state.blockTime) - (state.currentRoundEndsAt - state.roundLength)
  return age >= computeTurn(state, recipient)
}

/** What to do now; undefined if nothing is due, or gas is too dear for it. */
export function chooseChore(circumstances: ChoreCircumstances): Chore | undefined {
  const { state, policy } = circumstances
  if (state.gasPrice * choreGas > policy.maximumChoreCost) return undefined
  if (isRoundDue(circumstances)) return 'round'
  return policy.claimRewards && state.isRewardDue ? 'reward' : undefined
}
