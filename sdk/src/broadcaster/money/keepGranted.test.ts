import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { RenewableSession } from '../../session/createRenewableSession.js'
import { keepGranted, type ApprovalRequest } from './keepGranted.js'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

/** A session whose grant is good for so many seconds, and the page that is told. */
function start({ seconds = 4 * 3_600, renewal = 'ask' as 'ask' | 'tell', isDeclined = false } = {}) {
  const state = { grant: { validUntil: seconds }, grantHash: '0x1', remaining: 1_000n, budgetLeft: 1_000n, hasNext: false }
  const renewals: number[] = []
  const renew = async (): Promise<void> => {
    renewals.push(Date.now())
    if (isDeclined) throw new StreamflowError('WalletRejected', 'no')
    state.hasNext = true
  }
  const told: ApprovalRequest[] = []
  const warnings: StreamflowError[] = []
  const session = Object.assign(state, { renew }) as unknown as RenewableSession
  const stop = keepGranted({ session, renewal, onApproval: (request) => void told.push(request), onWarning: (error) => void warnings.push(error), now: Date.now })
  return { state, renewals, told, warnings, stop }
}
const minuteMs = 60_000

describe('a grant', () => {
  it('is renewed a quarter of an hour before it ends, once, and the next one in its turn', async () => {
    const { state, renewals, told } = start()
    await vi.advanceTimersByTimeAsync(224 * minuteMs)
    expect(renewals).toEqual([])
    await vi.advanceTimersByTimeAsync(10 * minuteMs)
    expect(renewals).toEqual([225 * minuteMs])
    expect(told).toEqual([{ reason: 'expiry', endsAtMs: 240 * minuteMs, remaining: 1_000n }])
    Object.assign(state, { grant: { validUntil: 8 * 3_600 }, grantHash: '0x2', hasNext: false })
    await vi.advanceTimersByTimeAsync(250 * minuteMs)
    expect(renewals).toHaveLength(2)
    expect(renewals[1]).toBeGreaterThanOrEqual(465 * minuteMs)
  })

  it('that is good for seconds is renewed when a quarter of them is left', async () => {
    const { renewals } = start({ seconds: 8 })
    await vi.advanceTimersByTimeAsync(5_900)
    expect(renewals).toEqual([])
    await vi.advanceTimersByTimeAsync(600)
    expect(renewals).toHaveLength(1)
  })

  it('is renewed when it is almost spent and the budget is not', async () => {
    const { state, told } = start()
    state.remaining = 500n
    await vi.advanceTimersByTimeAsync(5 * minuteMs)
    expect(told).toEqual([])
    state.remaining = 99n
    await vi.advanceTimersByTimeAsync(minuteMs)
    expect(told).toMatchObject([{ reason: 'cap', remaining: 99n }])
    const spent = start()
    Object.assign(spent.state, { remaining: 0n, budgetLeft: 0n })
    await vi.advanceTimersByTimeAsync(300 * minuteMs)
    expect(spent.told).toEqual([])
  })

  it('is left to the page where it wants that', async () => {
    const { renewals, told } = start({ renewal: 'tell' })
    await vi.advanceTimersByTimeAsync(226 * minuteMs)
    expect([renewals.length, told.length]).toEqual([0, 1])
  })

  it('is asked for again, less and less time apart, where its owner declines, until the end of the broadcast', async () => {
    const { renewals, warnings, stop } = start({ isDeclined: true })
    await vi.advanceTimersByTimeAsync(238 * minuteMs)
    expect(renewals.length).toBeGreaterThanOrEqual(3)
    expect(renewals.length).toBeLessThan(6)
    expect(warnings.every(({ code }) => code === 'WalletRejected')).toBe(true)
    const before = renewals.length
    stop()
    await vi.advanceTimersByTimeAsync(2 * minuteMs)
    expect(renewals).toHaveLength(before)
  })
})
