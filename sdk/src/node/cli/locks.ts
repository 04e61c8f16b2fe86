/** Stake on its way out, as people name it and read of it. */

import type { DelegationLock } from '../../actions/getDelegation.js'
import { StreamflowError } from '../../errors/StreamflowError.js'
import { formatAmount } from './amounts.js'

/** The lock that was given after `--lock`; undefined if the flag was not. @throws {@link StreamflowError} `InvalidArgument` */
export function readLockFlag(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,20}$/.test(text)) throw new StreamflowError('InvalidArgument', `--lock: expected the number of a lock, got ${text}`)
  return BigInt(text)
}

/** The same, where the flag must be given. @param listing - the command that shows locks @throws {@link StreamflowError} `InvalidArgument` */
export function requireLockFlag(text: string | undefined, listing: string): bigint {
  const lock = readLockFlag(text)
  if (lock === undefined) throw new StreamflowError('InvalidArgument', `expected --lock with the number of a lock: see \`${listing}\``)
  return lock
}

/** One line about a lock. */
export function describeLock({ id, amount, withdrawRound, isOpen }: DelegationLock): string {
  return `lock ${id}: ${formatAmount(amount)} tokens, ${isOpen ? 'to be withdrawn' : `opens in round ${withdrawRound}`}`
}
