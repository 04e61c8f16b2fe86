// The paper's whole economy on a real chain, by the commands of both programs alone: orchestrators with different commissions and
// servers of their own, delegators, broadcasters whose tickets pay for real streams, inflation, fees split at the committed share,
// one who moves, one who leaves, a squeeze, hot keys that are revoked and rotated within a stream. At the end everybody takes everything out,
// and what was put in is there to the wei. What is read beside the commands is what an auditor would look at.
import { join } from 'node:path'
import { streamflowTokenAbi } from '@streamflow/contracts'
import { privateKeyToAccount } from 'viem/accounts'
import { deployerKey } from '../../examples/network/accounts.mjs'
import { createPeople } from './createPeople.js'
import { EconomyChain } from './EconomyChain.js'
import { Play, type EconomyRow, type Pair } from './Play.js'

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
  /** Bookings of fees that were not split at exactly the share that their tickets commit to, or the announced one if it is higher. */
  readonly wrongSplits: number
}

/** Rounds with a part in the plan. */
const plannedRounds = 9
/** Long enough that winners are drawn. */
const usualSeconds = 4
/** Long enough for a server to end, to go over to another key and to come back. */
const longSeconds = 12

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n)

/** @throws if the contracts do not refuse with this error what a command asks for */
async function expectRefusal(name: string, act: Promise<unknown>): Promise<void> {
  const refusal = await act.then(() => 'nothing', (error: unknown) => String(error))
  if (!refusal.includes(name)) throw new Error(`expected ${name}, got ${refusal}`)
}

/** What happens beside rewards, by the number of the round. */
function plan(play: Play, chain: EconomyChain): Readonly<Record<number, () => Promise<unknown>>> {
  const [first, second, third] = play.orchestrators
  const [one, other] = play.broadcasters
  const [, , , mover, leaver] = play.delegators as readonly [Play['delegators'][number], Play['delegators'][number], Play['delegators'][number], Play['delegators'][number], Play['delegators'][number]]
  const announce = ({ run }: typeof third, rewardCut: string, feeShare: string) => run('commission', 'set', '--reward-cut', rewardCut, '--fee-share', feeShare)
  return {
    // Two of them leave their own key at home: their servers sign with another from now on.
    2: async () => {
      for (const { run, server, hot } of [first, second]) {
        await chain.endow(hot.account, 0n)
        await run('signer', 'set', '--signer', hot.account.address)
        server.change(hot.settings)
      }
      await Promise.all(play.orchestrators.map(({ server }) => server.start()))
    },
    // Who moves within a round is paid where it stood when that began.
    3: async () => {
      await mover.run('stake', 'move', '--to', third.account.address)
      await play.pay([[one, first], [one, second], [other, third]], usualSeconds)
    },
    4: async () => leaver.run('stake', 'unbond', '--amount', 'all'),
    // A squeeze: the third, to which people move because it gives most, gives less from two rounds on, …
    5: async () => {
      await expectRefusal('StakingCommissionStepTooLarge', announce(second, '100', '0'))
      await announce(third, '10', '70')
      await expectRefusal('StakingCommissionPending', announce(third, '10', '60'))
    },
    // … and holds back what it wins until then. In the same round hot keys change within a stream: the first one's is revoked,
    // the second one's gives way to another.
    6: async () => {
      await third.server.stop()
      third.server.change({ redemption: { enabled: false } })
      await third.server.start()
      const changed: readonly Pair[] = [[other, first], [other, second]]
      await Promise.all([play.broadcast([[one, third]], usualSeconds), play.broadcast(changed, longSeconds), revokeWithinStream(play), rotateWithinStream(play, chain)])
      await Promise.all([first, second].map(({ server }) => server.untilPaid()))
    },
    // Less is given now; what was won before is split as it was committed all the same.
    7: async () => {
      await third.server.stop()
      third.server.change({})
      await third.server.start()
      await third.server.untilPaid()
    },
  }
}

/** By the runbook: revoked where the own key is, and the ledger goes over to that key, which the server has from then on. */
async function revokeWithinStream(play: Play): Promise<void> {
  const [{ run, server, hot, keyFile }] = play.orchestrators
  await play.untilOnAir(play.orchestrators[0], 3)
  await run('signer', 'revoke')
  await server.stop()
  server.change({})
  await server.run('ledger', 'reseal', '--old-key-file', hot.keyFile, '--key-file', keyFile)
  await server.start()
  await expectRefusal('StakingNotSigner', server.run('reward', '--key-file', hot.keyFile, '--key-orchestrator', play.orchestrators[0].account.address))
}

/** By the runbook: a new key is made and named where the own key is, the ledger goes over to it, the server has it from then on. */
async function rotateWithinStream(play: Play, chain: EconomyChain): Promise<void> {
  const [, second] = play.orchestrators
  const { run, server, hot, account } = second
  await play.untilOnAir(second, 3)
  const keyFile = join(server.folder, 'hot-2.json')
  const { signer } = await run('signer', 'rotate', '--new-key-file', keyFile)
  await chain.endow({ address: signer as `0x${string}` }, 0n)
  await server.stop()
  server.change({ key: { file: keyFile, orchestrator: account.address } })
  await server.run('ledger', 'reseal', '--old-key-file', hot.keyFile, '--key-file', keyFile)
  await server.start()
  await expectRefusal('StakingNotSigner', server.run('reward', '--key-file', hot.keyFile))
}

interface EconomyOptions {
  /** At least 9. */
  readonly rounds: number
  /** Whether there are streams in every round, beside those of the plan. */
  readonly isBusy?: boolean
  /** Told as it goes on. */
  readonly onRound?: (round: bigint) => void
}

/** Plays so many rounds, and adds up. */
export async function playEconomy({ rounds, isBusy = false, onRound }: EconomyOptions): Promise<Economy> {
  if (rounds < plannedRounds) throw new Error(`the plan takes ${plannedRounds} rounds`)
  const chain = await EconomyChain.start()
  const play = new Play(chain, await createPeople(chain))
  try {
    const { network, client } = chain
    const { ticketBroker, staking, token } = network.contracts
    const getSupply = (): Promise<bigint> => client.readContract({ address: token, abi: streamflowTokenAbi, functionName: 'totalSupply' })
    const supply = await getSupply()
    await play.begin()
    const events = plan(play, chain)
    const [first, ...others] = play.orchestrators
    for (let count = 1; count <= rounds; count++) {
      const round = await chain.nextRound()
      await play.orchestratorAt(count).run('round', 'initialize')
      await play.books.open(round)
      await events[count]?.()
      if (isBusy && count > 7) await play.pay(play.orchestrators.map((each, index) => [play.broadcasters[(count + index) % 2] ?? play.broadcasters[0], each]), usualSeconds)
      await play.books.close()
      // From the second round to the fifth a hot key takes the first one's reward, on a machine that never saw its own.
      for (const each of [count > 1 && count < 6 ? first.server : first, ...others]) await play.reward(each)
      onRound?.(round)
    }
    const { orchestrators: listed } = (await play.delegators[0]?.run('stake', 'list')) ?? {}
    if ((listed as readonly unknown[]).length !== play.orchestrators.length) throw new Error('somebody is not listed')
    const rows = await play.leave()
    const [brokerWei, stakingWei, stakingTokens, treasury, ended] = await Promise.all([
      client.getBalance({ address: ticketBroker }),
      client.getBalance({ address: staking }),
      chain.getTokens(staking),
      chain.getTokens(privateKeyToAccount(deployerKey).address),
      getSupply(),
    ])
    return {
      rounds,
      rows,
      weiLost: sum(rows.map(({ etherPut, etherBack }) => etherPut - etherBack)) - stakingWei + brokerWei,
      tokensLost: ended - (treasury + stakingTokens + sum(rows.map(({ tokensBack }) => tokensBack))),
      // What is left in a pool that empties is burned.
      dust: { wei: stakingWei, tokens: stakingTokens + supply + play.minted - ended },
      isWithdrawn: await play.isWithdrawn(),
      minted: play.minted,
      fees: play.books.fees,
      worstShareError: play.books.worstShareError,
      wrongSplits: play.books.wrongSplits,
    }
  } finally {
    await play.close()
    await chain.close()
  }
}
