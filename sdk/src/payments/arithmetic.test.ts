import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { computeBalance, computeRequiredValue, emptyAccount, minimumTicketValue, openSegment, settleSegment, type Account } from './account.js'
import { certainty, computeExpectedValue, computeFee, computeSegmentFee, computeWinProb, estimatePixels } from './price.js'
import { addTickets, computeForecast, computeLiability, computePayoutVariance, computeSqrtUp, noTickets } from './risk.js'
import { computeDraw, computeRandHash, isWinner } from './ticket.js'
import { bytesToHex } from '../units/hex.js'
import { createKeySigner, createPrivateKey } from './signature.js'

const wei = fc.bigInt({ min: 0n, max: 10n ** 24n })
const positive = fc.bigInt({ min: 1n, max: 10n ** 24n })

describe('price', () => {
  it('is never below the exact fee and less than one wei above it', () => {
    fc.assert(
      fc.property(wei, wei, (price, pixels) => {
        const fee = computeFee(price, pixels)
        expect(fee * 1_000_000n >= price * pixels && (fee - 1n) * 1_000_000n < price * pixels).toBe(true)
      }),
    )
  })

  it('grows with price and with pixels', () => {
    fc.assert(
      fc.property(wei, wei, wei, (price, pixels, more) => {
        expect(computeFee(price, pixels + more)).toBeGreaterThanOrEqual(computeFee(price, pixels))
        expect(computeFee(price + more, pixels)).toBeGreaterThanOrEqual(computeFee(price, pixels))
      }),
    )
  })

  it('estimates whole frames, rounded up', () => {
    expect(estimatePixels({ ladderPixels: 100, frameRate: 29.97, durationMs: 1_000 })).toBe(3_000n)
    expect(estimatePixels({ ladderPixels: 100, frameRate: 30, durationMs: 1_001 })).toBe(3_100n)
    expect(estimatePixels({ ladderPixels: 640 * 360, frameRate: 30, durationMs: 2_000 })).toBe(13_824_000n)
  })
})

describe('win probability', () => {
  it('is the smallest whose expected value covers the price: never below, and one less would be', () => {
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        fc.pre(a !== b)
        const [value, faceValue] = a < b ? [a, b] : [b, a]
        const winProb = computeWinProb(faceValue, value)
        expect(winProb).toBeLessThan(certainty)
        expect(computeExpectedValue(faceValue, winProb)).toBeGreaterThanOrEqual(value)
        expect(computeExpectedValue(faceValue, winProb - 1n)).toBeLessThan(value)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is refused where one ticket cannot be worth that much', () => {
    for (const value of [10n, 11n]) expect(() => computeWinProb(10n, value)).toThrow(expect.objectContaining({ code: 'QuoteInvalid' }))
    expect(computeWinProb(10n, 0n)).toBe(0n)
  })

  it('grows with the value and falls with the face value', () => {
    fc.assert(
      fc.property(positive, positive, positive, (value, more, extra) => {
        const faceValue = value + more + extra
        expect(computeWinProb(faceValue, value + more)).toBeGreaterThanOrEqual(computeWinProb(faceValue, value))
        expect(computeWinProb(faceValue + extra, value)).toBeLessThanOrEqual(computeWinProb(faceValue, value))
      }),
    )
  })
})

describe('the draw', () => {
  it('is a number of 256 bits that v takes no part in, below 2^256 always and below 0 never', () => {
    const signer = createKeySigner(createPrivateKey())
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ minLength: 32, maxLength: 32 }), (digest, rand) => {
        const signature = signer.sign(digest)
        const draw = computeDraw(signature, rand)
        expect(draw >= 0n && draw < certainty).toBe(true)
        expect(computeDraw(`${signature.slice(0, 130)}1b` as `0x${string}`, rand)).toBe(draw)
        expect(isWinner({ winProb: 0n }, signature, rand)).toBe(false)
        expect(isWinner({ winProb: draw }, signature, rand)).toBe(false)
        expect(isWinner({ winProb: draw + 1n }, signature, rand)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('wins as often as the probability says', () => {
    const signer = createKeySigner(createPrivateKey())
    const rand = new Uint8Array(32).fill(3)
    const winProb = certainty / 4n
    const count = 800
    let wins = 0
    for (let i = 0; i < count; i++) if (isWinner({ winProb }, signer.sign(computeRandHash(Uint8Array.of(i, i >> 8))), rand)) wins++
    // 200 expected, σ ≈ 12.2: five deviations are missed once in two million runs.
    expect(Math.abs(wins - 200)).toBeLessThan(62)
  })

  it('commits to 32 bytes', () => {
    expect(bytesToHex(computeRandHash(new Uint8Array(32)))).toBe('0x290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563')
  })
})

type Step = { readonly kind: 'open'; readonly estimate: bigint; readonly extra: bigint } | { readonly kind: 'settle'; readonly share: number }
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(fc.record({ kind: fc.constant('open' as const), estimate: positive, extra: fc.bigInt({ min: 0n, max: 1_000n }) }), fc.record({ kind: fc.constant('settle' as const), share: fc.integer({ min: 0, max: 120 }) })),
  { maxLength: 60 },
)

describe('account', () => {
  it('conserves every wei over any course of segments, and never reserves what is settled', () => {
    fc.assert(
      fc.property(steps, (course) => {
        let account: Account = emptyAccount
        const open: bigint[] = []
        let paid = 0n
        let charged = 0n
        for (const step of course) {
          if (step.kind === 'open') {
            const value = computeRequiredValue(account, step.estimate) + step.extra
            account = openSegment(account, { value, estimate: step.estimate })
            open.push(step.estimate)
            paid += value
            // What is required covers everything that is open, estimate by estimate.
            expect(computeBalance(account)).toBeGreaterThanOrEqual(account.reserved)
          } else if (open.length > 0) {
            const estimate = open.shift() as bigint
            const fee = (estimate * BigInt(step.share)) / 100n
            account = settleSegment(account, { estimate, fee })
            charged += fee
          }
          expect(computeBalance(account)).toBe(paid - charged)
          expect(account.reserved).toBe(open.reduce((sum, estimate) => sum + estimate, 0n))
        }
      }),
    )
  })

  it('asks for a ticket of at least one wei, however large the balance', () => {
    expect(computeRequiredValue({ credited: 10n ** 20n, charged: 0n, reserved: 0n }, 5n)).toBe(minimumTicketValue)
    expect(computeRequiredValue(emptyAccount, 5n)).toBe(5n)
    expect(computeRequiredValue({ credited: 10n, charged: 12n, reserved: 3n }, 5n)).toBe(10n)
  })
})

describe('risk', () => {
  it('takes square roots exactly, rounded up', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 512n }), (value) => {
        const root = computeSqrtUp(value)
        expect(root * root >= value && (root === 0n || (root - 1n) * (root - 1n) < value)).toBe(true)
      }),
    )
  })

  const exposure = fc.record({ count: fc.bigInt({ min: 0n, max: 100_000n }), winProb: fc.bigInt({ min: 0n, max: certainty }), faceValue: positive })

  it('bounds the liability between the mean and everything', () => {
    fc.assert(
      fc.property(exposure, (of) => {
        const bound = computeLiability(addTickets(noTickets, of))
        expect(bound).toBeGreaterThanOrEqual(computeExpectedValue(of.count * of.faceValue, of.winProb))
        expect(bound).toBeLessThanOrEqual(of.count * of.faceValue)
      }),
    )
  })

  it('grows with every ticket and with caution', () => {
    fc.assert(
      fc.property(exposure, fc.bigInt({ min: 0n, max: 5_000n }), (of, z) => {
        const sums = addTickets(noTickets, of)
        expect(computeLiability(addTickets(sums, { ...of, count: 1n }), z)).toBeGreaterThanOrEqual(computeLiability(sums, z))
        expect(computeLiability(sums, z + 100n)).toBeGreaterThanOrEqual(computeLiability(sums, z))
      }),
    )
  })

  it('agrees with the formula in floating point', () => {
    const of = { count: 10_000n, winProb: certainty / 1_000n, faceValue: 10n ** 15n }
    const expected = 10_000 * 1e-3 * 1e15 + 3.09 * 1e15 * Math.sqrt(10_000 * 1e-3 * (1 - 1e-3))
    expect(Number(computeLiability(addTickets(noTickets, of))) / expected).toBeCloseTo(1, 9)
    expect(Number(computePayoutVariance(of)) / (10_000 * 1e-3 * (1 - 1e-3) * 1e30)).toBeCloseTo(1, 9)
  })

  it('forecasts hours, leaving one face value untouched', () => {
    const burn = { valuePerSegment: 10n, segmentDurationMs: 1_000, faceValue: 1_000n }
    expect(computeForecast(1_000n, burn)).toEqual({ segmentsLeft: 0n, hoursLeft: 0 })
    expect(computeForecast(37_000n, burn)).toEqual({ segmentsLeft: 3_600n, hoursLeft: 1 })
    expect(computeForecast(2_000n, { ...burn, valuePerSegment: 0n }).hoursLeft).toBe(Number.POSITIVE_INFINITY)
  })
})

it('a segment costs its output and its input pixels, rounded up once', () => {
  const prices = { pricePerMillionPixels: 3n, pricePerMillionInputPixels: 2n }
  expect(computeSegmentFee(prices, { pixels: 1_000_000n, inputPixels: 1_000_000n })).toBe(5n)
  expect(computeSegmentFee(prices, { pixels: 100_000n, inputPixels: 100_000n })).toBe(1n) // 0.3 + 0.2
  expect(computeSegmentFee(prices, { pixels: 0n, inputPixels: 0n })).toBe(0n)
})
