/** The books of a public pool, durable; `adapters/ledger` keeps them beside the ledger's tables. */

import type { MemberAccount } from './standing.js'

type Hex = `0x${string}`

/** Names one segment of one member. */
export interface WorkName {
  readonly member: string
  readonly streamId: Hex
  readonly seq: number
}

/** One segment that a member made. */
export interface WorkRecord extends WorkName {
  readonly pixels: bigint
  readonly earned: bigint
  readonly state: 'unchecked' | 'passed' | 'failed'
  /** Unix seconds. */
  readonly at: number
}

/** One payment to a member: signed, and written down, before anybody sees it. */
export interface PayoutRecord {
  readonly member: string
  /** From 1, by member. */
  readonly number: number
  readonly payTo: Hex
  readonly amount: bigint
  readonly nonce: number
  readonly transaction: Hex
  readonly hash: Hex
  readonly state: 'sent' | 'paid' | 'failed'
  readonly at: number
}

/** What one change writes, all or nothing. */
export interface BookEntry {
  readonly account: MemberAccount
  readonly work?: WorkRecord
  readonly payout?: PayoutRecord
}

/** What is there before a change. */
export interface BookPage {
  readonly account: MemberAccount | undefined
  /** The segment that was named, if it was credited. */
  readonly work: WorkRecord | undefined
  /** The member's payout that is under way. */
  readonly payout: PayoutRecord | undefined
}

/** See above. */
export interface PoolBooks {
  /**
   * Reads, has `change` say what follows, and writes that, with nobody between: changes of one member are one after the other,
   * whichever process makes them. What is written is durable when it resolves; credits alone may be lost with the machine's power.
   * @param change - pure, for it may be called again; `undefined` writes nothing
   * @throws {@link StreamflowError} `LedgerFailed`
   */
  update(name: { readonly member: string; readonly streamId?: Hex; readonly seq?: number }, change: (page: BookPage) => BookEntry | undefined): Promise<BookEntry | undefined>
  read(member: string): Promise<BookPage>
  listMembers(): Promise<readonly MemberAccount[]>
  /** Newest first. @param state - of these alone */
  listPayouts(state?: PayoutRecord['state']): Promise<readonly PayoutRecord[]>
  /** Forgets segments of before; unix seconds. Sums stay. */
  forget(before: number): Promise<void>
  close(): Promise<void>
}
