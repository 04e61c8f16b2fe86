/**
 * One segment of the exact service, in an ffmpeg of its own. What comes out follows from the stream's header, the segment's
 * bytes and the ladder alone: no rate control that remembers, no clock that goes on, no number of segments before it.
 * ffmpeg starts with the object, so that it is there when the first byte comes.
 */

import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { computeLadderPixels, encodeMatroskaHeader, parseAvcC, tickUs, trackNumber, type H264Parameters, type InputFormat, type MatroskaHeader } from '@streamflow/sdk/media'
import { limits } from '@streamflow/sdk/protocol'
import { computeFrameGrid, computeLongestSegmentUs, findUnit, type Grid } from '../../core/partTiming.js'
import { admitPicture } from '../admitPicture.js'
import { startFfmpeg, type FfmpegCommand, type FfmpegProcess } from '../ffmpegProcess.js'
import { FlvReader } from '../flv.js'
import { encodeBlock, MatroskaGate } from '../matroskaGate.js'
import { computeAllowedSeconds, computeKeptSeconds, createExcessError, watchProcessorTime, type ProcessorWatch } from '../processorTime.js'
import type { PictureGrid } from '../pictureGrid.js'
import type { SegmentTimeline, TimelineSegment } from '../segmentTimeline.js'
import { computeExactArguments, type ExactPlan } from './exactArguments.js'
import { createLocalGrid } from './exactPictures.js'

/** An encoded picture of one rendition. */
export interface ExactPicture {
  /** Place in the ladder. */
  readonly rendition: number
  /** Slots after the segment's first picture. */
  readonly slot: number
  /** The source has a picture there; the others repeat the one before. */
  readonly isFed: boolean
  readonly isSync: boolean
  /** NAL units behind lengths of four bytes. */
  readonly bytes: Uint8Array
}

/** What a segment reports; nothing after `ended` or `failed`. */
export interface ExactEvents {
  /** `avcC` without its box: before the first picture of its rendition. */
  config(rendition: number, bytes: Uint8Array): void
  picture(picture: ExactPicture): void
  /** Bytes have left for ffmpeg. */
  consumed(byteCount: number): void
  ended(): void
  /** `isCertain`: it would fail the same way anywhere. */
  failed(error: StreamflowError, isCertain: boolean): void
}

/** What a segment is made with. */
export interface ExactSegmentOptions extends ExactPlan {
  readonly command: FfmpegCommand
  readonly events: ExactEvents
}

/** ffmpeg that takes nothing, or gives nothing after the last byte, for so long is dead. */
const stallMs = 15_000
const nanosecondsPerSecond = 1e9
/** The longest segment of any stream, so that no stream's own length is needed. */
const longestUs = computeLongestSegmentUs({ segmentDurationMs: limits.maxSegmentMs })

/** Pictures a second as a header states them: whole thousandths. @throws {@link StreamflowError} `SegmentFormatDidntMatchJobInputParams` if it states none */
export function readFrameRate({ tracks }: MatroskaHeader): number {
  const durationNs = tracks.find(({ kind }) => kind === 'video')?.defaultDurationNs ?? 0
  const rate = durationNs === 0 ? 0 : Math.round((nanosecondsPerSecond * 1_000) / durationNs) / 1_000
  if (rate >= 1) return rate
  throw new StreamflowError('SegmentFormatDidntMatchJobInputParams', 'container: the exact service needs a frame rate in the header', { data: { field: 'frame rate' } })
}

const isSameGrid = (a: Grid, b: Grid): boolean => a.ticksPerSecond * b.ticksPerUnit === b.ticksPerSecond * a.ticksPerUnit

/** One segment's encode. */
export class ExactSegment {
  readonly #options: ExactSegmentOptions
  readonly #grid: Grid
  readonly #ffmpeg: FfmpegProcess
  readonly #timeline: SegmentTimeline
  readonly #segment: TimelineSegment | undefined
  readonly #pictures: PictureGrid
  #gate: MatroskaGate | undefined
  #parameters: H264Parameters | undefined
  #state: 'running' | 'ending' | 'over' = 'running'
  #watchdog: NodeJS.Timeout | undefined
  readonly #processor: ProcessorWatch

  constructor(options: ExactSegmentOptions) {
    this.#options = options
    const { command, video, ladder } = options
    this.#grid = computeFrameGrid(video.frameRate)
    const local = createLocalGrid(this.#grid, findUnit(this.#grid, longestUs))
    this.#timeline = local.timeline
    this.#segment = this.#timeline.newest
    this.#pictures = local.pictures
    this.#ffmpeg = startFfmpeg({ ...command, args: computeExactArguments({ video, ladder }), outputs: ladder.length })
    this.#ffmpeg.outputs.forEach((output, rendition) => {
      const flv = new FlvReader()
      output.on('data', (bytes: Buffer) => this.#guard(() => this.#read(flv, rendition, bytes)))
      output.on('error', () => undefined)
    })
    const terms = { pixelsPerPicture: computeLadderPixels(ladder) + video.width * video.height, frameRate: video.frameRate }
    this.#processor = watchProcessorTime({
      pid: this.#ffmpeg.pid,
      allowedSeconds: () => computeAllowedSeconds(this.#segment?.fedEnd ?? 0, terms),
      kept: computeKeptSeconds(terms),
      exceeded: (seconds) => this.#fail(createExcessError(seconds), false),
    })
    void this.#ffmpeg.exited.then(({ code, signal, stderr }) => this.#exited(code, signal, stderr))
  }

  /** Process id of ffmpeg. */
  get pid(): number | undefined {
    return this.#ffmpeg.pid
  }

  /** The stream's header, found to be what was declared, before the first byte. */
  header(header: MatroskaHeader): void {
    this.#guard(() => {
      const video = header.tracks.find(({ kind }) => kind === 'video')
      const format: InputFormat = { container: 'matroska', video: { ...this.#options.video, frameRate: readFrameRate(header) } }
      if (!isSameGrid(computeFrameGrid(format.video.frameRate), this.#grid)) {
        throw new StreamflowError('SegmentFormatDidntMatchJobInputParams', `frame rate: the job declared ${this.#options.video.frameRate}, the header has ${format.video.frameRate}`, { data: { field: 'frame rate' } })
      }
      if (format.video.codec === 'h264') this.#parameters = parseAvcC(video?.codecPrivate)
      this.#gate = new MatroskaGate(header)
      this.#gate.openSegment()
      this.#ffmpeg.stdin.write(encodeMatroskaHeader(format, { video: video?.codecPrivate }))
    })
  }

  /** Bytes of the segment. */
  write(bytes: Uint8Array): void {
    this.#guard(() => {
      if (this.#state !== 'running') return
      const pieces = (this.#gate?.read(bytes) ?? []).flatMap((block) => {
        if (block.kind !== 'video' || !admitPicture(block.payload, { video: this.#options.video, parameters: this.#parameters })) return []
        const times = this.#pictures.place(block.timeUs, block.isKey)?.encoderUs ?? []
        return times.flatMap((us) => encodeBlock({ track: trackNumber.video, flags: block.flags, payload: block.payload }, Math.round(us / tickUs)))
      })
      this.#send(pieces, bytes.length)
    })
  }

  /** No more bytes: flush, then `ended`. */
  end(): void {
    if (this.#state !== 'running') return
    this.#state = 'ending'
    this.#ffmpeg.stdin.end()
    this.#watch()
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

  #send(pieces: readonly Uint8Array[], byteCount: number): void {
    if (pieces.length === 0) return this.#options.events.consumed(byteCount)
    this.#watch()
    this.#ffmpeg.stdin.write(Buffer.concat(pieces), (error) => {
      if (error instanceof Error || this.#state === 'over') return
      if (this.#state === 'running') clearTimeout(this.#watchdog)
      this.#options.events.consumed(byteCount)
    })
  }

  #read(flv: FlvReader, rendition: number, bytes: Uint8Array): void {
    const { events } = this.#options
    for (const tag of flv.read(bytes)) {
      if (tag.kind === 'config') events.config(rendition, tag.bytes)
      else {
        const slot = findUnit(this.#grid, tag.timeMs * 1000)
        // ffmpeg may repeat the last picture beyond the end.
        if (slot < 0 || slot >= (this.#segment?.fedEnd ?? 0)) continue
        events.picture({ rendition, slot, isFed: this.#timeline.isFed(slot), isSync: tag.isSync, bytes: tag.bytes })
      }
    }
    if (this.#state === 'ending') this.#watch()
  }

  #exited(code: number | null, signal: string | null, stderr: string): void {
    if (this.#state === 'over') return
    const isDone = this.#state === 'ending' && code === 0
    if (!isDone) return this.#fail(new StreamflowError('TranscodeFailed', `ffmpeg ended with ${signal ?? `code ${code}`}`, { data: { stderr } }), false)
    this.#close()
    this.#options.events.ended()
  }

  #watch(): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(() => this.#fail(new StreamflowError('TranscodeFailed', `ffmpeg made no progress for ${stallMs} ms`), false), stallMs)
  }

  #guard(action: () => void): void {
    if (this.#state === 'over') return
    try {
      action()
    } catch (error) {
      this.#fail(toStreamflowError(error, 'Internal'), true)
    }
  }

  #fail(error: StreamflowError, isCertain: boolean): void {
    if (this.#state === 'over') return
    this.#close()
    this.#options.events.failed(error, isCertain)
  }

  #close(): void {
    this.#state = 'over'
    clearTimeout(this.#watchdog)
    this.#processor.stop()
    this.#ffmpeg.kill()
    this.#ffmpeg.stdin.destroy()
  }
}
