/** Recordings by ffmpeg, in every way in which it lays out fragments, against what ffprobe says of them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { EncodedFrame } from '../media/createSegmenter.js'
import { readMp4Recording } from './readMp4Recording.js'
import type { Recording } from './recording.js'

const folder = mkdtempSync(join(tmpdir(), 'streamflow-mp4-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sources = ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25:duration=2', '-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2']
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-pix_fmt', 'yuv420p']

function record(name: string, args: readonly string[]): string {
  const path = join(folder, `${name}.mp4`)
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...sources, ...args, path])
  return path
}

interface Told {
  readonly recordings: Recording[]
  readonly frames: { readonly kind: 'video' | 'audio'; readonly frame: EncodedFrame }[]
  readonly errors: unknown[]
}

async function read(bytes: Uint8Array, piece: number): Promise<Told> {
  const told: Told = { recordings: [], frames: [], errors: [] }
  const reader = readMp4Recording({ onRecording: (recording) => told.recordings.push(recording), onFrame: (kind, frame) => told.frames.push({ kind, frame }), onError: (error) => told.errors.push(error) })
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece))
  await reader.end()
  return told
}

/** Packets as ffprobe sees them: µs of presentation, bytes, keyframe. */
function probe(path: string, stream: 'v' | 'a'): readonly (readonly [number, number, boolean])[] {
  const text = execFileSync('ffprobe', ['-v', 'error', '-select_streams', stream, '-show_entries', 'packet=pts_time,size,flags', '-of', 'json', path], { encoding: 'utf8' })
  const { packets } = JSON.parse(text) as { packets: { pts_time: string; size: string; flags: string }[] }
  return packets.map(({ pts_time, size, flags }) => [Math.round(Number(pts_time) * 1e6), Number(size), flags.startsWith('K')])
}

const layouts: Record<string, readonly string[]> = {
  'a fragment per keyframe': [...h264, '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov+default_base_moof'],
  'offsets from the beginning of the file': [...h264, '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov'],
  'a fragment per track': [...h264, '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov+default_base_moof+separate_moof'],
  'pictures out of order': ['-c:v', 'libx264', '-preset', 'medium', '-bf', '2', '-g', '10', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov+default_base_moof'],
  'negative offsets of presentation': ['-c:v', 'libx264', '-preset', 'medium', '-bf', '2', '-g', '10', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov+default_base_moof+negative_cts_offsets'],
  'Opus': [...h264, '-c:a', 'libopus', '-movflags', 'frag_keyframe+empty_moov+default_base_moof'],
}

describe('an MP4 recording', () => {
  it.each(Object.entries(layouts))('with %s gives every packet, as ffprobe sees it', async (name, args) => {
    const path = record(name.replace(/\W/g, '-'), args)
    const bytes = readFileSync(path)
    const { recordings, frames, errors } = await read(bytes, 1_777)
    expect(errors).toEqual([])
    expect(recordings).toMatchObject([{ video: { codec: 'h264', width: 160, height: 90 }, audio: { codec: name === 'Opus' ? 'opus' : 'aac', sampleRate: 48_000, channels: 1 } }])
    for (const [kind, stream] of [['video', 'v'], ['audio', 'a']] as const) {
      const seen = frames.filter((each) => each.kind === kind).map(({ frame }) => [frame.timestampUs, frame.bytes.length, frame.isKey])
      const expected = probe(path, stream)
      expect(seen.map(([, ...rest]) => rest)).toEqual(expected.map(([, ...rest]) => rest))
      // ffprobe moves pictures whose offsets are negative, so that none is shown before it is decoded; the file does not ask for it.
      const shiftUs = name.startsWith('negative') ? (seen[0]![0] as number) - expected[0]![0] : 0
      for (const [i, [timeUs]] of expected.entries()) expect(Math.abs((seen[i]![0] as number) - timeUs - shiftUs)).toBeLessThanOrEqual(1)
    }
  })

  it('tells the same however its bytes come', async () => {
    const bytes = readFileSync(record('pieces', layouts['a fragment per keyframe']!))
    expect(await read(bytes, 100_000)).toEqual(await read(bytes, 13))
  })

  it('says what a decoder must know', async () => {
    const path = record('privates', layouts['Opus']!)
    const { recordings } = await read(readFileSync(path), 4_096)
    const { video, audio } = recordings[0]!
    expect(video.codecPrivate?.[0]).toBe(1) // version of avcC
    expect(Buffer.from(audio?.codecPrivate?.subarray(0, 8) ?? []).toString()).toBe('OpusHead')
    const aac = await read(readFileSync(record('aac', layouts['a fragment per keyframe']!)), 4_096)
    expect([...(aac.recordings[0]?.audio?.codecPrivate?.subarray(0, 2) ?? [])]).toEqual([0x11, 0x88]) // AAC LC, 48 kHz, one channel
  })

  it('interleaves its tracks by time', async () => {
    const { frames } = await read(readFileSync(record('interleaved', layouts['a fragment per track']!)), 4_096)
    const times = frames.map(({ frame }) => frame.timestampUs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it.each([
    ['without fragments', () => readFileSync(record('whole', [...h264, '-an', '-movflags', 'faststart'])), /not made of fragments/],
    ['with sound alone', () => readFileSync(record('sound', ['-vn', '-c:a', 'aac', '-movflags', 'empty_moov'])), /no video/],
    ['that is none', () => new Uint8Array(64).fill(0xff), /box of/],
  ])('%s is refused, once', async (_what, make, message) => {
    const { errors, frames } = await read(make(), 64)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code: 'Unsupported', message: expect.stringMatching(message) as string })
    expect(frames).toEqual([])
  })
})
