/** One stream inside a transcoder: bytes of segments in, parts of renditions out, one ffmpeg in between. */

import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { aacFrameSamples, audioSampleRate, computePartTargetUs } from '../core/partTiming.js'
import type { RenditionInit, TranscodeJob } from '../core/transcoding.js'
import { BoxReader, type Box } from './boxes.js'
import type { Encoder } from './encoders.js'
import { computeFfmpegArguments } from './ffmpegArguments.js'
import { startFfmpeg, type FfmpegCommand, type FfmpegProcess } from './ffmpegProcess.js'
import { parseFragment, parseInit } from './fragments.js'
import { parseDeclaredHeader } from './inputFormat.js'
import { MatroskaGate, type GatedBlock } from './matroskaGate.js'
import { PartCutter, type CutPart } from './partCutter.js'
import { SegmentTimeline } from './segmentTimeline.js'

/** What a pipeline reports, in order per rendition. */
export interface PipelineEvents {
  init(init: RenditionInit): void
  part(rendition: string, part: CutPart): void
  segment(rendition: string, seq: number): void
  /** So many bytes of chunks have left for ffmpeg. */
  consumed(byteCount: number): void
  ended(): void
  /** The pipeline is dead; nothing follows. */
  failed(error: StreamflowError): void
}

/** What a pipeline runs on. */
export interface PipelineOptions {
  readonly job: TranscodeJob
  readonly command: FfmpegCommand
  readonly encoder: Encoder
  readonly cores: number
  readonly events: PipelineEvents
}

/** ffmpeg that takes no byte for so long is dead. */
const stallMs = 15_000
/** Time for ffmpeg to flush after the last byte. */
const flushMs = 10_000
/** A block further than this from the start of its segment is damage. */
const maxDistanceUs = 30e6
/** How much faster than declared frames may come, and how many at once. */
const frameRateSlack = 1.25
const burstFrames = 10
/** Audio blocks that may wait for a video block to go to ffmpeg with: each write wakes a process, sound has time. */
const maxHeldBlocks = 3
/** Segments by which a rendition may lag behind the most advanced one before it is given up for them. */
const maxLagSegments = 2

/** One stream's pipeline. ffmpeg starts with the object, before the first byte is there. */
export class Pipeline {
  readonly #options: PipelineOptions
  readonly #timeline = new SegmentTimeline()
  readonly #cutters: PartCutter[] = []
  readonly #ffmpeg: FfmpegProcess
  #gate: MatroskaGate | undefined
  #state: 'running' | 'ending' | 'over' = 'running'
  #pendingBytes = 0
  /** Video blocks of the open segment, and where it starts on the container's clock. */
  #segment = { frames: 0, startUs: 0 }
  #held: { pieces: Uint8Array[]; byteCount: number; blocks: number } = { pieces: [], byteCount: 0, blocks: 0 }
  #watchdog: NodeJS.Timeout | undefined

  constructor(options: PipelineOptions) {
    this.#options = options
    const { job, command, encoder, cores } = options
    const names = [...job.ladder.map((rendition) => rendition.name), ...(job.input.audio === undefined ? [] : ['audio'])]
    this.#ffmpeg = startFfmpeg({ ...command, args: computeFfmpegArguments({ ...job, encoder, cores }), outputs: names.length })
    this.#ffmpeg.outputs.forEach((output, i) => {
      const read = this.#createReader(names[i] ?? '', this.#addCutter(names[i] ?? ''))
      output.on('data', (bytes: Buffer) => this.#guard(() => read(bytes)))
      output.on('error', () => undefined)
    })
    void this.#ffmpeg.exited.then(({ code, signal, stderr }) => this.#exited(code, signal, stderr))
  }

  /** Process id of ffmpeg. */
  get pid(): number | undefined {
    return this.#ffmpeg.pid
  }

  /** The container header: checked against the job, then handed to ffmpeg. */
  header(bytes: Uint8Array): void {
    this.#guard(() => {
      if (this.#gate !== undefined) throw new StreamflowError('BadMessage', 'a second header')
      this.#gate = new MatroskaGate(parseDeclaredHeader(bytes, this.#options.job.input))
      this.#ffmpeg.stdin.write(bytes)
    })
  }

  openSegment(seq: number, startUs: number): void {
    this.#guard(() => {
      this.#timeline.open(seq, startUs)
      this.#segment = { frames: 0, startUs: 0 }
      this.#gate?.openSegment()
    })
  }

  /** Bytes of the open segment. What is damaged is left out: the rest of the stream goes on. */
  write(bytes: Uint8Array): void {
    if (this.#state !== 'running') return
    let through: readonly Uint8Array[] = []
    let hasVideo = false
    try {
      through = this.#gate?.write(bytes, (block) => {
        const isAccepted = this.#accept(block)
        hasVideo ||= isAccepted && block.kind === 'video'
        return isAccepted
      }) ?? []
    } catch {
      // The gate ignores the rest of this segment; the frames that are missing show in its count.
    }
    this.#held.pieces.push(...through)
    this.#held.byteCount += bytes.length
    if (hasVideo || ++this.#held.blocks >= maxHeldBlocks) this.#sendHeld()
  }

  /** No more input: flush, then `ended`. */
  end(): void {
    if (this.#state !== 'running') return
    this.#sendHeld()
    this.#state = 'ending'
    this.#ffmpeg.stdin.end()
    this.#watch(flushMs)
  }

  /** Kills ffmpeg; no event follows. */
  abort(): void {
    this.#close()
  }

  /** Stops or goes on reading from ffmpeg, which then waits. */
  setPaused(isPaused: boolean): void {
    for (const output of this.#ffmpeg.outputs) {
      if (isPaused) output.pause()
      else if (output.isPaused()) output.resume()
    }
  }

  /** Leaves out what would wreck the clock, and frames beyond the rate that the job declared and capacity was sold for. */
  #accept({ kind, timeUs }: GatedBlock): boolean {
    if (this.#timeline.distanceUs(timeUs) > maxDistanceUs) return false
    if (kind === 'audio') return true
    if (this.#segment.frames === 0) this.#segment.startUs = timeUs
    const seconds = Math.max(0, timeUs - this.#segment.startUs) / 1e6
    if (this.#segment.frames > burstFrames + seconds * this.#options.job.input.video.frameRate * frameRateSlack) return false
    this.#segment.frames++
    this.#timeline.seeVideo(timeUs)
    return true
  }

  #sendHeld(): void {
    const { stdin } = this.#ffmpeg
    const { pieces, byteCount } = this.#held
    this.#held = { pieces: [], byteCount: 0, blocks: 0 }
    const last = pieces.at(-1)
    if (last === undefined) {
      this.#options.events.consumed(byteCount)
      return
    }
    this.#pendingBytes += byteCount
    if (this.#watchdog === undefined) this.#watch(stallMs)
    const joined = pieces.length === 1 ? last : Buffer.concat(pieces)
    stdin.write(joined, (error) => {
      if (error instanceof Error || this.#state === 'over') return
      this.#pendingBytes -= byteCount
      if (this.#state === 'running') this.#watch(this.#pendingBytes > 0 ? stallMs : undefined)
      this.#options.events.consumed(byteCount)
    })
  }

  #createReader(rendition: string, cutter: PartCutter): (bytes: Uint8Array) => void {
    const boxes = new BoxReader()
    let ftyp: Box | undefined
    let moof: Box | undefined
    return (bytes) => {
      for (const box of boxes.read(bytes)) {
        if (box.type === 'ftyp') ftyp = box
        else if (box.type === 'moof') moof = box
        else if (box.type === 'moov' && ftyp !== undefined) {
          cutter.track = parseInit(box)
          this.#options.events.init({ rendition, codecs: cutter.track.codecs, bytes: Buffer.concat([ftyp.bytes, box.bytes]) })
        } else if (box.type === 'mdat' && moof !== undefined && cutter.track !== undefined) {
          for (const sample of parseFragment(moof, box, cutter.track)) cutter.push(sample)
          this.#giveUpLaggards(cutter.seq)
        }
      }
    }
  }

  #addCutter(rendition: string): PartCutter {
    const { job, events } = this.#options
    const cutter = new PartCutter({
      timeline: this.#timeline,
      targetUs: computePartTargetUs(job),
      nominalSampleUs: rendition === 'audio' ? (aacFrameSamples / audioSampleRate) * 1e6 : 1e6 / job.input.video.frameRate,
      part: (part) => events.part(rendition, part),
      segment: (seq) => events.segment(rendition, seq),
    })
    this.#cutters.push(cutter)
    return cutter
  }

  /** Sound that stops while the picture goes on (or the reverse) must not hold up receipts and playlists. */
  #giveUpLaggards(newestSeq: number): void {
    if (this.#cutters.every((cutter) => cutter.seq === newestSeq)) return
    const oldest = this.#timeline.before(newestSeq, maxLagSegments)
    if (oldest !== undefined) for (const cutter of this.#cutters) if (cutter.seq < oldest.seq) cutter.completeBefore(oldest.seq)
  }

  #exited(code: number | null, signal: string | null, stderr: string): void {
    if (this.#state === 'over') return
    if (this.#state === 'running' || signal !== null || code === null) {
      this.#fail(new StreamflowError('TranscodeFailed', `ffmpeg ended with ${signal ?? `code ${code}`}`, { data: { stderr } }))
      return
    }
    for (const cutter of this.#cutters) cutter.end()
    this.#close()
    this.#options.events.ended()
  }

  #watch(timeoutMs: number | undefined): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = timeoutMs === undefined ? undefined : setTimeout(() => {
      this.#fail(new StreamflowError('TranscodeFailed', `ffmpeg made no progress for ${timeoutMs} ms`))
    }, timeoutMs)
  }

  #guard(action: () => void): void {
    if (this.#state === 'over') return
    try {
      action()
    } catch (error) {
      this.#fail(toStreamflowError(error, 'Internal'))
    }
  }

  #fail(error: StreamflowError): void {
    if (this.#state === 'over') return
    this.#close()
    this.#options.events.failed(error)
  }

  #close(): void {
    this.#state = 'over'
    this.#watch(undefined)
    this.#ffmpeg.kill()
    this.#ffmpeg.stdin.destroy()
  }
}
