/**
 * Whether a transcode keeps up. Each segment may take as long as it lasts, counted from when the transcode had it or was done
 * with the one before, whichever is later: so a burst of segments (a broadcaster that comes back, a stream made again
 * elsewhere) is no reason to leave, and half the speed that is needed is one within a segment or two. Pure: time is told.
 */

import type { TranscodeJob } from '../../../core/transcoding.js'
import type { FromTranscoder, ToTranscoder } from '../../../transcoding/messages.js'

/** Beyond its time, milliseconds: encoders hold some pictures back, and machines have other things to do. */
const slackMs = 1_000
/** The same until anything came: decoders and encoders are opened, in a process that is just started. */
const startMs = 5_000

interface Share {
  readonly seq: number
  /** When the transcode could begin with it. */
  readonly fromMs: number
  /** When it should be done with it, once its length is known. */
  dueMs: number | undefined
  /** Renditions that are not complete. */
  missing: number
}

export class Lateness {
  readonly #renditions: number
  readonly #shares: Share[] = []
  #hasBegun = false
  #isEnding = false

  constructor({ ladder, input }: TranscodeJob) {
    this.#renditions = ladder.length + (input.audio === undefined ? 0 : 1)
  }

  /** What the transcoder is told. */
  sent(message: ToTranscoder, nowMs: number): void {
    if (message.type === 'segmentOpened') {
      this.#shares.push({ seq: message.seq, fromMs: Math.max(nowMs, this.#shares.at(-1)?.dueMs ?? 0), dueMs: undefined, missing: this.#renditions })
    } else if (message.type === 'segmentClosed') {
      const share = this.#shares.find(({ seq }) => seq === message.seq)
      if (share !== undefined) share.dueMs = Math.max(nowMs, share.fromMs + message.durationUs / 1_000)
    } else if (message.type === 'end') this.#isEnding = true
  }

  /** What it answers. */
  received(message: FromTranscoder): void {
    if (message.type === 'part') this.#hasBegun = true
    if (message.type !== 'segment') return
    const index = this.#shares.findIndex(({ seq }) => seq === message.seq)
    const share = this.#shares[index]
    if (share !== undefined && --share.missing === 0) this.#shares.splice(index, 1)
  }

  /** Whether another transcoder would be better. What flushes is left alone: it has a time of its own. */
  isLate(nowMs: number): boolean {
    const due = this.#shares[0]?.dueMs
    return !this.#isEnding && due !== undefined && nowMs > due + (this.#hasBegun ? slackMs : startMs)
  }
}
