/** What a developer holds while a broadcast runs. Types only. */

import type { CaptureMethod } from '../capture/captureFigures.js'
import type { StreamflowError } from '../errors/StreamflowError.js'
import type { InputFormat, Ladder } from '../media/ladder.js'
import type { SignedReceipt } from '../payments/receipt.js'
import type { SignedStatement } from '../protocol/endStream.js'
import type { Subscribable } from '../units/emitter.js'
import type { Address, Hex } from '../units/hex.js'
import type { RenewalOptions } from '../session/createRenewableSession.js'
import type { ApprovalRequest } from './money/keepGranted.js'
import type { ConnectionQuality } from './report/judgeConnection.js'
import type { MarketEntry } from './report/explainMarket.js'
import type { OwnStatement } from './report/signStatements.js'
import type { VerificationReport } from './verification/verifySegments.js'
import type { FundsReport } from './money/watchFunds.js'
import type { Alert } from './money/watchRefused.js'

/** `reconnecting`: segments gather in memory until an orchestrator is connected again. `failed`: see the `error` event. */
export type BroadcastState = 'live' | 'reconnecting' | 'stopping' | 'ended' | 'failed'

/** An orchestrator that makes the stream now. */
export interface OrchestratorFigures {
  readonly orchestrator: Address
  /** `helping`: hired for what is late elsewhere. */
  readonly part: 'serving' | 'helping'
  /** Milliseconds from a segment's last frame to its receipt, the latest one; undefined before the first. */
  readonly latencyMs: number | undefined
  /** Milliseconds from a question to its answer, the latest one. */
  readonly roundTripMs: number | undefined
}

/** Figures since the start; money in wei. */
export interface BroadcastStats {
  readonly connectionQuality: ConnectionQuality
  /** Milliseconds from a question to the present orchestrator to its answer, behind what else was on its way; undefined before the first. */
  readonly roundTripMs: number | undefined
  /** Those that make the stream now. */
  readonly orchestrators: readonly OrchestratorFigures[]
  /** Pixels of the picture that is sent. */
  readonly width: number
  readonly height: number
  readonly codec: InputFormat['video']['codec']
  /** How a page captures (see `CaptureOptions.method`); undefined in Node. */
  readonly captureMethod: CaptureMethod | undefined
  /** Pictures encoded in the last second; undefined where the source does not count. */
  readonly frameRate: number | undefined
  /** Pictures a second that the encoder is given at most; fewer where bits or its time do not suffice for all. Undefined where the source has no say. */
  readonly targetFrameRate: number | undefined
  /** Pictures left out because encoder or connection were behind. */
  readonly framesDropped: number
  /** Fees of a minute, by the last one; undefined until ten seconds are known. */
  readonly costPerMinute: bigint | undefined
  /** Milliseconds for which `remaining` suffices at that; undefined while the cost is not known, or 0. */
  readonly lastsMs: number | undefined
  /** Bits per second that left in the last second. */
  readonly bitrate: number
  /** Bits per second that the encoder is asked for; undefined where the source has none. */
  readonly targetBitrate: number | undefined
  /** Bytes captured and not yet on their way. */
  readonly unsentBytes: number
  readonly segmentsSettled: number
  readonly segmentsLost: number
  /** Looked at (see `verificationRate`), whatever was found. */
  readonly segmentsVerified: number
  readonly ticketsSent: number
  /** Milliseconds from a segment's last frame to its receipt, the latest one. */
  readonly latencyMs: number | undefined
  /** Σ expected value of the tickets signed. */
  readonly spent: bigint
  /** What the session key may still spend on this broadcast. */
  readonly remaining: bigint
  /** Σ fees of receipts. */
  readonly fees: bigint
  /** Credit at the present orchestrator. */
  readonly balance: bigint
}

/** Events of a broadcast. */
export interface BroadcastEvents {
  readonly state: { readonly state: BroadcastState; readonly error?: StreamflowError }
  /**
   * An orchestrator settled a segment. `fee` and `balance` in wei; `isFirst`: no other had before (see `redundancy`).
   */
  readonly segment: { readonly seq: number; readonly latencyMs: number; readonly fee: bigint; readonly balance: bigint; readonly bytes: number; readonly receipt: SignedReceipt; readonly orchestrator: Address; readonly isFirst: boolean }
  /** A ticket went out. `value`: its expected value in wei; `winProb`: of 2^256. */
  readonly ticket: { readonly seq: number; readonly attempt: number; readonly value: bigint; readonly faceValue: bigint; readonly winProb: bigint }
  /** A segment that viewers will not see. */
  readonly lost: { readonly seq: number; readonly error: StreamflowError }
  /** The stream is at an orchestrator now: viewers go to `playbackUrl`. */
  readonly orchestrator: { readonly orchestrator: Address; readonly uri: string; readonly playbackUrl: string }
  /** An orchestrator is not dealt with any more, or not for a while. */
  readonly left: { readonly orchestrator: Address; readonly reason: StreamflowError }
  /** A segment was looked at, in secret, beside its source (see `verificationRate`): what was found. One that failed is followed by `left`. */
  readonly verification: VerificationReport
  /** Where viewers find the stream has changed: what a link should carry now. */
  readonly origins: { readonly origins: readonly string[] }
  /** Once a second. */
  readonly stats: BroadcastStats
  /** The connection became worse, or has been better for three seconds. */
  readonly connectionQuality: { readonly quality: ConnectionQuality }
  /** The wallet is asked for another grant, now or by the page (`budget.renewal`): `renew` may be called from a click. */
  readonly approval: ApprovalRequest
  /** Tickets that an orchestrator refused can still be redeemed, or were. */
  readonly alert: Alert
  /** The deposit was looked at. */
  readonly funds: FundsReport
  /** A published track ended. Of video: after `graceMs` the broadcast ends, unless there is another by then (`replaceVideoTrack`). Pages only. */
  readonly trackEnded: { readonly kind: 'video' | 'audio'; readonly graceMs: number | undefined }
  /** Something went wrong and the broadcast goes on; `code` says what would help. */
  readonly warning: StreamflowError
  /** The broadcast is over because of this. */
  readonly error: StreamflowError
}

/** A running broadcast. */
export interface Broadcast extends Subscribable<BroadcastEvents> {
  readonly streamId: Hex
  readonly ladder: Ladder
  /** What the source turned out to be. */
  readonly input: InputFormat
  readonly state: BroadcastState
  /** Address of the master playlist; changes with the orchestrator. */
  readonly playbackUrl: string
  readonly orchestrator: Address
  /** For each orchestrator of the market as it was last asked: why it was taken, or was not. */
  explain(): readonly MarketEntry[]
  /**
   * Leaves an orchestrator at the end of its segment, by hand, and takes it no more in this broadcast. One that is not dealt with
   * is not taken either.
   */
  leave(orchestrator: Address): void
  /**
   * Addresses of the stream, the present orchestrator's first, then those it would move to: what `watch` takes. A link with two of
   * them outlives any one orchestrator.
   */
  readonly origins: readonly string[]
  /** The last orchestrator's signed sum, checked against our own books; after the end. */
  readonly statement: SignedStatement | undefined
  readonly stats: BroadcastStats
  /** The latest look at the deposit; undefined before the first. */
  readonly funds: FundsReport | undefined
  /**
   * The present orchestrator's signed sum so far; what is on its way is in neither side's.
   * @throws {@link StreamflowError} the orchestrator's refusal; `TransportFailed`, `Timeout`; `BadMessage` if it is not signed or does not add up
   */
  fetchStatement(): Promise<SignedStatement>
  /** Our own sums of the stream at each orchestrator, signed by the session key: to be compared with theirs. */
  signStatements(): readonly OwnStatement[]
  /**
   * Asks the wallet for the next grant before the present one ends, e.g. when it suits its owner; `spendCap` sets a new budget
   * for what follows. It is taken into use between two segments.
   * @throws {@link StreamflowError} `WalletRejected`, `WalletUnavailable`, `WrongChain`; `SpendCapReached` if nothing is left of the budget
   */
  renew(options?: RenewalOptions): Promise<void>
  /** How good the connection is at present, as a person would say. */
  readonly connectionQuality: ConnectionQuality
  /** Upper bound for the encoder, in bits per second; the connection may ask for less. */
  setBitrate(bitrate: number): void
  /** Resolves when the broadcast is over, however it ended. Never rejects. */
  readonly finished: Promise<void>
  /** Sends what was captured, waits for the last receipts and the statement, and leaves nothing running. Idempotent. */
  stop(): Promise<void>
}
