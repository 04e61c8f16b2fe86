import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { computeBalance, computeRequiredValue, emptyAccount, openSegment, settleSegment, type Account } from '../../payments/account.js'
import { createMirror } from './createMirror.js'

const overcharged = expect.objectContaining({ code: 'Overcharged' }) as Error

/** An honest orchestrator beside the mirror; messages reach the mirror later, in order. */
interface World {
  account: Account
  readonly inbox: (() => void)[]
}

describe('our books', () => {
  it('agree with an honest orchestrator over any course, however late its messages come, and never ask for less than it does', () => {
    const action = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('open' as const), estimate: fc.bigInt({ min: 1n, max: 1_000n }) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle' as const), share: fc.integer({ min: 0, max: 104 }) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('deliver' as const) }) },
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (course) => {
        const mirror = createMirror()
        const world: World = { account: emptyAccount, inbox: [] }
        const open: { attempt: { seq: number; attempt: number }; estimate: bigint }[] = []
        let seq = 0
        for (const step of course) {
          if (step.kind === 'open' && open.length < 7) {
            const attempt = { seq: seq++, attempt: 0 }
            const value = mirror.computeRequired(step.estimate)
            expect(value).toBeGreaterThanOrEqual(computeRequiredValue(world.account, step.estimate))
            mirror.open(attempt, { value, estimate: step.estimate })
            // Complete at once: the bound is one frame more than estimated, as the frames say.
            mirror.close(attempt, (step.estimate * 104n + 99n) / 100n)
            world.account = openSegment(world.account, { value, estimate: step.estimate })
            open.push({ attempt, estimate: step.estimate })
            const balance = computeBalance(world.account)
            world.inbox.push(() => mirror.accept(attempt, balance))
          } else if (step.kind === 'settle' && open.length > 0) {
            const { attempt, estimate } = open.shift() as (typeof open)[number]
            const fee = (estimate * BigInt(step.share)) / 100n
            world.account = settleSegment(world.account, { estimate, fee })
            const balance = computeBalance(world.account)
            world.inbox.push(() => mirror.settle(attempt, { fee, balance }))
          } else if (step.kind === 'release' && open.length > 0) {
            const { attempt, estimate } = open.shift() as (typeof open)[number]
            world.account = settleSegment(world.account, { estimate, fee: 0n })
            world.inbox.push(() => mirror.refuse(attempt))
          } else if (step.kind === 'deliver') world.inbox.shift()?.()
        }
        for (const deliver of world.inbox) deliver()
        expect(mirror.totals).toMatchObject({ balance: computeBalance(world.account), credited: world.account.credited, fees: world.account.charged, isAdopted: false })
      }),
      { numRuns: 500 },
    )
  })

  it('notice every wei that is missing, at once', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n, max: 10n ** 18n }), fc.bigInt({ min: 1n, max: 10n ** 18n }), (estimate, taken) => {
        const mirror = createMirror()
        const attempt = { seq: 0, attempt: 0 }
        mirror.open(attempt, { value: estimate, estimate })
        mirror.accept(attempt, estimate)
        expect(() => mirror.settle(attempt, { fee: estimate - 1n, balance: 1n - taken })).toThrow(overcharged)
      }),
    )
  })

  it('do not take a balance that is too high either: a ledger that disagrees is wrong', () => {
    const mirror = createMirror()
    mirror.open({ seq: 0, attempt: 0 }, { value: 10n, estimate: 10n })
    expect(() => mirror.settle({ seq: 0, attempt: 0 }, { fee: 10n, balance: 1n })).toThrow(overcharged)
  })

  it('know that a debt of before may have been paid by another stream meanwhile, once', () => {
    const settle = (balance: bigint, mirror = createMirror(-7n)): (() => void) => {
      mirror.open({ seq: 0, attempt: 0 }, { value: 17n, estimate: 10n })
      return () => mirror.settle({ seq: 0, attempt: 0 }, { fee: 10n, balance })
    }
    expect(settle(0n)).not.toThrow()
    expect(settle(7n)).not.toThrow()
    expect(settle(8n)).toThrow(overcharged)
    const mirror = createMirror(-7n)
    settle(7n, mirror)()
    expect(settle(21n, mirror)).toThrow(overcharged)
  })

  it('let a balance know tickets whose acceptance is still on its way', () => {
    const mirror = createMirror()
    mirror.open({ seq: 0, attempt: 0 }, { value: 10n, estimate: 10n })
    mirror.accept({ seq: 0, attempt: 0 }, 10n)
    mirror.open({ seq: 1, attempt: 0 }, { value: 11n, estimate: 11n })
    mirror.settle({ seq: 0, attempt: 0 }, { fee: 10n, balance: 11n })
    mirror.accept({ seq: 1, attempt: 0 }, 11n)
    expect(mirror.totals).toMatchObject({ segments: 1, tickets: 2, balance: 11n })
  })

  it('keep the value of a ticket whose segment was given up, and none of one that was refused', () => {
    const mirror = createMirror()
    mirror.open({ seq: 0, attempt: 0 }, { value: 10n, estimate: 10n })
    mirror.refuse({ seq: 0, attempt: 0 })
    expect(mirror.totals.balance).toBe(0n)
    mirror.open({ seq: 0, attempt: 1 }, { value: 10n, estimate: 10n })
    mirror.accept({ seq: 0, attempt: 1 }, 10n)
    mirror.refuse({ seq: 0, attempt: 1 })
    expect(mirror.totals.balance).toBe(10n)
    expect(mirror.computeRequired(10n)).toBe(1n)
  })

  it('pay in full after a broken connection too, once it says that it keeps the segment within which it broke', () => {
    const leaveUnfinished = () => {
      const mirror = createMirror()
      mirror.open({ seq: 0, attempt: 0 }, { value: 10n, estimate: 10n })
      mirror.accept({ seq: 0, attempt: 0 }, 10n)
      mirror.resume(10n, 0)
      return mirror
    }
    const mirror = leaveUnfinished()
    expect(mirror.computeRequired(10n)).toBe(1n)
    expect([mirror.concede(), mirror.concede()]).toEqual([true, false])
    expect(mirror.computeRequired(10n)).toBe(10n)
    // One that took the next ticket for enough keeps nothing.
    const other = leaveUnfinished()
    other.open({ seq: 0, attempt: 1 }, { value: 1n, estimate: 10n })
    other.accept({ seq: 0, attempt: 1 }, 11n)
    expect(other.concede()).toBe(false)
  })

  it('pay in full after a segment that was left unfinished, and complain when finished ones are kept again and again', () => {
    const mirror = createMirror()
    mirror.open({ seq: 0, attempt: 0 }, { value: 10n, estimate: 10n })
    mirror.accept({ seq: 0, attempt: 0 }, 10n)
    mirror.refuse({ seq: 0, attempt: 0 }, { isWithheld: true })
    expect(mirror.totals.balance).toBe(10n)
    expect(mirror.computeRequired(10n)).toBe(10n)
    mirror.open({ seq: 1, attempt: 0 }, { value: 10n, estimate: 10n })
    mirror.accept({ seq: 1, attempt: 0 }, 20n)
    mirror.settle({ seq: 1, attempt: 0 }, { fee: 9n, balance: 11n })
    expect(mirror.computeRequired(10n)).toBe(9n)
    const keep = (seq: number) => {
      mirror.open({ seq, attempt: 0 }, { value: mirror.computeRequired(10n), estimate: 10n })
      mirror.close({ seq, attempt: 0 }, 10n)
      mirror.accept({ seq, attempt: 0 }, 10n * BigInt(seq) + 1n)
      mirror.refuse({ seq, attempt: 0 }, { isWithheld: true })
    }
    keep(2)
    keep(3)
    expect(() => keep(4)).toThrow(overcharged)
  })

  it('complain of nobody who keeps the price of segments that were more than we declared', () => {
    const mirror = createMirror()
    for (let seq = 0; seq < 5; seq++) {
      mirror.open({ seq, attempt: 0 }, { value: mirror.computeRequired(10n), estimate: 10n })
      mirror.close({ seq, attempt: 0 }, 10n)
      mirror.accept({ seq, attempt: 0 }, 10n * BigInt(seq + 1))
      mirror.refuse({ seq, attempt: 0 }, { isWithheld: true, isOurFault: true })
    }
    expect(mirror.computeRequired(10n)).toBe(10n)
    expect(mirror.totals.balance).toBe(50n)
  })

  it('keep nothing for tickets that were never accepted, whatever is said of them', () => {
    const mirror = createMirror()
    for (let seq = 0; seq < 5; seq++) {
      mirror.open({ seq, attempt: 0 }, { value: mirror.computeRequired(10n), estimate: 10n })
      mirror.close({ seq, attempt: 0 }, 10n)
      mirror.refuse({ seq, attempt: 0 }, { isWithheld: true })
    }
    expect(mirror.computeRequired(10n)).toBe(10n)
    expect(mirror.totals.balance).toBe(0n)
  })

  it('pay ahead what segments exceeded their estimate by of late, so that viewers have all of the next one in time', () => {
    const mirror = createMirror()
    let [balance, seq] = [0n, 0]
    const send = (fee: bigint) => {
      const value = mirror.computeRequired(10n)
      mirror.open({ seq, attempt: 0 }, { value, estimate: 10n })
      balance += value
      mirror.accept({ seq, attempt: 0 }, balance)
      mirror.close({ seq, attempt: 0 }, fee)
      balance -= fee
      mirror.settle({ seq: seq++, attempt: 0 }, { fee, balance })
      return value
    }
    expect(Array.from({ length: 4 }, () => send(14n))).toEqual([10n, 18n, 14n, 14n])
    // The estimate and what was paid ahead are there when a segment begins, and the latter stays when it was what it took.
    expect(balance).toBe(0n)
    for (let i = 0; i < 20; i++) send(10n)
    expect(balance).toBeLessThanOrEqual(4n)
    expect(send(10n)).toBe(10n)
  })

  it('count a receipt once', () => {
    const mirror = createMirror()
    mirror.open({ seq: 0, attempt: 0 }, { value: 10n, estimate: 10n })
    mirror.settle({ seq: 0, attempt: 0 }, { fee: 9n, balance: 1n })
    mirror.settle({ seq: 0, attempt: 0 }, { fee: 9n, balance: 1n })
    expect(mirror.totals).toMatchObject({ segments: 1, fees: 9n, balance: 1n })
  })
})

describe('after a lost connection', () => {
  const lost = () => {
    const mirror = createMirror()
    mirror.open({ seq: 0, attempt: 0 }, { value: 10n, estimate: 10n })
    mirror.accept({ seq: 0, attempt: 0 }, 10n)
    mirror.close({ seq: 0, attempt: 0 }, 10n)
    mirror.open({ seq: 1, attempt: 0 }, { value: 20n, estimate: 10n })
    return mirror
  }

  it.each([
    ['nothing happened meanwhile', 10n],
    ['the receipt was lost', 0n],
    ['the acceptance was lost', 30n],
    ['both were', 20n],
  ])('the balance is taken when %s', (_what, balance) => {
    const mirror = lost()
    mirror.resume(balance, Number.MAX_SAFE_INTEGER)
    expect(mirror.totals).toMatchObject({ balance, isAdopted: true })
  })

  it.each([
    ['more was charged than was open', -11n],
    ['more was credited than was sent', 31n],
  ])('the balance is not taken when %s', (_what, balance) => {
    expect(() => lost().resume(balance, Number.MAX_SAFE_INTEGER)).toThrow(overcharged)
  })

  it('a fee that was open may still be charged once, but no more than its bound', () => {
    const mirror = lost()
    mirror.resume(10n, Number.MAX_SAFE_INTEGER)
    mirror.open({ seq: 2, attempt: 0 }, { value: 10n, estimate: 10n })
    mirror.accept({ seq: 2, attempt: 0 }, 20n)
    mirror.settle({ seq: 2, attempt: 0 }, { fee: 10n, balance: 0n }) // 10 of it for the segment whose receipt was lost
    mirror.open({ seq: 3, attempt: 0 }, { value: 20n, estimate: 10n })
    expect(() => mirror.settle({ seq: 3, attempt: 0 }, { fee: 10n, balance: -1n })).toThrow(overcharged)
  })

  it('nothing can have been charged for a segment that was not closed', () => {
    const mirror = createMirror()
    mirror.open({ seq: 0, attempt: 0 }, { value: 10n, estimate: 10n })
    mirror.accept({ seq: 0, attempt: 0 }, 10n)
    expect(() => mirror.resume(9n, 1)).toThrow(overcharged)
  })

  it('a receipt that comes after all ends the doubt about its segment, and so does the word that none will', () => {
    for (const word of ['receipt', 'refusal']) {
      const mirror = lost()
      mirror.resume(10n, 1)
      expect(mirror.computeRequired(10n)).toBe(10n) // what may still be charged is paid ahead
      if (word === 'receipt') mirror.settle({ seq: 0, attempt: 0 }, { fee: 0n, balance: 10n })
      else mirror.refuse({ seq: 0, attempt: 0 })
      expect(mirror.computeRequired(10n)).toBe(1n)
      mirror.open({ seq: 2, attempt: 0 }, { value: 1n, estimate: 10n })
      expect(() => mirror.settle({ seq: 2, attempt: 0 }, { fee: 1n, balance: 9n })).toThrow(overcharged)
    }
  })

  it('credit that was told at the opening may have gone to another stream, until a ticket was accepted', () => {
    const told = createMirror(40n)
    told.resume(0n, 0)
    expect(told.totals.balance).toBe(0n)
    const paid = createMirror(40n)
    paid.open({ seq: 0, attempt: 0 }, { value: 1n, estimate: 10n })
    paid.accept({ seq: 0, attempt: 0 }, 41n)
    expect(() => paid.resume(1n, 0)).toThrow(overcharged)
  })
})
