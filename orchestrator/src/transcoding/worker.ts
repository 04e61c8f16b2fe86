/** The transcoder process: takes messages of an orchestrator, runs a pipeline per job, sends back what they make. */

import { availableParallelism } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { chooseEncoder, encoders, measureEncoder, type Encoder } from './encoders.js'
import { findConfinement, type FfmpegCommand } from './ffmpegProcess.js'
import { FrameReader, writeFrame } from './frames.js'
import { decodeToTranscoder, encodeMessage, maxJobs, type FromTranscoder, type Received, type ToTranscoder } from './messages.js'
import { Pipeline, type PipelineEvents } from './pipeline.js'

/** What a transcoder runs on. */
export interface WorkerOptions {
  /** Frames of messages from the orchestrator; when it ends, so does the worker. */
  readonly input: Readable
  readonly output: Writable
  readonly ffmpegPath: string
  /** Name of the encoder to use; @default the best that works, found by trial */
  readonly encoder?: string
  /** Output pixels per second to offer; @default measured */
  readonly pixelsPerSecond?: number
}

/** Consumption is reported in such steps: far below what may be under way, and rare enough to cost nothing. */
const reportedBytes = 128 * 1024

/**
 * Runs a transcoder until its orchestrator is gone.
 * @returns resolves when every pipeline is killed
 * @throws {@link StreamflowError} `Unsupported` if no encoder works, `BadMessage` if the input is not what an orchestrator sends
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const command: FfmpegCommand = { ffmpegPath: options.ffmpegPath, confinement: await findConfinement() }
  const encoder = encoders.find(({ name }) => name === options.encoder) ?? (await chooseEncoder(command))
  const pixelsPerSecond = options.pixelsPerSecond ?? (await measureEncoder(command, encoder, availableParallelism()))
  const worker = new Worker(options, command, encoder)
  worker.send({ type: 'ready', encoder: encoder.name, pixelsPerSecond: Math.round(pixelsPerSecond) })
  await worker.run()
}

class Worker {
  readonly #options: WorkerOptions
  readonly #command: FfmpegCommand
  readonly #encoder: Encoder
  readonly #pipelines = new Map<number, Pipeline>()
  #isPaused = false

  constructor(options: WorkerOptions, command: FfmpegCommand, encoder: Encoder) {
    this.#options = options
    this.#command = command
    this.#encoder = encoder
    // The orchestrator is gone: `run` sees its input end.
    options.output.on('error', () => undefined)
    options.output.on('drain', () => this.#setPaused(false))
  }

  async run(): Promise<void> {
    const frames = new FrameReader()
    try {
      for await (const bytes of this.#options.input) {
        for (const body of frames.read(bytes as Uint8Array)) this.#receive(decodeToTranscoder(body))
      }
    } finally {
      for (const pipeline of this.#pipelines.values()) pipeline.abort()
    }
  }

  send(message: FromTranscoder, bytes?: Uint8Array): void {
    if (!writeFrame(this.#options.output, encodeMessage(message, bytes))) this.#setPaused(true)
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    for (const pipeline of this.#pipelines.values()) pipeline.setPaused(isPaused)
  }

  #receive({ message, bytes }: Received<ToTranscoder>): void {
    const { job } = message
    if (message.type === 'open') {
      this.#open(job, message)
      return
    }
    // Messages for a job that just failed here may still be under way.
    const pipeline = this.#pipelines.get(job)
    if (pipeline === undefined) return
    if (message.type === 'header') pipeline.header(bytes)
    else if (message.type === 'segmentOpened') pipeline.openSegment(message.seq, message.startUs)
    else if (message.type === 'chunk') pipeline.write(bytes)
    else if (message.type === 'segmentClosed') pipeline.closeSegment(message.durationUs)
    else if (message.type === 'end') pipeline.end()
    else if (message.type === 'abort') {
      pipeline.abort()
      this.#pipelines.delete(job)
    }
  }

  #open(job: number, { transcodeJob }: ToTranscoder & { type: 'open' }): void {
    const events = this.#createEvents(job)
    if (this.#pipelines.size >= maxJobs || this.#pipelines.has(job)) {
      events.failed(new StreamflowError('Capped', `a transcoder runs at most ${maxJobs} jobs`))
      return
    }
    try {
      const pipeline = new Pipeline({ job: transcodeJob, command: this.#command, encoder: this.#encoder, cores: availableParallelism(), events })
      pipeline.setPaused(this.#isPaused)
      this.#pipelines.set(job, pipeline)
    } catch (error) {
      events.failed(toStreamflowError(error, 'TranscodeFailed'))
    }
  }

  #createEvents(job: number): PipelineEvents {
    let consumedBytes = 0
    return {
      init: ({ rendition, codecs, bytes }) => this.send({ type: 'init', job, rendition, codecs }, bytes),
      part: (rendition, { bytes, ...part }) => this.send({ type: 'part', job, rendition, ...part }, bytes),
      segment: (rendition, seq) => this.send({ type: 'segment', job, rendition, seq }),
      consumed: (byteCount) => {
        consumedBytes += byteCount
        if (consumedBytes < reportedBytes) return
        this.send({ type: 'consumed', job, byteCount: consumedBytes })
        consumedBytes = 0
      },
      ended: () => {
        this.#pipelines.delete(job)
        this.send({ type: 'ended', job })
      },
      failed: ({ code, message, data }) => {
        this.#pipelines.delete(job)
        this.send({ type: 'failed', job, code, message: message.slice(0, 1000), data })
      },
    }
  }
}
