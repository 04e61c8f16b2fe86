/** What an orchestrator's statement must fulfil before it is believed. Pure. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import type { Domain } from '../../payments/domain.js'
import { isStatementFrom } from '../../payments/statement.js'
import type { SignedStatement } from '../../protocol/endStream.js'
import type { Address, Hex } from '../../units/hex.js'
import type { MirrorTotals } from './createMirror.js'

/** Whose statement, of what. */
export interface StatementExpectation {
  readonly domain: Domain
  readonly orchestrator: Address
  /** The key that signs for it. */
  readonly signer: Address
  readonly broadcaster: Address
  readonly streamId: Hex
}

/** Asserts that a statement is of this stream, signed by the orchestrator, and adds up. @throws {@link StreamflowError} `BadMessage` */
export function assertStatement(statement: SignedStatement, { domain, orchestrator, signer, broadcaster, streamId }: StatementExpectation): void {
  if (statement.streamId !== streamId || !isStatementFrom(domain, { ...statement, orchestrator, broadcaster }, signer)) {
    throw new StreamflowError('BadMessage', 'the statement is not signed by the orchestrator, or does not add up', { data: { orchestrator } })
  }
}

/**
 * Asserts that the last statement of a stream agrees with our own books: to the wei, unless messages were lost with a
 * connection; then it must not be to our loss.
 * @throws {@link StreamflowError} `Overcharged`
 */
export function assertStatementAgrees(statement: SignedStatement, totals: MirrorTotals): void {
  const isSame = totals.isAdopted ? statement.balance >= totals.balance : statement.balance === totals.balance && statement.fees === totals.fees
  if (isSame) return
  throw new StreamflowError('Overcharged', `the statement's balance of ${statement.balance} wei is not ours of ${totals.balance}`, { data: { balance: statement.balance, expected: totals.balance } })
}
