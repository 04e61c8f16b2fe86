/** A public pool as its orchestrator runs it: who is let in, who judges, and when members are paid. */

import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Network } from '@streamflow/sdk/chain'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createFfmpegExaminer } from '@streamflow/sdk/node'
import type { KeySigner } from '@streamflow/sdk/payments'
import { createPayer } from './adapters/chain/createPayer.js'
import type { PoolDoor } from './adapters/http/poolDoor.js'
import { openPoolBooks } from './adapters/ledger/openPoolBooks.js'
import { isSignedBy, isUserKey } from './adapters/transcoder/pool/credentials.js'
import { openDoor } from './adapters/transcoder/pool/poolAuthority.js'
import { createSha256 } from './adapters/transcoder/pool/ResultSigner.js'
import type { Config } from './config/settings.js'
import type { PoolBooks } from './core/pool/books.js'
import { createReferee, type CheckVerdict, type RefereeEvent } from './core/pool/createReferee.js'
import { payOut, type Payer } from './core/pool/payOut.js'
import type { Referee } from './core/pool/referee.js'
import type { MadeSegment } from './core/pool/SeatWatch.js'
import type { PoolPolicy } from './core/pool/standing.js'

/** What it stands on. */
export interface PublicPoolMeans {
  readonly config: Config
  readonly network: Network
  readonly signer: KeySigner
  /** Lower case. */
  readonly orchestrator: `0x${string}`
  readonly log: Logger
  /** Whether this process is the one that pays, of several. */
  readonly mayPay: () => boolean
}

/** A running one. */
export interface PublicPool {
  readonly referee: Referee
  readonly door: PoolDoor
  close(): Promise<void>
}

const nowSeconds = (): number => Date.now() / 1_000
/** How often payments that are under way are looked at. */
const payMs = 30_000
const hourMs = 3_600_000
const daySeconds = 86_400
const ownerOnly = 0o700

/** What the settings decide. */
export function readPoolPolicy({ pool, price }: Config): PoolPolicy {
  const { payPerMillionPixels, deposit, allowance, leastCheckedOneIn, minimumPayout } = pool
  return { payPerMillionPixels, deposit, allowance, leastCheckedOneIn, minimumPayout, pricePerMillionPixels: price.perMillionPixels }
}

/** From 0 to below 1, by chance that nobody foresees. */
const drawShare = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32

/** Compared at so many moments. */
const momentCount = 3

/** Looks at a segment as broadcasters do. */
export function createPoolCheck(ffmpegPath: string): (made: MadeSegment) => Promise<CheckVerdict> {
  const examiner = createFfmpegExaminer(ffmpegPath)
  return async ({ job, specimen }) => {
    if (specimen === undefined) return { outcome: 'doubtful', faults: [] }
    const { header, source, startUs, durationUs, rendition, init, media } = specimen
    const look = () => examiner.examine({
      source: { header, bytes: source, input: job.input, startUs, durationUs }, rendition, video: { init, media }, moments: Array.from({ length: momentCount }, drawShare),
    })
    const first = await look()
    // A deposit hangs on it: at other moments it must be found again.
    const { outcome, faults } = first.outcome === 'failed' ? await look() : first
    if (first.outcome === 'failed' && outcome !== 'failed') return { outcome: 'doubtful', faults: [] }
    return { outcome, faults: faults.map(({ text }) => text) }
  }
}

/** Keeps the bytes beside the ledger, for who wants to look again. */
export function createEvidenceKeeper(directory: string): (made: MadeSegment) => Promise<string> {
  return async ({ result: { streamId, seq }, signature, specimen }) => {
    const folder = join(directory, 'pool-evidence', createHash('sha256').update(`${streamId} ${seq} ${signature}`).digest('hex').slice(0, 32))
    await mkdir(folder, { recursive: true, mode: ownerOnly })
    if (specimen !== undefined) {
      await writeFile(join(folder, 'source.mkv'), Buffer.concat([specimen.header, specimen.source]))
      await writeFile(join(folder, 'rendition.mp4'), Buffer.concat([specimen.init, specimen.media]))
    }
    return folder
  }
}

/** Opens it, if the settings say so. @throws {@link StreamflowError} `ConfigInvalid`, `LedgerFailed` */
export async function openPublicPool(means: PublicPoolMeans): Promise<PublicPool | undefined> {
  const { config, log, orchestrator } = means
  if (!config.pool.open) return undefined
  if (config.pool.urls.length === 0) throw new StreamflowError('ConfigInvalid', 'pool.open: there is no pool without pool.urls')
  const name = config.pool.name ?? orchestrator
  const encode = openDoor(config.pool.directory, name)
  const { directory, postgresUrl } = config.data
  const books = await openPoolBooks({ directory, postgresUrl, orchestrator })
  const referee = createReferee({
    pool: name, books, policy: readPoolPolicy(config),
    check: createPoolCheck(config.transcoder.ffmpeg),
    keep: createEvidenceKeeper(directory),
    verify: (member, bytes, signature) => isSignedBy(member, bytes, Buffer.from(signature.slice(2), 'hex')),
    sha256: createSha256, random: drawShare, now: nowSeconds,
    observe: (event) => logReferee(log, event),
  })
  const schedule = startPaying(means, books)
  return {
    referee,
    door: {
      pool: name, servers: config.pool.publicUrls.length > 0 ? config.pool.publicUrls : config.pool.urls,
      async admit(key) {
        if (!isUserKey(key)) throw new StreamflowError('BadMessage', 'this is no public key of a user of NATS')
        if ((await books.read(key)).account?.isBanned === true) throw new StreamflowError('Unauthorized', 'the holder of this key cheated')
        return encode(key)
      },
    },
    async close() {
      await schedule.close()
      await books.close()
    },
  }
}

/** Pays what is due: in rounds, one payment after the other; what was begun is followed whatever the round. */
function startPaying({ config, network, signer, log, mayPay }: PublicPoolMeans, books: PoolBooks): { close(): Promise<void> } {
  const payer: Payer = createPayer({ ...network, signer, confirmations: config.network.confirmations })
  const policy = readPoolPolicy(config)
  let running: Promise<void> | undefined
  let nextRoundMs = config.pool.payoutHours === 0 ? Infinity : Date.now()
  const pay = async (): Promise<void> => {
    if (!mayPay()) return
    const isDue = Date.now() >= nextRoundMs
    if (!isDue && (await books.listPayouts('sent')).length === 0) return
    // Between rounds nothing is begun: nobody is due so much.
    const round = await payOut({ books, payer, policy: isDue ? policy : { ...policy, minimumPayout: 2n ** 256n }, now: nowSeconds })
    for (const { member, payTo, amount, hash } of round.paid) log.info({ member, payTo, amount: String(amount), hash }, 'a member of the pool is paid')
    for (const { member, payTo, amount, hash } of round.failed) log.warn({ member, payTo, amount: String(amount), hash }, 'a payment to a member of the pool did not happen')
    for (const member of round.unpayable) log.warn({ member }, 'a member of the pool wants to be paid at a contract: it is not')
    if (!isDue || round.sent.length > 0) return
    nextRoundMs = Date.now() + config.pool.payoutHours * hourMs
    await books.forget(Math.floor(nowSeconds()) - config.data.retentionDays * daySeconds)
  }
  const tick = (): void => {
    running ??= pay().catch((thrown: unknown) => log.warn({ err: thrown }, 'paying members of the pool is in trouble, trying again')).finally(() => (running = undefined))
  }
  const timer = setInterval(tick, payMs)
  tick()
  return {
    async close() {
      clearInterval(timer)
      await running
    },
  }
}

function logReferee(log: Logger, event: RefereeEvent): void {
  const { type, ...details } = event
  if (type === 'memberBanned') log.error({ ...details, taken: String(event.taken) }, 'a member of the pool cheated')
  else if (type === 'memberRefused') log.warn(details, 'a member of the pool gets nothing for a while')
  else log.error(details, 'the public pool is in trouble')
}
