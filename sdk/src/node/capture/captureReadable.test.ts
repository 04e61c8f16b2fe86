import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { concatBytes } from '../../media/ebml.js'
import type { SegmentEvent } from '../../media/segment.js'
import { captureFile } from './captureFile.js'
import { captureReadable, type ReadableCapture } from './captureReadable.js'

const run = promisify(execFile)
const footage = fileURLToPath(new URL('../../../../../shared/media/', import.meta.url))
let folder = ''
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'streamflow-capture-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Segment {
  readonly seq: number
  readonly startUs: number
  readonly chunks: Uint8Array[]
  durationUs: number
  frames: number
}
type Header = Extract<SegmentEvent, { type: 'header' }>

async function readAll({ events }: Pick<ReadableCapture, 'events'>, until: (segments: readonly Segment[]) => boolean = () => false): Promise<{ header: Header; segments: Segment[] }> {
  const segments: Segment[] = []
  let header: Header | undefined
  const reader = events.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const event = next.value
    if (event.type === 'header') {
      expect(header).toBeUndefined()
      header = event
    } else if (event.type === 'open') segments.push({ seq: event.seq, startUs: event.startUs, chunks: [], durationUs: -1, frames: -1 })
    else if (event.type === 'chunk') segments.at(-1)!.chunks.push(event.bytes)
    else {
      Object.assign(segments.at(-1)!, { durationUs: event.durationUs, frames: event.frames })
      if (until(segments)) break
    }
  }
  reader.releaseLock()
  return { header: header!, segments }
}

interface Probe {
  readonly streams: readonly { codec_type: string; codec_name: string; width?: number; height?: number; nb_read_frames: string }[]
  readonly frames: readonly { media_type: string; key_frame: number; pts_time: string }[]
}

/** Decodes header + segment as a file of its own; anything that ffprobe complains about fails the test. */
async function probeSegment(header: Header, segment: Segment): Promise<{ video: Probe['frames']; audio: Probe['frames']; width: number; height: number }> {
  const file = path.join(folder, `${segment.seq}.mkv`)
  await writeFile(file, concatBytes([header.bytes, ...segment.chunks]))
  const { stdout, stderr } = await run('ffprobe', ['-v', 'warning', '-count_frames', '-show_streams', '-show_frames', '-of', 'json', file], { maxBuffer: 64 * 1024 * 1024 })
  expect(stderr).toBe('')
  const probe = JSON.parse(stdout) as Probe
  const { width = 0, height = 0 } = probe.streams.find(({ codec_type: type }) => type === 'video')!
  const of = (kind: string): Probe['frames'] => probe.frames.filter(({ media_type: type }) => type === kind)
  return { video: of('video'), audio: of('audio'), width, height }
}

/** Makes a file by ffmpeg's generators. */
async function make(name: string, ...args: string[]): Promise<string> {
  const file = path.join(folder, name)
  await run('ffmpeg', ['-v', 'error', '-y', ...args, file])
  return file
}
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p']

async function assertStream(header: Header, segments: readonly Segment[], size: readonly [number, number], hasAudio: boolean): Promise<number> {
  let frames = 0
  let lastTime = -1
  for (const [i, segment] of segments.entries()) {
    expect(segment.seq).toBe(i)
    if (i > 0) expect(segment.startUs).toBe(segments[i - 1]!.startUs + segments[i - 1]!.durationUs)
    const { video, audio, width, height } = await probeSegment(header, segment)
    expect([width, height]).toEqual(size)
    expect([header.format.video.width, header.format.video.height]).toEqual(size)
    expect(video[0]!.key_frame).toBe(1)
    expect(video.length).toBe(segment.frames)
    expect(Math.abs(Number(video[0]!.pts_time) * 1e6 - segment.startUs)).toBeLessThan(1000)
    expect(audio.length > 0).toBe(hasAudio)
    for (const { pts_time: time } of video) {
      expect(Number(time)).toBeGreaterThan(lastTime)
      lastTime = Number(time)
    }
    frames += segment.frames
  }
  return frames
}

describe('captureReadable', () => {
  it.skipIf(!existsSync(footage)).each([
    { name: 'animation-1080p25-aac.mp4', video: { maxHeight: 360 }, size: [640, 360], hasAudio: true, count: 125 },
    { name: 'bunny-1080p24-rotated.mp4', video: { maxWidth: 360 }, size: [360, 640], hasAudio: true, count: 45 },
    { name: 'portrait-720x1280.ts', video: { maxHeight: 640 }, size: [360, 640], hasAudio: false, count: 30 },
  ] as const)('cuts $name into segments that decode alone', async ({ name, video, size, hasAudio, count }) => {
    const { header, segments } = await readAll(captureReadable(path.join(footage, name), { pace: 'source', video }))
    const frames = await assertStream(header, segments, size, hasAudio)
    expect(Math.abs(frames - count)).toBeLessThanOrEqual(1)
    for (const { durationUs } of segments.slice(0, -1)) expect(Math.abs(durationUs - 1e6)).toBeLessThan(100_000)
  })

  it('keeps 60 frames a second and makes odd sides even', async () => {
    const file = await make('odd60.mkv', '-f', 'lavfi', '-i', 'testsrc2=size=321x243:rate=60:duration=2.5', '-c:v', 'ffv1')
    const { header, segments } = await readAll(captureFile(file, { pace: 'source' }))
    expect(await assertStream(header, segments, [320, 242], false)).toBe(150)
    expect(header.format.video.frameRate).toBeCloseTo(60, 1)
  })

  it('keeps the times of a variable frame rate', async () => {
    const file = await make('vfr.mkv', '-f', 'lavfi', '-i', "testsrc2=size=320x240:rate=30:duration=4,select='not(mod(n,7))+not(mod(n,5))'", '-f', 'lavfi', '-i', 'sine=duration=4', '-fps_mode', 'vfr', ...x264, '-c:a', 'aac')
    const { stdout } = await run('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', file])
    const times = stdout.trim().split('\n').map((line) => Number(line.split(',')[0]))
    const { header, segments } = await readAll(captureFile(file, { pace: 'source' }))
    expect(await assertStream(header, segments, [320, 240], true)).toBe(times.length)
    const captured = (await Promise.all(segments.map((segment) => probeSegment(header, segment)))).flatMap(({ video }) => video.map(({ pts_time: time }) => Number(time)))
    captured.forEach((time, i) => expect(Math.abs(time - captured[0]! - (times[i]! - times[0]!))).toBeLessThan(0.003))
  })

  it('passes H.264 on as it is where its keyframes fit, and only there', async () => {
    const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=4']
    const fits = captureFile(await make('fits.mp4', ...source, ...x264, '-bf', '0', '-g', '25'), { pace: 'source' })
    const { header, segments } = await readAll(fits)
    expect(fits.isCopy).toBe(true)
    expect(await assertStream(header, segments, [320, 240], false)).toBe(100)
    for (const args of [['-bf', '0', '-g', '250'], ['-bf', '2', '-g', '25'], ['-g', '25', '-bf', '0', '-pix_fmt', 'yuv444p']]) {
      const capture = captureFile(await make('unfit.mp4', ...source, ...x264, ...args), { pace: 'source' })
      const cut = await readAll(capture)
      expect(capture.isCopy).toBe(false)
      expect(cut.segments.length).toBe(4)
    }
  })

  it('reads a stream of bytes', async () => {
    const file = await make('piped.ts', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=2', '-f', 'lavfi', '-i', 'sine=duration=2', ...x264, '-c:a', 'aac')
    const { header, segments } = await readAll(captureReadable(createReadStream(file), { pace: 'source' }))
    expect(await assertStream(header, segments, [320, 240], true)).toBe(50)
  })

  it('takes a live contribution from the network', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    probe.close()
    const capture = captureReadable(`tcp://127.0.0.1:${port}?listen=1`)
    const reading = readAll(capture, (sofar) => sofar.length === 2)
    const send = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25', '-f', 'lavfi', '-i', 'sine', ...x264, '-g', '12', '-c:a', 'aac', '-f', 'mpegts', `tcp://127.0.0.1:${port}`]
    // The listener may not be there yet.
    let sender = spawn('ffmpeg', ['-v', 'quiet', '-nostdin', ...send], { stdio: 'ignore' })
    let isOver = false
    const retry = (): void => {
      if (!isOver) sender = spawn('ffmpeg', ['-v', 'quiet', '-nostdin', ...send], { stdio: 'ignore' }).once('exit', retry)
    }
    sender.once('exit', retry)
    const { header, segments } = await reading
    isOver = true
    sender.kill('SIGKILL')
    await capture.stop()
    await assertStream(header, segments, [320, 240], true)
  })

  it('loops a file until it is stopped, and leaves no process', async () => {
    const file = await make('short.mp4', '-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=1', '-f', 'lavfi', '-i', 'sine=duration=1', ...x264, '-c:a', 'aac')
    const capture = captureFile(file, { loop: true, pace: 'source' })
    const { header, segments } = await readAll(capture, (sofar) => sofar.length === 4)
    await assertStream(header, segments, [160, 120], true)
    await capture.stop()
    await capture.stop()
    const { stdout } = await run('ps', ['-eo', 'args'])
    expect(stdout.split('\n').filter((line) => line.includes(file))).toEqual([])
  })

  it('is held up by a reader that does not read', async () => {
    const capture = captureReadable({ ffmpegInput: ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30:duration=60'] }, { maxQueuedBytes: 100_000 })
    const reader = capture.events.getReader()
    // 60 s of video would be there within a few seconds of encoding; they wait, and nothing is lost.
    expect((await reader.read()).value?.type).toBe('header')
    let frames = 0
    for (let next = await reader.read(); frames < 60 && !next.done; next = await reader.read()) if (next.value.type === 'chunk') frames++
    await reader.cancel()
    expect(frames).toBe(60)
  })

  it('says why an input cannot be read', async () => {
    const text = path.join(folder, 'text.mp4')
    await writeFile(text, 'this is no video')
    await expect(readAll(captureFile(text))).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringMatching(/moov|Invalid data/) })
    await expect(readAll(captureFile(path.join(folder, 'absent.mp4')))).rejects.toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('ENOENT') })
    await expect(readAll(captureReadable({ ffmpegInput: ['-f', 'v4l2', '-i', '/dev/video99'] }))).rejects.toMatchObject({ code: 'DeviceNotFound' })
    const sound = await make('sound.mp4', '-f', 'lavfi', '-i', 'sine=duration=1', '-c:a', 'aac')
    await expect(readAll(captureFile(sound))).rejects.toMatchObject({ code: 'InvalidArgument' })
  })

  it('says that ffmpeg is missing, and that it was aborted', async () => {
    const source = { ffmpegInput: ['-f', 'lavfi', '-i', 'testsrc2'] }
    await expect(readAll(captureReadable(source, { ffmpegPath: '/nowhere/ffmpeg' }))).rejects.toMatchObject({ code: 'Unsupported', data: { missing: 'ffmpeg' } })
    const controller = new AbortController()
    const capture = captureReadable(source, { signal: controller.signal })
    const reader = capture.events.getReader()
    await reader.read()
    controller.abort()
    await expect((async () => { for (;;) if ((await reader.read()).done) return })()).rejects.toMatchObject({ code: 'Aborted' })
    await capture.stop()
    expect(() => captureReadable(source, { segmentDurationMs: 10 })).toThrowError(expect.objectContaining({ code: 'InvalidArgument' }))
  })
})
