/** Rows of a public pool's books; the same in SQLite and in PostgreSQL. Sums are text, for wei do not fit what databases count in. */

import { stringify } from '@streamflow/sdk/protocol'
import type { PayoutRecord, WorkRecord } from '../../core/pool/books.js'
import type { MemberAccount } from '../../core/pool/standing.js'

const sums: ReadonlySet<string> = new Set(['pixels', 'earned', 'charged', 'vouched', 'paid', 'taken', 'amount'] satisfies (keyof MemberAccount | keyof PayoutRecord)[])

/** A row that holds a record. */
export interface RecordRow {
  readonly record: string
}

/** A row of `work`. */
export interface WorkRow extends Omit<WorkRecord, 'pixels' | 'earned'> {
  readonly pixels: string
  readonly earned: string
}

/** An account or a payout as text. */
export const formatRecord = (record: MemberAccount | PayoutRecord): string => stringify(record)

const parse = (text: string): unknown => JSON.parse(text, (name, value: unknown) => (sums.has(name) && typeof value === 'string' ? BigInt(value) : value))

export const parseAccount = (row: RecordRow | undefined): MemberAccount | undefined => (row === undefined ? undefined : (parse(row.record) as MemberAccount))
export const parsePayout = (row: RecordRow | undefined): PayoutRecord | undefined => (row === undefined ? undefined : (parse(row.record) as PayoutRecord))
export const parseWork = (row: WorkRow | undefined): WorkRecord | undefined => row && { ...row, pixels: BigInt(row.pixels), earned: BigInt(row.earned) }

/** Values of a row of `work`, in the order of its columns. */
export const listWork = ({ member, streamId, seq, pixels, earned, state, at }: WorkRecord) => [member, streamId, seq, String(pixels), String(earned), state, at] as const
/** Values of a row of `payouts`, in the order of its columns. */
export const listPayout = (payout: PayoutRecord) => [payout.member, payout.number, payout.state, payout.at, formatRecord(payout)] as const
