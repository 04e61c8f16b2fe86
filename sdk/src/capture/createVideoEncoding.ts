/** One VideoEncoder over a capture's life: choice, restart after a failure, keyframes at segment boundaries, drops. */

import { StreamflowError } from '../errors/StreamflowError.js'
import { isSegmentBoundary, type EncodedFrame } from '../media/createSegmenter.js'
import type { VideoCodecName, VideoShape } from './codecs.js'
import { createConfigChoice } from './createConfigChoice.js'
import { buildAvcConfiguration, joinWithLengths, splitAnnexB } from './h264.js'

/** An encoded frame and what it takes to decode it. */
export interface EncodedVideo extends EncodedFrame {
  /** Codec private data, on the first keyframe and wherever an encoder names it. */
  readonly codecPrivate?: Uint8Array
}

/** How to encode. */
export interface VideoEncodingOptions {
  readonly codecs: readonly VideoCodecName[]
  readonly shape: VideoShape
  readonly segmentDurationUs: number
  readonly onFrame: (frame: EncodedVideo) => void
  /** Called at most once, when no encoder can go on. */
  readonly onError: (error: StreamflowError) => void
}

/** A running video encoding; see `createVideoEncoding`. */
export interface VideoEncoding {
  readonly codec: VideoCodecName
  /**
   * Encodes and closes a frame of the stream's size whose timestamp is on the stream's clock and increases.
   * @returns false when it was left out because the encoder is behind
   */
  encode(frame: VideoFrame): boolean
  setBitrate(bitrate: number): void
  /** How many pictures a second to share the bits among. */
  setFrameRate(frameRate: number): void
  /** Waits until everything accepted was encoded. */
  flush(): Promise<void>
  close(): void
}

/** Frames that may wait for the encoder; more would be delay. */
const maxQueuedFrames = 2
/** An encoder that failed so often within one capture is not tried again. */
const maxRestarts = 5

/**
 * Creates a video encoding with the first codec that the browser supports for this picture.
 * @throws {@link StreamflowError} `Unsupported` when there is none
 */
export async function createVideoEncoding(options: VideoEncodingOptions): Promise<VideoEncoding> {
  const { segmentDurationUs, onFrame, onError } = options
  const configs = createConfigChoice(options.codecs, options.shape)
  const first = await configs.next()
  if (!first) throw new StreamflowError('Unsupported', `no encoder for ${options.shape.width}×${options.shape.height} video in ${options.codecs.join(', ')}`, { data: { missing: 'VideoEncoder' } })

  let chosen = first
  let rates = { bitrate: options.shape.bitrate, framerate: options.shape.frameRate }
  let encoder: VideoEncoder
  let keyAtUs: number | undefined
  let restarts = 0
  /** Given to the encoder before its first output. */
  let given = 0
  let hasOutput = false
  let hasDescription = false
  let isClosed = false

  const toEncoded = (chunk: EncodedVideoChunk, description: AllowSharedBufferSource | undefined): EncodedVideo => {
    const raw = new Uint8Array(chunk.byteLength)
    chunk.copyTo(raw)
    const base = { timestampUs: chunk.timestamp, isKey: chunk.type === 'key' }
    // An encoder that names a description does not emit Annex B, whatever it was asked for.
    hasDescription ||= description !== undefined
    if (chosen.codec === 'h264' && !hasDescription) return { ...base, ...readAnnexB(raw, base.isKey) }
    const codecPrivate = description ? toBytes(description) : chosen.codec === 'av1' ? buildAv1Configuration(chosen.config.codec) : undefined
    return { ...base, bytes: raw, ...(codecPrivate ? { codecPrivate } : {}) }
  }

  const open = (): VideoEncoder => {
    const opened = new VideoEncoder({
      output: (chunk, metadata) => {
        if (isClosed) return
        hasOutput = true
        onFrame(toEncoded(chunk, metadata?.decoderConfig?.description))
      },
      error: (error) => void restart(opened, error),
    })
    opened.configure({ ...chosen.config, ...rates })
    return opened
  }

  const restart = async (failed: VideoEncoder, cause: unknown): Promise<void> => {
    if (isClosed || failed !== encoder) return
    // Before the first frame another codec will do; afterwards the stream's header names this one.
    if (!hasOutput) {
      const next = await configs.next()
      if (!next) return fail(cause)
      chosen = next
    } else if (++restarts > maxRestarts) return fail(cause)
    keyAtUs = undefined
    given = 0
    try {
      encoder = open()
    } catch (error) {
      fail(error)
    }
  }

  const fail = (cause: unknown): void => {
    isClosed = true
    onError(new StreamflowError('Unsupported', `the video encoder failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause, data: { missing: 'VideoEncoder' } }))
  }

  const adjust = (next: typeof rates): void => {
    if (next.bitrate === rates.bitrate && next.framerate === rates.framerate) return
    rates = next
    if (encoder.state === 'configured') encoder.configure({ ...chosen.config, ...rates })
  }

  encoder = open()
  return {
    get codec() {
      return chosen.codec
    },
    encode(frame) {
      try {
        if (isClosed || encoder.state !== 'configured' || encoder.encodeQueueSize > maxQueuedFrames) return false
        const keyFrame = keyAtUs === undefined || isSegmentBoundary(keyAtUs, frame.timestamp, segmentDurationUs)
        if (keyFrame) keyAtUs = frame.timestamp
        encoder.encode(frame, { keyFrame })
        if (!hasOutput && configs.isToLeave(chosen, ++given - encoder.encodeQueueSize)) {
          encoder.close()
          void restart(encoder, 'it looks ahead')
        }
        return true
      } finally {
        frame.close()
      }
    },
    setBitrate: (bitrate) => adjust({ ...rates, bitrate }),
    setFrameRate: (framerate) => adjust({ ...rates, framerate }),
    async flush() {
      if (encoder.state === 'configured') await encoder.flush()
    },
    close() {
      isClosed = true
      if (encoder.state !== 'closed') encoder.close()
    },
  }
}

/** A picture's Annex B as Matroska has it; the configuration lies in keyframes. */
function readAnnexB(raw: Uint8Array, isKey: boolean): Pick<EncodedVideo, 'bytes' | 'codecPrivate'> {
  const units = splitAnnexB(raw)
  const codecPrivate = isKey ? buildAvcConfiguration(units) : undefined
  return { bytes: joinWithLengths(units), ...(codecPrivate ? { codecPrivate } : {}) }
}

function toBytes(source: AllowSharedBufferSource): Uint8Array {
  const view = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source)
  return view.slice()
}

/** `AV1CodecConfigurationRecord` (AV1 in ISOBMFF, 2.3) of an 8-bit 4:2:0 stream, from a string `av01.P.LLT.08`. */
function buildAv1Configuration(codec: string): Uint8Array {
  const [, profile = '0', level = '05M'] = codec.split('.')
  return Uint8Array.of(0x81, (Number(profile) << 5) | Number.parseInt(level, 10), 0x0c, 0)
}
