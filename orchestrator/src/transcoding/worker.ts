/** The transcoder process: takes messages of an orchestrator, runs a pipeline per job, sends back what they make. */

import { availableParallelism } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { hashExactService } from '@streamflow/sdk/payments'
import type { TranscodeJob } from '../core/transcoding.js'
import type { Accelerator } from './accelerators/accelerator.js'
import { AcceleratorPool, type AcceleratorEvent, type AcceleratorLease } from './accelerators/acceleratorPool.js'
import { spreadOffer } from './accelerators/computeOffer.js'
import { describeAccelerator } from './accelerators/describeAccelerator.js'
import { listProven, probeAccelerators, type AcceleratorChoice, type ProvenAccelerator } from './accelerators/probeAccelerators.js'
import { makeTrialClip } from './accelerators/trialClip.js'
import { trialClip, tryAccelerator } from './accelerators/tryAccelerator.js'
import { findConfinement } from './confinement.js'
import type { FfmpegCommand } from './ffmpegProcess.js'
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
  /** Which chains may be used; @default all that work */
  readonly choice?: AcceleratorChoice
  /** What somebody found out on this machine; @default found out by trial */
  readonly proven?: readonly ProvenAccelerator[]
  /** Output pixels per second that the machine is to offer; @default measured */
  readonly pixelsPerSecond?: number
  /** Encoders that one device may run at once; @default learnt from what it refuses */
  readonly sessionsPerDevice?: number
  /** It is one of so many on this machine, and has its part of everything; @default 1 */
  readonly share?: number
}

/** Consumption is reported in such steps: far below what may be under way, and rare enough to cost nothing. */
const reportedBytes = 128 * 1024

/**
 * Runs a transcoder until its orchestrator is gone.
 * @returns resolves when every pipeline is killed
 * @throws {@link StreamflowError} `Unsupported` if no encoder works, `BadMessage` if the input is not what an orchestrator sends
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const command: FfmpegCommand = { ffmpegPath: options.ffmpegPath, confinement: await findConfinement(options.ffmpegPath) }
  const proven = await findAccelerators(options, command)
  // By trial too, where there is libx264: what of the exact service comes out here must be what its description says.
  const exactService = await identifyExactEncoder(command).then(hashExactService, () => undefined)
  const worker = new Worker(options, { command, proven, exactService })
  worker.tell()
  await worker.run()
}

/** What a worker found on its machine. */
interface WorkerMeans {
  readonly command: FfmpegCommand
  readonly proven: readonly ProvenAccelerator[]
  /** Id of the exact service that it can do. */
  readonly exactService: `0x${string}` | undefined
}

async function findAccelerators({ ffmpegPath, choice, proven, pixelsPerSecond }: WorkerOptions, command: FfmpegCommand): Promise<readonly ProvenAccelerator[]> {
  if (proven !== undefined) return pixelsPerSecond === undefined ? proven : spreadOffer(proven, pixelsPerSecond)
  return listProven(await probeAccelerators(command, { ...(choice && { choice }), ...(pixelsPerSecond !== undefined && { pixelsPerSecond }) }), ffmpegPath)
}

/** What one of several processes has of a device. */
function takeShare(proven: ProvenAccelerator, share: number): ProvenAccelerator {
  const { device, pixelsPerSecond } = proven
  const { freeMemoryBytes } = device
  return { ...proven, pixelsPerSecond: pixelsPerSecond / share, device: { ...device, ...(freeMemoryBytes !== undefined && { freeMemoryBytes: freeMemoryBytes / share }) } }
}

class Worker {
  readonly #options: WorkerOptions
  readonly #means: WorkerMeans
  readonly #accelerators: AcceleratorPool
  readonly #pipelines = new Map<number, { readonly pipeline: StreamPipeline; readonly lease: AcceleratorLease }>()
  #isPaused = false

  constructor(options: WorkerOptions, means: WorkerMeans) {
    this.#options = options
    this.#means = means
    const { command, proven } = means
    const { share = 1, sessionsPerDevice } = options
    this.#accelerators = new AcceleratorPool({
      proven: proven.map((each) => takeShare(each, share)),
      ...(sessionsPerDevice !== undefined && { sessionsPerDevice: Math.floor(sessionsPerDevice / share) }),
      retry: (accelerator) => makeTrialClip(command, { codec: 'h264', ...trialClip }).then((clip) => tryAccelerator(command, accelerator, clip)).catch((error: unknown) => String(error)),
      changed: (event) => this.tell(event),
    })
    // The orchestrator is gone: `run` sees its input end.
    options.output.on('error', () => undefined)
    options.output.on('drain', () => this.#setPaused(false))
  }

  /** Tells what it offers now. */
  tell(change?: AcceleratorEvent): void {
    const accelerators = this.#means.proven.map((each) => describeAccelerator(each, this.#accelerators.isUsable(each.accelerator.name)))
    this.#send({ type: 'ready', pixelsPerSecond: Math.round(this.#accelerators.pixelsPerSecond), accelerators, ...(change && { change }) })
  }

  async run(): Promise<void> {
    const frames = new FrameReader()
    try {
      for await (const bytes of this.#options.input) {
        for (const body of frames.read(bytes as Uint8Array)) this.#receive(decodeToTranscoder(body))
      }
    } finally {
      for (const { pipeline } of this.#pipelines.values()) pipeline.abort()
      this.#accelerators.close()
    }
  }

  #send(message: FromTranscoder, bytes?: Uint8Array): void {
    if (!writeFrame(this.#options.output, encodeMessage(message, bytes))) this.#setPaused(true)
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    for (const { pipeline } of this.#pipelines.values()) pipeline.setPaused(isPaused)
  }

  #receive({ message, bytes }: Received<ToTranscoder>): void {
    const { job } = message
    if (message.type === 'open') {
      this.#open(job, message)
      return
    }
    // Messages for a job that just failed here may still be under way.
    const running = this.#pipelines.get(job)
    if (running === undefined) return
    const { pipeline, lease } = running
    if (message.type === 'header') pipeline.header(bytes)
    else if (message.type === 'segmentOpened') pipeline.openSegment(message.seq, message.startUs)
    else if (message.type === 'chunk') pipeline.write(bytes)
    else if (message.type === 'segmentClosed') pipeline.closeSegment(message.durationUs)
    else if (message.type === 'end') pipeline.end()
    else if (message.type === 'abort') {
      pipeline.abort()
      lease.release()
      this.#pipelines.delete(job)
    }
  }

  #open(job: number, { transcodeJob }: ToTranscoder & { type: 'open' }): void {
    let lease: AcceleratorLease | undefined
    try {
      if (this.#pipelines.size >= maxJobs || this.#pipelines.has(job)) throw new StreamflowError('Capped', `a transcoder runs at most ${maxJobs} jobs`)
      // The exact service is the processor's by its description.
      lease = this.#accelerators.take(transcodeJob, transcodeJob.exactService === undefined ? undefined : 'x264')
      const pipeline = this.#createPipeline(transcodeJob, lease.accelerator, this.#createEvents(job, lease))
      pipeline.setPaused(this.#isPaused)
      this.#pipelines.set(job, { pipeline, lease })
    } catch (thrown) {
      lease?.release()
      this.#sendFailed(job, toStreamflowError(thrown, 'TranscodeFailed'))
    }
  }

  #createPipeline(job: TranscodeJob, accelerator: Accelerator, events: PipelineEvents): StreamPipeline {
    const { command, exactService } = this.#means
    const plan = { job, command, events }
    if (job.exactService === undefined) return new Pipeline({ ...plan, accelerator, cores: availableParallelism() })
    if (job.exactService === exactService) return new ExactPipeline(plan)
    throw new StreamflowError('Unsupported', `this transcoder's encoder is not that of the exact service ${job.exactService}`, { data: { own: exactService ?? null } })
  }

  #createEvents(job: number, lease: AcceleratorLease): PipelineEvents {
    let consumedBytes = 0
    return {
      init: ({ rendition, codecs, bytes }) => this.#send({ type: 'init', job, rendition, codecs }, bytes),
      part: (rendition, { bytes, ...part }) => this.#send({ type: 'part', job, rendition, ...part }, bytes),
      segment: (rendition, seq) => this.#send({ type: 'segment', job, rendition, seq }),
      consumed: (byteCount) => {
        consumedBytes += byteCount
        if (consumedBytes < reportedBytes) return
        this.#send({ type: 'consumed', job, byteCount: consumedBytes })
        consumedBytes = 0
      },
      ended: () => {
        this.#pipelines.delete(job)
        lease.release()
        this.#send({ type: 'ended', job })
      },
      failed: (error) => {
        this.#pipelines.delete(job)
        // Before it is told: the stream comes back at once, and must not be sent to the same device.
        if (error.code === 'TranscodeFailed') lease.fail({ message: error.message, stderr: String(error.data['stderr'] ?? '') })
        else lease.release()
        this.#sendFailed(job, error)
      },
    }
  }

  #sendFailed(job: number, { code, message, data }: StreamflowError): void {
    this.#send({ type: 'failed', job, code, message: message.slice(0, 1000), data })
  }
}
