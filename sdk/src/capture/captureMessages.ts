/** What the page and the capture worker say to each other. */

import type { ErrorCode } from '../errors/codes.js'
import type { SegmentEvent } from '../media/segment.js'
import type { CaptureStats } from './captureFigures.js'
import type { AudioCodecName, VideoCodecName } from './codecs.js'

/** How to encode the video. */
export interface VideoSettings {
  readonly codecs: readonly VideoCodecName[]
  /** Bits per second; absent: from the size. */
  readonly bitrate?: number
  /** Frames per second: what the source says, or the bound that the caller set. */
  readonly frameRate: number
  /** Whether frames beyond `frameRate` are left out. */
  readonly isFrameRateBound: boolean
  readonly maxWidth?: number
  readonly maxHeight?: number
}

/** How to encode the audio. */
export interface AudioSettings {
  readonly codecs: readonly AudioCodecName[]
  readonly bitrate: number
  /** What the source says; 1 or 2. */
  readonly channels: number
  /** Hz, what the source says. */
  readonly sampleRate: number
}

/** Where the frames or samples of a track come from. */
export type TrackInput<Data> =
  /** a stream of them, handed over by the page */
  | { readonly kind: 'readable'; readonly readable: ReadableStream<Data> }
  /** the track itself; the worker reads it */
  | { readonly kind: 'track'; readonly track: MediaStreamTrack }
  /** messages `frame` or `samples` of the page */
  | { readonly kind: 'messages' }

/** What of the published tracks is sent. */
export interface Publishing {
  /** Silence goes instead of the sound. */
  readonly isMuted: boolean
  /** Black goes instead of the picture. */
  readonly isHidden: boolean
  /** The picture stands still, in silence. */
  readonly isPaused: boolean
}

/** Page → worker. */
export type ToWorker =
  | {
      readonly type: 'start'
      readonly segmentDurationUs: number
      readonly firstFrameTimeoutMs: number
      readonly video: VideoSettings
      readonly videoInput: TrackInput<VideoFrame>
      readonly audio?: AudioSettings
      readonly audioInput?: TrackInput<AudioData>
      readonly publishing: Publishing
    }
  /** another track from now on; `messages` that do not come: none */
  | { readonly type: 'video-input'; readonly input: TrackInput<VideoFrame> }
  | { readonly type: 'audio-input'; readonly input: TrackInput<AudioData> }
  | { readonly type: 'publishing'; readonly publishing: Publishing }
  | { readonly type: 'frame'; readonly frame: VideoFrame; /** ms since the epoch */ readonly arrivalMs: number }
  | { readonly type: 'samples'; readonly planes: readonly Float32Array<ArrayBuffer>[]; readonly sampleRate: number; /** µs */ readonly timestampUs: number; /** ms since the epoch */ readonly arrivalMs: number }
  | { readonly type: 'bitrate'; readonly bitrate: number }
  /** as many pictures a second at most; those of the settings or more: as at the start */
  | { readonly type: 'frame-rate'; readonly frameRate: number }
  | { readonly type: 'flow'; readonly isHeldBack: boolean }
  /** `tick` so often from now on, ms; 0: no more */
  | { readonly type: 'ticks'; readonly everyMs: number }
  | { readonly type: 'tap'; readonly atUs: number }
  /** finish: the rest of the events and `ended` follow */
  | { readonly type: 'stop' }
  /** let go of everything and close; nothing follows */
  | { readonly type: 'kill' }

/** Worker → page. */
export type FromWorker =
  /** the worker runs; whether it can read tracks itself */
  | { readonly type: 'ready'; readonly canReadTracks: boolean }
  | { readonly type: 'event'; readonly event: SegmentEvent }
  /** a moment has passed: the page's own timers are slowed down while nobody sees it */
  | { readonly type: 'tick' }
  | { readonly type: 'stats'; readonly stats: CaptureStats }
  | { readonly type: 'tapped'; readonly frame: VideoFrame; readonly timestampUs: number }
  /** the capture goes on with less than was asked for */
  | { readonly type: 'warning'; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly type: 'ended' }
