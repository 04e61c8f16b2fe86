import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findBox, listBoxes } from '../../../sdk/src/media/mp4Boxes.js'
import { readFragment, readSampleDefaults } from '../../../sdk/src/media/mp4Fragments.js'
import { writeFragment } from '../../../orchestrator/src/transcoding/fragments.js'
import { trackId, writeInit } from '../../../orchestrator/src/transcoding/initSegment.js'

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

test('what is written is read by another reader: samples where they lie, when they are shown, which decode alone', () => {
  const init = writeInit({ kind: 'video', config: Uint8Array.of(1, 0x42, 0xc0, 0x1e), width: 640, height: 360 }, 90_000)
  expect(init.codecs).toBe('avc1.42c01e')
  const moov = findBox(viewOf(init.bytes), ['moov'])
  expect(moov).toBeDefined()
  const anySample = fc.record({ duration: fc.integer({ min: 1, max: 1e6 }), isSync: fc.boolean(), data: fc.uint8Array({ maxLength: 50 }) })
  fc.assert(fc.property(fc.nat(2 ** 40), fc.array(anySample, { minLength: 1, maxLength: 10 }), (startTime, list) => {
    let time = startTime
    const samples = list.map((one) => {
      const timed = { ...one, time }
      time += one.duration
      return timed
    })
    const bytes = writeFragment({ sequence: 9, samples })
    const [moof, mdat] = listBoxes(viewOf(bytes))
    expect([moof?.type, mdat?.type]).toEqual(['moof', 'mdat'])
    const read = readFragment(moof!, readSampleDefaults(moov!), new Map())
    expect(read.map(({ track, at, size, time: atTime, isKey }) => ({ track, time: atTime, isSync: isKey, data: bytes.slice(at, at + size) }))).toEqual(samples.map(({ time: atTime, isSync, data }) => ({ track: trackId, time: atTime, isSync, data })))
  }))
})
