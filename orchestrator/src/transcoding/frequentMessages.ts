/**
 * The messages that come with every picture, as bytes in fixed places (big endian): JSON and a schema for each cost more
 * than what is done with it. First byte: which one; then the job (4 bytes). The rest of a chunk or part is its raw bytes.
 */

import { StreamflowError } from '@streamflow/sdk/errors'

/** Bytes of the open segment. */
export interface ChunkMessage {
  readonly type: 'chunk'
  readonly job: number
}

/** So many more bytes of chunks have left the queue of the job. */
export interface ConsumedMessage {
  readonly type: 'consumed'
  readonly job: number
  readonly byteCount: number
}

/** A part of a rendition. */
export interface PartMessage {
  readonly type: 'part'
  readonly job: number
  readonly rendition: string
  readonly seq: number
  readonly index: number
  readonly startUs: number
  readonly durationUs: number
  readonly independent: boolean
  readonly frames: number
}

export type FrequentMessage = ChunkMessage | ConsumedMessage | PartMessage

/** Names of renditions, as ladders may have them. */
export const renditionPattern = /^[a-z0-9-]{1,16}$/

const kinds = { chunk: 1, consumed: 2, part: 3 } as const
/** Kind and job. */
const headBytes = 5
const consumedBytes = headBytes + 8
/** Offsets in a part: seq, index, frames (4 bytes each), start and duration (8 each), independent, length of the name, the name. */
const at = { seq: 5, index: 9, frames: 13, startUs: 17, durationUs: 25, independent: 33, nameLength: 34, name: 35 } as const

/** Whether a message is one of these. */
export function isFrequent(message: { readonly type: string }): message is FrequentMessage {
  return Object.hasOwn(kinds, message.type)
}

/** Encodes a message, but for its raw bytes. */
export function encodeFrequent(message: FrequentMessage): Buffer {
  if (message.type === 'chunk') return createHead(message, headBytes)
  if (message.type === 'consumed') {
    const body = createHead(message, consumedBytes)
    body.writeDoubleBE(message.byteCount, headBytes)
    return body
  }
  const { rendition, seq, index, frames, startUs, durationUs, independent } = message
  const body = createHead(message, at.name + rendition.length)
  body.writeUInt32BE(seq, at.seq)
  body.writeUInt32BE(index, at.index)
  body.writeUInt32BE(frames, at.frames)
  body.writeDoubleBE(startUs, at.startUs)
  body.writeDoubleBE(durationUs, at.durationUs)
  body.writeUInt8(Number(independent), at.independent)
  body.writeUInt8(rendition.length, at.nameLength)
  body.write(rendition, at.name, 'latin1')
  return body
}

function createHead({ type, job }: FrequentMessage, byteCount: number): Buffer {
  const body = Buffer.allocUnsafe(byteCount)
  body.writeUInt8(kinds[type])
  body.writeUInt32BE(job, 1)
  return body
}

/**
 * Decodes a message.
 * @returns the message and where its raw bytes begin; `undefined` if the body is none of these
 * @throws {@link StreamflowError} `BadMessage`
 */
export function decodeFrequent(body: Buffer): { readonly message: FrequentMessage; readonly end: number } | undefined {
  const [kind] = body
  if (kind === kinds.chunk) return { message: { type: 'chunk', job: readJob(body, headBytes) }, end: headBytes }
  if (kind === kinds.consumed) return { message: { type: 'consumed', job: readJob(body, consumedBytes), byteCount: readCount(body, headBytes) }, end: consumedBytes }
  return kind === kinds.part ? decodePart(body) : undefined
}

function decodePart(body: Buffer): { readonly message: PartMessage; readonly end: number } {
  const job = readJob(body, at.name)
  const end = at.name + body.readUInt8(at.nameLength)
  const rendition = body.toString('latin1', at.name, end)
  const independent = body.readUInt8(at.independent)
  if (end > body.length || !renditionPattern.test(rendition) || independent > 1) refuse('a part that is none')
  return {
    message: {
      type: 'part', job, rendition,
      seq: body.readUInt32BE(at.seq),
      index: body.readUInt32BE(at.index),
      startUs: readMicros(body, at.startUs),
      durationUs: readMicros(body, at.durationUs),
      independent: independent === 1,
      frames: body.readUInt32BE(at.frames),
    },
    end,
  }
}

function readJob(body: Buffer, byteCount: number): number {
  const job = body.length < byteCount ? 0 : body.readUInt32BE(1)
  return job > 0 ? job : refuse('too few bytes, or no job')
}

function readMicros(body: Buffer, offset: number): number {
  const micros = body.readDoubleBE(offset)
  // Plus zero: no other zero than the one that a message can be compared by.
  return Number.isSafeInteger(micros) ? micros + 0 : refuse('a time that is no whole number')
}

function readCount(body: Buffer, offset: number): number {
  const count = readMicros(body, offset)
  return count >= 0 ? count : refuse('a negative count')
}

function refuse(what: string): never {
  throw new StreamflowError('BadMessage', `transcoder message: ${what}`)
}
