/** Takes an MP4 recording apart as it grows, for browsers whose MediaRecorder makes nothing else (Safari). */

import { EncodedPacketSink, Input, MP4, ReadableStreamSource, type InputAudioTrack, type InputVideoTrack } from 'mediabunny'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { Recording, RecordingListener, RecordingReader } from './recording.js'

const videoCodecs = { avc: 'h264', vp8: 'vp8', vp9: 'vp9', av1: 'av1' } as const

/** Reads fragments as they come; each is reported when it is complete. */
export function readMp4Recording({ onRecording, onFrame, onError }: RecordingListener): RecordingReader {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const readable = new ReadableStream<Uint8Array>({ start: (created) => void (controller = created) })
  const input = new Input({ formats: [MP4], source: new ReadableStreamSource(readable) })

  const run = async (): Promise<void> => {
    const video = await input.getPrimaryVideoTrack()
    const audio = await input.getPrimaryAudioTrack()
    if (!video) throw new StreamflowError('Unsupported', 'the recording holds no video')
    onRecording(await describe(video, audio))
    await Promise.all([readPackets('video', video), audio ? readPackets('audio', audio) : undefined])
  }
  const readPackets = async (kind: 'video' | 'audio', track: InputVideoTrack | InputAudioTrack): Promise<void> => {
    const packets = new EncodedPacketSink(track).packets()
    for (let next = await packets.next(); !next.done; next = await packets.next()) {
      const { timestamp, type, data } = next.value
      onFrame(kind, { timestampUs: Math.round(timestamp * 1e6), isKey: type === 'key', bytes: data })
    }
  }
  const done = run().catch(onError)
  return {
    push: (bytes) => controller?.enqueue(bytes),
    async end() {
      controller?.close()
      controller = undefined
      await done
    },
  }
}

async function describe(video: InputVideoTrack, audio: InputAudioTrack | null): Promise<Recording> {
  const videoConfig = await video.getDecoderConfig()
  const audioConfig = audio && (await audio.getDecoderConfig())
  const codec = video.codec && video.codec in videoCodecs ? videoCodecs[video.codec as keyof typeof videoCodecs] : undefined
  if (!codec || !videoConfig) throw new StreamflowError('Unsupported', `the recording's video cannot be cut (${video.codec ?? 'unknown codec'})`)
  const isKnownAudio = audio?.codec === 'aac' || audio?.codec === 'opus'
  return {
    video: { codec, width: video.codedWidth, height: video.codedHeight, ...privateOf(videoConfig.description) },
    ...(audio && audioConfig && isKnownAudio
      ? { audio: { codec: audio.codec === 'aac' ? 'aac' : 'opus', sampleRate: audio.sampleRate, channels: audio.numberOfChannels, delayNs: 0, ...privateOf(audioConfig.description) } }
      : {}),
  }
}

function privateOf(description: AllowSharedBufferSource | undefined): { readonly codecPrivate?: Uint8Array } {
  if (!description) return {}
  return { codecPrivate: ArrayBuffer.isView(description) ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength) : new Uint8Array(description) }
}
