/**
 * Looks at the deposit now and then, warns before orchestrators refuse, tops up where that was allowed, and says when
 * the tickets that are out might be more than there is to pay them with.
 */

import type { SenderStanding } from '../../chain/broker.js'
import type { WalletSource } from '../../chain/wallet.js'
import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import { computeForecast, computeLiability, noTickets, type Forecast, type TicketSums } from '../../payments/risk.js'
import type { Address } from '../../units/hex.js'
import type { StreamContext } from '../streamContext.js'

/** When to warn and whether to add funds. */
export interface FundsPolicy {
  /** Hours of video below which `LowPMBalance` is warned of. @default 0.25 */
  readonly warnHours?: number
  /** Milliseconds between looks at the deposit. @default 30000 */
  readonly intervalMs?: number
  /** Adds `amount` wei to the deposit whenever less than `warnHours` are left or the liability is not covered, up to `limit` wei in this broadcast. A wallet asks for each. */
  readonly topUp?: { readonly amount: bigint; readonly limit: bigint }
  /**
   * What to do while the liability (see {@link FundsReport}) exceeds what covers it: `warn` goes on, and one time in a
   * thousand a winner is not paid in full (its orchestrator leaves, and escrow burns, where there is any); `hold` sends
   * no ticket until winners are paid, tickets expire or funds come: chance alone then burns nothing. @default 'hold'
   */
  readonly whenUncovered?: 'warn' | 'hold'
}

/** A look at the deposit; amounts in wei. */
export interface FundsReport extends Forecast {
  readonly deposit: bigint
  /** Of it, what the present orchestrator may claim in this round is part of `coverage`. */
  readonly reserve: bigint
  /** Deposit, and reserve designated to the present orchestrator. */
  readonly coverage: bigint
  /** Upper bound of what the tickets of this broadcast may still be paid (one case in a thousand is above). */
  readonly liability: bigint
}

/** What the tickets of a broadcast look like. */
export interface TicketFigures {
  /** Tickets sent. */
  readonly count: number
  /** Σ expected value, wei. */
  readonly value: bigint
  readonly faceValue: bigint
  /** By the round in which they were made: a ticket is void some rounds later. */
  readonly byRound: ReadonlyMap<bigint, TicketSums>
}

interface WatchOptions {
  readonly context: StreamContext
  readonly wallet: WalletSource
  readonly policy: FundsPolicy
  readonly segmentDurationMs: number
  readonly readTickets: () => TicketFigures
  /** Who is paid at present. */
  readonly readOrchestrator: () => Address | undefined
  readonly onReport: (report: FundsReport) => void
  readonly onWarning: (error: StreamflowError) => void
  readonly signal: AbortSignal
}

/** See {@link watchFunds}. */
export interface FundsWatch {
  /** Looks at once, e.g. after a refusal. */
  look(): Promise<void>
  /** Why no further ticket should go out, by what is known; always undefined if the policy says `warn`. */
  findShortage(): StreamflowError | undefined
  /** Whether deposit and designated reserve pay what tickets may win, and a winner more; false before they are known. */
  isFunded(): boolean
  /** The oldest round whose tickets may still be redeemed, once it is known. */
  findOldestRound(): bigint | undefined
}

/** Milliseconds between looks at the chain. */
export const defaultFundsIntervalMs = 30_000
const defaults = { warnHours: 0.25, intervalMs: defaultFundsIntervalMs } as const
const computeOldestRound = ({ currentRound, ticketValidityPeriod }: SenderStanding): bigint => currentRound - ticketValidityPeriod + 1n
/** Tickets before a forecast means anything. */
const minTickets = 3

/** Starts watching; ends with the signal. */
export function watchFunds(options: WatchOptions): FundsWatch {
  const { context, policy, segmentDurationMs, readTickets, readOrchestrator, onReport, onWarning, signal } = options
  const { warnHours = defaults.warnHours, intervalMs = defaults.intervalMs } = policy
  const firstHash = context.session.grantHash
  const isHolding = policy.whenUncovered !== 'warn'
  /** What was paid under the first grant when each round was first seen. */
  const spentAt = new Map<bigint, bigint>()
  let known: SenderStanding | undefined
  const warned = new Set<'hours' | 'liability'>()
  let toppedUp = 0n
  let looking: Promise<void> | undefined

  const computeCoverage = ({ info, lastingReserve }: SenderStanding): bigint => info.deposit + lastingReserve
  /** Of tickets that are not void yet: their bound, less what was paid meanwhile; never beyond what the broker lets the key spend. */
  const computeOpenLiability = ({ byRound }: TicketFigures, standing: SenderStanding): bigint => {
    const oldest = computeOldestRound(standing)
    const open = [...byRound].filter(([round]) => round >= oldest).reduce((sums, [, { mean, variance, most }]) => ({ mean: sums.mean + mean, variance: sums.variance + variance, most: sums.most + most }), noTickets)
    // A later grant's sums say nothing of tickets under the one before.
    if (context.session.grantHash !== firstHash) return computeLiability(open)
    const spent = standing.grant.spent
    const { grant } = context.session
    const spentBefore = [...spentAt].filter(([round]) => round >= oldest).reduce((least, [, value]) => (value < least ? value : least), spent)
    const unpaid = computeLiability(open) - (spent - spentBefore)
    const capLeft = grant.spendCap > spent ? grant.spendCap - spent : 0n
    return unpaid < 0n ? 0n : unpaid < capLeft ? unpaid : capLeft
  }

  const topUp = async (): Promise<void> => {
    const { topUp: rule } = policy
    if (rule === undefined || toppedUp + rule.amount > rule.limit) return
    toppedUp += rule.amount
    const { topUpDeposit } = await import('../../chain/topUpDeposit.js')
    await topUpDeposit({ network: context.network, wallet: options.wallet, amount: rule.amount, signal })
    warned.clear()
  }
  /** Warns once each time it comes to that. */
  const warn = (what: 'hours' | 'liability', isSo: boolean, message: () => string, report: FundsReport): void => {
    if (!isSo) warned.delete(what)
    else if (!warned.has(what)) {
      warned.add(what)
      onWarning(new StreamflowError('LowPMBalance', message(), { data: { ...report, isForecast: true } }))
    }
  }
  const run = async (): Promise<void> => {
    try {
      const orchestrator = readOrchestrator()
      if (orchestrator === undefined || (readTickets().count === 0 && !isHolding)) return
      const { getSenderStanding } = await import('../../chain/broker.js') // with the ABI codec; not needed to go live
      const { grant, grantHash } = context.session
      const standing = (known = await getSenderStanding(context.network, { sender: grant.sender, orchestrator, grantHash, key: grant.key }, { signal }))
      if (grantHash === firstHash && !spentAt.has(standing.currentRound)) spentAt.set(standing.currentRound, standing.grant.spent)
      const tickets = readTickets()
      if (tickets.count < minTickets) return
      const { deposit, reserve } = standing.info
      const coverage = computeCoverage(standing)
      const forecast = computeForecast(coverage, { valuePerSegment: tickets.value / BigInt(tickets.count), segmentDurationMs, faceValue: tickets.faceValue })
      const liability = computeOpenLiability(tickets, standing)
      const report: FundsReport = { ...forecast, deposit, reserve, coverage, liability }
      onReport(report)
      const isShort = forecast.hoursLeft < warnHours
      const isUncovered = liability > coverage
      warn('hours', isShort, () => `deposit and reserve of ${coverage} wei last for ${(forecast.hoursLeft * 60).toFixed(1)} more minutes`, report)
      warn('liability', isUncovered, () => `tickets that are out may be paid up to ${liability} wei, deposit and reserve are ${coverage}`, report)
      if (isShort || isUncovered) await topUp()
    } catch (thrown) {
      if (!signal.aborted) onWarning(toStreamflowError(thrown, 'ChainUnavailable'))
    }
  }
  const look = (): Promise<void> => (looking ??= run().finally(() => (looking = undefined)))
  const timer = setInterval(() => void look(), intervalMs)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  if (isHolding) void look() // what is there must be known before the first ticket counts
  return {
    look,
    isFunded() {
      if (known === undefined) return false
      const tickets = readTickets()
      return computeCoverage(known) - computeOpenLiability(tickets, known) >= tickets.faceValue
    },
    findOldestRound: () => known && computeOldestRound(known),
    findShortage() {
      if (!isHolding || known === undefined) return undefined
      const coverage = computeCoverage(known)
      const liability = computeOpenLiability(readTickets(), known)
      if (liability <= coverage) return undefined
      return new StreamflowError('LowPMBalance', `tickets that are out may be paid up to ${liability} wei, deposit and reserve are ${coverage}: none is added`, { data: { required: liability, available: coverage } })
    },
  }
}
