// The chain of the economy, and what only its owner can do there: moving time, handing out money.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { roundsAbi, stakingAbi, streamflowTokenAbi } from '@streamflow/contracts'
import type { Network } from '@streamflow/sdk'
import { getCurrentRound } from '@streamflow/sdk/chain'
import { createPublicClient, createTestClient, createWalletClient, http, parseEther, publicActions } from 'viem'
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { deployerKey } from '../../examples/network/accounts.mjs'
import { findFreePort } from '../../examples/network/findFreePort.mjs'
import { describeLocalChain, startChain } from '../../examples/network/startChain.mjs'

type Hex = `0x${string}`

/** More than anybody needs for gas. */
const etherEach = parseEther('20')
/** Longer than what is done in one takes, and so short that grants of some hours outlast what is skipped of the others. */
const roundLengthSeconds = 300
/** Found as a package, so that this can also be bundled. */
const anvil = join(dirname(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')), 'bin.mjs')

/** A chain of its own, with all contracts. */
export class EconomyChain {
  readonly folder: string
  readonly network: Network
  /** Its description, as a file. */
  readonly networkFile: string
  readonly client
  readonly #child: { stop(): Promise<unknown> }
  readonly #described
  readonly #rpcUrl: string
  readonly #testClient

  private constructor(folder: string, chain: Awaited<ReturnType<typeof startChain>>) {
    this.folder = folder
    this.#child = chain.child
    this.#rpcUrl = chain.rpcUrl
    this.#described = describeLocalChain(chain.rpcUrl)
    const parts = { chain: this.#described, transport: http(chain.rpcUrl), pollingInterval: 20 }
    this.client = createPublicClient(parts)
    this.#testClient = createTestClient({ mode: 'anvil', ...parts }).extend(publicActions)
    const { chainId, contracts } = chain.deployment
    this.network = { chainId, rpcUrls: [chain.rpcUrl], contracts } as unknown as Network
    this.networkFile = join(folder, 'network.json')
    writeFileSync(this.networkFile, JSON.stringify(this.network))
  }

  static async start(): Promise<EconomyChain> {
    const folder = mkdtempSync(join(tmpdir(), 'streamflow-economy-'))
    return new EconomyChain(folder, await startChain({ anvil, port: await findFreePort(0), folder, roundLengthSeconds }))
  }

  async close(): Promise<void> {
    await this.#child.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** The wallet of a key, for what no action does. */
  wallet(account: PrivateKeyAccount) {
    return createWalletClient({ account, chain: this.#described, transport: http(this.#rpcUrl) })
  }

  async endow({ address }: { readonly address: Hex }, tokens: bigint): Promise<void> {
    await this.#testClient.setBalance({ address, value: etherEach })
    const hash = await this.wallet(privateKeyToAccount(deployerKey)).writeContract({ address: this.network.contracts.token, abi: streamflowTokenAbi, functionName: 'transfer', args: [address, tokens] })
    await this.client.waitForTransactionReceipt({ hash })
  }

  /** Into the next round, which nobody has initialized. */
  async nextRound(): Promise<bigint> {
    const [, , end] = await this.client.readContract({ address: this.network.contracts.rounds, abi: roundsAbi, functionName: 'currentRoundState' })
    await this.#testClient.setNextBlockTimestamp({ timestamp: end })
    await this.#testClient.mine({ blocks: 1 })
    return getCurrentRound(this.network)
  }

  getTokens(account: Hex): Promise<bigint> {
    return this.client.readContract({ address: this.network.contracts.token, abi: streamflowTokenAbi, functionName: 'balanceOf', args: [account] })
  }

  /** wei staked behind an orchestrator when a round began. */
  getStakeAt(orchestrator: Hex, round: bigint): Promise<bigint> {
    return this.client.readContract({ address: this.network.contracts.staking, abi: stakingAbi, functionName: 'stakeAt', args: [orchestrator, round] })
  }
}
