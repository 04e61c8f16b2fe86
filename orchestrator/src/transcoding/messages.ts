/**
 * What orchestrator and transcoder say to each other: one body per message, whatever carries it (a pipe, a message bus).
 * Those that come with every picture are frequentMessages.ts. Body of all others: a zero, the length of the fields
 * (2 bytes, big endian), the fields as JSON, then raw bytes to the end.
 */

import { errorCodes, StreamflowError, type ErrorCode } from '@streamflow/sdk/errors'
import { ladderLimits } from '@streamflow/sdk/media'
import * as v from 'valibot'
import { acceleratorKinds } from './accelerators/accelerator.js'
import { decodeFrequent, encodeFrequent, isFrequent, renditionPattern, type ChunkMessage, type ConsumedMessage, type PartMessage } from './frequentMessages.js'

/** Largest body of a message: a part of the largest rendition at its largest bitrate, with room to spare. */
export const maxMessageBytes = 16 * 1024 * 1024
/** Streams that one transcoder process runs at once. */
export const maxJobs = 4096

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const micros = v.pipe(v.number(), v.safeInteger())
const job = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(0xffffffff))
const renditionName = v.pipe(v.string(), v.regex(renditionPattern))
const text = v.pipe(v.string(), v.maxLength(8192))

const videoCodec = v.picklist(['h264', 'vp8', 'vp9', 'av1'])

/** A chain that a transcoder found to work: what it said once, it can be told again instead of trying. */
export const describedAccelerator = v.strictObject({
  kind: v.picklist(acceleratorKinds),
  device: v.pipe(v.string(), v.maxLength(256)),
  codecs: v.pipe(v.array(videoCodec), v.maxLength(4)),
  /** Output pixels per second of the whole device. */
  pixelsPerSecond: v.pipe(v.number(), v.finite(), v.minValue(0)),
  freeMemoryBytes: v.exactOptional(count),
  /** Takes streams now. */
  isUsable: v.boolean(),
})
/** A chain as messages have it. */
export type DescribedAccelerator = v.InferOutput<typeof describedAccelerator>

/** Chains that one machine may have. */
export const maxAccelerators = 64

const hex32 = v.custom<`0x${string}`>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value))

const transcodeJob = v.strictObject({
  streamId: v.custom<`0x${string}`>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value)),
  input: v.strictObject({
    container: v.literal('matroska'),
    video: v.strictObject({
      codec: videoCodec,
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
  exactService: v.exactOptional(v.custom<`0x${string}`>((value) => typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value))),
})

const toTranscoder = v.variant('type', [
  /** Start a pipeline. */
  v.strictObject({ type: v.literal('open'), job, transcodeJob }),
  /** The container header of the stream. */
  v.strictObject({ type: v.literal('header'), job }),
  v.strictObject({ type: v.literal('segmentOpened'), job, seq: count, startUs: micros }),
  v.strictObject({ type: v.literal('segmentClosed'), job, seq: count, durationUs: micros, frames: count }),
  /** No more input: flush, then `ended`. */
  v.strictObject({ type: v.literal('end'), job }),
  /** Stop at once; nothing follows. */
  v.strictObject({ type: v.literal('abort'), job }),
])

const fromTranscoder = v.variant('type', [
  /** Chains were tried and measured; jobs may be opened. Sent again when what it can do has changed: a device was lost, or is back. */
  v.strictObject({
    type: v.literal('ready'), pixelsPerSecond: v.pipe(v.number(), v.finite(), v.minValue(0)),
    accelerators: v.pipe(v.array(describedAccelerator), v.minLength(1), v.maxLength(maxAccelerators)),
    /** Why it is sent again. */
    change: v.exactOptional(v.strictObject({ name: text, state: v.picklist(['left', 'full', 'back']), reason: text })),
  }),
  v.strictObject({ type: v.literal('init'), job, rendition: renditionName, codecs: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9.]{1,64}$/)) }),
  v.strictObject({ type: v.literal('segment'), job, rendition: renditionName, seq: count }),
  v.strictObject({ type: v.literal('ended'), job }),
  /** What a transcoder of a public pool signs of a segment, when all of it has been sent. */
  v.strictObject({ type: v.literal('result'), job, seq: count, outputs: v.pipe(v.array(v.strictObject({ rendition: renditionName, hash: hex32, frames: count })), v.maxLength(ladderLimits.renditions + 1)), pixels: v.pipe(v.string(), v.regex(/^\d{1,20}$/)), signature: v.custom<`0x${string}`>((value) => typeof value === 'string' && /^0x[0-9a-f]{128}$/.test(value)) }),
  v.strictObject({ type: v.literal('failed'), job, code: v.custom<ErrorCode>((value) => typeof value === 'string' && Object.hasOwn(errorCodes, value)), message: text, data: v.exactOptional(v.record(v.string(), v.unknown())) }),
])

/** A message of the orchestrator. */
export type ToTranscoder = v.InferOutput<typeof toTranscoder> | ChunkMessage
/** A message of the transcoder. */
export type FromTranscoder = v.InferOutput<typeof fromTranscoder> | ConsumedMessage | PartMessage

/** Where the fields of a message in JSON begin. */
const jsonStart = 3
const noBytes = new Uint8Array(0)

/**
 * Encodes a message.
 * @param bytes - raw bytes that belong to it (`header`, `chunk`, `init`, `part`); not copied
 * @returns the body in pieces, to be sent one after the other
 */
export function encodeMessage(message: ToTranscoder | FromTranscoder, bytes: Uint8Array = noBytes): readonly Uint8Array[] {
  const fields = isFrequent(message) ? encodeFrequent(message) : encodeFields(message)
  return bytes.length === 0 ? [fields] : [fields, bytes]
}

function encodeFields(message: ToTranscoder | FromTranscoder): Buffer {
  const fields = Buffer.from(`\0\0\0${JSON.stringify(message)}`, 'utf8')
  fields.writeUInt16BE(fields.length - jsonStart, 1)
  return fields
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
  const view = asBuffer(body)
  const frequent = decodeFrequent(view)
  if (frequent === undefined) return decode(view, toTranscoder)
  if (frequent.message.type !== 'chunk') throw new StreamflowError('BadMessage', `transcoder message: an orchestrator sends no ${frequent.message.type}`)
  return { message: frequent.message, bytes: view.subarray(frequent.end) }
}

/**
 * Decodes a message of a transcoder.
 * @throws {@link StreamflowError} `BadMessage`
 */
export function decodeFromTranscoder(body: Uint8Array): Received<FromTranscoder> {
  const view = asBuffer(body)
  const frequent = decodeFrequent(view)
  if (frequent === undefined) return decode(view, fromTranscoder)
  if (frequent.message.type === 'chunk') throw new StreamflowError('BadMessage', 'transcoder message: a transcoder sends no chunk')
  return { message: frequent.message, bytes: view.subarray(frequent.end) }
}

const asBuffer = (body: Uint8Array): Buffer => Buffer.from(body.buffer, body.byteOffset, body.byteLength)

function decode<S extends typeof toTranscoder | typeof fromTranscoder>(body: Buffer, schema: S): Received<v.InferOutput<S>> {
  const end = body.length < jsonStart ? Infinity : jsonStart + body.readUInt16BE(1)
  if (end > body.length || body[0] !== 0) throw new StreamflowError('BadMessage', `transcoder message: ${body.length} bytes are too few, or of no kind`)
  let fields: unknown
  try {
    fields = JSON.parse(body.toString('utf8', jsonStart, end))
  } catch (cause) {
    throw new StreamflowError('BadMessage', 'transcoder message: its fields are not JSON', { cause })
  }
  const parsed = v.safeParse(schema, fields)
  if (!parsed.success) throw new StreamflowError('BadMessage', `transcoder message: ${parsed.issues[0].message}`)
  return { message: parsed.output, bytes: body.subarray(end) }
}
