/** One job of an orchestrator at a transcoder of the pool: its messages become calls of a transcode, and what that makes, messages. */

import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { computeNeed } from '../../../core/transcodeNeed.js'
import type { Place, Transcode, TranscodeEvents, TranscodeJob, Transcoders } from '../../../core/transcoding.js'
import { decodeToTranscoder, encodeMessage, type FromTranscoder, type Received, type ToTranscoder } from '../../../transcoding/messages.js'
import { JobFrames } from './jobFrames.js'
import { ResultSigner } from './ResultSigner.js'

/** Consumption is reported in such steps, as a process does. */
const reportedBytes = 128 * 1024
/** A sender waits for `consumed` long before this. */
const maxEarlyBytes = 32 * 1024 * 1024

export interface PoolJobOptions {
  readonly number: number
  readonly transcoders: Transcoders
  readonly pool: string
  /** Signs results, in a public pool. */
  readonly sign: ((bytes: Uint8Array) => Uint8Array) | undefined
  /** Sends a frame to the job's orchestrator. */
  readonly publish: (frame: Uint8Array) => void
  /** Nothing more comes of it. */
  readonly onOver: () => void
}

export class PoolJob {
  readonly #options: PoolJobOptions
  readonly #frames: JobFrames
  #place: Place | undefined
  #transcode: Transcode | undefined
  /** What came before the transcode was there. */
  #early: Received<ToTranscoder>[] = []
  #earlyBytes = 0
  #isOver = false
  #takenBytes = 0
  #isBlocked = false
  #results: ResultSigner | undefined
  pixelsPerSecond = 0

  constructor(options: PoolJobOptions) {
    this.#options = options
    this.#frames = new JobFrames({ job: options.number, end: 'transcoder', publish: options.publish })
  }

  /** A frame of its orchestrator. */
  receive(frame: Uint8Array): void {
    if (this.#isOver) return
    try {
      const body = this.#frames.receive(frame)
      if (body !== undefined) this.#take(decodeToTranscoder(body))
    } catch (thrown) {
      this.fail(toStreamflowError(thrown, 'BadMessage'))
    }
  }

  /** Its orchestrator is told, and whatever runs is stopped. */
  fail({ code, message, data }: StreamflowError): void {
    if (this.#isOver) return
    const { number } = this.#options
    this.abort()
    try {
      this.#frames.send(encodeMessage({ type: 'failed', job: number, code, message: message.slice(0, 1000), data }))
    } catch {
      // Nobody takes anything of it any more: that is why it failed.
    }
  }

  /** Stops at once. */
  abort(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#early = []
    void this.#transcode?.abort()
    this.#place?.release()
    this.#options.onOver()
  }

  #take(received: Received<ToTranscoder>): void {
    const { message, bytes } = received
    if (message.job !== this.#options.number) throw new StreamflowError('BadMessage', 'a message about another job')
    const transcode = this.#transcode
    if (message.type === 'open') {
      if (this.pixelsPerSecond > 0) throw new StreamflowError('BadMessage', 'a job that is open')
      this.pixelsPerSecond = computeNeed(message.transcodeJob)
      const { sign, pool } = this.#options
      if (sign !== undefined) this.#results = new ResultSigner({ pool, job: message.transcodeJob, sign })
      void this.#start(message.transcodeJob)
    } else if (message.type === 'abort') this.abort()
    else if (transcode === undefined) this.#keepEarly(received)
    else this.#pass(transcode, message, bytes)
  }

  #keepEarly(received: Received<ToTranscoder>): void {
    this.#earlyBytes += received.bytes.length
    if (this.#earlyBytes > maxEarlyBytes) throw new StreamflowError('TransportFailed', 'more came than was asked for')
    this.#early.push(received)
  }

  async #start(job: TranscodeJob): Promise<void> {
    try {
      const place = await this.#options.transcoders.admit(job, { isAdmitted: true })
      if (this.#isOver) return place.release()
      this.#place = place
      const transcode = await place.start(this.#createEvents())
      if (this.#isOver) return void transcode.abort()
      this.#transcode = transcode
      for (const { message, bytes } of this.#early.splice(0)) this.#pass(transcode, message, bytes)
    } catch (thrown) {
      this.fail(toStreamflowError(thrown, 'TranscodeFailed'))
    }
  }

  #pass(transcode: Transcode, message: ToTranscoder, bytes: Uint8Array): void {
    this.#results?.sent(message, bytes)
    if (message.type === 'header') transcode.header(bytes)
    else if (message.type === 'segmentOpened') transcode.openSegment(message)
    else if (message.type === 'segmentClosed') transcode.closeSegment(message)
    else if (message.type === 'chunk') {
      this.#takenBytes += bytes.length
      this.#isBlocked = !transcode.write(bytes)
      this.#tellConsumed()
    } else if (message.type === 'end') {
      void transcode.end().then(() => {
        if (this.#isOver) return
        this.#send({ type: 'ended', job: this.#options.number })
        this.abort()
      })
    }
  }

  #tellConsumed(): void {
    if (this.#isBlocked || this.#takenBytes < reportedBytes) return
    this.#send({ type: 'consumed', job: this.#options.number, byteCount: this.#takenBytes })
    this.#takenBytes = 0
  }

  #createEvents(): TranscodeEvents {
    const job = this.#options.number
    return {
      init: ({ bytes, ...init }) => this.#send({ type: 'init', job, ...init }, bytes),
      part: ({ bytes, ...part }) => {
        this.#results?.part({ ...part, bytes })
        this.#send({ type: 'part', job, ...part }, bytes)
      },
      segment: ({ rendition, seq }) => {
        this.#send({ type: 'segment', job, rendition, seq })
        const result = this.#results?.segment({ rendition, seq })
        if (result !== undefined) this.#send({ type: 'result', job, ...result })
      },
      drain: () => {
        this.#isBlocked = false
        this.#tellConsumed()
      },
      failed: (error) => this.fail(error),
    }
  }

  #send(message: FromTranscoder, bytes?: Uint8Array): void {
    if (this.#isOver) return
    try {
      this.#frames.send(encodeMessage(message, bytes))
    } catch (thrown) {
      this.fail(toStreamflowError(thrown, 'TransportFailed'))
    }
  }
}
