/**
 * Options of a broadcast, looked at before anything is asked or opened: a slip in them is named as what it is, not as
 * the failure of a wallet or an orchestrator that came of it. TypeScript tells of most; this is for who does not use it,
 * and for what it cannot tell.
 */

import { assertNetwork } from '../chain/network.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import { assertLadder } from '../media/ladder.js'
import { parseEther } from '../units/ether.js'
import type { Budget } from '../session/openSession.js'
import type { CommonBroadcastOptions } from './startBroadcast.js'

/** Bounds of `segmentDurationMs`. */
const segmentMs = { least: 1_000, most: 4_000 } as const
/** Bounds of `redundancy` and `standby`: more copies cost more than they save. */
const copies = { most: 4 } as const
/** Segments of which one is looked at: a cheat among more would go on for an hour. */
const verificationRates = { least: 0, most: 1_000 } as const
/** Seconds that a grant may be good for at most: a leap year, so that a slip of units shows. */
const maxValidForSeconds = 366 * 86_400

/** A broadcast's options, once looked at: amounts are wei. */
export type CheckedBroadcastOptions = Omit<CommonBroadcastOptions, 'budget'> & { readonly budget: Budget }

/**
 * @throws {@link StreamflowError} `InvalidArgument` whose `data` names the option and what is expected of it
 */
export function checkOptions(options: CommonBroadcastOptions): CheckedBroadcastOptions {
  if (!isObject(options)) throw refuse('options', 'an object with network, wallet and budget', options)
  const { network, wallet, budget, ladder, segmentDurationMs, signal, iceServers, orchestrators, funds, redundancy, standby, verificationRate } = options
  assertNetwork(network, 'network')
  if (!isObject(wallet)) throw refuse('wallet', 'a wagmi config, a viem wallet client or account, or an EIP-1193 provider', wallet)
  const checked = { ...options, budget: checkBudget(budget) }
  if (ladder !== undefined) assertLadder(ladder)
  if (redundancy !== undefined) assertCount('redundancy', redundancy, { least: 1, ...copies })
  if (standby !== undefined) assertCount('standby', standby, { least: 0, ...copies })
  if (verificationRate !== undefined) assertCount('verificationRate', verificationRate, verificationRates)
  if (segmentDurationMs !== undefined) assertNumber('segmentDurationMs', segmentDurationMs, segmentMs)
  if (signal !== undefined && typeof (signal as { addEventListener?: unknown }).addEventListener !== 'function') throw refuse('signal', 'an AbortSignal', signal)
  if (iceServers !== undefined && !Array.isArray(iceServers)) throw refuse('iceServers', 'a list of { urls }', iceServers)
  checkOrchestrators(orchestrators)
  checkFunds(funds)
  return checked
}

function checkOrchestrators({ minStake, maxPricePerMillionPixels }: CommonBroadcastOptions['orchestrators'] & object = {}): void {
  if (minStake !== undefined) assertWei('orchestrators.minStake', minStake)
  if (maxPricePerMillionPixels !== undefined) assertWei('orchestrators.maxPricePerMillionPixels', maxPricePerMillionPixels)
}

function checkFunds({ warnHours, topUp }: CommonBroadcastOptions['funds'] & object = {}): void {
  if (warnHours !== undefined) assertNumber('funds.warnHours', warnHours, { least: 0 })
  if (topUp === undefined) return
  assertWei('funds.topUp.amount', topUp.amount)
  assertWei('funds.topUp.limit', topUp.limit)
}

function checkBudget(budget: CommonBroadcastOptions['budget']): Budget {
  if (!isObject(budget)) throw refuse('budget', 'an object with spendCap', budget)
  const { spendCap, escrowCap, validForSeconds } = budget
  if (validForSeconds !== undefined) assertNumber('budget.validForSeconds', validForSeconds, { least: 1, most: maxValidForSeconds })
  const cap = readWei('budget.spendCap', spendCap)
  if (cap === 0n) throw refuse('budget.spendCap', 'more than 0', spendCap)
  return { ...(budget as Budget), spendCap: cap, ...(escrowCap !== undefined && { escrowCap: readWei('budget.escrowCap', escrowCap) }) }
}

/** An amount in wei, from a bigint of wei or a decimal string of ether. A number is neither: 0.05 of which, exactly? */
function readWei(option: string, value: unknown): bigint {
  if (typeof value === 'bigint' && value >= 0n) return value
  const wei = typeof value === 'string' ? parseEther(value) : undefined
  if (wei === undefined) throw refuse(option, 'wei as a bigint (10n ** 16n), or ether as a string ("0.01")', value)
  return wei
}

function assertWei(option: string, value: unknown): void {
  if (typeof value !== 'bigint' || value < 0n) throw refuse(option, 'a bigint from 0n on', value)
}

function assertNumber(option: string, value: unknown, { least, most = Number.POSITIVE_INFINITY }: { readonly least: number; readonly most?: number }): void {
  if (typeof value === 'number' && value >= least && value <= most) return
  throw refuse(option, most === Number.POSITIVE_INFINITY ? `a number from ${least} on` : `a number from ${least} to ${most}`, value)
}

function assertCount(option: string, value: unknown, { least, most }: { readonly least: number; readonly most: number }): void {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) throw refuse(option, `a whole number from ${least} to ${most}`, value)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** What stands there instead, in a word. */
function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`
  if (typeof value === 'bigint') return `${value}n`
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return String(value)
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
}

function refuse(option: string, expected: string, value: unknown): StreamflowError {
  const got = describe(value)
  return new StreamflowError('InvalidArgument', `${option}: expected ${expected}, got ${got}`, { data: { option, expected, got } })
}
