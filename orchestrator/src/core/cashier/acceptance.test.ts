import { createKeySigner, createPrivateKey, hashGrant, type SignedQuote } from '@streamflow/sdk/payments'
import { limits } from '@streamflow/sdk/protocol'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { defaultPolicy } from './policy.js'
import { makeTill, randomHex, someInput, someOutputs, testDomain } from '../../../../test/payments/makeTill.js'

const pixels = 1_000_000n
const certain = (1n << 256n) - 1n
/** At the gas price of the chain in memory. */
const redemptionCost = 1_000_000_000n * defaultPolicy.redemptionGas
let dispose: (() => Promise<void>) | undefined
afterEach(() => dispose?.())

async function makePaidStream(options: Parameters<typeof makeTill>[0] = {}, person: { readonly deposit?: bigint; readonly spendCap?: bigint; readonly validUntil?: number } = {}) {
  const till = await makeTill({ price: 1_000_000n, ...options })
  dispose = till.dispose
  const broadcaster = await till.broadcaster(person)
  const account = await till.cashier.openStream(broadcaster.terms)
  const open = (seq: number, ticket = broadcaster.sign(pixels)) => account.openSegment({ seq, attempt: 0, ticket, estimatedPixels: pixels })
  const settle = (seq: number) => account.settleSegment({ seq, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels })
  return { till, broadcaster, account, open, settle }
}

const refusal = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error as { code: string; data: { quote?: SignedQuote } })

describe('a ticket is refused', () => {
  it('when any of its fields was changed after signing', async () => {
    const { broadcaster, open } = await makePaidStream()
    const good = broadcaster.sign(pixels)
    const changes = {
      faceValue: { ...good, faceValue: good.faceValue + 1n },
      winProb: { ...good, winProb: good.winProb + 1n },
      nonce: { ...good, nonce: good.nonce + 1n },
      feeShare: { ...good, feeShare: good.feeShare + 1 },
      validUntil: { ...good, validUntil: good.validUntil + 1 },
      seed: { ...good, seed: randomHex(32) },
      recipientRandHash: { ...good, recipientRandHash: randomHex(32) },
    }
    for (const [field, ticket] of Object.entries(changes)) expect(await refusal(open(0, ticket)), field).toMatchObject({ code: 'TicketInvalid' })
    await open(0, good)
  })

  it('when another key signed it, or the signature is not canonical', async () => {
    const { broadcaster, open } = await makePaidStream()
    const good = broadcaster.sign(pixels)
    const stranger: `0x${string}` = createKeySigner(createPrivateKey()).sign(new Uint8Array(32))
    const highS = `${good.signature.slice(0, 66)}${'f'.repeat(64)}${good.signature.slice(130)}` as const
    for (const signature of [stranger, highS, `${good.signature.slice(0, 130)}00`, `0x${'00'.repeat(65)}`] as `0x${string}`[]) {
      expect(await refusal(open(0, { ...good, signature }))).toMatchObject({ code: 'TicketInvalid' })
    }
  })

  it('when its nonce was used, also by another stream of the same key, or lies too far back', async () => {
    const { till, broadcaster, open } = await makePaidStream()
    await open(0)
    broadcaster.nonce -= 1n
    expect(await refusal(open(1))).toMatchObject({ code: 'TicketInvalid' })
    const tab = await till.cashier.openStream({ ...broadcaster.terms, streamId: randomHex(32) })
    broadcaster.nonce -= 1n
    expect(await refusal(tab.openSegment({ seq: 0, attempt: 0, ticket: broadcaster.signValue(10_000_000n), estimatedPixels: pixels }))).toMatchObject({ code: 'TicketInvalid' })
    broadcaster.nonce += BigInt(limits.nonceWindow) + 10n
    await open(2)
    broadcaster.nonce -= BigInt(limits.nonceWindow) + 5n
    expect(await refusal(open(3))).toMatchObject({ code: 'TicketInvalid' })
  })

  it('when it is worth less than the segment needs, with the figures', async () => {
    const { broadcaster, open } = await makePaidStream()
    expect(await refusal(open(0, broadcaster.signValue(999_990n)))).toMatchObject({ code: 'PriceTooLow', data: { required: 1_000_000n } })
  })

  it('when its parameters expired, with a quote that works', async () => {
    const { till, broadcaster, open } = await makePaidStream()
    till.clock.now += 601
    const error = await refusal(open(0))
    expect(error).toMatchObject({ code: 'TicketParamsExpired' })
    broadcaster.quote = error?.data.quote
    await open(0)
  })

  it('when the number behind its parameters was shown, and not before: who was long under way is as good as at first', async () => {
    for (const winProb of [certain, 1n << 230n]) {
      const { till, broadcaster, open } = await makePaidStream({ price: 1n })
      await open(0, broadcaster.signValue(1_000n, { winProb }))
      till.clock.now += 19
      await till.cashier.redeem()
      await open(1)
      // Their interval and the next are over: nothing tells yet whether one of them won.
      till.clock.now += 1
      await open(2)
      await till.cashier.redeem()
      const error = await refusal(open(3))
      if (winProb !== certain) expect(error).toBeUndefined()
      else {
        expect(error).toMatchObject({ code: 'TicketParamsExpired' })
        broadcaster.quote = error?.data.quote
        await open(3)
      }
      await till.dispose()
    }
  })

  it('when funds are short: with a smaller face value if one is worthwhile, else with what is missing', async () => {
    const { till, broadcaster, open } = await makePaidStream()
    const { sender } = broadcaster.grant
    till.chain.fund(sender, { deposit: broadcaster.terms.quote.faceValue / 2n })
    await new Promise(setImmediate)
    const error = await refusal(open(0))
    expect(error).toMatchObject({ code: 'TicketParamsExpired' })
    expect(error?.data.quote?.faceValue).toBeLessThanOrEqual(broadcaster.terms.quote.faceValue / 2n)
    // Twice what redeeming costs: half of what comes in would be spent on it, at the price that was agreed.
    for (const deposit of [2n * redemptionCost, 1_000n]) {
      till.chain.fund(sender, { deposit })
      await new Promise(setImmediate)
      expect(await refusal(open(0))).toMatchObject({ code: 'LowPMBalance', data: { deposit } })
    }
  })

  it('when winners that are not redeemed yet have eaten the deposit', async () => {
    const { broadcaster, open } = await makePaidStream({ policy: { fixedFaceValue: 10n ** 15n } }, { deposit: 2n * 10n ** 15n })
    await open(0, broadcaster.sign(pixels, { winProb: certain }))
    await open(1, broadcaster.sign(pixels, { winProb: certain }))
    expect(await refusal(open(2))).toMatchObject({ code: 'LowPMBalance', data: { outstanding: 2n * 10n ** 15n } })
  })

  it('when the session key has spent what it may', async () => {
    const { broadcaster, open } = await makePaidStream({ policy: { fixedFaceValue: 10n ** 15n } }, { spendCap: 10n ** 15n })
    await open(0, broadcaster.sign(pixels, { winProb: certain }))
    expect(await refusal(open(1))).toMatchObject({ code: 'SpendCapReached' })
  })

  it('when the grant was revoked or ran out, or the deposit may leave before the ticket expires', async () => {
    const { till, broadcaster, open } = await makePaidStream({}, { validUntil: 1_800_000_100 })
    const { sender } = broadcaster.grant
    till.chain.fund(sender, { withdrawRound: 2n })
    await new Promise(setImmediate)
    expect(await refusal(open(0))).toMatchObject({ code: 'LowPMBalance' })
    till.chain.fund(sender, { withdrawRound: 0n })
    await new Promise(setImmediate)
    till.clock.now += 100 + limits.requestSkewSeconds - 1
    await open(0)
    till.clock.now += 2
    expect(await refusal(open(1))).toMatchObject({ code: 'GrantInvalid' })
    till.clock.now -= 2
    await open(2)
    till.chain.revoked.set(`0x${Buffer.from(hashGrant(testDomain, broadcaster.grant)).toString('hex')}`, 1n)
    till.chain.fund(sender, {})
    await new Promise(setImmediate)
    expect(await refusal(open(3))).toMatchObject({ code: 'GrantInvalid' })
  })
})

describe('a segment is paid once', () => {
  it('however often its ticket comes, before and after settlement, and gets the same receipt', async () => {
    const { till, broadcaster, account, open, settle } = await makePaidStream()
    const ticket = broadcaster.sign(pixels)
    const answers = await Promise.all([open(0, ticket), open(0, ticket), open(0, ticket)])
    expect(new Set(answers.map(({ balance }) => balance)).size).toBe(1)
    const { receipt } = await settle(0)
    expect((await settle(0)).receipt).toEqual(receipt)
    expect((await open(0, ticket)).settled?.receipt).toEqual(receipt)
    await till.restart()
    const again = await till.cashier.openStream(broadcaster.terms)
    expect((await again.openSegment({ seq: 0, attempt: 0, ticket, estimatedPixels: pixels })).settled?.receipt).toEqual(receipt)
    expect(await account.state().catch(() => undefined)).toBeUndefined()
    expect(await again.state()).toMatchObject({ tickets: 1, segments: 1, balance: 0n })
  })

  it('keeps the value of a segment without result, for the next one or for the same again', async () => {
    const { broadcaster, account, open, settle } = await makePaidStream()
    const ticket = broadcaster.sign(pixels)
    await open(0, ticket)
    await account.releaseSegment({ seq: 0, attempt: 0 })
    await account.releaseSegment({ seq: 0, attempt: 0 })
    await open(0, ticket)
    await settle(0)
    expect(account.balance).toBe(0n)
    await open(1, broadcaster.signValue(1_000_000n))
    await account.releaseSegment({ seq: 1, attempt: 0 })
    await account.openSegment({ seq: 1, attempt: 1, ticket: broadcaster.signValue(1n), estimatedPixels: pixels })
    expect(await refusal(open(1))).toMatchObject({ code: 'TicketInvalid' })
  })
})

describe('a segment that was worked on and is withheld', () => {
  it('keeps its price: the balance stays, and the next ticket pays in full, also after a restart', async () => {
    const { till, broadcaster, account, open, settle } = await makePaidStream()
    await open(0, broadcaster.signValue(1_000_000n))
    await account.withholdSegment({ seq: 0, attempt: 0 })
    await account.withholdSegment({ seq: 0, attempt: 0 })
    await account.releaseSegment({ seq: 0, attempt: 0 })
    expect(account.balance).toBe(1_000_000n)
    await expect(settle(0)).rejects.toThrow('not open')
    expect(await refusal(open(1, broadcaster.signValue(999_990n)))).toMatchObject({ code: 'PriceTooLow', data: { required: 1_000_000n } })
    await till.restart()
    const again = await till.cashier.openStream(broadcaster.terms)
    const openAgain = (seq: number, value: bigint) => again.openSegment({ seq, attempt: 0, ticket: broadcaster.signValue(value), estimatedPixels: pixels })
    expect(await refusal(openAgain(1, 999_990n))).toMatchObject({ code: 'PriceTooLow' })
    await openAgain(1, 1_000_000n)
    expect(again.balance).toBe(2_000_000n)
  })

  it('has a receipt once it is known what was made of it: that is kept, the rest pays for others, also after a restart', async () => {
    const { till, broadcaster, account, open } = await makePaidStream()
    const made = { seq: 0, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels: pixels / 4n }
    await open(0, broadcaster.signValue(1_000_000n))
    expect([await account.acknowledgeSegment(made), account.isWithheld(made)]).toEqual([undefined, false])
    await account.withholdSegment(made)
    expect(account.isWithheld(made)).toBe(true)
    const known = await account.acknowledgeSegment(made)
    expect(known?.receipt).toMatchObject({ fee: 250_000n, balance: 1_000_000n, inputHash: someInput })
    expect(await account.acknowledgeSegment({ ...made, pixels })).toEqual(known)
    expect([account.balance, account.free, account.nextSeq]).toEqual([1_000_000n, 750_000n, 0])
    expect(await account.state()).toMatchObject({ fees: 0n, segments: 0 })
    await till.restart()
    const again = await till.cashier.openStream(broadcaster.terms)
    expect([again.findReceipt(made), again.free]).toEqual([known, 750_000n])
    await again.openSegment({ seq: 1, attempt: 0, ticket: broadcaster.signValue(250_000n), estimatedPixels: pixels })
    expect(again.free).toBe(0n)
  })

  it('is never acknowledged for more than was reserved', async () => {
    const { broadcaster, account, open } = await makePaidStream()
    await open(0, broadcaster.signValue(1_000_000n))
    await account.withholdSegment({ seq: 0, attempt: 0 })
    const known = await account.acknowledgeSegment({ seq: 0, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels: 2n * pixels })
    expect([known?.receipt.fee, account.free]).toEqual([1_000_000n, 0n])
  })

  it('is so at once, whatever it was before', async () => {
    const { account, broadcaster, open } = await makePaidStream()
    await open(0, broadcaster.signValue(1_000_000n))
    await account.releaseSegment({ seq: 0, attempt: 0 })
    const writing = [account.withholdSegment({ seq: 0, attempt: 0 }), account.withholdSegment({ seq: 0, attempt: 0 })]
    expect([account.isWithheld({ seq: 0, attempt: 0 }), account.free]).toEqual([true, 0n])
    await Promise.all(writing)
  })

  it('may have been released before, and its ticket pays for nothing else then', async () => {
    const { broadcaster, account, open } = await makePaidStream()
    const ticket = broadcaster.signValue(1_000_000n)
    await open(0, ticket)
    await account.releaseSegment({ seq: 0, attempt: 0 })
    await account.withholdSegment({ seq: 0, attempt: 0 })
    expect(await refusal(open(0, ticket))).toMatchObject({ code: 'TicketInvalid' })
    expect(await refusal(open(1, broadcaster.signValue(1n)))).toMatchObject({ code: 'PriceTooLow' })
  })
})

describe('an account', () => {
  it('conserves every wei over any order of opening, settling, releasing, withholding, repeating and restarting', async () => {
    const step = fc.record({ kind: fc.constantFrom('open', 'settle', 'release', 'withhold', 'repeat', 'restart'), seq: fc.nat(5), used: fc.bigInt({ min: 0n, max: pixels }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { till, broadcaster } = await makePaidStream()
        let account = await till.cashier.openStream(broadcaster.terms)
        let [credited, fees, tickets, segments] = [0n, 0n, 0, 0]
        const states = new Map<number, 'open' | 'settled' | 'released' | 'withheld'>()
        const sent = new Map<number, ReturnType<typeof broadcaster.sign>>()
        for (const { kind, seq, used } of steps) {
          if (kind === 'open' && !states.has(seq)) {
            const ticket = broadcaster.signValue(1_000_000n)
            await account.openSegment({ seq, attempt: 0, ticket, estimatedPixels: pixels })
            credited += (ticket.faceValue * ticket.winProb) >> 256n
            tickets++
            states.set(seq, 'open')
            sent.set(seq, ticket)
          }
          const ticket = sent.get(seq)
          if (kind === 'withhold' && (states.get(seq) === 'open' || states.get(seq) === 'released')) {
            await account.withholdSegment({ seq, attempt: 0 })
            states.set(seq, 'withheld')
          }
          if (kind === 'repeat' && ticket !== undefined && states.get(seq) !== 'withheld') {
            await account.openSegment({ seq, attempt: 0, ticket, estimatedPixels: pixels })
            if (states.get(seq) === 'released') states.set(seq, 'open')
          }
          if (kind === 'settle' && states.get(seq) === 'open') {
            fees += (await account.settleSegment({ seq, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels: used })).receipt.fee
            segments++
            states.set(seq, 'settled')
          }
          if (kind === 'release' && states.get(seq) === 'open') {
            await account.releaseSegment({ seq, attempt: 0 })
            states.set(seq, 'released')
          }
          if (kind === 'restart') {
            await till.restart()
            account = await till.cashier.openStream(broadcaster.terms)
            for (const [name, state] of states) if (state === 'open') states.set(name, 'released')
          }
          expect(await account.state()).toMatchObject({ credited, fees, tickets, segments, balance: credited - fees })
        }
        await till.dispose()
      }),
      { numRuns: 15 },
    )
  })

  it('gives new parameters with each interval, the same ones until they are used, and none for a win', async () => {
    const { till, broadcaster, open, settle } = await makePaidStream()
    await open(0, broadcaster.sign(pixels, { winProb: certain }))
    till.clock.now += 9
    expect((await settle(0)).quote).toBeUndefined()
    till.clock.now += 1
    await open(1)
    await open(2)
    const { quote } = await settle(1)
    expect(quote?.pricePerMillionPixels).toBe(broadcaster.terms.quote.pricePerMillionPixels)
    expect((await settle(2)).quote).toEqual(quote)
    broadcaster.quote = quote
    await open(3, broadcaster.sign(pixels, { winProb: certain }))
    expect((await settle(3)).quote).toBeUndefined()
  })

  it('tells nobody of a winner before it may be redeemed, unless by refusing a ticket for it, and then hides it no longer', async () => {
    const face = 10n ** 15n
    const { till, broadcaster, open, settle } = await makePaidStream({ policy: { fixedFaceValue: face } }, { deposit: 2n * face })
    const ask = async () => (await till.cashier.quote({ sender: broadcaster.grant.sender, serviceId: broadcaster.terms.serviceId })).faceValue
    const before = await ask()
    await open(0, broadcaster.sign(pixels, { winProb: certain }))
    await settle(0)
    expect(await ask()).toBe(before)
    await open(1, broadcaster.sign(pixels, { winProb: certain }))
    expect(await ask()).toBe(before)
    expect(await refusal(open(2))).toMatchObject({ code: 'LowPMBalance' })
    expect(await refusal(ask())).toMatchObject({ code: 'LowPMBalance' })
    await till.cashier.redeem()
    await till.cashier.redeem()
    expect(till.ledger.getWinners(['confirmed']).length).toBe(2)
  })

  it('hides no longer a winner for which it refused a ticket, though both came in one moment and neither is on disk', async () => {
    const face = 10n ** 15n
    const { till, broadcaster, open } = await makePaidStream({ policy: { fixedFaceValue: face } }, { deposit: face })
    const [first, second] = [broadcaster.sign(pixels, { winProb: certain }), broadcaster.sign(pixels, { winProb: certain })]
    const taken = open(0, first)
    expect(await refusal(open(1, second))).toMatchObject({ code: 'LowPMBalance' })
    await taken
    expect(till.ledger.getWinners(['pending']).map(({ redeemableFrom }) => redeemableFrom <= till.clock.now)).toEqual([true])
  })

  it('takes no ticket of a round on the reserve of the round before, unless nobody can say what it is now', async () => {
    const face = 10n ** 15n
    for (const isDown of [false, true]) {
      const { till, broadcaster, open } = await makePaidStream({ policy: { fixedFaceValue: face, rotation: 2_000, quoteLife: 5_000 }, chain: { roundLength: 600 } }, { deposit: face })
      till.chain.fund(broadcaster.grant.sender, { deposit: 0n, reserve: face })
      await open(0)
      // Lowered for tickets of the next round: the broker tells of it when it is done, and of nothing when it takes effect.
      till.chain.senders.set(broadcaster.grant.sender, { deposit: 0n, reserve: 0n, escrow: 0n, withdrawRound: 0n })
      till.clock.now += 600
      till.chain.mine()
      till.chain.isDown = isDown
      expect((await refusal(open(1)))?.code, String(isDown)).toBe(isDown ? undefined : 'LowPMBalance')
      till.chain.isDown = false
      await till.dispose()
    }
  })

  it('goes on with parameters quoted before a restart, and after the chain has been out of reach for minutes', async () => {
    const { till, broadcaster, open } = await makePaidStream()
    await open(0)
    await till.restart()
    const again = await till.cashier.openStream(broadcaster.terms)
    till.chain.isDown = true
    await again.openSegment({ seq: 1, attempt: 0, ticket: broadcaster.sign(pixels), estimatedPixels: pixels })
    till.clock.now += 300
    await again.openSegment({ seq: 2, attempt: 0, ticket: broadcaster.sign(pixels), estimatedPixels: pixels })
    till.clock.now += 1_000
    expect(await refusal(again.openSegment({ seq: 3, attempt: 0, ticket: broadcaster.sign(pixels), estimatedPixels: pixels }))).toMatchObject({ code: 'ChainUnavailable' })
  })
})

it('forgets old tickets, but not what they add up to, and takes none of them again', async () => {
  const { till, broadcaster, account, open, settle } = await makePaidStream({ policy: { retention: 1_000 } })
  const ticket = broadcaster.sign(pixels)
  await open(0, ticket)
  await settle(0)
  till.clock.now += 1_020
  till.chain.mine()
  const statement = await account.state() // is written after what was queued before
  expect(till.ledger.getSegment({ sender: broadcaster.grant.sender, streamId: broadcaster.streamId, seq: 0, attempt: 0 })).toBeUndefined()
  expect(till.ledger.getReceipt({ sender: broadcaster.grant.sender, streamId: broadcaster.streamId, seq: 0, attempt: 0 })).toBeUndefined()
  expect(statement).toMatchObject({ tickets: 1, segments: 1, credited: 1_000_000n })
  expect((await refusal(open(0, ticket)))?.code).toMatch(/TicketInvalid|TicketParamsExpired/)
})

describe('a stream is not opened', () => {
  it('with less reserve than is wanted, or a ticket that reserve and escrow together do not stand behind', async () => {
    const face = 10n ** 15n
    const strict = await makeTill({ policy: { fixedFaceValue: face, minimumReserve: 10n, securedPercent: 100n } })
    dispose = strict.dispose
    for (const [reserve, escrow, escrowCap, code] of [[9n, face, face, 'LowPMBalance'], [10n, face - 11n, face, 'LowPMBalance'], [10n, face, face - 11n, 'LowPMBalance'], [10n, face - 10n, face, undefined]] as const) {
      const wallet = createKeySigner(createPrivateKey())
      strict.chain.fund(wallet.address, { reserve: face, escrow: face })
      const person = await strict.broadcaster({ wallet, escrowCap })
      strict.chain.fund(wallet.address, { reserve, escrow })
      await new Promise((resolve) => setImmediate(resolve))
      const outcome = await strict.cashier.openStream({ ...person.terms, streamId: randomHex(32) }).then(() => undefined, (error: { code: string }) => error.code)
      expect([reserve, escrow, escrowCap, outcome]).toEqual([reserve, escrow, escrowCap, code])
    }
  })

  it('with less escrow than is wanted, or a grant that lets less of it burn', async () => {
    const { till, broadcaster } = await makePaidStream()
    await till.cashier.close()
    const strict = await makeTill({ policy: { minimumEscrow: 1_000n } })
    const rich = { escrow: 2_000n, deposit: 10n ** 18n }
    for (const [escrowCap, escrow, code] of [[999n, 2_000n, 'LowPMBalance'], [1_000n, 999n, 'LowPMBalance'], [1_000n, 2_000n, undefined]] as const) {
      const wallet = createKeySigner(createPrivateKey())
      strict.chain.fund(wallet.address, rich)
      const person = await strict.broadcaster({ wallet, escrowCap })
      strict.chain.fund(wallet.address, { escrow })
      await new Promise((resolve) => setImmediate(resolve))
      const outcome = await strict.cashier.openStream({ ...person.terms, streamId: randomHex(32) }).then(() => undefined, (error: { code: string }) => error.code)
      expect([escrowCap, escrow, outcome]).toEqual([escrowCap, escrow, code])
    }
    await strict.dispose()
    expect(broadcaster.grant.escrowCap).toBe(broadcaster.grant.spendCap)
  })

  it('with less of a deposit than is wanted of who begins; a stream that runs goes on with what it leaves', async () => {
    const strict = await makeTill({ policy: { minimumDeposit: 10n ** 18n } })
    const person = await strict.broadcaster()
    const account = await strict.cashier.openStream(person.terms)
    strict.chain.fund(person.grant.sender, { deposit: 10n ** 18n - 1n })
    await new Promise((resolve) => setImmediate(resolve))
    const { serviceId } = person.terms.quote
    expect(await refusal(strict.cashier.quote({ sender: person.grant.sender, serviceId }))).toMatchObject({ code: 'LowPMBalance', data: { requiredDeposit: 10n ** 18n, deposit: 10n ** 18n - 1n } })
    await account.openSegment({ seq: 0, attempt: 0, ticket: person.sign(pixels), estimatedPixels: pixels })
    await strict.dispose()
  })

  it('with a grant that the wallet did not sign, unless the broker has it registered', async () => {
    const { till, broadcaster } = await makePaidStream()
    const forged = { ...broadcaster.grant, spendCap: 1n + broadcaster.grant.spendCap }
    const terms = { ...broadcaster.terms, grant: forged, streamId: randomHex(32) }
    expect(await refusal(till.cashier.openStream(terms))).toMatchObject({ code: 'GrantInvalid' })
    till.chain.registered.set(`0x${Buffer.from(hashGrant(testDomain, forged)).toString('hex')}`, forged.key)
    await till.cashier.openStream(terms)
  })

  it('with a quote of another orchestrator or sender, or an altered one', async () => {
    const { till, broadcaster } = await makePaidStream()
    const { quote } = broadcaster.terms
    const other = await till.broadcaster()
    for (const wrong of [{ ...quote, pricePerMillionPixels: 1n }, other.terms.quote, { ...quote, signature: other.terms.quote.signature }]) {
      expect(await refusal(till.cashier.openStream({ ...broadcaster.terms, quote: wrong }))).toMatchObject({ code: 'QuoteInvalid' })
    }
  })

  it('with an old quote only after a fresh one was given', async () => {
    const { till, broadcaster } = await makePaidStream()
    till.clock.now += 601
    const error = await refusal(till.cashier.openStream({ ...broadcaster.terms, streamId: randomHex(32) }))
    expect(error).toMatchObject({ code: 'QuoteExpired' })
    broadcaster.quote = error?.data.quote
    await till.cashier.openStream(broadcaster.terms)
  })
})

describe('a stream whose id somebody else knows', () => {
  it('is its sender’s own, whoever came first and whoever paid: account, segments, receipts and statement', async () => {
    const { till, broadcaster } = await makePaidStream()
    const { streamId } = broadcaster
    const thief = await till.broadcaster()
    const pay = async (person: typeof thief, count: number) => {
      const account = await till.cashier.openStream({ ...person.terms, streamId })
      for (let i = 0; i < count; i++) {
        const name = { seq: account.nextSeq, attempt: 0 }
        await account.openSegment({ ...name, ticket: person.sign(pixels), estimatedPixels: pixels })
        await account.settleSegment({ ...name, inputHash: someInput, outputs: someOutputs, pixels })
      }
      return account
    }
    await pay(thief, 3)
    const account = await till.cashier.openStream(broadcaster.terms)
    expect([account.balance, account.nextSeq, account.findReceipt({ seq: 0, attempt: 0 }), account.isIdOfAnother]).toEqual([0n, 0, undefined, true])
    await pay(broadcaster, 2)
    await till.restart()
    const count = async ({ grant: { sender } }: typeof thief) => (await till.cashier.statement({ streamId, sender })).segments
    expect([await count(thief), await count(broadcaster)]).toEqual([3, 2])
    expect((await till.cashier.openStream(broadcaster.terms)).nextSeq).toBe(2)
    expect(await refusal(till.cashier.statement({ streamId, sender: randomHex(20) }))).toMatchObject({ code: 'StreamNotFound' })
  })

  it('leaves nothing on disk until it is paid for: neither the stream nor its grant', async () => {
    const { till } = await makePaidStream()
    const visitor = await till.broadcaster()
    await till.cashier.openStream(visitor.terms)
    expect([till.ledger.getStream({ sender: visitor.grant.sender, streamId: visitor.streamId }), till.ledger.getGrant(visitor.grantHash)]).toEqual([undefined, undefined])
    const account = await till.cashier.openStream(visitor.terms)
    await account.openSegment({ seq: 0, attempt: 0, ticket: visitor.sign(pixels), estimatedPixels: pixels })
    expect(till.ledger.getGrant(visitor.grantHash)).toEqual(visitor.grant)
  })
})
