/** Captures a file, a readable stream or anything else that ffmpeg reads into the same segments that a page makes. */

import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { createEventQueue } from '../../capture/createEventQueue.js'
import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import { createSegmenter, type Segmenter } from '../../media/createSegmenter.js'
import type { InputFormat } from '../../media/ladder.js'
import { createMatroskaReader, type MatroskaBlock, type MatroskaHeader } from '../../media/matroska.js'
import type { SegmentEvent } from '../../media/segment.js'
import { buildFfmpegArguments } from './ffmpegArguments.js'
import { canCopyVideo } from './canCopyVideo.js'
import { startFfmpeg, type FfmpegProcess } from './startFfmpeg.js'

/**
 * What to capture: a path, a URL that ffmpeg reads (`rtmp:`, `srt:`, `http:`, `file:` …), a stream of bytes, or the
 * arguments that name any other input of ffmpeg's (`['-f', 'v4l2', '-i', '/dev/video0']`).
 */
export type ReadableInput = string | URL | Readable | ReadableStream<Uint8Array> | { readonly ffmpegInput: readonly string[] }

/** How to capture; every option has a default. */
export interface ReadableCaptureOptions {
  /** Milliseconds between segment boundaries, 1000…4000. @default 1000 */
  readonly segmentDurationMs?: number
  /**
   * `realtime`: as fast as it plays. `source`: as fast as it comes.
   * @default `source` for URLs of a network and `ffmpegInput`, `realtime` for files and streams of bytes
   */
  readonly pace?: 'realtime' | 'source'
  /** Whether a file starts over at its end, until `stop`. @default false */
  readonly loop?: boolean
  readonly video?: {
    /** Bits per second. @default constant quality */
    readonly bitrate?: number
    /** Upper bounds: frames per second, pixels. */
    readonly frameRate?: number
    readonly maxWidth?: number
    readonly maxHeight?: number
    /** x264's preset. @default 'veryfast' */
    readonly preset?: string
    /**
     * Whether H.264 of a file may be passed on without encoding it anew: only if nothing else is asked of the video
     * and its keyframes make segments of a proper length. @default true
     */
    readonly allowCopy?: boolean
  }
  /** `false`: leave the audio out. @default Opus, 128 kbit/s, stereo, if the input has audio */
  readonly audio?: false | { /** Bits per second. */ readonly bitrate?: number }
  /** Bytes of events that may wait for the reader before ffmpeg is held up. @default 262144 */
  readonly maxQueuedBytes?: number
  /** The program. @default 'ffmpeg', found by PATH */
  readonly ffmpegPath?: string
  /** Aborts the capture: its events fail with `Aborted`. */
  readonly signal?: AbortSignal
}

/** A running capture of an input. */
export interface ReadableCapture {
  /**
   * The stream; ends with the input or after `stop`, the last segment closed. Read slowly, it holds up ffmpeg; cancelled,
   * it stops the capture. It fails with `Unsupported` (no ffmpeg, or one without what is needed), `InvalidArgument`
   * (the input cannot be read or has no video; the message is ffmpeg's), `DeviceNotFound` (the same for a device)
   * or `Aborted`.
   */
  readonly events: ReadableStream<SegmentEvent>
  /** Whether the video is passed on as it is; `undefined` until that is known. */
  readonly isCopy: boolean | undefined
  /** Ends ffmpeg, closes the last segment, ends `events`. Idempotent. */
  stop(): Promise<void>
}

const defaults = { segmentDurationMs: 1000, maxQueuedBytes: 256 * 1024, audioBitrate: 128_000, preset: 'veryfast' } as const
const fallbackFrameRate = 30
const maxFrameRate = 120
/** ffmpeg's names of what reads cameras, microphones and screens. */
const deviceFormats: readonly string[] = ['v4l2', 'avfoundation', 'dshow', 'gdigrab', 'x11grab', 'alsa', 'pulse']
const networkUrl = /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i

/**
 * Starts capturing an input with ffmpeg. Returns at once; what goes wrong later fails `events`.
 * The video becomes H.264 with a keyframe at each boundary, upright, with even sides; the audio becomes Opus.
 * @throws {@link StreamflowError} `InvalidArgument` for an option out of range
 */
export function captureReadable(input: ReadableInput, options: ReadableCaptureOptions = {}): ReadableCapture {
  const { segmentDurationMs = defaults.segmentDurationMs } = options
  if (!(segmentDurationMs >= 1000 && segmentDurationMs <= 4000)) throw new StreamflowError('InvalidArgument', `segmentDurationMs: expected 1000…4000 ms, got ${segmentDurationMs}`)
  let ffmpeg: FfmpegProcess | undefined
  let isCopy: boolean | undefined
  let isOver = false
  let settle: () => void = () => undefined
  const settled = new Promise<void>((resolve) => (settle = resolve))

  const queue = createEventQueue(options.maxQueuedBytes ?? defaults.maxQueuedBytes, {
    onFlow: (isPaused) => ffmpeg?.setPaused(isPaused),
    onCancel: () => finish(() => undefined),
  })
  const finish = (report: () => void): void => {
    if (isOver) return
    isOver = true
    options.signal?.removeEventListener('abort', onAbort)
    report()
    void Promise.resolve(ffmpeg?.kill()).finally(settle)
  }
  const onAbort = (): void => finish(() => queue.fail(new StreamflowError('Aborted', 'the capture was aborted', { cause: options.signal?.reason })))
  const fail = (error: unknown): void => finish(() => queue.fail(toStreamflowError(error, 'InvalidArgument', 'the input cannot be captured')))
  const cutter = createCutter(segmentDurationMs * 1000, (event) => queue.push(event))
  const end = (): void => {
    cutter.finish()
    finish(() => queue.end())
  }

  const start = async (): Promise<void> => {
    const named = await nameInput(input)
    isCopy = named.file !== undefined && (await canCopyVideo(named.file, options.video ?? {}, segmentDurationMs, options.ffmpegPath))
    if (isOver) return
    ffmpeg = startFfmpeg({
      path: options.ffmpegPath ?? 'ffmpeg',
      arguments: buildFfmpegArguments({
        inputArguments: named.arguments,
        isRealTime: (options.pace ?? named.pace) === 'realtime',
        isLive: named.pace === 'source',
        isLooped: options.loop ?? false,
        segmentDurationMs,
        video: isCopy ? 'copy' : { preset: defaults.preset, ...options.video },
        audio: options.audio === false ? false : { bitrate: options.audio?.bitrate ?? defaults.audioBitrate },
      }),
      stdin: named.stdin,
      isDevice: named.isDevice,
      onBytes: (bytes) => {
        try {
          if (!isOver) cutter.push(bytes)
        } catch (error) {
          fail(error)
        }
      },
      onEnd: end,
      onError: (error) => {
        // What came before the failure is kept.
        cutter.finish()
        fail(error)
      },
    })
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
    async stop() {
      end()
      await settled
    },
  }
}

interface NamedInput {
  readonly arguments: readonly string[]
  readonly pace: 'realtime' | 'source'
  readonly stdin?: Readable
  /** Path of a regular file. */
  readonly file?: string
  readonly isDevice: boolean
}

async function nameInput(input: ReadableInput): Promise<NamedInput> {
  if (input instanceof Readable) return { arguments: ['-i', 'pipe:0'], pace: 'realtime', stdin: input, isDevice: false }
  if (input instanceof ReadableStream) return { arguments: ['-i', 'pipe:0'], pace: 'realtime', stdin: Readable.fromWeb(input as Parameters<typeof Readable.fromWeb>[0]), isDevice: false }
  if (typeof input === 'object' && 'ffmpegInput' in input) return { arguments: input.ffmpegInput, pace: 'source', isDevice: input.ffmpegInput.some((argument) => deviceFormats.includes(argument)) }
  if (typeof input === 'string' && networkUrl.test(input)) return { arguments: ['-i', input], pace: 'source', isDevice: false }
  if (input instanceof URL && input.protocol !== 'file:') return { arguments: ['-i', input.href], pace: 'source', isDevice: false }
  const file = input instanceof URL || input.startsWith('file:') ? fileURLToPath(input) : input
  const found = await stat(file).catch((error: unknown) => {
    throw new StreamflowError('InvalidArgument', `the input file cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  })
  // `file:` keeps ffmpeg from taking a name with a colon for a protocol, or one with a dash for an option.
  return { arguments: ['-i', `file:${file}`], pace: 'realtime', isDevice: false, ...(found.isFile() ? { file } : {}) }
}

/** Puts ffmpeg's Matroska through the segmenter. */
function createCutter(segmentDurationUs: number, emit: (event: SegmentEvent) => void): { push(bytes: Uint8Array): void; finish(): void } {
  let segmenter: Segmenter | undefined
  let header: MatroskaHeader | undefined
  let videoNumber = -1
  let audioNumber = -1
  const onHeader = (parsed: MatroskaHeader): void => {
    header = parsed
    videoNumber = parsed.tracks.find(({ kind }) => kind === 'video')?.number ?? -1
    audioNumber = parsed.tracks.find(({ kind }) => kind === 'audio')?.number ?? -1
    if (videoNumber < 0) throw new StreamflowError('InvalidArgument', 'the input has no video')
  }
  const open = (first: MatroskaBlock): Segmenter => {
    const video = header!.tracks.find(({ number }) => number === videoNumber)!
    const audio = header!.tracks.find(({ number }) => number === audioNumber)
    const frameRate = video.defaultDurationNs > 0 ? 1e9 / video.defaultDurationNs : fallbackFrameRate
    const format: InputFormat = {
      container: 'matroska',
      video: { codec: 'h264', width: video.width, height: video.height, frameRate: Math.min(Math.max(Math.round(frameRate * 1000) / 1000, 1), maxFrameRate) },
      ...(audio ? { audio: { codec: 'opus', sampleRate: audio.sampleRate, channels: audio.channels } } : {}),
    }
    return createSegmenter({
      format,
      privates: { video: video.codecPrivate, audio: audio?.codecPrivate, audioDelayNs: audio?.codecDelayNs },
      startTimeMs: Math.round(Date.now() - first.timestampUs / 1000),
      segmentDurationUs,
      emit,
    })
  }
  const reader = createMatroskaReader({
    onHeader,
    onBlock: (block) => {
      if (block.track === videoNumber) (segmenter ??= open(block)).addVideo(block)
      else if (block.track === audioNumber) segmenter?.addAudio(block)
    },
  })
  return {
    push: (bytes) => reader.push(bytes),
    finish() {
      segmenter?.finish()
      segmenter = undefined
    },
  }
}
