// Cashiers on a real chain: anvil with the real contracts, the real ledger file, the real adapter. The chain can be
// killed and comes back as it was; time can be moved for all of them together.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serviceRegistryAbi, stakingAbi, ticketBrokerAbi } from '@streamflow/contracts'
import { createPrivateKey, hashTicket, services, type Domain, type KeySigner } from '@streamflow/sdk/payments'
import type { Network } from '@streamflow/sdk/chain'
import type { SignedGrant } from '@streamflow/sdk/protocol'
import { createPublicClient, createTestClient, createWalletClient, http, parseEther, publicActions, type PublicClient, type TestClient } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect } from 'vitest'
import { developmentKey } from '../../examples/network/accounts.mjs'
import { findFreePort } from '../../examples/network/findFreePort.mjs'
import { describeLocalChain, startChain } from '../../examples/network/startChain.mjs'
import { startChild } from '../../examples/network/startChild.mjs'
import { createChain } from '../../orchestrator/src/adapters/chain/createChain.js'
import { createFixedPrice } from '../../orchestrator/src/adapters/chain/createPriceSource.js'
import { createLedger } from '../../orchestrator/src/adapters/ledger/createLedger.js'
import { createPostgresLedger } from '../../orchestrator/src/adapters/ledger/postgres/createPostgresLedger.js'
import { createNativeSigner } from '../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { createTicketVerifier } from '../../orchestrator/src/adapters/signer/createTicketVerifier.js'
import type { ShownTicket } from '../../orchestrator/src/core/cashier/chain.js'
import { createCashier, type Cashier, type CashierOptions } from '../../orchestrator/src/core/cashier/createCashier.js'
import type { Ledger } from '../../orchestrator/src/core/cashier/ledger.js'
import type { StreamAccount } from '../../orchestrator/src/core/payments.js'
import { compareLedger, readLedgerTables, readPostgresTables, type LedgerTables } from './compareLedger.js'
import { randomHex } from './makeTill.js'
import { SimulatedBroadcaster } from './SimulatedBroadcaster.js'

type Hex = `0x${string}`

/** What a winner pays here. */
export const face = 10n ** 15n
const pricePerMillionPixels = 1_000_000n
/** Seconds between two sets of ticket parameters here. */
const rotation = 10
const anvil = join(import.meta.dirname, '../../node_modules/.bin/anvil')

/** Asks again and again until there is an answer. `what` is awaited, told at the end. */
export async function until<T>(what: string | (() => string), read: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const value = await read()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** An orchestrator's till. */
export interface Desk {
  readonly cashier: Cashier
  readonly ledger: Ledger
  readonly signer: KeySigner
  /** Who is paid. */
  readonly recipient: Hex
  readonly path: string
  readTables(): LedgerTables | Promise<LedgerTables>
  readonly troubles: unknown[]
}

/** A broadcaster with a deposit on chain and an open stream at a desk. */
export interface ChainStream {
  readonly broadcaster: SimulatedBroadcaster
  readonly account: StreamAccount
}

export interface DeskOptions {
  readonly rpcUrls?: readonly string[]
  readonly key?: Uint8Array
  readonly path?: string
  /** Of a PostgreSQL that holds the ledger instead of a file. */
  readonly postgresUrl?: string
  /** The orchestrator's own account, where the desk's key only signs for it. */
  readonly cold?: Hex
  readonly policy?: CashierOptions['policy']
}

export class ChainRig {
  readonly folder: string
  readonly rpcUrl: string
  readonly contracts: { readonly ticketBroker: Hex; readonly rounds: Hex; readonly staking: Hex; readonly serviceRegistry: Hex }
  /** The same for the SDK's actions, and every contract of it. */
  readonly network: Network
  readonly domain: Domain
  readonly client: PublicClient
  readonly testClient: TestClient
  /** Seconds that every clock here is ahead of the machine's. */
  shift = 0
  #child: ReturnType<typeof startChild>
  #state: Hex | undefined
  /** wei put up for each sender. */
  readonly #funded = new Map<Hex, bigint>()

  private constructor(folder: string, chain: Awaited<ReturnType<typeof startChain>>) {
    this.folder = folder
    this.rpcUrl = chain.rpcUrl
    this.#child = chain.child
    const { ticketBroker, rounds, staking, serviceRegistry } = chain.deployment.contracts
    this.network = { chainId: 31_337, rpcUrls: [chain.rpcUrl], contracts: chain.deployment.contracts } as unknown as Network
    this.contracts = { ticketBroker: ticketBroker as Hex, rounds: rounds as Hex, staking: staking as Hex, serviceRegistry: serviceRegistry as Hex }
    this.domain = { chainId: 31_337, ticketBroker: this.contracts.ticketBroker.toLowerCase() as Hex }
    const parts = { chain: describeLocalChain(chain.rpcUrl), transport: http(chain.rpcUrl) }
    this.client = createPublicClient(parts) as PublicClient
    this.testClient = createTestClient({ mode: 'anvil', ...parts }).extend(publicActions) as unknown as TestClient
  }

  static async start({ roundLengthSeconds }: { readonly roundLengthSeconds?: number } = {}): Promise<ChainRig> {
    const folder = mkdtempSync(join(tmpdir(), 'streamflow-chain-'))
    const chain = await startChain({ anvil, port: await findFreePort(0), folder, ...(roundLengthSeconds !== undefined && { roundLengthSeconds }) })
    await chain.catchUp()
    return new ChainRig(folder, chain)
  }

  async close(): Promise<void> {
    await this.#child.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Unix seconds, by everybody's clock. */
  readonly now = (): number => Date.now() / 1_000 + this.shift

  /** Lets every ticket's parameters end, so that what won may be redeemed. */
  passInterval(): void {
    this.shift += 2 * rotation
  }

  /** `kill -9` of the node; what it knew is kept for {@link ChainRig.reviveChain}. */
  async killChain(): Promise<void> {
    this.#state = await this.testClient.dumpState()
    this.#child.kill('SIGKILL')
    await this.#child.exited
  }

  /** Starts the node again, as it was, at today's time. */
  async reviveChain(): Promise<void> {
    const { port } = new URL(this.rpcUrl)
    this.#child = startChild({ name: 'anvil', command: anvil, args: ['--port', port, '--chain-id', '31337', '--prune-history', '1000', '--silent'], logFile: join(this.folder, 'anvil.log') })
    await until('the chain', () => this.client.getChainId().catch(() => undefined))
    if (this.#state !== undefined) await this.testClient.loadState({ state: this.#state })
    await this.testClient.setNextBlockTimestamp({ timestamp: BigInt(Math.floor(this.now())) })
    await this.testClient.mine({ blocks: 1 })
    await this.testClient.setIntervalMining({ interval: 1 })
  }

  /** A cashier with its own funded key. */
  async openDesk(options: DeskOptions = {}): Promise<Desk> {
    const signer = createNativeSigner(options.key ?? createPrivateKey())
    await this.testClient.setBalance({ address: signer.address, value: parseEther('10') })
    const path = options.path ?? join(this.folder, `${randomHex(4)}.sqlite`)
    const troubles: unknown[] = []
    const { postgresUrl: url } = options
    const ledger = url === undefined ? createLedger({ path }) : await createPostgresLedger({ url, orchestrator: options.cold ?? signer.address, leaseMs: 1_500, onTrouble: (_what, cause) => void troubles.push(cause) })
    const readTables = () => (url === undefined ? readLedgerTables(path) : readPostgresTables(url))
    const { contracts, domain, now } = this
    const recipient = options.cold ?? signer.address
    const adapter = createChain({ chainId: 31_337, rpcUrls: options.rpcUrls ?? [this.rpcUrl], contracts, signer, orchestrator: recipient, pollIntervalMs: 200, confirmations: 2, onTrouble: (_what, cause) => void troubles.push(cause) })
    const cashier = createCashier({
      domain,
      signer,
      recipient,
      verifier: await createTicketVerifier(domain),
      ledger,
      chain: adapter,
      prices: createFixedPrice(pricePerMillionPixels),
      redemption: { chain: adapter, policy: { initializeRounds: true, stuckAfter: 2, backoff: 1, maximumBackoff: 2, cheapPercent: 100n } },
      policy: { fixedFaceValue: face, rotation, minimumEscrow: 0n, securedPercent: 0n, ...options.policy },
      events: { troubled: (_what, cause) => void troubles.push(cause) },
      now,
      randomBytes: (length) => randomBytes(length),
    })
    return { cashier, ledger, signer, recipient, path, readTables, troubles }
  }

  /** A broadcaster with `deposit` wei on chain and a stream at `desk`. */
  async openStream({ cashier, recipient }: Desk, deposit = face * 20n): Promise<ChainStream> {
    const wallet = createNativeSigner(createPrivateKey())
    await this.fund(wallet.address, deposit)
    const broadcaster = new SimulatedBroadcaster({ domain: this.domain, recipient, wallet, sessionKey: createNativeSigner(createPrivateKey()), streamId: randomHex(32), validUntil: Math.floor(this.now()) + 86_400 })
    broadcaster.quote = await until('an initialized round', () => cashier.quote({ sender: wallet.address, serviceId: services.Transcoding }).catch(() => undefined))
    return { broadcaster, account: await cashier.openStream(broadcaster.terms) }
  }

  /** Adds to the deposit of a sender. */
  async fund(sender: Hex, value: bigint): Promise<void> {
    const chain = describeLocalChain(this.rpcUrl)
    const wallet = createWalletClient({ account: privateKeyToAccount(developmentKey), chain, transport: http(this.rpcUrl) })
    const hash = await wallet.writeContract({ address: this.contracts.ticketBroker, abi: ticketBrokerAbi, functionName: 'fundDepositFor', args: [sender], value })
    await this.client.waitForTransactionReceipt({ hash, pollingInterval: 100 })
    this.#funded.set(sender, (this.#funded.get(sender) ?? 0n) + value)
  }

  /** An orchestrator's own account lets another key sign for it. */
  async setSigner(cold: Hex, signer: Hex): Promise<void> {
    await this.testClient.setBalance({ address: cold, value: parseEther('1') })
    await this.testClient.impersonateAccount({ address: cold })
    const wallet = createWalletClient({ account: cold, chain: describeLocalChain(this.rpcUrl), transport: http(this.rpcUrl) })
    const hash = await wallet.writeContract({ address: this.contracts.serviceRegistry, abi: serviceRegistryAbi, functionName: 'setSigner', args: [signer] })
    await this.client.waitForTransactionReceipt({ hash, pollingInterval: 100 })
  }

  /** Tells the broker of a grant, as a smart account must before its tickets count. */
  async registerGrant({ signature, ...grant }: SignedGrant): Promise<void> {
    const wallet = createWalletClient({ account: privateKeyToAccount(developmentKey), chain: describeLocalChain(this.rpcUrl), transport: http(this.rpcUrl) })
    const args = [{ grant: { ...grant, validUntil: BigInt(grant.validUntil) }, signature }] as const
    const hash = await wallet.writeContract({ address: this.contracts.ticketBroker, abi: ticketBrokerAbi, functionName: 'registerGrant', args })
    await this.client.waitForTransactionReceipt({ hash, pollingInterval: 100 })
  }

  async readDeposit(sender: Hex): Promise<bigint> {
    return (await this.client.readContract({ address: this.contracts.ticketBroker, abi: ticketBrokerAbi, functionName: 'senderInfo', args: [sender] })).deposit
  }

  /** wei that the contracts owe an orchestrator. */
  readFees(orchestrator: Hex): Promise<bigint> {
    return this.client.readContract({ address: this.contracts.staking, abi: stakingAbi, functionName: 'pendingFees', args: [orchestrator] })
  }

  readPaid({ ticket, signature }: ShownTicket): Promise<bigint> {
    return this.client.readContract({ address: this.contracts.ticketBroker, abi: ticketBrokerAbi, functionName: 'ticketPaid', args: [ticket, signature] })
  }

  /** Waits until `count` winners are paid for good, and the chain says so too: a desk may not have seen yet what was undone. */
  untilConfirmed({ ledger, troubles }: Desk, count: number): Promise<boolean> {
    this.passInterval()
    const describe = (): string => {
      const states = (['pending', 'submitted', 'confirmed', 'dead'] as const).map((state) => `${ledger.getWinners([state]).length} ${state}`)
      const transactions = ledger.getTransactions().map(({ nonce, hashes, ticketHashes }) => `nonce ${nonce}: ${hashes.length} shown, ${ticketHashes.length} winners`)
      const waiting = ledger.getWinners(['pending']).map(({ reason, attempts, nextTryAt, redeemableFrom, paid }) => `pending: ${reason}, ${attempts} attempts, next in ${nextTryAt - this.now()} s, redeemable in ${redeemableFrom - this.now()} s, ${paid} paid`)
      return `${count} confirmed winners: ${[...states, ...transactions, ...waiting, ...troubles.slice(-3).map(String)].join('; ')}`
    }
    return until(describe, async () => {
      const confirmed = ledger.getWinners(['confirmed'])
      const payments = await Promise.all(confirmed.map((winner) => this.readPaid(winner)))
      return confirmed.length === count && confirmed.every(({ paid }, index) => paid === payments[index])
    })
  }

  /**
   * Three books, to the wei: each broadcaster's own, the desks' ledgers, the chain. Whatever happened before, what was
   * acknowledged is there once, what a ledger calls paid is paid, and deposits shrank by nothing else.
   */
  async compare(desks: readonly Desk[], streams: readonly ChainStream[]): Promise<void> {
    const paidBySender = new Map<Hex, bigint>()
    for (const desk of desks) {
      compareLedger(await desk.readTables())
      let paid = 0n
      for (const winner of desk.ledger.getWinners(['pending', 'submitted', 'confirmed', 'dead'])) {
        expect(winner.ticketHash).toBe(`0x${Buffer.from(hashTicket(this.domain, winner.ticket)).toString('hex')}`)
        const onChain = await this.readPaid(winner)
        expect(winner.paid, `winner ${winner.ticketHash} (${winner.state})`).toBe(onChain)
        paid += onChain
        paidBySender.set(winner.ticket.sender, (paidBySender.get(winner.ticket.sender) ?? 0n) + onChain)
      }
      expect(await this.readFees(desk.signer.address), 'fees of the desk').toBe(paid)
    }
    for (const { broadcaster, account } of streams) {
      const { credited, fees, balance } = await account.state()
      expect({ credited, fees, balance }, `stream ${broadcaster.streamId}`).toEqual({ credited: broadcaster.account.credited, fees: broadcaster.account.charged, balance: broadcaster.balance })
      const { sender } = broadcaster.grant
      expect(await this.readDeposit(sender), `deposit of ${sender}`).toBe((this.#funded.get(sender) ?? 0n) - (paidBySender.get(sender) ?? 0n))
    }
  }
}
