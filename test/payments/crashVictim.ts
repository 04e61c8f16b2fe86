// A cashier that is killed: takes tickets, settles and redeems as fast as it can, and says on stdout what it acknowledged.
// Started again on the same folder it goes on. What it wrote there before is what the test compares with.
import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { services } from '@streamflow/sdk/payments'
import { parseJson, stringify, quoteResponseSchema } from '@streamflow/sdk/protocol'
import { createLedger } from '../../orchestrator/src/adapters/ledger/createLedger.js'
import { createNativeSigner } from '../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { createTicketVerifier } from '../../orchestrator/src/adapters/signer/createTicketVerifier.js'
import { createCashier } from '../../orchestrator/src/core/cashier/createCashier.js'
import { MemoryChain } from './MemoryChain.js'
import { SimulatedBroadcaster } from './SimulatedBroadcaster.js'
import { someInput, someOutputs, testDomain } from './makeTill.js'

type Hex = `0x${string}`
const [folder = '', streamCount = '8'] = process.argv.slice(2)
const pixels = 1_000_000n
/** One ticket in eight wins, so that rotation and redemption are under way most of the time. */
const face = 8_000_000n
const key = (name: string) => createHash('sha256').update(name).digest()
const signer = createNativeSigner(key('orchestrator'))
const start = 1_800_000_000
const startedAt = performance.now()
// The clock runs fast: a second of the test is a minute of theirs, so parameters rotate and retire while it runs.
const elapsedPath = join(folder, 'clock')
const before = existsSync(elapsedPath) ? Number(readFileSync(elapsedPath, 'utf8').trim().split('\n').at(-1)) : 0
const now = () => start + before + ((performance.now() - startedAt) / 1_000) * 60

/** What the chain paid survives the process, as a chain does: one line per ticket. */
class KeptChain extends MemoryChain {
  readonly path = join(folder, 'chain')
  known = new Set<Hex>()

  restore(): void {
    if (!existsSync(this.path)) return
    for (const line of readFileSync(this.path, 'utf8').trim().split('\n')) {
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

const chain = new KeptChain({ domain: testDomain, orchestrator: signer.address, now, gasPrice: 1n, roundLength: 10 ** 9 })
chain.restore()
const ledger = createLedger({ path: join(folder, 'ledger.sqlite') })
const cashier = createCashier({
  domain: testDomain,
  signer,
  verifier: await createTicketVerifier(testDomain),
  ledger,
  chain,
  prices: { readPricePerMillionPixels: () => Promise.resolve(1_000_000n) },
  redemption: { chain, policy: { batchSize: 5 } },
  policy: { fixedFaceValue: face, retireGrace: 6 },
  now,
  randomBytes: (length) => randomBytes(length),
})
/** Written with one system call before anything else happens: a kill after it cannot unsay it. */
const say = (line: string) => appendFileSync(join(folder, 'said'), `${line}\n`)

async function live(index: number): Promise<void> {
  const streamId: Hex = `0x${key(`stream ${index}`).toString('hex')}`
  const broadcaster = new SimulatedBroadcaster({ domain: testDomain, recipient: signer.address, wallet: createNativeSigner(key(`wallet ${index}`)), sessionKey: createNativeSigner(key(`session ${index}`)), streamId, validUntil: start + 10 ** 8 })
  chain.fund(broadcaster.grant.sender, { deposit: 10n ** 18n })
  const quotePath = join(folder, `quote-${index}`)
  // The last parameters that were given out are used again after the restart: it voids nothing.
  broadcaster.quote = existsSync(quotePath) ? parseJson(quoteResponseSchema, readFileSync(quotePath, 'utf8').trim().split('\n').at(-1) ?? '').quote : undefined
  const keepQuote = () => appendFileSync(quotePath, `${stringify({ version: 1, quote: broadcaster.quote, freePixelsPerSecond: 0 })}\n`)
  if (broadcaster.quote === undefined || broadcaster.quote.validUntil < now() + 60) broadcaster.quote = await cashier.quote({ sender: broadcaster.grant.sender, serviceId: services.Transcoding })
  keepQuote()
  broadcaster.nonce = BigInt(Math.floor(performance.timeOrigin * 1_000))
  const account = await cashier.openStream(broadcaster.terms).catch(async (error: { data?: { quote?: never } }) => {
    broadcaster.quote = error.data?.quote
    return cashier.openStream(broadcaster.terms)
  })
  for (let seq = Math.floor(now() * 1_000 - start * 1_000); ; seq++) {
    const ticket = broadcaster.signValue(1_000_000n)
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
  }
}

setInterval(() => {
  appendFileSync(elapsedPath, `${now() - start}\n`)
  chain.mine()
}, 5)
const streams = Array.from({ length: Number(streamCount) }, (_, index) => live(index))
process.stdout.write('ready\n')
await Promise.all(streams)
