/** Looks at the deposit now and then, warns before orchestrators refuse, and tops up where that was allowed. */

import type { WalletSource } from '../chain/wallet.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { computeForecast, computeLiability, type Forecast } from '../payments/risk.js'
import type { StreamContext } from './streamContext.js'

/** When to warn and whether to add funds. */
export interface FundsPolicy {
  /** Hours of video below which `LowPMBalance` is warned of. @default 0.25 */
  readonly warnHours?: number
  /** Milliseconds between looks at the deposit. @default 30000 */
  readonly intervalMs?: number
  /** Adds `amount` wei to the deposit whenever less than `warnHours` are left, up to `limit` wei in this broadcast. A wallet asks for each. */
  readonly topUp?: { readonly amount: bigint; readonly limit: bigint }
}

/** A look at the deposit; amounts in wei. */
export interface FundsReport extends Forecast {
  readonly deposit: bigint
  readonly reserve: bigint
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
  /** Of 2^256, the latest. */
  readonly winProb: bigint
}

interface WatchOptions {
  readonly context: StreamContext
  readonly wallet: WalletSource
  readonly policy: FundsPolicy
  readonly segmentDurationMs: number
  readonly readTickets: () => TicketFigures
  readonly onReport: (report: FundsReport) => void
  readonly onWarning: (error: StreamflowError) => void
  readonly signal: AbortSignal
}

const defaults = { warnHours: 0.25, intervalMs: 30_000 } as const
/** Tickets before a forecast means anything. */
const minTickets = 3

/** Starts watching; `look` looks at once, e.g. after a refusal. Ends with the signal. */
export function watchFunds(options: WatchOptions): { look(): Promise<void> } {
  const { context, policy, segmentDurationMs, readTickets, onReport, onWarning, signal } = options
  const { warnHours = defaults.warnHours, intervalMs = defaults.intervalMs } = policy
  let hasWarned = false
  let toppedUp = 0n
  let looking: Promise<void> | undefined

  const topUp = async (): Promise<void> => {
    const { topUp: rule } = policy
    if (rule === undefined || toppedUp + rule.amount > rule.limit) return
    toppedUp += rule.amount
    const { topUpDeposit } = await import('../chain/topUpDeposit.js')
    await topUpDeposit({ network: context.network, wallet: options.wallet, amount: rule.amount, signal })
    hasWarned = false
  }
  const run = async (): Promise<void> => {
    try {
      const tickets = readTickets()
      if (tickets.count < minTickets) return
      const { getSenderInfo } = await import('../chain/broker.js') // with the ABI codec; not needed to go live
      const { deposit, reserve } = await getSenderInfo(context.network, context.session.grant.sender, { signal })
      const forecast = computeForecast(deposit, { valuePerSegment: tickets.value / BigInt(tickets.count), segmentDurationMs, faceValue: tickets.faceValue })
      const liability = computeLiability({ count: BigInt(tickets.count), winProb: tickets.winProb, faceValue: tickets.faceValue })
      const report: FundsReport = { ...forecast, deposit, reserve, liability }
      onReport(report)
      if (forecast.hoursLeft >= warnHours) {
        hasWarned = false
        return
      }
      if (!hasWarned) {
        hasWarned = true
        onWarning(new StreamflowError('LowPMBalance', `the deposit of ${deposit} wei lasts for ${(forecast.hoursLeft * 60).toFixed(1)} more minutes`, { data: { ...report, isForecast: true } }))
      }
      await topUp()
    } catch (thrown) {
      if (!signal.aborted) onWarning(toStreamflowError(thrown, 'ChainUnavailable'))
    }
  }
  const look = (): Promise<void> => (looking ??= run().finally(() => (looking = undefined)))
  const timer = setInterval(() => void look(), intervalMs)
  signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  return { look }
}
