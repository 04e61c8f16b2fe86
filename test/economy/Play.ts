// What everybody does, by commands alone.
import { getDelegation } from '@streamflow/sdk'
import { formatUnits, parseEther } from 'viem'
import { runFfmpeg } from '../harness/makeFootage.mjs'
import { until } from '../kit/until.js'
import { Books } from './Books.js'
import type { Orchestrator, People, Person } from './createPeople.js'
import type { EconomyChain } from './EconomyChain.js'

/** A row of the table: what somebody put in, and took out. wei. */
export interface EconomyRow {
  readonly who: string
  readonly tokensPut: bigint
  readonly tokensBack: bigint
  readonly etherPut: bigint
  readonly etherBack: bigint
}

/** Who sends to whom. */
export type Pair = readonly [broadcaster: Person, orchestrator: Orchestrator]

const decimals = 18
/** Percent of rewards that an orchestrator keeps, percent of fees that it gives. */
const commissions = [['10', '40'], ['50', '10'], ['0', '80']] as const
/** Ether behind each broadcaster's tickets; of the reserve each orchestrator has a third. */
const funds = { deposit: '5', reserve: '3', escrow: '0.1' }

const parseWei = (value: unknown): bigint => BigInt(String(value))
/** Tokens as commands take them. */
const format = (wei: bigint): string => formatUnits(wei, decimals)

/** Everybody, and the auditor's books. */
export class Play {
  readonly #chain: EconomyChain
  readonly orchestrators: readonly [Orchestrator, Orchestrator, Orchestrator]
  readonly delegators: readonly Person[]
  readonly broadcasters: readonly [Person, Person]
  readonly books: Books
  minted = 0n
  /** Of each broadcaster; wei. */
  readonly #putUp = new Map<Person, bigint>()

  constructor(chain: EconomyChain, people: People) {
    this.#chain = chain
    this.orchestrators = people.orchestrators as Play['orchestrators']
    this.delegators = people.delegators
    this.broadcasters = people.broadcasters as Play['broadcasters']
    this.books = new Books(chain, people)
  }

  get everybody(): readonly Person[] {
    return [...this.orchestrators, ...this.delegators, ...this.broadcasters]
  }

  async begin(): Promise<void> {
    for (const { account, tokens } of this.everybody) await this.#chain.endow(account, tokens)
    for (const [index, { run, tokens }] of this.orchestrators.entries()) {
      const [rewardCut, feeShare] = commissions[index] as (typeof commissions)[number]
      await run('bond', '--amount', format(tokens))
      await run('commission', 'set', '--reward-cut', rewardCut, '--fee-share', feeShare)
      await run('register')
    }
    for (const [index, { run, tokens }] of this.delegators.entries()) await run('stake', 'delegate', '--orchestrator', this.orchestratorAt(index).account.address, '--amount', format(tokens))
    const designated = format(parseEther(funds.reserve) / BigInt(this.orchestrators.length))
    for (const broadcaster of this.broadcasters) {
      const { run } = broadcaster
      await run('fund', '--deposit', funds.deposit, '--reserve', funds.reserve, '--escrow', funds.escrow)
      for (const { account } of this.orchestrators) await run('reserve', '--orchestrator', account.address, '--amount', designated)
      this.#putUp.set(broadcaster, await this.#readFunds(broadcaster))
    }
  }

  orchestratorAt(index: number): Orchestrator {
    return this.orchestrators[index % this.orchestrators.length] as Orchestrator
  }

  async reward({ run }: Pick<Person, 'run'>): Promise<void> {
    this.minted += parseWei((await run('reward'))['mintedUnits'])
  }

  /** Broadcasts of so many seconds, at once; each second is a segment, and every one of them comes to its receipt. */
  async broadcast(pairs: readonly Pair[], seconds: number): Promise<void> {
    const clip = `${this.#chain.folder}/${seconds}.mp4`
    runFfmpeg(['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=10:duration=${seconds}`, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-pix_fmt', 'yuv420p', clip])
    await Promise.all(pairs.map(async ([{ name, run }, { name: whose, region, account }]) => {
      const { orchestrator, segmentsSettled, segmentsLost } = await run('broadcast', clip, '--region', region, '--budget', '2')
      if (String(orchestrator).toLowerCase() !== account.address.toLowerCase()) throw new Error(`${name} was served by ${String(orchestrator)} instead of ${whose}`)
      if (segmentsSettled !== seconds || segmentsLost !== 0) throw new Error(`${name} at ${whose}: ${String(segmentsSettled)} of ${seconds} segments, ${String(segmentsLost)} lost`)
    }))
  }

  /** Broadcasts, and everything that was won is on the chain when this resolves. */
  async pay(pairs: readonly Pair[], seconds: number): Promise<void> {
    await this.broadcast(pairs, seconds)
    await Promise.all(this.orchestrators.map(({ server }) => server.untilPaid()))
  }

  /** Resolves when an orchestrator has taken so many segments of a stream that is on air. */
  async untilOnAir({ name, server }: Orchestrator, segments: number): Promise<void> {
    await until(`${name} is on air`, async () => ((await server.run('streams', 'list'))['streams'] as readonly { readonly segments: number; readonly isConnected: boolean }[]).some((stream) => stream.isConnected && stream.segments >= segments))
  }

  /** Everything out: stake through locks, fees, funds. */
  async leave(): Promise<readonly EconomyRow[]> {
    const { network } = this.#chain
    for (const { account, run } of [...this.delegators, ...this.orchestrators]) {
      const { stake } = await getDelegation({ network, delegator: account.address })
      if (stake > 0n) await run('stake', 'unbond', '--amount', format(stake))
    }
    for (const { run } of this.broadcasters) await run('unlock')
    const isWaiting = async (): Promise<boolean> => (await Promise.all(this.everybody.map(({ account }) => getDelegation({ network, delegator: account.address })))).some(({ locks }) => locks.some(({ isOpen }) => !isOpen))
    while (await isWaiting()) await this.#chain.nextRound()
    const rows: EconomyRow[] = []
    const note = async ({ name, tokens, account }: Person, etherPut: bigint, etherBack: bigint): Promise<void> => void rows.push({ who: name, tokensPut: tokens, tokensBack: await this.#chain.getTokens(account.address), etherPut, etherBack })
    for (const each of this.orchestrators) {
      await each.run('stake', 'withdraw')
      await note(each, 0n, parseWei((await each.run('fees', 'withdraw'))['withdrawnWei']))
    }
    for (const each of this.delegators) await note(each, 0n, parseWei((await each.run('stake', 'withdraw'))['fees']))
    for (const each of this.broadcasters) {
      const back = await this.#readFunds(each)
      await each.run('withdraw')
      await note(each, this.#putUp.get(each) ?? 0n, back - (await this.#readFunds(each)))
    }
    return rows
  }

  /** Whether nothing of anybody's is left in the contracts. */
  async isWithdrawn(): Promise<boolean> {
    const { network } = this.#chain
    const delegations = await Promise.all(this.everybody.map(({ account }) => getDelegation({ network, delegator: account.address })))
    const left = await Promise.all(this.broadcasters.map((each) => this.#readFunds(each)))
    return delegations.every(({ stake, fees, locks }) => stake === 0n && fees === 0n && locks.length === 0) && left.every((wei) => wei === 0n)
  }

  async #readFunds({ run }: Person): Promise<bigint> {
    const { deposit, reserve, escrow } = await run('funds')
    return [deposit, reserve, escrow].reduce<bigint>((sum, each) => sum + parseWei(each), 0n)
  }

  async close(): Promise<void> {
    await Promise.all(this.orchestrators.map(({ server }) => server.stop()))
  }
}
