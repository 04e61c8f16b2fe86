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

type Handlers = { readonly [Type in ToWorker['type']]: (message: Extract<ToWorker, { readonly type: Type }>) => void }
const handlers: Handlers = {
  start,
  frame: ({ frame, arrivalMs }) => (session ? void session.addFrame(frame, arrivalMs) : frame.close()),
  samples: ({ planes, sampleRate, timestampUs, arrivalMs }) => session?.addSamples(planes, sampleRate, timestampUs, arrivalMs),
  'input-ended': ({ kind }) => kind === 'video' && session?.endVideo(),
  bitrate: ({ bitrate }) => session?.setBitrate(bitrate),
  flow: ({ isPaused }) => session?.setPaused(isPaused),
  tap: ({ atUs }) => session?.tap(atUs),
  stop,
  kill: () => void kill(),
}
scope.onmessage = ({ data }) => {
  try {
    handlers[data.type](data as never)
  } catch (error) {
    fail(error)
  }
}
post({ type: 'ready', canReadTracks: 'MediaStreamTrackProcessor' in globalThis })
