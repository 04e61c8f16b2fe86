import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { childBoxes, viewOf, type Box } from './boxes.js'
import { parseFragment, writeFragment, type TrackInit } from './fragments.js'

const track: TrackInit = { codecs: 'avc1.42c01e', trackId: 1, timescale: 90_000, defaults: { duration: 0, size: 0, flags: 0 } }

describe('fragments', () => {
  test('are read as they were written', () => {
    const anySample = fc.record({ duration: fc.integer({ min: 1, max: 1e6 }), isSync: fc.boolean(), compositionOffset: fc.integer({ min: -1000, max: 1000 }), data: fc.uint8Array({ maxLength: 50 }) })
    fc.assert(fc.property(fc.nat(2 ** 40), fc.array(anySample, { minLength: 1, maxLength: 10 }), (startTime, list) => {
      let time = startTime
      const samples = list.map((one) => {
        const timed = { ...one, time }
        time += one.duration
        return timed
      })
      const [moof, mdat] = [...childBoxes(viewOf(writeFragment({ trackId: 1, sequence: 9, samples })))] as [Box, Box]
      expect([moof.type, mdat.type]).toEqual(['moof', 'mdat'])
      expect(parseFragment(moof, mdat, track).map((read) => ({ ...read, data: Uint8Array.from(read.data) }))).toEqual(samples)
    }))
  })
})
