/** `ping`: whoever answers `pong` lives and reads its messages; a lost network or a killed process breaks a data channel only after seconds. */

import * as v from 'valibot'

export const pingSchema = v.strictObject({ type: v.literal('ping') })
/** Broadcaster → orchestrator, a few times a second while something is owed. */
export type Ping = v.InferOutput<typeof pingSchema>

export const pongSchema = v.object({ type: v.literal('pong') })
/** Orchestrator → broadcaster, at once. */
export type Pong = v.InferOutput<typeof pongSchema>
