/** Captures a MediaStream of the page: camera or canvas → encoder in a worker → segments of chunks. */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { SegmentEvent } from '../media/segment.js'
import { createEmitter, type Subscribable } from '../units/emitter.js'
import { assertBitrate, assertCaptureOptions, assertFrameRate, captureDefaults, hasSoundFrom, pickTracks, type CaptureOptions } from './captureOptions.js'
import type { CaptureMethod, CaptureStats } from './captureFigures.js'
import { createEventQueue } from './createEventQueue.js'
import { addControls, createPublishControls, type PublishControls } from './publishControls.js'
import { startCapturing, type Capturing } from './startCapturing.js'
import { watchTracks, type TrackEnded } from './watchTracks.js'

/** Events of a capture. */
export interface CaptureEvents {
  /** Once a second while it runs. */
  readonly stats: CaptureStats
  /** The capture goes on with less than was asked for, e.g. without audio. */
  readonly warning: StreamflowError
  /** A track ended; of video, the capture ends after `graceMs` unless `replaceVideoTrack` gives another. */
  readonly trackEnded: TrackEnded
}

/** A running capture. */
export interface Capture extends Subscribable<CaptureEvents>, PublishControls {
  /**
   * The stream as it is encoded; ends after `stop`, or when the video track has ended and nobody gave another in time, with
   * the last segment closed.
   * One reader. Read slowly, it loses frames before encoding, never bytes; cancelled, it stops the capture.
   * It fails with `Unsupported`, `DeviceNotFound` (no frame came) or `Aborted`.
   */
  readonly events: ReadableStream<SegmentEvent>
  /** How it encodes; `undefined` until that is known (before the first event). */
  readonly method: CaptureMethod | undefined
  /** The latest statistics. */
  readonly stats: CaptureStats | undefined
  /** Changes the video's bitrate in bits per second, 50 000…50 000 000. Without effect in MediaRecorder. */
  setBitrate(bitrate: number): void
  /** Sends as many pictures a second at most, 1…120, and all of the source's again where that is no fewer. Without effect in MediaRecorder. */
  setFrameRate(frameRate: number): void
  /** Asks for a copy of the first source frame at or after `atUs` (stream's clock) to be given to `onFrame`. */
  tapFrame(atUs: number): void
  /** Encodes what was captured, closes the last segment, ends `events`; leaves nothing running. Idempotent. */
  stop(): Promise<void>
}

/** A capture that does not finish by itself is ended. */
const stopTimeoutMs = 4000

/**
 * Starts capturing a stream of the page. Returns at once; what goes wrong later fails `events`.
 *
 * Segments start with a keyframe at multiples of `segmentDurationMs` on the stream's clock, which is 0 at the first
 * frame. Sides are made even, the picture keeps the size of the first frame; a turned phone gets bars.
 *
 * @param stream - with one video track at least; its first video and first audio track are captured, until they are replaced
 * @throws {@link StreamflowError} `InvalidArgument` for an option out of range or a stream without live video
 */
export function createCapture(stream: MediaStream, options: CaptureOptions = {}): Capture {
  assertCaptureOptions(stream, options)
  const emitter = createEmitter<CaptureEvents>()
  let capturing: Capturing | undefined
  let stats: CaptureStats | undefined
  let isStopping = false
  let isOver = false
  let settle: () => void = () => undefined
  const settled = new Promise<void>((resolve) => (settle = resolve))
  const owned = new Set(stream.getTracks())
  const tracks = pickTracks(stream, options)

  const controls = createPublishControls({
    tracks,
    hasSound: hasSoundFrom(tracks, options),
    onReplaced(kind, track) {
      if (isOver) return
      capturing?.replaceTrack(kind, track)
      watch.replace(kind, track)
      owned.add(track)
    },
    onPublishing: (publishing) => capturing?.setPublishing(publishing),
  })
  const watch = watchTracks({
    tracks,
    readGraceMs: () => (capturing?.method === 'mediarecorder' ? 0 : (options.trackGraceMs ?? captureDefaults.trackGraceMs)),
    onEnded(ended) {
      capturing?.dropTrack(ended.kind)
      emitter.emit('trackEnded', ended)
    },
    onWarning: (warning) => emitter.emit('warning', warning),
    onGraceOver: () => capturing?.stop(),
  })
  const queue = createEventQueue(options.maxQueuedBytes ?? captureDefaults.maxQueuedBytes, {
    onFlow: (isHeldBack) => capturing?.holdBack(isHeldBack),
    onCancel: () => finish(() => undefined),
  })
  const finish = (report: () => void): void => {
    if (isOver) return
    isOver = true
    options.signal?.removeEventListener('abort', onAbort)
    watch.close()
    capturing?.kill()
    if (options.stopTracks) for (const track of owned) track.stop()
    report()
    settle()
  }
  const onAbort = (): void => finish(() => queue.fail(new StreamflowError('Aborted', 'the capture was aborted', { cause: options.signal?.reason })))

  if (options.signal?.aborted) onAbort()
  else {
    options.signal?.addEventListener('abort', onAbort)
    capturing = startCapturing(() => ({ ...controls.tracks, publishing: controls.publishing }), options, {
      onEvent: queue.push,
      onStats: (next) => emitter.emit('stats', (stats = next)),
      onWarning: (warning) => emitter.emit('warning', warning),
      onEnd: () => finish(queue.end),
      onError: (error) => finish(() => queue.fail(error)),
    })
  }

  const capture: Omit<Capture, keyof PublishControls> = {
    events: queue.stream,
    get method() {
      return capturing?.method
    },
    get stats() {
      return stats
    },
    on: emitter.on,
    once: emitter.once,
    off: emitter.off,
    setBitrate(bitrate) {
      assertBitrate(bitrate)
      capturing?.setBitrate(bitrate)
    },
    setFrameRate(frameRate) {
      assertFrameRate(frameRate)
      capturing?.setFrameRate(frameRate)
    },
    tapFrame: (atUs) => capturing?.tapFrame(atUs),
    async stop() {
      if (!isStopping) {
        isStopping = true
        capturing?.stop()
        const timer = setTimeout(() => finish(() => queue.end()), stopTimeoutMs)
        void settled.then(() => clearTimeout(timer))
      }
      await settled
    },
  }
  return addControls(capture, controls)
}
