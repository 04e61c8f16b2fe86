/**
 * How a member of a public pool stands: what it earned, what of that is withheld as its deposit, what the orchestrator could lose by
 * it, and what is paid out. Pure; amounts in wei.
 *
 * What is at risk is what the orchestrator charges for work that nobody looked at. A check that passes vouches for the work before it: who
 * cheats in a share `f` of its segments is found by one check in `1/f`, so what it gets through until then is, on average, one stretch
 * between two checks, whatever `f` is. Such a stretch is never worth more than what is withheld and the newcomer's allowance, or there is
 * no more work until it has been looked at.
 */

type Hex = `0x${string}`

/** What the operator decided. */
export interface PoolPolicy {
  /** What a member earns with 1,000,000 output pixels, wei. */
  readonly payPerMillionPixels: bigint
  /** What the orchestrator charges for them, wei. */
  readonly pricePerMillionPixels: bigint
  /** Of its earnings so much is withheld, wei. */
  readonly deposit: bigint
  /** What may be at risk beyond what is withheld, wei: with nothing at all nobody could begin. */
  readonly allowance: bigint
  /** Of a member with a long record one segment in so many is checked. */
  readonly leastCheckedOneIn: number
  /** Less is not paid out, wei. */
  readonly minimumPayout: bigint
}

/** A member's account. */
export interface MemberAccount {
  /** Public key of its credential. */
  readonly member: string
  /** Whom it wants to be paid. */
  readonly payTo: Hex
  readonly isBanned: boolean
  /** Unix seconds of its first work. */
  readonly since: number
  readonly segments: number
  readonly pixels: bigint
  readonly earned: bigint
  /** What the orchestrator charged for its work, all in all. */
  readonly charged: bigint
  /** How far of that checks that passed vouch. */
  readonly vouched: bigint
  /** Checks that passed. */
  readonly passed: number
  /** Sent, or on its way. */
  readonly paid: bigint
  /** Its deposit, after it cheated. */
  readonly taken: bigint
  /** Payouts that were begun. */
  readonly payouts: number
  /** What shows that it cheated, as JSON. */
  readonly evidence?: string
}

/** What one segment's work comes to. */
export interface Work {
  readonly pixels: bigint
  readonly earned: bigint
  readonly atRisk: bigint
}

const million = 1_000_000n
/** After so many checks that passed every second segment is checked, and so on. */
const provenChecks = 8
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const most = (a: bigint, b: bigint): bigint => (a > b ? a : b)

/** Somebody who has done nothing yet. */
export function createAccount({ member, payTo, since }: Pick<MemberAccount, 'member' | 'payTo' | 'since'>): MemberAccount {
  return { member, payTo, since, isBanned: false, segments: 0, pixels: 0n, earned: 0n, charged: 0n, vouched: 0n, passed: 0, paid: 0n, taken: 0n, payouts: 0 }
}

/** What work is worth: earnings are rounded down, what is at risk up. */
export function computeWork(pixels: bigint, { payPerMillionPixels, pricePerMillionPixels }: PoolPolicy): Work {
  return { pixels, earned: (pixels * payPerMillionPixels) / million, atRisk: (pixels * pricePerMillionPixels + million - 1n) / million }
}

/** Earned, and neither paid nor taken. */
export const computeBalance = ({ earned, paid, taken }: MemberAccount): bigint => earned - paid - taken

/** Charged for work since what was checked last and passed. */
export const computeAtRisk = ({ charged, vouched }: MemberAccount): bigint => charged - vouched

/** What of its balance a member does not get yet. */
export function computeWithheld(account: MemberAccount, { deposit }: PoolPolicy): bigint {
  return least(computeBalance(account), most(deposit, computeAtRisk(account)))
}

/** What is due to it. */
export function computePayable(account: MemberAccount, policy: PoolPolicy): bigint {
  return account.isBanned ? 0n : computeBalance(account) - computeWithheld(account, policy)
}

/** Whether it may be given more work. @param inWork - at risk with what it is at */
export function isCovered(account: MemberAccount, inWork: bigint, policy: PoolPolicy): boolean {
  return !account.isBanned && computeAtRisk(account) + inWork <= computeWithheld(account, policy) + policy.allowance
}

/** Work under way is at risk for about so long, until it is credited and what was drawn of it is checked; seconds. */
const exposedSeconds = 4

/** How much it may be given at once, whatever it says that it can make: output pixels per second. */
export function computeCoveredRate(account: MemberAccount, policy: PoolPolicy): number {
  if (!isCovered(account, 0n, policy)) return 0
  const left = computeWithheld(account, policy) + policy.allowance - computeAtRisk(account)
  return policy.pricePerMillionPixels === 0n ? Infinity : Number((left * million) / policy.pricePerMillionPixels) / exposedSeconds
}

/** Whether hardly anything is known of it. */
export const isNewcomer = ({ passed }: MemberAccount): boolean => passed < provenChecks

/**
 * Whether a segment is to be checked: seldom where many passed, and in any case where what is withheld would not cover it.
 * @param chance - from 0 to 1, not to be foreseen
 */
export function isToBeChecked(account: MemberAccount, work: Pick<Work, 'atRisk'>, { chance, policy }: { readonly chance: number; readonly policy: PoolPolicy }): boolean {
  if (computeAtRisk(account) + work.atRisk > computeWithheld(account, policy)) return true
  return chance * Math.min(policy.leastCheckedOneIn, 1 + account.passed / provenChecks) < 1
}

/** Work is done. A member that is banned earns nothing. */
export function credit(account: MemberAccount, { pixels, earned, atRisk }: Work): MemberAccount {
  if (account.isBanned) return account
  return { ...account, segments: account.segments + 1, pixels: account.pixels + pixels, earned: account.earned + earned, charged: account.charged + atRisk }
}

/** A check passed. @param charged - what its work had been charged for when that segment was credited, it included */
export function pass(account: MemberAccount, charged: bigint): MemberAccount {
  return { ...account, passed: account.passed + 1, vouched: most(account.vouched, least(charged, account.charged)) }
}

/** It cheated: all that was not paid is taken. The first evidence stays. */
export function ban(account: MemberAccount, evidence: string): MemberAccount {
  return account.isBanned ? account : { ...account, isBanned: true, taken: account.taken + computeBalance(account), evidence }
}

/** Begins to pay what is due. @returns the account with that debited, and the amount; undefined if it is too little */
export function beginPayout(account: MemberAccount, policy: PoolPolicy): { readonly account: MemberAccount; readonly amount: bigint } | undefined {
  const amount = computePayable(account, policy)
  if (amount <= 0n || amount < policy.minimumPayout) return undefined
  return { account: { ...account, paid: account.paid + amount, payouts: account.payouts + 1 }, amount }
}

/** A payout did not happen, and never will. What comes back to a banned member is taken. */
export function undoPayout(account: MemberAccount, amount: bigint): MemberAccount {
  return { ...account, paid: account.paid - amount, ...(account.isBanned && { taken: account.taken + amount }) }
}
