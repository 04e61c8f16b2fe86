/** Lets winners be redeemed before the end of their parameters, where nothing is to be gained by hiding them any longer. */

import type { Commitments } from './commitments.js'
import type { Exposure } from './exposure.js'
import type { Ledger, LedgerWrite, WinnerRecord } from './ledger.js'
import type { Surroundings } from './policy.js'

interface ShowTools extends Pick<Surroundings, 'now'> {
  readonly ledger: Ledger
  readonly commitments: Commitments
  readonly exposure: Exposure
}

/**
 * A winner waits until no ticket under its parameters is taken any more, because redeeming it shows their number, and
 * because nothing should tell its sender to take its funds away meanwhile. Where the sender knows already, or the funds are
 * on their way, waiting only loses the race: the parameters are retired now, and the winners may be redeemed.
 * @returns the winners as they are now; durable when it resolves
 */
export async function showWinners({ now, ledger, commitments, exposure }: ShowTools, winners: readonly WinnerRecord[]): Promise<readonly WinnerRecord[]> {
  const nowSeconds = Math.floor(now())
  const hidden = winners.filter(({ redeemableFrom }) => redeemableFrom > nowSeconds)
  if (hidden.length === 0) return []
  const shown = hidden.map((winner) => ({ ...winner, redeemableFrom: nowSeconds }))
  for (const winner of shown) exposure.show(winner, nowSeconds)
  await ledger.write(
    shown.flatMap((record): LedgerWrite[] => [
      { kind: 'retire', record: commitments.retire({ randHash: record.ticket.recipientRandHash, retireAt: nowSeconds, validUntil: record.validUntil, revealed: false }) },
      { kind: 'winner', record },
    ]),
  )
  return shown
}
