import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ban, beginPayout, computeAtRisk, computeBalance, computePayable, computeWithheld, computeWork, createAccount, credit, isCovered, isToBeChecked, pass, undoPayout, type MemberAccount, type PoolPolicy } from './standing.js'

const member = { member: 'UMEMBER', payTo: `0x${'1'.repeat(40)}`, since: 1 } as const

const policies = fc.record({
  payPerMillionPixels: fc.bigInt({ min: 0n, max: 10n ** 9n }), pricePerMillionPixels: fc.bigInt({ min: 1n, max: 10n ** 9n }), deposit: fc.bigInt({ min: 0n, max: 10n ** 10n }),
  allowance: fc.bigInt({ min: 0n, max: 10n ** 10n }), leastCheckedOneIn: fc.integer({ min: 1, max: 100 }), minimumPayout: fc.bigInt({ min: 0n, max: 10n ** 8n }),
})
const steps = fc.array(fc.oneof(
  fc.record({ type: fc.constant('work' as const), pixels: fc.bigInt({ min: 0n, max: 10n ** 8n }) }),
  fc.record({ type: fc.constant('pass' as const), which: fc.nat() }),
  fc.record({ type: fc.constantFrom('pay' as const, 'undo' as const) }),
  fc.record({ type: fc.constant('ban' as const) }),
), { maxLength: 60 })

/** A member to whom anything happens; work only where it is covered. */
function* live(policy: PoolPolicy, happening: readonly { readonly type: string; readonly pixels?: bigint; readonly which?: number }[]): Generator<{ readonly before: MemberAccount; readonly after: MemberAccount; readonly type: string }> {
  let account = createAccount(member)
  const marks: bigint[] = []
  let underWay = 0n
  for (const { type, pixels = 0n, which = 0 } of happening) {
    const before = account
    const work = computeWork(pixels, policy)
    if (type === 'work' && isCovered(account, work.atRisk, policy)) {
      account = credit(account, work)
      marks.push(account.charged)
    } else if (type === 'pass' && marks.length > 0) account = pass(account, marks[which % marks.length] ?? 0n)
    else if (type === 'pay' && underWay === 0n) ({ account, amount: underWay } = beginPayout(account, policy) ?? { account, amount: 0n })
    else if (type === 'undo') {
      account = undoPayout(account, underWay)
      underWay = 0n
    } else if (type === 'ban' && which === 0) account = ban(account, '{}')
    yield { before, after: account, type }
  }
}

it('never pays more than was earned, never what is withheld, and what is withheld covers what nobody looked at', () => {
  fc.assert(fc.property(policies, steps, (policy, happening) => {
    for (const { before, after, type } of live(policy, happening)) {
      const withheld = computeWithheld(after, policy)
      expect(computeBalance(after) >= withheld && withheld >= 0n && computePayable(after, policy) >= 0n).toBe(true)
      expect(after.paid + after.taken <= after.earned).toBe(true)
      expect(computeAtRisk(after) >= 0n).toBe(true)
      if (!after.isBanned) expect(computeAtRisk(after) <= withheld + policy.allowance).toBe(true)
      if (type === 'pay') expect(after.paid - before.paid <= computePayable(before, policy)).toBe(true)
      if (after.isBanned) expect([computePayable(after, policy), isCovered(after, 0n, policy), computeBalance(after)]).toEqual([0n, false, 0n])
    }
  }))
})

it('pays nothing below the minimum, and then all that is due', () => {
  const policy: PoolPolicy = { payPerMillionPixels: 10n, pricePerMillionPixels: 20n, deposit: 100n, allowance: 1_000n, leastCheckedOneIn: 20, minimumPayout: 50n }
  const worked = credit(createAccount(member), computeWork(14_000_000n, policy))
  const checked = pass(worked, worked.charged)
  // 280 are at risk before the check, so all of its earnings are withheld.
  expect([computeWithheld(worked, policy), computeWithheld(checked, policy), computePayable(checked, policy)]).toEqual([140n, 100n, 40n])
  expect(beginPayout(checked, policy)).toBeUndefined()
  const more = credit(checked, computeWork(1_000_000n, policy))
  expect(beginPayout(pass(more, more.charged), policy)?.amount).toBe(50n)
})

it('looks at all of a newcomer’s segments, at few of who has a record, and at each that would not be covered', () => {
  const policy: PoolPolicy = { payPerMillionPixels: 10n, pricePerMillionPixels: 20n, deposit: 10_000n, allowance: 100n, leastCheckedOneIn: 10, minimumPayout: 0n }
  const known = { ...createAccount(member), earned: 5_000n, charged: 9_000n, vouched: 9_000n, passed: 1_000 }
  const isChecked = (account: MemberAccount, chance: number) => isToBeChecked(account, { atRisk: 20n }, { chance, policy })
  expect([isChecked(createAccount(member), 0.99), isChecked(known, 0.5), isChecked(known, 0.11), isChecked(known, 0.09)]).toEqual([true, false, false, true])
  expect(isChecked({ ...known, vouched: 4_010n }, 0.99)).toBe(true)
})

it('loses to a cheat, on average, no more than what is withheld and the allowance, however seldom it cheats', () => {
  const policy: PoolPolicy = { payPerMillionPixels: 6n, pricePerMillionPixels: 10n, deposit: 600n, allowance: 50n, leastCheckedOneIn: 20, minimumPayout: 0n }
  const work = computeWork(1_000_000n, policy)
  fc.assert(fc.property(fc.constantFrom(0.02, 0.1, 0.5, 1), fc.integer(), (share, seed) => {
    const draw = fc.sample(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true, noDefaultInfinity: true }), { seed, numRuns: 1 })[0] ?? 0
    let state = Math.floor(draw * 2 ** 32) || 1
    const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
    const runs = 200
    let unseen = 0n
    for (let run = 0; run < runs; run++) {
      let account = credit({ ...createAccount(member), earned: 600n, passed: 1_000 }, work)
      while (!account.isBanned) {
        const isBad = random() < share
        const isLooked = isToBeChecked(account, work, { chance: random(), policy })
        account = credit(account, work)
        if (isLooked) account = isBad ? ban(account, '{}') : pass(account, account.charged)
        else if (isBad) unseen += work.atRisk
      }
    }
    expect(unseen / BigInt(runs)).toBeLessThanOrEqual(policy.deposit + policy.allowance)
  }), { numRuns: 12 })
})
