/** One stream inside a transcoder: bytes of segments in, parts of renditions out, one ffmpeg in between. */

import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { computeLadderPixels } from '@streamflow/sdk/media'
import { parseDeclaredHeader } from '../core/input/declaredHeader.js'
import { audioGrid, audioSampleRate, computePartPlan, type PartPlan } from '../core/partTiming.js'
import type { RenditionInit, TranscodeJob } from '../core/transcoding.js'
import type { Accelerator } from './accelerators/accelerator.js'
import { computeFfmpegArguments, countSoundChannels } from './ffmpegArguments.js'
import { startFfmpeg, type FfmpegCommand, type FfmpegProcess } from './ffmpegProcess.js'
import { FlvReader } from './flv.js'
import { writeInit, type InitSegment } from './initSegment.js'
import { PartCutter, type CutPart, type PartCutterOptions } from './partCutter.js'
import { computeAllowedSeconds, computeKeptSeconds, createExcessError, watchProcessorTime, type ProcessorWatch } from './processorTime.js'
import { StreamFeed } from './streamFeed.js'

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
  readonly accelerator: Accelerator
  readonly cores: number
  readonly events: PipelineEvents
}

/** ffmpeg that takes no byte for so long is dead. */
const stallMs = 15_000
/** Pictures that a device may owe: fewer are no sign of anything, they may wait for the next one. */
const owedPictures = 5
/** A device that owes them for so long hangs, or for as long as a segment if that is longer. Its first picture may take longer: it may sleep. */
const hangMs = { first: 6_000, least: 1_500 } as const
/** Time for ffmpeg to flush after the last byte. */
const flushMs = 10_000
/** A segment that was closed and not followed is pushed out of ffmpeg after so long, and again while it does not come. */
const pushMs = 120
const maxPushes = 4
/** Audio blocks that may wait for a video block to go to ffmpeg with: each write wakes a process, sound has time. */
const maxHeldBlocks = 3
/** Segments by which sound may lag behind the pictures before it is given up for them. */
const maxLagSegments = 2

/** What a transcoder asks of a pipeline, of whatever service. Calls are in order: header, (openSegment, write…, closeSegment)…, end. */
export interface StreamPipeline {
  readonly pid: number | undefined
  header(bytes: Uint8Array): void
  openSegment(seq: number, startUs: number): void
  write(bytes: Uint8Array): void
  closeSegment(durationUs: number): void
  end(): void
  abort(): void
  setPaused(isPaused: boolean): void
}

/** One stream's pipeline. ffmpeg starts with the object, before the first byte is there. */
export class Pipeline implements StreamPipeline {
  readonly #options: PipelineOptions
  /** By rendition, once the header is known. */
  readonly #cutters = new Map<string, PartCutter>()
  readonly #ffmpeg: FfmpegProcess
  /** Once the header is known. */
  #feed: StreamFeed | undefined
  #state: 'running' | 'ending' | 'over' = 'running'
  #pendingBytes = 0
  #held: { pieces: Uint8Array[]; byteCount: number; blocks: number } = { pieces: [], byteCount: 0, blocks: 0 }
  #watchdog: NodeJS.Timeout | undefined
  #pushTimer: NodeJS.Timeout | undefined
  /** Pictures that a device was given since it last handed one out, and what waits for that. */
  #owed: { pictures: number; timer: NodeJS.Timeout | undefined } = { pictures: 0, timer: undefined }
  readonly #processor: ProcessorWatch
  #hasPictures = false
  #isPaused = false

  constructor(options: PipelineOptions) {
    this.#options = options
    const { job, command, accelerator, cores } = options
    const names = [...job.ladder.map((rendition) => rendition.name), ...(job.input.audio === undefined ? [] : ['audio'])]
    this.#ffmpeg = startFfmpeg({ ...command, args: computeFfmpegArguments({ ...job, accelerator, cores }), outputs: names.length })
    this.#ffmpeg.outputs.forEach((output, i) => {
      const read = this.#createReader(names[i] ?? '')
      output.on('data', (bytes: Buffer) => this.#guard(() => read(bytes)))
      output.on('error', () => undefined)
    })
    const { frameRate, width, height } = job.input.video
    const terms = { pixelsPerPicture: computeLadderPixels(job.ladder) + width * height, frameRate }
    this.#processor = watchProcessorTime({
      pid: this.#ffmpeg.pid,
      allowedSeconds: () => computeAllowedSeconds(this.#feed?.slotCount ?? 0, terms),
      kept: computeKeptSeconds(terms),
      exceeded: (seconds) => this.#fail(createExcessError(seconds)),
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
      if (this.#feed !== undefined) throw new StreamflowError('BadMessage', 'a second header')
      const { job } = this.#options
      const plan = computePartPlan(job)
      this.#feed = new StreamFeed(job, plan.grid, parseDeclaredHeader(bytes, job.input))
      this.#addCutters(this.#feed, plan)
      this.#ffmpeg.stdin.write(this.#feed.header)
    })
  }

  openSegment(seq: number, startUs: number): void {
    this.#guard(() => this.#feed?.open(seq, startUs))
  }

  /** Bytes of the open segment. */
  write(bytes: Uint8Array): void {
    this.#guard(() => this.#write(bytes))
  }

  #write(bytes: Uint8Array): void {
    if (this.#state !== 'running') return
    const { pieces = [], hasPicture = false } = this.#feed?.write(bytes) ?? {}
    if (hasPicture) {
      clearTimeout(this.#pushTimer)
      this.#owe()
    }
    this.#held.pieces.push(...pieces)
    this.#held.byteCount += bytes.length
    // A chunk may hold several blocks of sound, or a part of one picture, which must count as consumed in time.
    this.#held.blocks += Math.max(1, pieces.length)
    if (hasPicture || this.#held.blocks >= maxHeldBlocks) this.#sendHeld()
  }

  /** The open segment is complete. It comes out within {@link pushMs}, whether another follows or not. */
  closeSegment(durationUs: number): void {
    this.#guard(() => {
      this.#feed?.close(durationUs)
      for (const cutter of this.#cutters.values()) cutter.completeClosed()
      this.#push(maxPushes)
    })
  }

  /** No more input: flush, then `ended`. */
  end(): void {
    if (this.#state !== 'running') return
    clearTimeout(this.#pushTimer)
    this.#held.pieces.push(...(this.#feed?.finish() ?? []))
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
    this.#isPaused = isPaused
    this.#stopOwing()
    for (const output of this.#ffmpeg.outputs) {
      if (isPaused) output.pause()
      else if (output.isPaused()) output.resume()
    }
  }

  #push(pushes: number): void {
    clearTimeout(this.#pushTimer)
    const seq = this.#feed?.timeline.newest?.seq
    if (pushes === 0 || seq === undefined || this.#state !== 'running') return
    this.#pushTimer = setTimeout(() => {
      if (this.#state !== 'running' || [...this.#cutters.values()].every((cutter) => cutter.completeSeq >= seq)) return
      this.#held.pieces.push(...(this.#feed?.push() ?? []))
      this.#sendHeld()
      this.#push(pushes - 1)
    }, pushMs)
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

  #createReader(rendition: string): (bytes: Uint8Array) => void {
    const flv = new FlvReader()
    return (bytes) => {
      const cutter = this.#cutters.get(rendition)
      if (cutter === undefined) return
      const { seq } = cutter
      for (const tag of flv.read(bytes)) {
        if (tag.kind === 'sample') {
          if (rendition !== 'audio') this.#takePicture()
          cutter.push({ timeMs: tag.timeMs, isSync: tag.isSync, data: tag.bytes })
        } else if (!cutter.hasInit) {
          cutter.hasInit = true
          this.#options.events.init({ rendition, ...this.#writeInit(rendition, tag.bytes) })
        }
      }
      if (cutter.seq !== seq) setImmediate(() => this.#guard(() => this.#giveUpSound()))
    }
  }

  #writeInit(rendition: string, config: Uint8Array): InitSegment {
    const { job } = this.#options
    const size = job.ladder.find(({ name }) => name === rendition)
    if (size !== undefined) return writeInit({ kind: 'video', config, width: size.width, height: size.height }, computePartPlan(job).grid.ticksPerSecond)
    return writeInit({ kind: 'audio', config, channels: countSoundChannels(job.input), sampleRate: audioSampleRate }, audioGrid.ticksPerSecond)
  }

  #addCutters(feed: StreamFeed, plan: PartPlan): void {
    const { job, events } = this.#options
    const { timeline, pictures, sound } = feed
    const add = (rendition: string, track: Pick<PartCutterOptions, 'kind' | 'grid' | 'clock' | 'samplesPerPart'>): void => {
      const cutter = new PartCutter({ ...track, timeline, part: (part) => events.part(rendition, part), segment: (seq) => events.segment(rendition, seq) })
      this.#cutters.set(rendition, cutter)
    }
    for (const { name } of job.ladder) add(name, { kind: 'video', grid: plan.grid, clock: pictures.clock, samplesPerPart: plan.picturesPerPart })
    if (job.input.audio !== undefined) add('audio', { kind: 'audio', grid: audioGrid, clock: sound.clock, samplesPerPart: plan.soundsPerPart })
  }

  /** Sound that cannot be decoded must not hold up receipts and playlists. What only has not been read yet is waited for. */
  #giveUpSound(): void {
    const [picture] = this.#cutters.values()
    const sound = this.#cutters.get('audio')
    const oldest = picture && this.#feed?.timeline.before(picture.seq, maxLagSegments)
    if (oldest !== undefined && sound !== undefined && sound.seq < oldest.seq && this.#state !== 'over') sound.completeBefore(oldest.seq)
  }

  #exited(code: number | null, signal: string | null, stderr: string): void {
    if (this.#state === 'over') return
    // At its end, ffmpeg complains of a stream in which it found nothing; on a device it may be that which failed.
    const isDevice = this.#options.accelerator.kind !== 'x264'
    if (this.#state === 'running' || signal !== null || code === null || (isDevice && code !== 0)) {
      this.#fail(this.#died(`ffmpeg ended with ${signal ?? `code ${code}`}`, stderr))
      return
    }
    for (const cutter of this.#cutters.values()) cutter.end()
    this.#close()
    this.#options.events.ended()
  }

  /** Cards hang without dying; on a processor that is busy, waiting is what helps. */
  #owe(): void {
    const { accelerator, job } = this.#options
    if (accelerator.kind === 'x264' || this.#isPaused || this.#state !== 'running') return
    this.#owed.pictures++
    if (this.#owed.pictures < owedPictures || this.#owed.timer !== undefined) return
    const patienceMs = this.#hasPictures ? Math.max(hangMs.least, job.segmentDurationMs) : hangMs.first
    this.#owed.timer = setTimeout(() => this.#fail(this.#died(`${accelerator.name} made no picture for ${patienceMs} ms`)), patienceMs)
  }

  #takePicture(): void {
    this.#hasPictures = true
    this.#stopOwing()
  }

  #stopOwing(): void {
    clearTimeout(this.#owed.timer)
    this.#owed = { pictures: 0, timer: undefined }
  }

  /** @param stderr - ffmpeg's last words, if it is dead */
  #died(message: string, stderr = ''): StreamflowError {
    return new StreamflowError('TranscodeFailed', message, { data: { accelerator: this.#options.accelerator.name, stderr } })
  }

  #watch(timeoutMs: number | undefined): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = timeoutMs === undefined ? undefined : setTimeout(() => {
      this.#fail(this.#died(`ffmpeg made no progress for ${timeoutMs} ms`))
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
    clearTimeout(this.#pushTimer)
    this.#stopOwing()
    this.#processor.stop()
    this.#watch(undefined)
    this.#ffmpeg.kill()
    this.#ffmpeg.stdin.destroy()
  }
}
