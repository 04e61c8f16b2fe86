/**
 * A stream without end out of responses that end: each part once and in order, whatever response it came by. The next
 * response is open before the last one ends; one that breaks is taken up again where it broke.
 */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { FollowFrame, FollowHead, FollowTrack } from '../../protocol/follow.js'
import type { FollowRequest } from './followUrl.js'
import { openResponse } from './openResponse.js'
import { readHead } from './readHead.js'

/** A part that comes next in its track. */
export type FollowPart = Extract<FollowFrame, { kind: 'part' }>
/** A segment's end. */
export type FollowSegment = Extract<FollowFrame, { kind: 'segment' }>

/** What to take in, and who hears of it. */
export interface IntakeOptions {
  /** The address of a rendition (`undefined`: the server's choice) from a segment on (`undefined`: from its newest), here or at another origin. */
  readonly computeUrl: (request: FollowRequest, isElsewhere: boolean) => string
  /** Whether there is another origin to turn to: then no time is lost with one that fails. */
  readonly hasAlternatives: () => boolean
  /** @param url - whence it came */
  readonly onHead: (head: FollowHead, url: string) => void
  /** Parts that follow are of this rendition. */
  readonly onInit: (track: FollowTrack, bytes: Uint8Array, head: FollowHead) => void
  /** Pictures of another encoder follow: `remadeSeq`: of a segment that was passed on in part, from its first on. */
  readonly onOtherEncoder: (remadeSeq: number | undefined) => void
  readonly onPart: (part: FollowPart, head: FollowHead) => void
  readonly onSegment: (segment: FollowSegment) => void
  readonly onBytes: (count: number) => void
  readonly onOver: () => void
  /** A response broke, so many in a row without a part between. Whether to go on: where it broke, at the newest segment, or not at all. */
  readonly onBroken: (error: StreamflowError | undefined, inARow: number) => 'resume' | 'newest' | 'stop'
}

/** A response is replaced after so long (ms), before it ends by itself: servers end theirs after about 30 s. */
const takeOverAfterMs = 22_000
/** What a replaced response still owes is waited for so long (ms) beyond the length of a segment. */
const retireMs = 1500
/** Servers hold a question about a stream that has not begun for 10 s; about one that goes on they answer at once (ms). */
const firstAnswerMs = 12_000
const answerMs = 3000
/** What waits for it is bounded; frames. */
const maxHeld = 500
const retryDelayMs = 100
const maxRetryDelayMs = 1000
/** Who waits for a stream to begin wants to see its beginning; who was cut off, its continuation elsewhere. */
const maxHurriedRetryDelayMs = 300
/** Another origin is asked only because this one brings nothing (ms); it holds the question until it has the stream. */
const elsewhereAnswerMs = 2000

interface Response {
  readonly url: string
  readonly openedMs: number
  close: () => void
  head: FollowHead | undefined
  /** Segments that are taken from it: this one and those after it, before the other. */
  sinceSeq: number
  untilSeq: number
  /** Tracks that are through with their last segment. */
  readonly done: Set<FollowTrack>
  isEnded: boolean
}

const tracks: readonly FollowTrack[] = ['picture', 'sound']

type TrackFrame = Extract<FollowFrame, { track: FollowTrack }>

/** Takes in; `restart` begins. */
export class Intake {
  readonly #options: IntakeOptions
  #current: Response | undefined
  /** What is to replace it. */
  #next: Response | undefined
  /** What was replaced and still owes the rest of its last segment. */
  #retiring: Response | undefined
  /** Frames of the current one that must wait for that. */
  #held: TrackFrame[] = []
  #rendition: string | undefined
  #hasBegun = false
  #failures = 0
  #isClosed = false
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #retireTimer: ReturnType<typeof setTimeout> | undefined
  /** The part that comes next in each track. */
  readonly #expected: Record<FollowTrack, { seq: number; index: number }> = { picture: { seq: 0, index: 0 }, sound: { seq: 0, index: 0 } }
  #inits: Partial<Record<FollowTrack, { readonly place: string; readonly encoding: string; readonly bytes: Uint8Array }>> = {}
  /** Whether it is known where to go on: something came, or was asked for by its number. */
  #hasPlace = false
  /** Pictures can be decoded only from such a part on. */
  #needsIndependent = true

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Drops what is under way and begins anew: at this segment, or at the newest. */
  restart(from?: number): void {
    if (this.#isClosed) return
    this.stop()
    for (const track of tracks) this.#expected[track] = { seq: from ?? 0, index: 0 }
    this.#hasPlace = from !== undefined
    this.#inits = {}
    this.#needsIndependent = true
    this.#current = this.#open(this.#rendition, from)
  }

  /** Takes another rendition from the next segment on. */
  switchTo(rendition: string): void {
    if (this.#isClosed || !this.#current?.head) this.#rendition = rendition
    else this.#takeOver(rendition)
  }

  /** Asks another origin for what should have come by now; it takes over if it has it. */
  lookElsewhere(): void {
    if (this.#isClosed || this.#next || !this.#current) return
    this.#next = this.#open(this.#rendition, this.#findMissing(), true)
  }

  /** Asks for nothing until `restart`. @returns the segment to go on with */
  stop(): number {
    clearTimeout(this.#retryTimer)
    clearTimeout(this.#retireTimer)
    for (const response of [this.#current, this.#next, this.#retiring]) response?.close()
    this.#current = this.#next = this.#retiring = undefined
    this.#held = []
    return this.#expected.picture.seq
  }

  close(): void {
    this.#isClosed = true
    this.stop()
  }

  #open(rendition: string | undefined, from: number | undefined, isElsewhere = false): Response {
    const url = this.#options.computeUrl({ rendition, from }, isElsewhere)
    const response: Response = {
      ...{ url, openedMs: performance.now(), close: () => undefined, head: undefined },
      ...{ sinceSeq: from ?? 0, untilSeq: Infinity, done: new Set(), isEnded: false },
    }
    const longestMs = this.#hasBegun ? answerMs : firstAnswerMs
    response.close = openResponse(url, isElsewhere ? elsewhereAnswerMs : longestMs, {
      onBytes: this.#options.onBytes,
      onFrame: (frame) => this.#take(response, frame),
      onEnd: (error) => this.#lose(response, error),
    })
    return response
  }

  /** Opens the next response, from the first segment that is not under way. */
  #takeOver(rendition: string | undefined): void {
    this.#next?.close()
    const { seq, index } = this.#expected.picture
    this.#next = this.#open(rendition, index === 0 ? seq : seq + 1)
  }

  #take(response: Response, frame: FollowFrame): void {
    if (frame.kind === 'head') this.#begin(response, readHead(frame.head))
    else if (frame.kind === 'end') this.#end(response, frame.isOver, frame.nextSeq)
    else if (frame.kind === 'init') this.#pass(response, frame)
    else if (frame.seq >= response.sinceSeq) {
      const isPast = frame.seq >= response.untilSeq
      if (!isPast) this.#pass(response, frame)
      if (isPast || (frame.kind === 'segment' && frame.seq === response.untilSeq - 1)) this.#finish(response, frame.track)
    }
  }

  #begin(response: Response, head: FollowHead): void {
    response.head = head
    this.#hasBegun = true
    // Another that was to be tried again is not needed: this one has what comes next.
    if (response === this.#next) clearTimeout(this.#retryTimer)
    response.sinceSeq = Math.max(response.sinceSeq, head.fromSeq)
    if (response === this.#next) {
      const old = this.#current
      this.#next = undefined
      this.#current = response
      if (old && getPlace(old) !== getPlace(response)) this.#leave(old)
      else if (old && !old.isEnded) this.#replace(old, response.sinceSeq, head)
    }
    this.#rendition = head.rendition
    this.#options.onHead(head, response.url)
  }

  /** Another origin has what this one owes, from the first part of the segment on. */
  #leave(old: Response): void {
    this.#retire()
    old.isEnded = true
    old.close()
  }

  #replace(old: Response, untilSeq: number, { soundCodecs, segmentDurationMs }: FollowHead): void {
    this.#retire()
    this.#retiring = old
    old.untilSeq = untilSeq
    this.#retireTimer = setTimeout(() => this.#retire(), segmentDurationMs + retireMs)
    // A track that is there already has nothing left to wait for.
    for (const track of tracks) if (this.#expected[track].seq >= untilSeq || (track === 'sound' && soundCodecs === undefined)) this.#finish(old, track)
  }

  #end(response: Response, isOver: boolean, nextSeq: number): void {
    response.isEnded = true
    if (response === this.#retiring) return this.#retire()
    if (response !== this.#current) return
    if (isOver) {
      this.#retire()
      return this.#options.onOver()
    }
    response.close()
    if (this.#next) this.#next.sinceSeq = Math.min(this.#next.sinceSeq, nextSeq)
    else this.#current = this.#open(this.#rendition, nextSeq)
  }

  /** Nothing more is expected from this track of a replaced response. */
  #finish(response: Response, track: FollowTrack): void {
    if (response !== this.#retiring) return
    response.done.add(track)
    if (response.done.size === tracks.length) return this.#retire()
    const ready = this.#held.filter((frame) => frame.track === track)
    this.#held = this.#held.filter((frame) => frame.track !== track)
    for (const frame of ready) this.#deliver(frame, this.#current)
  }

  #retire(): void {
    clearTimeout(this.#retireTimer)
    this.#retiring?.close()
    this.#retiring = undefined
    const ready = this.#held
    this.#held = []
    for (const frame of ready) this.#deliver(frame, this.#current)
  }

  #pass(response: Response, frame: TrackFrame): void {
    if (response === this.#retiring) return this.#deliver(frame, response)
    if (response !== this.#current) return
    // Two connections know no order: a segment's last part may come after the next one's first.
    if (!this.#retiring || this.#retiring.done.has(frame.track)) return this.#deliver(frame, response)
    this.#held.push(frame)
    if (this.#held.length > maxHeld) this.#retire()
  }

  #deliver(frame: TrackFrame, response: Response | undefined): void {
    const head = response?.head
    if (this.#isClosed || !head) return
    if (frame.kind === 'init') this.#deliverInit(frame.track, frame.bytes, { head, place: getPlace(response) })
    else if (frame.kind === 'part') this.#deliverPart(frame, head)
    else this.#deliverSegment(frame)
  }

  #deliverInit(track: FollowTrack, bytes: Uint8Array, { head, place }: { readonly head: FollowHead; readonly place: string }): void {
    const known = this.#inits[track]
    const encoding = `${place} ${track === 'sound' ? track : head.rendition}`
    if (known?.encoding === encoding && isEqual(known.bytes, bytes)) return
    // A segment that was begun in another rendition, or by another encoder, is shown again from its first part.
    if (known && known.encoding !== encoding) {
      const { seq, index } = this.#expected[track]
      this.#expected[track].index = 0
      if (track === 'picture') this.#needsIndependent = true
      if (track === 'picture' && (index > 0 || known.place !== place)) this.#options.onOtherEncoder(index > 0 ? seq : undefined)
    }
    this.#inits[track] = { place, encoding, bytes: bytes.slice() }
    this.#options.onInit(track, bytes, head)
  }

  #deliverPart(part: FollowPart, head: FollowHead): void {
    const { track, seq, index, isIndependent } = part
    const due = this.#expected[track]
    if (seq < due.seq || (seq === due.seq && index < due.index) || !this.#inits[track]) return
    if (track === 'picture') {
      const isNext = seq === due.seq ? index === due.index : seq === due.seq + 1 && index === 0
      if (!isNext) this.#needsIndependent = true
      if (this.#needsIndependent && !isIndependent) return
      this.#needsIndependent = false
    }
    this.#expected[track] = { seq, index: index + 1 }
    this.#hasPlace = true
    this.#failures = 0
    this.#options.onPart(part, head)
  }

  #deliverSegment(segment: FollowSegment): void {
    if (segment.seq < this.#expected[segment.track].seq) return
    this.#expected[segment.track] = { seq: segment.seq + 1, index: 0 }
    this.#options.onSegment(segment)
    const isOld = this.#current !== undefined && performance.now() - this.#current.openedMs > takeOverAfterMs
    if (segment.track === 'picture' && isOld && !this.#next && !this.#retiring) this.#takeOver(this.#rendition)
  }

  #lose(response: Response, error: StreamflowError | undefined): void {
    if (this.#isClosed) return
    if (response === this.#next) {
      this.#next = undefined
      // The one that it was to replace may have ended by now.
      if (this.#current?.isEnded) this.#current = this.#open(this.#rendition, this.#findMissing())
    } else if (response === this.#retiring) this.#retire()
    else if (response === this.#current && !response.isEnded) {
      response.isEnded = true
      const remedy = this.#options.onBroken(error, ++this.#failures)
      if (remedy === 'stop' || this.#isClosed) return
      clearTimeout(this.#retryTimer)
      const isHurried = !this.#hasBegun || this.#options.hasAlternatives()
      const delayMs = Math.min(isHurried ? maxHurriedRetryDelayMs : maxRetryDelayMs, retryDelayMs * 2 ** (this.#failures - 1))
      this.#retryTimer = setTimeout(() => (remedy === 'resume' ? this.#resume() : this.restart()), delayMs)
    }
  }

  /** Goes on with the segment that was under way; parts that are there already are left out. */
  #resume(): void {
    this.#retire()
    this.#next?.close()
    this.#next = undefined
    this.#current = this.#open(this.#rendition, this.#findMissing())
  }

  /** The first segment of which something lacks; `undefined`: whichever is the newest. A sound that is far behind has stopped. */
  #findMissing(): number | undefined {
    if (!this.#hasPlace) return undefined
    const { picture, sound } = this.#expected
    return this.#inits.sound && sound.seq === picture.seq - 1 ? sound.seq : picture.seq
  }
}

/** Where a response comes from: what two encoders made of a segment does not fit together. */
function getPlace({ url }: Response): string {
  return url.split('?')[0]!
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
