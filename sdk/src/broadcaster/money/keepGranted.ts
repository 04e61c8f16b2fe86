/** Renews a broadcast's grant before it ends: tells the page, and asks the wallet unless the page wants to do that itself. */

import { toStreamflowError, type StreamflowError } from '../../errors/StreamflowError.js'
import type { Budget } from '../../session/openSession.js'
import type { RenewableSession } from '../../session/createRenewableSession.js'

/** Why another approval is wanted. */
export interface ApprovalRequest {
  /** `expiry`: the grant's time ends. `cap`: what it may spend ends before the budget does. */
  readonly reason: 'expiry' | 'cap'
  /** Milliseconds since the epoch at which the grant ends. */
  readonly endsAtMs: number
  /** wei that tickets under the present grant may still be worth. */
  readonly remaining: bigint
}

interface KeepGrantedOptions {
  readonly session: RenewableSession
  readonly renewal: Budget['renewal']
  readonly onApproval: (request: ApprovalRequest) => void
  readonly onWarning: (error: StreamflowError) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The approval is asked for so long before the end, or when a quarter of the grant's time is left. */
const longestLeadMs = 15 * 60_000
const leadShare = 4
/** Likewise where less than a tenth of what is left of the budget is left of the grant. */
const capShare = 10n
/** Looks per lead, and the bounds of the time between two, in milliseconds. */
const looksPerLead = 8
const shortestLookMs = 100
const longestLookMs = 30_000

/** Starts looking at the grant. @returns ends it */
export function keepGranted({ session, renewal = 'ask', onApproval, onWarning, now }: KeepGrantedOptions): () => void {
  const computeLeadMs = (): number => Math.min(longestLeadMs, (session.grant.validUntil * 1_000 - now()) / leadShare)
  let leadMs = computeLeadMs()
  let isOver = false
  /** The grant that was told of, and when it is worth telling again. */
  let told: { readonly hash: string; readonly againAtMs: number } | undefined

  const findReason = (): ApprovalRequest['reason'] | undefined => {
    if (session.grant.validUntil * 1_000 - now() <= leadMs) return 'expiry'
    return session.remaining < session.budgetLeft && session.remaining * capShare < session.budgetLeft ? 'cap' : undefined
  }
  const look = (): void => {
    if (told !== undefined && told.hash !== session.grantHash) {
      told = undefined
      leadMs = computeLeadMs()
    }
    const reason = session.hasNext || session.budgetLeft <= 0n ? undefined : findReason()
    if (reason === undefined || (told !== undefined && now() < told.againAtMs)) return
    const endsAtMs = session.grant.validUntil * 1_000
    // Whoever declined is asked again, at half of the time that is left, and again.
    told = { hash: session.grantHash, againAtMs: now() + Math.max(shortestLookMs, (endsAtMs - now()) / 2) }
    onApproval({ reason, endsAtMs, remaining: session.remaining })
    if (renewal === 'ask') session.renew().catch((error: unknown) => !isOver && onWarning(toStreamflowError(error, 'WalletUnavailable')))
  }
  const timer = setInterval(look, Math.min(longestLookMs, Math.max(shortestLookMs, leadMs / looksPerLead)))
  return () => {
    isOver = true
    clearInterval(timer)
  }
}
