/** Hands the tracks of the page to the capture worker, in the best way that there is, and other tracks in their place. */

import type { AudioSettings, Publishing, ToWorker, TrackInput, VideoSettings } from './captureMessages.js'
import { audioCodecOrder, videoCodecOrder } from './codecs.js'
import { hasSoundFrom, resolveDurations, type CaptureInput, type CaptureOptions, type FrameSource } from './captureOptions.js'
import type { TrackKind } from './publishControls.js'
import { getTrackProcessor } from './readTrack.js'
import { readAudioContext } from './readAudioContext.js'
import { readVideoElement } from './readVideoElement.js'

/** Samples that may wait while the worker starts, in blocks of about 10 ms. */
const audioBufferBlocks = 200
const fallbackFrameRate = 30
const fallbackSampleRate = 48_000
const bitratePerChannel = 64_000

/** Posts a message to the worker. */
export type Send = (message: ToWorker, transfer?: Transferable[]) => void

/** See {@link createTrackFeed}. */
export interface TrackFeed {
  /** Begins; what was asked before begins with it. @param canReadTracks - whether the worker can read a track itself */
  begin(canReadTracks: boolean): void
  replace(kind: TrackKind, track: MediaStreamTrack): void
  /** Nothing of the track is read any more, nor of a copy. */
  drop(kind: TrackKind): void
  setPublishing(publishing: Publishing): void
  /** The worker's clock, which hidden pages hear as well. */
  onTick(): void
  /** Lets go of everything here; the worker does so itself. */
  release(): void
}

/** Creates the feed of a worker that is about to run. */
export function createTrackFeed(input: CaptureInput, options: CaptureOptions, send: Send): TrackFeed {
  const hasSound = hasSoundFrom(input, options)
  const tracks = { video: input.video, audio: input.audio }
  /** Ends what was begun here for each track. */
  const releases: Partial<Record<TrackKind, () => void>> = {}
  let { publishing } = input
  /** Known once it has begun. */
  let frameSource: FrameSource | undefined
  /** Takes a picture off the track, where nothing else says that there is one. */
  let takePicture = nothingToTake
  const frameRate = describeVideo(input.video, options).frameRate
  /** Elements present nothing in a page that nobody sees, and timers are slow there: the worker says when. */
  const onVisibility = (): void => {
    if (frameSource === 'video-element') send({ type: 'ticks', everyMs: document.hidden ? 1000 / frameRate : 0 })
  }

  const open = (kind: TrackKind, source: FrameSource, track: MediaStreamTrack): OpenedInput => {
    const opened = kind === 'video' ? openVideo(source, track, send) : openAudio(source, track, send)
    releases[kind] = opened.release
    if (kind === 'video') takePicture = opened.take ?? nothingToTake
    return opened
  }
  const release = (): void => {
    document.removeEventListener('visibilitychange', onVisibility)
    takePicture = nothingToTake
    releases.video?.()
    releases.audio?.()
  }
  const start = (source: FrameSource): void => {
    const video = open('video', source, tracks.video)
    const audio = hasSound && tracks.audio ? open('audio', source, tracks.audio) : undefined
    const message = {
      type: 'start',
      ...resolveDurations(options),
      video: describeVideo(tracks.video, options),
      videoInput: video.input,
      ...(hasSound ? { audio: describeAudio(tracks.audio, options) } : {}),
      ...(audio ? { audioInput: audio.input } : {}),
      publishing,
    } as ToWorker
    send(message, [...video.transfer, ...(audio?.transfer ?? [])])
    frameSource = source
    document.addEventListener('visibilitychange', onVisibility)
    onVisibility()
  }

  return {
    release,
    onTick: () => takePicture(),
    begin(canReadTracks) {
      try {
        start(chooseFrameSource(options.frameSource ?? 'auto', canReadTracks))
      } catch {
        // Not every browser that reads tracks in workers can hand them over.
        release()
        start('video-element')
      }
    },
    replace(kind, track) {
      tracks[kind] = track
      if (frameSource === undefined) return
      releases[kind]?.()
      const { input: next, transfer } = open(kind, frameSource, track)
      send({ type: `${kind}-input`, input: next } as ToWorker, transfer)
    },
    drop(kind) {
      if (kind === 'video') takePicture = nothingToTake
      releases[kind]?.()
      if (frameSource !== undefined) send({ type: `${kind}-input`, input: { kind: 'messages' } })
    },
    setPublishing(next) {
      publishing = next
      if (frameSource !== undefined) send({ type: 'publishing', publishing })
    },
  }
}

function chooseFrameSource(wanted: 'auto' | FrameSource, canReadTracks: boolean): FrameSource {
  if (wanted !== 'auto') return wanted
  if (getTrackProcessor()) return 'page-processor'
  return canReadTracks ? 'worker-processor' : 'video-element'
}

interface OpenedInput {
  readonly input: TrackInput<VideoFrame> | TrackInput<AudioData>
  readonly transfer: Transferable[]
  /** Ends what was begun here for it; the track goes on. */
  readonly release: () => void
  /** See `VideoElementReader.take`; absent where frames come by themselves whoever looks. */
  readonly take?: () => void
}
const nothingToRelease = (): void => undefined
const nothingToTake = (): void => undefined

function openVideo(source: FrameSource, track: MediaStreamTrack, send: Send): OpenedInput {
  const Processor = getTrackProcessor()
  if (source === 'page-processor' && Processor) {
    const { readable } = new Processor<VideoFrame>({ track })
    return { input: { kind: 'readable', readable }, transfer: [readable as unknown as Transferable], release: nothingToRelease }
  }
  if (source === 'worker-processor') {
    // Transferring detaches: the worker gets a copy, the page keeps its own.
    const copy = track.clone()
    return { input: { kind: 'track', track: copy }, transfer: [copy as unknown as Transferable], release: () => copy.stop() }
  }
  const reader = readVideoElement(track, (frame, arrivalMs) => send({ type: 'frame', frame, arrivalMs }, [frame]))
  return { input: { kind: 'messages' }, transfer: [], ...reader }
}

function openAudio(source: FrameSource, track: MediaStreamTrack, send: Send): OpenedInput {
  const Processor = getTrackProcessor()
  if (source === 'page-processor' && Processor) {
    const { readable } = new Processor<AudioData>({ track, maxBufferSize: audioBufferBlocks })
    return { input: { kind: 'readable', readable }, transfer: [readable as unknown as Transferable], release: nothingToRelease }
  }
  // Track processors of workers, where they exist, read video only.
  const release = readAudioContext(track, (block) => send({ type: 'samples', ...block }, block.planes.map((plane) => plane.buffer)))
  return { input: { kind: 'messages' }, transfer: [], release }
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

/** `track`: absent where there is none yet. */
function describeAudio(track: MediaStreamTrack | undefined, { audio }: CaptureOptions): AudioSettings {
  const settings: MediaTrackSettings & { readonly channelCount?: number } = track?.getSettings() ?? {}
  const channels = settings.channelCount === 1 ? 1 : 2
  const wanted = audio === false ? undefined : audio
  return { codecs: wanted?.codecs ?? audioCodecOrder, bitrate: wanted?.bitrate ?? bitratePerChannel * channels, channels, sampleRate: settings.sampleRate ?? fallbackSampleRate }
}
