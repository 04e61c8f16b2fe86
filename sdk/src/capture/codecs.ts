/** Which codecs this browser can encode, best first for a live stream. */

import type { InputFormat } from '../media/ladder.js'

/** A video codec that a stream may have. */
export type VideoCodecName = InputFormat['video']['codec']
/** An audio codec that a stream may have. */
export type AudioCodecName = NonNullable<InputFormat['audio']>['codec']

/** The order in which codecs are tried: what transcoders decode in hardware, and decode cheapest, first. */
export const videoCodecOrder: readonly VideoCodecName[] = ['h264', 'vp8', 'vp9', 'av1']
/** Opus first: every browser that encodes audio has it, and it has the shortest delay. */
export const audioCodecOrder: readonly AudioCodecName[] = ['opus', 'aac']

/** Picture and rate that an encoder is asked for. */
export interface VideoShape {
  /** Pixels, even. */
  readonly width: number
  readonly height: number
  /** Frames per second, an upper bound. */
  readonly frameRate: number
  /** Bits per second. */
  readonly bitrate: number
}

/** Levels of H.264 (ITU-T H.264, table A-1): level_idc in hex, macroblocks per frame, macroblocks per second. */
const avcLevels = [
  ['1f', 3600, 108_000],
  ['20', 5120, 216_000],
  ['28', 8192, 245_760],
  ['2a', 8704, 522_240],
  ['32', 22_080, 589_824],
  ['34', 36_864, 2_073_600],
] as const
/** Levels of VP9 and AV1 by pixels per second: VP9 level, AV1 seq_level_idx. */
const pixelRateLevels = [
  ['31', '05', 36_864_000],
  ['40', '08', 83_558_400],
  ['41', '09', 160_432_128],
  ['51', '13', Number.POSITIVE_INFINITY],
] as const

/** The codec strings to try for a codec, in order. */
function listCodecStrings(codec: VideoCodecName, { width, height, frameRate }: VideoShape): string[] {
  if (codec === 'vp8') return ['vp8']
  if (codec === 'h264') {
    const blocks = Math.ceil(width / 16) * Math.ceil(height / 16)
    const level = avcLevels.find(([, perFrame, perSecond]) => blocks <= perFrame && blocks * frameRate <= perSecond) ?? avcLevels.at(-1)!
    // Constrained baseline, then main: no reordering of frames in either as encoders use them in real time.
    return [`avc1.42E0${level[0]}`, `avc1.4D40${level[0]}`]
  }
  const level = pixelRateLevels.find(([, , limit]) => width * height * frameRate <= limit)!
  return [codec === 'vp9' ? `vp09.00.${level[0]}.08` : `av01.0.${level[1]}M.08`]
}

/** An encoder configuration that the browser says it supports. */
export interface SupportedVideo {
  readonly codec: VideoCodecName
  readonly config: VideoEncoderConfig
}

/**
 * Lists the supported configurations for this picture, best first, one by one as they are asked for.
 * @param codecs - which codecs to try, in order
 */
export async function* findVideoConfigs(codecs: readonly VideoCodecName[], shape: VideoShape): AsyncGenerator<SupportedVideo, void, void> {
  if (typeof VideoEncoder === 'undefined') return
  for (const codec of codecs) {
    for (const codecString of listCodecStrings(codec, shape)) {
      const config: VideoEncoderConfig = {
        codec: codecString,
        width: shape.width,
        height: shape.height,
        bitrate: shape.bitrate,
        framerate: shape.frameRate,
        latencyMode: 'realtime',
        ...(codec === 'h264' ? { avc: { format: 'annexb' as const } } : {}),
      }
      const isSupported = await VideoEncoder.isConfigSupported(config).then(({ supported }) => supported === true, () => false)
      if (isSupported) yield { codec, config }
    }
  }
}

/** An encoder configuration for audio that the browser says it supports. */
export interface SupportedAudio {
  readonly codec: AudioCodecName
  readonly config: AudioEncoderConfig
}

/** Finds the first supported configuration for audio of this form; `undefined` when the browser encodes none. */
export async function findAudioConfig(
  codecs: readonly AudioCodecName[],
  { sampleRate, channels, bitrate }: { readonly sampleRate: number; readonly channels: number; readonly bitrate: number },
): Promise<SupportedAudio | undefined> {
  if (typeof AudioEncoder === 'undefined') return undefined
  for (const codec of codecs) {
    const config: AudioEncoderConfig = { codec: codec === 'opus' ? 'opus' : 'mp4a.40.2', sampleRate, numberOfChannels: channels, bitrate }
    const isSupported = await AudioEncoder.isConfigSupported(config).then(({ supported }) => supported === true, () => false)
    if (isSupported) return { codec, config }
  }
  return undefined
}

/** Bits per pixel and frame that look decent from encoders in real time. */
const bitsPerPixel = 0.12

/** The bitrate in bits per second when the caller names none: by pixels, 300 kbit/s…6 Mbit/s. */
export function computeDefaultBitrate(width: number, height: number, frameRate: number): number {
  return Math.round(Math.min(Math.max(width * height * Math.min(frameRate, 60) * bitsPerPixel, 300_000), 6_000_000))
}
