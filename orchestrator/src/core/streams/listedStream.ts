/** What is told of a stream on air: by the operator's listener, to its page and its command line. Types only. */

/** One stream, for who runs the server. */
export interface ListedStream {
  readonly streamId: `0x${string}`
  readonly sender: `0x${string}`
  /** e.g. `640x360 h264` */
  readonly source: string
  /** Names of the ladder. */
  readonly renditions: string
  /** Since it was opened. */
  readonly seconds: number
  /** Number that the next segment has. */
  readonly segments: number
  readonly isConnected: boolean
  readonly isPaid: boolean
}
