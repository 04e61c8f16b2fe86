/** Captures a MediaStream of the page: camera or canvas → encoder in a worker → segments of chunks. */

import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import type { SegmentEvent } from '../media/segment.js'
import { createEmitter, type Subscribable } from '../units/emitter.js'
import { assertBitrate, assertCaptureOptions, captureDefaults, type CaptureMethod, type CaptureOptions, type CaptureSink, type RunningCapture } from './captureOptions.js'
import type { CaptureStats } from './captureMessages.js'
import { createEventQueue } from './createEventQueue.js'
import { startWorkerCapture } from './startWorkerCapture.js'
import { watchMicrophone } from './watchMicrophone.js'

/** Events of a capture. */
export interface CaptureEvents {
  /** Once a second while it runs. */
  readonly stats: CaptureStats
  /** The capture goes on with less than was asked for, e.g. without audio. */
  readonly warning: StreamflowError
}

/** A running capture. */
export interface Capture extends Subscribable<CaptureEvents> {
  /**
   * The stream as it is encoded; ends after `stop` or when the video track ends, with the last segment closed.
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
 * @param stream - with one video track at least; its first video and first audio track are captured
 * @throws {@link StreamflowError} `InvalidArgument` for an option out of range or a stream without live video
 */
export function createCapture(stream: MediaStream, options: CaptureOptions = {}): Capture {
  assertCaptureOptions(stream, options)
  const emitter = createEmitter<CaptureEvents>()
  let running: RunningCapture | undefined
  let stats: CaptureStats | undefined
  let isStopping = false
  let isOver = false
  let settle: () => void = () => undefined
  const settled = new Promise<void>((resolve) => (settle = resolve))

  const microphone = options.audio === false ? undefined : stream.getAudioTracks().find((track) => track.readyState === 'live')
  const leaveMicrophone = microphone && watchMicrophone(microphone, (warning) => emitter.emit('warning', warning))

  const queue = createEventQueue(options.maxQueuedBytes ?? captureDefaults.maxQueuedBytes, {
    onFlow: (isPaused) => running?.setPaused(isPaused),
    onCancel: () => finish(() => undefined),
  })
  const finish = (report: () => void): void => {
    if (isOver) return
    isOver = true
    options.signal?.removeEventListener('abort', onAbort)
    leaveMicrophone?.()
    running?.kill()
    if (options.stopTracks) for (const track of stream.getTracks()) track.stop()
    report()
    settle()
  }
  const onAbort = (): void => finish(() => queue.fail(new StreamflowError('Aborted', 'the capture was aborted', { cause: options.signal?.reason })))
  let hasEvents = false
  const sink: CaptureSink = {
    onEvent: (event) => {
      hasEvents = true
      queue.push(event)
    },
    onStats: (next) => emitter.emit('stats', (stats = next)),
    onWarning: (warning) => emitter.emit('warning', warning),
    onEnd: () => finish(() => queue.end()),
    onError: (error) => {
      if (error.code !== 'Unsupported' || hasEvents || running?.method !== 'webcodecs' || options.method === 'webcodecs') return finish(() => queue.fail(error))
      emitter.emit('warning', error)
      void start('mediarecorder', error)
    },
  }

  const start = async (method: CaptureMethod, cause?: StreamflowError): Promise<void> => {
    try {
      running?.kill()
      running = method === 'webcodecs' ? startWorkerCapture(stream, options, sink) : await (await import('./startRecorderCapture.js')).startRecorderCapture(stream, options, sink)
      if (isOver) running.kill()
      else if (isStopping) running.stop()
    } catch (error) {
      const failure = toStreamflowError(error, 'Unsupported')
      if (method === 'webcodecs' && options.method !== 'webcodecs') return start('mediarecorder', failure)
      finish(() => queue.fail(cause && failure.code === 'Unsupported' ? cause : failure))
    }
  }

  if (options.signal?.aborted) onAbort()
  else {
    options.signal?.addEventListener('abort', onAbort)
    void start(options.method === 'mediarecorder' ? 'mediarecorder' : 'webcodecs')
  }

  return {
    events: queue.stream,
    get method() {
      return running?.method
    },
    get stats() {
      return stats
    },
    on: emitter.on,
    once: emitter.once,
    off: emitter.off,
    setBitrate(bitrate) {
      assertBitrate(bitrate)
      running?.setBitrate(bitrate)
    },
    tapFrame: (atUs) => running?.tapFrame(atUs),
    async stop() {
      if (!isStopping) {
        isStopping = true
        running?.stop()
        const timer = setTimeout(() => finish(() => queue.end()), stopTimeoutMs)
        void settled.then(() => clearTimeout(timer))
      }
      await settled
    },
  }
}
