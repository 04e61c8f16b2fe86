/** What goes into one seat of a member and comes out of it, segment by segment: counted, hashed, and kept where it is to be checked. */

import { computeLadderPixels, type Rendition } from '@streamflow/sdk/media'
import type { TranscodeJob } from '../transcoding.js'
import type { ClaimedResult, Watch } from './referee.js'
import { countPixels, type Output, type SegmentResult } from './result.js'
import { computeWork, isToBeChecked, type MemberAccount, type PoolPolicy, type Work } from './standing.js'

type Hex = `0x${string}`

/** What a check looks at. */
export interface PoolSpecimen {
  readonly header: Uint8Array
  readonly source: Uint8Array
  readonly startUs: number
  readonly durationUs: number
  readonly rendition: Rendition
  readonly init: Uint8Array
  readonly media: Uint8Array
}

/** A segment that its member made and signed. */
export interface MadeSegment {
  readonly job: TranscodeJob
  readonly result: Omit<SegmentResult, 'pool'>
  readonly signature: Hex
  readonly work: Work
  /** What was kept of it, if it is to be checked. */
  readonly specimen: PoolSpecimen | undefined
  /** It is in the books, or will never be. */
  readonly onCredited: () => void
}

interface SeatWatchOptions {
  readonly job: TranscodeJob
  readonly policy: PoolPolicy
  readonly account: () => MemberAccount | undefined
  readonly mayWork: () => boolean
  /** At risk with what it is at. */
  readonly addInWork: (amount: bigint) => void
  readonly isSigned: (result: Omit<SegmentResult, 'pool'>, signature: Hex) => boolean
  readonly sha256: () => Hasher
  readonly random: () => number
  readonly onMade: (made: MadeSegment) => void
  /** It broke what it has to keep to. */
  readonly onRefused: (reason: string) => void
  /** It ended in the middle of a segment. */
  readonly onUnsigned: () => void
  readonly onEnd: () => void
}

interface Hasher {
  update(bytes: Uint8Array): void
  digest(): Hex
}

interface Tally {
  readonly hash: Hasher
  frames: number
}

/** A segment that is being made. */
interface Segment {
  readonly seq: number
  readonly startUs: number
  readonly source: Hasher
  readonly outputs: Map<string, Tally>
  readonly atRisk: bigint
  /** The rendition that is kept. */
  readonly drawn: Rendition | undefined
  readonly chunks: Uint8Array[]
  readonly parts: Uint8Array[]
  closed: { readonly durationUs: number; readonly frames: number } | undefined
}

/** Who is at a segment has signed all but so many before it: renditions of one do not end at once. */
const maxUnsigned = 3
/** Segments that may be under way: a stream that comes anew brings all at once that it kept. */
const maxUnderWay = 128

const join = (pieces: readonly Uint8Array[]): Uint8Array => Buffer.concat(pieces)

/** See above. */
export class SeatWatch implements Watch {
  readonly #options: SeatWatchOptions
  readonly #segments = new Map<number, Segment>()
  readonly #inits = new Map<string, Uint8Array>()
  readonly #sizes: ReadonlyMap<string, number>
  /** What one segment is about worth. */
  readonly #usual: Work
  #header: Uint8Array = new Uint8Array(0)
  #open: Segment | undefined
  #isOver = false

  constructor(options: SeatWatchOptions) {
    this.#options = options
    const { ladder, input, segmentDurationMs } = options.job
    this.#sizes = new Map(ladder.map(({ name, width, height }) => [name, width * height]))
    const frames = Math.ceil((input.video.frameRate * segmentDurationMs) / 1_000)
    this.#usual = computeWork(BigInt(computeLadderPixels(ladder)) * BigInt(frames), options.policy)
  }

  header(bytes: Uint8Array): void {
    this.#header = bytes
  }

  openSegment({ seq, startUs }: Parameters<Watch['openSegment']>[0]): boolean {
    const { policy, account: readAccount, mayWork, sha256, random, addInWork, job: { ladder } } = this.#options
    const account = readAccount()
    if (this.#isOver || account === undefined || this.#segments.size >= maxUnderWay || !mayWork()) return false
    const isChecked = isToBeChecked(account, this.#usual, { chance: random(), policy })
    const source = sha256()
    source.update(this.#header)
    const segment: Segment = {
      seq, startUs, source, outputs: new Map(), atRisk: this.#usual.atRisk, closed: undefined, chunks: [], parts: [],
      drawn: isChecked ? ladder[Math.floor(random() * ladder.length)] : undefined,
    }
    addInWork(segment.atRisk)
    this.#forget(this.#segments.get(seq))
    this.#segments.set(seq, segment)
    this.#open = segment
    return true
  }

  write(chunk: Uint8Array): void {
    this.#open?.source.update(chunk)
    if (this.#open?.drawn !== undefined) this.#open.chunks.push(chunk)
  }

  closeSegment({ seq, durationUs, frames }: Parameters<Watch['closeSegment']>[0]): void {
    const segment = this.#segments.get(seq)
    if (segment !== undefined) segment.closed = { durationUs, frames }
    this.#open = undefined
  }

  init({ rendition, bytes }: Parameters<Watch['init']>[0]): void {
    this.#inits.set(rendition, bytes)
  }

  part({ rendition, seq, index, bytes, frames }: Parameters<Watch['part']>[0]): void {
    const segment = this.#segments.get(seq)
    if (segment === undefined) return
    const tally = segment.outputs.get(rendition) ?? { hash: this.#options.sha256(), frames: 0 }
    segment.outputs.set(rendition, tally)
    tally.hash.update(bytes)
    tally.frames += frames
    if (segment.drawn?.name === rendition) segment.parts.push(bytes)
    if (index === 0 && this.#countBefore(segment) >= maxUnsigned) this.#options.onRefused('it signs nothing')
  }

  /** What it says must be what came out, of all that was ordered; pictures beyond those of the source earn nothing. */
  result({ seq, outputs, pixels, signature }: ClaimedResult): void {
    const segment = this.#segments.get(seq)
    if (segment?.closed === undefined) return
    const { job, policy, isSigned, onMade, onRefused, addInWork } = this.#options
    const made: Output[] = [...segment.outputs].map(([rendition, { hash, frames }]) => ({ rendition, hash: hash.digest(), frames })).sort((a, b) => (a.rendition < b.rendition ? -1 : 1))
    const result = { streamId: job.streamId, seq, source: segment.source.digest(), outputs: made, pixels: countPixels(made, this.#sizes, segment.closed.frames) }
    this.#segments.delete(seq)
    const isSame = pixels === result.pixels && outputs.length === made.length && made.every(({ rendition, hash, frames }, index) => outputs[index]?.rendition === rendition && outputs[index].hash === hash && outputs[index].frames === frames)
    if (!isSame || !isSigned(result, signature)) {
      addInWork(-segment.atRisk)
      return onRefused('what it signed is not what it made')
    }
    // A segment that lacks a rung is not charged, so it earns nothing.
    if (job.ladder.some(({ name }) => (segment.outputs.get(name)?.frames ?? 0) === 0)) return addInWork(-segment.atRisk)
    onMade({ job, result, signature, work: computeWork(result.pixels, policy), specimen: this.#takeSpecimen(segment, segment.closed.durationUs), onCredited: () => addInWork(-segment.atRisk) })
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    const isUnsigned = [...this.#segments.values()].some(({ outputs }) => outputs.size > 0)
    for (const segment of this.#segments.values()) this.#forget(segment)
    this.#options.onEnd()
    if (isUnsigned) this.#options.onUnsigned()
  }

  /** Segments that came before and are not signed. */
  #countBefore(segment: Segment): number {
    return [...this.#segments.values()].indexOf(segment)
  }

  #takeSpecimen({ drawn, chunks, parts, startUs }: Segment, durationUs: number): PoolSpecimen | undefined {
    return drawn && { header: this.#header, source: join(chunks), startUs, durationUs, rendition: drawn, init: this.#inits.get(drawn.name) ?? new Uint8Array(0), media: join(parts) }
  }

  #forget(segment: Segment | undefined): void {
    if (segment === undefined || this.#segments.get(segment.seq) !== segment) return
    this.#segments.delete(segment.seq)
    this.#options.addInWork(-segment.atRisk)
  }
}
