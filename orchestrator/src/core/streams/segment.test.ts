import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorCodes, StreamflowError, type ErrorCode } from '@streamflow/sdk/errors'
import { advance, mayReopen, openSegment, type SegmentEffect, type SegmentEvent, type SegmentState } from './segment.js'

const terms = { ladder: [{ name: '360p', width: 640, height: 360, bitrate: 800_000 }, { name: '180p', width: 320, height: 180, bitrate: 300_000 }], hasAudio: true, spareFrames: 2 }
const renditions = ['360p', '180p', 'audio']
const error = (code: ErrorCode): StreamflowError => new StreamflowError(code, 'told to')
const hash = `0x${'0'.repeat(64)}` as const

function closed(frames = 25): SegmentEvent {
  return { type: 'closed', close: { message: { type: 'close', seq: 0, attempt: 0, durationUs: 1_000_000, frames, bytes: 1, hash }, inputHash: hash, atMs: 0 } }
}

function output(rendition: string, frames = 25): SegmentEvent {
  return { type: 'output', output: { rendition, seq: 0, parts: 1, frames, bytes: 1, startUs: 0, durationUs: 1_000_000, hash } }
}

const accepted = (attempt = 0): SegmentEvent => ({ type: 'ticketAccepted', attempt, wei: 7n, isSettled: false })
const part = (rendition = '360p', frames = 5): SegmentEvent => ({ type: 'part', part: { rendition, frames, durationUs: 200_000 } })

/** Everything that follows from some events, in order. */
function live(...events: readonly SegmentEvent[]): { readonly state: SegmentState; readonly effects: readonly SegmentEffect[] } {
  let state = openSegment(0)
  const effects: SegmentEffect[] = []
  for (const event of events) {
    const next = advance(state, event, terms)
    state = next.state
    effects.push(...next.effects)
  }
  return { state, effects }
}

const shortly = (effects: readonly SegmentEffect[]): readonly string[] =>
  effects.map((effect) => ('reservation' in effect ? `${effect.type} ${effect.reservation.attempt}` : effect.type))

describe('a segment', () => {
  it('is charged as soon as it is closed and its own pictures and sound are there, whatever follows it', () => {
    const { state, effects } = live(accepted(), { type: 'forwarded' }, closed(), ...renditions.map((rendition) => output(rendition)))
    expect(state.phase).toBe('settling')
    expect(shortly(effects)).toEqual(['admit', 'settle'])
    expect(advance(state, { type: 'settled' }, terms).state).toMatchObject({ phase: 'ended', outcome: 'settled', reserved: undefined })
  })

  it('counts what it shows as it is shown: pixels of all pictures, time and frames of the furthest', () => {
    const { state } = live(accepted(), { type: 'forwarded' }, part(), part(), part('180p'), part('audio', 9))
    expect(state.shown).toMatchObject({ pixels: BigInt(640 * 360 * 10 + 320 * 180 * 5), frames: 10, durationUs: 400_000 })
    expect(state.reserved).toEqual({ attempt: 0, wei: 7n })
  })

  it('owes what was released for a broadcaster that vanished, until its next attempt is paid or it goes on without', () => {
    const vanished = live(accepted(), { type: 'forwarded' }, part(), { type: 'disconnected', error: error('TransportFailed') })
    expect(shortly(vanished.effects)).toEqual(['admit', 'refuse', 'release 0'])
    expect(vanished.state).toMatchObject({ phase: 'suspended', owes: { attempt: 0, wei: 7n }, reserved: undefined })
    const reopened = advance(vanished.state, { type: 'reopened', attempt: 1 }, terms).state
    expect(advance(reopened, accepted(1), terms).state).toMatchObject({ phase: 'open', owes: undefined, reserved: { attempt: 1 }, shown: { frames: 5 } })
    expect(shortly(advance(vanished.state, { type: 'abandoned' }, terms).effects)).toEqual(['cut', 'withhold 0'])
    expect(shortly(advance(reopened, { type: 'ticketRefused', attempt: 1, error: error('TicketInvalid') }, terms).effects)).toEqual(['refuse', 'cut', 'withhold 0'])
    expect(shortly(advance(reopened, { type: 'ticketRefused', attempt: 1, error: error('ChainUnavailable') }, terms).effects)).toEqual(['refuse', 'cut'])
  })

  it('given up by its transcode is given back, whatever the code', () => {
    const { effects } = live(accepted(), { type: 'forwarded' }, part(), { type: 'transcodeFailed', error: error('SegmentFormatDidntMatchJobInputParams') })
    expect(shortly(effects)).toEqual(['admit', 'refuse', 'release 0', 'cut'])
  })

  it.each(Object.keys(errorCodes) as ErrorCode[])('that was worked on and fails with %s is withheld if and only if the table blames its broadcaster', (code) => {
    const { effects } = live(accepted(), { type: 'forwarded' }, { type: 'failed', error: error(code) })
    expect(shortly(effects)).toContain(errorCodes[code].fault === 'broadcaster' ? 'withhold 0' : 'release 0')
  })
})

const codes = fc.constantFrom<ErrorCode>('Aborted', 'SegmentTruncated', 'TicketInvalid', 'TranscodeFailed', 'ChainUnavailable', 'LedgerFailed', 'TransportFailed', 'Draining', 'Timeout')
const attempts = fc.integer({ min: 0, max: 3 })
const anyEvent: fc.Arbitrary<SegmentEvent> = fc.oneof(
  fc.record({ type: fc.constant('ticketAccepted' as const), attempt: attempts, wei: fc.bigInt(1n, 9n), isSettled: fc.boolean() }),
  fc.record({ type: fc.constant('ticketRefused' as const), attempt: attempts, error: codes.map(error) }),
  fc.constantFrom<SegmentEvent>({ type: 'forwarded' }, { type: 'settled' }, { type: 'abandoned' }, { type: 'disconnected', error: error('TransportFailed') }),
  fc.record({ type: fc.constantFrom('settleFailed' as const, 'failed' as const, 'transcodeFailed' as const), error: codes.map(error) }),
  fc.record({ type: fc.constant('reopened' as const), attempt: attempts }),
  fc.integer({ min: 0, max: 40 }).map(closed),
  fc.tuple(fc.constantFrom(...renditions), fc.integer({ min: 0, max: 40 })).map(([rendition, frames]) => output(rendition, frames)),
  fc.tuple(fc.constantFrom(...renditions), fc.integer({ min: 1, max: 9 })).map(([rendition, frames]) => part(rendition, frames)),
)

/** What is left out is what cannot happen: two answers about one ticket, an old attempt's number again. */
function happens(event: SegmentEvent, state: SegmentState, answered: ReadonlySet<number>, opened: ReadonlySet<number>): boolean {
  if (event.type === 'ticketAccepted' || event.type === 'ticketRefused') return opened.has(event.attempt) && !answered.has(event.attempt)
  return event.type !== 'reopened' || event.attempt > state.attempt
}

describe('whatever happens to a segment', () => {
  it('its money has one fate, its end is one, and nothing that its broadcaster spoilt is given back', () => {
    fc.assert(fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      let state = openSegment(0)
      const opened = new Set([0])
      const answered = new Set<number>()
      const fates = new Map<number, string>()
      let ends = 0
      let acknowledged = 0
      const take = (event: SegmentEvent): void => {
        const before = state
        const { state: after, effects } = advance(before, event, terms)
        if (event.type === 'ticketAccepted' || event.type === 'ticketRefused') answered.add(event.attempt)
        if (after.phase === 'opening' && before.phase === 'suspended') opened.add(after.attempt)
        if (before.phase !== 'ended' && after.phase === 'ended') ends++
        if (before.phase === 'ended') {
          expect({ ...after, shown: before.shown, rest: undefined }).toEqual({ ...before, rest: undefined })
          expect(effects.filter(({ type }) => type !== 'release' && type !== 'acknowledge')).toEqual([])
        }
        for (const effect of effects) {
          if (effect.type === 'acknowledge') {
            // Once, for what is withheld already, and for all that is made of it.
            expect(before).toMatchObject({ phase: 'ended', outcome: 'withheld', kept: effect.reservation })
            expect(fates.get(effect.reservation.attempt)).toBe('withhold')
            expect([...effect.outputs.keys()].sort()).toEqual([...renditions].sort())
            acknowledged++
          }
          if (effect.type !== 'release' && effect.type !== 'withhold') continue
          const { attempt } = effect.reservation
          // Released once; withheld once, also after it was released for a broadcaster that vanished.
          expect(fates.get(attempt)).toBe(effect.type === 'withhold' && before.owes?.attempt === attempt ? 'release' : undefined)
          fates.set(attempt, effect.type)
        }
        const isSpoilt = event.type === 'failed' && event.error.fault === 'broadcaster' && before.phase === 'open' && before.isForwarded
        if (isSpoilt) expect(shortly(effects)).toContain(`withhold ${before.attempt}`)
        const paid = before.reserved
        if (event.type === 'settled' && before.phase === 'settling' && paid !== undefined) fates.set(paid.attempt, 'settle')
        if (event.type === 'settleFailed' && before.phase === 'settling' && paid !== undefined) fates.set(paid.attempt, 'unsaved')
        expect(after.shown.pixels).toBeGreaterThanOrEqual(before.shown.pixels)
        expect(after.reserved !== undefined && after.owes !== undefined).toBe(false)
        if (mayReopen(after) && after.phase === 'ended') expect(after.isForwarded).toBe(false)
        state = after
      }
      for (const event of events) if (happens(event, state, answered, opened)) take(event)
      for (const attempt of opened) if (!answered.has(attempt)) take({ type: 'ticketAccepted', attempt, wei: 1n, isSettled: false })
      for (const event of [{ type: 'failed', error: error('Draining') }, { type: 'abandoned' }, { type: 'settled' }] as const) take(event)
      expect(state.phase).toBe('ended')
      expect(ends).toBe(1)
      expect(acknowledged).toBeLessThanOrEqual(1)
      expect(state.reserved === undefined || (state.phase === 'ended' && state.outcome === 'unsaved')).toBe(true)
      const reserving = events.filter((event) => event.type === 'ticketAccepted' && !event.isSettled)
      expect([...fates.keys()].every((attempt) => opened.has(attempt))).toBe(true)
      expect(fates.size).toBeLessThanOrEqual(reserving.length + opened.size)
    }), { numRuns: 2_000 })
  })
})
