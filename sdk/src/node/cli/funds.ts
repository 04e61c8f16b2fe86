/** `funds`, `fund`, `reserve`, `unlock`, `withdraw`: what backs a broadcaster's tickets. */

import { cancelUnlock, designateReserve, fund, getFunds, unlock, withdraw } from '../../actions/funds.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { formatAmount, readAddressFlag, readAmount, requireAmount } from './amounts.js'
import type { Command } from './command.js'
import type { Context } from './openContext.js'
import { report } from './report.js'

const readParts = ({ flags }: Context) => {
  const [deposit, reserve, escrow] = ['deposit', 'reserve', 'escrow'].map((name) => readAmount(name, flags[name], 'ether'))
  return { ...(deposit !== undefined && { deposit }), ...(reserve !== undefined && { reserve }), ...(escrow !== undefined && { escrow }) }
}

async function describeFunds({ network }: Context, sender: `0x${string}`) {
  const funds = await getFunds({ network: await network(), sender })
  const { deposit, reserve, escrow, state, withdrawRound, currentRound } = funds
  const words = { empty: 'nothing is there', locked: 'locked', unlocking: `unlocking until round ${withdrawRound}, it is ${currentRound}`, withdrawable: 'to be withdrawn' }
  return { facts: { sender, ...funds }, sentence: `${sender}: deposit ${formatAmount(deposit)} ETH, reserve ${formatAmount(reserve)} ETH, escrow ${formatAmount(escrow)} ETH; ${words[state]}` }
}

/** Does it, and shows what is there then. */
async function change(context: Context, act: () => Promise<{ readonly hash: string }>, whose?: `0x${string}`): Promise<number> {
  const { hash } = await act()
  const { facts, sentence } = await describeFunds(context, whose ?? (await context.account()))
  report({ transaction: hash, ...facts }, { ...context, sentence })
  return 0
}

/** `funds` */
export const fundsCommand: Command<Context> = {
  usage: 'funds [--account <address>] [--json]',
  summary: 'show deposit, reserve and escrow, and whether they can be withdrawn',
  example: 'funds',
  async run(context) {
    const { facts, sentence } = await describeFunds(context, await context.account())
    report(facts, { ...context, sentence })
    return 0
  },
}

/** `fund` */
export const fundCommand: Command<Context> = {
  usage: 'fund [--deposit <ether>] [--reserve <ether>] [--escrow <ether>] [--to <address>] [--json]',
  summary: 'put up what backs tickets: the key’s own, or with --to those of another account, which owns it then',
  example: 'fund --deposit 0.5 --reserve 0.25 --escrow 0.02',
  details: 'The deposit pays any orchestrator; the reserve those it is designated to, once the deposit is spent; the escrow burns in part when a winner cannot be paid. Most orchestrators want an escrow of 0.01 ETH. For another account: a deposit or a reserve alone.',
  async run(context) {
    const parts = readParts(context)
    if (Object.keys(parts).length === 0) throw new StreamflowError('InvalidArgument', 'expected --deposit, --reserve or --escrow with ether')
    const { to } = context.flags
    const sender = to === undefined ? undefined : readAddressFlag('to', to)
    return change(context, async () => fund({ network: await context.network(), wallet: await context.wallet(), ...parts, ...(sender && { sender }) }), sender)
  },
}

/** `reserve` */
export const reserveCommand: Command<Context> = {
  usage: 'reserve --orchestrator <address> --amount <ether> [--json]',
  summary: 'designate part of the reserve to an orchestrator, from the next round on',
  example: 'reserve --orchestrator 0x1111111111111111111111111111111111111111 --amount 0.1',
  async run(context) {
    const { flags } = context
    const amount = requireAmount('amount', flags['amount'], 'ether')
    if (flags['orchestrator'] === undefined) throw new StreamflowError('InvalidArgument', 'expected --orchestrator with an address')
    const orchestrator = readAddressFlag('orchestrator', flags['orchestrator'])
    return change(context, async () => designateReserve({ network: await context.network(), wallet: await context.wallet(), designations: [{ orchestrator, amount }] }))
  },
}

/** `unlock` */
export const unlockCommand: Command<Context> = {
  usage: 'unlock [--json]',
  summary: 'start the wait after which everything can be withdrawn; no tickets are taken meanwhile',
  example: 'unlock',
  run: (context) => change(context, async () => unlock({ network: await context.network(), wallet: await context.wallet() })),
}

/** `unlock cancel` */
export const unlockCancelCommand: Command<Context> = {
  usage: 'unlock cancel [--json]',
  summary: 'call the wait off',
  example: 'unlock cancel',
  run: (context) => change(context, async () => cancelUnlock({ network: await context.network(), wallet: await context.wallet() })),
}

/** `withdraw` */
export const withdrawCommand: Command<Context> = {
  usage: 'withdraw [--to <address>] [--deposit <ether>] [--reserve <ether>] [--escrow <ether>] [--json]',
  summary: 'take back everything, or parts, once the wait is over',
  example: 'withdraw',
  run: (context) =>
    change(context, async () => {
      const to = context.flags['to']
      return withdraw({ network: await context.network(), wallet: await context.wallet(), ...readParts(context), ...(to !== undefined && { to: readAddressFlag('to', to) }) })
    }),
}
