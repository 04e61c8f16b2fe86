/** What a caller of `createCapture` may ask for, checked; and what each way of capturing must be able to do. */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { SegmentEvent } from '../media/segment.js'
import type { CaptureMethod, CaptureStats } from './captureFigures.js'
import type { Publishing } from './captureMessages.js'
import type { AudioCodecName, VideoCodecName } from './codecs.js'
import type { PublishedTracks, TrackKind } from './publishControls.js'

/** How to capture; every option has a default. */
export interface CaptureOptions {
  /** Milliseconds between segment boundaries, 1000…4000. @default 1000 */
  readonly segmentDurationMs?: number
  readonly video?: {
    /** Which codecs may be used, best first. @default ['h264', 'vp8', 'vp9', 'av1'] */
    readonly codecs?: readonly VideoCodecName[]
    /** Bits per second, 50 000…50 000 000. @default by the size: 0.12 bit per pixel and frame */
    readonly bitrate?: number
    /** Upper bound in frames per second, 1…120; faster sources lose frames. @default the source's own */
    readonly frameRate?: number
    /** Upper bounds in pixels; larger sources are scaled down. */
    readonly maxWidth?: number
    readonly maxHeight?: number
  }
  /** `false`: leave the audio out. @default Opus (or AAC) at 64 kbit/s per channel, if the stream has audio */
  readonly audio?:
    | false
    | {
        readonly codecs?: readonly AudioCodecName[]
        /** Bits per second. */
        readonly bitrate?: number
        /** Whether the stream has sound although it begins without a track of audio: silence, until `replaceAudioTrack` gives one. @default false */
        readonly always?: boolean
      }
  /**
   * `webcodecs`: WebCodecs in a worker. `mediarecorder`: MediaRecorder, re-cut; later and not exactly on the segment
   * boundaries. `auto`: the first that this browser can do. @default 'auto'
   */
  readonly method?: 'auto' | CaptureMethod
  /** How frames reach the encoder; for tests and for browsers whose first choice is broken. @default 'auto' */
  readonly frameSource?: 'auto' | FrameSource
  /** Where the worker's code is served, for pages whose CSP forbids `blob:` workers: the file `@streamflow/sdk/capture-worker.js`. @default inlined */
  readonly workerUrl?: string | URL
  /** Bytes of events that may wait for the reader before frames are left out. @default 262144 */
  readonly maxQueuedBytes?: number
  /** Milliseconds to wait for the first frame of the source. @default 10000 */
  readonly firstFrameTimeoutMs?: number
  /**
   * Milliseconds for which the stream goes on when its track of video has ended, its picture standing still, so that there
   * can be another (`replaceVideoTrack`). 0: it ends with the track. MediaRecorder cannot change tracks and always does.
   * @default 30000
   */
  readonly trackGraceMs?: number
  /** Whether `stop()` stops the tracks too. They are the caller's. @default false */
  readonly stopTracks?: boolean
  /**
   * Receives copies of source frames asked for with `tapFrame`, before encoding. The listener closes them.
   * @param timestampUs - on the stream's clock
   */
  readonly onFrame?: (frame: VideoFrame, timestampUs: number) => void
  /** Aborts the capture: its events fail with `Aborted`. */
  readonly signal?: AbortSignal
}

/** How frames reach the encoder: a track processor of the page, one of the worker, or a video element. */
export type FrameSource = 'page-processor' | 'worker-processor' | 'video-element'

/** One way of capturing, once started. */
export interface RunningCapture {
  readonly method: CaptureMethod
  setBitrate(bitrate: number): void
  /** As many pictures a second at most. */
  setFrameRate(frameRate: number): void
  /** Frames are left out: the reader is behind. */
  holdBack(isHeldBack: boolean): void
  /** @throws {@link StreamflowError} `Unsupported` */
  replaceTrack(kind: TrackKind, track: MediaStreamTrack): void
  /** Its owner ended the track: no copy of it may go on. */
  dropTrack(kind: TrackKind): void
  setPublishing(publishing: Publishing): void
  tapFrame(atUs: number): void
  /** Finishes; the events that are left, then `onEnd`, follow. */
  stop(): void
  /** Ends everything at once, without a word. */
  kill(): void
}

/** What a way of capturing begins with. */
export interface CaptureInput extends PublishedTracks {
  readonly publishing: Publishing
}

/** What a way of capturing reports. */
export interface CaptureSink {
  readonly onEvent: (event: SegmentEvent) => void
  readonly onStats: (stats: CaptureStats) => void
  readonly onWarning: (warning: StreamflowError) => void
  readonly onEnd: () => void
  readonly onError: (error: StreamflowError) => void
}

/** What holds where the caller says nothing. */
export const captureDefaults = { segmentDurationMs: 1000, maxQueuedBytes: 256 * 1024, firstFrameTimeoutMs: 10_000, trackGraceMs: 30_000 } as const
const limits = { minBitrate: 50_000, maxBitrate: 50_000_000, minSegmentMs: 1000, maxSegmentMs: 4000, maxFrameRate: 120 } as const

/** The options' defaults that the ways of capturing share. */
export function resolveDurations(options: CaptureOptions): { readonly segmentDurationUs: number; readonly firstFrameTimeoutMs: number } {
  return { segmentDurationUs: (options.segmentDurationMs ?? captureDefaults.segmentDurationMs) * 1000, firstFrameTimeoutMs: options.firstFrameTimeoutMs ?? captureDefaults.firstFrameTimeoutMs }
}

/** The tracks of a stream that are captured: the first live one of each kind. */
export function pickTracks(stream: MediaStream, { audio }: CaptureOptions): PublishedTracks {
  const isLive = (track: MediaStreamTrack): boolean => track.readyState === 'live'
  return { video: stream.getVideoTracks().find(isLive)!, audio: audio === false ? undefined : stream.getAudioTracks().find(isLive) }
}

/** Whether a stream that begins with these tracks has sound. */
export function hasSoundFrom({ audio: track }: PublishedTracks, { audio }: CaptureOptions): boolean {
  return track !== undefined || (audio !== undefined && audio !== false && audio.always === true)
}

/** @throws {@link StreamflowError} `InvalidArgument` for a bitrate out of range */
export function assertBitrate(bitrate: number): void {
  if (!(bitrate >= limits.minBitrate && bitrate <= limits.maxBitrate)) throw new StreamflowError('InvalidArgument', `bitrate: expected ${limits.minBitrate}…${limits.maxBitrate} bit/s, got ${bitrate}`)
}

/** @throws {@link StreamflowError} `InvalidArgument` for a rate out of range */
export function assertFrameRate(frameRate: number, option = 'frameRate'): void {
  if (!(frameRate >= 1 && frameRate <= limits.maxFrameRate)) throw new StreamflowError('InvalidArgument', `${option}: expected 1…${limits.maxFrameRate}, got ${frameRate}`)
}

function assertLiveVideo(stream: Partial<MediaStream> | undefined): void {
  if (typeof stream?.getVideoTracks !== 'function') throw new StreamflowError('InvalidArgument', `stream: expected a MediaStream, got ${String(stream)}`, { data: { option: 'stream' } })
  if (stream.getVideoTracks().some((track) => track.readyState === 'live')) return
  throw new StreamflowError('InvalidArgument', 'stream: expected a live video track, got none', { data: { option: 'stream' } })
}

function fail(message: string): never {
  throw new StreamflowError('InvalidArgument', message)
}

/** @throws {@link StreamflowError} `InvalidArgument` for an option out of range or a stream without live video */
export function assertCaptureOptions(stream: MediaStream, { segmentDurationMs = captureDefaults.segmentDurationMs, trackGraceMs = captureDefaults.trackGraceMs, video }: CaptureOptions): void {
  assertLiveVideo(stream)
  assertVideoOptions(video)
  if (!(segmentDurationMs >= limits.minSegmentMs && segmentDurationMs <= limits.maxSegmentMs)) fail(`segmentDurationMs: expected ${limits.minSegmentMs}…${limits.maxSegmentMs} ms, got ${segmentDurationMs}`)
  if (!(trackGraceMs >= 0)) fail(`trackGraceMs: expected 0 ms or more, got ${trackGraceMs}`)
}

function assertVideoOptions(video: CaptureOptions['video']): void {
  if (video?.bitrate !== undefined) assertBitrate(video.bitrate)
  if (video?.frameRate !== undefined) assertFrameRate(video.frameRate, 'video.frameRate')
  for (const side of [video?.maxWidth, video?.maxHeight]) if (side !== undefined && !(side >= 16)) fail(`video.maxWidth, video.maxHeight: expected at least 16 pixels, got ${side}`)
}
