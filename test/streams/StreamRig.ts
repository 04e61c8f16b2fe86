/** A registry of streams on test doubles: accounts that accept or refuse as told, transcoders that obey, transports that remember. */

import { createHash } from 'node:crypto'
import { StreamflowError } from '@streamflow/sdk/errors'
import { createKeySigner, hashOrigins, hashOutputs, isOriginsFrom, services, type Domain, type Output } from '@streamflow/sdk/payments'
import { computePlaybackUrl, decodeFrame, encodeChunk, encodeControl, encodeHeader, parseOrchestratorMessage, stringify, type AnnounceOrigins, type OrchestratorMessage, type StreamRequest } from '@streamflow/sdk/protocol'
import type { Payments, SettledSegment, SignedStatement, StreamAccount } from '../../orchestrator/src/core/payments.js'
import type { Clock } from '../../orchestrator/src/core/streams/clock.js'
import { createStreams, type StreamActor } from '../../orchestrator/src/core/streams/createStreams.js'
import type { StreamObservation } from '../../orchestrator/src/core/streams/observation.js'
import type { StreamPolicy } from '../../orchestrator/src/core/streams/policy.js'
import type { Transport, TransportEvents } from '../../orchestrator/src/core/streams/transport.js'
import type { Publication, RenditionPart, RenditionSegment, Transcode, TranscodeEvents, TranscodeJob } from '../../orchestrator/src/core/transcoding.js'

type Hex = `0x${string}`
const word = (digit: string): Hex => `0x${digit.repeat(64)}`
const address = (digit: string): Hex => `0x${digit.repeat(40)}`

export const sender = address('a')
/** Signs for the stream. */
export const sessionSigner = createKeySigner(Uint8Array.from({ length: 32 }, () => 0xb))
export const sessionKey = sessionSigner.address
export const domain: Domain = { chainId: 31_337, ticketBroker: address('c') }
export const streamId = word('1')
const signature: Hex = `0x${'0'.repeat(130)}`

/** Time that passes when told. */
export class ManualClock implements Clock {
  #nowMs = 1_800_000_000_000
  readonly #ticks = new Set<{ readonly periodMs: number; readonly tick: () => void; nextMs: number }>()

  nowMs(): number {
    return this.#nowMs
  }

  every(periodMs: number, tick: () => void): () => void {
    const timer = { periodMs, tick, nextMs: this.#nowMs + periodMs }
    this.#ticks.add(timer)
    return () => this.#ticks.delete(timer)
  }

  /** Lets `ms` pass, all ticks included, and what follows from them. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    for (;;) {
      const due = [...this.#ticks].filter(({ nextMs }) => nextMs <= untilMs).sort((a, b) => a.nextMs - b.nextMs)[0]
      if (due === undefined) break
      this.#nowMs = due.nextMs
      due.nextMs += due.periodMs
      due.tick()
      await settle()
    }
    this.#nowMs = untilMs
    await settle()
  }
}

/** Lets everything run that is waiting for no one. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

/** An account that does as it is told. */
export class ToldAccount implements StreamAccount {
  readonly pricePerMillionPixels = 1_000_000n
  readonly pricePerMillionInputPixels = 0n
  balance = 0n
  free = 0n
  isEnded = false
  /** Thrown by the next `openSegment`s. */
  readonly refusals: StreamflowError[] = []
  readonly settledBefore = new Map<string, SettledSegment>()
  nextSeq = 0
  isIdOfAnother = false
  /** While set, `openSegment` waits for it. */
  gate: Promise<void> | undefined
  failSettlement: StreamflowError | undefined
  readonly log: string[] = []
  readonly #reserved = new Map<string, bigint>()
  readonly settled: { readonly seq: number; readonly attempt: number; readonly inputHash: Hex; readonly outputs: readonly Output[]; readonly pixels: bigint }[] = []

  async openSegment({ seq, attempt, estimatedPixels }: Parameters<StreamAccount['openSegment']>[0]): ReturnType<StreamAccount['openSegment']> {
    this.log.push(`open ${seq}/${attempt} ${estimatedPixels}`)
    await this.gate
    const refusal = this.refusals.shift()
    if (refusal !== undefined) throw refusal
    this.balance += 100n
    this.#reserved.set(`${seq}/${attempt}`, estimatedPixels)
    const settled = this.settledBefore.get(`${seq}/${attempt}`)
    return { balance: this.balance, ...(settled && { settled }) }
  }

  isWithheld({ seq, attempt }: { readonly seq: number; readonly attempt: number }): boolean {
    return this.log.includes(`withhold ${seq}/${attempt}`)
  }

  findReceipt({ seq, attempt }: { readonly seq: number; readonly attempt: number }): SettledSegment | undefined {
    return this.settledBefore.get(`${seq}/${attempt}`)
  }

  /** Takes from `free` what a segment lacks. */
  extendSegment({ seq, attempt, wei }: Parameters<StreamAccount['extendSegment']>[0]): boolean {
    const name = `${seq}/${attempt}`
    const missing = wei - (this.#reserved.get(name) ?? 0n)
    if (missing > this.free) return false
    this.free -= missing
    this.#reserved.set(name, wei)
    this.log.push(`extend ${name} ${wei}`)
    return true
  }

  async settleSegment(segment: Parameters<StreamAccount['settleSegment']>[0]): ReturnType<StreamAccount['settleSegment']> {
    if (this.failSettlement !== undefined) throw this.failSettlement
    this.log.push(`settle ${segment.seq}/${segment.attempt}`)
    this.settled.push(segment)
    this.balance -= 90n
    return { receipt: createReceipt(segment, this.balance) }
  }

  async releaseSegment({ seq, attempt }: { readonly seq: number; readonly attempt: number }): Promise<void> {
    this.log.push(`release ${seq}/${attempt}`)
  }

  async withholdSegment({ seq, attempt }: { readonly seq: number; readonly attempt: number }): Promise<void> {
    this.log.push(`withhold ${seq}/${attempt}`)
  }

  async acknowledgeSegment(segment: Parameters<StreamAccount['acknowledgeSegment']>[0]): ReturnType<StreamAccount['acknowledgeSegment']> {
    this.log.push(`acknowledge ${segment.seq}/${segment.attempt}`)
    const settled = { receipt: createReceipt(segment, this.balance), outputs: segment.outputs }
    this.settledBefore.set(`${segment.seq}/${segment.attempt}`, settled)
    return settled
  }

  end(): void {
    this.isEnded = true
  }

  async state(): Promise<SignedStatement> {
    return { orchestrator: address('c'), broadcaster: sender, streamId, segments: this.settled.length, tickets: 0, credited: 0n, fees: 0n, balance: this.balance, issuedAt: 1, signature }
  }
}

export function createReceipt(segment: { readonly seq: number; readonly attempt: number; readonly inputHash: Hex; readonly outputs: readonly Output[]; readonly pixels: bigint; readonly inputPixels?: bigint }, balance: bigint) {
  const { seq, attempt, inputHash, outputs, pixels, inputPixels = 0n } = segment
  return { orchestrator: address('c'), broadcaster: sender, serviceId: services.Transcoding, streamId, ladderHash: word('0'), round: 1n, seq, attempt, inputHash, outputHash: hashOutputs(outputs), inputPixels, pixels, fee: 90n, balance, signature }
}

/** A transcode that remembers, and whose output the test makes. */
export class ToldTranscode implements Transcode {
  readonly log: string[] = []
  readonly #chunks: Uint8Array[] = []
  /** What `write` answers. */
  takes = true
  isEnded = false
  isAborted = false
  /** Called by `end` before it resolves: what a flush brings. */
  onEnd: () => void = () => undefined
  readonly events: TranscodeEvents
  readonly job: TranscodeJob

  constructor(job: TranscodeJob, events: TranscodeEvents) {
    this.job = job
    this.events = events
  }

  header(bytes: Uint8Array): void {
    this.log.push(`header ${bytes.length}`)
  }

  openSegment({ seq, startUs }: { readonly seq: number; readonly startUs: number }): void {
    this.log.push(`open ${seq} ${startUs}`)
  }

  write(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk)
    return this.takes
  }

  /** Everything that was written. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  closeSegment({ seq, durationUs, frames }: { readonly seq: number; readonly durationUs: number; readonly frames: number }): void {
    this.log.push(`close ${seq} ${durationUs} ${frames}`)
  }

  async end(): Promise<void> {
    if (this.isEnded) return
    this.isEnded = true
    this.onEnd()
  }

  async abort(): Promise<void> {
    this.isAborted = true
  }

  /** All renditions of a segment come out whole. */
  produce(seq: number, frames = 25): void {
    for (const rendition of [...this.job.ladder.map(({ name }) => name), ...(this.job.input.audio === undefined ? [] : ['audio'])]) {
      this.events.part(createPart(rendition, seq, frames))
      this.events.segment(createSegment(rendition, seq, frames))
    }
  }
}

export function createPart(rendition: string, seq: number, frames: number): RenditionPart {
  return { rendition, seq, index: 0, bytes: Uint8Array.of(seq), startUs: seq * 1_000_000, durationUs: 1_000_000, independent: true, frames }
}

export function createSegment(rendition: string, seq: number, frames: number): RenditionSegment {
  return { rendition, seq, parts: frames === 0 ? 0 : 1, frames, bytes: 1, startUs: seq * 1_000_000, durationUs: frames === 0 ? 0 : 1_000_000, hash: `0x${seq.toString(16).padStart(64, '0')}` }
}

/** A transport that remembers what was sent over it. */
export class ToldTransport implements Transport {
  readonly messages: OrchestratorMessage[] = []
  isClosed = false
  readonly events: TransportEvents

  constructor(events: TransportEvents) {
    this.events = events
  }

  send(message: Uint8Array): void {
    const frame = decodeFrame(message)
    if (frame.kind === 'control' && !this.isClosed) this.messages.push(parseOrchestratorMessage(frame.text))
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    queueMicrotask(() => this.events.closed())
  }

  /** What was sent since the last call, in short. */
  take(): string[] {
    return this.messages.splice(0).map((message) => {
      if (message.type === 'error') return `error ${message.code}${message.seq === undefined ? '' : ` ${message.seq}/${message.attempt}`}`
      if (message.type === 'accepted' || message.type === 'receipt') return `${message.type} ${message.seq}/${message.attempt}`
      return message.type
    })
  }
}

export const ladder = [
  { name: '360p', width: 640, height: 360, bitrate: 800_000 },
  { name: '180p', width: 320, height: 180, bitrate: 300_000 },
]
export const header = Buffer.from('header')

/** A request as a broadcaster of these tests makes it. */
export function createRequest(change: Partial<StreamRequest> = {}): StreamRequest {
  return {
    version: 1,
    streamId,
    serviceId: services.Transcoding,
    grant: { sender, key: sessionKey, spendCap: 1n, escrowCap: 1n, validUntil: 2_000_000_000, salt: word('0'), signature },
    quote: { recipient: address('c'), sender, serviceId: services.Transcoding, pricePerMillionPixels: 1n, pricePerMillionInputPixels: 0n, faceValue: 1n, seed: word('0'), recipientRandHash: word('0'), feeShare: 0, creationRound: 1n, creationRoundBlockHash: word('0'), validUntil: 2_000_000_000, signature },
    input: { container: 'matroska', video: { codec: 'h264', width: 640, height: 360, frameRate: 25 }, audio: { codec: 'opus', sampleRate: 48_000, channels: 2 } },
    ladder,
    segmentDurationMs: 1_000,
    startTimeMs: 1_800_000_000_000,
    offer: { type: 'offer', sdp: 'v=0' },
    ...change,
  }
}

let nonces = 0

/** The sender by its session key, with a new nonce each time it is looked at. */
export const actor: StreamActor = {
  sender,
  signer: sessionKey,
  issuedAt: 1_800_000_000,
  get nonce(): Hex {
    return `0x${(++nonces).toString(16).padStart(64, '0')}`
  },
}

const policy: StreamPolicy = { maxStreams: 3, maxStreamsPerSender: 2, resumeMs: 20_000, idleMs: 15_000, maxQueuedBytes: 1_000_000, partDurationMs: 100, serviceIds: [services.Transcoding] }

/** A list as the broadcaster sends it: the stream at orchestrators with these addresses. */
export function createOrigins(version: number, uris: readonly string[], of: Hex = streamId): AnnounceOrigins {
  const origins = { streamId: of, version, origins: uris.map((uri, i) => ({ orchestrator: address(String(i + 1)), url: computePlaybackUrl(uri, of) })) }
  return { type: 'origins', list: { ...origins, signature: sessionSigner.sign(hashOrigins(domain, origins)) } }
}

/** Everything around the registry. */
export function createRig(change: Partial<StreamPolicy> = {}) {
  const clock = new ManualClock()
  const account = new ToldAccount()
  const transcodes: ToldTranscode[] = []
  const places = { released: 0 }
  const transports: ToldTransport[] = []
  const published: string[] = []
  const observations: StreamObservation[] = []
  const refuse: { transcoders?: StreamflowError; transports?: StreamflowError; payments?: StreamflowError } = {}
  const publication: Publication = {
    init: ({ rendition }) => void published.push(`init ${rendition}`),
    part: ({ rendition, seq }) => void published.push(`part ${rendition} ${seq}`),
    segment: ({ rendition, seq }) => void published.push(`segment ${rendition} ${seq}`),
    gap({ rendition, seq, startUs, durationUs }) {
      // Each rendition is told; one is enough to look at.
      if (rendition === ladder[0]?.name) published.push(`gap ${seq} ${startUs} ${durationUs}`)
    },
    origins: ({ version, origins }) => void published.push(`origins ${version} ${origins.map(({ url }) => url).join(' ')}`),
    leave: (isMoving) => void published.push(isMoving ? 'move' : 'leave'),
    end: () => void published.push('end'),
  }
  const payments: Payments = {
    quote: () => Promise.reject(new StreamflowError('Internal', 'not asked here')),
    openStream: () => (refuse.payments === undefined ? Promise.resolve(account) : Promise.reject(refuse.payments)),
    statement: ({ sender: who }) => (who === sender ? account.state() : Promise.reject(new StreamflowError('StreamNotFound', 'of another sender'))),
    close: () => Promise.resolve(),
  }
  const streams = createStreams({
    clock,
    payments,
    policy: { ...policy, ...change },
    observe: (observation) => void observations.push(observation),
    publisher: { publish: () => publication },
    isOriginsFrom: (origins, key) => isOriginsFrom(domain, origins, key),
    // Bytes of these tests are no container: its pictures are not counted.
    openInput: ({ length }, { input }) => ({ codedPixels: input.video.width * input.video.height, openSegment: () => ({ frames: 0, take: () => void length }) }),
    transcoders: {
      async admit(job) {
        if (refuse.transcoders !== undefined) throw refuse.transcoders
        return {
          async start(events) {
            const transcode = new ToldTranscode(job, events)
            transcodes.push(transcode)
            return transcode
          },
          release: () => void places.released++,
        }
      },
      capacity: () => ({ offeredPixelsPerSecond: 1, takenPixelsPerSecond: 0 }),
      close: () => Promise.resolve(),
    },
    transports: {
      async accept(_offer, events) {
        if (refuse.transports !== undefined) throw refuse.transports
        const transport = new ToldTransport(events)
        transports.push(transport)
        return { answer: { type: 'answer', sdp: 'v=0' }, transport }
      },
      close: () => Promise.resolve(),
    },
  })
  const last = <T>(list: readonly T[]): T => {
    const value = list.at(-1)
    if (value === undefined) throw new RangeError('there is none yet')
    return value
  }
  return { clock, account, transcodes, places, transports, published, observations, refuse, streams, get transcode() { return last(transcodes) }, get transport() { return last(transports) } }
}

export type Rig = ReturnType<typeof createRig>

/** Opens the stream and connects; sends the header. */
export async function connect(rig: Rig, request = createRequest(), who = actor) {
  const opened = await rig.streams.open(request, who)
  rig.transport.events.opened()
  rig.transport.events.message(encodeHeader(header))
  return opened
}

const ticket = { faceValue: 1n, winProb: 1n, nonce: 1n, recipientRandHash: word('0'), creationRound: 1n, creationRoundBlockHash: word('0'), feeShare: 0, seed: word('0'), validUntil: 2_000_000_000, signature }

/** A message of the broadcaster. */
export function say(rig: Rig, message: object): void {
  rig.transport.events.message(encodeControl(stringify(message)))
}

/** Tickets from now on are looked at for as long as one likes. @returns what accepts them */
export function holdTickets(rig: Rig): () => void {
  let admit = (): void => undefined
  rig.account.gate = new Promise((resolve) => (admit = resolve))
  return () => admit()
}

export function sayOpen(rig: Rig, seq: number, attempt = 0, startUs = seq * 1_000_000): void {
  say(rig, { type: 'open', seq, attempt, startUs, ticket })
}

export function sayChunk(rig: Rig, seq: number, text: string, attempt = 0): void {
  rig.transport.events.message(encodeChunk({ seq, attempt, bytes: Buffer.from(text) }))
}

export function sayClose(rig: Rig, seq: number, text: string, change: { readonly attempt?: number; readonly bytes?: number; readonly hash?: Hex; readonly frames?: number; readonly durationUs?: number } = {}): void {
  const hash: Hex = `0x${createHash('sha256').update(header).update(text).digest('hex')}`
  say(rig, { type: 'close', seq, attempt: 0, durationUs: 1_000_000, frames: 25, bytes: Buffer.byteLength(text), hash, ...change })
}

/** A whole segment, in chunks of one character. */
export function sendSegment(rig: Rig, seq: number, text = `segment ${seq}`): void {
  sayOpen(rig, seq)
  for (const character of text) sayChunk(rig, seq, character)
  sayClose(rig, seq, text)
}
