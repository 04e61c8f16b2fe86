import { parseMatroskaHeader } from '@streamflow/sdk/media'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../../../test/media-fixtures/matroskaFixture.js'
import { MatroskaGate, type GatedBlock } from './matroskaGate.js'

let fixture: Fixture
beforeAll(async () => {
  fixture = await createFixture({ seconds: 2 })
})

describe('the gate', () => {
  const passAll = (): boolean => true

  function feed(gate: MatroskaGate, pieces: readonly Uint8Array[], accept: (block: GatedBlock) => boolean = passAll): Buffer {
    gate.openSegment()
    return Buffer.concat(pieces.flatMap((piece) => [...gate.write(piece, accept)]))
  }

  test('lets whole blocks through however they are cut, and knows their times', () => {
    const gate = new MatroskaGate(parseMatroskaHeader(fixture.header))
    const [segment] = fixture.segments
    const whole = Buffer.concat(segment?.chunks.map(({ bytes }) => bytes) ?? [])
    const blocks: GatedBlock[] = []
    const through = feed(gate, [whole], (block) => blocks.push(block) > 0)
    expect(blocks.filter((block) => block.kind === 'video').map((block) => block.isKey)).toEqual([true, ...Array<boolean>(29).fill(false)])
    expect(blocks.map((block) => block.timeUs)).toEqual(segment?.chunks.map(({ timeUs }) => timeUs))
    fc.assert(fc.property(fc.array(fc.nat(whole.length), { maxLength: 30 }), (cuts) => {
      const sorted = [0, ...cuts.sort((a, b) => a - b), whole.length]
      const pieces = sorted.slice(1).map((end, i) => whole.subarray(sorted[i], end))
      expect(feed(gate, pieces).equals(through)).toBe(true)
    }), { numRuns: 30 })
  })

  test('keeps the tail of a cut segment out of the next', () => {
    const gate = new MatroskaGate(parseMatroskaHeader(fixture.header))
    const [first, second] = fixture.segments.map((segment) => Buffer.concat(segment.chunks.map(({ bytes }) => bytes)))
    if (first === undefined || second === undefined) throw new Error('fixture')
    const clean = feed(gate, [second])
    for (const cut of [1, 5, 20, 1000, first.length - 1]) {
      feed(gate, [first.subarray(0, cut)])
      expect(feed(gate, [second]).equals(clean)).toBe(true)
    }
  })

  test('stops at the first byte that is not Matroska, until the next segment', () => {
    const gate = new MatroskaGate(parseMatroskaHeader(fixture.header))
    gate.openSegment()
    expect(() => gate.write(Uint8Array.of(0, 0, 0, 0), passAll)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    expect(gate.write(fixture.segments[0]?.chunks[0]?.bytes ?? new Uint8Array(0), passAll)).toEqual([])
    expect(feed(gate, [fixture.segments[0]?.chunks[0]?.bytes ?? new Uint8Array(0)]).length).toBeGreaterThan(0)
  })

  test('never holds more than one block, whatever it is told', () => {
    const gate = new MatroskaGate(parseMatroskaHeader(fixture.header))
    gate.openSegment()
    // A block that claims 1 GiB.
    expect(() => gate.write(Uint8Array.of(0x1f, 0x43, 0xb6, 0x75, 0xff, 0xe7, 0x81, 0, 0xa3, 0x08, 0x40, 0, 0, 0), passAll)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      gate.openSegment()
      try {
        gate.write(bytes, passAll)
      } catch (error) {
        expect(error).toEqual(expect.objectContaining({ code: 'BadMessage' }))
      }
    }))
  })
})
