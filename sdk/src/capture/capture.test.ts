/** The pure parts of capture; what needs a browser is in the specs. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SegmentEvent } from '../media/segment.js'
import { createEventQueue } from './createEventQueue.js'
import { createMeter } from './createMeter.js'
import { createTrackClock } from './createTrackClock.js'
import { computeCodedSize } from './fitFrame.js'
import { buildAvcConfiguration, joinWithLengths, splitAnnexB } from './h264.js'

describe('createTrackClock', () => {
  it('takes the least delayed arrival for the truth, and follows a clock that starts over', () => {
    const clock = createTrackClock()
    // A thread that was busy at first: 30 ms late, then on time.
    expect(clock.map(5_000_000, 130_000)).toBe(130_000)
    expect(clock.map(5_010_000, 110_000)).toBe(110_000)
    expect(clock.map(5_020_000, 150_000)).toBeCloseTo(120_000, -2)
    // Restarted, or stamped 0 like every frame.
    expect(clock.map(0, 200_000)).toBe(200_000)
    expect(clock.map(0, 233_000)).toBe(233_000)
  })

  it('follows the drift of a device, and keeps two tracks together over an hour', () => {
    const slow = createTrackClock()
    const exact = createTrackClock()
    let [slowUs, exactUs] = [0, 0]
    for (let us = 0; us < 3600e6; us += 20_000) {
      const delayUs = 1000 + ((us / 20_000) % 7) * 500
      slowUs = slow.map(us * (1 - 50e-6), us + delayUs)
      exactUs = exact.map(us + 77, us + delayUs)
    }
    expect(Math.abs(slowUs - exactUs)).toBeLessThan(3000)
    expect(Math.abs(exactUs - 3600e6)).toBeLessThan(30_000)
  })
})

describe('H.264', () => {
  it('turns start codes into lengths and loses no byte', () => {
    // A unit ends in something but zero, and holds no start code (that is what emulation prevention is for).
    const unit = fc.tuple(fc.constantFrom(0x65, 0x41, 0x67, 0x68, 0x06), fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 40 })).map(([type, rest]) => Uint8Array.from([type, ...rest]))
    fc.assert(
      fc.property(fc.array(fc.tuple(unit, fc.boolean()), { minLength: 1, maxLength: 6 }), (units) => {
        const annexB = Uint8Array.from(units.flatMap(([bytes, isLong]) => [...(isLong ? [0, 0, 0, 1] : [0, 0, 1]), ...bytes]))
        expect(splitAnnexB(annexB)).toEqual(units.map(([bytes]) => bytes))
        const joined = joinWithLengths(splitAnnexB(annexB))
        expect(joined).toEqual(Uint8Array.from(units.flatMap(([bytes]) => [0, 0, 0, bytes.length, ...bytes])))
      }),
    )
  })

  it('leaves delimiters and filler out, and builds the configuration from the parameter sets', () => {
    const sps = Uint8Array.of(0x67, 0x42, 0xe0, 0x1f, 9)
    const pps = Uint8Array.of(0x68, 7)
    expect(joinWithLengths([Uint8Array.of(9, 0xf0), pps, Uint8Array.of(12, 0xff)])).toEqual(Uint8Array.of(0, 0, 0, 2, 0x68, 7))
    expect(buildAvcConfiguration([sps, pps])).toEqual(Uint8Array.of(1, 0x42, 0xe0, 0x1f, 0xff, 0xe1, 0, 5, ...sps, 1, 0, 2, ...pps))
    expect(buildAvcConfiguration([Uint8Array.of(0x67, 100, 0, 31), pps])?.subarray(-4)).toEqual(Uint8Array.of(0xfd, 0xf8, 0xf8, 0))
    expect(buildAvcConfiguration([pps])).toBeUndefined()
  })
})

describe('computeCodedSize', () => {
  it('keeps shape and bounds, with even sides', () => {
    expect(computeCodedSize({ width: 641, height: 361 }, {})).toEqual({ width: 640, height: 360 })
    expect(computeCodedSize({ width: 720, height: 1280 }, { maxHeight: 640 })).toEqual({ width: 360, height: 640 })
    expect(computeCodedSize({ width: 3, height: 3 }, {})).toEqual({ width: 16, height: 16 })
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 4096 }), fc.integer({ min: 16, max: 4096 }), fc.integer({ min: 16, max: 4096 }), (width, height, bound) => {
        const size = computeCodedSize({ width, height }, { maxWidth: bound, maxHeight: bound })
        expect([size.width % 2, size.height % 2]).toEqual([0, 0])
        expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(Math.max(bound, 16) + (bound % 2))
      }),
    )
  })
})

describe('createMeter', () => {
  it('counts, and starts the last second over when it is read', () => {
    let nowMs = 0
    const meter = createMeter(() => nowMs)
    for (let i = 0; i < 10; i++) {
      meter.countSubmitted(i, nowMs)
      nowMs += 100
      meter.countEncoded(i, 125)
    }
    meter.countDropped('encoder')
    meter.countDropped('reader')
    meter.countRepeated()
    expect(meter.read(5000)).toEqual({ framesEncoded: 10, framesDroppedByEncoder: 1, framesDroppedByReader: 1, framesRepeated: 1, frameRate: 10, bitrate: 10_000, targetBitrate: 5000, encodeP50Ms: 100, encodeP95Ms: 100 })
    nowMs += 1000
    expect(meter.read(5000)).toMatchObject({ framesEncoded: 10, frameRate: 0, bitrate: 0, encodeP50Ms: 0 })
  })
})

describe('createEventQueue', () => {
  const chunk = (length: number): SegmentEvent => ({ type: 'chunk', seq: 0, bytes: new Uint8Array(length) })

  it('asks for a pause when it is full and for more when it is read, and loses nothing', async () => {
    const flow: boolean[] = []
    const queue = createEventQueue(100, { onFlow: (isPaused) => flow.push(isPaused), onCancel: () => undefined })
    await Promise.resolve()
    for (let i = 0; i < 4; i++) queue.push(chunk(60))
    queue.end()
    const reader = queue.stream.getReader()
    let bytes = 0
    for (let next = await reader.read(); !next.done; next = await reader.read()) bytes += (next.value as { bytes: Uint8Array }).bytes.length
    expect(bytes).toBe(240)
    expect(flow[0]).toBe(true)
  })

  it('goes on when it has room again', async () => {
    const flow: boolean[] = []
    const queue = createEventQueue(100, { onFlow: (isPaused) => flow.push(isPaused), onCancel: () => undefined })
    await Promise.resolve()
    queue.push(chunk(60))
    queue.push(chunk(60))
    const reader = queue.stream.getReader()
    await reader.read()
    await expect.poll(() => flow).toEqual([true, false])
  })

  it('tells of a reader that leaves, and takes nothing more', async () => {
    let isCancelled = false
    const queue = createEventQueue(100, { onFlow: () => undefined, onCancel: () => (isCancelled = true) })
    await queue.stream.cancel()
    queue.push(chunk(1))
    queue.end()
    expect(isCancelled).toBe(true)
  })
})
