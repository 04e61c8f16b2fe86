/** What comes out of real ffmpeg lies on the stream's grid, whatever went in: pictures, sound, parts, segments. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFixture, type Fixture, type FixtureSegment } from '../../../../test/media-fixtures/matroskaFixture.js'
import { openRelayed } from '../../../../test/media-fixtures/relayedTranscode.js'
import { getTranscoderCommand } from '../../../../test/media-fixtures/transcoderBundle.js'
import { createJob, probeFrames, runWithInput, sendAll, sendSegment, TranscodeRecorder } from '../../../../test/media-fixtures/transcodeRecorder.js'
import { computePartPlan } from '../../core/partTiming.js'
import type { TranscodeJob, Transcoders } from '../../core/transcoding.js'
import { createTranscoders } from './createTranscoders.js'

const ladder = [{ name: 'low', width: 320, height: 180, bitrate: 250_000 }]
let pool: Transcoders & { ready(): Promise<void> }
let plain: Fixture

beforeAll(async () => {
  pool = createTranscoders({ count: 1, command: await getTranscoderCommand(), pixelsPerSecond: 1e9 })
  ;[plain] = await Promise.all([createFixture({ seconds: 9, width: 320, height: 180 }), pool.ready()])
}, 60_000)

afterAll(() => pool.close())

async function transcode(fixture: Fixture, job: TranscodeJob): Promise<TranscodeRecorder> {
  const recorder = new TranscodeRecorder()
  await sendAll(await openRelayed(pool, job, recorder), fixture)
  expect(recorder.errors).toEqual([])
  expectGrid(recorder, job)
  return recorder
}

const jobOf = (change: Parameters<typeof createJob>[0] = {}): TranscodeJob => createJob({ ladder, ...change, video: { width: 320, height: 180, ...change.video } })

/** The rules of parts and segments that hold of any stream. */
function expectGrid(recorder: TranscodeRecorder, job: TranscodeJob): void {
  const { targetUs } = computePartPlan(job)
  for (const rendition of recorder.inits.keys()) {
    const parts = recorder.partsOf(rendition)
    parts.forEach((part, i) => {
      expect(part.durationUs).toBeLessThanOrEqual(targetUs)
      const next = parts[i + 1]
      if (next?.seq !== part.seq) return
      expect(part.durationUs).toBeGreaterThanOrEqual(0.85 * targetUs - 1)
      expect(next.startUs).toBe(part.startUs + part.durationUs)
    })
    const segments = recorder.segmentsOf(rendition).filter(({ frames }) => frames > 0)
    segments.forEach((segment, i) => {
      expect(Math.round(segment.durationUs / 1e6)).toBeLessThanOrEqual(Math.ceil(job.segmentDurationMs / 1000))
      expect(segment.startUs).toBeGreaterThanOrEqual(i === 0 ? 0 : (segments[i - 1]?.startUs ?? 0) + (segments[i - 1]?.durationUs ?? 0))
    })
  }
}

/** No segment of a rendition begins elsewhere than where the one before it ends. */
function expectNoHole(recorder: TranscodeRecorder, rendition: string): void {
  const segments = recorder.segmentsOf(rendition)
  segments.slice(1).forEach((segment, i) => expect(segment.startUs).toBe((segments[i]?.startUs ?? 0) + (segments[i]?.durationUs ?? 0)))
}

const isSound = (bytes: Uint8Array): boolean => bytes[0] === 0xa3 && bytes[5] === 0x82
const withSegments = (change: (segment: FixtureSegment) => FixtureSegment): Fixture => ({ ...plain, segments: plain.segments.slice(0, 5).map(change) })

describe('pictures', () => {
  test('of 29.97 a second make parts of three, as those of 30 do', async () => {
    const recorder = await transcode(await createFixture({ seconds: 3, rate: 30_000 / 1001, width: 320, height: 180 }), jobOf({ video: { frameRate: 29.97 } }))
    expect(new Set(recorder.partsOf('low').filter(({ frames }) => frames === 3).map(({ durationUs }) => durationUs))).toEqual(new Set([100_100]))
    expect(recorder.partsOf('low').filter(({ frames }) => frames === 3).length).toBeGreaterThan(25)
    expectNoHole(recorder, 'low')
    expectNoHole(recorder, 'audio')
  })

  test('that lack 2.6 s end their segment there, and the next begins at its own time', async () => {
    const [, , , torn] = plain.segments
    if (torn === undefined) throw new Error('fixture')
    const chunks = torn.chunks.filter(({ timeUs }) => timeUs < torn.startUs + 400_000)
    const before = plain.segments.slice(0, 3)
    const after = plain.segments.slice(6).map((segment, i) => ({ ...segment, seq: 4 + i }))
    const recorder = await transcode({ ...plain, segments: [...before, { ...torn, chunks, frames: 12, durationUs: 433_400 }, ...after] }, jobOf())
    const segments = recorder.segmentsOf('low')
    expect(segments.map(({ seq, frames }) => [seq, frames])).toEqual([[0, 30], [1, 30], [2, 30], [3, 12], [4, 30], [5, 30], [6, 30]])
    expect(segments[3]?.durationUs).toBeLessThan(450_000)
    expect(segments[4]?.startUs).toBeGreaterThan(5_900_000)
    for (const seq of [3, 4]) expect((await probeFrames(recorder.mp4Of('low', seq))).frames[0]?.isKey).toBe(true)
    expect(recorder.segmentsOf('audio').map(({ seq, frames }) => [seq, frames > 15])).toEqual(segments.map(({ seq }) => [seq, true]))
  })

  test('of segments that are lost leave their time empty', async () => {
    const recorder = await transcode({ ...plain, segments: plain.segments.filter(({ seq }) => seq < 3 || seq > 5) }, jobOf())
    for (const rendition of ['low', 'audio']) {
      const segments = recorder.segmentsOf(rendition)
      expect(segments.map(({ seq }) => seq)).toEqual([0, 1, 2, 6, 7, 8])
      expect((segments[2]?.startUs ?? 0) + (segments[2]?.durationUs ?? 0)).toBeLessThan(3_050_000)
      expect(segments[3]?.startUs).toBeGreaterThan(5_960_000)
    }
  })

  test('whose clock starts again in mid-segment go on, and the next segment begins at its own time', async () => {
    const back = 0x10_00
    const recorder = await transcode(withSegments((segment) => (segment.seq !== 2 ? segment : {
      ...segment,
      chunks: segment.chunks.map(({ timeUs, bytes }, i) => {
        const shifted = bytes.slice()
        const view = new DataView(shifted.buffer)
        if (i > 0 && !isSound(bytes) && timeUs > segment.startUs + 500_000) view.setInt16(6, view.getInt16(6) - back)
        return { timeUs, bytes: shifted }
      }),
    })), jobOf())
    expect(recorder.segmentsOf('low').map(({ frames }) => frames)).toEqual([30, 30, 30, 30, 30])
    expectNoHole(recorder, 'low')
  })

  test('of a closed segment come out without the next one, and the next one follows on', async () => {
    const recorder = new TranscodeRecorder()
    const job = jobOf()
    const running = await openRelayed(pool, job, recorder)
    running.header(plain.header)
    for (const segment of plain.segments.slice(0, 3)) {
      sendSegment(running, segment)
      await recorder.until(() => ['low', 'audio'].every((rendition) => recorder.segmentsOf(rendition).some(({ seq }) => seq === segment.seq)))
      expect(recorder.segmentsOf('low').at(-1)).toMatchObject({ seq: segment.seq, frames: 30 })
    }
    await running.end()
    expectGrid(recorder, job)
    expectNoHole(recorder, 'low')
    expectNoHole(recorder, 'audio')
    for (const rendition of ['low', 'audio']) expect((await probeFrames(recorder.mp4Of(rendition))).complaints).toBe('')
  })
})

describe('sound', () => {
  const kinds: readonly (readonly [string, (timeUs: number, index: number) => boolean])[] = [
    ['is absent', () => false],
    ['is one packet', (_, index) => index === 0],
    ['begins late', (timeUs) => timeUs > 2_400_000],
    ['ends early', (timeUs) => timeUs < 1_700_000],
    ['pauses', (timeUs) => timeUs < 1_200_000 || timeUs > 3_300_000],
  ]

  async function measureLoudness(recorder: TranscodeRecorder): Promise<(fromS: number, toS: number) => number> {
    const pcm = (await runWithInput('ffmpeg', ['-v', 'error', '-i', '-', '-ac', '1', '-f', 's16le', '-'], recorder.mp4Of('audio'))).stdout
    return (fromS, toS) => {
      let most = 0
      for (let i = Math.floor(fromS * 48_000); i < toS * 48_000 && 2 * i + 1 < pcm.length; i++) most = Math.max(most, Math.abs(pcm.readInt16LE(2 * i)))
      return most
    }
  }

  test('is announced with the first pictures, though there is none yet', async () => {
    const recorder = new TranscodeRecorder()
    const transcode = await openRelayed(pool, jobOf(), recorder)
    const [first] = plain.segments
    if (first === undefined) throw new Error('fixture')
    transcode.header(plain.header)
    transcode.openSegment(first)
    for (const { bytes } of first.chunks.filter((chunk, i) => i === 0 || !isSound(chunk.bytes)).slice(0, 3)) transcode.write(bytes)
    await recorder.until(() => recorder.inits.has('low') && recorder.inits.has('audio'))
    await transcode.abort()
  })

  for (const codec of ['opus', 'aac'] as const) {
    test.each(kinds)(`(${codec}) that %s is there from the first segment to the last, and holds nothing back`, async (_, isThere) => {
      const source = codec === 'opus' ? plain : await createFixture({ seconds: 5, width: 320, height: 180, audio: 'aac' })
      let index = 0
      const segments = source.segments.slice(0, 5).map((segment) => ({
        ...segment, chunks: segment.chunks.filter(({ bytes, timeUs }, i) => i === 0 || !isSound(bytes) || isThere(timeUs, index++)),
      }))
      const recorder = await transcode({ ...source, segments }, jobOf({ audio: { codec, sampleRate: 48_000, channels: 2 } }))
      expect(recorder.segmentsOf('low').map(({ frames }) => frames)).toEqual([30, 30, 30, 30, 30])
      expect(recorder.segmentsOf('audio').map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4])
      expectNoHole(recorder, 'audio')
      const [first] = recorder.partsOf('audio')
      const last = recorder.partsOf('audio').at(-1)
      expect(Math.abs((first?.startUs ?? 0) - (recorder.partsOf('low')[0]?.startUs ?? 0))).toBeLessThanOrEqual(32_000)
      expect((last?.startUs ?? 0) + (last?.durationUs ?? 0)).toBeGreaterThan(4_950_000)
      expect((await probeFrames(recorder.mp4Of('audio'))).complaints).toBe('')
      const loudness = await measureLoudness(recorder)
      for (const [fromS, toS] of [[0.5, 1], [2, 2.3], [2.6, 2.9], [3.5, 4.5]] as const) {
        const wasThere = isThere(fromS * 1e6, 99) && isThere(toS * 1e6, 99)
        if (wasThere) expect(loudness(fromS, toS)).toBeGreaterThan(1000)
        else expect(loudness(fromS, toS)).toBeLessThan(300)
      }
    })
  }
})
