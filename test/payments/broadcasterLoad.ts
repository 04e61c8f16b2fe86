// What the payments bench runs: many simulated broadcasters pay one cashier (real ledger file, real signatures, real
// draws, a chain in memory that judges redemptions itself) for segments that cost no transcoding. Segments overlap: the
// next is opened before the last is settled, as on the wire.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openDatabase } from '../../orchestrator/src/adapters/ledger/openDatabase.js'
import { readValue } from '../../orchestrator/src/adapters/ledger/readReports.js'
import type { StreamAccount } from '../../orchestrator/src/core/payments.js'
import { makeTill, someInput, someOutputs } from './makeTill.js'
import type { SimulatedBroadcaster } from './SimulatedBroadcaster.js'

const estimatedPixels = 100_000_000n
const segmentSeconds = 2
/** Tickets that win: one in this many, roughly. */
const odds = 100n
/** Broadcasters that act at once; the rest of the second belongs to others. */
const cohort = 250

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

interface Lane {
  readonly broadcaster: SimulatedBroadcaster
  readonly account: StreamAccount
}

export interface LoadOptions {
  readonly broadcasters: number
  readonly segments: number
  readonly onProgress?: (segment: number, rssMB: number) => void
}

function readRssMB(): number {
  collectGarbage()
  return process.memoryUsage().rss / 2 ** 20
}

async function openLanes(till: Awaited<ReturnType<typeof makeTill>>, count: number): Promise<Lane[]> {
  const lanes: Lane[] = []
  for (let index = 0; index < count; index++) {
    const broadcaster = await till.broadcaster({ deposit: 10n ** 20n })
    lanes.push({ broadcaster, account: await till.cashier.openStream(broadcaster.terms) })
  }
  return lanes
}

/** Opens segment `seq` of a lane, then settles the one before. */
async function step({ broadcaster, account }: Lane, seq: number, refusals: string[]): Promise<void> {
  const ticket = broadcaster.sign(estimatedPixels)
  try {
    const { balance } = await account.openSegment({ seq, attempt: 0, ticket, estimatedPixels })
    broadcaster.opened(ticket, estimatedPixels)
    if (balance !== broadcaster.balance) refusals.push(`balance ${balance}, expected ${broadcaster.balance}`)
  } catch (error) {
    refusals.push((error as Error).message)
  }
  if (seq > 0) await settle({ broadcaster, account }, seq - 1)
}

async function settle({ broadcaster, account }: Lane, seq: number): Promise<void> {
  // Real segments are a little shorter or longer on screen than asked; never beyond the estimate.
  const pixels = estimatedPixels - BigInt((seq * 7_919 + broadcaster.streamId.charCodeAt(5)) % 10) * 1_000_000n
  const { receipt, quote } = await account.settleSegment({ seq, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels })
  broadcaster.settled(estimatedPixels, receipt.fee)
  if (quote !== undefined) broadcaster.quote = quote
}

/** Runs the load; sums both sides and the chain afterwards. */
export async function runLoad({ broadcasters, segments, onProgress }: LoadOptions) {
  const price = 1_000_000_000n
  const till = await makeTill({ price, chain: { gasPrice: 1_000n }, policy: { fixedFaceValue: ((price * estimatedPixels) / 1_000_000n) * odds, accountIdle: 60 }, redemption: { batchSize: 100 } })
  const lanes = await openLanes(till, broadcasters)
  const refusals: string[] = []
  const warm = Math.ceil(segments / 5)
  let rssWarm = 0
  const startedAt = performance.now()
  for (let seq = 0; seq < segments; seq++) {
    for (let from = 0; from < lanes.length; from += cohort) await Promise.all(lanes.slice(from, from + cohort).map((lane) => step(lane, seq, refusals)))
    till.clock.now += segmentSeconds
    till.chain.mine()
    if (seq === warm) rssWarm = readRssMB()
    if (seq % 20 === 0) onProgress?.(seq, process.memoryUsage().rss / 2 ** 20)
  }
  await Promise.all(lanes.map((lane) => settle(lane, segments - 1)))
  const seconds = (performance.now() - startedAt) / 1_000
  const rssEnd = readRssMB()
  const sums = await compareSums(till, lanes)
  const report = { ...sums, seconds, refusals, rssGrowthMB: rssEnd - rssWarm, rssEndMB: rssEnd, troubles: till.troubles }
  await till.dispose()
  return report
}

/** Redeems what is left, then adds up: broadcasters' books, the ledger, the chain. */
async function compareSums(till: Awaited<ReturnType<typeof makeTill>>, lanes: readonly Lane[]) {
  till.clock.now += 60
  const unpaid = () => till.ledger.getWinners(['pending', 'submitted']).length
  for (let round = 0; unpaid() > 0 && round < 1_000; round++) await till.cashier.redeem()
  let disagreement = 0n
  for (const { broadcaster } of lanes) {
    const { credited, fees } = await till.cashier.statement({ streamId: broadcaster.streamId, sender: broadcaster.grant.sender })
    const difference = credited - broadcaster.account.credited - (fees - broadcaster.account.charged)
    disagreement += difference < 0n ? -difference : difference
  }
  const database = openDatabase(till.path, { readonly: true })
  const value = readValue(database)
  database.close()
  const paidOnChain = [...till.chain.paid.values()].reduce((sum, paid) => sum + paid, 0n)
  const takenFromDeposits = [...till.chain.senders.values()].reduce((sum, { deposit }) => sum + 10n ** 20n - deposit, 0n)
  const lost = value.won - paidOnChain
  const unexplained = paidOnChain - takenFromDeposits
  return { value, weiLost: (lost < 0n ? -lost : lost) + (unexplained < 0n ? -unexplained : unexplained) + disagreement, winners: till.chain.paid.size, dead: till.ledger.getWinners(['dead']).length }
}
