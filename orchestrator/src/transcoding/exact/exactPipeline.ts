/**
 * One stream of the exact service inside a transcoder: each segment's pictures go through an ffmpeg of their own, the next
 * of which is always started ahead; the sound, which is not judged, through one that goes on.
 */

import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import type { MatroskaHeader } from '@streamflow/sdk/media'
import { parseDeclaredHeader } from '../../core/input/declaredHeader.js'
import { audioGrid, audioSampleRate, computePartPlan, computeUnitStartUs, type PartPlan } from '../../core/partTiming.js'
import { computeSoundArguments, countSoundChannels } from '../ffmpegArguments.js'
import { startFfmpeg, type FfmpegProcess } from '../ffmpegProcess.js'
import { FlvReader } from '../flv.js'
import { writeInit } from '../initSegment.js'
import { PartCutter } from '../partCutter.js'
import type { PipelineOptions, StreamPipeline } from '../pipeline.js'
import { StreamFeed } from '../streamFeed.js'
import { ExactPictures } from './exactPictures.js'
import { ExactSegment, type ExactPicture } from './ExactSegment.js'

/** A segment that is not finished. What comes out of it waits until those before it are. */
interface ActiveSegment {
  readonly seq: number
  readonly exact: ExactSegment
  readonly waiting: (() => void)[]
}

/** The sound of a closed segment that nothing follows is pushed out after so long. */
const pushMs = 120

/** See above. */
export class ExactPipeline implements StreamPipeline {
  readonly #options: Omit<PipelineOptions, 'accelerator' | 'cores'>
  readonly #plan: PartPlan
  readonly #cutters: PartCutter[] = []
  readonly #configs = new Map<number, Uint8Array>()
  readonly #sound: FfmpegProcess | undefined
  #soundCutter: PartCutter | undefined
  #header: MatroskaHeader | undefined
  #feed: StreamFeed | undefined
  /** Started ahead, for the segment to come. */
  #next: ActiveSegment['exact'] | undefined
  /** What the one started ahead reports, once it is known which segment it is. */
  #owners = new Map<ExactSegment, ActiveSegment>()
  #active: ActiveSegment[] = []
  #isEnding = false
  #isOver = false
  #isPaused = false
  #pushTimer: NodeJS.Timeout | undefined

  constructor(options: Omit<PipelineOptions, 'accelerator' | 'cores'>) {
    this.#options = options
    this.#plan = computePartPlan(options.job)
    this.#next = this.#startAhead()
    if (options.job.input.audio !== undefined) this.#sound = this.#startSound()
  }

  get pid(): number | undefined {
    return (this.#active.at(-1)?.exact ?? this.#next)?.pid
  }

  header(bytes: Uint8Array): void {
    this.#guard(() => {
      if (this.#feed !== undefined) throw new StreamflowError('BadMessage', 'a second header')
      const { job, events } = this.#options
      this.#header = parseDeclaredHeader(bytes, job.input)
      const feed = (this.#feed = new StreamFeed(job, this.#plan.grid, this.#header, (pictures) => new ExactPictures(pictures)))
      const { timeline, pictures, sound } = feed
      for (const { name } of job.ladder) {
        const cutter = new PartCutter({
          timeline, kind: 'video', grid: this.#plan.grid, clock: pictures.clock, samplesPerPart: this.#plan.picturesPerPart,
          part: (part) => events.part(name, part), segment: (seq) => events.segment(name, seq),
        })
        cutter.hasInit = true
        this.#cutters.push(cutter)
      }
      if (this.#sound === undefined) return
      this.#soundCutter = new PartCutter({
        timeline, kind: 'audio', grid: audioGrid, clock: sound.clock, samplesPerPart: this.#plan.soundsPerPart,
        part: (part) => events.part('audio', part), segment: (seq) => events.segment('audio', seq),
      })
      this.#sound.stdin.write(feed.header)
    })
  }

  openSegment(seq: number, startUs: number): void {
    this.#guard(() => {
      const header = this.#header
      if (header === undefined) throw new StreamflowError('BadMessage', 'a segment before the header')
      this.#feed?.open(seq, startUs)
      const exact = this.#next ?? this.#startAhead()
      const segment: ActiveSegment = { seq, exact, waiting: [] }
      this.#owners.set(exact, segment)
      this.#active.push(segment)
      exact.header(header)
      this.#next = this.#startAhead()
    })
  }

  write(bytes: Uint8Array): void {
    this.#guard(() => {
      const { pieces = [], hasPicture = false } = this.#feed?.write(bytes) ?? {}
      if (hasPicture) clearTimeout(this.#pushTimer)
      if (pieces.length > 0) this.#sound?.stdin.write(Buffer.concat(pieces))
      // The feed has placed its pictures before anything of them comes out.
      this.#active.at(-1)?.exact.write(bytes)
    })
  }

  closeSegment(durationUs: number): void {
    this.#guard(() => {
      this.#feed?.close(durationUs)
      this.#active.at(-1)?.exact.end()
      this.#soundCutter?.completeClosed()
      clearTimeout(this.#pushTimer)
      if (this.#sound !== undefined) this.#pushTimer = setTimeout(() => this.#guard(() => this.#sendSound(this.#feed?.push() ?? [])), pushMs)
    })
  }

  end(): void {
    if (this.#isOver || this.#isEnding) return
    this.#isEnding = true
    clearTimeout(this.#pushTimer)
    this.#next?.abort()
    this.#active.at(-1)?.exact.end()
    this.#sendSound(this.#feed?.finish() ?? [])
    this.#sound?.stdin.end()
    this.#finish()
  }

  abort(): void {
    this.#close()
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused
    for (const { exact } of this.#active) exact.setPaused(isPaused)
    for (const output of this.#sound?.outputs ?? []) {
      if (isPaused) output.pause()
      else if (output.isPaused()) output.resume()
    }
  }

  #startAhead(): ExactSegment {
    const { job, command, events } = this.#options
    const inTurn = (act: (segment: ActiveSegment) => void): void => {
      const segment = this.#owners.get(exact)
      if (segment === undefined) return
      const run = (): void => this.#guard(() => act(segment))
      if (segment === this.#active[0]) run()
      else segment.waiting.push(run)
    }
    const exact: ExactSegment = new ExactSegment({
      command, video: job.input.video, ladder: job.ladder,
      events: {
        config: (rendition, bytes) => inTurn(() => this.#onConfig(rendition, bytes)),
        picture: (picture) => inTurn((segment) => this.#onPicture(segment, picture)),
        consumed: (byteCount) => events.consumed(byteCount),
        ended: () => inTurn((segment) => this.#onEnded(segment)),
        failed: (error) => this.#fail(error),
      },
    })
    exact.setPaused(this.#isPaused)
    return exact
  }

  #startSound(): FfmpegProcess {
    const { job, command, events } = this.#options
    const sound = startFfmpeg({ ...command, args: computeSoundArguments(job), outputs: 1 })
    const flv = new FlvReader()
    sound.outputs[0]?.on('data', (bytes: Buffer) => this.#guard(() => {
      const cutter = this.#soundCutter
      for (const tag of cutter === undefined ? [] : flv.read(bytes)) {
        if (tag.kind === 'sample') cutter?.push({ timeMs: tag.timeMs, isSync: tag.isSync, data: tag.bytes })
        else if (cutter !== undefined && !cutter.hasInit) {
          cutter.hasInit = true
          events.init({ rendition: 'audio', ...writeInit({ kind: 'audio', config: tag.bytes, channels: countSoundChannels(job.input), sampleRate: audioSampleRate }, audioGrid.ticksPerSecond) })
        }
      }
    }))
    sound.outputs[0]?.on('error', () => undefined)
    void sound.exited.then(({ code, signal, stderr }) => {
      if (this.#isOver) return
      if (!this.#isEnding || code !== 0) return this.#fail(new StreamflowError('TranscodeFailed', `ffmpeg of the sound ended with ${signal ?? `code ${code}`}`, { data: { stderr } }))
      this.#soundCutter?.end()
      this.#soundCutter = undefined
      this.#finish()
    })
    return sound
  }

  #sendSound(pieces: readonly Uint8Array[]): void {
    if (pieces.length > 0) this.#sound?.stdin.write(Buffer.concat(pieces))
  }

  #onConfig(rendition: number, config: Uint8Array): void {
    const known = this.#configs.get(rendition)
    if (known === undefined) {
      this.#configs.set(rendition, config)
      const { name = '', width = 0, height = 0 } = this.#options.job.ladder[rendition] ?? {}
      return this.#options.events.init({ rendition: name, ...writeInit({ kind: 'video', config, width, height }, this.#plan.grid.ticksPerSecond) })
    }
    if (Buffer.compare(known, config) !== 0) throw new StreamflowError('TranscodeFailed', 'the encoder changed its parameters between two segments')
  }

  #onPicture({ seq }: ActiveSegment, { rendition, slot, isSync, bytes }: ExactPicture): void {
    const span = this.#feed?.timeline.pictureSpanOf(seq)
    if (span === undefined) return
    const unit = span.start + slot
    // A picture beyond the longest segment would be hashed and not shown.
    if (this.#feed?.timeline.pictureSpan(unit)?.seq !== seq) throw new StreamflowError('SegmentFormatDidntMatchJobInputParams', `segment ${seq} is longer than a segment may be`, { data: { field: 'duration' } })
    this.#cutters[rendition]?.push({ timeMs: computeUnitStartUs(this.#plan.grid, unit) / 1000, isSync, data: bytes })
  }

  #onEnded(segment: ActiveSegment): void {
    this.#owners.delete(segment.exact)
    for (const cutter of this.#cutters) cutter.completeBefore(segment.seq + 1)
    // Sound that cannot be decoded must not hold up receipts and playlists.
    const late = this.#feed?.timeline.before(segment.seq, 2)
    if (late !== undefined && this.#soundCutter !== undefined && this.#soundCutter.seq < late.seq) this.#soundCutter.completeBefore(late.seq)
    this.#active.shift()
    for (const run of this.#active[0]?.waiting.splice(0) ?? []) run()
    this.#finish()
  }

  /** Everything that was begun has come out. */
  #finish(): void {
    if (!this.#isEnding || this.#isOver || this.#active.length > 0 || this.#soundCutter !== undefined) return
    for (const cutter of this.#cutters) cutter.end()
    this.#close()
    this.#options.events.ended()
  }

  #guard(action: () => void): void {
    if (this.#isOver) return
    try {
      action()
    } catch (error) {
      this.#fail(toStreamflowError(error, 'Internal'))
    }
  }

  #fail(error: StreamflowError): void {
    if (this.#isOver) return
    this.#close()
    this.#options.events.failed(error)
  }

  #close(): void {
    this.#isOver = true
    clearTimeout(this.#pushTimer)
    this.#next?.abort()
    for (const { exact } of this.#active) exact.abort()
    this.#sound?.kill()
    this.#sound?.stdin.destroy()
  }
}
