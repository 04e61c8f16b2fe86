/** The capture worker's entry: reads frames and samples, encodes them, cuts segments, posts events to the page. */

import { isStreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import type { FromWorker, ToWorker, TrackInput } from './captureMessages.js'
import { createEncodingSession, type EncodingSession } from './createEncodingSession.js'
import { readTrack } from './readTrack.js'

/** The part of a dedicated worker's scope that is used here. */
interface WorkerScope {
  onmessage: ((event: { readonly data: ToWorker }) => void) | null
  postMessage(message: FromWorker, transfer: Transferable[]): void
  close(): void
}

const scope = globalThis as unknown as WorkerScope
/** What is being read of each kind, to be stopped. */
const readers: { video?: () => Promise<void>; audio?: () => Promise<void> } = {}
let session: EncodingSession | undefined
let ticking: ReturnType<typeof setInterval> | undefined

function post(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer)
}

async function stopReading(): Promise<void> {
  await Promise.allSettled([readers.video?.(), readers.audio?.()])
}

function fail(error: unknown): void {
  const { code, message } = isStreamflowError(error) ? error : toStreamflowError(error, 'Internal')
  void stopReading()
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
      void stopReading()
      post({ type: 'ended' })
    },
  })
  session = created
  readVideo(message.videoInput)
  if (message.audioInput) readAudio(message.audioInput)
}

/** Reads pictures from here on, and no more from where they came before. */
function readVideo(input: TrackInput<VideoFrame>): void {
  void readers.video?.()
  delete readers.video
  session?.restartClock('video')
  if (input.kind !== 'messages') readers.video = readTrack(input, (frame) => session?.addFrame(frame, now()))
}

function readAudio(input: TrackInput<AudioData>): void {
  void readers.audio?.()
  delete readers.audio
  session?.restartClock('audio')
  if (input.kind !== 'messages') readers.audio = readTrack(input, (data) => session?.addAudioData(data, now()))
}

function tick(everyMs: number): void {
  clearInterval(ticking)
  ticking = everyMs > 0 ? setInterval(() => post({ type: 'tick' }), everyMs) : undefined
}

function stop(): void {
  if (session) session.finish()
  else post({ type: 'ended' })
}

async function kill(): Promise<void> {
  session?.abandon()
  await stopReading()
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
  'video-input': ({ input }) => readVideo(input),
  'audio-input': ({ input }) => readAudio(input),
  publishing: ({ publishing }) => session?.setPublishing(publishing),
  bitrate: ({ bitrate }) => session?.setBitrate(bitrate),
  'frame-rate': ({ frameRate }) => session?.setFrameRate(frameRate),
  flow: ({ isHeldBack }) => session?.holdBack(isHeldBack),
  ticks: ({ everyMs }) => tick(everyMs),
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
