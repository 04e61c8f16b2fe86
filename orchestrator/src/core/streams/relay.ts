/**
 * Hands one stream's segments to its transcode and takes what comes back: strictly one after the other, chunk by chunk,
 * no faster than the transcode takes them. It is the one owner of "again" on this side: it keeps the input of segments
 * that are not finished, and when a transcode dies it starts another one in the same place, feeds it what is unfinished,
 * and lets each part leave once.
 *
 * Its rule of giving up. A segment: when a second transcode dies in a row and it is the oldest under way (it is the one
 * that kills), when its input is no longer kept, or when a new encoder's init does not go with what was shown of it. The
 * stream: when {@link streamBounds.transcodeDeaths} more died in a row without a segment coming out whole between them,
 * or at once when the broadcaster is at fault, since another transcode would say the same. A transcode that was only lost
 * on the way (a machine gone, a network cut) says nothing of either, and is not counted.
 */

import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import type { Place, RenditionInit, RenditionPart, RenditionSegment, Transcode, TranscodeEvents } from '../transcoding.js'
import { DeliveredParts } from './deliveredParts.js'
import { streamBounds } from './policy.js'
import { isHeld, type SegmentState } from './segment.js'

/** A segment as the relay sees it. */
export interface RelayedSegment {
  readonly seq: number
  readonly startUs: number
  readonly state: SegmentState
}

/** What a relay tells its stream. Nothing is called twice for the same part, or the same rendition of a segment. */
export interface RelaySink {
  init(init: RenditionInit): void
  part(part: RenditionPart): void
  segment(segment: RenditionSegment): void
  /** A transcode begins to see a segment. */
  forwarded(segment: RelayedSegment): void
  /** A transcode died; another one follows. */
  died(error: StreamflowError): void
  /** A segment is given up. */
  lost(segment: RelayedSegment, error: StreamflowError): void
  /** The stream is given up: no transcode follows. */
  failed(error: StreamflowError): void
}

type End = Parameters<Transcode['closeSegment']>[0]

/** The input of a segment that is not finished. */
interface Input {
  readonly segment: RelayedSegment
  chunks: Uint8Array[]
  /** Chunks that some transcode was given; the others wait. */
  given: number
  /** Chunks that the present transcode was given. */
  sent: number
  /** What the present transcode has of it. */
  stage: 'nothing' | 'begun' | 'whole'
  /** Everything that was given is still here, so that it can be given again. */
  isKept: boolean
  end: End | undefined
}

const sumBytes = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, { length }) => sum + length, 0)

export class Relay {
  readonly #place: Place
  readonly #sink: RelaySink
  readonly #delivered: ReadonlyMap<string, DeliveredParts>
  readonly #inits = new Map<string, Uint8Array>()
  /** In the order of their numbers. */
  #inputs: Input[] = []
  #header: Uint8Array | undefined
  #transcode: Transcode | undefined
  /** The transcode whose events count; those of a replaced one do not. */
  #generation = 0
  /** Transcodes that died since a segment came out whole. */
  #deaths = 0
  #waitingBytes = 0
  #givenBytes = 0
  #isBlocked = false
  #hasBegun = false
  #isStopped = false
  #isEnding = false
  readonly #over: Promise<void>
  #finish = (): void => undefined

  /**
   * @param renditions - what a finished segment has
   * @param exact - those of them that are of the exact service
   */
  constructor(place: Place, renditions: readonly string[], sink: RelaySink, exact: readonly string[] = []) {
    this.#place = place
    this.#sink = sink
    this.#delivered = new Map(renditions.map((name) => [name, new DeliveredParts(name, exact.includes(name) ? 'pictures' : 'parts')]))
    this.#over = new Promise((resolve) => (this.#finish = resolve))
  }

  /** Bytes of chunks that no transcode was given yet. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Starts the first transcode, now that somebody pays. Idempotent. */
  begin(): void {
    if (this.#hasBegun || this.#isStopped) return
    this.#hasBegun = true
    void this.#startAnother()
  }

  /** The stream's header, once. */
  setHeader(bytes: Uint8Array): void {
    this.#header = bytes
    this.#transcode?.header(bytes)
    this.#pump()
  }

  /** A segment takes its place behind those before it. */
  add(segment: RelayedSegment): void {
    this.#inputs.push({ segment, chunks: [], given: 0, sent: 0, stage: 'nothing', isKept: true, end: undefined })
  }

  write(segment: RelayedSegment, chunk: Uint8Array): void {
    const input = this.#find(segment)
    if (input === undefined || chunk.length === 0) return
    input.chunks.push(chunk)
    this.#waitingBytes += chunk.length
    this.#pump()
  }

  /** All bytes of a segment are here. */
  close(segment: RelayedSegment, end: Omit<End, 'seq'>): void {
    const input = this.#find(segment)
    if (input !== undefined) input.end ??= { seq: segment.seq, ...end }
    this.#pump()
  }

  /** Nothing more of a segment goes on; if something did, it is closed where it stands. */
  cut(segment: RelayedSegment): void {
    const input = this.#find(segment)
    if (input === undefined) return
    this.#waitingBytes -= sumBytes(input.chunks.splice(input.given))
    if (segment.state.isForwarded) input.end ??= { seq: segment.seq, durationUs: 0, frames: 0 }
    else this.#inputs = this.#inputs.filter((other) => other !== input)
    this.#pump()
  }

  /** Some segment need not wait any more. */
  resume(): void {
    this.#pump()
  }

  /** Lets everything that was added and closed pass, then flushes. Resolves when the last output has been delivered. */
  end(): Promise<void> {
    this.#isEnding = true
    if (this.#hasBegun) this.#pump()
    else this.#finish()
    return this.#over
  }

  /** Stops at once and leaves nothing running. */
  async abort(): Promise<void> {
    this.#stop()
    await this.#transcode?.abort()
    this.#place.release()
  }

  #find(segment: RelayedSegment): Input | undefined {
    return this.#inputs.find((input) => input.segment === segment)
  }

  #stop(): void {
    this.#isStopped = true
    this.#generation++
    this.#inputs = []
    this.#waitingBytes = this.#givenBytes = 0
    this.#finish()
  }

  #pump(): void {
    const transcode = this.#transcode
    if (this.#isStopped || transcode === undefined) return
    for (const input of this.#inputs) if (!this.#pass(input, transcode)) return
    if (this.#isEnding) this.#flush(transcode)
  }

  #flush(transcode: Transcode): void {
    const generation = this.#generation
    void transcode.end().then(() => {
      if (generation === this.#generation) this.#finish()
    })
  }

  /** @returns whether the transcode has all of it */
  #pass(input: Input, transcode: Transcode): boolean {
    const { segment, chunks } = input
    if (input.stage === 'whole') return true
    if (isHeld(segment.state)) return false
    if (input.stage === 'nothing') {
      if (this.#isBlocked) return false
      input.stage = 'begun'
      transcode.openSegment({ seq: segment.seq, startUs: segment.startUs })
      if (!segment.state.isForwarded) this.#sink.forwarded(segment)
    }
    for (let chunk = chunks[input.sent]; chunk !== undefined; chunk = chunks[input.sent]) {
      if (this.#isBlocked) return false
      input.sent++
      if (input.sent > input.given) this.#keep(input, chunk.length)
      this.#isBlocked = !transcode.write(chunk)
    }
    if (input.end === undefined) return false
    transcode.closeSegment(input.end)
    input.stage = 'whole'
    return true
  }

  /** A chunk is given for the first time: it is kept until its segment is finished, within bounds. */
  #keep(input: Input, byteCount: number): void {
    input.given = input.sent
    this.#waitingBytes -= byteCount
    this.#givenBytes += byteCount
    for (const old of this.#inputs) {
      if (this.#givenBytes <= streamBounds.keptBytes || old === input) return
      this.#empty(old)
    }
  }

  #empty(input: Input): void {
    this.#givenBytes -= sumBytes(input.chunks.splice(0, input.given))
    input.given = input.sent = 0
    input.isKept = false
  }

  async #startTranscode(): Promise<void> {
    const generation = ++this.#generation
    const guard = <A extends unknown[]>(act: (...args: A) => void) => (...args: A): void => {
      if (generation === this.#generation) act(...args)
    }
    this.#isBlocked = false
    const events: TranscodeEvents = {
      init: guard((init) => this.#onInit(init)),
      part: guard((part) => this.#onPart(part)),
      segment: guard(({ rendition, seq }) => this.#onSegment(rendition, seq)),
      drain: guard(() => {
        this.#isBlocked = false
        this.#pump()
      }),
      failed: guard((error) => this.#onDeath(error)),
    }
    const transcode = await this.#place.start(events)
    if (generation !== this.#generation) return await transcode.abort() // it died, or all was stopped, meanwhile
    this.#transcode = transcode
    if (this.#header !== undefined) transcode.header(this.#header)
    this.#pump()
  }

  #onInit(init: RenditionInit): void {
    const known = this.#inits.get(init.rendition)
    if (known !== undefined && Buffer.compare(known, init.bytes) === 0) return
    this.#inits.set(init.rendition, init.bytes)
    this.#delivered.get(init.rendition)?.setInit(init.bytes)
    if (known !== undefined) this.#giveUpBegun(new StreamflowError('TranscodeFailed', `${init.rendition}: the new encoder's init differs`))
    this.#sink.init(init)
  }

  #onPart(part: RenditionPart): void {
    if (!this.#inputs.some(({ segment }) => segment.seq === part.seq)) return
    const delivered = this.#delivered.get(part.rendition)?.takePart(part)
    if (delivered !== undefined) this.#sink.part(delivered)
  }

  #onSegment(rendition: string, seq: number): void {
    const input = this.#inputs.find(({ segment }) => segment.seq === seq)
    const complete = input && this.#delivered.get(rendition)?.takeSegment(seq, input.segment.startUs)
    if (complete === undefined) return
    this.#sink.segment(complete)
    this.#forgetFinished()
  }

  #forgetFinished(): void {
    const doneSeq = Math.min(...[...this.#delivered.values()].map((rendition) => rendition.doneSeq))
    const isFinished = ({ segment, stage }: Input): boolean => segment.seq <= doneSeq && stage === 'whole'
    for (const input of this.#inputs.filter(isFinished)) {
      if (input.isKept) this.#deaths = 0
      this.#givenBytes -= sumBytes(input.chunks)
    }
    this.#inputs = this.#inputs.filter((input) => !isFinished(input))
  }

  /** Parts of another encoder do not go with the init that players have of what was shown. */
  #giveUpBegun(error: StreamflowError): void {
    const renditions = [...this.#delivered.values()]
    for (const { segment } of [...this.#inputs]) {
      if (!renditions.some((rendition) => rendition.hasBegun(segment.seq))) continue
      this.#sink.lost(segment, error)
      for (const name of this.#delivered.keys()) this.#onSegment(name, segment.seq)
    }
  }

  /** A transcode is gone, or could not be started. */
  #onDeath(error: StreamflowError): void {
    this.#generation++
    this.#transcode = undefined
    const isOnlyLost = error.fault === 'network'
    if (!isOnlyLost) this.#deaths++
    if (error.fault === 'broadcaster' || this.#deaths > streamBounds.transcodeDeaths) {
      this.#stop()
      return this.#sink.failed(error)
    }
    for (const input of this.#inputs) Object.assign(input, { sent: 0, stage: 'nothing' } satisfies Partial<Input>)
    this.#sink.died(error)
    const begun = this.#inputs.filter(({ segment }) => segment.state.isForwarded)
    for (const input of begun) {
      const isSuspect = !isOnlyLost && this.#deaths > 1 && input === begun[0]
      if (isSuspect) this.#empty(input)
      if (!input.isKept) this.#sink.lost(input.segment, error)
    }
    void this.#startAnother()
  }

  async #startAnother(): Promise<void> {
    try {
      await this.#startTranscode()
    } catch (thrown) {
      if (!this.#isStopped) this.#onDeath(toStreamflowError(thrown, 'TranscodeFailed'))
    }
  }
}
