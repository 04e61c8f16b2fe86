/** Looks again and again at what an operator must be told of, and tells: in the log, in metrics, on the operator's page, and to an address of the operator's own. */

import { statfs } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { LedgerReports } from './adapters/ledger/createLedgerReports.js'
import type { Config } from './config/settings.js'
import type { Cashier } from './core/cashier/createCashier.js'
import { judgeAlerts, type Alert, type AlertName } from './core/judgeAlerts.js'
import { createLeavingWatch, type LeavingWatch } from './watchLeaving.js'

/** What is looked at. */
export interface AlertMeans {
  readonly config: Pick<Config, 'alerts' | 'data'>
  readonly log: Logger
  readonly orchestrator: `0x${string}`
  readonly reports: LedgerReports
  readonly cashier: Pick<Cashier, 'describeFunds'>
  /** Of the latest block, unix seconds. @throws {@link StreamflowError} `ChainUnavailable` */
  readBlockTime(): Promise<number>
  /** wei of the account that pays for gas. @throws {@link StreamflowError} `ChainUnavailable` */
  readBalance(): Promise<bigint>
  countStreams(): number
}

/** The watch. */
export interface AlertWatch {
  /** Those that stand. */
  list(): readonly Alert[]
  close(): void
}

const lookMs = 30_000
const webhookMs = 5_000
const nowSeconds = (): number => Date.now() / 1_000

/** What could not be read is no figure. */
async function tryTo<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch {
    return undefined
  }
}

/** Tells the operator's own address; whether it listens is its affair, but a person may want to know that it does not. */
async function post({ config: { alerts: { webhook } }, log, orchestrator }: AlertMeans, { name, message }: Alert, isRaised: boolean): Promise<void> {
  if (webhook === undefined) return
  try {
    const body = JSON.stringify({ orchestrator, alert: name, message, isRaised, at: Math.floor(nowSeconds()) })
    const response = await fetch(webhook, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(webhookMs), redirect: 'error' })
    await response.body?.cancel()
    if (!response.ok) log.warn({ alert: name, status: response.status }, 'the webhook refuses an alert')
  } catch (thrown) {
    log.warn({ alert: name, reason: thrown instanceof Error ? thrown.message : String(thrown) }, 'the webhook does not answer')
  }
}

async function readFacts({ config: { data }, reports, readBlockTime, readBalance, countStreams }: AlertMeans, leavingWatch: LeavingWatch) {
  const [report, blockTime, balance, disk] = await Promise.all([tryTo(() => reports.read()), tryTo(readBlockTime), tryTo(readBalance), tryTo(() => statfs(data.directory))])
  return {
    overdue: report?.overdue,
    leaving: report && (await leavingWatch.look(report.payers)),
    blockTime,
    balance,
    freeDiskBytes: disk && disk.bavail * disk.bsize,
    streams: countStreams(),
  }
}

/** Begins to look; each alert is told once when it comes to stand, and once when it does not any more. @param pause - milliseconds between looks */
export function watchAlerts(means: AlertMeans, pause = lookMs): AlertWatch {
  const { config: { alerts }, log, cashier } = means
  const leavingWatch = createLeavingWatch({ describeFunds: (sender) => cashier.describeFunds(sender), largeSender: alerts.largeSender })
  const policy = { minimumBalance: alerts.minimumBalance, minimumDiskBytes: alerts.minimumDiskBytes, chainSilentSeconds: alerts.chainSilentSeconds, noStreamsSeconds: alerts.noStreamsMinutes * 60 }
  let standing = new Map<AlertName, Alert>()
  let [chainSeenAt, streamSeenAt] = [nowSeconds(), nowSeconds()]
  let timer: NodeJS.Timeout | undefined
  let isOver = false

  const look = async (): Promise<void> => {
    const facts = await readFacts(means, leavingWatch)
    const now = nowSeconds()
    if (facts.blockTime !== undefined) chainSeenAt = now
    if (facts.streams > 0) streamSeenAt = now
    const before = standing
    const judged = judgeAlerts({ ...facts, now, chainSeenAt, streamSeenAt }, policy)
    // An endpoint that does not answer must not sound like the all-clear.
    const kept = [...before.values()].filter(({ name }) => judged.unknown.includes(name))
    standing = new Map([...kept, ...judged.standing].map((alert) => [alert.name, alert]))
    if (isOver) return
    const [raised, cleared] = [[...standing.values()].filter(({ name }) => !before.has(name)), [...before.values()].filter(({ name }) => !standing.has(name))]
    for (const { name, message } of raised) log.warn({ alert: name }, message)
    for (const { name } of cleared) log.info({ alert: name }, 'that is over')
    await Promise.all([...raised.map((alert) => post(means, alert, true)), ...cleared.map((alert) => post(means, alert, false))])
  }
  const loop = (): void => {
    void look()
      .catch((thrown: unknown) => log.warn({ err: thrown }, 'alerts cannot be looked at'))
      .finally(() => {
        if (!isOver) timer = setTimeout(loop, pause)
      })
  }
  loop()
  return {
    list: () => [...standing.values()],
    close() {
      isOver = true
      clearTimeout(timer)
    },
  }
}
