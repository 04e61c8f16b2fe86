import { concatBytes, ebmlId, encodeElement, encodeMatroskaHeader, listPictureSizes, parseAvcC, parseMatroskaHeader } from '@streamflow/sdk/media'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../../../../test/media-fixtures/matroskaFixture.js'
import { createJob } from '../../../../test/media-fixtures/transcodeRecorder.js'
import { maxHeaderBytes, parseDeclaredHeader } from './declaredHeader.js'

let fixture: Fixture
beforeAll(async () => {
  fixture = await createFixture({ seconds: 2 })
})

const { input } = createJob()

describe('a header', () => {
  test('names clock, codecs and sizes', () => {
    const { timestampScaleNs, tracks } = parseMatroskaHeader(fixture.header)
    expect(timestampScaleNs).toBe(1_000_000)
    expect(tracks).toMatchObject([
      { number: 1, kind: 'video', codecId: 'V_MPEG4/ISO/AVC', width: 640, height: 360 },
      { number: 2, kind: 'audio', codecId: 'A_OPUS', width: 0 },
    ])
  })

  test.each([[640, 360], [1920, 1080], [362, 202], [720, 1280]])('of H.264 holds %i×%i in its parameter set too', async (width, height) => {
    const { header } = await createFixture({ width, height, seconds: 0.1, audio: 'none' })
    const [track] = parseMatroskaHeader(header).tracks
    const parameters = parseAvcC(track?.codecPrivate)
    const coded = { width: 16 * Math.ceil(width / 16), height: 16 * Math.ceil(height / 16) }
    expect(parameters && listPictureSizes(parameters)).toMatchObject([{ width, height, coded }])
  })

  test('is held against the job field by field', () => {
    expect(parseDeclaredHeader(fixture.header, input).tracks).toHaveLength(2)
    for (const [declared, field, expected, got] of [
      [{ ...input, video: { ...input.video, codec: 'av1' } }, 'video codec', 'av1', 'h264'],
      [{ ...input, video: { ...input.video, height: 720 } }, 'height', 720, 360],
      [{ ...input, audio: { codec: 'aac', sampleRate: 48_000, channels: 2 } }, 'audio codec', 'aac', 'opus'],
    ] as const) {
      expect(() => parseDeclaredHeader(fixture.header, declared)).toThrow(expect.objectContaining({ code: 'SegmentFormatDidntMatchJobInputParams', data: { field, expected, got } }))
    }
  })

  test('whose container and parameter set differ is refused', () => {
    const lying = fixture.header.slice()
    // PixelWidth 640: b0 82 02 80
    const at = Buffer.from(lying.buffer).indexOf(Buffer.from([0xb0, 0x82, 0x02, 0x80]))
    expect(at).toBeGreaterThan(0)
    lying[at + 2] = 0x05
    lying[at + 3] = 0x00
    expect(() => parseDeclaredHeader(lying, { ...input, video: { ...input.video, width: 1280 } })).toThrow(expect.objectContaining({ data: { field: 'coded width', expected: 1280, got: 640 } }))
  })

  /** The fixture's header with something put into its tracks, or behind them. */
  const alter = ({ inTrack = [], behind = [] }: { readonly inTrack?: readonly Uint8Array[]; readonly behind?: readonly Uint8Array[] }): Uint8Array => {
    const at = Buffer.from(fixture.header).lastIndexOf(Buffer.from([0x16, 0x54, 0xae, 0x6b]))
    const video = [[ebmlId.trackNumber, 1], [ebmlId.trackType, 1]].map(([id = 0, value = 0]) => encodeElement(id, Uint8Array.of(value)))
    const size = encodeElement(ebmlId.video, [encodeElement(ebmlId.pixelWidth, Uint8Array.of(2, 128)), encodeElement(ebmlId.pixelHeight, Uint8Array.of(1, 104))])
    const entry = encodeElement(ebmlId.trackEntry, [...video, encodeElement(ebmlId.codecId, Buffer.from('V_VP8')), size, ...inTrack])
    return concatBytes([fixture.header.subarray(0, at), encodeElement(ebmlId.tracks, [entry]), ...behind])
  }

  test('with what makes a little much, or with media in it, is refused', () => {
    const plain = { container: 'matroska', video: { codec: 'vp8', width: 640, height: 360, frameRate: 30 } } as const
    expect(parseDeclaredHeader(alter({}), plain).tracks).toHaveLength(1)
    const compressed = alter({ inTrack: [encodeElement(ebmlId.contentEncodings, [encodeElement(0x6240, [encodeElement(0x5034, [])])])] })
    expect(() => parseDeclaredHeader(compressed, plain)).toThrow(expect.objectContaining({ data: { field: 'content encodings', expected: 0, got: 1 } }))
    const cluster = encodeElement(ebmlId.cluster, [encodeElement(ebmlId.timestamp, Uint8Array.of(0)), encodeElement(ebmlId.simpleBlock, Uint8Array.of(0x81, 0, 0, 0x80, 1))])
    expect(() => parseDeclaredHeader(alter({ behind: [cluster] }), plain)).toThrow(expect.objectContaining({ code: 'SegmentFormatDidntMatchJobInputParams' }))
  })

  test('of H.264 without parameter sets is refused: its pictures would bring their own, of any size', () => {
    const h264 = { container: 'matroska', video: { codec: 'h264', width: 640, height: 360, frameRate: 30 } } as const
    expect(() => parseDeclaredHeader(encodeMatroskaHeader(h264, {}), h264)).toThrow(expect.objectContaining({ data: { field: 'coded width', expected: 640, got: 0 } }))
  })

  test('cut off, altered, oversized or random is refused, never worse', () => {
    const refused = expect.objectContaining({ code: 'SegmentFormatDidntMatchJobInputParams' })
    expect(() => parseDeclaredHeader(new Uint8Array(maxHeaderBytes + 1), input)).toThrow(refused)
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(() => parseDeclaredHeader(bytes, input)).toThrow(refused)
    }))
    fc.assert(fc.property(fc.nat(fixture.header.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = fixture.header.slice()
      altered[at] = (altered[at] ?? 0) ^ change
      try {
        parseDeclaredHeader(altered, input)
      } catch (error) {
        expect(error).toEqual(refused)
      }
    }))
  })
})
