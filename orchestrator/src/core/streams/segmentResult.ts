/** From what transcoders say they made to what is charged: outputs in their order, and pixels bounded by the declared frames. Pure. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { Ladder } from '@streamflow/sdk/media'
import type { Output } from '@streamflow/sdk/payments'
import type { CloseSegment } from '@streamflow/sdk/protocol'
import type { RenditionSegment } from '../transcoding.js'

/** The sound's rendition. */
export const audioRendition = 'audio'

/** What of its stream decides what a segment must come out as. */
export interface SegmentTerms {
  readonly ladder: Ladder
  readonly hasAudio: boolean
  /** Frames beyond those declared that its segments may still come out with, all together: nobody pays for them. */
  readonly spareFrames: number
}

/** The finished shares of a segment, by rendition. */
export type Shares = ReadonlyMap<string, RenditionSegment>

/** What has been made of one segment. */
export interface SegmentResult {
  /** Frames beyond those declared. */
  readonly surplusFrames: number
  readonly outputs: readonly Output[]
  /** Σ width·height·frames over the ladder. */
  readonly pixels: bigint
}

/** The renditions that a segment has: the ladder's, and the sound where the input has any. */
export function listRenditions(stream: Pick<SegmentTerms, 'ladder' | 'hasAudio'>): readonly string[] {
  const names = stream.ladder.map(({ name }) => name)
  return stream.hasAudio ? [...names, audioRendition] : names
}

/** Whether a closed segment can be charged: not `yet`, `now`, or never, with the reason. */
export function judgeShares(shares: Shares, stream: SegmentTerms, { seq, frames: declared }: CloseSegment): 'yet' | 'now' | StreamflowError {
  if (shares.size < listRenditions(stream).length) return 'yet'
  const pictures = stream.ladder.map(({ name }) => shares.get(name)?.frames ?? 0)
  if (Math.max(...pictures) > declared + stream.spareFrames) {
    const data = { seq, declared }
    return new StreamflowError('SegmentFormatDidntMatchJobInputParams', `segment ${seq} has more than the ${declared} frames declared`, { data })
  }
  return pictures.some((frames) => frames > 0) ? 'now' : new StreamflowError('TranscodeFailed', 'no frame of the segment could be decoded')
}

/**
 * What a segment is charged for: never more frames than the broadcaster sent, whatever the transcoder says.
 * @param sentFrames - declared in `close`, or counted in its bytes if that is more
 */
export function computeResult(segments: Shares, stream: SegmentTerms, sentFrames: number): SegmentResult {
  let pixels = 0n
  let surplusFrames = 0
  for (const { name, width, height } of stream.ladder) {
    const made = segments.get(name)?.frames ?? 0
    const frames = Math.min(made, sentFrames)
    surplusFrames = Math.max(surplusFrames, made - frames)
    pixels += BigInt(width * height) * BigInt(frames)
  }
  const outputs = listRenditions(stream).flatMap((rendition) => {
    const segment = segments.get(rendition)
    return segment === undefined ? [] : [{ rendition, frames: segment.frames, bytes: segment.bytes, hash: segment.hash }]
  })
  return { outputs, pixels, surplusFrames }
}
