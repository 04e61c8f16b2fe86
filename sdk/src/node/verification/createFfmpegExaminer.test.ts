import { spawn } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { concatBytes } from '../../media/ebml.js'
import type { SegmentEvent } from '../../media/segment.js'
import type { Examination, Specimen } from '../../verification/examine.js'
import { readSource } from '../../verification/readSource.js'
import { captureReadable } from '../capture/captureReadable.js'
import { createFfmpegExaminer } from './createFfmpegExaminer.js'

const moving = 'testsrc2=size=320x180:rate=25'
/** Of this nothing is left at the bitrate that is ordered. */
const noise = 'color=c=gray:s=320x180:r=25,noise=alls=80:allf=t'
const rendition = { name: '180p', width: 320, height: 180, bitrate: 200_000 }

/** One segment of what ffmpeg draws. */
async function capture(picture: string): Promise<Specimen['source']> {
  const ffmpegInput = ['-f', 'lavfi', '-i', `${picture}[out0];anoisesrc=r=48000:a=0.3:seed=7[out1]`, '-t', '1']
  const events: SegmentEvent[] = []
  const reader = captureReadable({ ffmpegInput }).events.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) events.push(next.value)
  const header = events.find((event) => event.type === 'header')!
  const open = events.find((event) => event.type === 'open')!
  const close = events.find((event) => event.type === 'close')!
  const bytes = concatBytes(events.slice(0, events.indexOf(close)).flatMap((event) => (event.type === 'chunk' ? [event.bytes] : [])))
  return { header: header.bytes, bytes, input: header.format, startUs: open.startUs, durationUs: close.durationUs }
}

/** A track as a transcoder makes it, in an init and its fragments. */
async function transcode({ header, bytes }: Specimen['source'], ...args: readonly string[]): Promise<Specimen['video']> {
  const child = spawn('ffmpeg', ['-v', 'error', '-f', 'matroska', '-i', 'pipe:0', ...args, '-f', 'mp4', '-movflags', '+empty_moov+default_base_moof', '-frag_duration', '10000000', 'pipe:1'], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(concatBytes([header, bytes]))
  const pieces: Uint8Array[] = []
  for await (const piece of child.stdout) pieces.push(piece as Uint8Array)
  const file = Buffer.concat(pieces)
  const end = file.indexOf('moof') - 4
  return { init: new Uint8Array(file.subarray(0, end)), media: new Uint8Array(file.subarray(end)) }
}

const x264 = ['-an', '-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-bf', '0', '-g', '999', '-b:v', '200k', '-maxrate', '240k', '-bufsize', '200k']
const sound = ['-vn', '-c:a', 'aac', '-b:a', '128k']
const examiner = createFfmpegExaminer()
const look = (specimen: Omit<Specimen, 'rendition' | 'moments'>): Promise<Examination> => examiner.examine({ ...specimen, rendition, moments: [0.2, 0.5, 0.9] })

describe('a look by ffmpeg', () => {
  let source: Specimen['source']
  let video: Specimen['video']
  beforeAll(async () => {
    source = await capture(moving)
    video = await transcode(source, ...x264)
  })

  it('passes an honest rendition, with its sound', async () => {
    const { outcome, faults, metrics } = await look({ source, video, audio: await transcode(source, ...sound) })
    expect([outcome, faults]).toEqual(['passed', []])
    expect(metrics?.sound?.correlation).toBeGreaterThan(0.7)
  })

  it('finds one that was scaled down and up again: its own is better at half of the bits', async () => {
    const soft = await look({ source, video: await transcode(source, '-vf', 'scale=160:90,scale=320:180:flags=bilinear', ...x264) })
    expect(soft).toMatchObject({ outcome: 'failed', faults: expect.arrayContaining([expect.objectContaining({ kind: 'quality' })]) })
  })

  it('passes what nobody could make better', async () => {
    const hard = await capture(noise)
    const { outcome, faults, metrics } = await look({ source: hard, video: await transcode(hard, ...x264) })
    expect([outcome, faults]).toEqual(['passed', []])
    expect(metrics?.similarity.edges).toBeLessThan(0.3)
  })

  it('blames who made what cannot be decoded, and nobody where the source cannot', async () => {
    const start = Buffer.from(video.media).indexOf('mdat') + 8
    const broken = video.media.slice()
    broken.fill(0x5a, start)
    expect(await look({ source, video: { ...video, media: broken } })).toMatchObject({ outcome: 'failed', faults: [{ kind: 'structure' }] })
    const blind = { ...source, bytes: source.bytes.slice() }
    for (const { bytes } of readSource(source).video!.samples) {
      const at = Buffer.from(blind.bytes).indexOf(bytes)
      blind.bytes.fill(0x5a, at + 4, at + bytes.length)
    }
    expect(await look({ source: blind, video })).toEqual({ outcome: 'doubtful', faults: [] })
  })
})
