/** Delivery of streams, as low-latency HLS and as follow responses: keeps their windows, answers what is asked of them. */

import { randomBytes } from 'node:crypto'
import type { Delivery, DeliveryReply } from '../../core/delivery.js'
import type { Publisher } from '../../core/transcoding.js'
import { decide } from './decide.js'
import { FollowFeed } from './followFeed.js'
import { LiveStream } from './liveStream.js'
import { Pace } from './pace.js'
import { parseQuestion, routes, type Question } from './parseQuestion.js'
import { getRefusal, Representations } from './representations.js'
import { WaitingRoom } from './waitingRoom.js'

/** How streams are delivered. */
export interface HlsOptions {
  /** Whose deliveries these are: which of a stream's origins this one is. */
  readonly orchestrator?: string
  /** Segments that a viewer can go back to, per rendition; at least 8. @default 12 */
  readonly windowSegments?: number
  /** Bytes of media that are kept per stream; older segments go first. @default 256 MiB */
  readonly windowBytes?: number
  /** How long an ended stream can still be watched, ms. @default 30 000 */
  readonly lingerMs?: number
  /** Requests of one stream that may wait at the same time. @default 10 000 */
  readonly maxWaiters?: number
  /** Follow responses of one stream. @default 10 000 */
  readonly maxFollowers?: number
  /** Bytes that a follower may be behind before it is cut; at half of it, it is asked to come again. @default 4 MiB */
  readonly maxBacklogBytes?: number
  /** How long a request waits for a stream to begin, ms. @default 10 000 */
  readonly startTimeoutMs?: number
}

/** Delivery of all streams. */
export interface Hls extends Publisher, Delivery {
  /** Streams that are live or linger. */
  readonly streams: number
  /** Follow responses that are open. */
  readonly followers: number
  /** Drops everything; requests that wait are answered. */
  close(): void
}

/** A stream and who is there for it. */
interface Channel {
  readonly stream: LiveStream
  readonly made: Representations
  readonly room: WaitingRoom
  readonly feed: FollowFeed
}

/** Creates the delivery of streams. */
export function createHls(options: HlsOptions = {}): Hls {
  const { orchestrator, windowSegments = 12, windowBytes = 256 * 1024 * 1024, lingerMs = 30_000, startTimeoutMs = 10_000 } = options
  const { maxWaiters = 10_000, maxFollowers = 10_000, maxBacklogBytes = 4 * 1024 * 1024 } = options
  const channels = new Map<string, Channel>()
  const timers = new Set<NodeJS.Timeout>()
  const pace = new Pace()

  const openChannel = (key: string, { job, startTimeMs }: Parameters<Publisher['publish']>[0]): Channel => {
    const changed = new Set<string>()
    const stream = new LiveStream({
      job, startTimeMs, orchestrator, windowSegments: Math.max(8, windowSegments), windowBytes,
      changed: (rendition) => {
        if (changed.size === 0) pace.run(announce)
        changed.add(rendition)
      },
      ended: () => {
        const timer = setTimeout(() => {
          timers.delete(timer)
          if (channels.get(key)?.stream === stream) channels.delete(key)
        }, lingerMs)
        timer.unref()
        timers.add(timer)
      },
    })
    const room = new WaitingRoom(maxWaiters, pace)
    const feed = new FollowFeed(stream, { maxFollowers, maxBacklogBytes }, pace)
    /** Once for all that a turn of the event loop brought: picture and sound leave together. */
    const announce = (): void => {
      feed.advance()
      for (const rendition of changed) room.changed(rendition)
      changed.clear()
    }
    return { stream, made: new Representations(randomBytes(6).toString('base64url')), room, feed }
  }

  return {
    get streams() {
      return channels.size
    },
    get followers() {
      return [...channels.values()].reduce((sum, { feed }) => sum + feed.size, 0)
    },
    publish(publication) {
      const key = publication.job.streamId.toLowerCase()
      const channel = openChannel(key, publication)
      channels.set(key, channel)
      return channel.stream
    },
    handle({ path, query, client }, reply) {
      const question = parseQuestion(path, query)
      const channel = question && channels.get(question.streamId)
      if (question === undefined || channel === undefined) {
        reply.send(getRefusal(question === undefined ? 'NotFound' : 'StreamNotFound'), question === undefined ? '/live/*' : routes[question.kind])
        return undefined
      }
      return new Visit(channel, question, { client, reply, startTimeoutMs }).goOn()
    },
    close() {
      for (const { stream } of channels.values()) stream.end()
      for (const timer of timers) clearTimeout(timer)
      channels.clear()
    },
  }
}

/** One question on its way to its answer, which may take more than one wait. */
class Visit {
  readonly #channel: Channel
  readonly #question: Question
  readonly #means: { readonly client: string; readonly reply: DeliveryReply; readonly startTimeoutMs: number }
  #leave: (() => void) | undefined

  constructor(channel: Channel, question: Question, means: { readonly client: string; readonly reply: DeliveryReply; readonly startTimeoutMs: number }) {
    this.#channel = channel
    this.#question = question
    this.#means = means
  }

  /** @returns what to call when the viewer is gone; `undefined` if it has been answered */
  goOn(): (() => void) | undefined {
    this.#step()
    return this.#leave === undefined ? undefined : () => this.#leave?.()
  }

  #step(): void {
    const { stream, made, room, feed } = this.#channel
    const { client, reply, startTimeoutMs } = this.#means
    const route = routes[this.#question.kind]
    this.#leave = undefined
    const decision = decide({ stream, made, startTimeoutMs }, this.#question)
    if ('answer' in decision) return reply.send(decision.answer, route)
    if ('follow' in decision) {
      this.#leave = feed.join(decision.follow, decision.fromSeq, client, () => reply.begin(route))
      if (this.#leave === undefined) reply.send(getRefusal('Busy'), route)
      return
    }
    let isOver = false
    const leave = room.enter(decision.until, client, (result) => {
      isOver = true
      if (result === 'met') this.#step()
      else reply.send(result === 'late' ? decision.orElse : getRefusal('Busy'), route)
    })
    if (!isOver) this.#leave = leave
  }
}
