/** What an operator may choose about money, with its defaults. */

import { services } from '@streamflow/sdk/payments'
import { limits } from '@streamflow/sdk/protocol'
import type { Chore } from './chain.js'

type Hex = `0x${string}`

/** Choices of an operator. Amounts in wei, times in seconds. */
export interface CashierPolicy {
  /** Services that are sold. */
  readonly serviceIds: readonly Hex[]
  /** Price per 10^6 output pixels, by sender (lower case); others pay the price of the `PriceSource`. */
  readonly priceOverrides: ReadonlyMap<Hex, bigint>
  /** Price per 10^6 pixels of the source. */
  readonly pricePerMillionInputPixels: bigint
  /** A face value that ignores gas; for tests and private networks. */
  readonly fixedFaceValue?: bigint
  /** Face value over cost of one redemption: 100 makes redemption cost 1 %. */
  readonly faceValueMultiple: bigint
  readonly minimumFaceValue: bigint
  readonly maximumFaceValue?: bigint
  /** Gas that redeeming one ticket takes. */
  readonly redemptionGas: bigint
  /** Time in which the gas average moves half-way to a new price. */
  readonly gasHalfLife: number
  /** How long a quote's price stands. */
  readonly quoteLife: number
  /**
   * Length of the intervals in which ticket parameters rotate: new ones are given out with each, and winners under old ones
   * are redeemed from the end of the next on; a ticket that is late is taken until the number that it is drawn with is shown.
   * Whole seconds, so that all can compute it alike.
   */
  readonly rotation: number
  /** How far a peer's clock may be off. */
  readonly clockSkew: number
  /** No ticket is taken that could not be redeemed for at least this long. */
  readonly redemptionMargin: number
  /**
   * Escrow that a sender must have put up, and its grant let burn. Without any, over-issuing costs nothing: by default it is
   * what a winner is usually worth.
   */
  readonly minimumEscrow: bigint
  /** Deposit that a sender must have: what is left of a campaign is not worth a stream. */
  readonly minimumDeposit: bigint
  /** Reserve that a sender must have designated to this orchestrator: nobody else can drain it. */
  readonly minimumReserve: bigint
  /**
   * Percent of a winner that designated reserve (which pays it whatever becomes of the deposit) and escrow (which burns
   * for it if nothing does) must cover together. By default all of it (README.md says why that is enough). 0: the deposit
   * alone will do, and can be drained by an accomplice.
   */
  readonly securedPercent: bigint
  /** Funds are read again after this long even if no event told of a change. */
  readonly standingRefresh: number
  /** Funds read longer ago than this are worth nothing: tickets are refused until the chain answers. */
  readonly standingMaxAge: number
  /** Reads of the chain that senders who never paid here may cause, all together: each second, and at once. */
  readonly strangerReadsPerSecond: number
  readonly strangerReadBurst: number
  /** Senders that are served, lower case; everybody if absent. */
  readonly allowedSenders?: ReadonlySet<Hex>
  /** Senders that are not, lower case. */
  readonly deniedSenders: ReadonlySet<Hex>
  /** What was over longer ago than this leaves the ledger; sums stay. */
  readonly retention: number
  /** Accounts without an open segment leave memory after this long. */
  readonly accountIdle: number
}

/** The defaults; a price has none. */
export const defaultPolicy: CashierPolicy = {
  serviceIds: [services.Transcoding],
  priceOverrides: new Map(),
  deniedSenders: new Set(),
  pricePerMillionInputPixels: 0n,
  faceValueMultiple: 100n,
  minimumFaceValue: 1_000_000_000n,
  redemptionGas: 110_000n,
  gasHalfLife: 600,
  quoteLife: 600,
  rotation: 10,
  clockSkew: limits.requestSkewSeconds,
  redemptionMargin: 60,
  minimumEscrow: 10n ** 16n,
  minimumDeposit: 0n,
  minimumReserve: 0n,
  securedPercent: 100n,
  standingRefresh: 60,
  standingMaxAge: 900,
  strangerReadsPerSecond: 200,
  strangerReadBurst: 5_000,
  retention: 30 * 24 * 3_600,
  accountIdle: 300,
}

/** Where the price comes from: a constant, or a currency through a feed. */
export interface PriceSource {
  /** wei per 10^6 output pixels, now. Throws `ChainUnavailable` if it is not known. */
  readPricePerMillionPixels(): Promise<bigint>
}

/** Told what happens, for metrics; must not throw. */
export interface CashierEvents {
  readonly ticketAccepted?: (ticket: { readonly value: bigint; readonly faceValue: bigint; readonly won: boolean }) => void
  readonly ticketRefused?: (code: string) => void
  readonly segmentSettled?: (segment: { readonly pixels: bigint; readonly fee: bigint }) => void
  readonly winnersSubmitted?: (batch: { readonly count: number; readonly faceValue: bigint }) => void
  readonly winnerConfirmed?: (winner: { readonly paid: bigint }) => void
  readonly choreSubmitted?: (chore: { readonly chore: Chore; readonly round: bigint }) => void
  readonly shortfallsPunished?: (batch: { readonly count: number; readonly reward: bigint }) => void
  readonly winnerDied?: (winner: { readonly faceValue: bigint; readonly reason: string }) => void
  /** Something failed that is tried again by itself. */
  readonly troubled?: (what: string, cause: unknown) => void
}

/** Time and randomness, injected. */
export interface Surroundings {
  /** Unix seconds, with fraction. */
  readonly now: () => number
  /** Cryptographically secure. */
  readonly randomBytes: (length: number) => Uint8Array
}
