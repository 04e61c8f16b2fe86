import { describe, expect, it } from 'vitest'
import { checkStructure } from './checkStructure.js'
import { readRendition } from './readRendition.js'
import type { EncodedTrack } from './track.js'

describe('a rendition that is no media', () => {
  const chance = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
  const box = (type: string, body: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(8 + body.length)
    new DataView(bytes.buffer).setUint32(0, bytes.length)
    bytes.set([...type].map((letter) => letter.charCodeAt(0)), 4)
    bytes.set(body, 8)
    return bytes
  }

  it.each([
    ['nothing', () => new Uint8Array(0)],
    ['noise', () => chance(500)],
    ['a description of noise', () => box('moov', chance(200))],
    ['a description of tracks of noise', () => box('moov', box('trak', box('tkhd', chance(90))))],
  ])('but %s is refused as such', (_what, make) => {
    for (let i = 0; i < 50; i++) expect(() => readRendition({ init: make(), media: chance(300) })).toThrow(expect.objectContaining({ code: 'BadMessage' }))
  })
})

describe('the structure of a rendition', () => {
  // A parameter set of 64×48 (baseline), as x264 writes it.
  const sps = [0x67, 0x42, 0xc0, 0x0a, 0xd9, 0x04, 0x7b, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x22, 0x64, 0x80]
  const config = Uint8Array.from([1, 0x42, 0xc0, 0x0a, 0xff, 0xe1, 0, sps.length, ...sps, 0])
  const track = (times: readonly number[], change: Partial<EncodedTrack> = {}): EncodedTrack => ({
    codec: 'h264', config, width: 64, height: 48, sampleRate: 0, channels: 0, file: { container: 'mp4', bytes: new Uint8Array(0) },
    samples: times.map((timeUs, i) => ({ timeUs, isKey: i === 0, bytes: Uint8Array.of(0, 0, 0, 1, 0x65) })), ...change,
  })
  const times = Array.from({ length: 25 }, (_, i) => i * 40_000)
  const expected = { rendition: { name: '48p', width: 64, height: 48 }, startUs: 0, durationUs: 1e6, frameRate: 25, sourceTimesUs: times }
  const kindsOf = (made: EncodedTrack, change: Partial<typeof expected> = {}): string[] => checkStructure(made, { ...expected, ...change }).map(({ kind }) => kind)

  it('is good where it is as ordered, a picture more or less', () => {
    expect(kindsOf(track(times))).toEqual([])
    expect(kindsOf(track(times.slice(0, 24)))).toEqual([])
  })

  it.each([
    ['no picture', track([]), 'structure'],
    ['half of its pictures', track(times.slice(0, 12)), 'structure'],
    ['times that stand still', track([...times.slice(0, 24), times[23]!]), 'structure'],
    ['another second', track(times.map((time) => time + 1e6)), 'structure'],
    ['no keyframe', { ...track(times), samples: track(times).samples.map((sample) => ({ ...sample, isKey: false })) }, 'structure'],
    ['another size in its description', track(times, { width: 96 }), 'dimensions'],
  ])('is not where it has %s', (_what, made, kind) => expect(kindsOf(made)).toContain(kind))

  it('is not where another size was ordered', () => expect(kindsOf(track(times), { rendition: { name: '48p', width: 128, height: 96 } })).toEqual(['dimensions']))

  it('may have fewer pictures where its source has a hole that nobody fills, also at its end', () => {
    const before = times.slice(0, 12)
    const after = before.map((time) => time + 2e6)
    expect(kindsOf(track([...before, ...after]), { sourceTimesUs: [...before, ...after], durationUs: 2.5e6 })).toEqual([])
    expect(kindsOf(track(before), { sourceTimesUs: before, durationUs: 2.5e6 })).toEqual([])
    expect(kindsOf(track(before), { sourceTimesUs: before })).toContain('structure')
  })
})
