/** Captures with MediaRecorder, for browsers without a usable encoder of their own: records, takes apart, cuts anew. */

import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { createSegmenter, type EncodedFrame, type Segmenter } from '../media/createSegmenter.js'
import type { InputFormat } from '../media/ladder.js'
import { createMatroskaReader, type MatroskaHeader } from '../media/matroska.js'
import { computeDefaultBitrate } from './codecs.js'
import { resolveDurations, type CaptureInput, type CaptureOptions, type CaptureSink, type RunningCapture } from './captureOptions.js'
import { createMeter } from './createMeter.js'
import type { Recording, RecordingListener, RecordingReader } from './recording.js'
import { buildAvcConfiguration, joinWithLengths, splitAnnexB } from './h264.js'

/** Containers in the order of their delay: Matroska leaves the recorder frame by frame, MP4 in fragments of a second. */
const recorderTypes = [
  'video/x-matroska;codecs=avc1.42E01F',
  'video/webm;codecs=h264',
  'video/webm;codecs=vp8',
  'video/webm;codecs=vp9',
  'video/mp4;codecs=avc1.42E01F',
  'video/mp4',
]
const timesliceMs = 100
const statsIntervalMs = 1000
const fallbackFrameRate = 30

/** The type to ask MediaRecorder for; `undefined` when this browser records nothing that can be cut. */
export function chooseRecorderType(hasAudio: boolean): string | undefined {
  if (typeof MediaRecorder === 'undefined') return undefined
  const withAudio = (type: string): string[] => (!hasAudio ? [type] : type.includes('codecs') ? [`${type},opus`, `${type},mp4a.40.2`] : [type])
  return recorderTypes.flatMap(withAudio).find((type) => MediaRecorder.isTypeSupported(type))
}

/**
 * Starts recording.
 * @throws {@link StreamflowError} `Unsupported` when this browser has no MediaRecorder that can be used
 */
export async function startRecorderCapture({ video: videoTrack, audio, publishing }: CaptureInput, options: CaptureOptions, sink: CaptureSink): Promise<RunningCapture> {
  const mimeType = chooseRecorderType(audio !== undefined)
  if (!mimeType) throw new StreamflowError('Unsupported', 'this browser has neither a usable VideoEncoder nor a MediaRecorder', { data: { missing: 'MediaRecorder' } })

  const { segmentDurationUs, firstFrameTimeoutMs } = resolveDurations(options)
  const { width = 640, height = 360, frameRate: sourceRate = fallbackFrameRate } = videoTrack.getSettings()
  const frameRate = Math.min(Math.max(sourceRate, 1), 120)
  const bitrate = options.video?.bitrate ?? computeDefaultBitrate(width, height, frameRate)
  const copies = copyTracks(videoTrack, audio)
  copies.setPublishing(publishing)
  const recorder = copies.record({
    mimeType,
    videoBitsPerSecond: bitrate,
    ...(audio && options.audio && options.audio.bitrate ? { audioBitsPerSecond: options.audio.bitrate } : {}),
    // Chromium's option for the distance of keyframes, in ms; others choose it themselves.
    ...({ videoKeyFrameIntervalDuration: segmentDurationUs / 1000 } as MediaRecorderOptions),
  })

  const meter = createMeter()
  let isOver = false
  const fail = (error: unknown): void => {
    if (isOver) return
    kill()
    sink.onError(toStreamflowError(error, 'Unsupported', 'the recording could not be cut'))
  }
  const cutter = createCutter({ frameRate, segmentDurationUs, sink, onVideo: (frame) => meter.countEncoded(frame.timestampUs, frame.bytes.length) })
  const listener: RecordingListener = { onRecording: cutter.begin, onFrame: cutter.add, onError: fail }
  const reader = mimeType.startsWith('video/mp4') ? (await import('./readMp4Recording.js')).readMp4Recording(listener) : readMatroskaRecording(listener)

  // Blobs give their bytes later, one after the other.
  let reading: Promise<unknown> = Promise.resolve()
  recorder.ondataavailable = ({ data }) => {
    reading = reading.then(async () => {
      const bytes = new Uint8Array(await data.arrayBuffer())
      if (!isOver) reader.push(bytes)
    }).catch(fail)
  }
  recorder.onerror = fail
  recorder.onstart = () => cutter.setStart(Date.now())
  recorder.onstop = () => {
    reading = reading.then(() => reader.end()).then(() => {
      if (isOver) return
      cutter.finish()
      kill()
      sink.onEnd()
    }).catch(fail)
  }
  const startedMs = performance.now()
  const statsTimer = setInterval(() => {
    sink.onStats({ ...meter.read(bitrate), framesDroppedByReader: cutter.dropped })
    if (!cutter.hasBegun && performance.now() - startedMs > firstFrameTimeoutMs) fail(new StreamflowError('DeviceNotFound', `no frame came from the source within ${firstFrameTimeoutMs} ms`))
  }, statsIntervalMs)
  const stop = (): void => {
    if (recorder.state !== 'inactive') recorder.stop()
  }
  const kill = (): void => {
    isOver = true
    clearInterval(statsTimer)
    stop()
    copies.stop()
  }
  recorder.start(timesliceMs)
  const replaceTrack = (): never => {
    throw new StreamflowError('Unsupported', 'MediaRecorder, by which this browser captures, cannot change tracks', { data: { missing: 'VideoEncoder' } })
  }
  return { method: 'mediarecorder', setBitrate: () => undefined, setFrameRate: () => undefined, holdBack: cutter.holdBack, replaceTrack, dropTrack: copies.drop, setPublishing: copies.setPublishing, tapFrame: () => undefined, stop, kill }
}

interface TrackCopies {
  readonly setPublishing: RunningCapture['setPublishing']
  record(options: MediaRecorderOptions): MediaRecorder
  readonly drop: RunningCapture['dropTrack']
  stop(): void
}

/** Copies of the tracks, to be recorded: what is not to be sent is turned off in them, and stays on for whoever else has the tracks. */
function copyTracks(video: MediaStreamTrack, audio: MediaStreamTrack | undefined): TrackCopies {
  const copies = { video: video.clone(), audio: audio?.clone() }
  const stop = (): void => {
    copies.video.stop()
    copies.audio?.stop()
  }
  return {
    stop,
    drop: (kind) => copies[kind]?.stop(),
    setPublishing({ isMuted, isHidden, isPaused }) {
      copies.video.enabled = !isHidden && !isPaused
      if (copies.audio) copies.audio.enabled = !isMuted && !isPaused
    },
    record(options) {
      try {
        return new MediaRecorder(new MediaStream([copies.video, ...(copies.audio ? [copies.audio] : [])]), options)
      } catch (error) {
        stop()
        throw error
      }
    },
  }
}

interface CutterOptions {
  readonly frameRate: number
  readonly segmentDurationUs: number
  readonly sink: CaptureSink
  readonly onVideo: (frame: EncodedFrame) => void
}

interface Cutter {
  /** Frames left out because the reader was behind. */
  readonly dropped: number
  /** Whether a frame was cut. */
  readonly hasBegun: boolean
  setStart(ms: number): void
  /** While held back, frames are left out, and from then on until the next keyframe. */
  holdBack(isHeldBack: boolean): void
  readonly begin: RecordingListener['onRecording']
  readonly add: RecordingListener['onFrame']
  finish(): void
}

/** Puts the content of a recording through the segmenter, its clock moved so that the first frame of video is 0. */
function createCutter({ frameRate, segmentDurationUs, sink, onVideo }: CutterOptions): Cutter {
  let recording: Recording | undefined
  let segmenter: Segmenter | undefined
  let startMs = Date.now()
  let zeroUs = 0
  let isHeldBack = false
  let isKeyNeeded = false
  let dropped = 0

  const open = (first: EncodedFrame): Segmenter => {
    const { video, audio } = recording!
    zeroUs = first.timestampUs
    return createSegmenter({
      format: {
        container: 'matroska',
        video: { codec: video.codec, width: video.width, height: video.height, frameRate },
        ...(audio ? { audio: { codec: audio.codec, sampleRate: audio.sampleRate, channels: audio.channels } } : {}),
      },
      privates: { video: video.codecPrivate ?? (video.codec === 'h264' ? buildAvcConfiguration(splitAnnexB(first.bytes)) : undefined), audio: audio?.codecPrivate, audioDelayNs: audio?.delayNs },
      startTimeMs: Math.round(startMs + zeroUs / 1000),
      segmentDurationUs,
      emit: sink.onEvent,
    })
  }

  return {
    get dropped() {
      return dropped
    },
    get hasBegun() {
      return segmenter !== undefined
    },
    setStart: (ms) => (startMs = ms),
    holdBack: (next) => (isHeldBack = next),
    begin: (described) => (recording = described),
    add(kind, frame) {
      if (!segmenter && (kind === 'audio' || !frame.isKey)) return
      segmenter ??= open(frame)
      const shifted = { ...frame, timestampUs: frame.timestampUs - zeroUs }
      if (kind === 'audio') return segmenter.addAudio(shifted)
      if (isHeldBack || (isKeyNeeded && !frame.isKey)) {
        isKeyNeeded = true
        dropped++
        return
      }
      isKeyNeeded = false
      onVideo(frame)
      // Recorders that give no configuration write Annex B, parameter sets inside.
      const isAnnexB = recording!.video.codec === 'h264' && !recording!.video.codecPrivate
      segmenter.addVideo(isAnnexB ? { ...shifted, bytes: joinWithLengths(splitAnnexB(frame.bytes)) } : shifted)
    },
    finish: () => segmenter?.finish(),
  }
}

const videoCodecs: Readonly<Record<string, InputFormat['video']['codec']>> = { 'V_MPEG4/ISO/AVC': 'h264', V_VP8: 'vp8', V_VP9: 'vp9', V_AV1: 'av1' }

function readMatroskaRecording({ onRecording, onFrame }: RecordingListener): RecordingReader {
  let kinds = new Map<number, 'video' | 'audio'>()
  const onHeader = ({ tracks }: MatroskaHeader): void => {
    const video = tracks.find(({ kind }) => kind === 'video')
    const audio = tracks.find(({ kind }) => kind === 'audio')
    const codec = video && videoCodecs[video.codecId]
    if (!video || !codec) throw new StreamflowError('Unsupported', `the recording holds no video that can be cut (${video?.codecId ?? 'none'})`)
    kinds = new Map([[video.number, 'video'], ...(audio ? [[audio.number, 'audio'] as const] : [])])
    onRecording({
      video: { codec, width: video.width, height: video.height, ...(video.codecPrivate ? { codecPrivate: video.codecPrivate } : {}) },
      ...(audio ? { audio: { codec: audio.codecId === 'A_OPUS' ? 'opus' : 'aac', sampleRate: audio.sampleRate, channels: audio.channels, delayNs: audio.codecDelayNs, ...(audio.codecPrivate ? { codecPrivate: audio.codecPrivate } : {}) } } : {}),
    })
  }
  const reader = createMatroskaReader({
    onHeader,
    onBlock: (block) => {
      const kind = kinds.get(block.track)
      if (kind) onFrame(kind, block)
    },
  })
  return { push: (bytes) => reader.push(bytes), end: () => Promise.resolve() }
}
