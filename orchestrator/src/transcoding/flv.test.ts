import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FlvReader, type FlvTag } from './flv.js'

const head = Uint8Array.from([...Buffer.from('FLV'), 1, 5, 0, 0, 0, 9, 0, 0, 0, 0])
const u24 = (value: number): readonly number[] => [(value >>> 16) & 255, (value >>> 8) & 255, value & 255]

/** A tag as ffmpeg writes it. */
function write(type: number, timeMs: number, body: readonly number[]): Uint8Array {
  const time = ((timeMs % 2 ** 31) + 2 ** 31) % 2 ** 31
  return Uint8Array.from([type, ...u24(body.length), ...u24(time & 0xff_ffff), (time >>> 24) & 0x7f, 0, 0, 0, ...body, 0, 0, 0, 11 + body.length])
}
const writePicture = (timeMs: number, isSync: boolean, data: readonly number[]): Uint8Array => write(9, timeMs, [isSync ? 0x17 : 0x27, 1, 0, 0, 0, ...data])
const writeSound = (timeMs: number, data: readonly number[]): Uint8Array => write(8, timeMs, [0xaf, 1, ...data])
const copy = (tag: FlvTag): FlvTag => ({ ...tag, bytes: Uint8Array.from(tag.bytes) })

describe('an encoder’s output', () => {
  test('comes out sample by sample however it is cut, for months', () => {
    const anySample = fc.record({ stepMs: fc.integer({ min: 1, max: 2 ** 30 - 1 }), isSync: fc.boolean(), data: fc.array(fc.nat(255), { maxLength: 40 }) })
    fc.assert(fc.property(fc.boolean(), fc.array(anySample, { minLength: 1, maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (isPicture, list, cuts) => {
      let timeMs = -21
      const samples = list.map(({ stepMs, isSync, data }) => ({ kind: 'sample' as const, timeMs: (timeMs += stepMs), isSync: isPicture ? isSync : true, bytes: Uint8Array.from(data) }))
      const bytes = Buffer.concat([head, write(18, 0, [2, 0, 0]), ...samples.map((sample) => (isPicture ? writePicture(sample.timeMs, sample.isSync, [...sample.bytes]) : writeSound(sample.timeMs, [...sample.bytes])))])
      const reader = new FlvReader()
      const read: FlvTag[] = []
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const end = at + (cuts[i % cuts.length] ?? 1)
        read.push(...reader.read(bytes.subarray(at, end)).map(copy))
        at = end
      }
      expect(read).toEqual(samples)
    }))
  })

  test('tells what decoders must know first, and times before 0', () => {
    const tags = new FlvReader().read(Buffer.concat([head, write(8, 0, [0xaf, 0, 0x11, 0x88]), writeSound(-21, [7])]))
    expect(tags.map(copy)).toEqual([{ kind: 'config', bytes: Uint8Array.of(0x11, 0x88) }, { kind: 'sample', timeMs: -21, isSync: true, bytes: Uint8Array.of(7) }])
  })

  test.each([
    ['that is something else', Buffer.from('\x1a\x45\xdf\xa3 no FLV at all')],
    ['of another codec', Buffer.concat([head, write(9, 0, [0x12, 1, 0, 0, 0, 1])])],
    ['whose pictures are reordered', Buffer.concat([head, write(9, 0, [0x27, 1, 0, 0, 40, 1])])],
    ['whose sound is another', Buffer.concat([head, write(8, 0, [0x2f, 1, 1])])],
  ])('%s is refused', (_what, bytes) => {
    expect(() => new FlvReader().read(bytes)).toThrow(expect.objectContaining({ code: 'TranscodeFailed' }))
  })
})
