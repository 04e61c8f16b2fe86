// The books that an auditor keeps beside the chain's: what each ticket committed to, and what each stake is due of it.
import { stakingAbi, ticketBrokerAbi } from '@streamflow/contracts'
import { getCommission, getDelegation } from '@streamflow/sdk'
import type { EconomyChain } from './EconomyChain.js'

type Hex = `0x${string}`
type Account = { readonly account: { readonly address: Hex } }

/** Where a delegator stood when a round began. */
type Standing = Awaited<ReturnType<typeof getDelegation>>

/** Fees of one orchestrator's tickets of one round that its stake gets; wei. */
interface Shared {
  readonly orchestrator: Hex
  readonly round: bigint
  readonly amount: bigint
}

const million = 1_000_000n
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** Kept from the first round to the last. */
export class Books {
  readonly #chain: EconomyChain
  readonly #orchestrators: readonly Account[]
  readonly #delegators: readonly Account[]
  /** By round. */
  readonly #standings = new Map<bigint, readonly Standing[]>()
  /** What is announced for a round, parts per million; by round and orchestrator. */
  readonly #announced = new Map<string, number>()
  #before: readonly Standing[] = []
  #nextBlock = 0n
  /** What tickets were paid; wei. */
  fees = 0n
  /** Bookings of another share than committed, or announced if that is more. */
  wrongSplits = 0
  /** Largest difference between what a delegator got and what stakes say; wei. */
  worstShareError = 0n

  constructor(chain: EconomyChain, { orchestrators, delegators }: { readonly orchestrators: readonly Account[]; readonly delegators: readonly Account[] }) {
    this.#chain = chain
    this.#orchestrators = orchestrators
    this.#delegators = delegators
  }

  /** A round began: what its fees will be split and shared by. */
  async open(round: bigint): Promise<void> {
    const { network } = this.#chain
    for (const { account: { address } } of this.#orchestrators) {
      this.#announced.set(`${round} ${address}`, (await getCommission({ network, orchestrator: address })).current?.feeShare ?? 0)
    }
    this.#before = await this.#look()
    this.#standings.set(round, this.#before)
  }

  /** Compares what came since it began with what was due: of tickets of this round, and of earlier ones that were held back. */
  async close(): Promise<void> {
    const shared = await this.#readBookings()
    const totals = await Promise.all(shared.map(({ orchestrator, round }) => this.#chain.getStakeAt(orchestrator, round)))
    for (const [index, { fees }] of (await this.#look()).entries()) {
      const due = shared.reduce((sum, { orchestrator, round, amount }, each) => {
        const stood = this.#standings.get(round)?.[index]
        return stood?.orchestrator?.toLowerCase() === orchestrator.toLowerCase() ? sum + (amount * stood.stake) / (totals[each] ?? 1n) : sum
      }, 0n)
      const error = fees - (this.#before[index]?.fees ?? 0n) - due
      this.worstShareError = larger(this.worstShareError, error < 0n ? -error : error)
    }
  }

  #look(): Promise<readonly Standing[]> {
    return Promise.all(this.#delegators.map(({ account }) => getDelegation({ network: this.#chain.network, delegator: account.address })))
  }

  /** What was booked in blocks that were not read yet, each booking held against the tickets of its transaction. */
  async #readBookings(): Promise<readonly Shared[]> {
    const { client, network: { contracts: { ticketBroker, staking } } } = this.#chain
    const toBlock = await client.getBlockNumber()
    const blocks = { fromBlock: this.#nextBlock, toBlock, strict: true } as const
    this.#nextBlock = toBlock + 1n
    const [tickets, bookings] = await Promise.all([
      client.getContractEvents({ address: ticketBroker, abi: ticketBrokerAbi, eventName: 'WinningTicketRedeemed', ...blocks }),
      client.getContractEvents({ address: staking, abi: stakingAbi, eventName: 'FeesBooked', ...blocks }),
    ])
    const byRound = new Map<string, Shared>()
    for (const { transactionHash, args: { orchestrator, round, amount, shared } } of bookings) {
      const paid = tickets.filter((ticket) => ticket.transactionHash === transactionHash && ticket.args.recipient === orchestrator)
      const announced = this.#announced.get(`${round} ${orchestrator}`) ?? 0
      const due = paid.map(({ args: { feeShare } }) => (amount * BigInt(Math.max(announced, feeShare))) / million)
      if (due.length === 0 || due.some((each) => each !== shared)) this.wrongSplits++
      const key = `${round} ${orchestrator}`
      byRound.set(key, { orchestrator, round, amount: (byRound.get(key)?.amount ?? 0n) + shared })
    }
    const [redeemed, booked] = [tickets.map(({ args }) => args.paid), bookings.map(({ args }) => args.amount)].map((amounts) => amounts.reduce((sum, each) => sum + each, 0n)) as [bigint, bigint]
    if (redeemed !== booked) this.wrongSplits++
    this.fees += redeemed
    return [...byRound.values()]
  }
}
