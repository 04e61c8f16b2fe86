/** What capture produces and transport carries: a stream as a header and segments of chunks. Pure types. */

import type { InputFormat } from './ladder.js'

/** One event of a captured stream, in order: `header`, then for each segment `open`, `chunk`…, `close`. */
export type SegmentEvent =
  /** The container bytes before the first cluster; with them each segment decodes alone. Sent once, first. */
  | { readonly type: 'header'; readonly bytes: Uint8Array<ArrayBuffer>; readonly format: InputFormat; /** Wall clock (ms since the epoch) at which `startUs` 0 was captured. */ readonly startTimeMs: number }
  /** A keyframe begins segment `seq` (0, 1, 2 …) at `startUs` (microseconds on the stream's clock; never decreases). */
  | { readonly type: 'open'; readonly seq: number; readonly startUs: number }
  /** Bytes of the open segment, a piece of a Matroska cluster, typically one picture as soon as it exists, with the sound before it. */
  | { readonly type: 'chunk'; readonly seq: number; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The segment is complete. `frames` counts its video frames. */
  | { readonly type: 'close'; readonly seq: number; readonly durationUs: number; readonly frames: number }
