/**
 * Credit arithmetic of one stream at one orchestrator, the same on both sides. An account is a value; every step
 * returns a new one. `balance = credited − charged`; what open segments will cost at most is `reserved`.
 */

/** All in wei. */
export interface Account {
  /** Σ expected value of accepted tickets. */
  readonly credited: bigint
  /** Σ fees of receipts. */
  readonly charged: bigint
  /** Σ estimates of segments that are open. */
  readonly reserved: bigint
}

export const emptyAccount: Account = { credited: 0n, charged: 0n, reserved: 0n }

/** Takes over a balance from elsewhere: credit beyond tickets, or debt beyond fees. */
export function addBalance(account: Account, wei: bigint): Account {
  return wei > 0n ? { ...account, credited: account.credited + wei } : { ...account, charged: account.charged - wei }
}

/** The least a ticket may be worth: a segment without a ticket is not a job, however large the balance. */
export const minimumTicketValue = 1n

/** credited − charged; negative when real pixels exceeded the estimate. */
export function computeBalance(account: Account): bigint {
  return account.credited - account.charged
}

/** What is left beside all that is reserved; negative when something that was made is not paid for. */
export function computeFree(account: Account): bigint {
  return computeBalance(account) - account.reserved
}

/** What the ticket of the next segment must be worth at least, given what is left. */
export function computeRequiredValue(account: Account, estimate: bigint): bigint {
  const missing = estimate - computeFree(account)
  return missing > minimumTicketValue ? missing : minimumTicketValue
}

/** A segment opens: its ticket's expected value is credited, its estimate reserved. */
export function openSegment(account: Account, { value, estimate }: { readonly value: bigint; readonly estimate: bigint }): Account {
  return { credited: account.credited + value, charged: account.charged, reserved: account.reserved + estimate }
}

/** A segment is settled: its estimate is released and its fee charged. A segment without a result is settled with fee 0. */
export function settleSegment(account: Account, { estimate, fee }: { readonly estimate: bigint; readonly fee: bigint }): Account {
  return { credited: account.credited, charged: account.charged + fee, reserved: account.reserved - estimate }
}
