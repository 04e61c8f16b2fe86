/** Decodes with WebCodecs. Pictures stay what the decoder makes of them: a canvas would turn them into RGB and back. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import type { Decoder, PictureWishes, SoundWishes } from '../../verification/decoder.js'
import { computeThumb, type Picture } from '../../verification/picture.js'
import { soundRate } from '../../verification/sound.js'
import type { EncodedTrack } from '../../verification/track.js'

/** Milliseconds within which a segment of a second or two is decoded, or never. */
const timeoutMs = 20_000
const hex = (value = 0): string => value.toString(16).padStart(2, '0')

/** The codec as browsers name it; levels are of the largest picture that there is. */
function nameCodec({ codec, config }: EncodedTrack): string {
  if (codec === 'h264') return `avc1.${hex(config?.[1])}${hex(config?.[2])}${hex(config?.[3])}`
  if (codec === 'aac') return `mp4a.40.${(config?.[0] ?? 0) >> 3}`
  return { vp8: 'vp8', vp9: 'vp09.00.61.08', av1: 'av01.0.13M.08', opus: 'opus' }[codec]
}

const unsupported = (what: string, missing: string): StreamflowError => new StreamflowError('Unsupported', `this browser cannot decode ${what}`, { data: { missing } })

export function createWebDecoder(): Decoder {
  return {
    async decode(pictures, sounds) {
      for (const wishes of pictures) await decodePictures(wishes)
      for (const wishes of sounds) await decodeSound(wishes)
    },
  }
}

async function decodePictures({ track, whole, onThumb, onPicture }: PictureWishes): Promise<void> {
  let copying = Promise.resolve()
  let failure: unknown
  let count = 0
  const decoder = await createFrameDecoder(track, (frame) => {
    const i = count++
    const take = (picture: Picture): void => {
      onThumb(computeThumb(picture))
      if (whole.has(i)) onPicture(picture, i)
    }
    copying = copying.then(async () => take(await copyPicture(frame))).catch((error: unknown) => (failure ??= error) as never).finally(() => frame.close())
  })
  await decoder.run()
  await copying
  if (failure !== undefined) throw failure
}

/**
 * @param onFrame - takes each picture as the decoder has it, and closes it
 * @throws {@link StreamflowError} `Unsupported` where it cannot be decoded
 */
export async function createFrameDecoder(track: EncodedTrack, onFrame: (frame: VideoFrame) => void): Promise<{ run(): Promise<void> }> {
  if (typeof VideoDecoder === 'undefined') throw unsupported('pictures', 'VideoDecoder')
  // VP8 and VP9 are described by their frames; what Matroska keeps beside them is another thing.
  const description = track.codec === 'h264' || track.codec === 'av1' ? track.config : undefined
  const wanted: VideoDecoderConfig = { codec: nameCodec(track), codedWidth: track.width, codedHeight: track.height, ...(description && { description }) }
  const config = await findConfig(wanted)
  // What it could not decode is missing: the segment is judged by that.
  const decoder = new VideoDecoder({ output: onFrame, error: () => undefined })
  return {
    async run() {
      try {
        decoder.configure(config)
        for (const { timeUs, isKey, bytes } of track.samples) decoder.decode(new EncodedVideoChunk({ type: isKey ? 'key' : 'delta', timestamp: timeUs, data: bytes }))
        await settle(decoder.flush())
      } finally {
        if (decoder.state !== 'closed') decoder.close()
      }
    },
  }
}

async function decodeSound({ track, onSound }: SoundWishes): Promise<void> {
  if (typeof AudioDecoder === 'undefined') return
  const config: AudioDecoderConfig = { codec: nameCodec(track), sampleRate: track.sampleRate, numberOfChannels: track.channels, ...(track.config && { description: track.config }) }
  if (!(await AudioDecoder.isConfigSupported(config).then(({ supported }) => supported === true, () => false))) return
  const pieces: { readonly mono: Float32Array; readonly sampleRate: number }[] = []
  const decoder = new AudioDecoder({
    output: (data) => {
      pieces.push({ mono: mixDown(data), sampleRate: data.sampleRate })
      data.close()
    },
    error: () => undefined,
  })
  try {
    decoder.configure(config)
    for (const { timeUs, bytes } of track.samples) decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: timeUs, data: bytes }))
    await settle(decoder.flush())
  } finally {
    if (decoder.state !== 'closed') decoder.close()
  }
  onSound(resample(pieces))
}

/**
 * In software where that can be had: decoders in hardware are few, and what they make lies where it costs more to read than
 * it would to decode.
 */
async function findConfig(wanted: VideoDecoderConfig): Promise<VideoDecoderConfig> {
  for (const config of [{ ...wanted, hardwareAcceleration: 'prefer-software' as const }, wanted]) {
    const { supported } = await VideoDecoder.isConfigSupported(config).catch(() => ({ supported: false }))
    if (supported === true) return config
  }
  throw unsupported(wanted.codec, 'VideoDecoder')
}

/** Resolves when a codec is through, whatever came of it. */
export async function settle(flushed: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => (timer = setTimeout(() => reject(new StreamflowError('Timeout', 'the codec does not answer', { data: { timeoutMs } })), timeoutMs)))
  try {
    await Promise.race([flushed.catch(() => undefined), late])
  } finally {
    clearTimeout(timer)
  }
}

/** The planes of a frame, without padding. @throws {@link StreamflowError} `Unsupported` for a picture that is not 4:2:0 with eight bits */
async function copyPicture(frame: VideoFrame): Promise<Picture> {
  const { format, visibleRect, colorSpace } = frame
  if (visibleRect === null || (format !== 'I420' && format !== 'NV12' && format !== 'I420A')) throw unsupported(`pictures as ${format ?? 'it keeps them'}`, 'VideoFrame')
  const { width, height } = visibleRect
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)]
  const [luma, chroma] = [width * height, halfWidth * halfHeight]
  const bytes = new Uint8Array(frame.allocationSize())
  const planar = format === 'NV12'
    ? [{ offset: 0, stride: width }, { offset: luma, stride: 2 * halfWidth }]
    : [{ offset: 0, stride: width }, { offset: luma, stride: halfWidth }, { offset: luma + chroma, stride: halfWidth }, ...(format === 'I420A' ? [{ offset: luma + 2 * chroma, stride: width }] : [])]
  await frame.copyTo(bytes, { layout: planar })
  const y = bytes.subarray(0, luma)
  const [u, v] = format === 'NV12' ? splitPairs(bytes.subarray(luma, luma + 2 * chroma)) : [bytes.subarray(luma, luma + chroma), bytes.subarray(luma + chroma, luma + 2 * chroma)]
  return colorSpace.fullRange === true ? { width, height, y: limitRange(y, 16, 219), u: limitRange(u, 16, 224), v: limitRange(v, 16, 224) } : { width, height, y, u, v }
}

function splitPairs(pairs: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const [u, v] = [new Uint8Array(pairs.length / 2), new Uint8Array(pairs.length / 2)]
  for (let i = 0; i < u.length; i++) {
    u[i] = pairs[2 * i]!
    v[i] = pairs[2 * i + 1]!
  }
  return [u, v]
}

/** Browsers encode what they drew over all of a byte's range; transcoders make of it the range of television, which all pictures are compared in. */
function limitRange(plane: Uint8Array, black: number, span: number): Uint8Array {
  return plane.map((value) => Math.round(black + (value * span) / 255))
}

function mixDown(data: AudioData): Float32Array {
  const { numberOfChannels, numberOfFrames } = data
  const mono = new Float32Array(numberOfFrames)
  const channel = new Float32Array(numberOfFrames)
  for (let planeIndex = 0; planeIndex < numberOfChannels; planeIndex++) {
    data.copyTo(channel, { planeIndex, format: 'f32-planar' })
    for (let i = 0; i < numberOfFrames; i++) mono[i]! += channel[i]! / numberOfChannels
  }
  return mono
}

/** Samples at {@link soundRate}, each the mean of those in its place: what folds back of the highest tones does so on both sides alike. */
function resample(pieces: readonly { readonly mono: Float32Array; readonly sampleRate: number }[]): Float32Array {
  const [first] = pieces
  if (first === undefined) return new Float32Array(0)
  const ratio = first.sampleRate / soundRate
  const total = pieces.reduce((sum, { mono }) => sum + mono.length, 0)
  const sums = new Float32Array(Math.floor(total / ratio))
  const counts = new Float32Array(sums.length)
  let at = 0
  for (const { mono } of pieces) {
    for (const sample of mono) {
      const place = Math.floor(at++ / ratio)
      if (place >= sums.length) break
      sums[place]! += sample
      counts[place]!++
    }
  }
  return sums.map((sum, i) => sum / Math.max(1, counts[i]!))
}
