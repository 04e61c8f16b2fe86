/** The capture worker's entry: reads frames and samples, encodes them, cuts segments, posts events to the page. */

import { isStreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import type { FromWorker, ToWorker } from './captureMessages.js'
import { createEncodingSession, type EncodingSession } from './createEncodingSession.js'
import { readTrack } from './readTrack.js'

/** The part of a dedicated worker's scope that is used here. */
interface WorkerScope {
  onmessage: ((event: { readonly data: ToWorker }) => void) | null
  postMessage(message: FromWorker, transfer: Transferable[]): void
  close(): void
}

const scope = globalThis as unknown as WorkerScope
const stopReading: (() => Promise<void>)[] = []
let session: EncodingSession | undefined

function post(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer)
}

function fail(error: unknown): void {
  const { code, message } = isStreamflowError(error) ? error : toStreamflowError(error, 'Internal')
  for (const stopOne of stopReading) void stopOne()
  post({ type: 'failed', code, message })
}

function start(message: Extract<ToWorker, { type: 'start' }>): void {
  const created = createEncodingSession({
    ...message,
    onEvent: (event) => post({ type: 'event', event }, 'bytes' in event ? [event.bytes.buffer] : []),
    onStats: (stats) => post({ type: 'stats', stats }),
    onTapped: (frame, timestampUs) => post({ type: 'tapped', frame, timestampUs }, [frame]),
    onWarning: ({ code, message: text }) => post({ type: 'warning', code, message: text }),
    onError: fail,
    onEnded: () => {
      for (const stopOne of stopReading) void stopOne()
      post({ type: 'ended' })
    },
  })
  session = created
  const { videoInput, audioInput } = message
  if (videoInput.kind !== 'messages') stopReading.push(readTrack(videoInput, (frame) => created.addFrame(frame, now()), () => created.endVideo()))
  if (audioInput && audioInput.kind !== 'messages') stopReading.push(readTrack(audioInput, (data) => created.addAudioData(data, now()), () => undefined))
}

function stop(): void {
  if (session) session.endVideo()
  else post({ type: 'ended' })
}

async function kill(): Promise<void> {
  session?.abandon()
  await Promise.allSettled(stopReading.map((stopOne) => stopOne()))
  scope.close()
}

/** Milliseconds since the epoch, monotonic. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

scope.onmessage = ({ data }) => {
  try {
    if (data.type === 'start') start(data)
    else if (data.type === 'frame') {
      if (session) void session.addFrame(data.frame, data.arrivalMs)
      else data.frame.close()
    } else if (data.type === 'samples') session?.addSamples(data.planes, data.sampleRate, data.timestampUs, data.arrivalMs)
    else if (data.type === 'input-ended') data.kind === 'video' && session?.endVideo()
    else if (data.type === 'bitrate') session?.setBitrate(data.bitrate)
    else if (data.type === 'flow') session?.setPaused(data.isPaused)
    else if (data.type === 'tap') session?.tap(data.atUs)
    else if (data.type === 'stop') stop()
    else void kill()
  } catch (error) {
    fail(error)
  }
}
post({ type: 'ready', canReadTracks: 'MediaStreamTrackProcessor' in globalThis })
