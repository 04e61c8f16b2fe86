import { parseMatroskaHeader } from '@streamflow/sdk/media'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../../../test/media-fixtures/matroskaFixture.js'
import { encodeBlock, MatroskaGate, type GatedBlock } from './matroskaGate.js'

let fixture: Fixture
beforeAll(async () => {
  fixture = await createFixture({ seconds: 2 })
})

describe('the gate', () => {
  const feed = (gate: MatroskaGate, pieces: readonly Uint8Array[]): readonly GatedBlock[] => {
    gate.openSegment()
    return pieces.flatMap((piece) => [...gate.read(piece)])
  }
  /** What of the blocks can be told apart, without what depends on the cut. */
  const describeBlocks = (blocks: readonly GatedBlock[]): unknown => blocks.map(({ payload, ...block }) => ({ ...block, payload: Buffer.from(payload).toString('base64') }))

  test('gives whole blocks however they are cut, and knows their times', () => {
    const gate = new MatroskaGate(parseMatroskaHeader(fixture.header))
    const [segment] = fixture.segments
    const whole = Buffer.concat(segment?.chunks.map(({ bytes }) => bytes) ?? [])
    const blocks = feed(gate, [whole])
    expect(blocks.filter((block) => block.kind === 'video').map((block) => block.isKey)).toEqual([true, ...Array<boolean>(29).fill(false)])
    expect(blocks.map((block) => block.timeUs)).toEqual(segment?.chunks.map(({ timeUs }) => timeUs))
    fc.assert(fc.property(fc.array(fc.nat(whole.length), { maxLength: 30 }), (cuts) => {
      const sorted = [0, ...cuts.sort((a, b) => a - b), whole.length]
      const pieces = sorted.slice(1).map((end, i) => whole.subarray(sorted[i], end))
      expect(describeBlocks(feed(gate, pieces))).toEqual(describeBlocks(blocks))
    }), { numRuns: 30 })
  })

  test('reads the blocks that it writes, at any time', () => {
    const header = parseMatroskaHeader(fixture.header)
    const block = fc.record({ track: fc.constantFrom(1, 2), isKey: fc.boolean(), ticks: fc.nat(2 ** 45), payload: fc.uint8Array({ maxLength: 300 }) })
    fc.assert(fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
      const bytes = blocks.flatMap(({ track, isKey, ticks, payload }) => [...encodeBlock({ track, flags: isKey ? 0x80 : 0, payload }, ticks)])
      const read = feed(new MatroskaGate(header), [Buffer.concat(bytes)])
      expect(read.map(({ track, isKey, timeUs, payload }) => ({ track, isKey, ticks: timeUs / 1000, payload: Uint8Array.from(payload) }))).toEqual(blocks)
    }))
  })

  test('keeps the tail of a cut segment out of the next', () => {
    const gate = new MatroskaGate(parseMatroskaHeader(fixture.header))
    const [first, second] = fixture.segments.map((segment) => Buffer.concat(segment.chunks.map(({ bytes }) => bytes)))
    if (first === undefined || second === undefined) throw new Error('fixture')
    const clean = describeBlocks(feed(gate, [second]))
    for (const cut of [1, 5, 20, 1000, first.length - 1]) {
      feed(gate, [first.subarray(0, cut)])
      expect(describeBlocks(feed(gate, [second]))).toEqual(clean)
    }
  })

  test('stops at the first byte that is not Matroska, until the next segment', () => {
    const gate = new MatroskaGate(parseMatroskaHeader(fixture.header))
    const chunk = fixture.segments[0]?.chunks[0]?.bytes ?? new Uint8Array(0)
    expect(feed(gate, [chunk, Uint8Array.of(0, 0, 0, 0), chunk])).toHaveLength(1)
    expect(feed(gate, [chunk])).toHaveLength(1)
  })

  test('never holds more than one block, whatever it is told', () => {
    const gate = new MatroskaGate(parseMatroskaHeader(fixture.header))
    const chunk = fixture.segments[0]?.chunks[0]?.bytes ?? new Uint8Array(0)
    // A block that claims 1 GiB: what follows is not waited for.
    expect(feed(gate, [Uint8Array.of(0x1f, 0x43, 0xb6, 0x75, 0xff, 0xe7, 0x81, 0, 0xa3, 0x08, 0x40, 0, 0, 0), chunk])).toEqual([])
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      for (const block of feed(gate, [bytes])) expect(block.payload.length).toBeLessThanOrEqual(bytes.length)
    }))
  })
})
