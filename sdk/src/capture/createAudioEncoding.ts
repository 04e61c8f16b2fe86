/** Samples in, packets of Opus or AAC out, on the stream's clock: gaps are filled, device changes survived. */

import type { EncodedFrame } from '../media/createSegmenter.js'
import { encodeOpusHead } from '../media/matroskaWriter.js'
import { findAudioConfig, type AudioCodecName } from './codecs.js'

/** Samples of one moment. */
interface AudioBlock {
  /** One or two planes of equal length, −1…1. */
  readonly planes: readonly Float32Array<ArrayBuffer>[]
  /** Hz */
  readonly sampleRate: number
  /** When the first sample was captured, microseconds on the stream's clock. */
  readonly timestampUs: number
}

/** How to encode. */
export interface AudioEncodingOptions {
  readonly codecs: readonly AudioCodecName[]
  /** Bits per second. */
  readonly bitrate: number
  /** 1 or 2; samples with another number are mixed to it. */
  readonly channels: number
  /** Hz; used until samples with another rate come. */
  readonly sampleRate: number
  readonly onPacket: (packet: EncodedFrame) => void
  /** Called once, when this browser cannot go on encoding audio. */
  readonly onError: (error: unknown) => void
}

/** A running audio encoding; see `createAudioEncoding`. */
export interface AudioEncoding {
  readonly codec: AudioCodecName
  /** Hz of the stream as decoders give it. */
  readonly sampleRate: number
  readonly channels: number
  /** Codec private data: known at once for Opus, after the first packet for AAC. */
  readonly codecPrivate: Promise<Uint8Array>
  /** Nanoseconds of priming at the start. */
  readonly delayNs: number
  encode(block: AudioBlock): void
  flush(): Promise<void>
  close(): void
}

/** Pre-skip of browsers' Opus encoders (libopus at 48 kHz), in samples. */
const opusPreSkip = 312
const opusRate = 48_000
/** The samples' own count and the clock may differ by this much before samples are added or left out. */
const maxDeviationUs = 40_000
/** That many blocks in a row must deviate: one late block is jitter. */
const deviationBlocks = 4
/** A deviation above this is acted on at once. */
const gapUs = 200_000
/** A longer gap is left open instead of being filled with silence. */
const maxFillUs = 2_000_000
const maxQueuedBlocks = 100

/** Creates an audio encoding; `undefined` when this browser encodes none of the codecs. */
export async function createAudioEncoding(options: AudioEncodingOptions): Promise<AudioEncoding | undefined> {
  const { channels, bitrate, onPacket, onError } = options
  const found = await findAudioConfig(options.codecs, { sampleRate: options.sampleRate, channels, bitrate })
  if (!found) return undefined
  const isOpus = found.codec === 'opus'
  let resolvePrivate: (bytes: Uint8Array) => void = () => undefined
  const codecPrivate = new Promise<Uint8Array>((resolve) => (resolvePrivate = resolve))
  if (isOpus) resolvePrivate(encodeOpusHead(channels, opusRate, opusPreSkip))

  let encoder: AudioEncoder | undefined
  let rate = options.sampleRate
  let isClosed = false
  /** Where the next sample lies by count; `undefined`: take the clock's word. */
  let nextUs: number | undefined
  let deviating = 0

  const open = (sampleRate: number): AudioEncoder => {
    rate = sampleRate
    const opened = new AudioEncoder({
      output: (chunk, metadata) => {
        const description = metadata?.decoderConfig?.description
        if (!isOpus && description) resolvePrivate(ArrayBuffer.isView(description) ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength).slice() : new Uint8Array(description.slice(0)))
        const bytes = new Uint8Array(chunk.byteLength)
        chunk.copyTo(bytes)
        if (!isClosed) onPacket({ timestampUs: chunk.timestamp, isKey: true, bytes })
      },
      error: (error) => {
        if (isClosed) return
        isClosed = true
        onError(error)
      },
    })
    opened.configure({ ...found.config, sampleRate })
    return opened
  }

  const submit = (planes: readonly Float32Array[], length: number): void => {
    const data = new Float32Array(length * channels)
    for (let channel = 0; channel < channels; channel++) data.set(mixChannel(planes, channel, channels, length), channel * length)
    const samples = new AudioData({ format: 'f32-planar', sampleRate: rate, numberOfFrames: length, numberOfChannels: channels, timestamp: Math.round(nextUs!), data })
    encoder!.encode(samples)
    samples.close()
    nextUs! += (length * 1e6) / rate
  }

  /** Brings the samples' count back to the clock. Returns false when the block is to be left out. */
  const align = (timestampUs: number): boolean => {
    nextUs ??= timestampUs
    const deviationUs = timestampUs - nextUs
    deviating = Math.abs(deviationUs) > maxDeviationUs ? deviating + 1 : 0
    if (deviating === 0 || (deviating < deviationBlocks && Math.abs(deviationUs) < gapUs)) return true
    if (deviationUs < 0) return false
    deviating = 0
    if (deviationUs > maxFillUs) {
      restart(rate)
      nextUs = timestampUs
    } else {
      for (let missing = Math.round((deviationUs * rate) / 1e6); missing > 0; missing -= rate / 10) submit([], Math.min(missing, Math.floor(rate / 10)))
    }
    return true
  }

  /** A fresh encoder counts from the timestamp of its first samples. What the old one still holds is emitted first. */
  const restart = (sampleRate: number): void => {
    const old = encoder
    if (old?.state === 'configured') void old.flush().catch(() => undefined).finally(() => old.state !== 'closed' && old.close())
    encoder = open(sampleRate)
  }

  return {
    codec: found.codec,
    sampleRate: isOpus ? opusRate : options.sampleRate,
    channels,
    codecPrivate,
    delayNs: isOpus ? Math.round((opusPreSkip * 1e9) / opusRate) : 0,
    encode({ planes, sampleRate, timestampUs }) {
      const length = planes[0]?.length ?? 0
      if (isClosed || length === 0) return
      try {
        if (!encoder || sampleRate !== rate) restart(sampleRate)
        if (encoder!.encodeQueueSize > maxQueuedBlocks || !align(timestampUs)) return
        submit(planes, length)
      } catch (error) {
        isClosed = true
        onError(error)
      }
    },
    async flush() {
      if (encoder?.state === 'configured') await encoder.flush()
    },
    close() {
      isClosed = true
      if (encoder && encoder.state !== 'closed') encoder.close()
    },
  }
}

/** One output channel: the same one of the source; mono goes to both; two become one by their mean; no planes: silence. */
function mixChannel(planes: readonly Float32Array[], channel: number, channels: number, length: number): Float32Array {
  const [left, right] = planes
  if (!left) return new Float32Array(length)
  if (channels === 2) return planes[channel] ?? left
  if (!right) return left
  return left.map((sample, i) => (sample + right[i]!) / 2)
}
