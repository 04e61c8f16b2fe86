/** The operator's own listener: which part of the server stands behind what its page and its command line show and change. */

import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Network } from '@streamflow/sdk/chain'
import { openOperatorServer, type MetricsSource, type OperatorServer } from './adapters/http/openOperatorServer.js'
import { publishAccess } from './adapters/http/operatorAccess.js'
import type { MarketOverview, Overview, SenderOverview } from './adapters/http/operatorOverview.js'
import type { OperatorControl } from './adapters/http/operatorRequests.js'
import type { LedgerReports } from './adapters/ledger/createLedgerReports.js'
import { createMarketWatch } from './adapters/market/createMarketWatch.js'
import type { Config } from './config/settings.js'
import type { Cashier } from './core/cashier/createCashier.js'
import type { MovablePrice } from './core/cashier/createMovablePrice.js'
import type { Ledger } from './core/cashier/ledger.js'
import type { Delivery } from './core/delivery.js'
import type { Streams } from './core/streams/createStreams.js'
import type { TranscoderPool } from './core/transcoding.js'
import type { AlertWatch } from './watchAlerts.js'

/** What the listener shows and does. */
export interface OperatorMeans {
  readonly config: Config
  readonly network: Network
  readonly log: Logger
  /** Lower case. */
  readonly orchestrator: `0x${string}`
  readonly metrics: MetricsSource
  readonly streams: Streams
  readonly transcoders: Pick<TranscoderPool, 'list'>
  readonly delivery: Delivery
  readonly cashier: Pick<Cashier, 'redeem' | 'describeFunds'>
  readonly reports: LedgerReports
  readonly alerts: Pick<AlertWatch, 'list'>
  readonly ledger: Pick<Ledger, 'write'>
  readonly price: MovablePrice
  /** The last lines of the log, JSON each. */
  readonly readLog: () => readonly string[]
  readonly describe: () => Pick<Overview, 'version' | 'publicUrl' | 'startedAt'>
}

const tokenBytes = 32
const nowSeconds = (): number => Math.floor(Date.now() / 1_000)

async function look({ orchestrator, streams, transcoders, cashier, price, reports, alerts, describe }: OperatorMeans): Promise<Overview> {
  const { waiting, senders, today, value, dead, audits } = await reports.read()
  const describeSender = async (sender: (typeof senders)[number]): Promise<SenderOverview> => ({ ...sender, funds: await cashier.describeFunds(sender.sender).catch(() => undefined) })
  const { isDraining, maxStreams } = streams.figures()
  return {
    ...describe(),
    today,
    value,
    dead,
    audits,
    orchestrator,
    isDraining,
    maxStreams,
    alerts: alerts.list(),
    streams: streams.list(),
    transcoders: transcoders.list(),
    price: await price.describe().catch(() => undefined),
    senders: await Promise.all(senders.map(describeSender)),
    waiting: waiting.map(({ ticketHash, ticket: { sender, faceValue, creationRound }, state, paid, wonAt, attempts, reason }) => ({ ticketHash, sender, state, faceValue, paid, creationRound, wonAt, attempts, reason })),
  }
}

function createControl(means: OperatorMeans): OperatorControl {
  const { config: { streams: { drainMs } }, network, log, orchestrator, streams, cashier, ledger, price, reports, readLog } = means
  const marketWatch = createMarketWatch({ network, orchestrator })
  return {
    token: randomBytes(tokenBytes).toString('base64url'),
    listStreams: () => streams.list(),
    overview: () => look(means),
    async market(): Promise<MarketOverview> {
      const { senders: [first] } = await reports.read()
      const askedAt = nowSeconds()
      return first === undefined ? { sender: undefined, askedAt, offers: [], refused: [] } : { sender: first.sender, askedAt, ...(await marketWatch.look(first.sender)) }
    },
    readLog,
    readPrice: () => price.describe(),
    async setPrice(wei) {
      await price.move(wei)
      marketWatch.forget()
    },
    endStream: (streamId) => streams.dismiss(streamId, drainMs),
    drain: () => streams.drain(drainMs),
    redeem: () => cashier.redeem(),
    async audit(what) {
      log.info({ what }, 'the operator asks')
      await ledger.write([{ kind: 'audit', at: nowSeconds(), what }])
      reports.forget()
    },
  }
}

/** Listens, and tells the command line where. An operator that cannot look in is no reason not to work: it is said, and goes on without. */
export async function openOperator(means: OperatorMeans): Promise<OperatorServer | undefined> {
  const { config, log, metrics, delivery } = means
  const control = createControl(means)
  try {
    const server = await openOperatorServer({ ...config.operator, metrics, control, delivery })
    const withdraw = publishAccess(config.data.directory, { url: server.url, token: control.token })
    return {
      url: server.url,
      async close() {
        withdraw()
        await server.close()
      },
    }
  } catch (thrown) {
    log.error({ err: thrown, ...config.operator }, 'metrics and the operator’s page cannot be had: set operator.port to one that is free')
    return undefined
  }
}
