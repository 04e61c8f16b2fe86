/** Orchestrators side by side, as somebody with tokens sees them: stake, commission now and coming, what a stake earned and may earn. */

import { stakingCurrentInflationFunction, stakingFeesPerStakeFunction, stakingLastRewardRoundFunction, stakingTotalStakeFunction } from '@streamflow/contracts'
import { getCurrentRound, type ReadOptions } from '../chain/broker.js'
import type { Network } from '../chain/network.js'
import { getEntries, type RegistryEntry } from '../chain/registry.js'
import { getAnnouncedCommission, getCommissionAt, readStaking, type AnnouncedCommission, type Commission } from '../chain/staking.js'
import { StreamflowError } from '../errors/StreamflowError.js'

/** What to look at. */
export interface ListOrchestratorsOptions extends ReadOptions {
  readonly network: Network
  /** What might be delegated, in wei of tokens: expected values are of it. @default one token */
  readonly amount?: bigint
  /** Past rounds whose fees are read, 1…30. @default 4 */
  readonly rounds?: number
  /** Most orchestrators, those with the most stake first, 1…500. @default 50 */
  readonly limit?: number
}

/** An orchestrator to delegate to. */
export interface OrchestratorSummary extends RegistryEntry {
  /** In force in the current round; undefined if none was ever announced: nobody can delegate then. Nothing of both before the first one binds. */
  readonly commission: Commission | undefined
  /** Announced and yet to bind. */
  readonly coming: AnnouncedCommission | undefined
  /** Last round whose reward it took; 0 if it never did. Who does not take it earns its delegators nothing of inflation. */
  readonly lastRewardRound: bigint
  /** Fees of past rounds by the stake behind it, the oldest round first: wei of ether, by orchestrator and delegators together, for each token of stake. */
  readonly feesPerToken: readonly { readonly round: bigint; readonly wei: bigint }[]
  /** What `amount` may earn in one round: rewards in wei of tokens, fees in wei, if all goes on as it did. Rounded down. */
  readonly expected: { readonly rewards: bigint; readonly fees: bigint }
}

/** One token, in wei. */
const token = 10n ** 18n
const ray = 10n ** 27n
const million = 1_000_000n
/** Orchestrators looked at at once: an endpoint's limits are by the second. */
const atOnce = 8
const most = { rounds: 30, limit: 500 } as const

interface Inflation {
  readonly totalStake: bigint
  /** Of this round, in wei of tokens. */
  readonly mintable: bigint
}

interface Look {
  readonly network: Network
  readonly signal: AbortSignal | undefined
  readonly currentRound: bigint
  readonly rounds: readonly bigint[]
  readonly amount: bigint
  readonly inflation: Inflation
}

/** What `amount` earns in a round, beside `stake` that is there, at a commission. */
function computeExpected({ amount, inflation: { totalStake, mintable } }: Look, of: { readonly stake: bigint; readonly commission: Commission; readonly feesPerStake: readonly bigint[]; readonly isRewarded: boolean }): OrchestratorSummary['expected'] {
  const { stake, commission, feesPerStake, isRewarded } = of
  const given = million - BigInt(commission.rewardCut)
  const rewards = isRewarded ? (mintable * amount * given) / ((totalStake + amount) * million) : 0n
  const meanFees = feesPerStake.length === 0 ? 0n : (feesPerStake.reduce((sum, fees) => sum + fees, 0n) * stake) / BigInt(feesPerStake.length)
  const fees = stake + amount === 0n ? 0n : (meanFees * amount * BigInt(commission.feeShare)) / ((stake + amount) * million * ray)
  return { rewards, fees }
}

async function summarize(entry: RegistryEntry, look: Look): Promise<OrchestratorSummary> {
  const { network, signal, currentRound, rounds } = look
  const { orchestrator, stake, active } = entry
  const [announced, lastRewardRound, ...feesPerStake] = await Promise.all([
    getAnnouncedCommission(network, orchestrator, { signal }),
    readStaking(network, stakingLastRewardRoundFunction, [orchestrator], { signal }),
    ...rounds.map((round) => readStaking(network, stakingFeesPerStakeFunction, [orchestrator, round], { signal })),
  ])
  const isComing = announced !== undefined && announced.effectiveRound > currentRound
  const commission = isComing ? await getCommissionAt(network, orchestrator, { round: currentRound, signal }) : announced
  // A delegator is there from the next round on, so it is the next round's commission that counts.
  const next = announced !== undefined && announced.effectiveRound <= currentRound + 1n ? announced : commission
  const isRewarded = active && lastRewardRound + 1n >= currentRound && lastRewardRound > 0n
  return {
    ...entry,
    commission: commission && { rewardCut: commission.rewardCut, feeShare: commission.feeShare },
    coming: isComing ? announced : undefined,
    lastRewardRound,
    feesPerToken: feesPerStake.map((fees, index) => ({ round: rounds[index] ?? 0n, wei: (fees * token) / ray })),
    expected: next === undefined ? { rewards: 0n, fees: 0n } : computeExpected(look, { stake, commission: next, feesPerStake, isRewarded }),
  }
}

function assertCount(option: keyof typeof most, value: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most[option]) throw new StreamflowError('InvalidArgument', `${option}: expected 1…${most[option]}, got ${value}`, { data: { option } })
}

/**
 * Reads the registered orchestrators and what the stake says of each, most stake first.
 * @throws {@link StreamflowError} `InvalidArgument`, `ChainUnavailable`, `ChainReverted`, `Aborted`
 * @example
 * const orchestrators = await listOrchestrators({ network, amount: 1_000n * 10n ** 18n })
 * console.table(orchestrators.map(({ uri, stake, expected }) => ({ uri, stake, ...expected })))
 */
export async function listOrchestrators({ network, amount = token, rounds: count = 4, limit = 50, signal }: ListOrchestratorsOptions): Promise<readonly OrchestratorSummary[]> {
  assertCount('rounds', count)
  assertCount('limit', limit)
  if (amount <= 0n) throw new StreamflowError('InvalidArgument', 'amount: expected wei of tokens above 0', { data: { option: 'amount' } })
  const [entries, currentRound, totalStake, [, mintable]] = await Promise.all([
    getEntries(network, { signal }),
    getCurrentRound(network, { signal }),
    readStaking(network, stakingTotalStakeFunction, [], { signal }),
    readStaking(network, stakingCurrentInflationFunction, [], { signal }),
  ])
  // The current round is left out: its fees are still coming.
  const rounds = Array.from({ length: count }, (_, index) => currentRound - BigInt(count - index)).filter((round) => round > 0n)
  const look = { network, signal, currentRound, rounds, amount, inflation: { totalStake, mintable } }
  const chosen = [...entries].sort((a, b) => (a.stake === b.stake ? 0 : a.stake > b.stake ? -1 : 1)).slice(0, limit)
  const summaries: OrchestratorSummary[] = []
  for (let first = 0; first < chosen.length; first += atOnce) summaries.push(...(await Promise.all(chosen.slice(first, first + atOnce).map((entry) => summarize(entry, look)))))
  return summaries
}
