/**
 * A session that outlives its grant: the next one is asked for while the present one is in use, and taken when whoever
 * sends is between two segments. To its user it is one session, with one budget.
 */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { Address } from '../units/hex.js'
import type { Session } from './openSession.js'

/** How a grant is to be renewed. */
export interface RenewalOptions {
  /** wei that the broadcast may cost from now on. @default what is left of its budget */
  readonly spendCap?: bigint
}

/** See {@link createRenewableSession}. */
export interface RenewableSession extends Session {
  /** wei of the budget that are not spent, whatever the present grant allows. */
  readonly budgetLeft: bigint
  /** Whether the next grant is there: `advance` takes it into use. */
  readonly hasNext: boolean
  /**
   * Asks the wallet for the next grant, unless it was asked already.
   * @throws {@link StreamflowError} as `openSession`; `SpendCapReached` if nothing is left of the budget
   */
  renew(options?: RenewalOptions): Promise<void>
  /** Signs by the next grant from now on; nothing happens if there is none. */
  advance(): void
}

interface RenewableOptions {
  readonly first: Session
  /** wei that all grants together may spend. */
  readonly spendCap: bigint
  /** Opens another session, not that of this key. */
  readonly open: (options: { readonly spendCap: bigint; readonly except: Address }) => Promise<Session>
}

/** Wraps an open session. */
export function createRenewableSession({ first, spendCap, open }: RenewableOptions): RenewableSession {
  let current = first
  let next: Session | undefined
  let asking: Promise<void> | undefined
  let budget = spendCap
  /** By grants that are over. */
  let spentBefore = 0n
  let isClosed = false

  const getSpent = (): bigint => spentBefore + current.spent
  const getBudgetLeft = (): bigint => budget - getSpent()
  const ask = async (wanted: bigint): Promise<void> => {
    const opened = await open({ spendCap: wanted, except: current.grant.key })
    if (isClosed) return opened.close()
    next = opened
  }

  return {
    get grant() {
      return current.grant
    },
    get grantHash() {
      return current.grantHash
    },
    get signer() {
      return current.signer
    },
    get isNew() {
      return current.isNew
    },
    get spent() {
      return getSpent()
    },
    get budgetLeft() {
      return getBudgetLeft()
    },
    get remaining() {
      const left = getBudgetLeft()
      return current.remaining < left ? current.remaining : left
    },
    get hasNext() {
      return next !== undefined
    },
    async reserve(value) {
      if (value > getBudgetLeft()) throw new StreamflowError('SpendCapReached', `the budget of ${budget} wei is spent`, { data: { spendCap: budget, spent: getSpent() } })
      return current.reserve(value)
    },
    async renew({ spendCap: wanted } = {}) {
      const left = wanted ?? getBudgetLeft()
      if (left <= 0n) throw new StreamflowError('SpendCapReached', `the budget of ${budget} wei is spent`, { data: { spendCap: budget, spent: getSpent() } })
      if (next === undefined) await (asking ??= ask(left).finally(() => (asking = undefined)))
      if (wanted !== undefined) budget = getSpent() + wanted
    },
    advance() {
      if (next === undefined) return
      const old = current
      spentBefore += old.spent
      current = next
      next = undefined
      void old.close().catch(() => undefined) // what it had set aside is lost with its grant anyway
    },
    async close() {
      isClosed = true
      await Promise.all([current.close(), next?.close()])
    },
  }
}
