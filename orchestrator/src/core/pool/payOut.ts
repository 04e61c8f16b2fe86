/**
 * Pays members what is due to them. A payment is signed at one nonce and written down, and what it pays is debited, in one change, before
 * anybody sees it; from then on it is only ever shown again, the very same bytes, until the chain has it, or has another transaction in
 * its place for good. So however often this dies, nobody is paid twice.
 */

import type { PayoutRecord, PoolBooks } from './books.js'
import { beginPayout, undoPayout, type PoolPolicy } from './standing.js'

type Hex = `0x${string}`

/** What the chain says of a payment. */
export type PaymentState =
  /** Mined so deep that it stays, and went well or did not. */
  | 'paid' | 'reverted'
  /** Its nonce was used by another transaction, so deep that it stays. */
  | 'displaced'
  | 'waiting'

/** The operator's account on chain. Same errors as the redeemer's. */
export interface Payer {
  /** Signs a plain transfer at the account's next nonce. `undefined` if it cannot be paid so: a contract is behind the address. */
  sign(payment: { readonly payTo: Hex; readonly amount: bigint }): Promise<Pick<PayoutRecord, 'nonce' | 'transaction' | 'hash'> | undefined>
  /** Shows it to an endpoint, which may know it already. */
  show(payout: Pick<PayoutRecord, 'transaction'>): Promise<void>
  read(payout: Pick<PayoutRecord, 'nonce' | 'hash'>): Promise<PaymentState>
}

interface PayOutOptions {
  readonly books: PoolBooks
  readonly payer: Payer
  readonly policy: PoolPolicy
  /** Unix seconds. */
  readonly now: () => number
}

/** What one round of payments did. */
export interface PayoutRound {
  /** Sent in this round, or shown again. */
  readonly sent: readonly PayoutRecord[]
  /** Found paid. */
  readonly paid: readonly PayoutRecord[]
  /** Found not to have happened; the member has it again. */
  readonly failed: readonly PayoutRecord[]
  /** Cannot be paid by a plain transfer. */
  readonly unpayable: readonly string[]
}

/** Sees what became of payments, then begins one: the next waits for it, as the chain counts them. Call it until nothing is sent. */
export async function payOut(options: PayOutOptions): Promise<PayoutRound> {
  const { books, payer, policy } = options
  const found = { sent: [] as PayoutRecord[], paid: [] as PayoutRecord[], failed: [] as PayoutRecord[], unpayable: [] as string[] }
  for (const payout of await books.listPayouts('sent')) {
    const state = await payer.read(payout)
    if (state === 'waiting') {
      await payer.show(payout)
      found.sent.push(payout)
    } else {
      const settled = await settle(books, payout, state)
      if (settled !== undefined) (settled.state === 'paid' ? found.paid : found.failed).push(settled)
    }
  }
  if (found.sent.length > 0) return found
  for (const { member } of await books.listMembers()) {
    const { account } = await books.read(member)
    const due = account && beginPayout(account, policy)
    if (account === undefined || due === undefined) continue
    const signed = await payer.sign({ payTo: account.payTo, amount: due.amount })
    if (signed === undefined) {
      found.unpayable.push(member)
      continue
    }
    const payout = await begin(options, { member, payTo: account.payTo, amount: due.amount, ...signed })
    if (payout === undefined) continue
    await payer.show(payout)
    found.sent.push(payout)
    return found
  }
  return found
}

/** Writes a signed payment down, if what it pays is still due, and none is under way. */
async function begin({ books, policy, now }: PayOutOptions, signed: Omit<PayoutRecord, 'number' | 'state' | 'at'>): Promise<PayoutRecord | undefined> {
  const entry = await books.update({ member: signed.member }, ({ account, payout }) => {
    // Written already, and only the answer was lost.
    if (account !== undefined && payout?.hash === signed.hash) return { account, payout }
    const due = account && payout === undefined && account.payTo === signed.payTo ? beginPayout({ ...account }, policy) : undefined
    if (due === undefined || due.amount < signed.amount) return undefined
    const rest = due.amount - signed.amount
    const debited = { ...due.account, paid: due.account.paid - rest }
    return { account: debited, payout: { ...signed, number: debited.payouts, state: 'sent', at: Math.floor(now()) } }
  })
  return entry?.payout
}

async function settle(books: PoolBooks, payout: PayoutRecord, found: Exclude<PaymentState, 'waiting'>): Promise<PayoutRecord | undefined> {
  const state = found === 'paid' ? 'paid' : 'failed'
  const entry = await books.update({ member: payout.member }, ({ account, payout: underWay }) => {
    if (account === undefined || underWay?.number !== payout.number) return undefined
    return { account: state === 'paid' ? account : undoPayout(account, payout.amount), payout: { ...payout, state } }
  })
  return entry?.payout
}
