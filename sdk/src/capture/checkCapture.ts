/** What this browser can capture with, for menus, diagnostics and error messages. */

import { audioCodecOrder, findAudioConfig, findVideoConfigs, videoCodecOrder, type AudioCodecName, type VideoCodecName } from './codecs.js'
import type { CaptureMethod } from './captureFigures.js'
import { getTrackProcessor } from './readTrack.js'
import { chooseRecorderType } from './startRecorderCapture.js'

/** What this browser can do. */
export interface CaptureSupport {
  /** What `createCapture` would use; `undefined`: nothing, this browser cannot broadcast. */
  readonly method: CaptureMethod | undefined
  /** Codecs that WebCodecs encodes at the size asked about, best first. */
  readonly videoCodecs: readonly VideoCodecName[]
  readonly audioCodecs: readonly AudioCodecName[]
  /** Whether the page can read tracks frame by frame without a video element. */
  readonly hasTrackProcessor: boolean
  /** The container and codecs that MediaRecorder would be asked for. */
  readonly recorderType: string | undefined
  /** Whether the page may use cameras at all: a secure context with media devices. */
  readonly hasDevices: boolean
}

/**
 * Finds out what this browser can capture with.
 * @param shape - the picture in question. @default 1280×720, 30 frames per second
 */
export async function checkCapture(shape: { readonly width?: number; readonly height?: number; readonly frameRate?: number } = {}): Promise<CaptureSupport> {
  const { width = 1280, height = 720, frameRate = 30 } = shape
  const videoCodecs: VideoCodecName[] = []
  for (const codec of videoCodecOrder) {
    const { done } = await findVideoConfigs([codec], { width, height, frameRate, bitrate: 1_000_000 }).next()
    if (!done) videoCodecs.push(codec)
  }
  const audioCodecs: AudioCodecName[] = []
  for (const codec of audioCodecOrder) {
    if (await findAudioConfig([codec], { sampleRate: 48_000, channels: 2, bitrate: 128_000 })) audioCodecs.push(codec)
  }
  const recorderType = chooseRecorderType(true)
  const canEncode = videoCodecs.length > 0 && typeof Worker !== 'undefined'
  return {
    method: canEncode ? 'webcodecs' : recorderType ? 'mediarecorder' : undefined,
    videoCodecs,
    audioCodecs,
    hasTrackProcessor: getTrackProcessor() !== undefined,
    recorderType,
    hasDevices: globalThis.isSecureContext && typeof navigator !== 'undefined' && 'mediaDevices' in navigator,
  }
}
