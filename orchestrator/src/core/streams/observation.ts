/** What happened to streams, for logs and metrics: facts, in the past tense. */

import type { ErrorCode } from '@streamflow/sdk/errors'

type Hex = `0x${string}`

/** Why a stream ended. */
export type EndReason = 'finished' | 'deleted' | 'lost' | 'idle' | 'offences' | 'failed' | 'drained'

/** Ends that its broadcaster, which is there, did not wish for: it takes the stream elsewhere. */
export const movingReasons: ReadonlySet<EndReason> = new Set(['drained', 'failed', 'offences'])

/** One fact. Times in milliseconds, money in wei. */
export type StreamObservation =
  | { readonly type: 'streamOpened'; readonly streamId: Hex; readonly sender: Hex; readonly openMs: number }
  | { readonly type: 'streamResumed'; readonly streamId: Hex }
  | { readonly type: 'streamLost'; readonly streamId: Hex }
  | { readonly type: 'streamEnded'; readonly streamId: Hex; readonly reason: EndReason; readonly code?: ErrorCode; readonly segments: number; readonly lengthMs: number }
  /** A request to open a stream was refused. */
  | { readonly type: 'streamRefused'; readonly code: ErrorCode; readonly message: string }
  /** `waitMs`: from the `open` message to the durable ticket. */
  | { readonly type: 'segmentAccepted'; readonly streamId: Hex; readonly seq: number; readonly attempt: number; readonly waitMs: number; readonly balance: bigint }
  /** Its ticket, or the segment itself, was refused. `byTicket`: payments refused it. */
  | { readonly type: 'segmentRefused'; readonly streamId: Hex; readonly seq: number; readonly attempt: number; readonly code: ErrorCode; readonly message: string; readonly byTicket: boolean }
  /** `firstPartMs`: from `open` to the first part of any rendition; `settleMs`: from `close` to the signed receipt. */
  | {
      readonly type: 'segmentSettled'
      readonly streamId: Hex
      readonly seq: number
      readonly attempt: number
      readonly bytes: number
      readonly pixels: bigint
      readonly fee: bigint
      readonly firstPartMs: number | undefined
      readonly settleMs: number
    }
  | { readonly type: 'segmentMissed'; readonly streamId: Hex; readonly seq: number }
  | { readonly type: 'pipelineFailed'; readonly streamId: Hex; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'offended'; readonly streamId: Hex; readonly code: ErrorCode; readonly message: string }

/** Receives facts. Must not throw. */
export type Observe = (observation: StreamObservation) => void
