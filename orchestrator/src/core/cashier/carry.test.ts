import { createKeySigner, createPrivateKey } from '@streamflow/sdk/payments'
import { afterEach, describe, expect, it } from 'vitest'
import { makeTill, randomHex, someInput, someOutputs } from '../../../../test/payments/makeTill.js'

const pixels = 1_000_000n
const estimate = 1_000_000n
let dispose: (() => Promise<void>) | undefined
afterEach(() => dispose?.())

async function openTill() {
  const till = await makeTill({ price: 1_000_000n })
  dispose = till.dispose
  const person = await till.broadcaster({ wallet: createKeySigner(createPrivateKey()) })
  /** A stream of the sender: a segment that is paid with a ticket of such a value and comes to so many pixels, and the end. */
  const run = async ({ value, made, streamId = randomHex(32) }: { readonly value: bigint; readonly made: bigint; readonly streamId?: `0x${string}` }) => {
    const account = await till.cashier.openStream({ ...person.terms, streamId })
    const { balance } = account
    const { nextSeq: seq } = account
    await account.openSegment({ seq, attempt: 0, ticket: person.signValue(value), estimatedPixels: pixels })
    await account.settleSegment({ seq, attempt: 0, inputHash: someInput, outputs: someOutputs, pixels: made })
    const statement = await account.state()
    account.end()
    return { balance, statement, streamId }
  }
  return { till, person, run }
}

describe('what a stream leaves over', () => {
  it('as a debt is told to the sender’s next stream, which pays it with its first ticket', async () => {
    const { till, person, run } = await openTill()
    expect((await run({ value: estimate, made: 2n * pixels })).statement.balance).toBe(-estimate)
    const next = await till.cashier.openStream({ ...person.terms, streamId: randomHex(32) })
    expect(next.balance).toBe(-estimate)
    const open = (value: bigint, attempt: number) => next.openSegment({ seq: 0, attempt, ticket: person.signValue(value), estimatedPixels: pixels })
    await expect(open(2n * estimate - 1n, 0)).rejects.toMatchObject({ code: 'PriceTooLow', data: { required: 2n * estimate } })
    await open(2n * estimate, 1)
    expect(next.balance).toBe(estimate)
    expect(next.free).toBe(0n)
  })

  it('as credit is spent by the next one, once', async () => {
    const { till, person, run } = await openTill()
    const first = await run({ value: 5n * estimate, made: pixels })
    const second = await run({ value: 1n, made: pixels })
    expect([first.balance, second.balance]).toEqual([0n, 4n * estimate])
    const third = await till.cashier.openStream({ ...person.terms, streamId: randomHex(32) })
    expect(third.balance).toBe(3n * estimate + 1n)
    // The one that left it has nothing more to spend, and its signed sum stays what it was.
    const again = await till.cashier.openStream({ ...person.terms, streamId: first.streamId })
    expect(again.balance).toBe(first.statement.balance)
    await expect(again.openSegment({ seq: 1, attempt: 0, ticket: person.signValue(estimate - 1n), estimatedPixels: pixels })).rejects.toMatchObject({ code: 'PriceTooLow' })
  })

  it('as credit is promised to one stream, as a debt told to each that opens', async () => {
    const { till, person, run } = await openTill()
    const open = () => till.cashier.openStream({ ...person.terms, streamId: randomHex(32) })
    await run({ value: 5n * estimate, made: pixels })
    const [first, second] = [await open(), await open()]
    expect([first.balance, second.balance]).toEqual([4n * estimate, 0n])
    // Who comes first makes no difference to what was told.
    await second.openSegment({ seq: 0, attempt: 0, ticket: person.signValue(estimate), estimatedPixels: pixels })
    expect([first.balance, second.balance]).toEqual([4n * estimate, estimate])
    first.end()
    expect((await open()).balance).toBe(4n * estimate)

    await run({ value: estimate, made: 3n * pixels })
    const [third, fourth] = [await open(), await open()]
    expect([third.balance, fourth.balance]).toEqual([-2n * estimate, -2n * estimate])
    await fourth.openSegment({ seq: 0, attempt: 0, ticket: person.signValue(3n * estimate), estimatedPixels: pixels })
    expect(third.balance).toBe(0n)
  })

  it('as credit that was promised before a restart goes to whoever opens first after it, once', async () => {
    const { till, person, run } = await openTill()
    const open = (streamId: `0x${string}`) => till.cashier.openStream({ ...person.terms, streamId })
    await run({ value: 5n * estimate, made: pixels })
    const [told, later] = [randomHex(32), randomHex(32)]
    expect((await open(told)).balance).toBe(4n * estimate)
    await till.restart()
    const second = await open(later)
    const first = await open(told)
    expect([second.balance, first.balance]).toEqual([4n * estimate, 0n])
    // Each pays for what it is not given; what was promised is neither spent twice nor lost.
    await expect(first.openSegment({ seq: 0, attempt: 0, ticket: person.signValue(estimate - 1n), estimatedPixels: pixels })).rejects.toMatchObject({ code: 'PriceTooLow' })
    await second.openSegment({ seq: 0, attempt: 0, ticket: person.signValue(1n), estimatedPixels: pixels })
    await first.openSegment({ seq: 0, attempt: 1, ticket: person.signValue(estimate), estimatedPixels: pixels })
    await till.restart()
    expect([(await open(later)).balance, (await open(told)).balance]).toEqual([4n * estimate + 1n, estimate])
  })

  it('survives a restart, stays with its sender, and waits while the stream runs', async () => {
    const { till, person, run } = await openTill()
    await run({ value: estimate, made: 2n * pixels })
    await till.restart()
    const stranger = await till.broadcaster({ wallet: createKeySigner(createPrivateKey()) })
    expect((await till.cashier.openStream(stranger.terms)).balance).toBe(0n)
    const running = await till.cashier.openStream({ ...person.terms, streamId: randomHex(32) })
    await running.openSegment({ seq: 0, attempt: 0, ticket: person.signValue(9n * estimate), estimatedPixels: pixels })
    expect((await till.cashier.openStream({ ...person.terms, streamId: randomHex(32) })).balance).toBe(0n)
  })

  it('is left alone by a stream that never pays', async () => {
    const { till, person, run } = await openTill()
    await run({ value: estimate, made: 2n * pixels })
    for (let i = 0; i < 3; i++) {
      const account = await till.cashier.openStream({ ...person.terms, streamId: randomHex(32) })
      expect(account.balance).toBe(-estimate)
      account.end()
    }
  })
})
