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
    await readInterleaved([{ kind: 'video', track: video }, ...(audio ? [{ kind: 'audio' as const, track: audio }] : [])], onFrame)
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

/** Reports the packets of all tracks in the order of their times: a fragment holds first one track's, then the other's. */
async function readInterleaved(tracks: readonly { readonly kind: 'video' | 'audio'; readonly track: InputVideoTrack | InputAudioTrack }[], onFrame: RecordingListener['onFrame']): Promise<void> {
  const heads = await Promise.all(
    tracks.map(async ({ kind, track }) => {
      const packets = new EncodedPacketSink(track).packets()
      return { kind, packets, next: await packets.next() }
    }),
  )
  for (;;) {
    const [first] = heads.filter(({ next }) => !next.done).sort((a, b) => a.next.value!.timestamp - b.next.value!.timestamp)
    if (!first) return
    const { timestamp, type, data } = first.next.value!
    onFrame(first.kind, { timestampUs: Math.round(timestamp * 1e6), isKey: type === 'key', bytes: data })
    first.next = await first.packets.next()
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
