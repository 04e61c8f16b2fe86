/** Keeps everything a transcode delivers, and asks ffprobe what it is. */

import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import type { StreamflowError } from '@streamflow/sdk/errors'
import type { RenditionInit, RenditionPart, RenditionSegment, Transcode, TranscodeEvents, TranscodeJob } from '../../orchestrator/src/core/transcoding.js'
import type { Fixture, FixtureSegment } from './matroskaFixture.js'

/** What was delivered. */
export class TranscodeRecorder implements TranscodeEvents {
  readonly inits = new Map<string, RenditionInit>()
  readonly parts: RenditionPart[] = []
  readonly segments: RenditionSegment[] = []
  readonly errors: StreamflowError[] = []
  drains = 0
  readonly #waiters = new Set<() => void>()

  init(init: RenditionInit): void {
    if (this.inits.has(init.rendition)) throw new Error(`a second init of ${init.rendition}`)
    this.inits.set(init.rendition, init)
    this.#changed()
  }

  part(part: RenditionPart): void {
    this.parts.push(part)
    this.#changed()
  }

  /** A relay tells what the share is made of; a transcode alone only that it is complete. */
  segment(segment: RenditionSegment | Parameters<TranscodeEvents['segment']>[0]): void {
    if ('hash' in segment) this.segments.push(segment)
    this.#changed()
  }

  drain(): void {
    this.drains++
    this.#changed()
  }

  failed(error: StreamflowError): void {
    this.errors.push(error)
    this.#changed()
  }

  /** Resolves as soon as `isMet`; rejects after `timeoutMs`. */
  async until(isMet: () => boolean, timeoutMs = 60_000): Promise<void> {
    if (isMet()) return
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (!isMet()) return
        clearTimeout(timer)
        this.#waiters.delete(check)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiters.delete(check)
        reject(new Error(`not met in ${timeoutMs} ms: ${isMet.toString()}; errors: ${this.errors.map((error) => error.message).join('; ')}`))
      }, timeoutMs)
      this.#waiters.add(check)
    })
  }

  partsOf(rendition: string, seq?: number): readonly RenditionPart[] {
    return this.parts.filter((part) => part.rendition === rendition && (seq === undefined || part.seq === seq))
  }

  segmentsOf(rendition: string): readonly RenditionSegment[] {
    return this.segments.filter((segment) => segment.rendition === rendition)
  }

  /** The init and the parts of a segment (or of all): a playable MP4. */
  mp4Of(rendition: string, seq?: number): Uint8Array {
    return Buffer.concat([this.inits.get(rendition)?.bytes ?? new Uint8Array(0), ...this.partsOf(rendition, seq).map((part) => part.bytes)])
  }

  #changed(): void {
    for (const check of [...this.#waiters]) check()
  }
}

/** Sends one segment of a fixture. */
export function sendSegment(transcode: Transcode, segment: FixtureSegment, change: (bytes: Uint8Array, index: number) => Uint8Array = (bytes) => bytes): void {
  transcode.openSegment(segment)
  segment.chunks.forEach(({ bytes }, i) => transcode.write(change(bytes, i)))
  transcode.closeSegment(segment)
}

/** Sends a whole fixture as fast as the transcoder takes it, and ends. */
export async function sendAll(transcode: Transcode, fixture: Fixture): Promise<void> {
  transcode.header(fixture.header)
  for (const segment of fixture.segments) sendSegment(transcode, segment)
  await transcode.end()
}

/** A job for a fixture. */
export function createJob(options: Partial<Omit<TranscodeJob, 'input'>> & { readonly video?: Partial<TranscodeJob['input']['video']>; readonly audio?: TranscodeJob['input']['audio'] | 'none' } = {}): TranscodeJob {
  const { video, audio = { codec: 'opus', sampleRate: 48_000, channels: 2 }, ...rest } = options
  return {
    streamId: `0x${'5f'.repeat(32)}`,
    input: { container: 'matroska', video: { codec: 'h264', width: 640, height: 360, frameRate: 30, ...video }, ...(audio === 'none' ? {} : { audio }) },
    ladder: [{ name: '360p', width: 640, height: 360, bitrate: 800_000 }, { name: '180p', width: 320, height: 180, bitrate: 250_000 }],
    partDurationMs: 100,
    segmentDurationMs: 1000,
    ...rest,
  }
}

/** One frame or packet as ffprobe tells of it. */
export interface ProbedFrame {
  readonly isKey: boolean
  readonly pictureType: string
  readonly timeUs: number
  readonly width: number
  readonly height: number
}

/** Decodes media with ffprobe. `complaints` is what it warned of. */
export async function probeFrames(media: Uint8Array): Promise<{ readonly frames: readonly ProbedFrame[]; readonly complaints: string }> {
  const entries = 'frame=key_frame,pict_type,pts,pkt_dts,best_effort_timestamp_time,width,height'
  const { stdout, stderr } = await runWithInput('ffprobe', ['-v', 'warning', '-show_entries', entries, '-of', 'json', '-'], media)
  const { frames = [] } = JSON.parse(stdout.toString()) as { frames?: { key_frame: number; pict_type?: string; best_effort_timestamp_time: string; width?: number; height?: number }[] }
  return {
    frames: frames.map((frame) => ({ isKey: frame.key_frame === 1, pictureType: frame.pict_type ?? '', timeUs: Math.round(Number(frame.best_effort_timestamp_time) * 1e6), width: frame.width ?? 0, height: frame.height ?? 0 })),
    complaints: stderr,
  }
}

/** Runs a program on some bytes. */
export function runWithInput(program: string, args: readonly string[], input: Uint8Array): Promise<{ readonly stdout: Buffer; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    let stderr = ''
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
    child.stdin.on('error', () => undefined)
    child.once('error', reject)
    child.once('close', () => resolve({ stdout: Buffer.concat(out), stderr }))
    child.stdin.end(input)
  })
}

/** Process ids of the children of a process. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter((line) => line.trim() !== '').map(Number)
}

/** Process ids of all below a process. */
export async function descendantsOf(pid: number): Promise<readonly number[]> {
  const children = await childrenOf(pid)
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()]
}

/** The first of some transcoders below which an ffmpeg runs, and all that runs below it. */
export async function findTranscoding(pids: readonly number[]): Promise<{ readonly pid: number; readonly below: readonly number[]; readonly ffmpeg: number }> {
  for (const pid of pids) {
    const below = await descendantsOf(pid)
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,comm=', '-p', below.join(',')]).catch(() => ({ stdout: '' }))
    const ffmpeg = /^\s*(\d+) ffmpeg$/m.exec(stdout)?.[1]
    if (ffmpeg !== undefined) return { pid, below, ffmpeg: Number(ffmpeg) }
  }
  throw new Error('none of them transcodes')
}

/** Whether a process runs (a dead one that nobody has waited for does not). */
export async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z')
}
