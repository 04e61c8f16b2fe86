/**
 * The life of one segment, from the message that opens it to its receipt or its end without one: one state, the events
 * that may happen to it, and for each pair what follows. Pure and total: what a state has no row for changes nothing.
 * What follows outside is told as effects, which segmentBook.ts carries out.
 *
 *            ticketAccepted              closed + all outputs            settled
 *   opening ────────────────▶ open ───────────────────────▶ settling ─────────────▶ ended
 *      ▲                       │ disconnected                                          ▲
 *      │ reopened              ▼                                                       │
 *      └─────────────────  suspended ──────────────────────────────────────────────────┤
 *            refused, failed, transcodeFailed, abandoned: from every state before ─────┘ settling
 *
 * Viewers see a segment while it is being made, so a broadcaster could have all of it and spoil the end: what was worked
 * on and cannot be charged by its broadcaster's fault is withheld, never released. A broadcaster that vanishes gets its
 * reservation back and owes it until its next attempt is paid for.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { Ladder } from '@streamflow/sdk/media'
import type { CloseSegment } from '@streamflow/sdk/protocol'
import type { RenditionPart, RenditionSegment } from '../transcoding.js'
import { streamBounds } from './policy.js'
import { listRenditions } from './segmentResult.js'
import { addShown, nothingShown, type Shown } from './shown.js'

/** Money set aside for one attempt. */
export interface Reservation {
  readonly attempt: number
  readonly wei: bigint
}

/** What the broadcaster declared when all bytes were sent, after they were found to be so. */
export interface Closing {
  readonly message: CloseSegment
  readonly inputHash: `0x${string}`
  readonly atMs: number
}

/** What a segment carries through its whole life. */
interface Holdings {
  readonly attempt: number
  /** A ticket was accepted for it once: it cannot be opened again, but for a broadcaster that comes back. */
  readonly isTaken: boolean
  /** The transcode has seen something of it: from here on it is worked on, and shown as soon as it is made. */
  readonly isForwarded: boolean
  readonly shown: Shown
  /** Reserved for the present attempt. In the ledger: `open`. */
  readonly reserved: Reservation | undefined
  /** Released for a broadcaster that vanished within it, though it was worked on. In the ledger: `released`. */
  readonly owes: Reservation | undefined
}

/** Where a segment stands. */
export type SegmentState = Holdings &
  (
    | { /** Its ticket is being checked; its bytes wait. */ readonly phase: 'opening'; readonly close: Closing | undefined }
    | { /** Paid for; its bytes flow. */ readonly phase: 'open'; readonly close: Closing | undefined; readonly outputs: Outputs }
    | { /** Everything is there; the receipt is being written. */ readonly phase: 'settling'; readonly close: Closing; readonly outputs: Outputs }
    | { /** Its connection broke within it; its next attempt goes on where it stopped. */ readonly phase: 'suspended' }
    | { /** Nothing more happens; what still comes of it is shown. `unsaved`: its money could not be written, disk tells. */
        readonly phase: 'ended'; readonly outcome: 'settled' | 'released' | 'withheld' | 'unpaid' | 'unsaved' }
  )

type Outputs = ReadonlyMap<string, RenditionSegment>
type Ended = Extract<SegmentState, { phase: 'ended' }>

/** What may happen to a segment. */
export type SegmentEvent =
  /** `isSettled`: this very attempt was charged before, by an earlier connection or process. */
  | { readonly type: 'ticketAccepted'; readonly attempt: number; readonly wei: bigint; readonly isSettled: boolean }
  | { readonly type: 'ticketRefused'; readonly attempt: number; readonly error: StreamflowError }
  | { readonly type: 'forwarded' }
  | { readonly type: 'part'; readonly part: Pick<RenditionPart, 'rendition' | 'frames' | 'durationUs'> }
  | { readonly type: 'closed'; readonly close: Closing }
  | { readonly type: 'output'; readonly output: RenditionSegment }
  | { readonly type: 'settled' }
  | { readonly type: 'settleFailed'; readonly error: StreamflowError }
  | { readonly type: 'disconnected'; readonly error: StreamflowError }
  | { readonly type: 'reopened'; readonly attempt: number }
  /** No result; whose fault it is says the code. */
  | { readonly type: 'failed'; readonly error: StreamflowError }
  /** The transcode gave it up: nobody else's fault, whatever its code. */
  | { readonly type: 'transcodeFailed'; readonly error: StreamflowError }
  /** Its broadcaster went on without it. */
  | { readonly type: 'abandoned' }

/** What follows from an event, to be carried out in this order. */
export type SegmentEffect =
  /** Its bytes may flow. */
  | { readonly type: 'admit' }
  /** No more of its bytes go on; what was worked on is closed where it stands. */
  | { readonly type: 'cut' }
  | { readonly type: 'refuse'; readonly error: StreamflowError; readonly byTicket: boolean }
  | { readonly type: 'repeatReceipt' }
  | { readonly type: 'settle' }
  | { readonly type: 'release' | 'withhold'; readonly reservation: Reservation }
  /** The stream cannot go on. */
  | { readonly type: 'break'; readonly error: StreamflowError }

/** The state after an event, and what follows. */
export interface Transition {
  readonly state: SegmentState
  readonly effects: readonly SegmentEffect[]
}

/** What of its stream decides a segment's life. */
export interface SegmentTerms {
  readonly ladder: Ladder
  readonly hasAudio: boolean
}

/** A segment whose ticket is being checked. */
export function openSegment(attempt: number): SegmentState {
  return { phase: 'opening', attempt, isTaken: false, isForwarded: false, shown: nothingShown, reserved: undefined, owes: undefined, close: undefined }
}

/** Whether its bytes are still coming in. */
export function isReceiving(state: SegmentState): boolean {
  return (state.phase === 'opening' || state.phase === 'open') && state.close === undefined
}

/** Whether its bytes must wait: for a ticket, or for its broadcaster. */
export function isHeld({ phase }: SegmentState): boolean {
  return phase === 'opening' || phase === 'suspended'
}

/** Whether another attempt may open: none was taken, or its broadcaster vanished within it. */
export function mayReopen({ phase, isTaken }: SegmentState): boolean {
  return phase === 'suspended' || (phase === 'ended' && !isTaken)
}

/** The one table of a segment's life. */
export function advance(state: SegmentState, event: SegmentEvent, terms: SegmentTerms): Transition {
  if (event.type === 'part') return stay({ ...state, shown: addShown(state.shown, event.part, terms.ladder) })
  // A ticket whose attempt was given up meanwhile: its value stays on the account, nothing is reserved for it.
  const isLate = event.type === 'ticketAccepted' && (state.phase !== 'opening' || state.attempt !== event.attempt)
  if (isLate) return { state, effects: [{ type: 'release', reservation: event }] }
  switch (state.phase) {
    case 'opening':
      if (event.type === 'ticketAccepted') return event.isSettled ? endRepeated(state) : admit(state, event, terms)
      if (event.type === 'ticketRefused' && event.attempt === state.attempt) return end(state, event.error, { byTicket: true })
      if (event.type === 'closed' && state.close === undefined) return stay({ ...state, close: event.close })
      // One that goes on where an earlier attempt stopped may wait once more; a new one leaves nothing behind.
      if (event.type === 'disconnected' && state.close === undefined) return state.isForwarded ? suspend(state, event.error) : end(state, event.error)
      return endIfGivenUp(state, event)
    case 'open':
      if (event.type === 'forwarded') return stay({ ...state, isForwarded: true })
      if (event.type === 'closed' && state.close === undefined) return settleIfComplete({ ...state, close: event.close }, terms)
      if (event.type === 'output') return settleIfComplete({ ...state, outputs: new Map(state.outputs).set(event.output.rendition, event.output) }, terms)
      if (event.type === 'disconnected' && state.close === undefined) return suspend(state, event.error)
      return endIfGivenUp(state, event)
    case 'settling':
      if (event.type === 'settled') return stay({ ...carry(state), phase: 'ended', outcome: 'settled', reserved: undefined })
      if (event.type !== 'settleFailed') return stay(state)
      return { state: { ...carry(state), phase: 'ended', outcome: 'unsaved' }, effects: [{ type: 'refuse', error: event.error, byTicket: false }, { type: 'break', error: event.error }] }
    case 'suspended':
      if (event.type === 'reopened') return stay({ ...carry(state), phase: 'opening', attempt: event.attempt, close: undefined })
      if (event.type === 'abandoned') return { state: { ...carry(state), phase: 'ended', outcome: outcomeOf(state.owes), owes: undefined }, effects: [{ type: 'cut' }, ...withhold(state.owes)] }
      // Ours: what was released stays released.
      if (event.type === 'transcodeFailed') return { state: { ...carry(state), phase: 'ended', outcome: 'released', owes: undefined }, effects: [{ type: 'cut' }] }
      return stay(state)
    case 'ended':
      return stay(state)
  }
}

function stay(state: SegmentState): Transition {
  return { state, effects: [] }
}

function carry({ attempt, isTaken, isForwarded, shown, reserved, owes }: SegmentState): Holdings {
  return { attempt, isTaken, isForwarded, shown, reserved, owes }
}

function admit(state: SegmentState & { phase: 'opening' }, { attempt, wei }: Reservation, terms: SegmentTerms): Transition {
  const open = { ...carry(state), phase: 'open', isTaken: true, reserved: { attempt, wei }, owes: undefined, close: state.close, outputs: new Map() } as const
  const { state: next, effects } = settleIfComplete(open, terms)
  return { state: next, effects: [{ type: 'admit' }, ...effects] }
}

function endRepeated(state: SegmentState): Transition {
  return { state: { ...carry(state), phase: 'ended', outcome: 'settled', isTaken: true, owes: undefined }, effects: [{ type: 'repeatReceipt' }, { type: 'cut' }] }
}

function suspend(state: SegmentState, error: StreamflowError): Transition {
  const { reserved, owes, isForwarded } = state
  const released: readonly SegmentEffect[] = reserved === undefined ? [] : [{ type: 'release', reservation: reserved }]
  return {
    state: { ...carry(state), phase: 'suspended', reserved: undefined, owes: isForwarded ? (reserved ?? owes) : undefined },
    effects: [{ type: 'refuse', error, byTicket: false }, ...released],
  }
}

function endIfGivenUp(state: SegmentState, event: SegmentEvent): Transition {
  if (event.type === 'failed') return end(state, event.error)
  return event.type === 'transcodeFailed' ? end(state, event.error, { isOurs: true }) : stay(state)
}

/** No receipt. By its broadcaster's fault, what it was worked on for is withheld: this attempt's, or what it owes from before. */
function end(state: SegmentState, error: StreamflowError, { byTicket = false, isOurs = error.fault !== 'broadcaster' } = {}): Transition {
  const { reserved, owes, isForwarded } = state
  const isWithheld = !isOurs && isForwarded && reserved !== undefined
  const told = isWithheld ? new StreamflowError(error.code, error.message, { data: { ...error.data, isWithheld } }) : error
  const kept = isWithheld ? reserved : isOurs ? undefined : owes
  const released: readonly SegmentEffect[] = reserved === undefined || isWithheld ? [] : [{ type: 'release', reservation: reserved }]
  const ended: Ended = { ...carry(state), phase: 'ended', outcome: outcomeOf(kept, reserved ?? owes), reserved: undefined, owes: undefined }
  return { state: ended, effects: [{ type: 'refuse', error: told, byTicket }, ...released, { type: 'cut' }, ...withhold(kept)] }
}

function withhold(reservation: Reservation | undefined): readonly SegmentEffect[] {
  return reservation === undefined ? [] : [{ type: 'withhold', reservation }]
}

function outcomeOf(withheld: Reservation | undefined, released?: Reservation): Ended['outcome'] {
  if (withheld !== undefined) return 'withheld'
  return released === undefined ? 'unpaid' : 'released'
}

/** Charged when it is closed and every rendition's share is there, whatever follows it. */
function settleIfComplete(state: SegmentState & { phase: 'open' }, terms: SegmentTerms): Transition {
  const { close, outputs } = state
  if (close === undefined || outputs.size < listRenditions(terms).length) return stay(state)
  const pictures = terms.ladder.map(({ name }) => outputs.get(name)?.frames ?? 0)
  const { seq, frames: declared } = close.message
  if (pictures.some((frames) => frames > declared + streamBounds.frameTolerance)) {
    // More was shown than was declared, and declared is what is charged: nobody to deal with.
    const error = new StreamflowError('SegmentFormatDidntMatchJobInputParams', `segment ${seq} has more than the ${declared} frames declared`, { data: { seq, declared } })
    const { state: ended, effects } = end(state, error)
    return { state: ended, effects: [...effects, { type: 'break', error }] }
  }
  if (pictures.every((frames) => frames === 0)) return end(state, new StreamflowError('TranscodeFailed', 'no frame of the segment could be decoded'))
  return { state: { ...carry(state), phase: 'settling', close, outputs }, effects: [{ type: 'settle' }] }
}
