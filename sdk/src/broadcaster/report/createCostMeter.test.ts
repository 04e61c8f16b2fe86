import { describe, expect, it } from 'vitest'
import { createCostMeter } from './createCostMeter.js'

describe('what a broadcast costs a minute', () => {
  it('is not known before ten seconds, and then what they cost', () => {
    const meter = createCostMeter()
    for (let second = 0; second < 10; second++) meter.add(BigInt(second) * 5n, second * 1_000)
    expect(meter.perMinute).toBeUndefined()
    meter.add(50n, 10_000)
    expect(meter.perMinute).toBe(300n)
  })

  it('forgets what is older than a minute', () => {
    const meter = createCostMeter()
    for (let second = 0; second <= 60; second++) meter.add(BigInt(second) * 1_000n, second * 1_000)
    for (let second = 61; second <= 120; second++) meter.add(60_000n + BigInt(second - 60) * 2n, second * 1_000)
    expect(meter.perMinute).toBe(120n)
  })
})
