/** What a capture tells of itself. Types only, without those of browsers: a broadcast of Node has the same figures. */

/** How a capture encodes. */
export type CaptureMethod = 'webcodecs' | 'mediarecorder'

/** Numbers about a running capture. Counters count since its start. */
export interface CaptureStats {
  /** Video frames encoded. */
  readonly framesEncoded: number
  /** Frames left out because the encoder was behind. */
  readonly framesDroppedByEncoder: number
  /** Frames left out because the reader of the events was behind. */
  readonly framesDroppedByReader: number
  /** Pictures that no frame of the source stands behind: its last one, or black, in its place. */
  readonly framesRepeated: number
  /** Frames of the last second. */
  readonly frameRate: number
  /** Bits per second of video over the last second. */
  readonly bitrate: number
  /** Bits per second that the encoder was last asked for. */
  readonly targetBitrate: number
  /** Milliseconds from a frame's arrival to its chunk, over the last second; 0 when there was none. */
  readonly encodeP50Ms: number
  readonly encodeP95Ms: number
}
