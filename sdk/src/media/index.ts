export { assertLadder, computeDefaultLadder, computeLadderPixels, ladderLimits, type InputFormat, type Ladder, type Rendition } from './ladder.js'
export type { SegmentEvent } from './segment.js'
