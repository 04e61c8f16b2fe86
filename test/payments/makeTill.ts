// A cashier with a real ledger file, real signatures and a chain in memory; the clock is the test's.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPrivateKey, type Domain } from '@streamflow/sdk/payments'
import { createLedger } from '../../orchestrator/src/adapters/ledger/createLedger.js'
import { createPostgresLedger } from '../../orchestrator/src/adapters/ledger/postgres/createPostgresLedger.js'
import { createNativeSigner } from '../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { createTicketVerifier } from '../../orchestrator/src/adapters/signer/createTicketVerifier.js'
import { createCashier, type CashierOptions } from '../../orchestrator/src/core/cashier/createCashier.js'
import { MemoryChain, type MemoryChainOptions } from './MemoryChain.js'
import { SimulatedBroadcaster, type BroadcasterOptions } from './SimulatedBroadcaster.js'

type Hex = `0x${string}`

export const testDomain: Domain = { chainId: 31_337, ticketBroker: '0x5fbdb2315678afecb367f032d93f642f64180aa3' }
export const randomHex = (bytes: number): Hex => `0x${randomBytes(bytes).toString('hex')}`

export interface TillOptions {
  readonly policy?: CashierOptions['policy']
  readonly redemption?: NonNullable<CashierOptions['redemption']>['policy']
  readonly price?: bigint
  readonly chain?: Partial<MemoryChainOptions>
  readonly formerSigners?: CashierOptions['formerSigners']
  /** Where the ledger's folder is made. @default the system's folder for temporary files */
  readonly folder?: string
  /** Of a PostgreSQL that holds the ledger instead of a file. */
  readonly postgresUrl?: string
}

/** A cashier and what surrounds it. `restart` closes it and opens another on the same files. */
export async function makeTill(options: TillOptions = {}) {
  const directory = mkdtempSync(join(options.folder ?? tmpdir(), 'streamflow-till-'))
  const path = join(directory, 'ledger.sqlite')
  const clock = { now: 1_800_000_000 }
  const now = () => clock.now
  const key = createPrivateKey()
  const signer = createNativeSigner(key)
  const verifier = await createTicketVerifier(testDomain)
  const chain = new MemoryChain({ domain: testDomain, orchestrator: signer.address, now, ...options.chain })
  const troubles: unknown[] = []
  const { postgresUrl: url } = options
  const open = async () => {
    const ledger = url === undefined ? createLedger({ path, key }) : await createPostgresLedger({ url, orchestrator: signer.address, key })
    const cashier = createCashier({
      domain: testDomain,
      signer,
      formerSigners: options.formerSigners ?? [],
      verifier,
      ledger,
      chain,
      prices: { readPricePerMillionPixels: () => Promise.resolve(options.price ?? 1_000_000_000n) },
      redemption: { chain, policy: options.redemption ?? {} },
      // Most tests are about deposits: those of the escrow ask for one.
      policy: { minimumEscrow: 0n, securedPercent: 0n, ...options.policy },
      events: { troubled: (what, cause) => void troubles.push([what, cause]) },
      now,
      randomBytes: (length) => randomBytes(length),
    })
    return { ledger, cashier }
  }
  const till = { ...(await open()), directory, path, clock, chain, signer, verifier, troubles, restart, reopen, broadcaster, dispose }

  async function restart() {
    await till.cashier.close()
    await reopen()
  }
  /** After it was closed. */
  async function reopen() {
    Object.assign(till, await open())
  }
  /** A funded broadcaster with a quote. */
  async function broadcaster(change: Partial<BroadcasterOptions> & { readonly deposit?: bigint } = {}) {
    const person = new SimulatedBroadcaster({
      domain: testDomain,
      recipient: signer.address,
      wallet: createNativeSigner(createPrivateKey()),
      sessionKey: createNativeSigner(createPrivateKey()),
      streamId: randomHex(32),
      validUntil: clock.now + 30 * 86_400,
      ...change,
    })
    const { sender } = person.grant
    chain.fund(sender, { deposit: change.deposit ?? 10n ** 18n })
    person.quote = await till.cashier.quote({ sender, serviceId: '0xff3440acaadd778224c20d375e7833175ec7c084a21db162dd45b7d557b23e00' })
    return person
  }
  async function dispose() {
    await till.cashier.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return till
}

export const someOutputs = [{ rendition: '360p', frames: 48, bytes: 1_000, hash: `0x${'ab'.repeat(32)}` as Hex }]
export const someInput: Hex = `0x${'cd'.repeat(32)}`
