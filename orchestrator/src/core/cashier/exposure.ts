/** What senders owe: winning tickets that the chain has not paid yet, by sender and by grant. */

import type { Standing } from './chain.js'
import type { WinnerRecord } from './ledger.js'

type Hex = `0x${string}`

interface Debt {
  readonly faceValue: bigint
  readonly grantHash: Hex
  /** Unix seconds from which its sender may know of it. */
  shownFrom: number
  isShownEarly: boolean
  paid: bigint
  /** Block from which a standing shows the payment. */
  paidBlock: bigint
  /** Paid for good: forgotten as soon as the standing shows it. */
  done: boolean
}

/** Sums in wei. */
export interface Outstanding {
  readonly ofSender: bigint
  readonly ofGrant: bigint
}

/** Winners that still have to be paid. */
export class Exposure {
  readonly #senders = new Map<Hex, Map<Hex, Debt>>()

  /** Starts again from the ledger's unpaid winners. */
  reload(winners: readonly WinnerRecord[]): void {
    this.#senders.clear()
    for (const winner of winners) this.add(winner)
  }

  /** Starts again for one sender. */
  reloadSender(sender: Hex, winners: readonly WinnerRecord[]): void {
    this.#senders.delete(sender)
    for (const winner of winners) this.add(winner)
  }

  /** Adds a winner; one that is known stays as it is. */
  add(winner: WinnerRecord): void {
    const { sender, faceValue } = winner.ticket
    let debts = this.#senders.get(sender)
    if (debts === undefined) this.#senders.set(sender, (debts = new Map()))
    if (debts.has(winner.ticketHash)) return
    // What was paid before a restart is in every standing read since.
    debts.set(winner.ticketHash, { faceValue, grantHash: winner.grantHash, shownFrom: winner.redeemableFrom, isShownEarly: false, paid: winner.paid, paidBlock: 0n, done: false })
  }

  /** The chain paid (or, after a reorg, un-paid) as of `block`. */
  setPaid(winner: WinnerRecord, { paid, block, done }: { readonly paid: bigint; readonly block: bigint; readonly done: boolean }): void {
    const debt = this.#senders.get(winner.ticket.sender)?.get(winner.ticketHash)
    if (debt === undefined) return
    if (debt.paid !== paid) {
      debt.paid = paid
      debt.paidBlock = block
    }
    debt.done = done
  }

  /** Its sender knows of it, before its time. */
  show(winner: WinnerRecord, fromSeconds: number): void {
    const debt = this.#senders.get(winner.ticket.sender)?.get(winner.ticketHash)
    if (debt !== undefined) Object.assign(debt, { shownFrom: fromSeconds, isShownEarly: true } satisfies Partial<Debt>)
  }

  /** Unix seconds from which its sender knows of it before its time; undefined if it does not. */
  getShownFrom({ ticket, ticketHash }: WinnerRecord): number | undefined {
    const debt = this.#senders.get(ticket.sender)?.get(ticketHash)
    return debt?.isShownEarly === true ? debt.shownFrom : undefined
  }

  /** Whether the sender owes what it cannot know of yet. */
  hasHidden(sender: Hex, nowSeconds: number): boolean {
    for (const { shownFrom } of this.#senders.get(sender)?.values() ?? []) if (shownFrom > nowSeconds) return true
    return false
  }

  /** It will not be paid any more. */
  remove(winner: WinnerRecord): void {
    this.#senders.get(winner.ticket.sender)?.delete(winner.ticketHash)
  }

  /**
   * What is unpaid beyond what `standing` shows as gone.
   * @param shownBy - counts only what the sender may know of by then: what is told to it must not depend on the rest
   */
  compute(sender: Hex, grantHash: Hex, standing: Standing, { shownBy = Number.POSITIVE_INFINITY }: { readonly shownBy?: number } = {}): Outstanding {
    const debts = this.#senders.get(sender)
    let ofSender = 0n
    let ofGrant = 0n
    if (debts === undefined) return { ofSender, ofGrant }
    for (const [ticketHash, debt] of debts) {
      const isShown = standing.block >= debt.paidBlock
      if (debt.done && isShown) {
        debts.delete(ticketHash)
        continue
      }
      if (debt.shownFrom > shownBy) continue
      const unpaid = isShown ? debt.faceValue - debt.paid : debt.faceValue
      ofSender += unpaid
      if (debt.grantHash === grantHash) ofGrant += unpaid
    }
    if (debts.size === 0) this.#senders.delete(sender)
    return { ofSender, ofGrant }
  }
}
