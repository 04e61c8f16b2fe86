/**
 * What a stream leaves over at its end, credit or debt, goes to its sender's next stream here, which spends or pays it
 * first: debt belongs to the sender, not to a name that it may leave behind. It is carried with the first ticket, by which
 * a stream becomes its sender's; until then it is only looked at. The statement of the stream that ended stays as it was
 * signed; what was carried on pays for nothing more on its account.
 */

import { addBalance, computeFree, type Account } from '@streamflow/sdk/payments'
import { recordStream, type AccountState } from './accounts.js'
import type { AccountTools } from './accountTools.js'
import type { LedgerWrite } from './ledger.js'

type Hex = `0x${string}`
type CarryTools = Pick<AccountTools, 'accounts' | 'ledger' | 'now'>

/**
 * What a stream takes over: decided once, when it is opened, for its broadcaster is told the sum then. Credit is promised
 * to one stream at a time, or two that open together would both spend it; a debt is told to each, or it could be hidden
 * behind a stream that never pays. A promise lives as long as its process: after a restart whoever opens first is told of it,
 * and a page that was told before takes the word of the new process for it until its first ticket is accepted.
 */
function listLeft({ accounts, ledger, now }: CarryTools, next: AccountState): readonly AccountState[] {
  const { sender } = next.terms
  const find = (streamId: Hex): readonly AccountState[] => [accounts.find({ sender, streamId }, now()) ?? []].flat()
  const isLeft = (state: AccountState): boolean => state !== next && !state.isRunning && !state.isCarried && state.live.size === 0
  const isToBeHad = ({ account, terms }: AccountState): boolean => computeFree(account) < 0n || !accounts.isPromised(terms)
  next.promised ??= ledger.getUncarried(sender).filter((streamId) => find(streamId).some((state) => isLeft(state) && isToBeHad(state)))
  return next.promised.flatMap(find).filter(isLeft)
}

/** An account as its next ticket finds it: before its first, with what its sender's ended streams left over. */
export function viewAccount(tools: CarryTools, state: AccountState): Account {
  return state.tickets > 0 ? state.account : listLeft(tools, state).reduce((account, left) => addBalance(account, computeFree(left.account)), state.account)
}

/**
 * Takes what is left over onto an account that has its first ticket; changes memory at once.
 * @returns the changes to be written with that ticket
 */
export function carryOver(tools: CarryTools, next: AccountState): readonly LedgerWrite[] {
  const left = listLeft(tools, next)
  for (const state of left) {
    const wei = computeFree(state.account)
    next.account = addBalance(next.account, wei)
    state.isCarried = true
    state.withheld += wei
    state.account = { ...state.account, reserved: state.account.reserved + wei }
  }
  return left.map((state) => ({ kind: 'stream', record: recordStream(state, tools.now()) }))
}
