/** Captures a file, a readable stream or anything else that ffmpeg reads into the same segments that a page makes. */

import { createEventQueue } from '../../capture/createEventQueue.js'
import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import type { SegmentEvent } from '../../media/segment.js'
import { createEmitter, type Subscribable } from '../../units/emitter.js'
import { canCopyVideo } from './canCopyVideo.js'
import { createCutter, type Cutter, type CutterOptions } from './createCutter.js'
import { buildFfmpegArguments, type FfmpegJob } from './ffmpegArguments.js'
import { inspectFile, type FileFacts } from './inspectFile.js'
import { nameInput, type NamedInput, type ReadableInput } from './nameInput.js'
import { planVideo, type VideoPlan } from './planVideo.js'
import { startFfmpeg, type FfmpegOptions, type FfmpegProcess } from './startFfmpeg.js'
import { watchReductions, type ReductionOptions } from './watchReductions.js'

export type { ReadableInput }

/** How to capture; every option has a default. */
export interface ReadableCaptureOptions {
  /** Milliseconds between segment boundaries, 1000…4000. @default 1000 */
  readonly segmentDurationMs?: number
  /**
   * `realtime`: as fast as it plays, but for what a live stream has in store at its beginning (at most a second). `source`:
   * as fast as it comes.
   * @default `source` for URLs of a network and `ffmpegInput`, `realtime` for files and streams of bytes
   */
  readonly pace?: 'realtime' | 'source'
  /** Whether a file starts over at its end, until `stop`. @default false */
  readonly loop?: boolean
  readonly video?: {
    /** Bits per second. @default constant quality */
    readonly bitrate?: number
    /** Upper bounds: frames per second (at most 120), pixels (at most 4096 a side). */
    readonly frameRate?: number
    readonly maxWidth?: number
    readonly maxHeight?: number
    /** x264's preset. @default 'veryfast' */
    readonly preset?: string
    /**
     * Whether H.264 of a file may be passed on without encoding it anew: only if nothing else is asked of the video
     * and it stays what it is to its end: one size, keyframes that make segments of a proper length. @default true
     */
    readonly allowCopy?: boolean
  }
  /** `false`: leave the audio out. @default Opus, 128 kbit/s, stereo, if the input has audio */
  readonly audio?: false | { /** Bits per second. */ readonly bitrate?: number }
  /**
   * Whether the input may be a playlist (HLS, DASH, a concat script), which names other files and addresses: only for
   * inputs that you trust, or anybody's `film.mp4` may broadcast any file of this machine. @default false
   */
  readonly allowPlaylists?: boolean
  /** Bytes of events that may wait for the reader before ffmpeg is held up. @default 262144 */
  readonly maxQueuedBytes?: number
  /** The program. @default 'ffmpeg', found by PATH */
  readonly ffmpegPath?: string
  /** Aborts the capture: its events fail with `Aborted`. */
  readonly signal?: AbortSignal
}

/** Events of a capture. */
export interface ReadableCaptureEvents {
  /** The input is sent otherwise than it came: scaled, with fewer pictures, with damaged parts left out. */
  readonly warning: StreamflowError
}

/** A running capture of an input. */
export interface ReadableCapture extends Subscribable<ReadableCaptureEvents> {
  /**
   * The stream; ends with the input or after `stop`, the last segment closed. Read slowly, it holds up ffmpeg; cancelled,
   * it stops the capture. It fails with `Unsupported` (no ffmpeg, or one without what is needed), `InvalidArgument`
   * (the input cannot be read or has no video; the message says why), `InputUnavailable` (nobody answers at its address),
   * `DeviceNotFound` (the device cannot be read) or `Aborted`.
   */
  readonly events: ReadableStream<SegmentEvent>
  /** Whether the video is passed on as it is; `undefined` until that is known. */
  readonly isCopy: boolean | undefined
  /** Ends ffmpeg, closes the last segment, ends `events`. Idempotent. */
  stop(): Promise<void>
}

const defaults = { segmentDurationMs: 1000, maxQueuedBytes: 256 * 1024, audioBitrate: 128_000, preset: 'veryfast', ffmpegPath: 'ffmpeg' } as const

/**
 * Starts capturing an input with ffmpeg. Returns at once; what goes wrong later fails `events`.
 * The video becomes H.264 with a keyframe at each boundary, upright, with even sides; the audio becomes Opus.
 * @throws {@link StreamflowError} `InvalidArgument` for an option out of range
 */
export function captureReadable(input: ReadableInput, options: ReadableCaptureOptions = {}): ReadableCapture {
  const { segmentDurationMs = defaults.segmentDurationMs } = options
  if (!(segmentDurationMs >= 1000 && segmentDurationMs <= 4000)) throw new StreamflowError('InvalidArgument', `segmentDurationMs: expected 1000…4000 ms, got ${segmentDurationMs}`)
  const emitter = createEmitter<ReadableCaptureEvents>()
  let ffmpeg: FfmpegProcess | undefined
  let cutter: Cutter | undefined
  let isCopy: boolean | undefined
  let isOver = false
  let settle: () => void = () => undefined
  const settled = new Promise<void>((resolve) => (settle = resolve))

  const queue = createEventQueue(options.maxQueuedBytes ?? defaults.maxQueuedBytes, {
    onFlow: (isPaused) => cutter?.setPaused(isPaused),
    onCancel: () => finish(() => undefined),
  })
  const finish = (report: () => void): void => {
    if (isOver) return
    isOver = true
    options.signal?.removeEventListener('abort', onAbort)
    cutter?.stop()
    report()
    void Promise.resolve(ffmpeg?.kill()).finally(settle)
  }
  const onAbort = (): void => finish(() => queue.fail(new StreamflowError('Aborted', 'the capture was aborted', { cause: options.signal?.reason })))
  const fail = (error: unknown): void => finish(() => queue.fail(toStreamflowError(error, 'InvalidArgument', 'the input cannot be captured')))
  const feed = (push: (bytes: Uint8Array) => void) => (bytes: Uint8Array): void => {
    try {
      if (!isOver) push(bytes)
    } catch (error) {
      fail(error)
    }
  }

  const start = async (): Promise<void> => {
    const found = await lookInto(input, options)
    isCopy = found.isCopy
    if (isOver) return
    const reductions = watchReductions({ ...describeBounds(found, options), warn: (warning) => emitter.emit('warning', warning) })
    /** Why there is no sound, though the input has some. */
    let deaf: StreamflowError | undefined
    const run = (sound: FfmpegJob['audio']): void => {
      let originUs: number | undefined
      const cut = (cutter = createCutter({
        ...describeCut(found, options),
        emit: (event) => queue.push(event),
        readOriginUs: () => originUs,
        onHold: (isHeld) => ffmpeg?.setPaused(isHeld),
        onFormat: reductions.onFormat,
      }))
      ffmpeg = startFfmpeg({
        ...describeProcess(found, options, sound),
        onInput: () => (originUs = performance.now() * 1000),
        onMapping: (mapping) => {
          reductions.onSource(mapping.video)
          if (deaf !== undefined) reductions.onSoundFailed(deaf)
          cut.setSound(mapping.hasAudio)
        },
        onVideo: feed(cut.pushVideo),
        onSound: feed(cut.pushSound),
        onDropped: reductions.onDropped,
        onEnd: (log) => {
          reductions.onEnd(log)
          cut.end(() => finish(() => queue.end()))
        },
        onError(error) {
          // What came before the failure is kept.
          if (cut.hasPictures || sound === false || found.facts?.audio === undefined) return cut.end(() => fail(error))
          // Sound that cannot be decoded: the pictures may be well.
          cut.stop()
          deaf = error
          run(false)
        },
      })
    }
    run(options.audio === false ? false : { bitrate: options.audio?.bitrate ?? defaults.audioBitrate, track: found.facts?.audio })
  }

  if (options.signal?.aborted) onAbort()
  else {
    options.signal?.addEventListener('abort', onAbort)
    void start().catch(fail)
  }
  return {
    events: queue.stream,
    get isCopy() {
      return isCopy
    },
    on: emitter.on,
    once: emitter.once,
    off: emitter.off,
    async stop() {
      finish(() => queue.end())
      await settled
    },
  }
}

/** An input, and what is known of it before it is begun. */
interface Found {
  readonly named: NamedInput
  /** Of files. */
  readonly facts: FileFacts | undefined
  readonly plan: VideoPlan
  readonly isCopy: boolean
}

async function lookInto(input: ReadableInput, options: ReadableCaptureOptions): Promise<Found> {
  const { ffmpegPath = defaults.ffmpegPath, segmentDurationMs = defaults.segmentDurationMs, video = {} } = options
  const named = await nameInput(input, options.allowPlaylists ?? false)
  const facts = named.file === undefined ? undefined : await inspectFile(named.arguments, ffmpegPath)
  const plan = planVideo(facts)
  return { named, facts, plan, isCopy: await canCopyVideo(facts, plan, { wishes: video, segmentDurationMs, inputArguments: named.arguments, ffmpegPath }) }
}

function describeBounds({ plan }: Found, { video = {} }: ReadableCaptureOptions): Pick<ReductionOptions, 'isRateBound' | 'isSizeBound'> {
  return { isRateBound: video.frameRate !== undefined || plan.isBridged, isSizeBound: video.maxWidth !== undefined || video.maxHeight !== undefined }
}

function describeCut({ named, plan, isCopy }: Found, { pace = named.pace, segmentDurationMs = defaults.segmentDurationMs }: ReadableCaptureOptions): Pick<CutterOptions, 'pace' | 'isFile' | 'segmentDurationUs' | 'copiedRate'> {
  return { pace, isFile: named.file !== undefined, segmentDurationUs: segmentDurationMs * 1000, copiedRate: isCopy ? plan.frameRate : undefined }
}

function describeProcess({ named, plan, isCopy }: Found, options: ReadableCaptureOptions, sound: FfmpegJob['audio']): Pick<FfmpegOptions, 'path' | 'arguments' | 'stdin' | 'isDevice' | 'isRemote' | 'hasSoundOutput'> {
  const { ffmpegPath = defaults.ffmpegPath, segmentDurationMs = defaults.segmentDurationMs, loop = false, video } = options
  const isStream = named.file === undefined
  return {
    path: ffmpegPath,
    arguments: buildFfmpegArguments({ inputArguments: named.arguments, isStream, isLooped: loop, segmentDurationMs, video: isCopy ? 'copy' : { preset: defaults.preset, ...video }, plan, audio: sound }),
    stdin: named.stdin,
    isDevice: named.isDevice,
    isRemote: isStream && named.stdin === undefined,
    hasSoundOutput: sound !== false,
  }
}
