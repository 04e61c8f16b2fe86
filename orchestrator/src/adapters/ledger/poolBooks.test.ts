/** A public pool's books, in a file and in PostgreSQL, and payments out of them that die anywhere. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hash } from '../../../../test/payments/ledgerRecords.js'
import { startPostgresServer, type PostgresServer } from '../../../../test/payments/postgresServer.js'
import type { PayoutRecord, PoolBooks } from '../../core/pool/books.js'
import { payOut, type Payer, type PaymentState } from '../../core/pool/payOut.js'
import { computePayable, computeWork, createAccount, credit, pass, type PoolPolicy } from '../../core/pool/standing.js'
import { createPoolBooks } from './createPoolBooks.js'
import { createPostgresBooks } from './postgres/createPostgresBooks.js'

const policy: PoolPolicy = { payPerMillionPixels: 10n ** 20n, pricePerMillionPixels: 10n ** 20n, deposit: 10n ** 19n, allowance: 0n, leastCheckedOneIn: 20, minimumPayout: 5n }
let server: PostgresServer
beforeAll(async () => {
  server = await startPostgresServer()
})
afterAll(() => server.stop())

interface Place {
  open(): Promise<PoolBooks>
  remove(): void
}
function placeInFile(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-books-'))
  return Promise.resolve({ open: () => Promise.resolve(createPoolBooks(join(folder, 'ledger.sqlite'))), remove: () => rmSync(folder, { recursive: true, force: true }) })
}
async function placeInPostgres(): Promise<Place> {
  const url = await server.makePlace()
  return { open: () => createPostgresBooks({ url, orchestrator: address(99) }), remove: () => undefined }
}

/** Credits a member with a segment that passed its check. */
const work = (books: PoolBooks, member: string, seq: number, pixels = 1_000_000n) =>
  books.update({ member, streamId: hash(1), seq }, ({ account = createAccount({ member, payTo: address(member.length), since: 1 }), work: before }) => {
    if (before !== undefined) return undefined
    const { earned, atRisk } = computeWork(pixels, policy)
    const worked = credit(account, { pixels, earned, atRisk })
    return { account: pass(worked, worked.charged), work: { member, streamId: hash(1), seq, pixels, earned, state: 'passed', at: seq } }
  })

/** An account on a chain with one place in each block: what is shown waits at its nonce, and only one of a nonce is mined. */
class Account implements Payer {
  readonly mined: (Hex | 'somebody else’s')[] = []
  readonly signed = new Map<Hex, { readonly payTo: Hex; readonly amount: bigint; readonly nonce: number }>()
  readonly #waiting = new Map<number, Hex>()
  /** Dies before or after what it is asked for, so often. */
  fail: () => boolean = () => false

  async sign({ payTo, amount }: { readonly payTo: Hex; readonly amount: bigint }) {
    this.#die()
    const signed = hash(1_000 + this.signed.size)
    this.signed.set(signed, { payTo, amount, nonce: this.mined.length })
    return { nonce: this.mined.length, transaction: signed, hash: signed }
  }

  async show({ transaction }: Pick<PayoutRecord, 'transaction'>): Promise<void> {
    this.#die()
    const nonce = this.signed.get(transaction)?.nonce ?? -1
    if (nonce >= this.mined.length && !this.#waiting.has(nonce)) this.#waiting.set(nonce, transaction)
    this.#die()
  }

  async read({ nonce, hash: name }: Pick<PayoutRecord, 'nonce' | 'hash'>): Promise<PaymentState> {
    this.#die()
    return this.mined[nonce] === name ? 'paid' : this.mined.length > nonce ? 'displaced' : 'waiting'
  }

  mine(isOther: boolean): void {
    const next = this.#waiting.get(this.mined.length)
    if (isOther) this.mined.push('somebody else’s')
    else if (next !== undefined) this.mined.push(next)
  }

  countPaid(payTo: Hex): bigint {
    return this.mined.reduce((sum, each) => sum + (each === 'somebody else’s' || this.signed.get(each)?.payTo !== payTo ? 0n : (this.signed.get(each)?.amount ?? 0n)), 0n)
  }

  #die(): void {
    if (this.fail()) throw new Error('it died here')
  }
}
type Hex = `0x${string}`

describe.each([['SQLite', placeInFile, 40], ['PostgreSQL', placeInPostgres, 3]] as const)('books in %s', (_name, makePlace, numRuns) => {
  it('keep every member, segment and payment to the last wei, credit a segment once, and refuse a second payment under way', async () => {
    const place = await makePlace()
    let books = await place.open()
    await work(books, 'UA', 0)
    await work(books, 'UA', 0)
    await Promise.all(Array.from({ length: 20 }, (_, index) => work(books, 'UBB', index)))
    await books.close()
    books = await place.open()
    const payment = { member: 'UA', number: 1, payTo: address(2), amount: 7n, nonce: 3, transaction: '0x01', hash: hash(4), state: 'sent', at: 5 } as const
    const write = (payout: PayoutRecord) => books.update({ member: 'UA' }, ({ account }) => account && { account, payout })
    await write(payment)
    await expect(write({ ...payment, number: 2 })).rejects.toMatchObject({ code: 'LedgerFailed' })
    expect((await books.read('UA')).payout).toEqual(payment)
    expect(await books.listMembers()).toEqual([expect.objectContaining({ member: 'UA', segments: 1, earned: 10n ** 20n }), expect.objectContaining({ member: 'UBB', segments: 20, pixels: 20_000_000n, earned: 20n * 10n ** 20n, passed: 20 })])
    await write({ ...payment, state: 'paid' })
    expect([(await books.read('UA')).payout, await books.listPayouts('sent'), (await books.listPayouts()).length]).toEqual([undefined, [], 1])
    await books.forget(10)
    await work(books, 'UBB', 12)
    expect((await books.read('UBB')).account?.segments).toBe(20)
    await books.close()
    place.remove()
  })

  it('pay nobody twice and nobody more than is due, wherever it dies, whatever else uses the account; and in the end all of it', async () => {
    const happening = fc.array(fc.record({ fails: fc.array(fc.boolean(), { maxLength: 8 }), mines: fc.constantFrom('ours', 'other', 'none'), works: fc.boolean(), runners: fc.integer({ min: 1, max: 2 }) }), { minLength: 1, maxLength: 25 })
    await fc.assert(fc.asyncProperty(happening, async (rounds) => {
      const place = await makePlace()
      let books = await place.open()
      const account = new Account()
      let seq = 0
      const run = () => payOut({ books, payer: account, policy, now: () => seq }).catch(() => undefined)
      for (const member of ['UA', 'UBB']) await work(books, member, seq++)
      for (const { fails, mines, works, runners } of rounds) {
        const left = [...fails]
        account.fail = () => left.shift() === true
        if (works) await work(books, 'UA', seq++)
        await Promise.all(Array.from({ length: runners }, run))
        account.fail = () => false
        if (mines !== 'none') account.mine(mines === 'other')
        await books.close() // it was killed
        books = await place.open()
        for (const { payTo, earned, paid, ...rest } of await books.listMembers()) {
          expect(account.countPaid(payTo) <= paid || account.countPaid(payTo) <= earned - policy.deposit).toBe(true)
          expect(paid <= earned - policy.deposit, JSON.stringify(Object.keys(rest))).toBe(true)
        }
      }
      for (let i = 0; i < 12; i++) {
        await run()
        account.mine(false)
      }
      for (const member of await books.listMembers()) expect([computePayable(member, policy), account.countPaid(member.payTo)]).toEqual([0n, member.paid])
      await books.close()
      place.remove()
    }), { numRuns })
  })
})
