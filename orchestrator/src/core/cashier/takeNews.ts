/** What other processes of this identity wrote changes what is known here: of commitments, of nonces, and of what senders owe. */

import type { AccountTools } from './accountTools.js'
import type { LedgerNews, WinnerRecord } from './ledger.js'

type NewsTools = Pick<AccountTools, 'accounts' | 'commitments' | 'exposure' | 'standings'>

/** Brings memory up to date. */
export function takeNews(tools: NewsTools, { began, beganKey, retired, winners, hasSecrets }: LedgerNews): void {
  const { accounts, commitments, exposure, standings } = tools
  if (hasSecrets) commitments.takeSecrets()
  for (const record of retired) commitments.retire(record)
  if (began !== undefined) {
    exposure.reloadSender(began.sender, began.unpaid)
    // Winners that were paid meanwhile are no debts any more, and no funds.
    standings.invalidate(began.sender)
  }
  if (beganKey !== undefined) accounts.forgetNonces(beganKey)
  for (const winner of winners) followWinner(tools, winner)
}

/** A winner as the process that redeems left it, or as the owner of its sender did. */
function followWinner({ exposure, standings }: NewsTools, winner: WinnerRecord): void {
  if (winner.state === 'dead') return exposure.remove(winner)
  exposure.add(winner)
  // Only what is paid for good counts: this process may be some blocks behind. The next one that it sees shows the payment.
  const done = winner.state === 'confirmed'
  exposure.setPaid(winner, { paid: done ? winner.paid : 0n, block: standings.lastBlock + 1n, done })
  standings.invalidate(winner.ticket.sender)
}
