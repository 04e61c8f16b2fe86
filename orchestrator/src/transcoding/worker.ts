/** The transcoder process: takes messages of an orchestrator, runs a pipeline per job, sends back what they make. */

import { availableParallelism } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { hashExactService } from '@streamflow/sdk/payments'
import type { TranscodeJob } from '../core/transcoding.js'
import { chooseEncoder, encoders, measureEncoder, type Encoder } from './encoders.js'
import { findConfinement, type FfmpegCommand } from './ffmpegProcess.js'
import { FrameReader, writeFrame } from './frames.js'
import { decodeToTranscoder, encodeMessage, maxJobs, type FromTranscoder, type Received, type ToTranscoder } from './messages.js'
import { ExactPipeline } from './exact/exactPipeline.js'
import { identifyExactEncoder } from './exact/identifyExactEncoder.js'
import { Pipeline, type PipelineEvents, type StreamPipeline } from './pipeline.js'

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
  // By trial too, where there is libx264: what of the exact service comes out here must be what its description says.
  const exactService = await identifyExactEncoder(command).then(hashExactService, () => undefined)
  const worker = new Worker(options, { command, encoder, exactService })
  worker.send({ type: 'ready', encoder: encoder.name, pixelsPerSecond: Math.round(pixelsPerSecond) })
  await worker.run()
}

/** What a worker found on its machine. */
interface WorkerMeans {
  readonly command: FfmpegCommand
  readonly encoder: Encoder
  /** Id of the exact service that it can do. */
  readonly exactService: `0x${string}` | undefined
}

class Worker {
  readonly #options: WorkerOptions
  readonly #means: WorkerMeans
  readonly #pipelines = new Map<number, StreamPipeline>()
  #isPaused = false

  constructor(options: WorkerOptions, means: WorkerMeans) {
    this.#options = options
    this.#means = means
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
      const pipeline = this.#createPipeline(transcodeJob, events)
      pipeline.setPaused(this.#isPaused)
      this.#pipelines.set(job, pipeline)
    } catch (error) {
      events.failed(toStreamflowError(error, 'TranscodeFailed'))
    }
  }

  #createPipeline(job: TranscodeJob, events: PipelineEvents): StreamPipeline {
    const { command, encoder, exactService } = this.#means
    const plan = { job, command, events }
    if (job.exactService === undefined) return new Pipeline({ ...plan, encoder, cores: availableParallelism() })
    if (job.exactService === exactService) return new ExactPipeline(plan)
    throw new StreamflowError('Unsupported', `this transcoder's encoder is not that of the exact service ${job.exactService}`, { data: { own: exactService ?? null } })
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
