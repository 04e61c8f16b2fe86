/** What a server says of its stream is believed only as far as it can be true: this page lays out buffers by it. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import type { FollowHead } from '../../protocol/follow.js'

const maxRenditions = 16
const maxTextLength = 100
const maxPixels = 16_384
const maxBitrate = 1e9
const maxFrameRate = 1000
const maxPartUs = 10e6
const maxSegmentMs = 60_000
const maxSeq = 2 ** 32 - 1

const isNumber = (value: unknown, least: number, most: number): value is number => typeof value === 'number' && value >= least && value <= most
const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0 && value.length <= maxTextLength
const isSeq = (value: unknown): value is number => Number.isInteger(value) && isNumber(value, 0, maxSeq)

function isRendition(value: unknown): boolean {
  const { name, width, height, bitrate, codecs } = (value ?? {}) as Record<string, unknown>
  // Of a rendition that is not sent now, a server may not know the codecs yet.
  return isText(name) && typeof codecs === 'string' && codecs.length <= maxTextLength && isNumber(width, 1, maxPixels) && isNumber(height, 1, maxPixels) && isNumber(bitrate, 1, maxBitrate)
}

/** @throws {@link StreamflowError} `BadMessage` when a field is not what it can be */
export function readHead(head: FollowHead): FollowHead {
  const { version, rendition, renditions, frameRate, soundCodecs, startTimeMs, partTargetUs, segmentDurationMs, oldestSeq, fromSeq } = (head ?? {}) as { readonly [Field in keyof FollowHead]: unknown }
  const isRight =
    version === 1 &&
    Array.isArray(renditions) && renditions.length > 0 && renditions.length <= maxRenditions && renditions.every(isRendition) &&
    renditions.some((one: FollowHead['renditions'][number]) => one.name === rendition && one.codecs !== '') &&
    (soundCodecs === undefined || isText(soundCodecs)) &&
    isNumber(frameRate, 0, maxFrameRate) && isNumber(startTimeMs, 0, Number.MAX_SAFE_INTEGER) && isNumber(partTargetUs, 1, maxPartUs) && isNumber(segmentDurationMs, 1, maxSegmentMs) &&
    isSeq(oldestSeq) && isSeq(fromSeq)
  if (!isRight) throw new StreamflowError('BadMessage', 'follow: a head that cannot be')
  return head
}
