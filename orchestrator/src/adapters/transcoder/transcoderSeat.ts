/** One transcode in one transcoder process: sends what it is given, passes on what comes back, tells when either dies. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { Transcode, TranscodeEvents, TranscodeJob } from '../../core/transcoding.js'
import type { ToTranscoder } from '../../transcoding/messages.js'
import type { JobMessage } from './transcoderProcess.js'

/** Bytes of chunks under way to ffmpeg at which the caller is asked to wait. */
const highWaterBytes = 1024 * 1024

/** Where it runs: one process, and the number by which that process knows it. */
export interface SeatOptions {
  readonly number: number
  readonly job: TranscodeJob
  readonly events: TranscodeEvents
  readonly send: (message: ToTranscoder, bytes?: Uint8Array) => void
  /** Called once, when nothing more comes of it. */
  readonly onOver: () => void
}

export class TranscoderSeat implements Transcode {
  readonly #options: SeatOptions
  readonly #over: Promise<void>
  #finish = (): void => undefined
  #isOver = false
  #isEnding = false
  #isCallerWaiting = false
  #unsentBytes = 0

  constructor(options: SeatOptions) {
    this.#options = options
    this.#over = new Promise((resolve) => (this.#finish = resolve))
    const { job, number } = options
    options.send({ type: 'open', job: number, transcodeJob: { ...job, ladder: [...job.ladder] } })
  }

  header(bytes: Uint8Array): void {
    this.#send({ type: 'header' }, bytes)
  }

  openSegment({ seq, startUs }: Parameters<Transcode['openSegment']>[0]): void {
    this.#send({ type: 'segmentOpened', seq, startUs })
  }

  write(chunk: Uint8Array): boolean {
    if (this.#isOver) return true
    this.#unsentBytes += chunk.length
    this.#send({ type: 'chunk' }, chunk)
    this.#isCallerWaiting = this.#unsentBytes >= highWaterBytes
    return !this.#isCallerWaiting
  }

  closeSegment({ seq, durationUs, frames }: Parameters<Transcode['closeSegment']>[0]): void {
    this.#send({ type: 'segmentClosed', seq, durationUs, frames })
  }

  end(): Promise<void> {
    if (!this.#isEnding) this.#send({ type: 'end' })
    this.#isEnding = true
    return this.#over
  }

  abort(): Promise<void> {
    this.#send({ type: 'abort' })
    this.#close()
    return this.#over
  }

  /** A message about it from its process. */
  receive(message: JobMessage, bytes: Uint8Array): void {
    if (this.#isOver) return
    const { events } = this.#options
    switch (message.type) {
      case 'consumed':
        this.#unsentBytes = Math.max(0, this.#unsentBytes - message.byteCount)
        return this.#tellDrained()
      case 'init':
        return events.init({ rendition: message.rendition, codecs: message.codecs, bytes })
      case 'part': {
        const { type: _type, job: _job, ...part } = message
        return events.part({ ...part, bytes })
      }
      case 'segment':
        return events.segment({ rendition: message.rendition, seq: message.seq })
      case 'ended':
        return this.#close()
      case 'failed':
        return this.fail(new StreamflowError(message.code, message.message, { data: message.data ?? {} }))
    }
  }

  /** It is better done elsewhere: what may still run here is told to stop. */
  leave(error: StreamflowError): void {
    this.#send({ type: 'abort' })
    this.fail(error)
  }

  /** It is gone, by itself or with its process. */
  fail(error: StreamflowError): void {
    if (this.#isOver) return
    this.#close()
    this.#options.events.failed(error)
  }

  #tellDrained(): void {
    if (!this.#isCallerWaiting || this.#unsentBytes > highWaterBytes / 2) return
    this.#isCallerWaiting = false
    this.#options.events.drain()
  }

  #send(message: WithoutJob<ToTranscoder>, bytes?: Uint8Array): void {
    if (!this.#isOver) this.#options.send({ ...message, job: this.#options.number } as ToTranscoder, bytes)
  }

  #close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#finish()
    this.#options.onOver()
  }
}

type WithoutJob<M> = M extends { readonly job: number } ? Omit<M, 'job'> : never
