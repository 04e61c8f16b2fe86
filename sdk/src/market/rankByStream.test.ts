import { describe, expect, it } from 'vitest'
import { bytesToHex, type Hex } from '../units/hex.js'
import { rankByStream } from './rankByStream.js'

const random = (bytes: number): Hex => bytesToHex(crypto.getRandomValues(new Uint8Array(bytes)))
const market = Array.from({ length: 200 }, () => ({ orchestrator: random(20) }))

describe('rankByStream', () => {
  it('gives everybody the same order, however they came', () => {
    const streamId = random(32)
    expect(rankByStream([...market].reverse(), streamId)).toEqual(rankByStream(market, streamId))
    expect(rankByStream(market, streamId).length).toBe(market.length)
  })

  it('moves nobody else when one leaves', () => {
    const streamId = random(32)
    const [first, ...rest] = rankByStream(market, streamId)
    expect(rankByStream(market.filter((entry) => entry !== first), streamId)).toEqual(rest)
  })

  it('spreads streams over all', () => {
    const firsts = new Set(Array.from({ length: 2_000 }, () => rankByStream(market, random(32))[0]?.orchestrator))
    expect(firsts.size).toBeGreaterThan(market.length * 0.95)
  })
})
