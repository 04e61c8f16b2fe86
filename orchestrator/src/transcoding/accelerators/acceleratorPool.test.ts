import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createJob } from '../../../../test/media-fixtures/transcodeRecorder.js'
import { computeNeed } from '../../core/transcodeNeed.js'
import { createAccelerator } from './accelerator.js'
import { AcceleratorPool, retryPauses, type AcceleratorEvent, type AcceleratorPoolOptions } from './acceleratorPool.js'
import { computeOffer, spreadOffer } from './computeOffer.js'
import type { ProvenAccelerator } from './probeAccelerators.js'

const job = createJob()
const need = computeNeed(job)
const prove = (name: string, options: Partial<Omit<ProvenAccelerator, 'accelerator'>> & { readonly freeMemoryBytes?: number } = {}): ProvenAccelerator => {
  const [kind = '', device = ''] = name.split(':')
  const { freeMemoryBytes, ...rest } = options
  return { accelerator: createAccelerator(kind as Parameters<typeof createAccelerator>[0], device), device: { device, ...(freeMemoryBytes !== undefined && { freeMemoryBytes }) }, codecs: ['h264'], pixelsPerSecond: 10 * need, ...rest }
}
const broken = { message: 'ffmpeg ended with code 1', stderr: 'CUDA_ERROR_UNKNOWN' }
const full = { message: 'ffmpeg ended with code 1', stderr: 'OpenEncodeSessionEx failed: out of memory (10)' }

describe('streams', () => {
  const create = (proven: readonly ProvenAccelerator[], options: Partial<AcceleratorPoolOptions> = {}): AcceleratorPool => new AcceleratorPool({ proven, retry: () => Promise.resolve(undefined), ...options })
  const takeNames = (pool: AcceleratorPool, count: number): readonly string[] => Array.from({ length: count }, () => pool.take(job).accelerator.name)

  test('go to the best kind while it has room, there to the card of which the smallest share is taken, then to the next kind', () => {
    const pool = create([prove('x264'), prove('nvidia:0', { pixelsPerSecond: 2 * need }), prove('nvidia:1', { pixelsPerSecond: 4 * need })])
    const names = takeNames(pool, 7)
    expect(names.slice(0, 6).filter((name) => name === 'nvidia:0')).toHaveLength(2)
    expect(names.slice(0, 6).filter((name) => name === 'nvidia:1')).toHaveLength(4)
    expect(names[6]).toBe('x264')
  })

  test('that nothing has room for go where least is taken: they were admitted', () => {
    const pool = create([prove('nvidia:0', { pixelsPerSecond: need }), prove('x264', { pixelsPerSecond: need / 2 })])
    expect(takeNames(pool, 3)).toEqual(['nvidia:0', 'x264', 'nvidia:0'])
  })

  test('keep to what decodes their codec', () => {
    const pool = create([prove('nvidia:0'), prove('x264', { codecs: ['h264', 'vp9'] })])
    expect(pool.take(createJob({ video: { codec: 'vp9' } })).accelerator.name).toBe('x264')
    expect(() => pool.take(createJob({ video: { codec: 'av1' } }))).toThrow(expect.objectContaining({ code: 'Unsupported' }) as Error)
  })

  test('keep to the encoders and the memory that a card has, and room comes back', () => {
    const small = create([prove('nvidia:0'), prove('x264')], { sessionsPerDevice: 5 })
    const leases = [small.take(job), small.take(job), small.take(job)]
    expect(leases.map(({ accelerator }) => accelerator.name)).toEqual(['nvidia:0', 'nvidia:0', 'x264'])
    leases[0]?.release()
    leases[0]?.release()
    expect(takeNames(small, 2)).toEqual(['nvidia:0', 'x264'])
    expect(takeNames(create([prove('nvidia:0', { freeMemoryBytes: 900e6 }), prove('x264')]), 2)).toEqual(['nvidia:0', 'x264'])
    // Where the processor encodes, a card has no sessions to run out of.
    expect(takeNames(create([prove('nvidia-decode:0'), prove('x264')], { sessionsPerDevice: 1 }), 2)).toEqual(['nvidia-decode:0', 'nvidia-decode:0'])
  })
})

describe('a card', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const createWatched = (retry: AcceleratorPoolOptions['retry']): { readonly pool: AcceleratorPool; readonly events: AcceleratorEvent[] } => {
    const events: AcceleratorEvent[] = []
    return { events, pool: new AcceleratorPool({ proven: [prove('nvidia:0'), prove('x264')], retry, changed: (event) => events.push(event) }) }
  }

  test('on which a stream failed is left until a trial passes, and what is offered follows', async () => {
    let reason: string | undefined = 'it is gone'
    const { pool, events } = createWatched(() => Promise.resolve(reason))
    expect(pool.pixelsPerSecond).toBe(20 * need)
    pool.take(job).fail(broken)
    expect(pool.isUsable('nvidia:0')).toBe(false)
    expect(pool.pixelsPerSecond).toBe(10 * need)
    expect(pool.take(job).accelerator.name).toBe('x264')
    await vi.advanceTimersByTimeAsync(retryPauses.firstMs - 1)
    reason = undefined
    expect(pool.isUsable('nvidia:0')).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(pool.take(job).accelerator.name).toBe('nvidia:0')
    expect(events.map(({ state }) => state)).toEqual(['left', 'back'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that stays away is asked more and more rarely, and no longer when all is closed', async () => {
    let trials = 0
    const { pool } = createWatched(() => {
      trials++
      return Promise.resolve('it is gone')
    })
    pool.take(job).fail(broken)
    await vi.advanceTimersByTimeAsync(retryPauses.firstMs * (1 + 2 + 4 + 8) + 1)
    expect(trials).toBe(5)
    await vi.advanceTimersByTimeAsync(24 * 3_600_000)
    expect(trials).toBeLessThan(170)
    pool.close()
    const before = trials
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(trials).toBe(before)
  })

  test('that passes its trial takes the next stream at once, whatever one stream did to it; but not if each one fails', async () => {
    const { pool } = createWatched(() => Promise.resolve(undefined))
    for (let i = 0; i < 3; i++) {
      const lease = pool.take(job)
      expect(lease.accelerator.name).toBe('nvidia:0')
      lease.fail(broken)
      await vi.advanceTimersByTimeAsync(0)
    }
    pool.take(job).fail(broken)
    await vi.advanceTimersByTimeAsync(0)
    expect(pool.isUsable('nvidia:0')).toBe(false)
    await vi.advanceTimersByTimeAsync(retryPauses.firstMs)
    expect(pool.isUsable('nvidia:0')).toBe(true)
  })

  test('that refuses another encoder keeps what it has and gets no more, for a while', async () => {
    const { pool, events } = createWatched(() => Promise.resolve(undefined))
    const kept = pool.take(job)
    pool.take(job).fail(full)
    expect(events.map(({ state }) => state)).toEqual(['full'])
    expect(pool.isUsable('nvidia:0')).toBe(true)
    expect(pool.take(job).accelerator.name).toBe('x264')
    kept.release()
    expect(pool.take(job).accelerator.name).toBe('nvidia:0')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(pool.take(job).accelerator.name).toBe('nvidia:0')
  })

  test('that refuses its only encoder is full of somebody else: it is left', () => {
    const { pool, events } = createWatched(() => Promise.resolve('OpenEncodeSessionEx failed'))
    pool.take(job).fail(full)
    expect(events.map(({ state }) => state)).toEqual(['left'])
    pool.close()
  })

  test('is nothing that the processor could be left for', () => {
    const { pool, events } = createWatched(() => Promise.resolve(undefined))
    pool.take(createJob()).release()
    const onProcessor = new AcceleratorPool({ proven: [prove('x264')], retry: () => Promise.resolve('never'), changed: (event) => events.push(event) })
    onProcessor.take(job).fail(broken)
    expect(onProcessor.isUsable('x264')).toBe(true)
    expect(events).toEqual([])
  })
})

describe('what a machine offers', () => {
  test('is what its cards encode, and beside it the best of what shares the processor', () => {
    expect(computeOffer([prove('nvidia:0', { pixelsPerSecond: 5 }), prove('nvidia-decode:1', { pixelsPerSecond: 3 }), prove('x264', { pixelsPerSecond: 2 })])).toBe(8)
    expect(computeOffer([])).toBe(0)
  })

  test('is what somebody said, if somebody did', () => {
    for (const proven of [[prove('x264')], [prove('nvidia:0'), prove('nvidia:1'), prove('x264')], [prove('nvidia-decode:0'), prove('x264')]]) {
      expect(computeOffer(spreadOffer(proven, 60e6))).toBeCloseTo(60e6)
    }
  })
})
