/**
 * What a stream leaves over at its end, credit or debt, goes to its sender's next stream here, which spends or pays it
 * first: debt belongs to the sender, not to a name that it may leave behind. It is carried with the first ticket, by which
 * a stream becomes its sender's; until then it is only looked at. The statement of the stream that ended stays as it was
 * signed; what was carried on pays for nothing more on its account.
 */

import { computeFree, type Account } from '@streamflow/sdk/payments'
import { recordStream, type AccountState } from './accounts.js'
import type { AccountTools } from './accountTools.js'
import type { LedgerWrite } from './ledger.js'

type CarryTools = Pick<AccountTools, 'accounts' | 'ledger' | 'now'>

/** What a stream was told at its opening that it would take over: nobody else is told of it, and it is told of nothing more. */
const promised = new WeakMap<AccountState, readonly AccountState[]>()
const claimants = new WeakMap<AccountState, AccountState>()

function listLeft({ accounts, ledger, now }: CarryTools, next: AccountState): readonly AccountState[] {
  const isFree = (state: AccountState): boolean => state !== next && !state.isRunning && !state.isCarried && state.live.size === 0
  const isClaimed = (state: AccountState): boolean => {
    const claimant = claimants.get(state)
    return claimant !== undefined && claimant !== next && claimant.isRunning
  }
  const left = promised.get(next) ?? ledger.getUncarried(next.terms.sender).flatMap((streamId) => accounts.find(streamId, now()) ?? []).filter((state) => isFree(state) && !isClaimed(state))
  promised.set(next, left)
  for (const state of left) claimants.set(state, next)
  return left.filter(isFree)
}

function add(account: Account, wei: bigint): Account {
  return wei > 0n ? { ...account, credited: account.credited + wei } : { ...account, charged: account.charged - wei }
}

/** An account as its next ticket finds it: before its first, with what its sender's ended streams left over. */
export function viewAccount(tools: CarryTools, state: AccountState): Account {
  return state.tickets > 0 ? state.account : listLeft(tools, state).reduce((account, left) => add(account, computeFree(left.account)), state.account)
}

/**
 * Takes what is left over onto an account that has its first ticket; changes memory at once.
 * @returns the changes to be written with that ticket
 */
export function carryOver(tools: CarryTools, next: AccountState): readonly LedgerWrite[] {
  const left = listLeft(tools, next)
  for (const state of left) {
    const wei = computeFree(state.account)
    next.account = add(next.account, wei)
    state.isCarried = true
    state.withheld += wei
    state.account = { ...state.account, reserved: state.account.reserved + wei }
  }
  return left.map((state) => ({ kind: 'stream', record: recordStream(state, tools.now()) }))
}
