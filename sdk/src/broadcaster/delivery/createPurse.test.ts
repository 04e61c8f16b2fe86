import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../errors/codes.js'
import { isStreamflowError } from '../../errors/StreamflowError.js'
import type { SignedQuote } from '../../payments/quote.js'
import { createMirror } from './createMirror.js'
import { createPurse } from './createPurse.js'
import type { PaidTicket } from './createRefusedTickets.js'
import type { Site } from './createSite.js'
import { createUnfinished } from './createUnfinished.js'
import { computeMostHeld, isAwaitingReceipts, payForSegment, type PayingContext } from './payForSegment.js'
import type { StreamContext } from '../streamContext.js'

const word = `0x${'00'.repeat(32)}` as const
const address = `0x${'11'.repeat(20)}` as const
const estimate = 1_000n
const receiptTimeoutMs = 10_000

function createTicket(value: bigint, { validUntil = 1_000, creationRound = 5n } = {}): PaidTicket {
  return { value, hash: word, ticket: { faceValue: 10n ** 9n, winProb: 1n, nonce: 0n, recipientRandHash: word, creationRound, creationRoundBlockHash: word, feeShare: 0, seed: word, validUntil, signature: '0x' } }
}
const first = { seq: 0, attempt: 0 }

describe('what an orchestrator holds', () => {
  it('is nothing while a segment is in work, and its price once the receipt is overdue', () => {
    const purse = createPurse({ receiptTimeoutMs })
    purse.send(first, createTicket(1_000n), estimate)
    purse.accept(first)
    expect([purse.computeOut(1e12), purse.isAwaited(1e12)]).toEqual([0n, true])
    purse.close(first, 500)
    expect(purse.computeOut(500 + receiptTimeoutMs - 1)).toBe(0n)
    expect(purse.computeOut(500 + receiptTimeoutMs)).toBe(estimate)
    purse.settle(first, 1_000n)
    expect(purse.computeOut(1e12)).toBe(0n)
    expect(purse.spent).toBe(1_000n)
  })

  it('is what was credited for a segment that we left unfinished, whatever it says of it', () => {
    const purse = createPurse({ receiptTimeoutMs })
    purse.send(first, createTicket(1_000n), estimate)
    purse.accept(first)
    purse.resume(0, 0n)
    expect([purse.held, purse.computeOut(0), purse.isAwaited(0)]).toEqual([1_000n, 1_000n, false])
  })

  it('is a ticket that it refused, until the ticket is sent again, or its round is void', () => {
    const purse = createPurse({ receiptTimeoutMs })
    purse.send(first, createTicket(1_000n), estimate)
    purse.refuse(first, { code: 'Busy' })
    expect(purse.computeOut(0)).toBe(1_000n)
    expect(purse.refused).toHaveLength(1)
    expect([purse.canRepeat(1_001n, 0), purse.canRepeat(1_000n, 0)]).toEqual([false, true])
    expect(purse.take(1_001n, 0)).toBeUndefined()
    const again = purse.take(800n, 0) as PaidTicket
    expect(again.value).toBe(1_000n)
    purse.send({ seq: 1, attempt: 0 }, again, estimate)
    expect([purse.computeOut(0), purse.spent]).toEqual([0n, 1_000n])
    purse.refuse({ seq: 1, attempt: 0 }, { code: 'Busy' })
    purse.forgetBefore(5n)
    expect(purse.computeOut(0)).toBe(1_000n)
    purse.forgetBefore(6n)
    expect(purse.computeOut(0)).toBe(0n)
  })

  it.each<ErrorCode>(['TicketInvalid', 'TicketParamsExpired', 'QuoteExpired'])('is a ticket refused with %s, which is never sent again', (code) => {
    const purse = createPurse({ receiptTimeoutMs })
    purse.send(first, createTicket(1_000n), estimate)
    purse.refuse(first, { code })
    expect(purse.take(1n, 0)).toBeUndefined()
    expect(purse.computeOut(0)).toBe(1_000n)
  })

  it('is a ticket whose parameters end, which is not sent again either', () => {
    const purse = createPurse({ receiptTimeoutMs })
    purse.send(first, createTicket(1_000n, { validUntil: 100 }), estimate)
    purse.refuse(first, { code: 'LowPMBalance' })
    expect(purse.take(1n, 95)).toBeUndefined()
    expect(purse.computeOut(0)).toBe(1_000n)
  })

  it('is the price of a segment that it accepted and failed, until its credit pays for the next', () => {
    const purse = createPurse({ receiptTimeoutMs })
    purse.send(first, createTicket(1_000n), estimate)
    purse.accept(first)
    purse.refuse(first, { code: 'TranscodeFailed' })
    expect(purse.computeOut(0)).toBe(estimate)
    purse.send({ seq: 1, attempt: 0 }, createTicket(1n), estimate)
    expect(purse.computeOut(0)).toBe(1n)
  })

  it('is what was paid, whether it keeps the price of a segment that it had accepted or refused the ticket', () => {
    const purse = createPurse({ receiptTimeoutMs })
    purse.send(first, createTicket(700n), estimate)
    purse.accept(first)
    purse.refuse(first, { code: 'SegmentTruncated' })
    expect(purse.computeOut(0)).toBe(700n)
    purse.send({ seq: 1, attempt: 0 }, createTicket(700n), 700n)
    purse.refuse({ seq: 1, attempt: 0 }, { code: 'SegmentTruncated' })
    expect(purse.computeOut(0)).toBe(1_400n)
  })

  it('is a fee less than the price: the rest is credit, which the next ticket takes into account', () => {
    const purse = createPurse({ receiptTimeoutMs })
    purse.send(first, createTicket(1_000n), estimate)
    purse.settle(first, 0n)
    expect([purse.held, purse.computeOut(0)]).toEqual([1_000n, 1_000n])
  })

  it('is what was paid of a debt of which we have its word alone, but no credit of an earlier stream that is used up', () => {
    const debtor = createPurse({ receiptTimeoutMs })
    debtor.send(first, createTicket(1_500n), estimate)
    expect([debtor.computeOut(0), debtor.held]).toEqual([500n, 1_500n])
    const heir = createPurse({ receiptTimeoutMs })
    heir.carry(1_000n)
    heir.send(first, createTicket(1n), estimate)
    heir.settle(first, 1_000n)
    expect([heir.computeOut(0), heir.held]).toEqual([1n, 1n])
  })

  describe('after a broken connection', () => {
    const send = (difference: bigint, nextSeq = 1) => {
      const purse = createPurse({ receiptTimeoutMs })
      purse.send(first, createTicket(1_000n), estimate)
      purse.accept(first)
      purse.close(first, 0)
      purse.send({ seq: 1, attempt: 0 }, createTicket(900n), estimate)
      purse.resume(nextSeq, difference)
      return purse
    }

    it('is a ticket that did not arrive: it is sent again', () => {
      expect(send(0n).take(900n, 0)?.value).toBe(900n)
    })

    it('is credit for a ticket that did', () => {
      const purse = send(900n)
      expect(purse.take(1n, 0)).toBeUndefined()
      expect(purse.computeOut(0)).toBe(900n)
    })

    it('is a ticket of which nobody can tell', () => {
      const purse = send(-50n)
      expect(purse.take(1n, 0)).toBeUndefined()
      expect([purse.computeOut(0), purse.refused]).toEqual([900n, []])
    })

    it('is not yet a segment whose receipt still comes, but one that it does not have', () => {
      expect(send(0n).computeOut(receiptTimeoutMs)).toBe(900n + estimate)
      expect(send(0n, 0).computeOut(0)).toBe(900n + estimate)
    })
  })
})

describe('what an orchestrator may hold', () => {
  it('does not shrink under what it holds: who crashed with two tickets of long segments is not left for the shorter ones since', () => {
    const mirror = createMirror()
    const purse = createPurse({ receiptTimeoutMs })
    const settle = (seq: number, overrun: bigint): void => {
      const attempt = { seq, attempt: 0 }
      const value = mirror.computeRequired(estimate)
      mirror.open(attempt, { value, estimate })
      mirror.close(attempt, estimate + overrun)
      mirror.accept(attempt, mirror.totals.balance + value)
      mirror.settle(attempt, { fee: estimate + overrun, balance: mirror.totals.balance - estimate - overrun })
    }
    const site = { estimate, mirror }
    settle(0, 40n)
    for (const seq of [1, 2]) {
      purse.send({ seq, attempt: 0 }, createTicket(estimate + 40n), estimate)
      purse.refuse({ seq, attempt: 0 }, { code: 'Busy' })
    }
    expect(purse.computeOut(0)).toBeLessThanOrEqual(computeMostHeld(site))
    for (const seq of [3, 4, 5, 6, 7, 8]) settle(seq, 0n)
    expect(purse.computeOut(0)).toBeLessThanOrEqual(computeMostHeld(site))
  })
})

describe('whatever an orchestrator answers', () => {
  const quote = { recipient: address, sender: address, faceValue: 10n ** 12n, recipientRandHash: word, creationRound: 5n, creationRoundBlockHash: word, feeShare: 0, seed: word, validUntil: 1e9 } as SignedQuote
  const codes: readonly ErrorCode[] = ['Busy', 'TicketInvalid', 'TicketParamsExpired', 'PriceTooLow', 'LowPMBalance', 'SegmentTruncated', 'TranscodeFailed', 'Aborted', 'Internal']
  const move = fc.oneof(
    { weight: 3, arbitrary: fc.constant({ kind: 'accept' as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'receipt' as const }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('refuse' as const), code: fc.constantFrom(...codes), isWithheld: fc.boolean(), which: fc.nat(6) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('break' as const), has: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('left' as const), isKept: fc.boolean(), percent: fc.bigInt(0n, 100n) }) },
    { weight: 5, arbitrary: fc.constant({ kind: 'pay' as const }) },
  )

  it('it holds no more than two segments’ worth beyond its receipts, however many these are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 60 }), async (course) => {
        const signed: bigint[] = []
        const context: PayingContext = {
          domain: { chainId: 1, ticketBroker: address },
          session: { grantHash: word, signer: { address, sign: () => '0x' }, reserve: async (value: bigint) => BigInt(signed.push(value)) } as unknown as StreamContext['session'],
          now: () => 0,
          maxSpentPerOrchestrator: 10n ** 30n,
        }
        const site = { orchestrator: address, estimate, boost: 0n, mirror: createMirror(), purse: createPurse({ receiptTimeoutMs: 1e12 }), unfinished: createUnfinished(), book: { current: quote, refresh: async () => undefined } } as unknown as Site
        const { purse } = site
        const mirror = site.mirror as NonNullable<Site['mirror']>
        /** As the orchestrator has it. */
        let balance = 0n
        let receipts = 0n
        let seq = 0
        const left: { seq: number; attempt: number }[] = []
        let open: { attempt: { seq: number; attempt: number }; value: bigint; isAccepted: boolean }[] = []
        try {
          for (const step of course) {
            const before = signed.length
            if (step.kind === 'pay' && open.length < 7 && open.every(({ isAccepted }) => isAccepted) && !isAwaitingReceipts(site, context)) {
              const attempt = { seq: seq++, attempt: 0 }
              const { value } = await payForSegment(attempt, site, context)
              open.push({ attempt, value, isAccepted: false })
            } else if (step.kind === 'accept') {
              const next = open.find(({ isAccepted }) => !isAccepted)
              if (next === undefined) continue
              next.isAccepted = true
              balance += next.value
              mirror.accept(next.attempt, balance)
              purse.accept(next.attempt)
            } else if (step.kind === 'receipt') {
              const next = open.find(({ isAccepted }) => isAccepted)
              if (next === undefined) continue
              open = open.filter((other) => other !== next)
              balance -= estimate
              receipts += estimate
              mirror.settle(next.attempt, { fee: estimate, balance })
              purse.settle(next.attempt, estimate)
            } else if (step.kind === 'refuse') {
              const next = open[step.which]
              if (next === undefined) continue
              open = open.filter((other) => other !== next)
              mirror.refuse(next.attempt, step)
              purse.refuse(next.attempt, step)
              if (step.code === 'PriceTooLow' && !mirror.concede()) site.boost = estimate
            } else if (step.kind === 'break') {
              const difference = step.has ? open.reduce((sum, { isAccepted, value }) => (isAccepted ? sum : sum + value), 0n) : 0n
              mirror.resume(balance + difference, 0)
              purse.resume(0, difference)
              balance += difference
              left.push(...open.filter(({ isAccepted }) => isAccepted).map(({ attempt }) => attempt))
              open = []
            } else if (step.kind === 'left') {
              // A receipt for what was left unfinished, or a word that nothing is kept.
              const attempt = left.shift()
              if (attempt === undefined) continue
              if (step.isKept) {
                const fee = (estimate * step.percent) / 100n
                receipts += fee
                mirror.settleLeft(attempt, fee)
                purse.settle(attempt, fee)
              } else mirror.refuse(attempt)
            }
            const total = signed.reduce((sum, value) => sum + value, 0n)
            expect(purse.spent).toBe(total)
            if (signed.length > before) expect(total - receipts).toBeLessThanOrEqual(2n * estimate + 16n)
            if (purse.computeOut(0) > computeMostHeld(site)) return
          }
        } catch (error) {
          if (!isStreamflowError(error) || !['TicketsUnsettled', 'Overcharged'].includes(error.code)) throw error
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
