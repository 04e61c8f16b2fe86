/** Frames and samples in, segment events out: the clock, the picture, the encoders and the segmenter of one capture. */

import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { createSegmenter, type EncodedFrame, type Segmenter } from '../media/createSegmenter.js'
import type { InputFormat } from '../media/ladder.js'
import type { SegmentEvent } from '../media/segment.js'
import type { CaptureStats } from './captureFigures.js'
import type { AudioSettings, Publishing, VideoSettings } from './captureMessages.js'
import { computeDefaultBitrate } from './codecs.js'
import { createAudioEncoding, type AudioEncoding } from './createAudioEncoding.js'
import { createBlackFrame } from './createBlackFrame.js'
import { createFrameRation } from './createFrameRation.js'
import { createMeter } from './createMeter.js'
import { createTrackClock } from './createTrackClock.js'
import { createVideoEncoding, type EncodedVideo, type VideoEncoding } from './createVideoEncoding.js'
import { computeCodedSize, createFrameFitter, getUprightSize, type FrameFitter } from './fitFrame.js'

/** How to encode, and who hears of it. */
export interface EncodingSessionOptions {
  readonly segmentDurationUs: number
  /** Without a frame for so long after the start, the session fails. */
  readonly firstFrameTimeoutMs: number
  readonly video: VideoSettings
  readonly audio?: AudioSettings
  readonly publishing: Publishing
  readonly onEvent: (event: SegmentEvent) => void
  readonly onStats: (stats: CaptureStats) => void
  /** A copy of a source frame that was asked for; the receiver closes it. */
  readonly onTapped: (frame: VideoFrame, timestampUs: number) => void
  readonly onWarning: (warning: StreamflowError) => void
  /** Called at most once; nothing follows. */
  readonly onError: (error: StreamflowError) => void
  /** Called once after the last event. */
  readonly onEnded: () => void
}

/** A running session; see `createEncodingSession`. Times of arrival are milliseconds since the epoch, monotonic. */
export interface EncodingSession {
  /** Takes over and closes the frame. */
  addFrame(frame: VideoFrame, arrivalMs: number): Promise<void>
  /** Takes over and closes the data. */
  addAudioData(data: AudioData, arrivalMs: number): void
  addSamples(planes: readonly Float32Array<ArrayBuffer>[], sampleRate: number, timestampUs: number, arrivalMs: number): void
  setBitrate(bitrate: number): void
  /** As many pictures a second at most; what is declared or more: as at the start. */
  setFrameRate(frameRate: number): void
  /** Frames are left out: the reader is behind. */
  holdBack(isHeldBack: boolean): void
  /** What of what comes is sent from now on. */
  setPublishing(publishing: Publishing): void
  /** Another track gives frames or samples from now on, whose timestamps count from an origin of their own. */
  restartClock(kind: 'video' | 'audio'): void
  /** Asks for a copy of the first frame at or after `atUs` on the stream's clock. */
  tap(atUs: number): void
  /** Encodes what is left, closes the last segment, ends. */
  finish(): void
  /** Lets go of everything at once; nothing is reported any more. */
  abandon(): void
}

/** A source that stood still for so long has its last frame encoded again, so that viewers' players do not starve. */
const repeatAfterMs = 500
/** Black in place of the picture: as often as it is looked at, for viewers hear the sound and players wait for pictures. */
const blackAfterMs = 50
const repeatCheckMs = 100
const statsIntervalMs = 1000
const flushTimeoutMs = 1500
/** Packets of audio that wait for the header. */
const maxWaitingPackets = 200
/** Taps that may be open. */
const maxTaps = 64
/** An encoder that names its audio configuration only with its first packet (AAC) is waited for so long. */
const audioConfigTimeoutMs = 1000
/** A frame this much earlier than its turn, in parts of the frame interval, still is in time. */
const earlyTolerance = 0.25

/** Creates a session. It starts its clock with the first frame. */
export function createEncodingSession(options: EncodingSessionOptions): EncodingSession {
  return new Session(options)
}

class Session implements EncodingSession {
  private videoClock = createTrackClock()
  private audioClock = createTrackClock()
  private readonly meter
  private readonly waitingAudio: EncodedFrame[] = []
  private readonly waitingVideo: EncodedVideo[] = []
  private readonly taps: number[] = []
  private readonly timers: ReturnType<typeof setInterval>[] = []
  private zeroUs: number | undefined
  private lastUs = -1
  private nextDueUs = Number.NEGATIVE_INFINITY
  private readonly ration
  private isSurplusSaid = false
  /** The source's latest frame, fitted: what is seen while the source stands still, and when it is shown again. */
  private latest: VideoFrame | undefined
  private black: VideoFrame | undefined
  private lastSentMs = 0
  private bitrate: number | undefined
  /** Pictures a second beyond which the source's are left out; undefined: none are. */
  private frameRateBound: number | undefined
  private isHeldBack = false
  private publishing: Publishing
  private state: 'waiting' | 'preparing' | 'running' | 'ending' | 'over' = 'waiting'
  private fitter: FrameFitter | undefined
  private video: VideoEncoding | undefined
  private audio: AudioEncoding | undefined
  private segmenter: Segmenter | undefined
  private isPreparingSegmenter = false
  private format: InputFormat | undefined

  constructor(private readonly options: EncodingSessionOptions) {
    this.bitrate = options.video.bitrate
    this.frameRateBound = options.video.isFrameRateBound ? options.video.frameRate : undefined
    this.publishing = options.publishing
    this.meter = createMeter()
    this.ration = createFrameRation(options.video.frameRate)
    const startedMs = Date.now()
    this.timers.push(
      setInterval(() => this.onRepeatCheck(startedMs), repeatCheckMs),
      setInterval(() => this.state === 'running' && options.onStats(this.meter.read(this.bitrate ?? 0)), statsIntervalMs),
    )
  }

  async addFrame(frame: VideoFrame, arrivalMs: number): Promise<void> {
    try {
      const clockUs = this.videoClock.map(frame.timestamp, arrivalMs * 1000)
      if (this.state === 'waiting') await this.prepare(frame, clockUs)
      if (this.state === 'running') this.encode(frame, clockUs, arrivalMs)
    } catch (error) {
      this.fail(toStreamflowError(error, 'Internal'))
    } finally {
      frame.close()
    }
  }

  private async prepare(frame: VideoFrame, clockUs: number): Promise<void> {
    this.state = 'preparing'
    const { video, audio, segmentDurationUs } = this.options
    const size = computeCodedSize(getUprightSize(frame), video)
    this.bitrate ??= computeDefaultBitrate(size.width, size.height, video.frameRate)
    const shape = { ...size, frameRate: video.frameRate, bitrate: this.bitrate }
    const [videoEncoding, audioEncoding] = await Promise.all([
      createVideoEncoding({ codecs: video.codecs, shape, segmentDurationUs, onFrame: (encoded) => this.onVideo(encoded), onError: (error) => this.fail(error) }),
      audio ? createAudioEncoding({ ...audio, onPacket: (packet) => this.onAudio(packet), onError: (error) => this.onAudioFailed(error) }) : undefined,
    ])
    if (this.isOver()) return videoEncoding.close()
    if (audio && !audioEncoding) this.options.onWarning(new StreamflowError('Unsupported', `no encoder for audio in ${audio.codecs.join(', ')}: the stream has none`, { data: { missing: 'AudioEncoder' } }))
    this.video = videoEncoding
    this.audio = audioEncoding
    this.fitter = createFrameFitter(size)
    this.black = createBlackFrame(size)
    this.format = {
      container: 'matroska',
      video: { codec: videoEncoding.codec, ...size, frameRate: video.frameRate },
      ...(audioEncoding ? { audio: { codec: audioEncoding.codec, sampleRate: audioEncoding.sampleRate, channels: audioEncoding.channels } } : {}),
    }
    this.zeroUs = clockUs
    this.state = 'running'
  }

  private isOver(): boolean {
    return this.state === 'over'
  }

  private encode(frame: VideoFrame, clockUs: number, arrivalMs: number): void {
    const { isHidden, isPaused } = this.publishing
    // Without any picture there would be none to stand still.
    if (isPaused && this.latest) return
    const timestampUs = Math.max(Math.round(clockUs - this.zeroUs!), this.lastUs + 1)
    if (this.frameRateBound !== undefined) {
      const intervalUs = 1e6 / this.frameRateBound
      if (timestampUs < this.nextDueUs - intervalUs * earlyTolerance) return
      this.nextDueUs = Math.max(this.nextDueUs + intervalUs, timestampUs)
    }
    if (!isHidden) {
      this.serveTaps(frame, timestampUs)
      if (!this.ration.take(timestampUs)) return this.onSurplus()
    }
    if (this.isHeldBack) return this.meter.countDropped('reader')
    const fitted = this.fitter!.fit(frame, timestampUs)
    this.latest?.close()
    this.latest = fitted.clone()
    if (isHidden) fitted.close()
    else this.send(fitted, arrivalMs)
  }

  /** Takes over the picture, whose timestamp is on the stream's clock. */
  private send(picture: VideoFrame, arrivalMs: number): void {
    this.lastUs = picture.timestamp
    this.lastSentMs = now()
    const { timestamp } = picture
    if (this.video!.encode(picture)) this.meter.countSubmitted(timestamp, arrivalMs)
    else this.meter.countDropped('encoder')
  }

  /** Sends what is to be seen although the source gives nothing: its last frame, or black. */
  private sendAgain(): void {
    const picture = this.publishing.isHidden ? this.black : this.latest
    if (this.state !== 'running' || this.isHeldBack || !picture) return
    const nowMs = now()
    const timestamp = Math.max(Math.round(nowMs * 1000 - this.zeroUs!), this.lastUs + 1)
    if (!this.ration.take(timestamp)) return
    this.meter.countRepeated()
    this.send(new VideoFrame(picture, { timestamp }), nowMs)
  }

  setPublishing(publishing: Publishing): void {
    const isOther = publishing.isHidden !== this.publishing.isHidden
    this.publishing = publishing
    // At once: the source may give its next frame much later, or none.
    if (isOther) this.sendAgain()
  }

  restartClock(kind: 'video' | 'audio'): void {
    if (kind === 'video') this.videoClock = createTrackClock()
    else this.audioClock = createTrackClock()
  }

  /** What is beyond the declared rate would cost viewers their segments. */
  private onSurplus(): void {
    if (this.isSurplusSaid) return
    this.isSurplusSaid = true
    const { frameRate } = this.options.video
    this.options.onWarning(new StreamflowError('InputAltered', `the source gives more than the ${frameRate} pictures a second that it states: what is beyond is left out`, { data: { frameRate } }))
  }

  private serveTaps(frame: VideoFrame, timestampUs: number): void {
    while (this.taps.length > 0 && timestampUs >= this.taps[0]!) {
      this.taps.shift()
      this.options.onTapped(frame.clone(), timestampUs)
    }
  }

  private onRepeatCheck(startedMs: number): void {
    if (this.state === 'waiting' && Date.now() - startedMs > this.options.firstFrameTimeoutMs) {
      return this.fail(new StreamflowError('DeviceNotFound', `no frame came from the source within ${this.options.firstFrameTimeoutMs} ms`))
    }
    if (now() - this.lastSentMs >= (this.publishing.isHidden && !this.publishing.isPaused ? blackAfterMs : repeatAfterMs)) this.sendAgain()
  }

  addAudioData(data: AudioData, arrivalMs: number): void {
    try {
      // Nothing to sound along with yet; the clock still learns.
      if (!this.audio) return void this.audioClock.map(data.timestamp, arrivalMs * 1000)
      const planes = Array.from({ length: Math.min(data.numberOfChannels, 2) }, (_, planeIndex) => {
        const plane = new Float32Array(data.numberOfFrames)
        data.copyTo(plane, { planeIndex, format: 'f32-planar' })
        return plane
      })
      this.addSamples(planes, data.sampleRate, data.timestamp, arrivalMs)
    } catch (error) {
      this.onAudioFailed(error)
    } finally {
      data.close()
    }
  }

  addSamples(planes: readonly Float32Array<ArrayBuffer>[], sampleRate: number, sourceUs: number, arrivalMs: number): void {
    // A block arrives when its last sample was captured.
    const durationUs = ((planes[0]?.length ?? 0) * 1e6) / sampleRate
    const clockUs = this.audioClock.map(sourceUs, arrivalMs * 1000 - durationUs)
    if (this.state !== 'running' || !this.audio) return
    const { isMuted, isPaused } = this.publishing
    const heard = isMuted || isPaused ? planes.map(({ length }) => new Float32Array(length)) : planes
    this.audio.encode({ planes: heard, sampleRate, timestampUs: clockUs - this.zeroUs! })
  }

  private onVideo(frame: EncodedVideo): void {
    if (this.isOver()) return
    this.meter.countEncoded(frame.timestampUs, frame.bytes.length)
    if (this.segmenter) return this.segmenter.addVideo(frame)
    this.waitingVideo.push(frame)
    void this.prepareSegmenter(frame.codecPrivate)
  }

  private async prepareSegmenter(videoPrivate: Uint8Array | undefined): Promise<void> {
    if (this.isPreparingSegmenter) return
    this.isPreparingSegmenter = true
    let { audio } = this
    const audioPrivate = audio && (await withDeadline(audio.codecPrivate, audioConfigTimeoutMs))
    if (this.isOver()) return
    if (audio && !audioPrivate) {
      this.onAudioFailed('no packet came from the encoder')
      audio = undefined
    }
    // The encoder may have taken another codec since the format was made.
    const { audio: audioFormat, ...format } = this.format!
    this.segmenter = createSegmenter({
      format: { ...format, video: { ...format.video, codec: this.video!.codec }, ...(audio && audioFormat ? { audio: audioFormat } : {}) },
      privates: { video: videoPrivate, audio: audioPrivate, audioDelayNs: audio?.delayNs },
      startTimeMs: Math.round(Date.now() - (now() - this.zeroUs! / 1000)),
      segmentDurationUs: this.options.segmentDurationUs,
      emit: this.options.onEvent,
    })
    for (const frame of this.waitingVideo.splice(0)) this.segmenter.addVideo(frame)
    for (const packet of this.waitingAudio.splice(0)) this.segmenter.addAudio(packet)
  }

  private onAudio(packet: EncodedFrame): void {
    if (this.isOver()) return
    if (this.segmenter) this.segmenter.addAudio(packet)
    else if (this.waitingAudio.length < maxWaitingPackets) this.waitingAudio.push(packet)
  }

  private onAudioFailed(error: unknown): void {
    this.audio?.close()
    this.audio = undefined
    this.options.onWarning(new StreamflowError('Unsupported', `audio stopped: ${error instanceof Error ? error.message : String(error)}`, { cause: error }))
  }

  setBitrate(bitrate: number): void {
    this.bitrate = bitrate
    this.video?.setBitrate(bitrate)
  }

  setFrameRate(frameRate: number): void {
    const { frameRate: declared, isFrameRateBound } = this.options.video
    this.frameRateBound = isFrameRateBound || frameRate < declared ? Math.min(frameRate, declared) : undefined
    this.video?.setFrameRate(Math.min(frameRate, declared))
  }

  holdBack(isHeldBack: boolean): void {
    this.isHeldBack = isHeldBack
  }

  tap(atUs: number): void {
    if (this.taps.length >= maxTaps) return
    this.taps.push(atUs)
    this.taps.sort((a, b) => a - b)
  }

  finish(): void {
    if (this.state === 'over' || this.state === 'ending') return
    this.state = 'ending'
    const flushed = Promise.allSettled([this.video?.flush(), this.audio?.flush()])
    void withDeadline(flushed, flushTimeoutMs).then(() => {
      if (this.isOver()) return
      this.segmenter?.finish()
      this.release()
      this.options.onEnded()
    })
  }

  abandon(): void {
    if (!this.isOver()) this.release()
  }

  private fail(error: StreamflowError): void {
    if (this.isOver()) return
    this.release()
    this.options.onError(error)
  }

  private release(): void {
    this.state = 'over'
    for (const timer of this.timers) clearInterval(timer)
    this.latest?.close()
    this.black?.close()
    this.latest = this.black = undefined
    this.video?.close()
    this.audio?.close()
  }
}

/** Milliseconds since the epoch, monotonic. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

/** The promise's value, or `undefined` when it does not come in time. */
async function withDeadline<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), timeoutMs)))
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer))
}
