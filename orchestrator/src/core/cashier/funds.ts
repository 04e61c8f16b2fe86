/** Whether a sender's funds and its grant can answer for one more winner. Pure. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { SignedGrant } from '@streamflow/sdk/protocol'
import type { ChainState, RedeemableRound, Standing } from './chain.js'
import type { Outstanding } from './exposure.js'
import type { CashierPolicy } from './policy.js'

/** The broker stores caps no larger than this. */
const largestCap = (1n << 88n) - 1n

/** What is known of a sender. */
export interface SenderFunds {
  readonly standing: Standing
  readonly outstanding: Outstanding
}

/** Deposit and designated reserve that no outstanding winner claims; wei, ≥ 0. */
export function computeCoverage({ standing, outstanding }: SenderFunds): bigint {
  const left = standing.deposit + standing.claimableReserve - outstanding.ofSender
  return left > 0n ? left : 0n
}

/** What winners of the session key may still be paid: the cap is on the deposit, a designated reserve pays beyond it; wei, ≥ 0. */
export function computeCapLeft(grant: Pick<SignedGrant, 'spendCap'>, { standing, outstanding }: SenderFunds): bigint {
  const cap = grant.spendCap < largestCap ? grant.spendCap : largestCap
  const left = cap - standing.grantSpent + standing.claimableReserve - outstanding.ofGrant
  return left > 0n ? left : 0n
}

/** The part of a sender's escrow that may burn for tickets of a grant, or of any if none is named; wei, ≥ 0. */
function computeBurnable({ escrow, grantBurned }: Standing, grant?: Pick<SignedGrant, 'escrowCap'>): bigint {
  const cap = grant === undefined ? escrow : grant.escrowCap - grantBurned
  return cap < 0n ? 0n : cap < escrow ? cap : escrow
}

/**
 * The largest winner behind which reserve and escrow stand as far as the operator wants; undefined if it wants nothing.
 * Outstanding winners do not count: what a sender is told must not depend on them, and each of them was covered itself.
 */
export function computeSecured(standing: Standing, { securedPercent }: CashierPolicy, grant?: Pick<SignedGrant, 'escrowCap'>): bigint | undefined {
  if (securedPercent === 0n) return undefined
  return ((standing.claimableReserve + computeBurnable(standing, grant)) * 100n) / securedPercent
}

/** The refusal of a sender that has put up too little beside its deposit. */
export function createUnsecured(faceValue: bigint, { claimableReserve, escrow }: Standing, { securedPercent }: CashierPolicy): StreamflowError {
  const required = (faceValue * securedPercent + 99n) / 100n
  return new StreamflowError('LowPMBalance', `reserve designated to this orchestrator and escrow are ${claimableReserve + escrow} wei, a ticket needs ${required}: the deposit alone could be spent elsewhere`, {
    data: { required, reserve: claimableReserve, escrow, securedPercent },
  })
}

/**
 * @throws {@link StreamflowError} `LowPMBalance` if the sender's funds may leave before a ticket of `round` expires
 */
export function assertLocked({ withdrawRound }: Standing, { round, state }: { readonly round: bigint; readonly state: ChainState }): void {
  if (withdrawRound !== 0n && withdrawRound < round + state.ticketValidityPeriod) {
    throw new StreamflowError('LowPMBalance', `the sender may withdraw from round ${withdrawRound}, before tickets of round ${round} expire`, { data: { withdrawRound } })
  }
}

/**
 * Whether over-issuing tickets would cost the sender something: its escrow, and the part of it that may burn for the
 * session key. Of a small budget no more need burn than may be spent.
 * @param grant - the session key's, if it is known
 * @throws {@link StreamflowError} `LowPMBalance` if there is less escrow than the operator wants
 */
export function assertEscrow(standing: Standing, policy: Pick<CashierPolicy, 'minimumEscrow'>, grant?: Pick<SignedGrant, 'spendCap' | 'escrowCap'>): void {
  const { escrow, grantBurned } = standing
  const refuse = (required: bigint, got: bigint, whose: string): void => {
    if (got >= required) return
    throw new StreamflowError('LowPMBalance', `expected an escrow of ${required} wei${whose}, got ${got}`, { data: { requiredEscrow: required, escrow: got } })
  }
  refuse(policy.minimumEscrow, escrow, '')
  if (grant === undefined) return
  const burnable = grant.escrowCap > grantBurned ? grant.escrowCap - grantBurned : 0n
  refuse(grant.spendCap < policy.minimumEscrow ? grant.spendCap : policy.minimumEscrow, burnable, ' that may burn for the session key')
}

/** @throws {@link StreamflowError} `LowPMBalance` if the sender has less of a deposit than the operator wants */
export function assertDeposit({ deposit }: Standing, { minimumDeposit }: Pick<CashierPolicy, 'minimumDeposit'>): void {
  if (deposit >= minimumDeposit) return
  throw new StreamflowError('LowPMBalance', `expected a deposit of ${minimumDeposit} wei, got ${deposit}`, { data: { requiredDeposit: minimumDeposit, deposit } })
}

/** @throws {@link StreamflowError} `LowPMBalance` if less reserve is designated to this orchestrator than the operator wants */
export function assertReserve({ claimableReserve }: Standing, { minimumReserve }: Pick<CashierPolicy, 'minimumReserve'>): void {
  if (claimableReserve < minimumReserve) {
    throw new StreamflowError('LowPMBalance', `expected a reserve of ${minimumReserve} wei designated to this orchestrator, got ${claimableReserve}`, {
      data: { requiredReserve: minimumReserve, reserve: claimableReserve },
    })
  }
}

/**
 * Whether tickets of `round` may be signed by the grant's key. The broker asks whether the round began before the grant
 * ran out; here the grant must also not have run out by the clock, give or take the tolerated skew.
 * @throws {@link StreamflowError} `GrantInvalid`
 */
export function assertGrantStands(grant: SignedGrant, terms: { readonly standing: Standing; readonly round: RedeemableRound; readonly policy: CashierPolicy; readonly nowSeconds: number }): void {
  const { standing, round, policy, nowSeconds } = terms
  if (round.startsAt > grant.validUntil || nowSeconds > grant.validUntil + policy.clockSkew) {
    throw new StreamflowError('GrantInvalid', `the grant ran out at ${grant.validUntil}`, { data: { validUntil: grant.validUntil } })
  }
  // The broker still honours tickets of rounds up to the revocation's; who revoked does not want more of them.
  if (standing.revocationRound !== 0n) {
    throw new StreamflowError('GrantInvalid', `the grant was revoked in round ${standing.revocationRound}`, { data: { revocationRound: standing.revocationRound } })
  }
}

/** Whether what a sender owes can be paid, by its funds and within the session key's cap. */
export function isCovered(grant: Pick<SignedGrant, 'spendCap'>, { standing, outstanding }: SenderFunds): boolean {
  const { deposit, claimableReserve, grantSpent } = standing
  const cap = grant.spendCap < largestCap ? grant.spendCap : largestCap
  return outstanding.ofSender <= deposit + claimableReserve && outstanding.ofGrant <= cap - grantSpent + claimableReserve
}

/**
 * @throws {@link StreamflowError} `LowPMBalance`, `SpendCapReached`, with the figures
 */
export function assertCovered(faceValue: bigint, grant: SignedGrant, funds: SenderFunds, policy: CashierPolicy): void {
  const coverage = computeCoverage(funds)
  if (faceValue > coverage) throw createLowBalance(faceValue, funds)
  const capLeft = computeCapLeft(grant, funds)
  if (faceValue > capLeft) {
    throw new StreamflowError('SpendCapReached', `a winner of ${faceValue} wei exceeds the ${capLeft} wei that the session key may still spend`, { data: { required: faceValue, available: capLeft, spendCap: grant.spendCap } })
  }
  const secured = computeSecured(funds.standing, policy, grant)
  if (secured !== undefined && faceValue > secured) throw createUnsecured(faceValue, funds.standing, policy)
}

/** The refusal of a sender that cannot pay a winner of `required` wei. */
export function createLowBalance(required: bigint, { standing, outstanding }: SenderFunds): StreamflowError {
  const { deposit, claimableReserve } = standing
  const available = computeCoverage({ standing, outstanding })
  return new StreamflowError('LowPMBalance', `deposit and reserve cover ${available} wei beyond outstanding winners, a ticket needs ${required}`, {
    data: { required, available, deposit, reserve: claimableReserve, outstanding: outstanding.ofSender },
  })
}
