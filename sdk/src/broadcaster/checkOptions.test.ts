import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { checkOptions } from './checkOptions.js'

const address = (digit: string): `0x${string}` => `0x${digit.repeat(40)}`
const good = {
  network: { chainId: 31_337, rpcUrls: ['http://127.0.0.1:1'], contracts: { ticketBroker: address('1'), serviceRegistry: address('2'), rounds: address('3'), staking: address('4'), token: address('5') } },
  wallet: privateKeyToAccount(`0x${'1'.repeat(64)}`),
  budget: { spendCap: 10n ** 16n },
}
/** What nobody with TypeScript would write. */
const check = (change: object) => () => checkOptions({ ...good, ...change } as never)

describe('options of a broadcast', () => {
  it('pass unchanged where they are right', () => expect(checkOptions(good)).toEqual(good))

  it('may say what is spent in ether', () => {
    expect(checkOptions({ ...good, budget: { spendCap: '0.05', escrowCap: '0' } }).budget).toEqual({ spendCap: 5n * 10n ** 16n, escrowCap: 0n })
  })

  it.each<[string, object]>([
    ['network', { network: undefined }],
    ['network', { network: 'mainnet' }],
    ['network.rpcUrls', { network: { ...good.network, rpcUrls: undefined } }],
    ['network.contracts.rounds', { network: { ...good.network, contracts: { ...good.network.contracts, rounds: '0x12' } } }],
    ['wallet', { wallet: undefined }],
    ['wallet', { wallet: address('1') }],
    ['budget', { budget: undefined }],
    ['budget.spendCap', { budget: { spendCap: 0.05 } }],
    ['budget.spendCap', { budget: { spendCap: '5 finney' } }],
    ['budget.spendCap', { budget: { spendCap: -1n } }],
    ['budget.spendCap', { budget: { spendCap: 0n } }],
    ['budget.escrowCap', { budget: { spendCap: 1n, escrowCap: 1 } }],
    ['budget.validForSeconds', { budget: { spendCap: 1n, validForSeconds: 0 } }],
    ['budget.validForSeconds', { budget: { spendCap: 1n, validForSeconds: Date.now() } }],
    ['segmentDurationMs', { segmentDurationMs: 2 }],
    ['segmentDurationMs', { segmentDurationMs: '2000' }],
    ['signal', { signal: true }],
    ['iceServers', { iceServers: 'stun:stun.example.org' }],
    ['orchestrators.minStake', { orchestrators: { minStake: 5 } }],
    ['orchestrators.maxPricePerMillionPixels', { orchestrators: { maxPricePerMillionPixels: 0.1 } }],
    ['funds.warnHours', { funds: { warnHours: -1 } }],
    ['funds.topUp.amount', { funds: { topUp: { amount: 1, limit: 1n } } }],
  ])('that are wrong are named: %s (%#)', (option, change) => {
    expect(check(change)).toThrow(expect.objectContaining({ code: 'InvalidArgument', message: expect.stringContaining(`${option}: `), data: expect.objectContaining({ option }) }))
  })

  it('say how a network is read from a file', () => expect(check({ network: '{}' })).toThrow(/parseNetwork/))
  it('refuse a ladder by its own rules', () => expect(check({ ladder: [] })).toThrow(/ladder: expected 1/))
  it('must be there', () => expect(() => checkOptions(undefined as never)).toThrow(/options: expected an object/))
})
