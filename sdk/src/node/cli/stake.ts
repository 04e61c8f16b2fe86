/** `stake …`: a delegator's view and moves. */

import { delegate } from '../../actions/delegate.js'
import { getDelegation } from '../../actions/getDelegation.js'
import { getDelegationHistory } from '../../actions/getDelegationHistory.js'
import { listOrchestrators, type OrchestratorSummary } from '../../actions/listOrchestrators.js'
import { rebond } from '../../actions/rebond.js'
import { redelegate } from '../../actions/redelegate.js'
import { unbond } from '../../actions/unbond.js'
import { withdrawFees } from '../../actions/withdrawFees.js'
import { withdrawStake } from '../../actions/withdrawStake.js'
import type { Commission } from '../../chain/staking.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { Address } from '../../units/hex.js'
import { formatAmount, readAddressFlag, readAmount, requireAmount } from './amounts.js'
import type { Command } from './command.js'
import { formatTable } from './formatTable.js'
import { describeLock, readLockFlag, requireLockFlag } from './locks.js'
import type { Context } from './openContext.js'
import { report } from './report.js'

const ppmPerPercent = 10_000

const describeCommission = (commission: Commission | undefined): string => (commission === undefined ? '—' : `${commission.rewardCut / ppmPerPercent} % / ${commission.feeShare / ppmPerPercent} %`)

function describeRow({ uri, orchestrator, stake, active, commission, coming, feesPerToken, expected, regions }: OrchestratorSummary): readonly string[] {
  return [
    orchestrator,
    uri,
    regions.join(' '),
    `${formatAmount(stake)}${active ? '' : ' (not active)'}`,
    describeCommission(commission),
    coming === undefined ? '' : `${describeCommission(coming)} from round ${coming.effectiveRound}`,
    feesPerToken.map(({ wei }) => String(wei)).join(' '),
    formatAmount(expected.rewards),
    formatAmount(expected.fees),
  ]
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,4}$/.test(text)) throw new StreamflowError('InvalidArgument', `--${name}: expected a number, got ${text}`)
  return Number(text)
}

function requireOrchestrator(flag: 'orchestrator' | 'to', { flags }: Context): Address {
  const text = flags[flag]
  if (text === undefined) throw new StreamflowError('InvalidArgument', `expected --${flag} with an orchestrator: see \`stake list\``)
  return readAddressFlag(flag, text)
}

/** `stake list` */
export const stakeListCommand: Command<Context> = {
  usage: 'stake list [--amount <tokens>] [--rounds <number>] [--limit <number>] [--json]',
  summary: 'orchestrators side by side: stake, commission now and coming, fees by token of stake in past rounds, what an amount may earn in a round',
  example: 'stake list --amount 1000',
  details: 'Commission: part of rewards that the orchestrator keeps / part of fees that it gives. Fees: wei for each token of stake, oldest round first. Expected: tokens and ether for the amount [1000], if all goes on as it did.',
  async run(context) {
    const { flags } = context
    const amount = readAmount('amount', flags['amount'], 'tokens') ?? 1_000n * 10n ** 18n
    const [rounds, limit] = [readCount('rounds', flags['rounds']), readCount('limit', flags['limit'])]
    const orchestrators = await listOrchestrators({ network: await context.network(), amount, ...(rounds !== undefined && { rounds }), ...(limit !== undefined && { limit }) })
    const head = ['orchestrator', 'address', 'regions', 'stake', 'keeps / gives', 'announced', 'fees per token', 'expected tokens', 'expected ETH']
    report({ amount, orchestrators }, { ...context, sentence: orchestrators.length === 0 ? 'nobody is registered' : formatTable(head, orchestrators.map(describeRow)).join('\n') })
    return 0
  },
}

/** `stake rewards` */
export const stakeRewardsCommand: Command<Context> = {
  usage: 'stake rewards [--account <address>] [--json]',
  summary: 'where the account’s stake stands, what it did, and what that has earned',
  example: 'stake rewards',
  async run(context) {
    const [network, delegator] = [await context.network(), await context.account()]
    const [delegation, history] = await Promise.all([getDelegation({ network, delegator }), getDelegationHistory({ network, delegator })])
    const { orchestrator, stake, fees, locks, liable } = delegation
    const lines = [
      orchestrator === undefined ? `${delegator}: nothing is staked` : `${delegator}: ${formatAmount(stake)} tokens behind ${orchestrator}`,
      `earned ${formatAmount(history.earned)} tokens; fees to withdraw ${formatAmount(fees)} ETH, withdrawn before ${formatAmount(history.feesWithdrawn)} ETH`,
      ...(liable === undefined ? [] : [`slashes of ${liable.to} still reach it until round ${liable.until}`]),
      ...locks.map(describeLock),
      ...history.steps.map(({ kind, amount, orchestrator: whom, blockNumber }) => `block ${blockNumber}: ${kind} ${formatAmount(amount)}${whom === undefined ? '' : ` (${whom})`}`),
    ]
    report({ delegator, ...delegation, ...history }, { ...context, sentence: lines.join('\n') })
    return 0
  },
}

/** `stake delegate` */
export const stakeDelegateCommand: Command<Context> = {
  usage: 'stake delegate --orchestrator <address> --amount <tokens> [--json]',
  summary: 'put tokens behind an orchestrator, or more of them; they count and earn from the next round on',
  example: 'stake delegate --orchestrator 0x1111111111111111111111111111111111111111 --amount 1000',
  async run(context) {
    const amount = requireAmount('amount', context.flags['amount'], 'tokens')
    const orchestrator = requireOrchestrator('orchestrator', context)
    const { stake, countsFrom, hash } = await delegate({ network: await context.network(), wallet: await context.wallet(), orchestrator, amount })
    report({ orchestrator, amount, stake, countsFrom, transaction: hash }, { ...context, sentence: `${formatAmount(stake)} tokens are behind ${orchestrator}; what was added counts from round ${countsFrom} on` })
    return 0
  },
}

/** `stake move` */
export const stakeMoveCommand: Command<Context> = {
  usage: 'stake move --to <address> [--json]',
  summary: 'move the whole stake to another orchestrator, at once',
  example: 'stake move --to 0x1111111111111111111111111111111111111111',
  async run(context) {
    const to = requireOrchestrator('to', context)
    const { from, amount, liableUntil, hash } = await redelegate({ network: await context.network(), wallet: await context.wallet(), orchestrator: to })
    report({ from, to, amount, liableUntil, transaction: hash }, { ...context, sentence: `${formatAmount(amount)} tokens are behind ${to}; slashes of ${from} still reach them until round ${liableUntil}` })
    return 0
  },
}

/** `stake unbond` */
export const stakeUnbondCommand: Command<Context> = {
  usage: 'stake unbond --amount <tokens>|all [--json]',
  summary: 'take stake out into a lock that opens after the unbonding period',
  example: 'stake unbond --amount 250',
  async run(context) {
    const typed = context.flags['amount'] === 'all' ? undefined : requireAmount('amount', context.flags['amount'], 'tokens')
    const [network, wallet] = [await context.network(), await context.wallet()]
    const amount = typed ?? (await getDelegation({ network, delegator: wallet.address })).stake
    const { lockId, withdrawRound, hash } = await unbond({ network, wallet, amount })
    report({ amount, lockId, withdrawRound, transaction: hash }, { ...context, sentence: `${formatAmount(amount)} tokens in lock ${lockId}, to be withdrawn from round ${withdrawRound} on` })
    return 0
  },
}

/** `stake rebond` */
export const stakeRebondCommand: Command<Context> = {
  usage: 'stake rebond --lock <number> [--json]',
  summary: 'put a lock back behind the orchestrator that it left',
  example: 'stake rebond --lock 0',
  async run(context) {
    const lockId = requireLockFlag(context.flags['lock'], 'stake rewards')
    const { orchestrator, amount, hash } = await rebond({ network: await context.network(), wallet: await context.wallet(), lockId })
    report({ lockId, orchestrator, amount, transaction: hash }, { ...context, sentence: `${formatAmount(amount)} tokens are behind ${orchestrator} again` })
    return 0
  },
}

/** `stake withdraw` */
export const stakeWithdrawCommand: Command<Context> = {
  usage: 'stake withdraw [--lock <number>] [--to <address>] [--json]',
  summary: 'take out locks that are open, and all fees (these to --to, if it is given)',
  example: 'stake withdraw',
  async run(context) {
    const { flags } = context
    const [network, wallet, wanted] = [await context.network(), await context.wallet(), readLockFlag(flags['lock'])]
    const to = flags['to'] === undefined ? wallet.address : readAddressFlag('to', flags['to'])
    const { locks, fees } = await getDelegation({ network, delegator: wallet.address })
    const stake: { readonly lockId: bigint; readonly amount: bigint }[] = []
    for (const lockId of wanted === undefined ? locks.filter(({ isOpen }) => isOpen).map(({ id }) => id) : [wanted]) {
      stake.push({ lockId, amount: (await withdrawStake({ network, wallet, lockId })).amount })
    }
    const paid = fees === 0n ? 0n : (await withdrawFees({ network, wallet, to })).amount
    const lines = [...stake.map(({ lockId, amount }) => `${formatAmount(amount)} tokens of lock ${lockId} withdrawn`), ...(paid === 0n ? [] : [`${formatAmount(paid)} ETH of fees withdrawn to ${to}`])]
    report({ stake, fees: paid, to }, { ...context, sentence: lines.length === 0 ? 'there is nothing to withdraw' : lines.join('\n') })
    return 0
  },
}
