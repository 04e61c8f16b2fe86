/** Captures in the best way that there is: by WebCodecs in a worker, and where that turns out not to work, by MediaRecorder. */

import { toStreamflowError, type StreamflowError } from '../errors/StreamflowError.js'
import type { CaptureMethod } from './captureFigures.js'
import type { CaptureInput, CaptureOptions, CaptureSink, RunningCapture } from './captureOptions.js'

type Start = (input: CaptureInput, options: CaptureOptions, sink: CaptureSink) => RunningCapture | Promise<RunningCapture>

/** Each is loaded when its turn has come. */
const load: Readonly<Record<CaptureMethod, () => Promise<Start>>> = {
  webcodecs: async () => (await import('./startWorkerCapture.js')).startWorkerCapture,
  mediarecorder: async () => (await import('./startRecorderCapture.js')).startRecorderCapture,
}

/** Loads what most captures begin with, ahead of its turn. */
export function loadAhead(): void {
  // Whoever needs it will be told.
  load.webcodecs().catch(() => undefined)
}

/** What captures; `method` is `undefined` until it is known. */
export interface Capturing extends Omit<RunningCapture, 'method'> {
  readonly method: CaptureMethod | undefined
}

/**
 * Starts capturing. Failures are reported, none is thrown.
 * @param readInput - what is published at the moment: another way begins where the one before ends
 */
export function startCapturing(readInput: () => CaptureInput, options: CaptureOptions, sink: CaptureSink): Capturing {
  let running: RunningCapture | undefined
  /** What was asked last: who begins later is told too. */
  const asked: { bitrate?: number; frameRate?: number } = {}
  let hasEvents = false
  let isStopping = false
  let isOver = false

  const start = async (method: CaptureMethod, cause?: StreamflowError): Promise<void> => {
    try {
      running?.kill()
      const begin = await load[method]()
      if (isOver) return
      const begun = await begin(readInput(), options, watched)
      running = begun
      // What was asked while it was loaded.
      begun.setPublishing(readInput().publishing)
      if (asked.bitrate !== undefined) begun.setBitrate(asked.bitrate)
      if (asked.frameRate !== undefined) begun.setFrameRate(asked.frameRate)
      if (isOver) begun.kill()
      else if (isStopping) begun.stop()
    } catch (error) {
      const failure = toStreamflowError(error, 'Unsupported')
      if (method === 'webcodecs' && options.method !== 'webcodecs') return start('mediarecorder', failure)
      sink.onError(cause && failure.code === 'Unsupported' ? cause : failure)
    }
  }
  const watched: CaptureSink = {
    ...sink,
    onEvent(event) {
      hasEvents = true
      sink.onEvent(event)
    },
    onError(error) {
      if (error.code !== 'Unsupported' || hasEvents || running?.method !== 'webcodecs' || options.method === 'webcodecs') return sink.onError(error)
      sink.onWarning(error)
      void start('mediarecorder', error)
    },
  }
  void start(options.method === 'mediarecorder' ? 'mediarecorder' : 'webcodecs')

  return {
    get method() {
      return running?.method
    },
    setBitrate(bitrate) {
      asked.bitrate = bitrate
      running?.setBitrate(bitrate)
    },
    setFrameRate(frameRate) {
      asked.frameRate = frameRate
      running?.setFrameRate(frameRate)
    },
    holdBack: (isHeldBack) => running?.holdBack(isHeldBack),
    replaceTrack: (kind, track) => running?.replaceTrack(kind, track),
    dropTrack: (kind) => running?.dropTrack(kind),
    setPublishing: (publishing) => running?.setPublishing(publishing),
    tapFrame: (atUs) => running?.tapFrame(atUs),
    stop() {
      isStopping = true
      running?.stop()
    },
    kill() {
      isOver = true
      running?.kill()
    },
  }
}
