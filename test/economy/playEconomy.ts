// The paper's whole economy on a real chain, through the SDK's actions alone: orchestrators with different commissions,
// delegators, broadcasters with real tickets, inflation, fees split at the committed share, one who moves, one who leaves, a
// squeeze, a hot key that is revoked. At the end everybody takes everything out, and what was put in is there to the wei.
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { roundsAbi, stakingAbi, streamflowTokenAbi, ticketBrokerAbi } from '@streamflow/contracts'
import {
  announceCommission, bond, claimReward, delegate, fund, getCommission, getDelegation, initializeRound, isStreamflowError, listOrchestrators, redelegate, register, setSigner,
  unbond, unlock, withdraw, withdrawFees, withdrawStake, type Network,
} from '@streamflow/sdk'
import { getCurrentRound } from '@streamflow/sdk/chain'
import { computeRandHash, hashTicket, type Ticket } from '@streamflow/sdk/payments'
import { createPublicClient, createTestClient, createWalletClient, http, parseEther, parseEventLogs, publicActions, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { deployerKey } from '../../examples/network/accounts.mjs'
import { findFreePort } from '../../examples/network/findFreePort.mjs'
import { describeLocalChain, startChain } from '../../examples/network/startChain.mjs'

type Hex = `0x${string}`

/** A row of the table: where somebody ended. wei. */
export interface EconomyRow {
  readonly who: string
  readonly put: bigint
  readonly tokensBack: bigint
  readonly feesBack: bigint
}

/** How it went. wei. */
export interface Economy {
  readonly rounds: number
  readonly rows: readonly EconomyRow[]
  /** Ether that nobody got back and no contract holds. */
  readonly weiLost: bigint
  /** Tokens likewise. */
  readonly tokensLost: bigint
  /** What rounding down left in the contracts: ether, and tokens. */
  readonly dust: { readonly wei: bigint; readonly tokens: bigint }
  /** Whether nothing of anybody's is left in the contracts. */
  readonly isWithdrawn: boolean
  readonly minted: bigint
  readonly fees: bigint
  /** Largest difference, over delegators and rounds, between a share of fees and its computation from stakes: wei. */
  readonly worstShareError: bigint
  /** Tickets whose fees were not split at exactly the share that they commit to, or the announced one if it is higher. */
  readonly wrongSplits: number
}

const token = 10n ** 18n
const million = 1_000_000n
const surest = (1n << 256n) - 1n
const usualFaceValue = parseEther('0.01')
/** More than anybody needs for gas. */
const etherEach = parseEther('20')
/** Found as a package, so that this can also be bundled. */
const anvil = join(dirname(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')), 'bin.mjs')

const makeAccount = (): PrivateKeyAccount => privateKeyToAccount(generatePrivateKey())
const lower = (address: string): Hex => address.toLowerCase() as Hex
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n)

/** The chain, and what only its owner can do there: moving time, handing out money. */
class EconomyChain {
  readonly folder: string
  readonly network: Network
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
  }

  static async start(): Promise<EconomyChain> {
    const folder = mkdtempSync(join(tmpdir(), 'streamflow-economy-'))
    return new EconomyChain(folder, await startChain({ anvil, port: await findFreePort(0), folder }))
  }

  async close(): Promise<void> {
    await this.#child.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** The wallet of a key, for what no action does. */
  wallet(account: PrivateKeyAccount) {
    return createWalletClient({ account, chain: this.#described, transport: http(this.#rpcUrl) })
  }

  async endow(account: PrivateKeyAccount, tokens: bigint): Promise<void> {
    await this.#testClient.setBalance({ address: account.address, value: etherEach })
    const hash = await this.wallet(privateKeyToAccount(deployerKey)).writeContract({ address: this.network.contracts.token, abi: streamflowTokenAbi, functionName: 'transfer', args: [account.address, tokens] })
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

interface Member {
  readonly name: string
  readonly account: PrivateKeyAccount
  /** Tokens that it was given; wei. */
  readonly tokens: bigint
}

/** Where delegators stood when a round began. */
type Standings = readonly Awaited<ReturnType<typeof getDelegation>>[]

/** Everybody, and the books that are kept beside the chain's. */
class Play {
  readonly #chain: EconomyChain
  readonly orchestrators: readonly Member[]
  readonly delegators: readonly Member[]
  readonly broadcasters: readonly Member[]
  readonly minted: bigint[] = []
  readonly fees: bigint[] = []
  wrongSplits = 0
  worstShareError = 0n
  #nonce = 0n
  /** Fees that this round's stake gets, by orchestrator. */
  readonly #shared = new Map<Hex, bigint>()

  constructor(chain: EconomyChain) {
    this.#chain = chain
    const make = (name: string, count: number, tokens: bigint): Member[] => Array.from({ length: count }, (_, index) => ({ name: `${name} ${index + 1}`, account: makeAccount(), tokens: tokens * BigInt(index + 1) }))
    this.orchestrators = make('orchestrator', 3, 2_000n * token)
    this.delegators = make('delegator', 5, 331n * token + 7n)
    this.broadcasters = make('broadcaster', 2, 0n)
  }

  get everybody(): readonly Member[] {
    return [...this.orchestrators, ...this.delegators, ...this.broadcasters]
  }

  as({ account }: Pick<Member, 'account'>) {
    return { network: this.#chain.network, wallet: account }
  }

  async begin(): Promise<void> {
    for (const { account, tokens } of this.everybody) await this.#chain.endow(account, tokens)
    const commissions = [{ rewardCut: 100_000, feeShare: 400_000 }, { rewardCut: 0, feeShare: 800_000 }, { rewardCut: 500_000, feeShare: 100_000 }]
    for (const [index, each] of this.orchestrators.entries()) {
      await bond({ ...this.as(each), amount: each.tokens })
      await announceCommission({ ...this.as(each), ...(commissions[index] as (typeof commissions)[number]) })
      await register({ ...this.as(each), uri: `https://orchestrator-${index + 1}.example`, services: ['Transcoding'], regions: ['local'] })
    }
    for (const [index, each] of this.delegators.entries()) await delegate({ ...this.as(each), orchestrator: this.orchestratorAt(index).account.address, amount: each.tokens })
    for (const each of this.broadcasters) await fund({ ...this.as(each), deposit: parseEther('5'), reserve: parseEther('1'), escrow: parseEther('0.02') })
  }

  orchestratorAt(index: number): Member {
    return this.orchestrators[index % this.orchestrators.length] as Member
  }

  async reward(orchestrator: Member, by = orchestrator.account): Promise<void> {
    const { minted } = await claimReward({ ...this.as({ account: by }), orchestrator: orchestrator.account.address })
    this.minted.push(minted)
  }

  /** A ticket that wins, redeemed: what the broker pays is split at the share that it commits to. */
  async pay(broadcaster: Member, orchestrator: Member, { faceValue, feeShare }: { readonly faceValue: bigint; readonly feeShare: number }): Promise<void> {
    const { network, client } = this.#chain
    const [recipient, sender] = [orchestrator.account.address, broadcaster.account.address]
    const recipientRand = 1_234_567n + this.#nonce
    const round = await getCurrentRound(network)
    const creationRoundBlockHash = await client.readContract({ address: network.contracts.rounds, abi: roundsAbi, functionName: 'blockHashForRound', args: [round] })
    const ticket: Ticket = {
      recipient, sender, grant: `0x${'0'.repeat(64)}`, faceValue, winProb: surest, nonce: this.#nonce++, recipientRandHash: toHex(computeRandHash(Buffer.from(toHex(recipientRand, { size: 32 }).slice(2), 'hex'))),
      creationRound: round, creationRoundBlockHash, feeShare,
    }
    const signature = await broadcaster.account.sign({ hash: toHex(hashTicket({ chainId: network.chainId, ticketBroker: lower(network.contracts.ticketBroker) }, ticket)) })
    const hash = await this.#chain.wallet(orchestrator.account).writeContract({ address: network.contracts.ticketBroker, abi: ticketBrokerAbi, functionName: 'redeem', args: [{ ticket, signature, recipientRand }, faceValue] })
    const { logs, status } = await client.waitForTransactionReceipt({ hash })
    const [booked] = parseEventLogs({ abi: stakingAbi, eventName: 'FeesBooked', logs })
    if (status !== 'success' || booked === undefined) throw new Error(`the ticket of ${broadcaster.name} for ${orchestrator.name} was not paid`)
    const announced = (await getCommission({ network, orchestrator: recipient })).current?.feeShare ?? 0
    const { amount, shared } = booked.args
    if (amount !== faceValue || shared !== (amount * BigInt(Math.max(announced, feeShare))) / million) this.wrongSplits++
    this.fees.push(amount)
    this.#shared.set(lower(recipient), (this.#shared.get(lower(recipient)) ?? 0n) + shared)
  }

  /** A round begins: what its fees will be shared by. */
  async look(): Promise<Standings> {
    const { network } = this.#chain
    this.#shared.clear()
    return Promise.all(this.delegators.map(({ account }) => getDelegation({ network, delegator: account.address })))
  }

  /** One round of work: everybody pays everybody. */
  async work(): Promise<void> {
    const { network } = this.#chain
    for (const orchestrator of this.orchestrators) {
      const { feeShare = 0 } = (await getCommission({ network, orchestrator: orchestrator.account.address })).current ?? {}
      for (const broadcaster of this.broadcasters) {
        await this.pay(broadcaster, orchestrator, { faceValue: usualFaceValue + BigInt(this.fees.length) * 12_347n, feeShare })
      }
    }
  }

  /** Each delegator's part of the round's fees is what stakes said when it began, whoever moved or left since. */
  async compare(round: bigint, before: Standings): Promise<void> {
    const { network } = this.#chain
    for (const [index, { account }] of this.delegators.entries()) {
      const was = before[index]
      if (was?.orchestrator === undefined) continue
      const { fees } = await getDelegation({ network, delegator: account.address })
      const total = await this.#chain.getStakeAt(was.orchestrator, round)
      const due = total === 0n ? 0n : ((this.#shared.get(was.orchestrator) ?? 0n) * was.stake) / total
      const error = fees - was.fees - due
      this.worstShareError = [this.worstShareError, error < 0n ? -error : error].reduce((a, b) => (a > b ? a : b))
    }
  }

  /** Everything out: stake through locks, fees, funds. */
  async leave(): Promise<void> {
    const { network } = this.#chain
    for (const each of [...this.delegators, ...this.orchestrators]) {
      const { stake } = await getDelegation({ network, delegator: each.account.address })
      if (stake > 0n) await unbond({ ...this.as(each), amount: stake })
    }
    for (const each of this.broadcasters) await unlock(this.as(each))
    const isWaiting = async (): Promise<boolean> => (await Promise.all(this.everybody.map(({ account }) => getDelegation({ network, delegator: account.address })))).some(({ locks }) => locks.some(({ isOpen }) => !isOpen))
    while (await isWaiting()) await this.#chain.nextRound()
    for (const each of this.broadcasters) await withdraw(this.as(each))
  }

  /** @returns what each got back */
  async collect(): Promise<readonly EconomyRow[]> {
    const { network } = this.#chain
    const rows: EconomyRow[] = []
    for (const each of [...this.orchestrators, ...this.delegators]) {
      const { locks, fees } = await getDelegation({ network, delegator: each.account.address })
      for (const { id } of locks) await withdrawStake({ ...this.as(each), lockId: id })
      if (fees > 0n) await withdrawFees({ ...this.as(each), to: lower(each.account.address) })
      rows.push({ who: each.name, put: each.tokens, tokensBack: await this.#chain.getTokens(each.account.address), feesBack: fees })
    }
    return rows
  }

  async isWithdrawn(): Promise<boolean> {
    const { network, client } = this.#chain
    const delegations = await Promise.all(this.everybody.map(({ account }) => getDelegation({ network, delegator: account.address })))
    const funds = await Promise.all(this.broadcasters.map(({ account }) => client.readContract({ address: network.contracts.ticketBroker, abi: ticketBrokerAbi, functionName: 'senderInfo', args: [account.address] })))
    return delegations.every(({ stake, fees, locks }) => stake === 0n && fees === 0n && locks.length === 0) && funds.every((info) => info.deposit + info.reserve + info.escrow === 0n)
  }
}

/** @throws if `act` is not refused by the contracts with this error */
async function expectRefusal(name: string, act: () => Promise<unknown>): Promise<void> {
  const refusal = await act().then(() => undefined, (error: unknown) => error)
  if (!isStreamflowError(refusal) || refusal.data['error'] !== name) throw new Error(`expected ${name}, got ${String(refusal)}`)
}

/** What happens beside work, by the number of the round. */
function plan(play: Play, chain: EconomyChain, hot: PrivateKeyAccount): Readonly<Record<number, () => Promise<unknown>>> {
  const [first, second, third] = play.orchestrators as readonly [Member, Member, Member]
  const [, mover, leaver] = play.delegators as readonly [Member, Member, Member]
  return {
    2: async () => {
      await chain.endow(hot, 0n)
      await setSigner({ ...play.as(first), signer: hot.address })
    },
    3: () => redelegate({ ...play.as(mover), orchestrator: first.account.address }),
    4: async () => unbond({ ...play.as(leaver), amount: (await getDelegation({ network: chain.network, delegator: leaver.account.address })).stake }),
    // A squeeze: the third gives less from two rounds on. Until then, and in tickets that commit to more, its delegators get what they were told.
    5: async () => {
      await expectRefusal('StakingCommissionStepTooLarge', () => announceCommission({ ...play.as(second), rewardCut: 500_000, feeShare: 0 }))
      await announceCommission({ ...play.as(third), rewardCut: 500_000, feeShare: 0 })
      // The orchestrator commits to nothing in a ticket; what is announced counts.
      await play.pay(play.broadcasters[0] as Member, third, { faceValue: usualFaceValue, feeShare: 0 })
      await expectRefusal('StakingCommissionPending', () => announceCommission({ ...play.as(third), rewardCut: 500_000, feeShare: 50_000 }))
    },
    6: async () => {
      await setSigner({ ...play.as(first), signer: undefined })
      await expectRefusal('StakingNotSigner', () => play.reward(first, hot))
    },
    // Announced to give nothing, committed to half: the ticket counts.
    8: () => play.pay(play.broadcasters[1] as Member, third, { faceValue: usualFaceValue, feeShare: 500_000 }),
  }
}

/**
 * Plays so many rounds, at least 9, and adds up.
 * @param options.onRound - told as it goes on
 */
export async function playEconomy({ rounds, onRound }: { readonly rounds: number; readonly onRound?: (round: bigint) => void }): Promise<Economy> {
  if (rounds < 9) throw new Error('the plan takes 9 rounds')
  const chain = await EconomyChain.start()
  try {
    const { network, client } = chain
    const { ticketBroker, staking, token: tokenAddress } = network.contracts
    const getSupply = (): Promise<bigint> => client.readContract({ address: tokenAddress, abi: streamflowTokenAbi, functionName: 'totalSupply' })
    const supply = await getSupply()
    const play = new Play(chain)
    await play.begin()
    const putUp = await client.getBalance({ address: ticketBroker })
    const hot = makeAccount()
    const events = plan(play, chain, hot)
    for (let count = 1; count <= rounds; count++) {
      const round = await chain.nextRound()
      await initializeRound(play.as(play.orchestratorAt(count)))
      const before = await play.look()
      await events[count]?.()
      await play.work()
      await play.compare(round, before)
      // From the third round to the fifth a hot key takes the first one's reward, from a server that never saw its own.
      for (const each of play.orchestrators) await play.reward(each, each === play.orchestrators[0] && count > 2 && count < 6 ? hot : each.account)
      onRound?.(round)
    }
    if ((await listOrchestrators({ network })).length !== play.orchestrators.length) throw new Error('somebody is not listed')
    await play.leave()
    const left = putUp - sum(play.fees)
    const rows = await play.collect()
    const [brokerWei, stakingWei, stakingTokens, treasury, ended] = await Promise.all([
      client.getBalance({ address: ticketBroker }),
      client.getBalance({ address: staking }),
      chain.getTokens(staking),
      chain.getTokens(privateKeyToAccount(deployerKey).address),
      getSupply(),
    ])
    // The broker gave back all that no ticket took; what the tickets took was paid out, but for what rounding down left.
    const givenBack = putUp - brokerWei - sum(play.fees)
    return {
      rounds,
      rows,
      weiLost: left - givenBack + (sum(play.fees) - sum(rows.map(({ feesBack }) => feesBack)) - stakingWei),
      tokensLost: ended - (treasury + stakingTokens + sum(rows.map(({ tokensBack }) => tokensBack))),
      // What is left in a pool that empties is burned.
      dust: { wei: stakingWei, tokens: stakingTokens + supply + sum(play.minted) - ended },
      isWithdrawn: await play.isWithdrawn(),
      minted: sum(play.minted),
      fees: sum(play.fees),
      worstShareError: play.worstShareError,
      wrongSplits: play.wrongSplits,
    }
  } finally {
    await chain.close()
  }
}
