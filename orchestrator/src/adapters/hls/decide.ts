/** What a question is answered with as things stand, or what must be so first. No I/O; asked again whenever that is so. */

import type { ErrorCode } from '@streamflow/sdk/errors'
import type { Representation } from '../../core/delivery.js'
import type { LiveStream } from './liveStream.js'
import type { Question } from './parseQuestion.js'
import { foreseeNextPart } from './renderPlaylists.js'
import type { RenditionWindow, WindowSegment } from './renditionWindow.js'
import { getRefusal, type Representations } from './representations.js'
import type { Condition } from './waitingRoom.js'

/** An answer, or a wait, or the start of a follow response. */
export type Decision =
  | { readonly answer: Representation }
  | { readonly until: Condition; readonly orElse: Representation }
  | { readonly follow: RenditionWindow; readonly fromSeq: number }

/** What decisions are made from. */
export interface Situation {
  readonly stream: LiveStream
  readonly made: Representations
  /** How long a request waits for a stream to begin, ms. */
  readonly startTimeoutMs: number
}

/** A blocking request is given up after so many target durations (RFC 8216bis §6.2.5.2). */
const blockTargets = 3
/** A request may ask for a segment so far ahead of the newest. */
const maxAheadSegments = 2
/** No segment has so many parts; bounds for how many different things can be waited for. */
const maxPartNumber = 1_000
/**
 * How long the answer to a blocking reload may be kept, in target durations (RFC 8216bis, low-latency server
 * configuration profile): it never changes for the worse; whoever wants newer asks for a higher number.
 */
const blockingCacheTargets = 6

/** A player that looks for other origins wants the list of now. */
const originsCache = 'no-cache'
const jsonType = 'application/json; charset=utf-8'
/** What is asked to go on with a stream; what of it was shown may still be fetched. */
const roadsIn: ReadonlySet<Question['kind']> = new Set(['master', 'media', 'follow'])

const refuse = (code: ErrorCode, message?: string): Decision => ({ answer: getRefusal(code, message) })
const stalled = 'The stream has stalled.'
const notBegun = 'The stream has not begun yet.'

/** Answers a question about a stream. */
export function decide(situation: Situation, question: Question): Decision {
  const { stream } = situation
  // Of one that went elsewhere nothing is left to wait for: players look for it there when they find it missing here.
  if (stream.isElsewhere && roadsIn.has(question.kind)) return refuse('StreamNotFound')
  if (question.kind === 'master') return decideMaster(situation)
  if (question.kind === 'origins' || question.kind === 'steering') return decideOrigins(situation, question.kind)
  const window = stream.window(question.rendition ?? stream.job.ladder[0]?.name ?? '')
  if (window === undefined) return refuse('NotFound')
  switch (question.kind) {
    case 'follow':
      return decideFollow(situation, window, question.from)
    case 'media':
      return decideMedia(situation, window, question)
    case 'init':
      return decideInit(situation, window)
    case 'segment':
      return decideSegment(situation, window, question.seq)
    case 'part':
      return decidePart(situation, window, question.seq, question.index)
  }
}

const blockMs = ({ stream }: Situation): number => blockTargets * stream.targetDurationSeconds * 1000
const mediaType = ({ name }: RenditionWindow): string => (name === 'audio' ? 'audio/mp4' : 'video/mp4')

/** Waits for a stream or rendition to begin. */
function untilBegun({ startTimeoutMs }: Situation, key: string, topic: string | undefined, isMet: () => boolean): Decision {
  return { until: { topic, key, isMet, timeoutMs: startTimeoutMs }, orElse: getRefusal('Busy', notBegun) }
}

/** Waits for something of a stream that is going on. */
function untilMade(situation: Situation, { name }: RenditionWindow, key: string, isMet: () => boolean): Decision {
  return { until: { topic: name, key, isMet, timeoutMs: blockMs(situation) }, orElse: getRefusal('Busy', stalled) }
}

function decideMaster(situation: Situation): Decision {
  const { stream, made } = situation
  if (stream.hasInits) return { answer: made.text('master', 'no-cache', stream.renderMaster()) }
  return stream.isEnded ? refuse('Busy', notBegun) : untilBegun(situation, 'inits', undefined, () => stream.hasInits || stream.isEnded)
}

function decideOrigins({ stream, made }: Situation, kind: 'origins' | 'steering'): Decision {
  const text = kind === 'origins' ? stream.renderOrigins() : stream.renderSteering()
  return text === undefined ? refuse('NotFound') : { answer: made.text(kind, originsCache, text, jsonType) }
}

function decideMedia(situation: Situation, window: RenditionWindow, { seq, part, skip }: Extract<Question, { readonly kind: 'media' }>): Decision {
  const { stream, made } = situation
  if (Number.isNaN(seq) || Number.isNaN(part) || (part !== undefined && (seq === undefined || part > maxPartNumber))) {
    return refuse('BadMessage', '_HLS_msn and _HLS_part: expected whole numbers, and no part without a segment.')
  }
  // hls.js takes a playlist of nothing but parts for an error and comes back a second later; ffmpeg warns.
  const hasBegun = (): boolean => window.isEnded || window.segments.some((segment) => segment.state === 'complete')
  if (!hasBegun()) return untilBegun(situation, 'begun', window.name, hasBegun)
  const newest = window.segments.at(-1)?.seq
  if (newest === undefined) return refuse('Busy', notBegun)
  const key = `${window.name} ${skip}`
  if (seq === undefined) return { answer: made.text(`${key} now`, 'no-cache', stream.renderMedia(window, skip)) }
  if (seq > newest + maxAheadSegments && !window.isEnded) return refuse('BadMessage', `_HLS_msn is more than ${maxAheadSegments} ahead of the newest segment.`)
  if (!window.hasReached(seq, part)) return untilMade(situation, window, `reached ${seq} ${part}`, () => window.hasReached(seq, part))
  return { answer: made.text(`${key} blocking`, `public, max-age=${blockingCacheTargets * stream.targetDurationSeconds}`, stream.renderMedia(window, skip)) }
}

function decideInit(situation: Situation, window: RenditionWindow): Decision {
  const { init } = window
  if (init !== undefined) return { answer: situation.made.media(init, () => ({ name: `${window.name}-init`, type: mediaType(window), body: init.bytes })) }
  const { stream } = situation
  return stream.isEnded ? refuse('NotFound') : untilBegun(situation, 'init', window.name, () => window.init !== undefined || stream.isEnded)
}

function decideSegment(situation: Situation, window: RenditionWindow, seq: number): Decision {
  const segment = window.find(seq)
  if (segment?.state === 'open') return untilMade(situation, window, `complete ${seq}`, () => window.find(seq)?.state !== 'open')
  if (segment?.state !== 'complete') return refuse('NotFound')
  return { answer: situation.made.media(segment, () => ({ name: `${window.name}-${seq}`, type: mediaType(window), body: joinParts(segment) })) }
}

/** Parts of a complete segment lie side by side in one buffer: no copy. */
function joinParts({ parts }: WindowSegment): Uint8Array {
  const first = parts[0]?.bytes
  const last = parts.at(-1)?.bytes
  if (first === undefined || last === undefined) return new Uint8Array(0)
  return new Uint8Array(first.buffer, first.byteOffset, last.byteOffset + last.byteLength - first.byteOffset)
}

function decidePart(situation: Situation, window: RenditionWindow, seq: number, index: number): Decision {
  const part = window.findPart(seq, index)
  if (part !== undefined) return { answer: situation.made.media(part, () => ({ name: `${window.name}-${seq}.${index}`, type: mediaType(window), body: part.bytes })) }
  const next = foreseeNextPart({ segments: window.segments, foreseeEnd: situation.stream.foreseeEnd(window) })
  const newest = window.segments.at(-1)
  const isNext = (next?.seq === seq && next.part === index) || (newest?.seq === seq && newest.parts.length === index)
  if (!isNext || window.isEnded) return refuse('NotFound')
  // A segment may end without it: then it is the first part of the next.
  return untilMade(situation, window, `part ${seq}.${index}`, () => window.findPart(seq, index) !== undefined || window.isEnded)
}

function decideFollow(situation: Situation, window: RenditionWindow, from: number | undefined): Decision {
  const { stream } = situation
  if (Number.isNaN(from)) return refuse('BadMessage', 'from: expected the number of a segment.')
  if (window.name === 'audio') return refuse('NotFound')
  // The first part is enough: it begins with a keyframe.
  const hasBegun = (): boolean => stream.isEnded || (stream.hasInits && window.segments.some(({ parts }) => parts.length > 0))
  if (!hasBegun()) return untilBegun(situation, `follow ${window.name}`, undefined, hasBegun)
  const oldest = window.segments[0]?.seq
  const newest = window.segments.at(-1)?.seq
  if (oldest === undefined || newest === undefined || !stream.hasInits) return refuse('Busy', notBegun)
  if (from === undefined) return { follow: window, fromSeq: findLiveEdge(window.segments) ?? newest }
  // Who comes from another origin has seen what this one was not given, and waits for its broadcaster to be back here.
  const hasReached = (): boolean => stream.isEnded || from <= (window.segments.at(-1)?.seq ?? 0) + maxAheadSegments
  if (!hasReached()) return untilMade(situation, window, `follow ${from}`, hasReached)
  return from > newest + maxAheadSegments ? refuse('NotFound') : { follow: window, fromSeq: Math.max(from, oldest) }
}

/** The newest segment that can be played from its beginning. */
function findLiveEdge(segments: readonly WindowSegment[]): number | undefined {
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = segments[i]
    if (segment?.parts[0]?.independent === true) return segment.seq
  }
  return undefined
}
