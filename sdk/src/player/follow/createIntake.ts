/**
 * A stream without end out of responses that end: each part once and in order, whatever response it came by. The next
 * response is open before the last one ends; one that breaks is taken up again where it broke.
 */

import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { FollowFrame, FollowHead, FollowTrack } from '../../protocol/follow.js'
import { openResponse } from './openResponse.js'
import { readHead } from './readHead.js'

/** A part that comes next in its track. */
export type FollowPart = Extract<FollowFrame, { kind: 'part' }>
/** A segment's end. */
export type FollowSegment = Extract<FollowFrame, { kind: 'segment' }>

/** What to take in, and who hears of it. */
export interface IntakeOptions {
  /** The address of a rendition (`undefined`: the server's choice) from a segment on (`undefined`: from its newest). */
  readonly computeUrl: (rendition: string | undefined, from: number | undefined) => string
  readonly onHead: (head: FollowHead) => void
  /** Parts that follow are of this rendition. */
  readonly onInit: (track: FollowTrack, bytes: Uint8Array, head: FollowHead) => void
  readonly onPart: (part: FollowPart, head: FollowHead) => void
  readonly onSegment: (segment: FollowSegment) => void
  readonly onBytes: (count: number) => void
  /** Another rendition was asked for and cannot be had now. */
  readonly onNotSwitched: () => void
  readonly onOver: () => void
  /** A response broke, so many in a row without a part between. Whether to go on: where it broke, at the newest segment, or not at all. */
  readonly onBroken: (error: StreamflowError | undefined, inARow: number) => 'resume' | 'newest' | 'stop'
}

/** Takes in; see `createIntake`. */
export interface Intake {
  /** Drops what is under way and begins anew: at this segment, or at the newest. */
  restart(from?: number): void
  /** Takes another rendition from the next segment on. */
  switchTo(rendition: string): void
  /** Asks for nothing until `restart`. @returns the segment to go on with */
  stop(): number
  close(): void
}

/** A response is replaced after so long (ms), before it ends by itself: servers end theirs after about 30 s. */
const takeOverAfterMs = 22_000
/** What a replaced response still owes of its last segment is waited for so long (ms). */
const retireMs = 1500
/** What waits for it is bounded; frames. */
const maxHeld = 500
const retryDelayMs = 100
const maxRetryDelayMs = 1000

interface Response {
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

/** Creates it; `restart` begins. */
export function createIntake(options: IntakeOptions): Intake {
  const { computeUrl, onHead, onInit, onPart, onSegment, onBytes, onNotSwitched, onOver, onBroken } = options
  let current: Response | undefined
  let next: Response | undefined
  let retiring: Response | undefined
  let held: FollowFrame[] = []
  let rendition: string | undefined
  let failures = 0
  let isClosed = false
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let retireTimer: ReturnType<typeof setTimeout> | undefined
  /** The part that comes next in each track. */
  const expected: Record<FollowTrack, { seq: number; index: number }> = { picture: { seq: 0, index: 0 }, sound: { seq: 0, index: 0 } }
  const inits: Partial<Record<FollowTrack, { readonly rendition: string; readonly bytes: Uint8Array }>> = {}
  /** Pictures can be decoded only from such a part on. */
  let needsIndependent = true

  const open = (wanted: string | undefined, from: number | undefined): Response => {
    const response: Response = { openedMs: performance.now(), close: () => undefined, head: undefined, sinceSeq: from ?? 0, untilSeq: Infinity, done: new Set(), isEnded: false }
    response.close = openResponse(computeUrl(wanted, from), {
      onBytes,
      onFrame: (frame) => take(response, frame),
      onEnd: (error) => lose(response, error),
    })
    return response
  }
  const closeAll = (): void => {
    clearTimeout(retryTimer)
    clearTimeout(retireTimer)
    for (const response of [current, next, retiring]) response?.close()
    current = next = retiring = undefined
    held = []
  }
  const restart = (from?: number): void => {
    if (isClosed) return
    closeAll()
    for (const track of ['picture', 'sound'] as const) expected[track] = { seq: from ?? 0, index: 0 }
    delete inits.picture
    delete inits.sound
    needsIndependent = true
    current = open(rendition, from)
  }
  /** The next response, from the segment after the one that is under way. */
  const takeOver = (wanted: string | undefined): void => {
    next?.close()
    next = open(wanted, expected.picture.seq + 1)
  }

  const take = (response: Response, frame: FollowFrame): void => {
    switch (frame.kind) {
      case 'head':
        return begin(response, readHead(frame.head))
      case 'end':
        response.isEnded = true
        if (frame.isOver && response === current) {
          retire()
          return onOver()
        }
        if (response === retiring) return retire()
        if (response !== current) return
        response.close()
        if (next) next.sinceSeq = Math.min(next.sinceSeq, frame.nextSeq)
        else current = open(rendition, frame.nextSeq)
        return
      case 'part':
      case 'segment': {
        if (frame.seq < response.sinceSeq) return
        const isPast = frame.seq >= response.untilSeq
        if (!isPast) pass(response, frame)
        if (isPast || (frame.kind === 'segment' && frame.seq === response.untilSeq - 1)) finish(response, frame.track)
        return
      }
      case 'init':
        pass(response, frame)
    }
  }
  const begin = (response: Response, head: FollowHead): void => {
    response.head = head
    response.sinceSeq = Math.max(response.sinceSeq, head.fromSeq)
    if (response === next) {
      const old = current
      next = undefined
      current = response
      if (old && !old.isEnded) {
        retiring?.close()
        retiring = old
        old.untilSeq = response.sinceSeq
        // A track that is there already has nothing left to wait for.
        for (const track of ['picture', 'sound'] as const) if (expected[track].seq >= old.untilSeq || (track === 'sound' && head.soundCodecs === undefined)) finish(old, track)
        clearTimeout(retireTimer)
        retireTimer = setTimeout(retire, retireMs)
      }
    }
    rendition = head.rendition
    onHead(head)
  }
  /** Nothing more is expected from this track of a replaced response. */
  const finish = (response: Response, track: FollowTrack): void => {
    if (response !== retiring) return
    response.done.add(track)
    if (response.done.size === 2) return retire()
    const ready = held.filter((frame) => 'track' in frame && frame.track === track)
    held = held.filter((frame) => !ready.includes(frame))
    for (const frame of ready) deliver(frame)
  }
  const retire = (): void => {
    clearTimeout(retireTimer)
    retiring?.close()
    retiring = undefined
    const ready = held
    held = []
    for (const frame of ready) deliver(frame)
  }
  const pass = (response: Response, frame: Extract<FollowFrame, { track: FollowTrack }>): void => {
    if (response === retiring) return deliver(frame, response)
    if (response !== current) return
    // Two connections know no order: a segment's last part may come after the next one's first.
    if (!retiring || retiring.done.has(frame.track)) return deliver(frame)
    held.push(frame)
    if (held.length > maxHeld) retire()
  }
  const deliver = (frame: FollowFrame, { head }: Pick<Response, 'head'> = current ?? { head: undefined }): void => {
    if (isClosed || !head) return
    if (frame.kind === 'init') {
      const { track, bytes } = frame
      const known = inits[track]
      const name = track === 'sound' ? track : head.rendition
      if (known?.rendition === name && isEqual(known.bytes, bytes)) return
      // A segment that was begun in another rendition is shown again from its first part.
      if (known && known.rendition !== name) Object.assign(expected[track], { index: 0 })
      inits[track] = { rendition: name, bytes: bytes.slice() }
      onInit(track, bytes, head)
    } else if (frame.kind === 'part') {
      const { track, seq, index } = frame
      const due = expected[track]
      if (seq < due.seq || (seq === due.seq && index < due.index) || !inits[track]) return
      if (track === 'picture') {
        if (seq > due.seq + 1 || index > (seq === due.seq ? due.index : 0)) needsIndependent = true
        if (needsIndependent && !frame.isIndependent) return
        needsIndependent = false
      }
      expected[track] = { seq, index: index + 1 }
      failures = 0
      onPart(frame, head)
    } else if (frame.kind === 'segment' && frame.seq >= expected[frame.track].seq) {
      expected[frame.track] = { seq: frame.seq + 1, index: 0 }
      onSegment(frame)
      if (frame.track === 'picture' && current && !next && !retiring && performance.now() - current.openedMs > takeOverAfterMs) takeOver(rendition)
    }
  }

  const lose = (response: Response, error: StreamflowError | undefined): void => {
    if (isClosed) return
    if (response === next) {
      next = undefined
      onNotSwitched()
      // The one that it was to replace may have ended by now.
      if (current?.isEnded) current = open(rendition, expected.picture.seq)
    } else if (response === retiring) retire()
    else if (response === current && !response.isEnded) {
      response.isEnded = true
      const remedy = onBroken(error, ++failures)
      if (remedy === 'stop' || isClosed) return
      const from = response.head && remedy === 'resume' ? expected.picture.seq : undefined
      clearTimeout(retryTimer)
      retryTimer = setTimeout(() => {
        if (from === undefined) return restart()
        retire()
        next?.close()
        next = undefined
        current = open(rendition, from)
      }, Math.min(maxRetryDelayMs, retryDelayMs * 2 ** (failures - 1)))
    }
  }

  return {
    restart,
    switchTo(wanted) {
      if (isClosed || !current?.head) rendition = wanted
      else takeOver(wanted)
    },
    stop() {
      closeAll()
      return expected.picture.seq
    },
    close() {
      isClosed = true
      closeAll()
    },
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
