import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createJob } from '../../../test/media-fixtures/transcodeRecorder.js'
import { FrameReader, writeFrame } from './frames.js'
import { decodeFromTranscoder, decodeToTranscoder, encodeMessage, maxMessageBytes, type FromTranscoder, type ToTranscoder } from './messages.js'

const job = createJob()
const toTranscoder: readonly ToTranscoder[] = [
  { type: 'open', job: 1, transcodeJob: { ...job, ladder: [...job.ladder] } },
  { type: 'header', job: 1 },
  { type: 'segmentOpened', job: 1, seq: 7, startUs: 7_000_000 },
  { type: 'chunk', job: 1 },
  { type: 'segmentClosed', job: 1, seq: 7, durationUs: 1_000_000, frames: 30 },
  { type: 'end', job: 1 },
  { type: 'abort', job: 1 },
]
const fromTranscoder: readonly FromTranscoder[] = [
  { type: 'ready', pixelsPerSecond: 1e8, accelerators: [{ kind: 'nvidia', device: '0', codecs: ['h264', 'vp9'], pixelsPerSecond: 1e8, freeMemoryBytes: 8e9, isUsable: false }], change: { name: 'nvidia:0', state: 'left', reason: 'it hangs' } },
  { type: 'consumed', job: 2, byteCount: 9 },
  { type: 'init', job: 2, rendition: '360p', codecs: 'avc1.42c01e' },
  { type: 'part', job: 2, rendition: 'audio', seq: 1, index: 0, startUs: 1, durationUs: 2, independent: true, frames: 3 },
  { type: 'segment', job: 2, rendition: '360p', seq: 1 },
  { type: 'ended', job: 2 },
  { type: 'failed', job: 2, code: 'TranscodeFailed', message: 'why', data: { got: 1 } },
]

const join = (pieces: readonly Uint8Array[]): Uint8Array => Buffer.concat(pieces)

describe('a message', () => {
  test('comes out as it went in, with its bytes', () => {
    const bytes = Uint8Array.of(1, 2, 3)
    for (const message of toTranscoder) expect(decodeToTranscoder(join(encodeMessage(message, bytes)))).toEqual({ message, bytes: Buffer.from(bytes) })
    for (const message of fromTranscoder) expect(decodeFromTranscoder(join(encodeMessage(message)))).toEqual({ message, bytes: Buffer.alloc(0) })
  })

  test('does not copy the bytes it carries', () => {
    const bytes = new Uint8Array(10)
    expect(encodeMessage({ type: 'chunk', job: 1 }, bytes)[1]).toBe(bytes)
  })

  test('that is none is a BadMessage', () => {
    const text = (fields: unknown): Uint8Array => {
      const json = Buffer.from(`\0\0\0${JSON.stringify(fields)}`)
      json.writeUInt16BE(json.length - 3, 1)
      return json
    }
    const part = join(encodeMessage({ type: 'part', job: 2, rendition: 'audio', seq: 1, index: 0, startUs: 1, durationUs: 2, independent: true, frames: 3 }))
    const spoil = (at: number, ...values: readonly number[]): Uint8Array => Buffer.concat([part.subarray(0, at), Uint8Array.from(values), part.subarray(at + values.length)])
    const spoilt = [part.subarray(0, 34), part.subarray(0, 38), spoil(33, 2), spoil(34, 0), spoil(34, 17), spoil(35, 0x41), spoil(17, 0x7f, 0xf8), spoil(17, 0x3f, 0xe0), spoil(1, 0, 0, 0, 0)]
    const consumed = join(encodeMessage({ type: 'consumed', job: 2, byteCount: -1 }))
    for (const body of [...spoilt, consumed, consumed.subarray(0, 12)]) expect(() => decodeFromTranscoder(body)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    expect(() => decodeToTranscoder(part)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    expect(() => decodeFromTranscoder(join(encodeMessage({ type: 'chunk', job: 1 })))).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    for (const body of [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(0, 9, 1), Uint8Array.of(0, 0, 1, 0x7b), Uint8Array.of(1, 0, 0, 1), Uint8Array.of(4, 0, 0, 0, 1), text({ type: 'end' }), text({ type: 'end', job: 0 }), text({ type: 'ended', job: 1, more: 1 }), text({ type: 'chunk', job: 1 }), text({ type: 'nothing', job: 1 }), text(null)]) {
      expect(() => decodeToTranscoder(body)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
      expect(() => decodeFromTranscoder(body)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    }
  })

  test('of random bytes is a BadMessage, or a message that comes out as it went in', () => {
    fc.assert(fc.property(fc.nat({ max: 4 }), fc.uint8Array({ maxLength: 60 }), (kind, rest) => {
      for (const decode of [decodeToTranscoder, decodeFromTranscoder]) {
        try {
          const { message, bytes } = decode(Uint8Array.of(kind, ...rest))
          expect(decode(join(encodeMessage(message, bytes)))).toEqual({ message, bytes })
        } catch (error) {
          expect(error).toMatchObject({ code: 'BadMessage' })
        }
      }
    }))
  })
})

describe('frames', () => {
  test('come out whole however the stream is cut', async () => {
    const stream = new PassThrough({ highWaterMark: 1e6 })
    const bodies = [Uint8Array.of(1), new Uint8Array(0), new Uint8Array(2000).fill(7)]
    for (const body of bodies) writeFrame(stream, [body.subarray(0, 1), body.subarray(1)])
    stream.end()
    const bytes = Buffer.concat(await stream.toArray())
    fc.assert(fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 20 }), (cuts) => {
      const reader = new FrameReader()
      const read: Uint8Array[] = []
      const sorted = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      sorted.slice(1).forEach((end, i) => read.push(...reader.read(bytes.subarray(sorted[i], end))))
      expect(read.map((body) => Buffer.from(body))).toEqual(bodies.map((body) => Buffer.from(body)))
    }), { numRuns: 50 })
  })

  test('larger than the limit are refused before they are held', () => {
    const head = Buffer.alloc(4)
    head.writeUInt32BE(maxMessageBytes + 1)
    expect(() => new FrameReader().read(head)).toThrow(expect.objectContaining({ code: 'MessageTooLarge', data: { limitBytes: maxMessageBytes, gotBytes: maxMessageBytes + 1 } }))
  })
})
