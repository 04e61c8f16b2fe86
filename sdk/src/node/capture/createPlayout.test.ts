import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPlayout, type Playout, type PlayoutTrack } from './createPlayout.js'

/** A playout under a clock of our own, and what it let go. */
function rig(pace: 'realtime' | 'source', patienceUs = 0, originMs?: number) {
  const out: { track: PlayoutTrack; timeMs: number; atMs: number }[] = []
  const holds: boolean[] = []
  let zeroMs = Number.NaN
  const startedAt = Date.now()
  const playout: Playout = createPlayout({
    pace,
    readPatienceUs: () => patienceUs,
    readOriginUs: () => (originMs === undefined ? undefined : (startedAt + originMs) * 1000),
    readClockUs: () => Date.now() * 1000,
    onStart: (zeroUs) => (zeroMs = zeroUs / 1000 - startedAt),
    onBlock: (track, { timestampUs }) => out.push({ track, timeMs: timestampUs / 1000, atMs: Date.now() - startedAt }),
    onHold: (isHeld) => holds.push(isHeld),
  })
  const push = (track: PlayoutTrack, timeMs: number): void => playout.push(track, { timestampUs: timeMs * 1000, isKey: true, bytes: new Uint8Array(10) })
  return { playout, push, out, holds, zero: () => zeroMs, times: (track: PlayoutTrack) => out.filter((block) => block.track === track).map(({ timeMs }) => timeMs) }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('createPlayout', () => {
  it('lets the first second of a file go at once, and the rest as it plays', () => {
    const { push, out, zero } = rig('realtime')
    for (let ms = 0; ms < 3000; ms += 100) push('video', ms)
    vi.advanceTimersByTime(3000)
    expect(zero()).toBe(-1000)
    expect(out.map(({ timeMs }) => timeMs)).toEqual(Array.from({ length: 30 }, (_, i) => i * 100))
    for (const { timeMs, atMs } of out.filter(({ timeMs }) => timeMs > 1000)) expect(atMs).toBe(timeMs - 1000)
  })

  it('finds the edge of a live stream in what it has in store, and stays there', () => {
    const { push, out, zero } = rig('realtime')
    for (let ms = 0; ms <= 400; ms += 100) push('video', ms)
    for (let ms = 500; ms < 2000; ms += 100) {
      vi.advanceTimersByTime(100)
      push('video', ms)
    }
    expect(zero()).toBe(-400)
    for (const { timeMs, atMs } of out.filter(({ timeMs }) => timeMs > 600)) expect(atMs).toBe(timeMs - 400)
  })

  it('lets a live stream go as it comes, and counts what reading it took', () => {
    const { push, out, zero } = rig('realtime', 0, 0)
    vi.advanceTimersByTime(600)
    for (let ms = 0; ms <= 500; ms += 100) push('video', ms)
    for (let ms = 600; ms < 2000; ms += 100) {
      vi.advanceTimersByTime(100)
      push('video', ms)
    }
    expect(zero()).toBe(0)
    for (const { timeMs, atMs } of out.filter(({ timeMs }) => timeMs > 700)) expect(atMs).toBe(timeMs + 100)
  })

  it('holds its input back when enough is read ahead, and lets it go on', () => {
    const { push, holds } = rig('realtime')
    for (let ms = 0; ms < 5000; ms += 100) push('video', ms)
    expect(holds).toEqual([true])
    vi.advanceTimersByTime(2500)
    expect(holds).toEqual([true, false])
  })

  it('keeps sound back that its pictures are far behind, and loses none of it', () => {
    const { push, out, times } = rig('realtime', 250_000)
    for (let ms = 0; ms < 2000; ms += 20) push('audio', ms)
    push('video', 0)
    vi.advanceTimersByTime(500)
    expect(Math.max(...times('audio'))).toBeLessThanOrEqual(1000)
    for (let ms = 100; ms < 2000; ms += 100) push('video', ms)
    vi.advanceTimersByTime(2000)
    expect(times('audio')).toHaveLength(100)
    const after = out.slice(out.findIndex(({ track, timeMs }) => track === 'video' && timeMs === 1100))
    expect(after.map(({ timeMs }) => timeMs)).toEqual(after.map(({ timeMs }) => timeMs).sort((a, b) => a - b))
  })

  it('lets pictures go whatever becomes of the sound', () => {
    const { push, times } = rig('realtime', 250_000)
    for (let ms = 0; ms < 500; ms += 20) push('audio', ms)
    for (let ms = 0; ms < 3000; ms += 100) push('video', ms)
    vi.advanceTimersByTime(4000)
    expect(times('video')).toHaveLength(30)
    expect(times('audio')).toHaveLength(25)
  })

  it('waits for the first sound, but not twice for sound that is not there', () => {
    const { push, out, times } = rig('source', 250_000)
    push('video', 0)
    vi.advanceTimersByTime(200)
    push('audio', 0)
    push('video', 40)
    expect(times('audio')).toEqual([0])
    vi.advanceTimersByTime(240)
    push('video', 80)
    expect(times('video')).toEqual([0])
    vi.advanceTimersByTime(10)
    expect(times('video')).toEqual([0, 40, 80])
    push('video', 120)
    expect(out.at(-1)?.timeMs).toBe(120)
  })

  it('waits for sound that keeps coming, so that it is never behind its pictures', () => {
    const { push, out } = rig('source', 250_000)
    push('video', 0)
    push('audio', 0)
    vi.advanceTimersByTime(200)
    push('video', 100)
    push('video', 200)
    for (let ms = 20; ms <= 240; ms += 20) {
      vi.advanceTimersByTime(20)
      push('audio', ms)
    }
    const order = out.map(({ timeMs }) => timeMs)
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order).toContain(200)
  })

  it('leaves a clock’s leap out of both tracks, and keeps a hole', () => {
    const { push, times, playout } = rig('realtime')
    const drained = vi.fn()
    for (const ms of [0, 100, 200, 10_200, 10_300, 1_000_000, 1_000_100]) push('video', ms)
    for (const ms of [0, 200, 10_300, 500_000, 1_000_000]) push('audio', ms)
    playout.end(drained)
    vi.advanceTimersByTime(20_000)
    expect(times('video')).toEqual([0, 100, 200, 10_200, 10_300, 10_340, 10_440])
    expect(times('audio')).toEqual([0, 200, 10_300, 10_340])
    expect(drained).toHaveBeenCalledOnce()
  })

  it('lets nothing go while its reader is behind, and all that is due then', () => {
    const { push, playout, times } = rig('realtime')
    push('video', 0)
    vi.advanceTimersByTime(500)
    playout.setPaused(true)
    push('video', 100)
    vi.advanceTimersByTime(500)
    expect(times('video')).toEqual([0])
    playout.setPaused(false)
    expect(times('video')).toEqual([0, 100])
  })

  it('lets go of nothing after it was stopped', () => {
    const { push, playout, times } = rig('realtime')
    for (let ms = 0; ms < 3000; ms += 100) push('video', ms)
    playout.stop()
    vi.advanceTimersByTime(5000)
    expect(Math.max(...times('video'))).toBe(1000)
  })
})
