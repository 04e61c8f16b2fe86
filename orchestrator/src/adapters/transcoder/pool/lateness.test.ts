import { describe, expect, test } from 'vitest'
import type { FromTranscoder } from '../../../transcoding/messages.js'
import { createJob } from '../../../../../test/media-fixtures/transcodeRecorder.js'
import { Lateness } from './lateness.js'

const segmentMs = 1_000
const renditions = ['360p', '180p', 'audio']
const part: FromTranscoder = { type: 'part', job: 1, rendition: '360p', seq: 0, index: 0, startUs: 0, durationUs: 100_000, independent: true, frames: 3 }

/** A transcode of one-second segments that come at their pace, and come out at `speed` times it. @returns when it is found late, milliseconds */
function run(speed: number, options: { readonly segments: number; readonly burst?: number } = { segments: 10 }): number | undefined {
  const lateness = new Lateness(createJob())
  const openedMs = (seq: number): number => (seq < (options.burst ?? 0) ? 0 : (seq - (options.burst ?? 0)) * segmentMs)
  const closedMs = (seq: number): number => (seq < (options.burst ?? 0) ? 0 : openedMs(seq) + segmentMs)
  let doneMs = 0
  const done = Array.from({ length: options.segments }, (_, seq) => (doneMs = Math.max(closedMs(seq), Math.max(doneMs, openedMs(seq)) + segmentMs / speed)))
  lateness.received(part)
  for (let nowMs = 0; nowMs <= done.length * 4 * segmentMs; nowMs += 100) {
    for (let seq = 0; seq < done.length; seq++) {
      if (openedMs(seq) === nowMs) lateness.sent({ type: 'segmentOpened', job: 1, seq, startUs: seq * 1e6 }, nowMs)
      if (closedMs(seq) === nowMs) lateness.sent({ type: 'segmentClosed', job: 1, seq, durationUs: segmentMs * 1e3, frames: 30 }, nowMs)
      const isDone = (done[seq] ?? 0) > nowMs - 100 && (done[seq] ?? 0) <= nowMs
      if (isDone) for (const rendition of renditions) lateness.received({ type: 'segment', job: 1, rendition, seq })
    }
    if (lateness.isLate(nowMs)) return nowMs
  }
  return undefined
}

describe('a transcode', () => {
  test('that keeps up is never late', () => {
    expect(run(1)).toBeUndefined()
    expect(run(3)).toBeUndefined()
  })

  test('at half the speed is late within two segments', () => {
    expect(run(0.5)).toBeLessThanOrEqual(3_100)
  })

  test('that is given a burst has the time for it', () => {
    expect(run(1.2, { segments: 12, burst: 10 })).toBeUndefined()
  })

  test('that makes nothing at all is late, but has longer at its start', () => {
    const lateness = new Lateness(createJob())
    lateness.sent({ type: 'segmentOpened', job: 1, seq: 0, startUs: 0 }, 0)
    expect(lateness.isLate(60_000)).toBe(false)
    lateness.sent({ type: 'segmentClosed', job: 1, seq: 0, durationUs: 1e6, frames: 30 }, 1_000)
    expect(lateness.isLate(5_500)).toBe(false)
    expect(lateness.isLate(6_100)).toBe(true)
  })

  test('that was told to end is left alone', () => {
    const lateness = new Lateness(createJob())
    lateness.sent({ type: 'segmentOpened', job: 1, seq: 0, startUs: 0 }, 0)
    lateness.sent({ type: 'segmentClosed', job: 1, seq: 0, durationUs: 1e6, frames: 30 }, 1_000)
    lateness.sent({ type: 'end', job: 1 }, 1_000)
    expect(lateness.isLate(60_000)).toBe(false)
  })
})
