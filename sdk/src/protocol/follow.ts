/**
 * `GET /live/{streamId}/follow?rendition=NAME&from=SEQ`: one long response per viewer with the parts of one rendition
 * and of the sound as they are made. A sequence of frames: length of what follows (u32), kind (u8), payload; numbers are
 * big endian, times are microseconds on the stream's clock (float64 where they may exceed 32 bits). It ends at a
 * segment's boundary, with an `end` that says from which segment to go on.
 */

import { StreamflowError } from '../errors/StreamflowError.js'

/** The picture, or the sound. */
export type FollowTrack = 'picture' | 'sound'

/** What a response begins with. */
export interface FollowHead {
  readonly version: 1
  /** The rendition that is sent. */
  readonly rendition: string
  /** All that may be asked for, best first. Bitrates in bits per second, with sound. */
  readonly renditions: readonly { readonly name: string; readonly width: number; readonly height: number; readonly bitrate: number; readonly codecs: string }[]
  readonly frameRate: number
  /** RFC 6381; absent in a stream without sound. */
  readonly soundCodecs?: string
  /** Wall clock (ms since the epoch) at the stream clock's 0. */
  readonly startTimeMs: number
  readonly partTargetUs: number
  readonly segmentDurationMs: number
  /** The oldest segment that can still be asked for, and the one that this response begins with. */
  readonly oldestSeq: number
  readonly fromSeq: number
}

/** One frame of a response. `bytes` are views of what was read, not copies. */
export type FollowFrame =
  | { readonly kind: 'head'; readonly head: FollowHead }
  /** `ftyp`+`moov`, before the first part of its track, and again when it changes. */
  | { readonly kind: 'init'; readonly track: FollowTrack; readonly bytes: Uint8Array }
  | {
      readonly kind: 'part'
      readonly track: FollowTrack
      readonly seq: number
      readonly index: number
      readonly startUs: number
      readonly durationUs: number
      readonly isIndependent: boolean
      readonly bytes: Uint8Array
    }
  /** No part of this segment follows in this track. Without any before it, the segment is a gap. */
  | { readonly kind: 'segment'; readonly track: FollowTrack; readonly seq: number; readonly startUs: number; readonly durationUs: number; readonly isGap: boolean }
  /** Ask again from `nextSeq`; or the stream is over. */
  | { readonly kind: 'end'; readonly isOver: boolean; readonly nextSeq: number }

/** Largest frame that is read: a part of the largest rendition, with room to spare. */
export const maxFollowFrameBytes = 16 * 1024 * 1024
/** What the response's `content-type` is. */
export const followMediaType = 'application/vnd.streamflow.follow'

const kinds = { head: 0, init: 1, part: 2, segment: 3, end: 4 } as const
const headBytes = 5
const tracks: readonly FollowTrack[] = ['picture', 'sound']
/** Bytes of a part's fields: track, flags, seq, index, start, duration. */
const partFieldBytes = 2 + 4 + 2 + 8 + 4
const segmentFieldBytes = 2 + 4 + 8 + 4
const endFieldBytes = 1 + 4

function createFrame(kind: number, fieldBytes: number, payload: Uint8Array = new Uint8Array(0)): { readonly bytes: Uint8Array<ArrayBuffer>; readonly fields: DataView } {
  const bytes = new Uint8Array(headBytes + fieldBytes + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 1 + fieldBytes + payload.length)
  bytes[4] = kind
  bytes.set(payload, headBytes + fieldBytes)
  return { bytes, fields: new DataView(bytes.buffer, headBytes, fieldBytes) }
}

/** The bytes of one frame, head included. */
export function encodeFollowFrame(frame: FollowFrame): Uint8Array<ArrayBuffer> {
  switch (frame.kind) {
    case 'head':
      return createFrame(kinds.head, 0, new TextEncoder().encode(JSON.stringify(frame.head))).bytes
    case 'init': {
      const { bytes, fields } = createFrame(kinds.init, 1, frame.bytes)
      fields.setUint8(0, tracks.indexOf(frame.track))
      return bytes
    }
    case 'part': {
      const { bytes, fields } = createFrame(kinds.part, partFieldBytes, frame.bytes)
      fields.setUint8(0, tracks.indexOf(frame.track))
      fields.setUint8(1, frame.isIndependent ? 1 : 0)
      fields.setUint32(2, frame.seq)
      fields.setUint16(6, frame.index)
      fields.setFloat64(8, frame.startUs)
      fields.setUint32(16, frame.durationUs)
      return bytes
    }
    case 'segment': {
      const { bytes, fields } = createFrame(kinds.segment, segmentFieldBytes)
      fields.setUint8(0, tracks.indexOf(frame.track))
      fields.setUint8(1, frame.isGap ? 1 : 0)
      fields.setUint32(2, frame.seq)
      fields.setFloat64(6, frame.startUs)
      fields.setUint32(14, frame.durationUs)
      return bytes
    }
    case 'end': {
      const { bytes, fields } = createFrame(kinds.end, endFieldBytes)
      fields.setUint8(0, frame.isOver ? 1 : 0)
      fields.setUint32(1, frame.nextSeq)
      return bytes
    }
  }
}

const bad = (what: string): StreamflowError => new StreamflowError('BadMessage', `follow: ${what}`)

function readTrack(fields: DataView): FollowTrack {
  const track = tracks[fields.getUint8(0)]
  if (track === undefined) throw bad('a track of unknown number')
  return track
}

function decodeFrame(body: Uint8Array): FollowFrame | undefined {
  const view = new DataView(body.buffer, body.byteOffset + 1, body.byteLength - 1)
  const payload = body.subarray(1)
  switch (body[0]) {
    case kinds.head:
      return { kind: 'head', head: JSON.parse(new TextDecoder().decode(payload)) as FollowHead }
    case kinds.init:
      return { kind: 'init', track: readTrack(view), bytes: payload.subarray(1) }
    case kinds.part:
      return {
        kind: 'part', track: readTrack(view), isIndependent: (view.getUint8(1) & 1) === 1, seq: view.getUint32(2), index: view.getUint16(6),
        startUs: view.getFloat64(8), durationUs: view.getUint32(16), bytes: payload.subarray(partFieldBytes),
      }
    case kinds.segment:
      return { kind: 'segment', track: readTrack(view), isGap: (view.getUint8(1) & 1) === 1, seq: view.getUint32(2), startUs: view.getFloat64(6), durationUs: view.getUint32(14) }
    case kinds.end:
      return { kind: 'end', isOver: view.getUint8(0) === 1, nextSeq: view.getUint32(1) }
    default:
      return undefined // of a newer server
  }
}

/** Cuts a response into frames. */
export class FollowReader {
  #rest: Uint8Array = new Uint8Array(0)

  /**
   * Takes bytes in and gives every frame that is now complete; frames of unknown kind are left out.
   * @throws {@link StreamflowError} `BadMessage`: too large, or not what an orchestrator sends
   */
  read(bytes: Uint8Array): readonly FollowFrame[] {
    const frames: FollowFrame[] = []
    let all = bytes
    if (this.#rest.length > 0) {
      all = new Uint8Array(this.#rest.length + bytes.length)
      all.set(this.#rest)
      all.set(bytes, this.#rest.length)
    }
    let at = 0
    while (all.length - at >= headBytes) {
      const length = new DataView(all.buffer, all.byteOffset + at, 4).getUint32(0)
      if (length < 1 || length > maxFollowFrameBytes) throw bad(`a frame of ${length} bytes`)
      if (all.length - at < 4 + length) break
      try {
        const frame = decodeFrame(all.subarray(at + 4, at + 4 + length))
        if (frame !== undefined) frames.push(frame)
      } catch (cause) {
        throw new StreamflowError('BadMessage', 'follow: a frame cannot be read', { cause })
      }
      at += 4 + length
    }
    this.#rest = all.subarray(at)
    return frames
  }
}
