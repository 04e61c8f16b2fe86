import { privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, it } from 'vitest'
import type { TypedData, Wallet } from '../chain/wallet.js'
import { createMemorySessionStore } from './createMemorySessionStore.js'
import { createRenewableSession, type RenewableSession } from './createRenewableSession.js'
import { openSession } from './openSession.js'

const domain = { chainId: 31_337, ticketBroker: '0x1111111111111111111111111111111111111111' } as const
const account = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')

let asked: number
let isDeclining: boolean
let session: RenewableSession
beforeEach(async () => {
  asked = 0
  isDeclining = false
  const wallet: Wallet = {
    address: account.address.toLowerCase() as `0x${string}`,
    signTypedData: async (data: TypedData) => {
      asked++
      if (isDeclining) throw Object.assign(new Error('no'), { code: 4001 })
      return account.signTypedData(data as never)
    },
    sendTransaction: async () => '0x',
  }
  const granting = { domain, wallet, store: createMemorySessionStore(), register: async () => undefined }
  session = createRenewableSession({
    first: await openSession({ ...granting, budget: { spendCap: 1_000n } }),
    spendCap: 1_000n,
    open: ({ spendCap, except }) => openSession({ ...granting, except, budget: { spendCap } }),
  })
})

describe('a session that is renewed', () => {
  it('signs by its grant until the next one is taken, and has one budget over all', async () => {
    const { key } = session.grant
    await session.reserve(300n)
    await Promise.all([session.renew(), session.renew()])
    expect([asked, session.hasNext, session.grant.key]).toEqual([2, true, key])
    await session.reserve(100n)
    session.advance()
    expect([session.hasNext, session.grant.key === key, session.grant.spendCap]).toEqual([false, false, 700n])
    expect([session.spent, session.budgetLeft, session.remaining]).toEqual([400n, 600n, 600n])
    await session.reserve(600n)
    await expect(session.reserve(1n)).rejects.toMatchObject({ code: 'SpendCapReached' })
    await expect(session.renew()).rejects.toMatchObject({ code: 'SpendCapReached' })
  })

  it('may be given more to spend', async () => {
    await session.reserve(1_000n)
    await session.renew({ spendCap: 500n })
    session.advance()
    expect([session.spent, session.budgetLeft]).toEqual([1_000n, 500n])
    await session.reserve(500n)
  })

  it('goes on as it was where the wallet declines', async () => {
    isDeclining = true
    await expect(session.renew({ spendCap: 5_000n })).rejects.toThrow('no')
    expect([session.hasNext, session.budgetLeft]).toEqual([false, 1_000n])
    session.advance()
    await session.reserve(1_000n)
  })

  it('is closed with the grant that was never used', async () => {
    await session.renew()
    await session.close()
    await expect(session.reserve(1n)).rejects.toMatchObject({ code: 'GrantInvalid' })
  })
})
