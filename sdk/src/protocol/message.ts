/** Control messages of a data channel: which there are, and how they are written and read. */

import * as v from 'valibot'
import { StreamflowError } from '../errors/StreamflowError.js'
import { abortSegmentSchema } from './abortSegment.js'
import { closeSegmentSchema } from './closeSegment.js'
import { endStreamSchema, streamEndedSchema } from './endStream.js'
import { errorReplySchema } from './errorReply.js'
import { openSegmentSchema } from './openSegment.js'
import { announceOriginsSchema } from './origins.js'
import { pingSchema, pongSchema } from './ping.js'
import { segmentAcceptedSchema } from './segmentAccepted.js'
import { segmentReceiptSchema } from './segmentReceipt.js'

const broadcasterMessageSchema = v.variant('type', [openSegmentSchema, closeSegmentSchema, abortSegmentSchema, endStreamSchema, pingSchema, announceOriginsSchema])
/** What a broadcaster sends. */
export type BroadcasterMessage = v.InferOutput<typeof broadcasterMessageSchema>

/** The orchestrator is shutting down; the stream should move. */
const drainingSchema = v.object({ type: v.literal('draining') })

const orchestratorMessageSchema = v.variant('type', [segmentAcceptedSchema, segmentReceiptSchema, errorReplySchema, streamEndedSchema, drainingSchema, pongSchema])
/** What an orchestrator sends. */
export type OrchestratorMessage = v.InferOutput<typeof orchestratorMessageSchema>

/** JSON with big integers as decimal strings. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? member.toString() : member))
}

/**
 * Reads JSON that came from outside against a schema.
 * @throws {@link StreamflowError} `BadMessage` naming the field
 */
export function parseJson<const S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new StreamflowError('BadMessage', 'not JSON', { cause })
  }
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  throw new StreamflowError('BadMessage', `${v.getDotPath(issue) ?? 'message'}: ${issue.message}`)
}

/** @throws {@link StreamflowError} `BadMessage` */
export function parseBroadcasterMessage(text: string): BroadcasterMessage {
  return parseJson(broadcasterMessageSchema, text)
}

/** @throws {@link StreamflowError} `BadMessage` */
export function parseOrchestratorMessage(text: string): OrchestratorMessage {
  return parseJson(orchestratorMessageSchema, text)
}
