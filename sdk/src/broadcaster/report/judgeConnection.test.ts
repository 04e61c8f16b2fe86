import { describe, expect, it } from 'vitest'
import { createConnectionJudge, type ConnectionSample } from './judgeConnection.js'

const fine: ConnectionSample = { isConnected: true, backlogMs: 20, bitrateShare: 1, latencyMs: 200, roundTripMs: 20 }
/** What is said after one such second, and after a fine beginning. */
const judgeOnce = (sample: Partial<ConnectionSample>) => {
  const judge = createConnectionJudge({ segmentDurationMs: 1_000 })
  judge.tick(fine)
  judge.tick({ ...fine, ...sample })
  return judge.quality
}

describe('the quality of a connection', () => {
  it('is excellent where nothing is wrong, and before anything is known', () => {
    expect(judgeOnce({})).toBe('excellent')
    expect(judgeOnce({ latencyMs: undefined, roundTripMs: undefined })).toBe('excellent')
  })

  it.each([
    ['good', { backlogMs: 300 }],
    ['good', { bitrateShare: 0.8 }],
    ['good', { latencyMs: 1_500 }],
    ['good', { roundTripMs: 400 }],
    ['poor', { backlogMs: 700 }],
    ['poor', { bitrateShare: 0.4 }],
    ['poor', { latencyMs: 2_500 }],
    ['poor', { roundTripMs: 1_200 }],
    ['lost', { isConnected: false }],
  ] as const)('is %s at once with %o', (quality, sample) => {
    expect(judgeOnce(sample)).toBe(quality)
  })

  it('is better only after three better seconds in a row, and said to be another only when it is', () => {
    const judge = createConnectionJudge({ segmentDurationMs: 1_000 })
    expect(judge.tick({ ...fine, isConnected: false })).toBe(true)
    expect([judge.tick(fine), judge.tick(fine), judge.tick({ ...fine, isConnected: false }), judge.tick(fine), judge.tick(fine)]).toEqual([false, false, false, false, false])
    expect(judge.quality).toBe('lost')
    expect(judge.tick(fine)).toBe(true)
    expect(judge.quality).toBe('excellent')
  })
})
