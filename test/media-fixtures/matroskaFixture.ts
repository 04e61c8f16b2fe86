/** Matroska as a browser's page makes it, from ffmpeg: header, then one segment per keyframe, in chunks of one block. */

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ebmlId, readElementHead, readUnsigned } from '@streamflow/sdk/media'

/** A segment of a fixture. */
export interface FixtureSegment {
  readonly seq: number
  readonly startUs: number
  readonly durationUs: number
  /** Video frames. */
  readonly frames: number
  readonly chunks: readonly { readonly timeUs: number; readonly bytes: Uint8Array<ArrayBuffer> }[]
}

/** A stream as its broadcaster would send it. */
export interface Fixture {
  readonly header: Uint8Array<ArrayBuffer>
  readonly segments: readonly FixtureSegment[]
}

/** What a fixture is made of. */
export interface FixtureOptions {
  readonly width?: number
  readonly height?: number
  readonly rate?: number
  readonly seconds?: number
  readonly video?: 'h264' | 'vp8' | 'vp9'
  readonly audio?: 'opus' | 'aac' | 'none'
  /** Frames that refer to later ones, so that the order of coding is not that of showing (H.264 only). */
  readonly bFrames?: number
  /** A filter chain after the source. */
  readonly videoFilter?: string
  /** Input arguments instead of the generated picture and sound. */
  readonly inputArguments?: readonly string[]
}

const encoderArguments = {
  h264: ['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'veryfast', '-bf', '0', '-sc_threshold', '0'],
  vp8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-auto-alt-ref', '0'],
  vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0'],
} as const

const fixtureTimeoutMs = 60_000

/** Makes a fixture; a keyframe, and so a segment, every second. */
export async function createFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const { width = 640, height = 360, rate = 30, seconds = 4, video = 'h264', audio = 'opus', bFrames = 0, videoFilter = 'null', inputArguments } = options
  const folder = await mkdtemp(join(tmpdir(), 'streamflow-fixture-'))
  const path = join(folder, 'fixture.mkv')
  const sources = inputArguments ?? ['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${rate}`, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:beep_factor=4']
  const audioMap = inputArguments === undefined ? '1:a' : '0:a'
  try {
    await promisify(execFile)('ffmpeg', [
      '-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...sources, '-t', String(seconds), '-map', '0:v', '-vf', videoFilter, '-pix_fmt', 'yuv420p',
      ...encoderArguments[video], ...(bFrames > 0 ? ['-profile:v', 'main', '-bf', String(bFrames)] : []), '-g', '9999', '-force_key_frames', 'expr:gte(t,n_forced*1)', '-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-b:v', '1200k',
      ...(audio === 'none' ? [] : ['-map', audioMap, '-c:a', audio === 'opus' ? 'libopus' : 'aac', '-b:a', '96k', '-ac', '2']),
      '-f', 'matroska', '-live', '1', '-cluster_time_limit', '100000', '-cluster_size_limit', '100000000', path,
    ], { timeout: fixtureTimeoutMs })
    return cutMatroska(new Uint8Array(await readFile(path)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same stream as if it had begun so much earlier. */
export function shiftFixture(fixture: Fixture, byMs: number): Fixture {
  const segments = fixture.segments.map((segment) => ({
    ...segment,
    startUs: segment.startUs + byMs * 1000,
    chunks: segment.chunks.map(({ timeUs, bytes }, i) => {
      const shifted = bytes.slice()
      const view = new DataView(shifted.buffer)
      if (i === 0) view.setUint32(clusterTimestampAt, view.getUint32(clusterTimestampAt) + byMs)
      return { timeUs: timeUs + byMs * 1000, bytes: shifted }
    }),
  }))
  return { header: fixture.header, segments }
}

/** Where the cluster's timestamp is in the first chunk of a segment. */
const clusterTimestampAt = 14

interface Block { readonly bytes: Uint8Array<ArrayBuffer>; readonly timeUs: number; readonly isVideo: boolean; readonly isKey: boolean }

/** Cuts a whole Matroska file (video is track 1, clock of 1 ms) into header and segments. */
function cutMatroska(file: Uint8Array<ArrayBuffer>): Fixture {
  const { header, blocks } = readBlocks(file)
  const groups: Block[][] = []
  for (const block of blocks) {
    if (groups.length === 0 || (block.isVideo && block.isKey && groups.at(-1)?.some((other) => other.isVideo))) groups.push([])
    groups.at(-1)?.push(block)
  }
  const startOf = (group: readonly Block[]): number => group.find((block) => block.isVideo)?.timeUs ?? 0
  const segments = groups.map((group, seq) => {
    const videos = group.filter((block) => block.isVideo)
    const startUs = startOf(group)
    const next = groups[seq + 1]
    const frameUs = (videos.at(-1)?.timeUs ?? 0) - (videos.at(-2)?.timeUs ?? 0)
    const durationUs = (next === undefined ? (videos.at(-1)?.timeUs ?? 0) + frameUs : startOf(next)) - startUs
    return { seq, startUs, durationUs, frames: videos.length, chunks: toChunks(group) }
  })
  return { header, segments }
}

function readBlocks(file: Uint8Array<ArrayBuffer>): { header: Uint8Array<ArrayBuffer>; blocks: readonly Block[] } {
  const blocks: Block[] = []
  let headerEnd = 0
  let clusterMs = 0
  for (let offset = 0; offset < file.length;) {
    const head = readElementHead(file, offset)
    if (!head) break
    const start = head.contentStart
    if (head.id === ebmlId.segment || head.id === ebmlId.cluster) {
      if (head.id === ebmlId.cluster && headerEnd === 0) headerEnd = offset
      offset = start
      continue
    }
    const body = file.subarray(start, start + Math.max(head.size, 0))
    offset = start + body.length
    if (head.id === ebmlId.timestamp) clusterMs = readUnsigned(body)
    if (head.id === ebmlId.simpleBlock || head.id === ebmlId.blockGroup) {
      const inner = head.id === ebmlId.simpleBlock ? body : body.subarray(readElementHead(body, 0)?.contentStart)
      const relative = new DataView(inner.buffer, inner.byteOffset).getInt16(1)
      blocks.push({ bytes: file.slice(start, offset), timeUs: (clusterMs + relative) * 1000, isVideo: inner[0] === 0x81, isKey: head.id === ebmlId.simpleBlock && ((inner[3] ?? 0) & 0x80) !== 0 })
      if (head.id === ebmlId.blockGroup) blocks[blocks.length - 1] = { ...(blocks.at(-1) as Block), bytes: inner.slice() }
    }
  }
  return { header: file.slice(0, headerEnd), blocks }
}

/** One cluster of unknown size per segment, one SimpleBlock per chunk, as the page writes them. */
function toChunks(group: readonly Block[]): FixtureSegment['chunks'] {
  const baseMs = Math.max(0, Math.floor(Math.min(...group.map((block) => block.timeUs)) / 1000))
  return group.map((block, i) => {
    const body = block.bytes.slice()
    new DataView(body.buffer).setInt16(1, block.timeUs / 1000 - baseMs)
    const element = new Uint8Array(5 + body.length)
    element[0] = ebmlId.simpleBlock
    new DataView(element.buffer).setUint32(1, 0x1000_0000 + body.length)
    element.set(body, 5)
    if (i > 0) return { timeUs: block.timeUs, bytes: element }
    const start = Uint8Array.of(0x1f, 0x43, 0xb6, 0x75, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ebmlId.timestamp, 0x84, 0, 0, 0, 0)
    new DataView(start.buffer).setUint32(clusterTimestampAt, baseMs)
    const first = new Uint8Array(start.length + element.length)
    first.set(start)
    first.set(element, start.length)
    return { timeUs: block.timeUs, bytes: first }
  })
}
