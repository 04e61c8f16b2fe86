// Winners become ether on a real chain: anvil with the real contracts, the real ledger file, the real adapter.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stakingAbi, ticketBrokerAbi } from '@streamflow/contracts'
import { createPrivateKey, services, type Domain } from '@streamflow/sdk/payments'
import { createPublicClient, createTestClient, createWalletClient, http, parseEther, publicActions, type PublicClient, type TestClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { describeLocalChain, startChain } from '../../../examples/network/startChain.mjs'
import { createChain } from '../../../orchestrator/src/adapters/chain/createChain.js'
import { createFixedPrice } from '../../../orchestrator/src/adapters/chain/createPriceSource.js'
import { createLedger } from '../../../orchestrator/src/adapters/ledger/createLedger.js'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { createTicketVerifier } from '../../../orchestrator/src/adapters/signer/createTicketVerifier.js'
import { createCashier, type Cashier } from '../../../orchestrator/src/core/cashier/createCashier.js'
import type { Ledger } from '../../../orchestrator/src/core/cashier/ledger.js'
import { SimulatedBroadcaster } from '../../payments/SimulatedBroadcaster.js'
import { randomHex } from '../../payments/makeTill.js'

type Hex = `0x${string}`
const pixels = 1_000_000n
const face = 10n ** 15n
const certain = (1n << 256n) - 1n

let chain: Awaited<ReturnType<typeof startChain>>
let folder: string
let client: PublicClient
let testClient: TestClient
let contracts: { ticketBroker: Hex; rounds: Hex; staking: Hex }
let domain: Domain

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'streamflow-redemption-'))
  chain = await startChain({ anvil: join(import.meta.dirname, '../../../node_modules/.bin/anvil'), port: await findFreePort(0), folder })
  await chain.catchUp()
  const { ticketBroker, rounds, staking } = chain.deployment.contracts
  contracts = { ticketBroker: ticketBroker as Hex, rounds: rounds as Hex, staking: staking as Hex }
  domain = { chainId: 31_337, ticketBroker: contracts.ticketBroker.toLowerCase() as Hex }
  const transport = http(chain.rpcUrl)
  client = createPublicClient({ chain: describeLocalChain(chain.rpcUrl), transport }) as PublicClient
  testClient = createTestClient({ mode: 'anvil', chain: describeLocalChain(chain.rpcUrl), transport }).extend(publicActions) as unknown as TestClient
})
afterAll(async () => {
  await chain?.child.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function until<T>(what: string, read: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const value = await read()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

interface Desk {
  readonly cashier: Cashier
  readonly ledger: Ledger
  readonly signer: ReturnType<typeof createNativeSigner>
  readonly path: string
  readonly troubles: unknown[]
}

/** A cashier with its own funded key. */
async function openDesk(options: { readonly rpcUrls?: readonly string[]; readonly key?: Uint8Array; readonly path?: string } = {}): Promise<Desk> {
  const signer = createNativeSigner(options.key ?? createPrivateKey())
  await testClient.setBalance({ address: signer.address, value: parseEther('10') })
  const path = options.path ?? join(folder, `${randomHex(4)}.sqlite`)
  const ledger = createLedger({ path })
  const troubles: unknown[] = []
  const adapter = createChain({ chainId: 31_337, rpcUrls: options.rpcUrls ?? [chain.rpcUrl], contracts, signer, pollIntervalMs: 200, confirmations: 2, onTrouble: (_what, cause) => void troubles.push(cause) })
  const cashier = createCashier({
    domain,
    signer,
    verifier: await createTicketVerifier(domain),
    ledger,
    chain: adapter,
    prices: createFixedPrice(1_000_000n),
    redemption: { chain: adapter, policy: { initializeRounds: true, stuckAfter: 2, backoff: 1, maximumBackoff: 2, cheapMultiple: 1n } },
    policy: { fixedFaceValue: face, retireGrace: 0 },
    events: { troubled: (what, cause) => void troubles.push([what, cause]) },
    now: () => Date.now() / 1_000,
    randomBytes: (length) => randomBytes(length),
  })
  return { cashier, ledger, signer, path, troubles }
}

/** A broadcaster with a deposit on chain and an open stream. */
async function openStream({ cashier, signer }: Desk, deposit = face * 20n) {
  const key = createPrivateKey()
  const wallet = createNativeSigner(key)
  await testClient.setBalance({ address: wallet.address, value: deposit + parseEther('1') })
  const walletClient = createWalletClient({ account: privateKeyToAccount(`0x${Buffer.from(key).toString('hex')}`), chain: describeLocalChain(chain.rpcUrl), transport: http(chain.rpcUrl) })
  const fund = async (value: bigint, whom: Hex = wallet.address) => {
    const hash = await walletClient.writeContract({ address: contracts.ticketBroker, abi: ticketBrokerAbi, functionName: 'fundDepositFor', args: [whom], value })
    await client.waitForTransactionReceipt({ hash, pollingInterval: 100 })
  }
  await fund(deposit)
  const broadcaster = new SimulatedBroadcaster({ domain, recipient: signer.address, wallet, sessionKey: createNativeSigner(createPrivateKey()), streamId: randomHex(32), validUntil: Math.floor(Date.now() / 1_000) + 86_400 })
  broadcaster.quote = await until('an initialized round', () => cashier.quote({ sender: wallet.address, serviceId: services.Transcoding }).catch(() => undefined))
  return { broadcaster, account: await cashier.openStream(broadcaster.terms), fund }
}

const readDeposit = async (sender: Hex) => (await client.readContract({ address: contracts.ticketBroker, abi: ticketBrokerAbi, functionName: 'senderInfo', args: [sender] })).deposit
const readFees = (orchestrator: Hex) => client.readContract({ address: contracts.staking, abi: stakingAbi, functionName: 'pendingFees', args: [orchestrator] })
const untilConfirmed = ({ ledger }: Desk, count: number) => until(`${count} confirmed winners`, () => ledger.getWinners(['confirmed']).length === count)

describe('redemption', () => {
  it('initializes the round, registers the grant and pays one winner', async () => {
    const desk = await openDesk()
    const { broadcaster, account } = await openStream(desk)
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await untilConfirmed(desk, 1)
    expect(await readDeposit(broadcaster.grant.sender)).toBe(face * 19n)
    expect(await readFees(desk.signer.address)).toBe(face)
    await desk.cashier.close()
  })

  it('pays winners of several senders in one transaction, through the endpoint that answers', async () => {
    const dead = `http://127.0.0.1:${await findFreePort(0)}`
    const desk = await openDesk({ rpcUrls: [dead, chain.rpcUrl] })
    const streams = [await openStream(desk), await openStream(desk), await openStream(desk)]
    await Promise.all(streams.map(({ broadcaster, account }) => account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })))
    await untilConfirmed(desk, 3)
    expect(await readFees(desk.signer.address)).toBe(face * 3n)
    await desk.cashier.close()
  })

  it('bids more with the same nonce when nothing is mined', async () => {
    const desk = await openDesk()
    const { broadcaster, account } = await openStream(desk)
    await testClient.setIntervalMining({ interval: 0 })
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    // Blocks stand still, so the cashier is driven by hand.
    const versions = await until('a replacement', async () => {
      await desk.cashier.redeem()
      const hashes = desk.ledger.getTransactions()[0]?.hashes ?? []
      return hashes.length >= 2 ? hashes : undefined
    })
    const [last] = desk.ledger.getTransactions()
    await testClient.setIntervalMining({ interval: 1 })
    await untilConfirmed(desk, 1)
    expect(new Set(versions).size).toBe(versions.length)
    expect(await client.getTransactionCount({ address: desk.signer.address })).toBe((last?.nonce ?? 0) + 1)
    expect(await readFees(desk.signer.address)).toBe(face)
    await desk.cashier.close()
  })

  it('redeems again what a reorg undid', async () => {
    const desk = await openDesk()
    const { broadcaster, account } = await openStream(desk)
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    const snapshot = await testClient.snapshot()
    await until('a payment', async () => (await readDeposit(broadcaster.grant.sender)) === face * 19n)
    await testClient.revert({ id: snapshot })
    await untilConfirmed(desk, 1)
    expect(await readDeposit(broadcaster.grant.sender)).toBe(face * 19n)
    expect(await readFees(desk.signer.address)).toBe(face)
    await desk.cashier.close()
  })

  it('goes on after a restart in the middle of a redemption', async () => {
    const key = createPrivateKey()
    const desk = await openDesk({ key })
    const { broadcaster, account } = await openStream(desk)
    await testClient.setIntervalMining({ interval: 0 })
    await account.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await until('a submission', async () => {
      await desk.cashier.redeem()
      return desk.ledger.getWinners(['submitted']).length === 1
    })
    await desk.cashier.close()
    const next = await openDesk({ key, path: desk.path })
    await testClient.setIntervalMining({ interval: 1 })
    await untilConfirmed(next, 1)
    expect(await readFees(next.signer.address)).toBe(face)
    await next.cashier.close()
  })

  it('holds the ticket of a sender that spent its deposit twice until there is something to pay it from', async () => {
    const [first, second] = [await openDesk(), await openDesk()]
    const { broadcaster, account, fund } = await openStream(first, face)
    const other = new SimulatedBroadcaster({ ...broadcaster.options, recipient: second.signer.address, streamId: randomHex(32) })
    other.quote = await second.cashier.quote({ sender: other.grant.sender, serviceId: services.Transcoding })
    const otherAccount = await second.cashier.openStream(other.terms)
    const open = (stream: typeof account, payer: SimulatedBroadcaster) => stream.openSegment({ seq: 0, attempt: 0, ticket: payer.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await Promise.all([open(account, broadcaster), open(otherAccount, other)])
    const [lucky, unlucky] = await until('one payment', () => {
      const paid = [first, second].filter(({ ledger }) => ledger.getWinners(['confirmed']).length === 1)
      return paid.length === 1 ? [paid[0] as Desk, paid[0] === first ? second : first] : undefined
    })
    await until('the reason', () => unlucky.ledger.getWinners(['pending'])[0]?.reason === 'TicketBrokerPayoutTooLow')
    await fund(face)
    await untilConfirmed(unlucky, 1)
    expect([await readFees(lucky.signer.address), await readFees(unlucky.signer.address), await readDeposit(broadcaster.grant.sender)]).toEqual([face, face, 0n])
    await Promise.all([first.cashier.close(), second.cashier.close()])
  })

  it('takes tickets while the chain is out of reach, and redeems when it is back', async () => {
    const line = await openLine()
    const desk = await openDesk({ rpcUrls: [line.url] })
    const { broadcaster, account } = await openStream(desk)
    line.isCut = true
    for (let seq = 0; seq < 3; seq++) await account.openSegment({ seq, attempt: 0, ticket: broadcaster.sign(pixels), estimatedPixels: pixels }).then(() => account.releaseSegment({ seq, attempt: 0 }))
    await account.openSegment({ seq: 3, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await until('failed looks', () => desk.troubles.length > 2)
    expect(desk.ledger.getWinners(['pending']).length).toBe(1)
    line.isCut = false
    await untilConfirmed(desk, 1)
    expect(await readFees(desk.signer.address)).toBe(face)
    await desk.cashier.close()
    await line.close()
  })

  it('takes the word of a smart account for its session key, and the broker does too', async () => {
    const desk = await openDesk()
    const wallet = randomHex(20)
    // PUSH32 0x1626ba7e… MSTORE, RETURN: says yes to whatever it is asked.
    await testClient.setCode({ address: wallet, bytecode: `0x7f1626ba7e${'00'.repeat(28)}60005260206000f3` })
    const { fund } = await openStream(desk)
    await fund(face * 2n, wallet)
    const account = { address: wallet, sign: (): Hex => '0x1234' }
    const broadcaster = new SimulatedBroadcaster({ domain, recipient: desk.signer.address, wallet: account, sessionKey: createNativeSigner(createPrivateKey()), streamId: randomHex(32), validUntil: Math.floor(Date.now() / 1_000) + 86_400 })
    broadcaster.quote = await desk.cashier.quote({ sender: wallet, serviceId: services.Transcoding })
    const stream = await desk.cashier.openStream(broadcaster.terms)
    await stream.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.sign(pixels, { winProb: certain }), estimatedPixels: pixels })
    await untilConfirmed(desk, 1)
    expect(await readDeposit(wallet)).toBe(face)
    await desk.cashier.close()
  })
})

/** A way to the chain that can be cut. */
async function openLine() {
  const line = { isCut: false, url: '', close: async () => undefined as void }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (line.isCut) return request.socket.destroy()
      fetch(chain.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.concat(chunks) })
        .then(async (answer) => response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text()))
        .catch(() => request.socket.destroy())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  line.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  line.close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return line
}
