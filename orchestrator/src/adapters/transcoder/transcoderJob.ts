/**
 * One stream at the pool: feeds a pipeline, keeps the input of segments that are not finished, and starts over
 * elsewhere with them when the pipeline or its process dies.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { computeLadderPixels } from '@streamflow/sdk/media'
import type { Transcode, TranscodeEvents, TranscodeJob } from '../../core/transcoding.js'
import type { ToTranscoder } from '../../transcoding/messages.js'
import { RenditionLedger } from './renditionLedger.js'
import type { JobMessage } from './transcoderProcess.js'

/** Where a job runs: one process, by a number that this process knows it by. */
export interface Seat {
  send(message: ToTranscoder, bytes?: Uint8Array): void
  readonly job: number
}

/** Bytes of chunks under way to ffmpeg at which the caller is asked to wait. */
const highWaterBytes = 1024 * 1024
/** Input of unfinished segments that is kept to start over with. */
const maxReplayBytes = 32 * 1024 * 1024
/** A pipeline that dies so often without finishing a segment in between is not started again. */
const maxAttempts = 3

interface ReplaySegment {
  readonly seq: number
  readonly startUs: number
  chunks: Uint8Array[]
  bytes: number
  closed: { readonly durationUs: number; readonly frames: number } | undefined
}

/** Failures of the machine, not of what the broadcaster sent. */
const isWorthRetrying = (code: string): boolean => code === 'TranscodeFailed' || code === 'Internal'

/** One stream's work, wherever it runs at the moment. */
export class TranscoderJob implements Transcode {
  readonly job: TranscodeJob
  /** Output pixels per second that the stream may need. */
  readonly pixelsPerSecond: number
  readonly #events: TranscodeEvents
  readonly #reseat: (job: TranscoderJob) => void
  readonly #released: (job: TranscoderJob) => void
  readonly #ledgers: Map<string, RenditionLedger>
  readonly #inits = new Map<string, Uint8Array>()
  #header: Uint8Array | undefined
  #replay: ReplaySegment[] = []
  #seat: Seat | undefined
  #unsentBytes = 0
  #isCallerWaiting = false
  #attempts = 0
  #isEnding = false
  #finish: () => void = () => undefined
  readonly #over: Promise<void>
  #isOver = false

  constructor(job: TranscodeJob, events: TranscodeEvents, pool: { readonly reseat: (job: TranscoderJob) => void; readonly released: (job: TranscoderJob) => void }) {
    this.job = job
    this.pixelsPerSecond = computeLadderPixels(job.ladder) * job.input.video.frameRate
    this.#events = events
    this.#reseat = pool.reseat
    this.#released = pool.released
    const names = [...job.ladder.map((rendition) => rendition.name), ...(job.input.audio === undefined ? [] : ['audio'])]
    this.#ledgers = new Map(names.map((name) => [name, new RenditionLedger(name)]))
    this.#over = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  /** Whether nothing more will be done. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Takes a place in a process and brings it up to date. */
  seat(seat: Seat): void {
    this.#seat = seat
    const { job } = seat
    seat.send({ type: 'open', job, transcodeJob: { ...this.job, ladder: [...this.job.ladder] } })
    if (this.#header !== undefined) seat.send({ type: 'header', job }, this.#header)
    this.#unsentBytes = 0
    for (const { seq, startUs, chunks, closed } of this.#replay) {
      seat.send({ type: 'segmentOpened', job, seq, startUs })
      for (const chunk of chunks) {
        this.#unsentBytes += chunk.length
        seat.send({ type: 'chunk', job }, chunk)
      }
      if (closed !== undefined) seat.send({ type: 'segmentClosed', job, seq, ...closed })
    }
    if (this.#isEnding) seat.send({ type: 'end', job })
    this.#tellDrained()
  }

  header(bytes: Uint8Array): void {
    this.#header = bytes
    this.#send({ type: 'header' }, bytes)
  }

  openSegment({ seq, startUs }: { readonly seq: number; readonly startUs: number }): void {
    this.#replay.push({ seq, startUs, chunks: [], bytes: 0, closed: undefined })
    this.#send({ type: 'segmentOpened', seq, startUs })
  }

  write(chunk: Uint8Array): boolean {
    const segment = this.#replay.at(-1)
    if (segment === undefined || this.#isOver) return true
    segment.chunks.push(chunk)
    segment.bytes += chunk.length
    this.#boundReplay()
    this.#unsentBytes += chunk.length
    this.#send({ type: 'chunk' }, chunk)
    this.#isCallerWaiting = this.#unsentBytes >= highWaterBytes
    return !this.#isCallerWaiting
  }

  closeSegment({ seq, durationUs, frames }: { readonly seq: number; readonly durationUs: number; readonly frames: number }): void {
    const segment = this.#replay.at(-1)
    if (segment?.seq === seq) segment.closed = { durationUs, frames }
    this.#send({ type: 'segmentClosed', seq, durationUs, frames })
  }

  end(): Promise<void> {
    if (!this.#isEnding) {
      this.#isEnding = true
      this.#send({ type: 'end' })
    }
    return this.#over
  }

  abort(): Promise<void> {
    if (!this.#isOver) this.#send({ type: 'abort' })
    this.#close()
    return this.#over
  }

  /** A message about this job from its process. */
  receive(message: JobMessage, bytes: Uint8Array): void {
    if (this.#isOver) return
    switch (message.type) {
      case 'consumed':
        this.#unsentBytes = Math.max(0, this.#unsentBytes - message.byteCount)
        this.#tellDrained()
        return
      case 'init':
        this.#receiveInit(message.rendition, message.codecs, bytes)
        return
      case 'part': {
        const { rendition, seq, index, startUs, durationUs, independent, frames } = message
        const part = this.#ledgers.get(rendition)?.takePart({ rendition, seq, index, startUs, durationUs, independent, frames, bytes })
        if (part !== undefined) this.#events.part(part)
        return
      }
      case 'segment':
        this.#receiveSegment(message.rendition, message.seq)
        return
      case 'ended':
        this.#close()
        return
      case 'failed': {
        const error = new StreamflowError(message.code, message.message, { data: message.data ?? {} })
        if (isWorthRetrying(error.code)) this.lost(error)
        else this.#fail(error)
      }
    }
  }

  /** The pipeline or its process is gone: start over with what is unfinished, a bounded number of times. */
  lost(error: StreamflowError): void {
    if (this.#isOver) return
    this.#seat = undefined
    this.#attempts++
    if (this.#attempts > maxAttempts) {
      this.#fail(error)
      return
    }
    // The oldest unfinished segment is the one that kills: after the second time it is sent without its bytes.
    const suspect = this.#replay[0]
    if (this.#attempts > 1 && suspect !== undefined) suspect.chunks = []
    this.#reseat(this)
  }

  #receiveInit(rendition: string, codecs: string, bytes: Uint8Array): void {
    const known = this.#inits.get(rendition)
    if (known === undefined) {
      this.#inits.set(rendition, bytes)
      this.#events.init({ rendition, codecs, bytes })
    } else if (Buffer.compare(known, bytes) !== 0) {
      // Another encoder took over whose parts do not go with the init that players have.
      this.#fail(new StreamflowError('TranscodeFailed', `${rendition}: the new encoder's init differs`))
    }
  }

  #receiveSegment(rendition: string, seq: number): void {
    const startUs = this.#replay.find((segment) => segment.seq === seq)?.startUs ?? 0
    const complete = this.#ledgers.get(rendition)?.takeSegment(seq, startUs)
    if (complete === undefined) return
    this.#events.segment(complete)
    const doneSeq = Math.min(...[...this.#ledgers.values()].map((ledger) => ledger.doneSeq))
    if ((this.#replay[0]?.seq ?? Infinity) > doneSeq) return
    this.#replay = this.#replay.filter((segment) => segment.seq > doneSeq)
    this.#attempts = 0
  }

  #boundReplay(): void {
    let bytes = this.#replay.reduce((sum, segment) => sum + segment.bytes, 0)
    for (const segment of this.#replay) {
      if (bytes <= maxReplayBytes) return
      bytes -= segment.bytes
      segment.bytes = 0
      segment.chunks = []
    }
  }

  #tellDrained(): void {
    if (!this.#isCallerWaiting || this.#unsentBytes > highWaterBytes / 2) return
    this.#isCallerWaiting = false
    this.#events.drain()
  }

  #send(message: WithoutJob<ToTranscoder>, bytes?: Uint8Array): void {
    if (this.#seat !== undefined && !this.#isOver) this.#seat.send({ ...message, job: this.#seat.job } as ToTranscoder, bytes)
  }

  #fail(error: StreamflowError): void {
    if (this.#isOver) return
    this.#send({ type: 'abort' })
    this.#close()
    this.#events.failed(error)
  }

  #close(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#replay = []
    this.#finish()
    this.#released(this)
  }
}

type WithoutJob<M> = M extends { readonly job: number } ? Omit<M, 'job'> : never
