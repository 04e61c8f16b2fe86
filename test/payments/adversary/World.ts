// The world of an adversary: the real cashier on a real ledger, the real registry of streams with its segment machine, a
// chain in memory and a clock that moves when told. What viewers are shown is counted, in wei at the stream's price.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { computeFee, services } from '@streamflow/sdk/payments'
import { openInput } from '../../../orchestrator/src/core/input/inputMeter.js'
import type { RenditionPart, TranscodeJob } from '../../../orchestrator/src/core/transcoding.js'
import { createStreams, type Streams } from '../../../orchestrator/src/core/streams/createStreams.js'
import type { Transport, TransportEvents } from '../../../orchestrator/src/core/streams/transport.js'
import { makeTill } from '../makeTill.js'
import { modelTranscoders } from './ModelTranscoder.js'

type Hex = `0x${string}`

/** A ledger on no disk syncs at once: what is looked at here is who pays, not what survives a crash. */
const memoryFolder = '/dev/shm'
/** wei per 10^6 output pixels; input is free here, so that all that is paid is for pictures. */
const price = 250_000_000n
/** Every ticket of face value wins once in some hundreds. */
const faceValue = 10n ** 12n
const policy = { maxStreams: 1_000, maxStreamsPerSender: 4, resumeMs: 20_000, idleMs: 15_000, maxQueuedBytes: 1 << 20, partDurationMs: 100, serviceIds: [services.Transcoding] }

const passSteps = 6

/** A connection in memory: its messages arrive at once, in order. */
export class MemoryTransport implements Transport {
  /** What the orchestrator sent, as it was encoded. */
  readonly sent: Uint8Array[] = []
  isClosed = false
  readonly events: TransportEvents

  constructor(events: TransportEvents) {
    this.events = events
  }

  send(message: Uint8Array): void {
    if (!this.isClosed) this.sent.push(message)
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    queueMicrotask(() => this.events.closed())
  }
}

/** What viewers saw of one sender's streams; wei. */
export interface Sight {
  shown: bigint
  largestPart: bigint
}

export class World {
  readonly till: Awaited<ReturnType<typeof makeTill>>
  readonly streams: Streams
  /** By stream. */
  readonly sights = new Map<Hex, Sight>()
  readonly #timers = new Set<{ readonly periodMs: number; readonly tick: () => void; dueMs: number }>()
  #accepted: MemoryTransport | undefined

  private constructor(till: World['till']) {
    this.till = till
    this.streams = createStreams({
      payments: till.cashier,
      transcoders: modelTranscoders,
      publisher: {
        publish: ({ job }) => ({ init: () => undefined, part: (part) => this.#see(job, part), segment: () => undefined, gap: () => undefined, origins: () => undefined, leave: () => undefined, end: () => undefined }),
      },
      transports: {
        accept: (_offer, events) => Promise.resolve({ answer: { type: 'answer', sdp: '' }, transport: (this.#accepted = new MemoryTransport(events)) }),
        close: () => Promise.resolve(),
      },
      openInput,
      isOriginsFrom: () => false,
      policy,
      clock: { nowMs: () => till.clock.now * 1_000, every: (periodMs, tick) => this.#every(periodMs, tick) },
      observe: () => undefined,
    })
  }

  static async create(): Promise<World> {
    return new World(await makeTill({ ...(existsSync(memoryFolder) && { folder: memoryFolder }), price, policy: { fixedFaceValue: faceValue, minimumEscrow: faceValue, securedPercent: 100n, pricePerMillionInputPixels: 0n, accountIdle: 1e9 } }))
  }

  /** The connection that the last opened stream came with. */
  takeTransport(): MemoryTransport {
    const transport = this.#accepted
    if (transport === undefined) throw new RangeError('no stream was opened')
    this.#accepted = undefined
    transport.events.opened()
    return transport
  }

  /** A name for a new stream, whose pictures are counted for `sight`. */
  nameStream(sight: Sight): Hex {
    const streamId: Hex = `0x${randomBytes(32).toString('hex')}`
    this.sights.set(streamId, sight)
    return streamId
  }

  /** Lets time pass, with all that is due in it; in few steps, however long. */
  async pass(ms: number): Promise<void> {
    for (let step = 0; step < passSteps; step++) {
      this.till.clock.now += ms / passSteps / 1_000
      for (const timer of [...this.#timers]) if (timer.dueMs <= this.till.clock.now * 1_000) {
        timer.dueMs = this.till.clock.now * 1_000 + timer.periodMs
        timer.tick()
      }
      await this.settle()
    }
    this.till.chain.mine()
    await this.settle()
  }

  /** Resolves when nothing is on its way to the ledger, nor waits for it. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet++) {
      await new Promise((resolve) => setImmediate(resolve))
      await this.till.ledger.write([])
    }
  }

  async close(): Promise<void> {
    await this.streams.drain(0)
    await this.till.dispose()
  }

  #every(periodMs: number, tick: () => void): () => void {
    const timer = { periodMs, tick, dueMs: this.till.clock.now * 1_000 + periodMs }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  #see({ streamId, ladder }: TranscodeJob, { rendition, frames }: RenditionPart): void {
    const rung = ladder.find(({ name }) => name === rendition)
    const sight = this.sights.get(streamId)
    if (rung === undefined || sight === undefined) return
    const wei = computeFee(price, BigInt(rung.width * rung.height * frames))
    sight.shown += wei
    if (wei > sight.largestPart) sight.largestPart = wei
  }
}
