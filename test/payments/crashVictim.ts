// A cashier that is killed: takes tickets, settles and redeems as fast as it can, and writes down what it acknowledged, with
// a dot on stdout for whoever measures its life by its work. Started again on the same folder it goes on. What it wrote there
// before is what the test compares with. Its chain is in memory and its clock runs fast, unless the folder says which real
// chain to use (`network.json`), and which PostgreSQL holds its ledger (`postgres`): then another one may run beside it, and each takes
// over from the other.
import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { isStreamflowError } from '@streamflow/sdk/errors'
import { services, type Domain } from '@streamflow/sdk/payments'
import { parseJson, stringify, quoteResponseSchema } from '@streamflow/sdk/protocol'
import { createChain } from '../../orchestrator/src/adapters/chain/createChain.js'
import { createLedger } from '../../orchestrator/src/adapters/ledger/createLedger.js'
import { createPostgresLedger } from '../../orchestrator/src/adapters/ledger/postgres/createPostgresLedger.js'
import { createNativeSigner } from '../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { createTicketVerifier } from '../../orchestrator/src/adapters/signer/createTicketVerifier.js'
import { createCashier } from '../../orchestrator/src/core/cashier/createCashier.js'
import { createChance } from '../kit/createChance.js'
import { MemoryChain } from './MemoryChain.js'
import { readWholeLines } from './readWholeLines.js'
import { SimulatedBroadcaster } from './SimulatedBroadcaster.js'
import { someInput, someOutputs, testDomain } from './makeTill.js'

type Hex = `0x${string}`
const [folder = '', seed = '0'] = process.argv.slice(2)
const chance = createChance(Number(seed))
const streamCount = 8
const pixels = 1_000_000n
const key = (name: string) => createHash('sha256').update(name).digest()
/** A real chain makes a block a second and mines what a person could pay: there tickets are dearer, and fewer. */
interface RealChain {
  readonly rpcUrl: string
  readonly contracts: Parameters<typeof createChain>[0]['contracts']
}
/** What was written in earlier lives. Half a line that a kill left at the end goes: nothing is written behind it. */
function takeUp(path: string): readonly string[] {
  // Looked at before the lines: what another one writes meanwhile is no half line.
  const size = existsSync(path) ? statSync(path).size : 0
  const lines = readWholeLines(path)
  const bytes = Buffer.byteLength(lines.map((line) => `${line}\n`).join(''))
  if (size > bytes) truncateSync(path, bytes)
  return lines
}
const networkPath = join(folder, 'network.json')
const real = existsSync(networkPath) ? (JSON.parse(readFileSync(networkPath, 'utf8')) as RealChain) : undefined
const domain: Domain = real === undefined ? testDomain : { chainId: testDomain.chainId, ticketBroker: real.contracts.ticketBroker.toLowerCase() as Hex }
/** One ticket in eight wins, so that rotation and redemption are under way most of the time. */
const odds = 8n
const ticketValue = real === undefined ? 1_000_000n : 10n ** 15n / odds
const pauseMs = real === undefined ? 0 : 80
const signer = createNativeSigner(key('orchestrator'))
const start = 1_800_000_000
const startedAt = performance.now()
// The clock runs fast: a second of the test is a minute of theirs, so parameters rotate and retire while it runs.
const elapsedPath = join(folder, 'clock')
const before = Number(takeUp(elapsedPath).at(-1) ?? 0)
const now = real === undefined ? () => start + before + ((performance.now() - startedAt) / 1_000) * 60 : () => Date.now() / 1_000

/** What the chain paid survives the process, as a chain does: one line per ticket. */
class KeptChain extends MemoryChain {
  readonly path = join(folder, 'chain')
  known = new Set<Hex>()

  restore(): void {
    for (const line of takeUp(this.path)) {
      const [hash, amount, nonce] = line.split(' ')
      this.paid.set(hash as Hex, BigInt(amount ?? 0))
      this.known.add(hash as Hex)
      this.nonce = Math.max(this.nonce, Number(nonce))
    }
  }

  override mine(): void {
    super.mine()
    for (const [hash, amount] of this.paid) {
      if (this.known?.has(hash) !== false) continue
      this.known.add(hash)
      appendFileSync(this.path, `${hash} ${amount} ${this.nonce}\n`)
    }
  }
}

const kept = new KeptChain({ domain, orchestrator: signer.address, now, gasPrice: 1n, roundLength: 10 ** 9 })
kept.restore()
const chain = real === undefined ? kept : createChain({ chainId: domain.chainId, rpcUrls: [real.rpcUrl], contracts: real.contracts, signer, pollIntervalMs: 100, confirmations: 2, onTrouble: () => undefined })
const postgresPath = join(folder, 'postgres')
const isShared = existsSync(postgresPath)
const ledger = isShared
  ? await createPostgresLedger({ url: readFileSync(postgresPath, 'utf8'), orchestrator: signer.address, leaseMs: 1_500 })
  : createLedger({ path: join(folder, 'ledger.sqlite') })
const cashier = createCashier({
  domain,
  signer,
  verifier: await createTicketVerifier(domain),
  ledger,
  chain,
  prices: { readPricePerMillionPixels: () => Promise.resolve(ticketValue) },
  redemption: { chain, policy: { batchSize: 5, ...(real && { batchSize: 30, initializeRounds: true, stuckAfter: 2, backoff: 1, maximumBackoff: 2, cheapPercent: 100n }) } },
  policy: { fixedFaceValue: ticketValue * odds, minimumEscrow: 0n, securedPercent: 0n, ...(real && { rotation: 2 }) },
  now,
  randomBytes: (length) => randomBytes(length),
})
/** Written with one system call before anything else happens: a kill after it cannot unsay it. */
const saidPath = join(folder, 'said')
takeUp(saidPath)
const say = (line: string) => {
  appendFileSync(saidPath, `${line}\n`)
  process.stdout.write('.')
}

/** Asked again with each fresh quote: the clock here runs fast, and on a busy machine one is over before it is used. */
async function openStream(broadcaster: SimulatedBroadcaster): Promise<Awaited<ReturnType<typeof cashier.openStream>>> {
  for (;;) {
    try {
      return await cashier.openStream(broadcaster.terms)
    } catch (thrown) {
      const { data } = thrown as { data?: { quote?: never } }
      if (data?.quote === undefined) throw thrown
      broadcaster.quote = data.quote
    }
  }
}

async function live(index: number): Promise<void> {
  const streamId: Hex = `0x${key(`stream ${index}`).toString('hex')}`
  const broadcaster = new SimulatedBroadcaster({ domain, recipient: signer.address, wallet: createNativeSigner(key(`wallet ${index}`)), sessionKey: createNativeSigner(key(`session ${index}`)), streamId, validUntil: start + 10 ** 8 })
  kept.fund(broadcaster.grant.sender, { deposit: 10n ** 18n })
  const quotePath = join(folder, `quote-${index}`)
  // The last parameters that were given out are used again after the restart: it voids nothing.
  const lastQuote = takeUp(quotePath).at(-1)
  broadcaster.quote = lastQuote === undefined ? undefined : parseJson(quoteResponseSchema, lastQuote).quote
  const keepQuote = () => appendFileSync(quotePath, `${stringify({ version: 1, quote: broadcaster.quote, freePixelsPerSecond: 0 })}\n`)
  if (broadcaster.quote === undefined || broadcaster.quote.validUntil < now() + (real === undefined ? 60 : 1)) broadcaster.quote = await cashier.quote({ sender: broadcaster.grant.sender, serviceId: services.Transcoding })
  keepQuote()
  broadcaster.nonce = BigInt(Date.now()) * 1_000n
  const account = await openStream(broadcaster)
  // Never one of a life before this one.
  for (let seq = Math.floor(now() * 1_000) % 2 ** 31; ; seq++) {
    const ticket = broadcaster.signValue(ticketValue)
    try {
      await account.openSegment({ seq, attempt: 0, ticket, estimatedPixels: pixels })
    } catch (error) {
      const { code, data } = error as { code: string; data: { quote?: never } }
      if (code !== 'TicketParamsExpired') throw error
      broadcaster.quote = data.quote
      keepQuote()
      continue
    }
    say(`accepted ${index} ${seq} ${(ticket.faceValue * ticket.winProb) >> 256n}`)
    const { receipt, quote } = await account.settleSegment({ seq, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels })
    say(`settled ${index} ${seq} ${receipt.fee}`)
    if (quote !== undefined) {
      broadcaster.quote = quote
      keepQuote()
    }
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, chance.between(0, 2 * pauseMs)))
  }
}

setInterval(() => {
  appendFileSync(elapsedPath, `${now() - start}\n`)
  kept.mine()
}, 5)
/** What tells a broadcaster to open its stream again, here or at another process. */
const isPassing = (thrown: unknown): boolean => isStreamflowError(thrown) && ['SenderElsewhere', 'StreamNotFound', 'LedgerFailed', 'ChainUnavailable', 'QuoteExpired'].includes(thrown.code)

async function liveOn(index: number): Promise<void> {
  for (;;) {
    try {
      await live(index)
    } catch (thrown) {
      if (!isShared || !isPassing(thrown)) throw thrown
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
const streams = Array.from({ length: streamCount }, (_, index) => liveOn(index))
await Promise.all(streams)
