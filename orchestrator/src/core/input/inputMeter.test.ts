import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { concatBytes, ebmlId, encodeElement, encodeElementHead, parseMatroskaHeader, unknownSize } from '@streamflow/sdk/media'
import { createFixture, type Fixture } from '../../../../test/media-fixtures/matroskaFixture.js'
import { createJob } from '../../../../test/media-fixtures/transcodeRecorder.js'
import { MatroskaGate } from '../../transcoding/matroskaGate.js'
import { openInput, type StreamInput } from './inputMeter.js'

const job = createJob()
let fixture: Fixture
let input: StreamInput
beforeAll(async () => {
  fixture = await createFixture({ seconds: 2 })
  input = openInput(fixture.header, job)
})

const refusal = expect.objectContaining({ code: 'SegmentFormatDidntMatchJobInputParams' })
const block = (flags: number, track = 1): Uint8Array => Uint8Array.of(0x80 | track, 0, 0, flags, 1, 2, 3)
const simple = (flags = 0x80, track = 1): Uint8Array => encodeElement(ebmlId.simpleBlock, block(flags, track))
const cluster = (...blocks: readonly Uint8Array[]): Uint8Array =>
  concatBytes([encodeElementHead(ebmlId.cluster, unknownSize), encodeElement(ebmlId.timestamp, Uint8Array.of(0)), ...blocks])

function count(...pieces: readonly Uint8Array[]): number {
  const meter = input.openSegment()
  for (const piece of pieces) meter.take(piece)
  return meter.frames
}

describe('the meter', () => {
  test('counts the pictures of a segment, however its bytes are cut, and knows what each takes to decode', () => {
    const [segment] = fixture.segments
    const whole = Buffer.concat(segment?.chunks.map(({ bytes }) => bytes) ?? [])
    expect(input.codedPixels).toBe(640 * 368)
    expect(count(whole)).toBe(segment?.frames)
    fc.assert(fc.property(fc.array(fc.nat(whole.length), { maxLength: 30 }), (cuts) => {
      const sorted = [0, ...cuts.sort((a, b) => a - b), whole.length]
      expect(count(...sorted.slice(1).map((end, i) => whole.subarray(sorted[i], end)))).toBe(segment?.frames)
    }), { numRuns: 50 })
  })

  test('counts blocks in groups too, and no sound', () => {
    const group = encodeElement(ebmlId.blockGroup, [encodeElement(ebmlId.block, block(0)), encodeElement(ebmlId.referenceBlock, Uint8Array.of(1))])
    expect(count(cluster(simple(), group, simple(0x80, 2)))).toBe(2)
  })

  test.each([['Xiph', 0x02], ['EBML', 0x06], ['fixed', 0x04]])('refuses %s lacing, by which one block is many pictures', (_name, lacing) => {
    expect(() => count(cluster(simple(0x80 | lacing)))).toThrow(refusal)
    expect(() => count(cluster(encodeElement(ebmlId.blockGroup, [encodeElement(ebmlId.block, block(lacing))])))).toThrow(refusal)
  })

  test('refuses what hides behind the end of a group', () => {
    const hidden = concatBytes([encodeElementHead(ebmlId.blockGroup, 4), encodeElementHead(0xbf, 50), simple()])
    expect(() => count(cluster(hidden))).toThrow(refusal)
  })

  test('counts nothing behind damage, where the decoder gets nothing either', () => {
    expect(count(cluster(simple(), Uint8Array.of(0, 0, 0, 0), simple()))).toBe(1)
    expect(count(cluster(simple()), Uint8Array.of(0, 0, 0, 0), cluster(simple()))).toBe(1)
  })

  test('ends a segment at the first picture beyond what its stream may send', () => {
    const most = 2 * (fixture.segments[0]?.frames ?? 0) + 1
    const pictures = Array.from({ length: most }, () => simple())
    expect(count(cluster(...pictures))).toBe(most)
    expect(() => count(cluster(...pictures, simple()))).toThrow(expect.objectContaining({ code: 'SegmentTooLarge' }))
  })

  test.each([
    ['void', Uint8Array.of(0xec, 0x80)],
    ['empty clusters', encodeElement(ebmlId.cluster, new Uint8Array(0))],
    ['packets of sound', simple(0x80, 2)],
  ])('refuses a flood of %s: each head is read, whatever it says', (_name, element) => {
    const flood = concatBytes(Array.from({ length: 1_000 }, () => element))
    let taken = 0
    const meter = input.openSegment()
    meter.take(cluster(simple()))
    expect(() => {
      for (; taken < 1_000; taken++) meter.take(flood)
    }).toThrow(refusal)
    expect(taken).toBeLessThan(10)
  })

  test('lets the decoder have nothing that it did not count, whatever the structure', () => {
    const leaf = fc.oneof(
      fc.constantFrom(simple(), simple(0x80, 2), simple(0x82), encodeElement(ebmlId.timestamp, Uint8Array.of(9))),
      fc.tuple(fc.constantFrom<number>(...Object.values(ebmlId)), fc.uint8Array({ maxLength: 12 })).map(([id, bytes]) => encodeElement(id, bytes)),
      fc.tuple(fc.constantFrom<number>(...Object.values(ebmlId)), fc.constantFrom(unknownSize, 0, 1, 5, 40, 2 ** 20, 2 ** 40)).map(([id, size]) => encodeElementHead(id, size)),
      fc.uint8Array({ maxLength: 6 }),
    )
    const { tree } = fc.letrec<{ tree: Uint8Array; master: Uint8Array }>((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, leaf, tie('master')),
      master: fc.tuple(fc.constantFrom<number>(ebmlId.cluster, ebmlId.blockGroup, ebmlId.segment, ebmlId.tracks), fc.array(tie('tree'), { maxLength: 5 })).map(([id, children]) => encodeElement(id, children)),
    }))
    const header = parseMatroskaHeader(fixture.header)
    fc.assert(fc.property(fc.array(tree, { maxLength: 12 }), fc.array(fc.nat(200), { maxLength: 8 }), (elements, cuts) => {
      const whole = cluster(...elements)
      const sorted = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length]
      const meter = input.openSegment()
      const gate = new MatroskaGate(header)
      gate.openSegment()
      let [passed, bytes] = [0, 0]
      for (const piece of sorted.slice(1).map((end, i) => whole.subarray(sorted[i], end))) {
        try {
          meter.take(piece)
        } catch {
          break // refused: nothing more of it goes on
        }
        for (const { kind, payload } of gate.read(piece)) {
          bytes += payload.length
          if (kind === 'video') passed++
        }
        expect(passed).toBeLessThanOrEqual(meter.frames)
      }
      expect(bytes).toBeLessThanOrEqual(whole.length)
    }), { numRuns: 3_000 })
  })
})
