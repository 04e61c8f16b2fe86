/** What stays the same over the life of one broadcast, at whichever orchestrator it is. Types only. */

import type { Network } from '../chain/network.js'
import type { InputFormat, Ladder } from '../media/ladder.js'
import type { Domain } from '../payments/domain.js'
import type { RenewableSession } from '../session/createRenewableSession.js'
import type { Dial, IceServer } from '../transport/transport.js'
import type { Hex } from '../units/hex.js'

/** The job: what was ordered for which input. */
export interface StreamJob {
  readonly streamId: Hex
  readonly serviceId: Hex
  readonly input: InputFormat
  readonly ladder: Ladder
  readonly segmentDurationMs: number
  /** Wall clock (ms since the epoch) at the stream clock's 0. */
  readonly startTimeMs: number
  /** The container's header. */
  readonly header: Uint8Array<ArrayBuffer>
}

/** A broadcast's surroundings. */
export interface StreamContext {
  readonly network: Network
  readonly domain: Domain
  readonly session: RenewableSession
  readonly dial: Dial
  readonly iceServers?: readonly IceServer[] | undefined
  readonly fetch?: typeof fetch | undefined
  /** Milliseconds to wait for an orchestrator's answer to a request. */
  readonly requestTimeoutMs: number
  /** Milliseconds after a segment's end within which its receipt is due. */
  readonly receiptTimeoutMs: number
  /** wei of expected value that one orchestrator may get of this broadcast. */
  readonly maxSpentPerOrchestrator: bigint | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
}
