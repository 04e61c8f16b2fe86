/** Which senders that put up much are about to take it out again: everybody who pays here is asked about, a part of them at each look. */

import type { SenderFunds } from './core/cashier/createCashier.js'
import type { LeavingSender } from './core/judgeAlerts.js'

type Hex = `0x${string}`

/** The watch. */
export interface LeavingWatch {
  /**
   * Asks about the next of `payers`, and again about those that were leaving.
   * @param payers - everybody, by address
   * @returns all that are leaving, as far as they were asked about
   */
  look(payers: readonly Hex[]): Promise<readonly LeavingSender[]>
}

interface LeavingOptions {
  /** @throws {@link StreamflowError} `ChainUnavailable` */
  describeFunds(sender: Hex): Promise<Pick<SenderFunds, 'deposit' | 'reserve' | 'withdrawRound'>>
  /** From so much on it matters, wei. */
  readonly largeSender: bigint
}

/**
 * Senders of one look: a few requests to the endpoint. Taking turns by address, who has ten thousand accounts delays a look at
 * another's by half an hour, and cannot prevent it; unlocking takes rounds.
 */
const perLook = 200

/** Begins with nobody. */
export function createLeavingWatch({ describeFunds, largeSender }: LeavingOptions): LeavingWatch {
  const leaving = new Map<Hex, LeavingSender>()
  let last: Hex = '0x'

  const ask = async (sender: Hex): Promise<void> => {
    try {
      const { deposit, reserve, withdrawRound } = await describeFunds(sender)
      const putUp = deposit + reserve
      if (withdrawRound > 0n && putUp >= largeSender) leaving.set(sender, { sender, putUp, withdrawRound })
      else leaving.delete(sender)
    } catch {
      // What was known of it has to do until somebody answers.
    }
  }
  return {
    async look(payers) {
      const behind = payers.findIndex((sender) => sender > last)
      const start = Math.max(0, behind)
      const turn = payers.slice(start, start + perLook)
      turn.push(...payers.slice(0, Math.min(start, perLook - turn.length)))
      last = turn.at(-1) ?? last
      const everybody = new Set(payers)
      for (const sender of leaving.keys()) if (!everybody.has(sender)) leaving.delete(sender)
      const again = [...leaving.keys()].slice(0, perLook)
      await Promise.all([...new Set([...turn, ...again])].map(ask))
      return [...leaving.values()]
    },
  }
}
