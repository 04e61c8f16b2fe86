/** What a window holds, as frames of a follow response. Pure. */

import { encodeFollowFrame, type FollowTrack } from '@streamflow/sdk/protocol'
import type { RenditionWindow } from './renditionWindow.js'

/** An encoded frame of a part or a segment's end. */
export interface TrackFrame {
  readonly seq: number
  readonly bytes: Uint8Array
}

/** Before which part a track is to be read on. */
export interface TrackPosition {
  readonly seq: number
  readonly part: number
}

/** The position behind everything that is there. */
export function findEdge({ segments }: Pick<RenditionWindow, 'segments'>): TrackPosition {
  const last = segments.at(-1)
  if (last === undefined) return { seq: 0, part: 0 }
  return last.state === 'open' ? { seq: last.seq, part: last.parts.length } : { seq: last.seq + 1, part: 0 }
}

/** Everything from a position to the edge. What the window no longer has is left out. */
export function readTrackFrames({ segments }: Pick<RenditionWindow, 'segments'>, track: FollowTrack, from: TrackPosition): readonly TrackFrame[] {
  const frames: TrackFrame[] = []
  // Numbers in a window have no holes.
  const first = Math.max(0, from.seq - (segments[0]?.seq ?? 0))
  for (const { seq, startUs, durationUs, parts, state } of segments.slice(first)) {
    const firstPart = seq === from.seq ? from.part : 0
    let partStartUs = startUs
    parts.forEach((part, index) => {
      if (index >= firstPart) {
        frames.push({ seq, bytes: encodeFollowFrame({ kind: 'part', track, seq, index, startUs: partStartUs, durationUs: Math.round(part.durationUs), isIndependent: part.independent, bytes: part.bytes }) })
      }
      partStartUs += part.durationUs
    })
    if (state !== 'open') frames.push({ seq, bytes: encodeFollowFrame({ kind: 'segment', track, seq, startUs, durationUs: Math.round(durationUs), isGap: state === 'gap' }) })
  }
  return frames
}
