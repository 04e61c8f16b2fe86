/**
 * Which stream runs on which chain: the best kind that has room, balanced among devices of a kind. A device on which a
 * stream fails is given no further ones until a trial has passed: at once, and after that with growing pauses. So what one
 * stream does to it (pictures that it cannot decode) costs that stream a restart, and takes the device from nobody else;
 * and one that hangs or fell off its bus is out until it is back.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { computeNeed } from '../../core/transcodeNeed.js'
import type { TranscodeJob } from '../../core/transcoding.js'
import type { Accelerator } from './accelerator.js'
import { acceleratorKinds, type AcceleratorKind } from './accelerator.js'
import { computeOffer } from './computeOffer.js'
import { isFull } from './isFull.js'
import type { ProvenAccelerator } from './probeAccelerators.js'

/** What a stream was given; to be given back once, by one of the two. */
export interface AcceleratorLease {
  readonly accelerator: Accelerator
  /** The stream is over, or was taken away. */
  release(): void
  /** ffmpeg died or hung on it. @param stderr - its last words */
  fail(error: { readonly message: string; readonly stderr: string }): void
}

/** What happened to a device, for logs. */
export interface AcceleratorEvent {
  readonly name: string
  /** `left`: given nothing until a trial passes · `full`: given no more sessions than it has · `back`: takes streams again */
  readonly state: 'left' | 'full' | 'back'
  readonly reason: string
}

/** What the pool works with. */
export interface AcceleratorPoolOptions {
  readonly proven: readonly ProvenAccelerator[]
  /** Encoders that one device may run at once; learnt from what it refuses if left out. */
  readonly sessionsPerDevice?: number
  /** Tries a device. @returns why it does not work; nothing if it does */
  readonly retry: (accelerator: Accelerator) => Promise<string | undefined>
  /** Told of what an operator wants to know; what is offered may have changed. */
  readonly changed?: (event: AcceleratorEvent) => void
}

/** Pauses between trials of a device that failed, doubled each time. */
export const retryPauses = { firstMs: 5_000, maxMs: 600_000 } as const
/** A limit that was learnt from a refusal may have been another program's doing: it is forgotten after so long. */
const fullMs = 60_000
/** Streams that fail one after the other on a device that passes its trials, before it is paused all the same. */
const failuresInRow = 4
/**
 * Memory of a card that a stream takes: a context and its decoder, and per pixel of source and rungs the surfaces of each.
 * Measured on an H200: 582 MiB for 1080p into three rungs.
 */
const memory = { streamBytes: 500 * 1024 * 1024, bytesPerPixel: 24 } as const

/** A chain on a device, with what runs there. */
interface Post {
  readonly proven: ProvenAccelerator
  readonly leases: Map<AcceleratorLease, Weight>
  state: 'good' | 'doubted'
  /** Encoders that it may run, while that is believed. */
  sessionLimit: number
  failures: number
  pauseMs: number
}

/** What a stream takes of a device. */
interface Weight {
  readonly pixelsPerSecond: number
  readonly sessions: number
  readonly memoryBytes: number
}

const noWeight: Weight = { pixelsPerSecond: 0, sessions: 0, memoryBytes: 0 }

export class AcceleratorPool {
  readonly #options: AcceleratorPoolOptions
  /** Best kinds first. */
  readonly #posts: readonly Post[]
  readonly #timers = new Set<NodeJS.Timeout>()
  #isClosed = false

  constructor(options: AcceleratorPoolOptions) {
    this.#options = options
    const rank = ({ accelerator }: ProvenAccelerator): number => acceleratorKinds.indexOf(accelerator.kind)
    this.#posts = [...options.proven].sort((a, b) => rank(a) - rank(b)).map((proven) => ({
      proven, leases: new Map(), state: 'good', sessionLimit: this.#configuredLimit(proven.accelerator), failures: 0, pauseMs: retryPauses.firstMs,
    }))
  }

  /** Output pixels per second that are to be had now. */
  get pixelsPerSecond(): number {
    return computeOffer(this.#posts.filter(({ state }) => state === 'good').map(({ proven }) => proven))
  }

  /** Whether a chain takes streams now. */
  isUsable(name: string): boolean {
    return this.#posts.some(({ state, proven }) => state === 'good' && proven.accelerator.name === name)
  }

  /**
   * Chooses for a stream: the best kind that has room for it, there the device with the smallest share taken; if all are
   * full, the least full, since the stream was admitted.
   * @param only - a kind that it has to be
   * @throws {@link StreamflowError} `Unsupported` if nothing here decodes its codec
   */
  take(job: Pick<TranscodeJob, 'input' | 'ladder'>, only?: AcceleratorKind): AcceleratorLease {
    const { codec } = job.input.video
    const weight = computeWeight(job)
    const able = this.#posts.filter(({ proven }) => proven.codecs.includes(codec) && (only ?? proven.accelerator.kind) === proven.accelerator.kind)
    const good = able.filter(({ state }) => state === 'good')
    const roomy = good.filter((post) => hasRoom(post, weight))
    const bestKind = roomy[0]?.proven.accelerator.kind
    // What is in doubt is better than nothing, where there is nothing else.
    const candidates = bestKind === undefined ? (good.length > 0 ? good : able) : roomy.filter(({ proven }) => proven.accelerator.kind === bestKind)
    const post = candidates.map((each) => ({ each, share: computeShare(each) })).sort((a, b) => a.share - b.share)[0]?.each
    if (post === undefined) throw new StreamflowError('Unsupported', `nothing here decodes ${codec}`)
    return this.#createLease(post, weight)
  }

  /** Nothing is tried any more. */
  close(): void {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #configuredLimit({ device }: Accelerator): number {
    return device === '' ? Infinity : (this.#options.sessionsPerDevice ?? Infinity)
  }

  #createLease(post: Post, weight: Weight): AcceleratorLease {
    const lease: AcceleratorLease = {
      accelerator: post.proven.accelerator,
      release: () => {
        if (post.leases.delete(lease)) post.failures = 0
      },
      fail: (error) => {
        if (post.leases.delete(lease)) this.#onFailure(post, error)
      },
    }
    post.leases.set(lease, weight)
    return lease
  }

  #onFailure(post: Post, { message, stderr }: Parameters<AcceleratorLease['fail']>[0]): void {
    // The processor has no device that could be at fault.
    if (post.proven.accelerator.kind === 'x264') return
    const running = sum(post).sessions
    if (isFull(stderr) && running > 0) return this.#limit(post, running)
    if (post.state === 'doubted') return
    post.failures++
    post.state = 'doubted'
    const { name } = post.proven.accelerator
    this.#options.changed?.({ name, state: 'left', reason: message })
    if (post.failures < failuresInRow) void this.#retry(post)
    else this.#retryLater(post)
  }

  /** It runs what it runs, and was too small for one more. */
  #limit(post: Post, sessions: number): void {
    post.sessionLimit = sessions
    this.#options.changed?.({ name: post.proven.accelerator.name, state: 'full', reason: `it refused an encoder beside ${sessions}` })
    this.#later(fullMs, () => (post.sessionLimit = this.#configuredLimit(post.proven.accelerator)))
  }

  async #retry(post: Post): Promise<void> {
    const reason = await this.#options.retry(post.proven.accelerator)
    if (this.#isClosed) return
    const { name } = post.proven.accelerator
    if (reason !== undefined) return this.#retryLater(post)
    post.state = 'good'
    if (post.failures < failuresInRow) post.pauseMs = retryPauses.firstMs
    this.#options.changed?.({ name, state: 'back', reason: 'its trial passed' })
  }

  #retryLater(post: Post): void {
    this.#later(post.pauseMs, () => void this.#retry(post))
    post.pauseMs = Math.min(2 * post.pauseMs, retryPauses.maxMs)
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }
}

function computeWeight(job: Pick<TranscodeJob, 'input' | 'ladder'>): Weight {
  const { width, height } = job.input.video
  const pixels = job.ladder.reduce((total, rung) => total + rung.width * rung.height, width * height)
  return { pixelsPerSecond: computeNeed(job), sessions: job.ladder.length, memoryBytes: memory.streamBytes + pixels * memory.bytesPerPixel }
}

function sum({ leases }: Post): Weight {
  return [...leases.values()].reduce((total, weight) => ({
    pixelsPerSecond: total.pixelsPerSecond + weight.pixelsPerSecond, sessions: total.sessions + weight.sessions, memoryBytes: total.memoryBytes + weight.memoryBytes,
  }), noWeight)
}

const computeShare = (post: Post): number => sum(post).pixelsPerSecond / Math.max(1, post.proven.pixelsPerSecond)

function hasRoom(post: Post, weight: Weight): boolean {
  const taken = sum(post)
  const { pixelsPerSecond, accelerator, device } = post.proven
  const sessions = accelerator.isEncodedOnProcessor ? 0 : taken.sessions + weight.sessions
  return taken.pixelsPerSecond + weight.pixelsPerSecond <= pixelsPerSecond
    && sessions <= post.sessionLimit
    && taken.memoryBytes + weight.memoryBytes <= (device.freeMemoryBytes ?? Infinity)
}

