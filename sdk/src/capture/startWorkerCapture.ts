/** Captures with WebCodecs in a dedicated worker: starts it, hands it the tracks in the best way there is. */

import { StreamflowError } from '../errors/StreamflowError.js'
import { startWorker } from '../units/startWorker.js'
import type { FromWorker, ToWorker } from './captureMessages.js'
import type { CaptureInput, CaptureOptions, CaptureSink, RunningCapture } from './captureOptions.js'
import { createTrackFeed, type Send } from './createTrackFeed.js'

const terminateAfterMs = 500

/**
 * Starts the worker and the flow of frames into it.
 * @throws {@link StreamflowError} `Unsupported` when this page cannot have workers
 */
export function startWorkerCapture(input: CaptureInput, options: CaptureOptions, sink: CaptureSink): RunningCapture {
  if (typeof Worker === 'undefined' || typeof VideoEncoder === 'undefined') throw new StreamflowError('Unsupported', 'this browser has no WebCodecs', { data: { missing: 'VideoEncoder' } })
  let worker: Worker | undefined
  let isOver = false
  /** What was asked before the worker was there. */
  const waiting: ToWorker[] = []

  const send: Send = (message, transfer = []) => {
    if (isOver) return
    if (worker) worker.postMessage(message, transfer)
    else waiting.push(message)
  }
  const feed = createTrackFeed(input, options, send)
  const kill = (): void => {
    if (isOver) return
    isOver = true
    feed.release()
    if (!worker) return
    // It lets go of the tracks and closes itself; a worker that hangs is ended from here.
    const killed = worker
    killed.postMessage({ type: 'kill' } satisfies ToWorker)
    setTimeout(() => killed.terminate(), terminateAfterMs)
  }
  const fail = (error: StreamflowError): void => {
    if (isOver) return
    kill()
    sink.onError(error)
  }

  const onMessage = (message: FromWorker): void => {
    if (isOver) {
      if (message.type === 'tapped') message.frame.close()
    } else if (message.type === 'event') sink.onEvent(message.event)
    else if (message.type === 'tick') feed.onTick()
    else if (message.type === 'stats') sink.onStats(message.stats)
    else if (message.type === 'tapped') {
      if (options.onFrame) options.onFrame(message.frame, message.timestampUs)
      else message.frame.close()
    } else if (message.type === 'warning') sink.onWarning(new StreamflowError(message.code, message.message))
    else if (message.type === 'failed') fail(new StreamflowError(message.code, message.message))
    else if (message.type === 'ended') {
      kill()
      sink.onEnd()
    } else {
      feed.begin(message.canReadTracks)
      for (const held of waiting.splice(0)) send(held)
    }
  }

  void openWorker(options.workerUrl).then(
    (opened) => {
      if (isOver) return opened.terminate()
      opened.onmessage = ({ data }: MessageEvent<FromWorker>) => onMessage(data)
      opened.onerror = (event) => {
        event.preventDefault()
        fail(new StreamflowError('Unsupported', `the capture worker could not run (${event.message || "if the page's CSP forbids blob: workers, set workerUrl"})`, { data: { missing: 'Worker' } }))
      }
      worker = opened
    },
    (error: unknown) => fail(new StreamflowError('Unsupported', 'the capture worker could not start', { cause: error, data: { missing: 'Worker' } })),
  )

  return {
    method: 'webcodecs',
    setBitrate: (bitrate) => send({ type: 'bitrate', bitrate }),
    setFrameRate: (frameRate) => send({ type: 'frame-rate', frameRate }),
    holdBack: (isHeldBack) => send({ type: 'flow', isHeldBack }),
    replaceTrack: feed.replace,
    dropTrack: feed.drop,
    setPublishing: feed.setPublishing,
    tapFrame: (atUs) => send({ type: 'tap', atUs }),
    stop: () => send({ type: 'stop' }),
    kill,
  }
}

async function openWorker(url: string | URL | undefined): Promise<Worker> {
  const name = 'streamflow-capture'
  if (url !== undefined) return new Worker(url, { name })
  const { source } = await import('./captureWorker.js?inline')
  return startWorker(source, name)
}
