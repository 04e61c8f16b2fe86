import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSegmenter, isSegmentBoundary, type EncodedFrame } from './createSegmenter.js'
import { concatBytes, ebmlId, encodeElement, encodeElementHead, encodeUnsigned, readElementHead, readUnsigned, unknownSize } from './ebml.js'
import type { InputFormat } from './ladder.js'
import { createMatroskaReader, findHeaderEnd, parseMatroskaHeader, type MatroskaBlock, type MatroskaHeader } from './matroska.js'
import { encodeClusterHead, encodeMatroskaHeader, encodeOpusHead, encodeSimpleBlock, timestampScaleNs } from './matroskaWriter.js'
import type { SegmentEvent } from './segment.js'

const format: InputFormat = { container: 'matroska', video: { codec: 'h264', width: 640, height: 360, frameRate: 30 }, audio: { codec: 'opus', sampleRate: 48_000, channels: 2 } }
const privates = { video: Uint8Array.of(1, 2, 3), audio: encodeOpusHead(2, 48_000, 312), audioDelayNs: 6_500_000 }

function readAll(bytes: Uint8Array, cuts: readonly number[] = []): { header: MatroskaHeader | undefined; blocks: MatroskaBlock[] } {
  const blocks: MatroskaBlock[] = []
  let header: MatroskaHeader | undefined
  const reader = createMatroskaReader({ onHeader: (parsed) => (header = parsed), onBlock: (block) => blocks.push(block) })
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let at = 0
  for (const end of [...ends, bytes.length]) {
    reader.push(bytes.slice(at, end))
    at = end
  }
  return { header, blocks }
}

describe('EBML', () => {
  it('reads back the sizes that it writes, at every length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (size) => {
        const head = encodeElementHead(ebmlId.cluster, size)
        expect(readElementHead(head, 0)).toEqual({ id: ebmlId.cluster, size, contentStart: head.length })
        // 127, 16383 … are written one byte longer, for all ones means unknown.
        for (let length = 0; length < head.length; length++) expect(readElementHead(head.subarray(0, length), 0)).toBeUndefined()
      }),
    )
    for (const size of [126, 127, 128, 16_382, 16_383, 16_384]) expect(readElementHead(encodeElementHead(0xa3, size), 0)?.size).toBe(size)
    expect(readElementHead(encodeElementHead(ebmlId.segment, unknownSize), 0)?.size).toBe(unknownSize)
    expect(readElementHead(Uint8Array.of(0, 0, 0, 0), 0)).toBeNull()
  })

  it('reads back integers', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (value) => {
      expect(readUnsigned(encodeUnsigned(0xd7, value).subarray(2))).toBe(value)
    }))
  })
})

describe('Matroska', () => {
  it('reads back the header that it writes', () => {
    const bytes = encodeMatroskaHeader(format, privates)
    expect(findHeaderEnd(bytes)).toBeUndefined()
    expect(findHeaderEnd(concatBytes([bytes, encodeClusterHead(0)]))).toBe(bytes.length)
    const header = parseMatroskaHeader(bytes)
    expect(header.timestampScaleNs).toBe(timestampScaleNs)
    expect(header.tracks).toEqual([
      { number: 1, kind: 'video', codecId: 'V_MPEG4/ISO/AVC', codecPrivate: privates.video, isEncoded: false, codecDelayNs: 0, defaultDurationNs: 33_333_333, width: 640, height: 360, sampleRate: 0, channels: 0 },
      { number: 2, kind: 'audio', codecId: 'A_OPUS', codecPrivate: privates.audio, isEncoded: false, codecDelayNs: 6_500_000, defaultDurationNs: 0, width: 0, height: 0, sampleRate: 48_000, channels: 2 },
    ])
  })

  it('reads the same blocks however the bytes are cut', () => {
    const block = fc.record({ track: fc.constantFrom(1, 2), ticks: fc.integer({ min: -32_768, max: 32_767 }), isKey: fc.boolean(), bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }) })
    fc.assert(
      fc.property(fc.array(fc.array(block, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }), fc.array(fc.nat(), { maxLength: 12 }), (clusters, cuts) => {
        const bytes = concatBytes([
          encodeMatroskaHeader(format, privates),
          ...clusters.flatMap((blocks, i) => [encodeClusterHead(i * 100_000), ...blocks.map(({ track, ticks, isKey, bytes: data }) => encodeSimpleBlock(track, ticks, isKey, data))]),
        ])
        const { header, blocks } = readAll(bytes, cuts)
        expect(header?.tracks.length).toBe(2)
        expect(blocks).toEqual(clusters.flatMap((cluster, i) => cluster.map(({ track, ticks, isKey, bytes: data }) => ({ track, timestampUs: (i * 100_000 + ticks) * 200, isKey, bytes: data }))))
      }),
      { numRuns: 60 },
    )
  })

  it('reads block groups, skips what it does not know, and clusters of known size', () => {
    const inner = Uint8Array.of(0x81, 0, 5, 0, 42)
    const delta = encodeElement(ebmlId.blockGroup, [encodeElement(ebmlId.block, inner), encodeElement(ebmlId.referenceBlock, Uint8Array.of(1))])
    const key = encodeElement(ebmlId.blockGroup, [encodeElement(ebmlId.block, inner)])
    const tags = encodeElement(0x1254c367, new Uint8Array(5000))
    const bytes = concatBytes([encodeMatroskaHeader(format, privates), tags, encodeElement(ebmlId.cluster, [encodeUnsigned(ebmlId.timestamp, 10), key, delta]), tags])
    const { blocks } = readAll(bytes, [700, 2000, 5100])
    expect(blocks).toEqual([true, false].map((isKey) => ({ track: 1, timestampUs: 3000, isKey, bytes: Uint8Array.of(42) })))
  })

  it('refuses what is not Matroska, or too large', () => {
    const refuses = (bytes: Uint8Array, maxElementBytes = 1000): unknown => {
      try {
        createMatroskaReader({ onHeader: () => undefined, onBlock: () => undefined, maxElementBytes }).push(bytes)
      } catch (error) {
        return (error as { code: string }).code
      }
      return undefined
    }
    const header = encodeMatroskaHeader(format, privates)
    expect(refuses(new TextEncoder().encode('<html>nothing here</html>'))).toBe('BadMessage')
    expect(refuses(concatBytes([header, encodeClusterHead(0), encodeElementHead(ebmlId.simpleBlock, 2000)]))).toBe('BadMessage')
    expect(refuses(concatBytes([header, encodeClusterHead(0), encodeElement(ebmlId.simpleBlock, Uint8Array.of(0x81, 0))]))).toBe('BadMessage')
    expect(refuses(concatBytes([header, encodeClusterHead(0), encodeElement(ebmlId.simpleBlock, Uint8Array.of(0x81, 0, 0, 2, 1))]))).toBe('BadMessage')
    expect(refuses(concatBytes([encodeElement(ebmlId.ebml, []), encodeElementHead(ebmlId.segment, unknownSize), encodeClusterHead(0)]))).toBe('BadMessage')
    expect(refuses(concatBytes([header, encodeClusterHead(0)]))).toBeUndefined()
    expect(() => findHeaderEnd(Uint8Array.of(1, 2, 3, 4, 5, 6))).toThrowError(expect.objectContaining({ code: 'BadMessage' }))
    expect(() => parseMatroskaHeader(encodeElement(ebmlId.ebml, []))).toThrowError(expect.objectContaining({ code: 'BadMessage' }))
    // Whatever comes: a coded error or nothing, never another one.
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (noise, at) => {
      const bytes = concatBytes([header, encodeClusterHead(0), encodeSimpleBlock(1, 0, true, new Uint8Array(50))])
      bytes.set(noise.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length)
      expect(['BadMessage', undefined]).toContain(refuses(bytes))
    }))
  })
})

interface Cut {
  readonly seq: number
  readonly startUs: number
  readonly bytes: Uint8Array[]
  durationUs?: number
  frames?: number
}

function cut(frames: readonly (EncodedFrame & { kind: 'video' | 'audio' })[], segmentDurationUs = 1_000_000, of: InputFormat = format): { header: Uint8Array; segments: Cut[] } {
  const events: SegmentEvent[] = []
  const segmenter = createSegmenter({ format: of, privates, startTimeMs: 0, segmentDurationUs, emit: (event) => events.push(event) })
  for (const { kind, ...frame } of frames) if (kind === 'video') segmenter.addVideo(frame); else segmenter.addAudio(frame)
  segmenter.finish()
  const segments: Cut[] = []
  for (const event of events) {
    if (event.type === 'open') segments.push({ seq: event.seq, startUs: event.startUs, bytes: [] })
    else if (event.type === 'chunk') segments.at(-1)!.bytes.push(event.bytes)
    else if (event.type === 'close') Object.assign(segments.at(-1)!, event)
  }
  expect(events[0]?.type).toBe('header')
  return { header: (events[0] as { bytes: Uint8Array }).bytes, segments }
}
const video = (timestampUs: number, isKey = false): EncodedFrame & { kind: 'video' } => ({ kind: 'video', timestampUs, isKey, bytes: Uint8Array.of(1) })
const audio = (timestampUs: number): EncodedFrame & { kind: 'audio' } => ({ kind: 'audio', timestampUs, isKey: true, bytes: Uint8Array.of(2) })

describe('createSegmenter', () => {
  it('cuts at the first keyframe beyond each boundary, and nowhere else', () => {
    const frames = Array.from({ length: 90 }, (_, i) => video(Math.round((i * 1e6) / 30), i % 30 === 0))
    const { segments } = cut(frames)
    expect(segments.map(({ seq, startUs, durationUs, frames: count }) => [seq, startUs, durationUs, count])).toEqual([
      [0, 0, 1_000_000, 30],
      [1, 1_000_000, 1_000_000, 30],
      [2, 2_000_000, 1_000_000, 30],
    ])
  })

  it('lets each segment be read alone, with increasing times, whatever the source does', () => {
    const frame = fc.record({ kind: fc.constantFrom('video' as const, 'audio' as const), gapUs: fc.integer({ min: -50_000, max: 1_500_000 }), isKey: fc.boolean(), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 120 }), fc.constantFrom(1_000_000, 2_000_000, 4_000_000), (gaps, durationUs) => {
        let timestampUs = 0
        const frames = gaps.map(({ gapUs, ...rest }) => ({ ...rest, timestampUs: (timestampUs += gapUs) }))
        const { header, segments } = cut(frames, durationUs)
        const last = { 1: -1, 2: -1 } as Record<number, number>
        let videoBlocks = 0
        segments.forEach(({ seq, startUs, bytes, frames: count, durationUs: length }, i) => {
          const { blocks } = readAll(concatBytes([header, ...bytes]))
          const pictures = blocks.filter(({ track }) => track === 1)
          expect(seq).toBe(i)
          expect(blocks[0]).toMatchObject({ track: 1, isKey: true, timestampUs: startUs })
          expect(pictures.length).toBe(count)
          expect(length).toBeGreaterThan(0)
          if (segments[i + 1]) expect(startUs + length!).toBeLessThanOrEqual(segments[i + 1]!.startUs)
          for (const block of blocks) {
            expect(block.timestampUs).toBeGreaterThan(last[block.track]!)
            last[block.track] = block.timestampUs
          }
          videoBlocks += pictures.length
        })
        const first = frames.findIndex(({ kind, isKey }) => kind === 'video' && isKey)
        expect(videoBlocks).toBe(first < 0 ? 0 : frames.slice(first).filter(({ kind }) => kind === 'video').length)
      }),
      { numRuns: 150 },
    )
  })

  it('may end the first segment early, so that players can begin', () => {
    const { segments } = cut(Array.from({ length: 75 }, (_, i) => video(i * 40_000, i % 5 === 0)))
    expect(segments.map(({ startUs, durationUs }) => [startUs, durationUs])).toEqual([[0, 400_000], [400_000, 600_000], [1_000_000, 1_000_000], [2_000_000, 993_400]])
    for (const durationUs of [1_000_000, 2_000_000, 4_000_000]) {
      expect(isSegmentBoundary(0, 399_999, durationUs)).toBe(false)
      expect(isSegmentBoundary(0, 400_000, durationUs)).toBe(true)
      expect(isSegmentBoundary(400_000, durationUs - 1, durationUs)).toBe(false)
      expect(isSegmentBoundary(400_000, durationUs, durationUs)).toBe(true)
    }
  })

  it('hands each picture on at once, with the sound before it, and sound alone before it is late', () => {
    const { header, segments } = cut([video(0, true), audio(10_000), audio(30_000), video(40_000), audio(50_000), audio(70_000), audio(90_000), audio(110_000), audio(130_000)])
    const tracksOf = segments[0]!.bytes.map((_, i, chunks) => readAll(concatBytes([header, ...chunks.slice(0, i + 1)])).blocks.map(({ track }) => track))
    expect(tracksOf).toEqual([[1], [1, 2, 2, 1], [1, 2, 2, 1, 2, 2, 2, 2], [1, 2, 2, 1, 2, 2, 2, 2, 2]])
  })

  it('makes no splinter after a late keyframe', () => {
    expect(isSegmentBoundary(1_000_000, 2_000_000, 1_000_000)).toBe(true)
    expect(isSegmentBoundary(1_000_000, 1_999_999, 1_000_000)).toBe(false)
    expect(isSegmentBoundary(1_900_000, 2_000_000, 1_000_000)).toBe(false)
    expect(isSegmentBoundary(1_900_000, 3_000_000, 1_000_000)).toBe(true)
  })

  it('does not count a gap as duration, nor lets sound run away from a picture that stands still', () => {
    const sounds = Array.from({ length: 200 }, (_, i) => audio(100_000 + i * 20_000))
    const { header, segments } = cut([video(0, true), ...sounds, video(9_000_000, true)])
    expect(segments.map(({ durationUs }) => durationUs)).toEqual([33_400, 33_400])
    const { blocks } = readAll(concatBytes([header, ...segments[0]!.bytes]))
    expect(Math.max(...blocks.map(({ timestampUs }) => timestampUs))).toBeLessThanOrEqual(1_000_000)
  })

  it('leaves out sound long before the picture, before the stream, and where the format has none; what lasts into the picture stays', () => {
    const blocksOf = (frames: Parameters<typeof cut>[0]): [number, number][] => {
      const { header, segments } = cut(frames)
      return readAll(concatBytes([header, ...segments[0]!.bytes])).blocks.map(({ track, timestampUs }) => [track, timestampUs])
    }
    expect(blocksOf([video(0, true), audio(-20_000), audio(0), audio(20_000)])).toEqual([[1, 0], [2, 0], [2, 20_000]])
    expect(blocksOf([audio(0), audio(20_000), audio(40_000), video(45_000, true), audio(60_000)])).toEqual([[1, 45_000], [2, 40_000], [2, 60_000]])
    expect(blocksOf([audio(0), video(500_000, true), audio(500_000)])).toEqual([[1, 500_000], [2, 500_000]])
    const { audio: _, ...pictureOnly } = format
    expect(cut([video(0, true), audio(20_000)], 1_000_000, pictureOnly).segments[0]!.bytes.length).toBe(1)
  })

  it('keeps frames apart that come in the same tick', () => {
    const { header, segments } = cut([video(0, true), video(10), video(20), video(-500), video(1000)])
    expect(readAll(concatBytes([header, ...segments[0]!.bytes])).blocks.map(({ timestampUs }) => timestampUs)).toEqual([0, 200, 400, 600, 1000])
  })
})
