/**
 * What orchestrator and transcoder say to each other: one body per message, whatever carries it (a pipe, a message bus).
 * Body: length of the fields (2 bytes, big endian), the fields as JSON, then raw bytes to the end.
 */

import { errorCodes, StreamflowError, type ErrorCode } from '@streamflow/sdk/errors'
import { ladderLimits } from '@streamflow/sdk/media'
import * as v from 'valibot'

/** Largest body of a message: a part of the largest rendition at its largest bitrate, with room to spare. */
export const maxMessageBytes = 16 * 1024 * 1024
/** Streams that one transcoder process runs at once. */
export const maxJobs = 4096

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const micros = v.pipe(v.number(), v.safeInteger())
const job = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const renditionName = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,16}$/))
const text = v.pipe(v.string(), v.maxLength(8192))

const transcodeJob = v.strictObject({
  streamId: v.custom<`0x${string}`>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value)),
  input: v.strictObject({
    container: v.literal('matroska'),
    video: v.strictObject({
      codec: v.picklist(['h264', 'vp8', 'vp9', 'av1']),
      width: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(8192)),
      height: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(8192)),
      frameRate: v.pipe(v.number(), v.minValue(1), v.maxValue(ladderLimits.maxFrameRate)),
    }),
    audio: v.exactOptional(v.strictObject({
      codec: v.picklist(['opus', 'aac']),
      sampleRate: v.pipe(v.number(), v.minValue(8000), v.maxValue(192_000)),
      channels: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(8)),
    })),
  }),
  ladder: v.pipe(v.array(v.strictObject({ name: renditionName, width: count, height: count, bitrate: count })), v.minLength(1), v.maxLength(ladderLimits.renditions)),
  partDurationMs: v.pipe(v.number(), v.minValue(50), v.maxValue(1000)),
  segmentDurationMs: v.pipe(v.number(), v.minValue(500), v.maxValue(10_000)),
})

const toTranscoder = v.variant('type', [
  /** Start a pipeline. */
  v.strictObject({ type: v.literal('open'), job, transcodeJob }),
  /** The container header of the stream. */
  v.strictObject({ type: v.literal('header'), job }),
  v.strictObject({ type: v.literal('segmentOpened'), job, seq: count, startUs: micros }),
  /** Bytes of the open segment. */
  v.strictObject({ type: v.literal('chunk'), job }),
  v.strictObject({ type: v.literal('segmentClosed'), job, seq: count, durationUs: micros, frames: count }),
  /** No more input: flush, then `ended`. */
  v.strictObject({ type: v.literal('end'), job }),
  /** Stop at once; nothing follows. */
  v.strictObject({ type: v.literal('abort'), job }),
])

const fromTranscoder = v.variant('type', [
  /** An encoder was chosen by trial; jobs may be opened. Sent again when its speed is known. */
  v.strictObject({ type: v.literal('ready'), encoder: text, pixelsPerSecond: v.pipe(v.number(), v.finite(), v.minValue(0)) }),
  /** So many more bytes of chunks have left the queue of the job. */
  v.strictObject({ type: v.literal('consumed'), job, byteCount: count }),
  v.strictObject({ type: v.literal('init'), job, rendition: renditionName, codecs: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9.]{1,64}$/)) }),
  v.strictObject({ type: v.literal('part'), job, rendition: renditionName, seq: count, index: count, startUs: micros, durationUs: micros, independent: v.boolean(), frames: count }),
  v.strictObject({ type: v.literal('segment'), job, rendition: renditionName, seq: count }),
  v.strictObject({ type: v.literal('ended'), job }),
  v.strictObject({ type: v.literal('failed'), job, code: v.custom<ErrorCode>((value) => typeof value === 'string' && Object.hasOwn(errorCodes, value)), message: text, data: v.exactOptional(v.record(v.string(), v.unknown())) }),
])

/** A message of the orchestrator. */
export type ToTranscoder = v.InferOutput<typeof toTranscoder>
/** A message of the transcoder. */
export type FromTranscoder = v.InferOutput<typeof fromTranscoder>

const noBytes = new Uint8Array(0)

/**
 * Encodes a message.
 * @param bytes - raw bytes that belong to it (`header`, `chunk`, `init`, `part`); not copied
 * @returns the body in pieces, to be sent one after the other
 */
export function encodeMessage(message: ToTranscoder | FromTranscoder, bytes: Uint8Array = noBytes): readonly Uint8Array[] {
  const fields = Buffer.from(`\0\0${JSON.stringify(message)}`, 'utf8')
  fields.writeUInt16BE(fields.length - 2)
  return bytes.length === 0 ? [fields] : [fields, bytes]
}

/** A decoded message with the raw bytes that belong to it (a view of the body). */
export interface Received<M> {
  readonly message: M
  readonly bytes: Uint8Array
}

/**
 * Decodes a message of the orchestrator.
 * @throws {@link StreamflowError} `BadMessage`
 */
export function decodeToTranscoder(body: Uint8Array): Received<ToTranscoder> {
  return decode(body, toTranscoder)
}

/**
 * Decodes a message of a transcoder.
 * @throws {@link StreamflowError} `BadMessage`
 */
export function decodeFromTranscoder(body: Uint8Array): Received<FromTranscoder> {
  return decode(body, fromTranscoder)
}

function decode<S extends typeof toTranscoder | typeof fromTranscoder>(body: Uint8Array, schema: S): Received<v.InferOutput<S>> {
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const end = view.length < 2 ? Infinity : 2 + view.readUInt16BE(0)
  if (end > view.length) throw new StreamflowError('BadMessage', `transcoder message: ${view.length} bytes are too few`)
  let fields: unknown
  try {
    fields = JSON.parse(view.toString('utf8', 2, end))
  } catch (cause) {
    throw new StreamflowError('BadMessage', 'transcoder message: its fields are not JSON', { cause })
  }
  const parsed = v.safeParse(schema, fields)
  if (!parsed.success) throw new StreamflowError('BadMessage', `transcoder message: ${parsed.issues[0].message}`)
  return { message: parsed.output, bytes: body.subarray(end) }
}
