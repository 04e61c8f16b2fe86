/** `stake …`: what backs this orchestrator's word: shown, put up, taken back. */

import { stakingMinimumSelfStakeFunction, stakingMinimumStakeFunction, streamflowTokenBalanceOfFunction } from '@streamflow/contracts'
import { bond, getDelegation, rebond, unbond, withdrawStake } from '@streamflow/sdk'
import { getRpc, readContract } from '@streamflow/sdk/chain'
import { describeLock, formatAmount, readLockFlag, report, requireAmount, requireLockFlag } from '@streamflow/sdk/cli'
import type { Command } from './command.js'
import { openOwner, readAccount, readNetwork } from './operator.js'
import { readRegistration } from './registration.js'

/** `stake show` */
export const stakeShowCommand: Command = {
  usage: 'stake show [--json]',
  summary: 'show own stake, the stake behind this orchestrator, what is on its way out, and what the network wants',
  example: 'stake show',
  async run({ load, print, isJson }) {
    const { config } = load()
    const network = readNetwork(config)
    const orchestrator = await readAccount(config)
    const { staking, token } = network.contracts
    const rpc = getRpc(network)
    const [{ stake: own, locks, currentRound }, { stake, isActive }, minimum, minimumOwn, held] = await Promise.all([
      getDelegation({ network, delegator: orchestrator }),
      readRegistration(network, orchestrator),
      readContract(rpc, { address: staking, fragment: stakingMinimumStakeFunction, args: [] }),
      readContract(rpc, { address: staking, fragment: stakingMinimumSelfStakeFunction, args: [] }),
      readContract(rpc, { address: token, fragment: streamflowTokenBalanceOfFunction, args: [orchestrator] }),
    ])
    const lines = [
      `${orchestrator}: own stake ${formatAmount(own)} tokens (at least ${formatAmount(minimumOwn)}), all stake behind it ${formatAmount(stake)} (at least ${formatAmount(minimum)}), ${isActive ? 'active' : 'not active'} in round ${currentRound}`,
      `${formatAmount(held)} tokens to bond`,
      ...locks.map(describeLock),
    ]
    report({ orchestrator, own, stake, minimumOwn, minimum, isActive, held, locks, currentRound }, { isJson, print, sentence: lines.join('\n') })
    return 0
  },
}

/** `stake bond`, and `bond` as it was called first. */
export const stakeBondCommand: Command = {
  usage: 'stake bond --amount <tokens> [--json]',
  summary: 'approve and bond tokens of the key’s account to this orchestrator (also: bond --amount <tokens>)',
  example: 'stake bond --amount 1000',
  details: 'Stake counts, and earns, from the next round on.',
  async run({ load, flags, print, isJson }) {
    const amount = requireAmount('amount', flags['amount'], 'tokens')
    const { network, wallet, address } = await openOwner(load().config, 'bond to itself')
    const { stake, countsFrom, hash } = await bond({ network, wallet, amount })
    const sentence = `${address}: bonded ${formatAmount(amount)} tokens, own stake ${formatAmount(stake)}; it counts from the next round on, round ${countsFrom}`
    report({ orchestrator: address, amount, stake, countsFrom, transaction: hash }, { isJson, print, sentence })
    return 0
  },
}

/** `stake unbond` */
export const stakeUnbondCommand: Command = {
  usage: 'stake unbond --amount <tokens>|all [--json]',
  summary: 'take own stake out into a lock that opens after the unbonding period',
  example: 'stake unbond --amount 250',
  details: 'Below the network’s minimum the orchestrator gets no work from the next round on. Slashes reach the lock until it opens.',
  async run({ load, flags, print, isJson }) {
    const typed = flags['amount'] === 'all' ? undefined : requireAmount('amount', flags['amount'], 'tokens')
    const { network, wallet, address } = await openOwner(load().config, 'unbond its stake')
    const amount = typed ?? (await getDelegation({ network, delegator: address })).stake
    const { lockId, withdrawRound, hash } = await unbond({ network, wallet, amount })
    const sentence = `${address}: ${formatAmount(amount)} tokens in lock ${lockId}, to be withdrawn from round ${withdrawRound} on`
    report({ orchestrator: address, amount, lockId, withdrawRound, transaction: hash }, { isJson, print, sentence })
    return 0
  },
}

/** `stake rebond` */
export const stakeRebondCommand: Command = {
  usage: 'stake rebond --lock <number> [--json]',
  summary: 'bond a lock again',
  example: 'stake rebond --lock 0',
  async run({ load, flags, print, isJson }) {
    const lockId = requireLockFlag(flags['lock'], 'stake show')
    const { network, wallet, address } = await openOwner(load().config, 'bond its locks again')
    const { amount, hash } = await rebond({ network, wallet, lockId })
    report({ orchestrator: address, lockId, amount, transaction: hash }, { isJson, print, sentence: `${address}: ${formatAmount(amount)} tokens of lock ${lockId} are bonded again` })
    return 0
  },
}

/** `stake withdraw` */
export const stakeWithdrawCommand: Command = {
  usage: 'stake withdraw [--lock <number>] [--json]',
  summary: 'take out locks that are open: one, or all',
  example: 'stake withdraw',
  async run({ load, flags, print, isJson }) {
    const wanted = readLockFlag(flags['lock'])
    const { network, wallet, address } = await openOwner(load().config, 'withdraw its stake')
    const open = (await getDelegation({ network, delegator: address })).locks.filter(({ isOpen }) => isOpen).map(({ id }) => id)
    const paid: { readonly lockId: bigint; readonly amount: bigint; readonly transaction: string }[] = []
    for (const lockId of wanted === undefined ? open : [wanted]) {
      const { amount, hash } = await withdrawStake({ network, wallet, lockId })
      paid.push({ lockId, amount, transaction: hash })
    }
    const sentence = paid.length === 0 ? 'no lock is open' : paid.map(({ lockId, amount }) => `${formatAmount(amount)} tokens of lock ${lockId} withdrawn`).join('\n')
    report({ orchestrator: address, withdrawn: paid }, { isJson, print, sentence: `${address}: ${sentence}` })
    return 0
  },
}
