export { ebmlId, forEachElement, readElementHead, readTrackNumber, readUnsigned, unknownSize, type ElementHead } from './ebml.js'
export { assertLadder, computeDefaultLadder, computeLadderPixels, ladderLimits, type InputFormat, type Ladder, type Rendition } from './ladder.js'
export { parseMatroskaHeader, type MatroskaHeader, type MatroskaTrack } from './matroska.js'
export type { SegmentEvent } from './segment.js'
