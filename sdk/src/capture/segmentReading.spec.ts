/** For tests in the browser: collects the events of a capture, and decodes a segment by mediabunny and WebCodecs. */

import { AudioSampleSink, BufferSource, EncodedPacketSink, Input, MATROSKA, VideoSampleSink, type InputAudioTrack, type InputVideoTrack } from 'mediabunny'
import { concatBytes } from '../media/ebml.js'
import type { SegmentEvent } from '../media/segment.js'

/** A segment as its events told it. */
export interface ReadSegment {
  readonly seq: number
  readonly startUs: number
  readonly chunks: Uint8Array<ArrayBuffer>[]
  durationUs: number
  frames: number
}
/** The header event. */
export type Header = Extract<SegmentEvent, { type: 'header' }>

/** Reads events one after the other, asserting their order. */
export interface SegmentCollector {
  readonly header: Header | undefined
  /** Closed segments. */
  readonly segments: readonly ReadSegment[]
  /** Reads until so many segments are closed or the stream ended. @returns whether it ended */
  readUntil(count: number): Promise<boolean>
}

/** Begins to read a capture's events; nobody else may. */
export function collectSegments(events: ReadableStream<SegmentEvent>): SegmentCollector {
  const reader = events.getReader()
  const segments: ReadSegment[] = []
  let header: Header | undefined
  let open: ReadSegment | undefined
  const expectThat = (isTrue: boolean, what: string): void => {
    if (!isTrue) throw new Error(`order of events: ${what}`)
  }
  const take = (event: SegmentEvent): void => {
    if (event.type === 'header') {
      expectThat(!header, 'a second header')
      header = event
    } else if (event.type === 'open') {
      expectThat(header !== undefined && !open, 'open')
      open = { seq: event.seq, startUs: event.startUs, chunks: [], durationUs: 0, frames: 0 }
    } else if (event.type === 'chunk') {
      expectThat(open?.seq === event.seq, 'chunk')
      open!.chunks.push(event.bytes)
    } else {
      expectThat(open?.seq === event.seq, 'close')
      segments.push(Object.assign(open!, { durationUs: event.durationUs, frames: event.frames }))
      open = undefined
    }
  }
  return {
    get header() {
      return header
    },
    segments,
    async readUntil(count) {
      while (segments.length < count) {
        const { done, value } = await reader.read()
        if (done) {
          expectThat(!open, 'the end of an open segment')
          return true
        }
        take(value)
      }
      return false
    },
  }
}

/** Reads until `count` segments are closed or the stream ended. */
export async function readSegments(events: ReadableStream<SegmentEvent>, count: number): Promise<{ readonly header: Header; readonly segments: readonly ReadSegment[] }> {
  const collector = collectSegments(events)
  await collector.readUntil(count)
  return { header: collector.header!, segments: collector.segments }
}

/** What one packet says of itself. */
export interface ReadPacket {
  readonly timestampUs: number
  readonly isKey: boolean
}

/** What a segment holds. */
export interface DecodedSegment {
  readonly video: readonly ReadPacket[]
  readonly audio: readonly ReadPacket[]
  readonly decodedFrames: number
  readonly width: number
  readonly height: number
}

function openInput(header: Header, segments: readonly ReadSegment[]): Input {
  return new Input({ formats: [MATROSKA], source: new BufferSource(concatBytes([header.bytes, ...segments.flatMap(({ chunks }) => chunks)])) })
}

async function listPackets(track: InputVideoTrack | InputAudioTrack | null): Promise<ReadPacket[]> {
  const packets: ReadPacket[] = []
  if (!track) return packets
  for await (const { timestamp, type } of new EncodedPacketSink(track).packets()) packets.push({ timestampUs: Math.round(timestamp * 1e6), isKey: type === 'key' })
  return packets
}

/** Reads header + segment as a file of its own and decodes its video; `onFrame` may look at the frames. */
export async function decodeSegment(header: Header, segment: ReadSegment, onFrame?: (frame: VideoFrame) => void): Promise<DecodedSegment> {
  const input = openInput(header, [segment])
  const videoTrack = (await input.getPrimaryVideoTrack())!
  const video = await listPackets(videoTrack)
  const audio = await listPackets(await input.getPrimaryAudioTrack())
  let decodedFrames = 0
  let size = { width: 0, height: 0 }
  for await (const sample of new VideoSampleSink(videoTrack).samples()) {
    decodedFrames++
    size = { width: sample.displayWidth, height: sample.displayHeight }
    if (onFrame) {
      const frame = sample.toVideoFrame()
      onFrame(frame)
      frame.close()
    }
    sample.close()
  }
  return { video, audio, decodedFrames, ...size }
}

/** Decoded sound of several segments: blocks of one channel's samples with their time in seconds. */
export async function decodeSound(header: Header, segments: readonly ReadSegment[]): Promise<{ readonly timeS: number; readonly sampleRate: number; readonly channels: number; readonly samples: Float32Array }[]> {
  const track = await openInput(header, segments).getPrimaryAudioTrack()
  const blocks = []
  for await (const sample of new AudioSampleSink(track!).samples()) {
    const samples = new Float32Array(sample.numberOfFrames)
    sample.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
    blocks.push({ timeS: sample.timestamp, sampleRate: sample.sampleRate, channels: sample.numberOfChannels, samples })
    sample.close()
  }
  return blocks
}
