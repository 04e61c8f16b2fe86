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
 * on and cannot be charged by its broadcaster's fault is withheld, never released. What viewers see of it never costs more
 * than is reserved (segmentBook.ts, `judge`), so what is withheld covers it; once all that is made of it is there, a receipt
 * says what that is and costs, and the rest is free again. A broadcaster that vanishes gets its reservation back and owes it
 * until its next attempt is paid for.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { CloseSegment } from '@streamflow/sdk/protocol'
import type { RenditionPart, RenditionSegment } from '../transcoding.js'
import { judgeShares, listRenditions, type SegmentTerms, type Shares } from './segmentResult.js'
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
  /** What stays of one that was left unfinished: what is still made of it may be seen for that. In the ledger: `withheld`. */
  readonly kept: Reservation | undefined
}

/** Where a segment stands. */
export type SegmentState = Holdings &
  (
    /** Its ticket is being checked; its bytes wait. */
    | { readonly phase: 'opening'; readonly close: Closing | undefined }
    /** Paid for; its bytes flow. */
    | { readonly phase: 'open'; readonly close: Closing | undefined; readonly outputs: Shares }
    /** Everything is there; the receipt is being written. */
    | { readonly phase: 'settling'; readonly close: Closing; readonly outputs: Shares }
    /** Its connection broke within it; its next attempt goes on where it stopped. */
    | { readonly phase: 'suspended' }
    /** Nothing more happens; what still comes of it is shown. `unsaved`: its money could not be written, disk tells. */
    | {
        readonly phase: 'ended'
        readonly outcome: 'settled' | 'released' | 'withheld' | 'unpaid' | 'unsaved'
        /** What has come out of it, where a receipt for that is still due. */
        readonly rest?: Shares
      }
  )

type In<P extends SegmentState['phase']> = SegmentState & { readonly phase: P }
type Outcome = In<'ended'>['outcome']

/** What may happen to a segment. */
export type SegmentEvent =
  /** `isSettled`: this very attempt was charged before, by an earlier connection or process. */
  | { readonly type: 'ticketAccepted'; readonly attempt: number; readonly wei: bigint; readonly isSettled: boolean }
  | { readonly type: 'ticketRefused'; readonly attempt: number; readonly error: StreamflowError }
  | { readonly type: 'forwarded' }
  /** More was reserved for it. */
  | { readonly type: 'extended'; readonly wei: bigint }
  /** Viewers may see this of it. */
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
  /** All that comes out of what was left unfinished is there: a receipt for it is signed. */
  | { readonly type: 'acknowledge'; readonly reservation: Reservation; readonly outputs: Shares }
  /** The stream cannot go on. */
  | { readonly type: 'break'; readonly error: StreamflowError }

/** The state after an event, and what follows. */
export interface Transition {
  readonly state: SegmentState
  readonly effects: readonly SegmentEffect[]
}

/** A segment whose ticket is being checked. */
export function openSegment(attempt: number): SegmentState {
  return { phase: 'opening', attempt, isTaken: false, isForwarded: false, shown: nothingShown, reserved: undefined, owes: undefined, kept: undefined, close: undefined }
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

/** The one table of a segment's life: what each event does in each phase. */
export function advance(state: SegmentState, event: SegmentEvent, terms: SegmentTerms): Transition {
  if (event.type === 'part') return stay({ ...state, shown: addShown(state.shown, event.part, terms.ladder) })
  if (event.type === 'extended') return stay(state.reserved === undefined ? state : { ...state, reserved: { ...state.reserved, wei: event.wei } })
  // A ticket whose attempt was given up meanwhile: its value stays on the account, nothing is reserved for it.
  const isLate = event.type === 'ticketAccepted' && (state.phase !== 'opening' || state.attempt !== event.attempt)
  if (isLate) return { state, effects: [{ type: 'release', reservation: event }] }
  if (state.phase === 'opening') return advanceOpening(state, event, terms)
  if (state.phase === 'open') return advanceOpen(state, event, terms)
  if (state.phase === 'settling') return advanceSettling(state, event)
  return state.phase === 'suspended' ? advanceSuspended(state, event) : advanceEnded(state, event, terms)
}

function advanceOpening(state: In<'opening'>, event: SegmentEvent, terms: SegmentTerms): Transition {
  switch (event.type) {
    case 'ticketAccepted':
      return event.isSettled ? endRepeated(state) : admit(state, event, terms)
    case 'ticketRefused':
      return event.attempt === state.attempt ? end(state, event.error, { byTicket: true }) : stay(state)
    case 'closed':
      return stay({ ...state, close: state.close ?? event.close })
    case 'disconnected':
      if (state.close !== undefined) return stay(state)
      // One that goes on where an earlier attempt stopped may wait once more; a new one leaves nothing behind.
      return state.isForwarded ? suspend(state, event.error) : end(state, event.error)
    default:
      return endIfGivenUp(state, event)
  }
}

function advanceOpen(state: In<'open'>, event: SegmentEvent, terms: SegmentTerms): Transition {
  switch (event.type) {
    case 'forwarded':
      return stay({ ...state, isForwarded: true })
    case 'closed':
      return settleIfComplete({ ...state, close: state.close ?? event.close }, terms)
    case 'output':
      return settleIfComplete({ ...state, outputs: new Map(state.outputs).set(event.output.rendition, event.output) }, terms)
    case 'disconnected':
      return state.close === undefined ? suspend(state, event.error) : stay(state)
    default:
      return endIfGivenUp(state, event)
  }
}

function advanceSettling(state: In<'settling'>, event: SegmentEvent): Transition {
  if (event.type === 'settled') return stay({ ...carry(state), phase: 'ended', outcome: 'settled', reserved: undefined })
  if (event.type !== 'settleFailed') return stay(state)
  const { error } = event
  return { state: { ...carry(state), phase: 'ended', outcome: 'unsaved' }, effects: [{ type: 'refuse', error, byTicket: false }, { type: 'break', error }] }
}

function advanceSuspended(state: In<'suspended'>, event: SegmentEvent): Transition {
  const { owes } = state
  if (event.type === 'reopened') return stay({ ...carry(state), phase: 'opening', attempt: event.attempt, close: undefined })
  if (event.type === 'abandoned') return { state: endedAs(state, outcomeOf(owes), { kept: owes, isLeft: true }), effects: [{ type: 'cut' }, ...withhold(owes)] }
  // Ours: what was released stays released.
  return event.type === 'transcodeFailed' ? { state: endedAs(state, 'released'), effects: [{ type: 'cut' }] } : stay(state)
}

/** What was worked on is made to its end, wherever that is: then the receipt for it can be signed. */
function advanceEnded(state: In<'ended'>, event: SegmentEvent, terms: SegmentTerms): Transition {
  const { kept, rest, ...ended } = state
  if (event.type !== 'output' || rest === undefined || kept === undefined) return stay(state)
  const outputs = new Map(rest).set(event.output.rendition, event.output)
  if (outputs.size < listRenditions(terms).length) return stay({ ...state, rest: outputs })
  return { state: { ...ended, kept }, effects: [{ type: 'acknowledge', reservation: kept, outputs }] }
}

const stay = (state: SegmentState): Transition => ({ state, effects: [] })

function carry({ attempt, isTaken, isForwarded, shown, reserved, owes, kept }: SegmentState): Holdings {
  return { attempt, isTaken, isForwarded, shown, reserved, owes, kept }
}

/** `isLeft`: its broadcaster left it unfinished, and nothing that it said was wrong: it is owed a receipt for what is kept. */
function endedAs(state: SegmentState, outcome: Outcome, { kept, isLeft = false }: { readonly kept?: Reservation | undefined; readonly isLeft?: boolean } = {}): In<'ended'> {
  return { ...carry(state), phase: 'ended', outcome, reserved: undefined, owes: undefined, kept, ...(isLeft && kept && { rest: new Map() }) }
}

function admit(state: In<'opening'>, { attempt, wei }: Reservation, terms: SegmentTerms): Transition {
  const holdings = { ...carry(state), isTaken: true, reserved: { attempt, wei }, owes: undefined }
  const { state: next, effects } = settleIfComplete({ ...holdings, phase: 'open', close: state.close, outputs: new Map() }, terms)
  return { state: next, effects: [{ type: 'admit' }, ...effects] }
}

function endRepeated(state: SegmentState): Transition {
  return { state: { ...endedAs(state, 'settled'), isTaken: true }, effects: [{ type: 'repeatReceipt' }, { type: 'cut' }] }
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
  const effects: readonly SegmentEffect[] = [{ type: 'refuse', error: told, byTicket }, ...released, { type: 'cut' }, ...withhold(kept)]
  return { state: endedAs(state, outcomeOf(kept, reserved ?? owes), { kept, isLeft: error.code === 'Aborted' }), effects }
}

function withhold(reservation: Reservation | undefined): readonly SegmentEffect[] {
  return reservation === undefined ? [] : [{ type: 'withhold', reservation }]
}

function outcomeOf(withheld: Reservation | undefined, released?: Reservation): Outcome {
  if (withheld !== undefined) return 'withheld'
  return released === undefined ? 'unpaid' : 'released'
}

/**
 * What covers what viewers see of it: reserved, or released but owed, or kept for good; wei. Of one that was charged the
 * account tells.
 */
export function computeCover({ reserved, owes, kept }: SegmentState): bigint {
  return (reserved ?? owes ?? kept)?.wei ?? 0n
}

/** Charged when it is closed and every rendition's share is there, whatever follows it. */
function settleIfComplete(state: In<'open'>, terms: SegmentTerms): Transition {
  const { close, outputs } = state
  const verdict = close === undefined ? 'yet' : judgeShares(outputs, terms, close.message)
  if (close === undefined || verdict === 'yet') return stay(state)
  if (verdict === 'now') return { state: { ...carry(state), phase: 'settling', close, outputs }, effects: [{ type: 'settle' }] }
  const ended = end(state, verdict)
  // More was shown than was declared, and declared is what is charged: nobody to deal with.
  return verdict.fault === 'broadcaster' ? { ...ended, effects: [...ended.effects, { type: 'break', error: verdict }] } : ended
}
