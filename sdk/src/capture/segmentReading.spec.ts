/** For tests in the browser: collects the events of a capture, and decodes a segment by mediabunny and WebCodecs. */

import { BufferSource, EncodedPacketSink, Input, MATROSKA, VideoSampleSink } from 'mediabunny'
import { concatBytes } from '../media/ebml.js'
import type { SegmentEvent } from '../media/segment.js'

/** A segment as its events told it. */
export interface ReadSegment {
  readonly seq: number
  readonly startUs: number
  readonly chunks: Uint8Array[]
  durationUs: number
  frames: number
}
type Header = Extract<SegmentEvent, { type: 'header' }>

/** Reads until `count` segments are closed (or the stream ends), asserting the order of events, and lets go of the stream. */
export async function readSegments(events: ReadableStream<SegmentEvent>, count: number): Promise<{ readonly header: Header; readonly segments: ReadSegment[] }> {
  const reader = events.getReader()
  const segments: ReadSegment[] = []
  let header: Header | undefined
  let open: ReadSegment | undefined
  const expectThat = (isTrue: boolean, what: string): void => {
    if (!isTrue) throw new Error(`order of events: ${what}`)
  }
  while (segments.length < count) {
    const { done, value: event } = await reader.read()
    if (done) break
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
  reader.releaseLock()
  return { header: header!, segments }
}

/** What one packet says of itself. */
export interface ReadPacket {
  readonly timestampUs: number
  readonly isKey: boolean
}

/** Reads header + segment as a file of its own and decodes its video. */
export async function decodeSegment(header: Header, segment: ReadSegment): Promise<{ readonly video: ReadPacket[]; readonly audio: ReadPacket[]; readonly decodedFrames: number; readonly width: number; readonly height: number }> {
  const input = new Input({ formats: [MATROSKA], source: new BufferSource(concatBytes([header.bytes, ...segment.chunks])) })
  const videoTrack = (await input.getPrimaryVideoTrack())!
  const audioTrack = await input.getPrimaryAudioTrack()
  const list = async (track: typeof videoTrack | typeof audioTrack): Promise<ReadPacket[]> => {
    const packets: ReadPacket[] = []
    if (!track) return packets
    for await (const { timestamp, type } of new EncodedPacketSink(track).packets()) packets.push({ timestampUs: Math.round(timestamp * 1e6), isKey: type === 'key' })
    return packets
  }
  const video = await list(videoTrack)
  const audio = await list(audioTrack)
  let decodedFrames = 0
  let size = { width: 0, height: 0 }
  for await (const sample of new VideoSampleSink(videoTrack).samples()) {
    decodedFrames++
    size = { width: sample.displayWidth, height: sample.displayHeight }
    sample.close()
  }
  return { video, audio, decodedFrames, ...size }
}
