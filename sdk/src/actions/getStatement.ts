/** What broadcasts cost at all orchestrators together, held against what the chain says was paid. */

import { createBrowserHistoryStore } from '../broadcaster/report/createBrowserHistoryStore.js'
import type { HistoryEntry, HistorySite, HistoryStore } from '../broadcaster/report/history.js'
import type { Network } from '../chain/network.js'
import { findBlockSince } from '../chain/readLogs.js'
import { getRedemptions, type Redemption } from '../chain/redemptions.js'
import { isSameHex, type Address, type Hex } from '../units/hex.js'

/** Everything with one orchestrator. Amounts in wei. */
export interface StatementRow {
  readonly orchestrator: Address
  /** Where it was last. */
  readonly uri: string
  readonly streams: number
  /** Tickets signed for it, accepted or not, and what they are worth on average. */
  readonly ticketsSent: number
  readonly sent: bigint
  readonly ticketsAccepted: number
  readonly credited: bigint
  /** Receipts, and what they charge. */
  readonly receipts: number
  readonly fees: bigint
  /** credited − fees */
  readonly balance: bigint
  /** Tickets that it refused and might have redeemed, and what they are worth on average. */
  readonly ticketsRefused: number
  readonly refused: bigint
  /** Payments of winners by the chain, and their sum. */
  readonly redemptions: number
  readonly redeemed: bigint
  /** Of them, tickets that it had refused: money for nothing. */
  readonly refusedRedemptions: number
  readonly refusedRedeemed: bigint
}

/** See {@link getStatement}. */
export interface AccountStatement {
  /** By orchestrator; who was paid most is first. */
  readonly rows: readonly StatementRow[]
  readonly total: Omit<StatementRow, 'orchestrator' | 'uri'>
  /** What the chain paid since `fromBlock`. */
  readonly redemptions: readonly Redemption[]
  readonly fromBlock: bigint
}

/** Whose account. */
export interface AccountStatementOptions {
  readonly network: Network
  readonly sender: Address
  /** Broadcasts that began since, in milliseconds since the epoch. @default all that are kept */
  readonly sinceMs?: number
  /** @default the page's IndexedDB; in Node the store that the broadcasts were given */
  readonly historyStore?: HistoryStore
  /** Where to begin reading the chain. @default the first block since the oldest of the broadcasts */
  readonly fromBlock?: bigint
  readonly signal?: AbortSignal
}

/** More broadcasts than any store keeps. */
const allEntries = 10_000
/** Clocks of this machine and of the chain may differ by so much. */
const clockSkewSeconds = 600

const nothing: AccountStatement['total'] = {
  streams: 0, ticketsSent: 0, sent: 0n, ticketsAccepted: 0, credited: 0n, receipts: 0, fees: 0n, balance: 0n,
  ticketsRefused: 0, refused: 0n, redemptions: 0, redeemed: 0n, refusedRedemptions: 0, refusedRedeemed: 0n,
}
const amounts = Object.keys(nothing) as readonly (keyof typeof nothing)[]

/** Adds up, field by field. */
function add<T extends typeof nothing>(sums: T, more: typeof nothing): T {
  const total = { ...sums } as Record<string, number | bigint>
  for (const name of amounts) total[name] = typeof more[name] === 'bigint' ? (total[name] as bigint) + more[name] : (total[name] as number) + (more[name] as number)
  return total as unknown as T
}

function countSite({ segments, tickets, credited, fees, balance, sent, refused = [] }: HistorySite): typeof nothing {
  return {
    ...nothing,
    streams: 1,
    ticketsSent: sent?.tickets ?? tickets,
    sent: sent?.value ?? credited,
    ticketsAccepted: tickets,
    credited,
    receipts: segments,
    fees,
    balance,
    ticketsRefused: refused.length,
    refused: refused.reduce((sum, { value }) => sum + value, 0n),
  }
}

function countRedemption({ ticketHash, paid }: Redemption, refused: ReadonlySet<Hex>): typeof nothing {
  const isRefused = refused.has(ticketHash)
  return { ...nothing, redemptions: 1, redeemed: paid, refusedRedemptions: isRefused ? 1 : 0, refusedRedeemed: isRefused ? paid : 0n }
}

/** Adds entries and redemptions up by orchestrator. */
function sumUp(entries: readonly HistoryEntry[], redemptions: readonly Redemption[]): readonly StatementRow[] {
  const rows = new Map<Address, StatementRow>()
  const count = (orchestrator: Address, uri: string, sums: typeof nothing): void => {
    const row = rows.get(orchestrator) ?? { orchestrator, uri, ...nothing }
    rows.set(orchestrator, add(row, sums))
  }
  // Latest first: its address is the one that is shown.
  for (const { sites } of entries) for (const site of sites) count(site.orchestrator, site.uri, countSite(site))
  const refused = new Set(entries.flatMap(({ sites }) => sites.flatMap((site) => (site.refused ?? []).map(({ hash }) => hash))))
  for (const redemption of redemptions) count(redemption.orchestrator, '', countRedemption(redemption, refused))
  return [...rows.values()].sort((a, b) => (a.sent < b.sent ? 1 : a.sent > b.sent ? -1 : 0))
}

/**
 * The account of a sender with everybody it broadcast through: what was sent, accepted, charged and, by the chain's
 * `WinningTicketRedeemed` events, paid. Over many tickets `redeemed` comes near `credited`, which is what chance makes of it.
 * @throws {@link StreamflowError} `Unsupported` without storage; `ChainUnavailable`, `ChainReverted`, `Aborted`
 * @example
 * const { rows, total } = await getStatement({ network, sender })
 * console.table(rows)
 * save(formatStatementCsv({ rows, total }))
 */
export async function getStatement({ network, sender, sinceMs = 0, historyStore, fromBlock, signal }: AccountStatementOptions): Promise<AccountStatement> {
  const store = historyStore ?? (await createBrowserHistoryStore())
  const entries = (await store.list(allEntries)).filter((entry) => entry.chainId === network.chainId && isSameHex(entry.sender, sender) && entry.startedAtMs >= sinceMs)
  const oldestMs = entries.reduce((least, { startedAtMs }) => Math.min(least, startedAtMs), sinceMs > 0 ? sinceMs : Date.now())
  const from = fromBlock ?? (await findBlockSince(network, Math.floor(oldestMs / 1_000) - clockSkewSeconds, { signal }))
  const redemptions = await getRedemptions(network, { sender, fromBlock: from, signal })
  const rows = sumUp(entries, redemptions)
  return { rows, total: rows.reduce((sums, row) => add(sums, row), nothing), redemptions, fromBlock: from }
}

/** A cell that no spreadsheet takes for a formula, or for more than one cell. */
function formatCell(value: string | number | bigint): string {
  if (typeof value !== 'string') return String(value)
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** The rows and their sum as comma-separated values (RFC 4180), amounts in wei. */
export function formatStatementCsv({ rows, total }: Pick<AccountStatement, 'rows' | 'total'>): string {
  const names = ['orchestrator', 'uri', ...amounts] as const
  const lines = [...rows, { orchestrator: 'total', uri: '', ...total }].map((row) => names.map((name) => formatCell(row[name])).join(','))
  return [names.join(','), ...lines, ''].join('\r\n')
}
