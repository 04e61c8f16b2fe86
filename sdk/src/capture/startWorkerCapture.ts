/** Captures with WebCodecs in a dedicated worker: starts it, hands it the tracks in the best way there is. */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { AudioSettings, FromWorker, ToWorker, TrackInput, VideoSettings } from './captureMessages.js'
import { audioCodecOrder, videoCodecOrder } from './codecs.js'
import { resolveDurations, type CaptureOptions, type CaptureSink, type FrameSource, type RunningCapture } from './captureOptions.js'
import { getTrackProcessor } from './readTrack.js'
import { readAudioContext } from './readAudioContext.js'
import { readVideoElement } from './readVideoElement.js'

/** Samples that may wait while the worker starts, in blocks of about 10 ms. */
const audioBufferBlocks = 200
const fallbackFrameRate = 30
const fallbackSampleRate = 48_000
const bitratePerChannel = 64_000
const terminateAfterMs = 500

/**
 * Starts the worker and the flow of frames into it.
 * @throws {@link StreamflowError} `Unsupported` when this page cannot have workers
 */
export function startWorkerCapture(stream: MediaStream, options: CaptureOptions, sink: CaptureSink): RunningCapture {
  if (typeof Worker === 'undefined' || typeof VideoEncoder === 'undefined') throw new StreamflowError('Unsupported', 'this browser has no WebCodecs', { data: { missing: 'VideoEncoder' } })
  const videoTrack = stream.getVideoTracks().find((track) => track.readyState === 'live')!
  const audioTrack = options.audio === false ? undefined : stream.getAudioTracks().find((track) => track.readyState === 'live')
  const releases: (() => void)[] = []
  let worker: Worker | undefined
  let isOver = false
  /** What was asked before the worker was there. */
  const waiting: ToWorker[] = []

  const send = (message: ToWorker, transfer: Transferable[] = []): void => {
    if (worker) worker.postMessage(message, transfer)
    else waiting.push(message)
  }
  const kill = (): void => {
    if (isOver) return
    isOver = true
    for (const release of releases.splice(0)) release()
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

  const begin = (source: FrameSource): void => {
    const video = openVideo(source, videoTrack, send, releases)
    const audio = audioTrack && openAudio(source, audioTrack, send, releases)
    const message: ToWorker = {
      type: 'start',
      ...resolveDurations(options),
      video: describeVideo(videoTrack, options),
      videoInput: video.input,
      ...(audio ? { audio: describeAudio(audioTrack!, options), audioInput: audio.input } : {}),
    }
    worker!.postMessage(message, [...video.transfer, ...(audio?.transfer ?? [])])
    for (const held of waiting.splice(0)) worker!.postMessage(held)
  }

  const onMessage = (message: FromWorker): void => {
    if (isOver) {
      if (message.type === 'tapped') message.frame.close()
    } else if (message.type === 'event') sink.onEvent(message.event)
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
      const source = chooseFrameSource(options.frameSource ?? 'auto', message.canReadTracks)
      try {
        begin(source)
      } catch {
        // Not every browser that reads tracks in workers can hand them over.
        for (const release of releases.splice(0)) release()
        begin('video-element')
      }
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
    setPaused: (isPaused) => send({ type: 'flow', isPaused }),
    tapFrame: (atUs) => send({ type: 'tap', atUs }),
    stop: () => send({ type: 'stop' }),
    kill,
  }
}

async function openWorker(url: string | URL | undefined): Promise<Worker> {
  if (url !== undefined) return new Worker(url, { name: 'streamflow-capture' })
  const { source } = await import('./captureWorker.js?inline')
  const blobUrl = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  try {
    return new Worker(blobUrl, { name: 'streamflow-capture' })
  } finally {
    // The fetch of the script has begun; the URL itself is not needed any more.
    setTimeout(() => URL.revokeObjectURL(blobUrl), 10_000)
  }
}

function chooseFrameSource(wanted: 'auto' | FrameSource, canReadTracks: boolean): FrameSource {
  if (wanted !== 'auto') return wanted
  if (getTrackProcessor()) return 'page-processor'
  return canReadTracks ? 'worker-processor' : 'video-element'
}

interface OpenedInput<Data> {
  readonly input: TrackInput<Data>
  readonly transfer: Transferable[]
}
type Send = (message: ToWorker, transfer?: Transferable[]) => void

function openVideo(source: FrameSource, track: MediaStreamTrack, send: Send, releases: (() => void)[]): OpenedInput<VideoFrame> {
  const Processor = getTrackProcessor()
  if (source === 'page-processor' && Processor) {
    const { readable } = new Processor<VideoFrame>({ track })
    return { input: { kind: 'readable', readable }, transfer: [readable as unknown as Transferable] }
  }
  if (source === 'worker-processor') {
    // Transferring detaches: the worker gets a copy, the page keeps its own.
    const copy = track.clone()
    releases.push(() => copy.stop())
    return { input: { kind: 'track', track: copy }, transfer: [copy as unknown as Transferable] }
  }
  releases.push(readVideoElement(track, (frame, arrivalMs) => send({ type: 'frame', frame, arrivalMs }, [frame]), () => send({ type: 'input-ended', kind: 'video' })))
  return { input: { kind: 'messages' }, transfer: [] }
}

function openAudio(source: FrameSource, track: MediaStreamTrack, send: Send, releases: (() => void)[]): OpenedInput<AudioData> {
  const Processor = getTrackProcessor()
  if (source === 'page-processor' && Processor) {
    const { readable } = new Processor<AudioData>({ track, maxBufferSize: audioBufferBlocks })
    return { input: { kind: 'readable', readable }, transfer: [readable as unknown as Transferable] }
  }
  // Track processors of workers, where they exist, read video only.
  releases.push(readAudioContext(track, (block) => send({ type: 'samples', ...block }, block.planes.map((plane) => plane.buffer))))
  return { input: { kind: 'messages' }, transfer: [] }
}

function describeVideo(track: MediaStreamTrack, { video = {} }: CaptureOptions): VideoSettings {
  const sourceRate = track.getSettings().frameRate
  const { codecs = videoCodecOrder, frameRate, bitrate, maxWidth, maxHeight } = video
  return {
    codecs,
    frameRate: Math.min(Math.max(Math.min(sourceRate || fallbackFrameRate, frameRate ?? Infinity), 1), 120),
    isFrameRateBound: frameRate !== undefined,
    ...(bitrate === undefined ? {} : { bitrate }),
    ...(maxWidth === undefined ? {} : { maxWidth }),
    ...(maxHeight === undefined ? {} : { maxHeight }),
  }
}

function describeAudio(track: MediaStreamTrack, { audio }: CaptureOptions): AudioSettings {
  const settings: MediaTrackSettings & { readonly channelCount?: number } = track.getSettings()
  const channels = settings.channelCount === 1 ? 1 : 2
  const wanted = audio === false ? undefined : audio
  return { codecs: wanted?.codecs ?? audioCodecOrder, bitrate: wanted?.bitrate ?? bitratePerChannel * channels, channels, sampleRate: settings.sampleRate ?? fallbackSampleRate }
}
