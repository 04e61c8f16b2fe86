import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFixture, shiftFixture, type Fixture } from '../../../../test/media-fixtures/matroskaFixture.js'
import { getTranscoderCommand } from '../../../../test/media-fixtures/transcoderBundle.js'
import { openRelayed } from '../../../../test/media-fixtures/relayedTranscode.js'
import { childrenOf, createJob, isRunning, probeFrames, runWithInput, sendAll, sendSegment, TranscodeRecorder } from '../../../../test/media-fixtures/transcodeRecorder.js'
import type { Transcoders } from '../../core/transcoding.js'
import { createTranscoders, type TranscoderLogEvent } from './createTranscoders.js'

let command: readonly string[]
let plain: Fixture
let pool: Transcoders & { ready(): Promise<void> }
const log: TranscoderLogEvent[] = []

beforeAll(async () => {
  ;[command, plain] = await Promise.all([getTranscoderCommand(), createFixture({ seconds: 4 })])
  pool = createTranscoders({ count: 1, command, pixelsPerSecond: 1e9, log: (event) => log.push(event) })
  await pool.ready()
}, 60_000)

afterAll(() => pool.close())

const transcoderPid = (): number => {
  const ready = log.filter((event) => event.type === 'transcoderReady').at(-1)
  return ready?.pid ?? 0
}

async function transcode(fixture: Fixture, job = createJob()): Promise<TranscodeRecorder> {
  const recorder = new TranscodeRecorder()
  await sendAll(await openRelayed(pool, job, recorder), fixture)
  expect(recorder.errors).toEqual([])
  return recorder
}

/** Pictures begin where the stream's grid has them, at 30 a second at most so far from where the source has them. */
const halfSlotUs = 500_000 / 30 + 1000

/** The sound of a segment begins at a multiple of three AAC frames. */
const soundStepUs = 64_000

/** What must hold of every rendition, whatever the source. */
async function expectSound(recorder: TranscodeRecorder, fixture: Fixture, rendition: string, size: { readonly width: number; readonly height: number }, rate = 30): Promise<void> {
  const segments = recorder.segmentsOf(rendition)
  expect(segments.map((segment) => segment.seq)).toEqual(fixture.segments.map((segment) => segment.seq))
  for (const [i, segment] of segments.entries()) {
    const parts = recorder.partsOf(rendition, segment.seq)
    expect(parts.map((part) => part.index)).toEqual(parts.map((_, index) => index))
    expect(segment.parts).toBe(parts.length)
    expect(segment.frames).toBe(fixture.segments[i]?.frames)
    expect(parts.reduce((sum, part) => sum + part.frames, 0)).toBe(segment.frames)
    expect(Math.abs(segment.startUs - (fixture.segments[i]?.startUs ?? 0))).toBeLessThanOrEqual(halfSlotUs)
    expect(parts[0]?.independent).toBe(true)
    const hash = createHash('sha256')
    for (const part of parts) hash.update(part.bytes)
    expect(segment.hash).toBe(`0x${hash.digest('hex')}`)
    const { frames, complaints } = await probeFrames(recorder.mp4Of(rendition, segment.seq))
    expect(complaints).toBe('')
    // Repeats fill what the source left empty.
    expect(frames.length).toBeGreaterThanOrEqual(segment.frames)
    expect(frames).toHaveLength(Math.round((segment.durationUs * rate) / 1e6))
    expect(frames[0]).toMatchObject({ isKey: true, pictureType: 'I', ...size })
    expect(Math.abs((frames[0]?.timeUs ?? 0) - segment.startUs)).toBeLessThan(50)
  }
}

describe('a stream with sound', () => {
  test('comes out as one init, parts and segments per rendition, each segment decodable alone', async () => {
    const recorder = await transcode(plain)
    expect([...recorder.inits.keys()].sort()).toEqual(['180p', '360p', 'audio'])
    expect(recorder.inits.get('360p')?.codecs).toMatch(/^avc1\.42c0[0-9a-f]{2}$/)
    expect(recorder.inits.get('audio')?.codecs).toBe('mp4a.40.2')
    await expectSound(recorder, plain, '360p', { width: 640, height: 360 })
    await expectSound(recorder, plain, '180p', { width: 320, height: 180 })
    const audio = recorder.segmentsOf('audio')
    expect(audio.map((segment) => segment.seq)).toEqual([0, 1, 2, 3])
    for (const segment of audio) {
      const { frames, complaints } = await probeFrames(recorder.mp4Of('audio', segment.seq))
      expect(complaints).toBe('')
      expect(frames).toHaveLength(segment.frames)
      expect(Math.abs(segment.startUs - (plain.segments[segment.seq]?.startUs ?? 0))).toBeLessThanOrEqual(soundStepUs / 2 + halfSlotUs)
    }
  })

  test('has parts that follow each other without a hole and are no longer than the target', async () => {
    const recorder = await transcode(plain)
    for (const rendition of ['360p', '180p', 'audio']) {
      const parts = recorder.partsOf(rendition)
      parts.forEach((part, i) => {
        const next = parts[i + 1]
        if (next !== undefined) expect(Math.abs(part.startUs + part.durationUs - next.startUs)).toBeLessThanOrEqual(1)
        expect(part.durationUs).toBeLessThanOrEqual(108_334 + 500)
      })
    }
  })

  test('makes two transcoders that start at different segments agree on the clock', async () => {
    const [whole, late] = [await transcode(plain), await transcode({ ...plain, segments: plain.segments.slice(2) })]
    const times = (recorder: TranscodeRecorder): readonly number[] => recorder.partsOf('360p').filter((part) => part.seq >= 2).map((part) => part.startUs)
    expect(times(late)).toEqual(times(whole))
    expect(late.segmentsOf('360p').map((segment) => segment.seq)).toEqual([2, 3])
    expect(Buffer.compare(late.inits.get('360p')?.bytes ?? new Uint8Array(0), whole.inits.get('360p')?.bytes ?? new Uint8Array(1))).toBe(0)
  })
})

describe('a stream that', () => {
  const single = { ladder: [{ name: 'low', width: 320, height: 180, bitrate: 250_000 }] }

  test('has no sound yields no audio rendition', async () => {
    const fixture = await createFixture({ seconds: 2, audio: 'none' })
    const recorder = await transcode(fixture, createJob({ audio: 'none' }))
    expect([...recorder.inits.keys()].sort()).toEqual(['180p', '360p'])
    await expectSound(recorder, fixture, '360p', { width: 640, height: 360 })
  })

  test('stands upright keeps the size of its rungs', async () => {
    const fixture = await createFixture({ width: 360, height: 640, seconds: 2, audio: 'none' })
    const recorder = await transcode(fixture, createJob({ audio: 'none', video: { width: 360, height: 640 }, ladder: [{ name: 'p', width: 180, height: 320, bitrate: 250_000 }] }))
    await expectSound(recorder, fixture, 'p', { width: 180, height: 320 })
  })

  test('has 60 frames per second keeps them all', async () => {
    const fixture = await createFixture({ rate: 60, seconds: 2 })
    const recorder = await transcode(fixture, createJob({ ...single, video: { frameRate: 60 } }))
    await expectSound(recorder, fixture, 'low', { width: 320, height: 180 }, 60)
    expect(recorder.segmentsOf('low').map((segment) => segment.frames)).toEqual([60, 60])
  })

  test('has a variable frame rate is put on a constant one, every picture in its place, repeats not counted', async () => {
    const fixture = await createFixture({ seconds: 3, videoFilter: "select='not(mod(n\\,7)*mod(n\\,3))',drawbox=color=black:t=fill,drawbox=color=white:t=fill:enable='mod(n\\,2)'" })
    const recorder = await transcode(fixture, createJob(single))
    await expectSound(recorder, fixture, 'low', { width: 320, height: 180 })
    const { frames } = await probeFrames(recorder.mp4Of('low'))
    frames.forEach((frame, i) => expect(Math.abs(frame.timeUs - (frames[0]?.timeUs ?? 0) - (i * 1e6) / 30)).toBeLessThan(50))
    expect(frames).toHaveLength(90)
    // White and black in turn: what is shown changes in the slot of each source picture, and in no other, except that a
    // keyframe after a hole is shown in the slot before it too (pictureGrid.ts).
    const luma = (await runWithInput('ffmpeg', ['-v', 'error', '-i', '-', '-vf', 'scale=1:1:flags=area,format=gray', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'], recorder.mp4Of('low'))).stdout
    const changes = [...luma].flatMap((value, i) => (i > 0 && value > 128 !== (luma[i - 1] ?? 0) > 128 ? [i] : []))
    const isSource = (slot: number): boolean => slot % 7 === 0 || slot % 3 === 0
    const sourceSlots = Array.from({ length: 89 }, (_, i) => i + 1).filter(isSource)
    expect(changes).toEqual(sourceSlots.map((slot) => (slot % 30 === 0 && !isSource(slot - 1) ? slot - 1 : slot)))
  })

  test.each([['vp8', 321, 181], ['vp9', 427, 241]] as const)('is %s with odd sides is scaled to even ones', async (video, width, height) => {
    const fixture = await createFixture({ video, width: 640, height: 360, videoFilter: `scale=${width}:${height}`, seconds: 2 })
    const recorder = await transcode(fixture, createJob({ ...single, video: { codec: video, width, height } }))
    await expectSound(recorder, fixture, 'low', { width: 320, height: 180 })
  })

  test('has B-frames comes out in the order of showing', async () => {
    const fixture = await createFixture({ seconds: 3, bFrames: 3 })
    const recorder = await transcode(fixture, createJob(single))
    await expectSound(recorder, fixture, 'low', { width: 320, height: 180 })
  })

  test('has run for ten hours keeps its clock', async () => {
    const fixture = shiftFixture(plain, 36_000_000)
    const recorder = await transcode(fixture)
    await expectSound(recorder, fixture, '360p', { width: 640, height: 360 })
    expect(recorder.segmentsOf('audio').map(({ startUs }) => Math.round(startUs / 1e6))).toEqual([36_000, 36_001, 36_002, 36_003])
  })

  test('has AAC sound is heard', async () => {
    const fixture = await createFixture({ seconds: 2, audio: 'aac' })
    const recorder = await transcode(fixture, createJob({ ...single, audio: { codec: 'aac', sampleRate: 48_000, channels: 2 } }))
    expect(recorder.segmentsOf('audio').every((segment) => segment.frames > 40)).toBe(true)
  })

  test('flashes and beeps at the same moment still does', async () => {
    const fixture = await createFixture({
      seconds: 4,
      inputArguments: ['-f', 'lavfi', '-i', "color=black:size=640x360:rate=30:d=4,drawbox=color=white:t=fill:enable='between(mod(t,1),0.5,0.7)'[out0];aevalsrc='if(between(mod(t,1),0.5,0.7),sin(2*PI*1000*t),0)':s=48000:d=4[out1]"],
    })
    const recorder = await transcode(fixture, createJob(single))
    const { frames } = await probeFrames(recorder.mp4Of('low'))
    const luma = (await runWithInput('ffmpeg', ['-v', 'error', '-i', '-', '-vf', 'scale=1:1:flags=area,format=gray', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'], recorder.mp4Of('low'))).stdout
    expect(luma).toHaveLength(frames.length)
    const flashesUs = frames.filter((_, i) => i > 0 && (luma[i] ?? 0) > 128 && (luma[i - 1] ?? 0) <= 128).map((frame) => frame.timeUs)
    const pcm = (await runWithInput('ffmpeg', ['-v', 'error', '-i', '-', '-ac', '1', '-f', 's16le', '-'], recorder.mp4Of('audio'))).stdout
    const audioStartUs = recorder.partsOf('audio')[0]?.startUs ?? 0
    const beepsUs: number[] = []
    for (let i = 0, quiet = 0; i < pcm.length / 2; i++) {
      const isLoud = Math.abs(pcm.readInt16LE(2 * i)) > 3000
      if (isLoud && quiet > 4800) beepsUs.push(audioStartUs + (i / 48_000) * 1e6)
      quiet = isLoud ? 0 : quiet + 1
    }
    expect(flashesUs).toHaveLength(4)
    expect(beepsUs).toHaveLength(4)
    const sentUs = fixture.segments[0]?.startUs ?? 0
    flashesUs.forEach((flashUs, i) => {
      expect(Math.abs(flashUs - (beepsUs[i] ?? 0))).toBeLessThan(50_000)
      expect(Math.abs(flashUs - sentUs - 500_000 - i * 1e6)).toBeLessThanOrEqual(halfSlotUs)
    })
  })

  test('loses its sound, or never has the sound it announced, goes on and settles its segments', async () => {
    for (const silentFrom of [0, 2]) {
      const fixture = await createFixture({ seconds: 6 })
      const isSound = (bytes: Uint8Array): boolean => bytes[0] === 0xa3 && bytes[5] === 0x82
      const recorder = new TranscodeRecorder()
      const running = await openRelayed(pool, createJob(single), recorder)
      running.header(fixture.header)
      for (const segment of fixture.segments) sendSegment(running, { ...segment, chunks: segment.chunks.filter(({ bytes }, i) => i === 0 || segment.seq < silentFrom || !isSound(bytes)) })
      // Before the end: two segments later at most.
      await recorder.until(() => recorder.segmentsOf('audio').some((segment) => segment.seq === 2))
      expect(recorder.segmentsOf('audio').find((segment) => segment.seq === 2)).toMatchObject({ frames: expect.any(Number) })
      await running.end()
      expect(recorder.errors).toEqual([])
      expect(recorder.segmentsOf('audio').map((segment) => segment.seq)).toEqual([0, 1, 2, 3, 4, 5])
      expect(recorder.segmentsOf('low').map((segment) => segment.frames)).toEqual([30, 30, 30, 30, 30, 30])
    }
  })

  test('is not what the job declared is refused with both values', async () => {
    for (const [change, field, expected, got] of [
      [{ video: { codec: 'vp8' } }, 'video codec', 'vp8', 'h264'],
      [{ video: { width: 1280, height: 720 } }, 'width', 1280, 640],
      [{ audio: 'none' }, 'audio tracks', 0, 1],
    ] as const) {
      const recorder = new TranscodeRecorder()
      const running = await openRelayed(pool, createJob(change), recorder)
      running.header(plain.header)
      await recorder.until(() => recorder.errors.length > 0)
      expect(recorder.errors[0]).toMatchObject({ code: 'SegmentFormatDidntMatchJobInputParams', data: { field, expected, got } })
      await running.end()
    }
  })
})

describe('damage', () => {
  test('a truncated segment loses its tail and nothing of the next one', async () => {
    const recorder = new TranscodeRecorder()
    const running = await openRelayed(pool, createJob(), recorder)
    running.header(plain.header)
    plain.segments.forEach((segment) => {
      // The middle of a block is where segment 1 ends.
      const cut = segment.seq === 1 ? 41 : Infinity
      sendSegment(running, segment, (bytes, i) => (i < cut ? bytes : i === cut ? bytes.subarray(0, bytes.length >> 1) : new Uint8Array(0)))
    })
    await running.end()
    expect(recorder.errors).toEqual([])
    const frames = recorder.segmentsOf('360p').map((segment) => segment.frames)
    expect([frames[0], frames[2], frames[3]]).toEqual([30, 30, 30])
    expect(frames[1]).toBeGreaterThan(10)
    expect(frames[1]).toBeLessThan(20)
  })

  test('garbage in one segment harms only that segment', async () => {
    const recorder = new TranscodeRecorder()
    const running = await openRelayed(pool, createJob(), recorder)
    running.header(plain.header)
    plain.segments.forEach((segment) => sendSegment(running, segment, (bytes, i) => (segment.seq === 1 && i > 0 ? bytes.map((byte, at) => (byte * 31 + at * 7) & 255) : bytes)))
    await running.end()
    expect(recorder.errors).toEqual([])
    expect(recorder.segmentsOf('360p').map((segment) => segment.seq)).toEqual([0, 1, 2, 3])
    expect(recorder.segmentsOf('360p').filter((segment) => segment.frames === 30).map((segment) => segment.seq)).toEqual([0, 2, 3])
  })

  test('damaged pictures do not shift later segments', async () => {
    const recorder = new TranscodeRecorder()
    const running = await openRelayed(pool, createJob(), recorder)
    running.header(plain.header)
    plain.segments.forEach((segment) => sendSegment(running, segment, (bytes, i) => (segment.seq === 1 && bytes.length > 200 ? bytes.map((byte, at) => (at > 60 && (at + i) % 13 === 0 ? 0xa5 : byte)) : bytes)))
    await running.end()
    expect(recorder.errors).toEqual([])
    for (const seq of [0, 2, 3]) {
      expect(recorder.segmentsOf('360p')[seq]).toMatchObject({ seq, frames: 30 })
      expect((await probeFrames(recorder.mp4Of('360p', seq))).frames[0]?.isKey).toBe(true)
    }
  })

  test('a segment without a byte is reported with no frames', async () => {
    const recorder = new TranscodeRecorder()
    const running = await openRelayed(pool, createJob(), recorder)
    running.header(plain.header)
    plain.segments.forEach((segment) => sendSegment(running, segment.seq === 1 ? { ...segment, chunks: [] } : segment))
    await running.end()
    expect(recorder.segmentsOf('360p').map(({ seq, frames, bytes }) => [seq, frames, bytes > 0])).toEqual([[0, 30, true], [1, 0, false], [2, 30, true], [3, 30, true]])
  })
})

describe('death', () => {
  test('of ffmpeg in the middle of a segment loses no segment', async () => {
    const recorder = new TranscodeRecorder()
    const running = await openRelayed(pool, createJob(), recorder)
    running.header(plain.header)
    const [first, second, ...rest] = plain.segments
    if (first === undefined || second === undefined) throw new Error('fixture')
    sendSegment(running, first)
    running.openSegment(second)
    second.chunks.slice(0, 50).forEach(({ bytes }) => running.write(bytes))
    await recorder.until(() => recorder.partsOf('360p', 1).length >= 2)
    const before = log.filter((event) => event.type === 'transcodeRestarted').length
    for (const pid of await childrenOf(transcoderPid())) process.kill(pid, 'SIGKILL')
    second.chunks.slice(50).forEach(({ bytes }) => running.write(bytes))
    running.closeSegment(second)
    rest.forEach((segment) => sendSegment(running, segment))
    await running.end()
    expect(recorder.errors).toEqual([])
    expect(log.filter((event) => event.type === 'transcodeRestarted').length).toBe(before + 1)
    await expectSound(recorder, plain, '360p', { width: 640, height: 360 })
    await expectSound(recorder, plain, '180p', { width: 320, height: 180 })
  })

  test('again and again ends in TranscodeFailed', async () => {
    const recorder = new TranscodeRecorder()
    const running = await openRelayed(pool, createJob(), recorder)
    running.header(plain.header)
    const [first] = plain.segments
    if (first === undefined) throw new Error('fixture')
    running.openSegment(first)
    const seen = new Set<number>()
    await expect.poll(async () => {
      for (const pid of await childrenOf(transcoderPid())) {
        if (seen.has(pid)) continue
        seen.add(pid)
        process.kill(pid, 'SIGKILL')
      }
      return recorder.errors[0]?.code
    }, { timeout: 20_000, interval: 20 }).toBe('TranscodeFailed')
    await running.end()
  })
})

describe('the pool', () => {
  test('leaves no process behind', async () => {
    const brief = createTranscoders({ count: 1, command, pixelsPerSecond: 1e9, log: (event) => events.push(event) })
    const events: TranscoderLogEvent[] = []
    await brief.ready()
    const recorder = new TranscodeRecorder()
    const running = await openRelayed(brief, createJob(), recorder)
    running.header(plain.header)
    const pid = events.find((event) => event.type === 'transcoderReady')?.pid ?? 0
    await expect.poll(() => childrenOf(pid), { timeout: 10_000 }).not.toHaveLength(0)
    const children = await childrenOf(pid)
    await brief.close()
    expect(await isRunning(pid)).toBe(false)
    await expect.poll(async () => (await Promise.all(children.map(isRunning))).some(Boolean), { timeout: 10_000 }).toBe(false)
  })

  test('says so when its program cannot be started', async () => {
    const broken = createTranscoders({ count: 1, command: ['/nonexistent/transcoder'], log: (event) => events.push(event) })
    const events: TranscoderLogEvent[] = []
    await expect.poll(() => events.length, { timeout: 10_000 }).toBeGreaterThan(1)
    await broken.close()
    expect(events[0]).toMatchObject({ type: 'transcoderExited', reason: expect.stringContaining('ENOENT') })
  })
})
