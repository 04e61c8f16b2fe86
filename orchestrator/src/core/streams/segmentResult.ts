/** From what transcoders say they made to what is charged: outputs in their order, and pixels bounded by the declared frames. Pure. */

import type { Ladder } from '@streamflow/sdk/media'
import type { Output } from '@streamflow/sdk/payments'
import type { RenditionSegment } from '../transcoding.js'

/** The sound's rendition. */
const audioRendition = 'audio'

/** What has been made of one segment. */
export interface SegmentResult {
  readonly outputs: readonly Output[]
  /** Σ width·height·frames over the ladder. */
  readonly pixels: bigint
}

/** The renditions that a segment has: the ladder's, and the sound where the input has any. */
export function listRenditions(stream: { readonly ladder: Ladder; readonly hasAudio: boolean }): readonly string[] {
  const names = stream.ladder.map(({ name }) => name)
  return stream.hasAudio ? [...names, audioRendition] : names
}

/**
 * What a segment is charged for: never more frames than the broadcaster declared plus one (an encoder may repeat the
 * last frame), whatever the transcoder says.
 * @param declaredFrames - of `close`
 */
export function computeResult(segments: ReadonlyMap<string, RenditionSegment>, stream: { readonly ladder: Ladder; readonly hasAudio: boolean }, declaredFrames: number): SegmentResult {
  let pixels = 0n
  for (const { name, width, height } of stream.ladder) {
    const frames = Math.min(segments.get(name)?.frames ?? 0, declaredFrames + 1)
    pixels += BigInt(width * height) * BigInt(frames)
  }
  const outputs = listRenditions(stream).flatMap((rendition) => {
    const segment = segments.get(rendition)
    return segment === undefined ? [] : [{ rendition, frames: segment.frames, bytes: segment.bytes, hash: segment.hash }]
  })
  return { outputs, pixels }
}
