/**
 * Transcoders of other machines, met on NATS: they come and go, say what they offer, and are given streams like processes of
 * this machine. None is asked anything before it has work, so a stream is admitted or refused from what is known here.
 */

import { randomUUID } from 'node:crypto'
import type { Referee } from '../../../core/pool/referee.js'
import type { Place, TranscodeJob, TranscoderPool, Transcoders } from '../../../core/transcoding.js'
import { Placement } from '../placement.js'
import { keepConnected, type Bus } from './bus.js'
import { decodeOffer, maxHosts, type Offer } from './offer.js'
import { PoolHost } from './poolHost.js'
import { nameSubjects, publicPrefix, readNames, readPublicKey, type WorkerName } from './subjects.js'

/** How the pool is joined. */
export interface PoolOptions {
  /** Addresses of NATS, `nats://host:port` or `tls://…`. */
  readonly servers: readonly string[]
  /** Text of an orchestrator's credentials file; none where the server asks for none. */
  readonly credentials?: string
  /** Name of the pool: orchestrators of one identity share it, others never see it. */
  readonly name: string
  /** Judges members that joined by themselves; without it they get nothing. */
  readonly referee?: Referee
  /** Told what happens to transcoders. */
  readonly log?: (event: PoolLogEvent) => void
}

/** Something that an operator wants to know of. */
export type PoolLogEvent =
  | { readonly type: 'transcoderJoined'; readonly transcoder: string; readonly encoders: readonly string[]; readonly pixelsPerSecond: number }
  | { readonly type: 'transcoderLeft'; readonly transcoder: string; readonly reason: string; readonly jobs: number }
  | { readonly type: 'transcodesMoved'; readonly transcoder: string; readonly reason: string; readonly jobs: number }
  | { readonly type: 'transcodeRestarted'; readonly streamId: string; readonly cause: string }
  | { readonly type: 'poolTroubled'; readonly reason: string }

const tickMs = 100
/** Of members that joined by themselves, all together: others must find room. */
const maxPublicHosts = maxHosts / 2
/** Connections of one such member. */
const maxHostsPerMember = 8
/** How often transcoders hear that we live, in ticks. */
const sayTicks = 5
/** A new stream waits only for a pool that is just being joined; one that lost its transcode, for machines to come back. */
const patience = { newMs: 1_000, placedMs: 60_000 } as const

/** Joins a pool as its orchestrator; it is joined again whenever the connection broke. */
export function createPool(options: PoolOptions): TranscoderPool & { /** Resolves when the first transcoder can work. */ ready(timeoutMs?: number): Promise<void> } {
  return new Pool(options)
}

class Pool implements TranscoderPool {
  readonly #options: PoolOptions
  readonly #placement: Placement<PoolHost>
  readonly #connection: { close(): Promise<void> }
  #session: Session | undefined

  constructor(options: PoolOptions) {
    this.#options = options
    this.#placement = new Placement<PoolHost>({
      listHosts: () => this.#session?.listHosts() ?? [],
      patience,
      onAgain: ({ streamId }) => options.log?.({ type: 'transcodeRestarted', streamId, cause: 'transcode lost' }),
    })
    const { servers, credentials, name, log } = options
    this.#connection = keepConnected({
      servers, name: `orchestrator ${name}`,
      ...(credentials !== undefined && { credentials }),
      onConnected: (bus) => this.#openSession(bus),
      onTrouble: (reason) => log?.({ type: 'poolTroubled', reason }),
    })
  }

  ready(timeoutMs?: number): Promise<void> {
    return this.#placement.waitForHost(timeoutMs)
  }

  admit(job: TranscodeJob, options?: Parameters<Transcoders['admit']>[1]): Promise<Place> {
    return this.#placement.admit(job, options)
  }

  capacity(): ReturnType<Transcoders['capacity']> {
    return this.#placement.capacity()
  }

  list(): ReturnType<TranscoderPool['list']> {
    return this.#placement.list()
  }

  async close(): Promise<void> {
    this.#placement.close()
    this.#session?.close('the orchestrator stops')
    await this.#connection.close()
  }

  #openSession(bus: Bus): () => void {
    const { name, log, referee } = this.#options
    const session = new Session({ bus, pool: name, referee, placement: this.#placement, log: (event) => log?.(event) })
    this.#session = session
    return () => {
      if (this.#session === session) this.#session = undefined
      session.close('the connection to the pool broke')
    }
  }
}

interface SessionOptions {
  readonly bus: Bus
  readonly pool: string
  readonly referee: Referee | undefined
  readonly placement: Placement<PoolHost>
  readonly log: (event: PoolLogEvent) => void
}

/** One connection to the pool, and whom it met there. */
class Session {
  readonly #options: SessionOptions
  readonly #subjects: ReturnType<typeof nameSubjects>
  /** Names this connection, so that answers to an earlier one do not reach it. */
  readonly #guest = randomUUID()
  readonly #hosts = new Map<string, PoolHost>()
  readonly #timer: NodeJS.Timeout
  #ticks = 0

  constructor(options: SessionOptions) {
    this.#options = options
    this.#subjects = nameSubjects(options.pool)
    const { bus } = options
    const any = { holder: '*', run: '*' }
    bus.subscribe(this.#subjects.made(any, this.#guest), ({ subject, bytes, isUnheard }) => this.#onMade(subject, bytes, isUnheard))
    bus.subscribe(this.#subjects.offer(any), ({ subject, bytes }) => this.#onOffer(subject, bytes))
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#sayAlive()
  }

  listHosts(): readonly PoolHost[] {
    return [...this.#hosts.values()]
  }

  close(reason: string): void {
    clearInterval(this.#timer)
    const hosts = [...this.#hosts.values()]
    this.#hosts.clear()
    for (const host of hosts) host.leave(reason)
  }

  #onOffer(subject: string, bytes: Uint8Array): void {
    const worker = readWorker(subject)
    const name = describe(worker)
    try {
      const offer = decodeOffer(bytes)
      const known = this.#hosts.get(name)
      if (known !== undefined) known.renew(offer)
      else if (this.#hosts.size < maxHosts && !offer.isDraining && this.#isWelcome(worker, offer)) {
        const to = this.#subjects.work(worker, this.#guest)
        // Where nobody hears any more, the server says so to where the answer would have come from.
        const reply = this.#subjects.made(worker, this.#guest)
        this.#hosts.set(name, new PoolHost({ name, guest: this.#guest, offer, publish: (frame) => this.#options.bus.publish(to, frame, reply), now: () => performance.now(), referee: this.#findReferee(worker) }))
        this.#options.log({ type: 'transcoderJoined', transcoder: name, encoders: offer.encoders, pixelsPerSecond: offer.offeredPixelsPerSecond })
      }
      this.#options.placement.wake()
    } catch (thrown) {
      this.#options.log({ type: 'poolTroubled', reason: `${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}` })
    }
  }

  /** Who joined by itself gets work only where somebody judges it, and says whom to pay. */
  #isWelcome({ holder }: WorkerName, { payTo }: Offer): boolean {
    if (readPublicKey(holder) === undefined) return true
    if (this.#options.referee === undefined || payTo === undefined) return false
    const [all, own] = [publicPrefix, `${holder}.`].map((start) => [...this.#hosts.keys()].filter((name) => name.startsWith(start)).length)
    return (all ?? 0) < maxPublicHosts && (own ?? 0) < maxHostsPerMember
  }

  #findReferee({ holder }: WorkerName): { readonly judge: Referee; readonly member: string } | undefined {
    const member = readPublicKey(holder)
    const { referee } = this.#options
    return member === undefined || referee === undefined ? undefined : { judge: referee, member }
  }

  #onMade(subject: string, frame: Uint8Array, isUnheard: boolean): void {
    const name = describe(readWorker(subject))
    if (isUnheard) this.#remove(name, 'its connection is gone')
    else this.#hosts.get(name)?.receive(frame)
  }

  #remove(name: string, reason: string): void {
    const host = this.#hosts.get(name)
    if (host === undefined) return
    // First: what it had is not placed there again.
    this.#hosts.delete(name)
    this.#options.log({ type: 'transcoderLeft', transcoder: name, reason, jobs: host.jobs })
    host.leave(reason)
  }

  #tick(): void {
    if (++this.#ticks % sayTicks === 0) this.#sayAlive()
    const { placement } = this.#options
    for (const [name, host] of [...this.#hosts]) {
      host.tick()
      if (host.isGone) this.#remove(name, 'it is silent')
      else if (host.isLeaving && host.jobs > 0 && this.listHosts().some(({ isReady }) => isReady)) {
        this.#options.log({ type: 'transcodesMoved', transcoder: name, reason: 'silent, or shutting down', jobs: host.jobs })
        host.leave('the transcoder is silent, or shuts down')
      } else {
        const jobs = host.moveLate((need) => this.listHosts().some((other) => other !== host && other.isReady && placement.computeFree(other) >= need))
        if (jobs > 0) this.#options.log({ type: 'transcodesMoved', transcoder: name, reason: 'late', jobs })
      }
    }
  }

  #sayAlive(): void {
    this.#options.bus.publish(this.#subjects.guest(this.#guest), new Uint8Array(0))
  }
}

function readWorker(subject: string): WorkerName {
  const [holder = '', run = ''] = readNames(subject)
  return { holder, run }
}

const describe = ({ holder, run }: WorkerName): string => `${holder}.${run}`
