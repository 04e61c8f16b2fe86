/** A rendition of a segment, made on the spot by the browser's own encoder: what its decoder shows goes straight into it, and is scaled there. */

import { referenceBits, type ReferenceEncoder } from '../../verification/decoder.js'
import type { EncodedSample, EncodedTrack } from '../../verification/track.js'
import { createFrameDecoder, settle } from './createWebDecoder.js'

/** What browsers encode without a licence or a device, first. */
const candidates = [
  { name: 'vp8', codec: 'vp8' },
  { name: 'h264', codec: 'avc1.42e028' },
] as const

export const encodeWebReference: ReferenceEncoder = async ({ input }, { width, height, bitrate }, own) => {
  const wanted = { width, height, bitrate: Math.round(bitrate * referenceBits), framerate: input.video.frameRate, latencyMode: 'realtime' } as const
  const chosen = await findEncoder(wanted)
  if (chosen === undefined) return undefined
  const samples: EncodedSample[] = []
  let config: Uint8Array | undefined
  const encoder = new VideoEncoder({
    output(chunk, metadata) {
      const bytes = new Uint8Array(chunk.byteLength)
      chunk.copyTo(bytes)
      samples.push({ timeUs: chunk.timestamp, isKey: chunk.type === 'key', bytes })
      config ??= readDescription(metadata?.decoderConfig?.description)
    },
    error: () => undefined, // what is missing makes it no reference
  })
  let count = 0
  const decoder = await createFrameDecoder(own, (frame) => {
    if (encoder.state === 'configured') encoder.encode(frame, { keyFrame: count === 0 })
    count++
    frame.close()
  })
  try {
    encoder.configure(chosen.config)
    await decoder.run()
    if (encoder.state === 'configured') await settle(encoder.flush())
  } finally {
    if (encoder.state !== 'closed') encoder.close()
  }
  if (samples.length < own.samples.length) return undefined
  // Nothing that reads files sees it: only this browser's decoder.
  return { codec: chosen.name, config, width, height, sampleRate: 0, channels: 0, samples, file: own.file } satisfies EncodedTrack
}

type Wanted = Omit<VideoEncoderConfig, 'codec'>

async function findEncoder(wanted: Wanted): Promise<{ readonly name: 'vp8' | 'h264'; readonly config: VideoEncoderConfig } | undefined> {
  if (typeof VideoEncoder === 'undefined') return undefined
  for (const { name, codec } of candidates) {
    const config = { ...wanted, codec }
    const { supported } = await VideoEncoder.isConfigSupported(config).catch(() => ({ supported: false }))
    if (supported === true) return { name, config }
  }
  return undefined
}

function readDescription(description: AllowSharedBufferSource | undefined): Uint8Array | undefined {
  if (description === undefined) return undefined
  return ArrayBuffer.isView(description) ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength).slice() : new Uint8Array(description).slice()
}
