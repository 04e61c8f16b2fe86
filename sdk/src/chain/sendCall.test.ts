import { ticketBrokerFundDepositAndReserveFunction, ticketBrokerUnlockFunction } from '@streamflow/contracts'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anvilKeys, startAnvil, type Anvil } from '../../test/startAnvil.js'
import { getBroker } from './contracts/broker.js'
import { callContract } from './contracts/contract.js'
import type { TransactionRequest, Wallet } from './wallet.js'

type Hex = `0x${string}`

let anvil: Anvil
beforeAll(async () => {
  anvil = await startAnvil()
}, 60_000)
afterAll(() => anvil.close())

const from = privateKeyToAccount(anvilKeys[1]).address.toLowerCase() as Hex
const hex = (value: bigint): Hex => `0x${value.toString(16)}`
const send = ({ to, data, value = 0n, gas = 10n ** 6n }: TransactionRequest) => anvil.rpc.request('eth_sendTransaction', [{ from, to, data, value: hex(value), gas: hex(gas) }]) as Promise<Hex>
const wallet = (sendTransaction: Wallet['sendTransaction']): Wallet => ({ address: from, signTypedData: () => Promise.reject(new Error('nothing is signed')), sendTransaction })
const fund = (by: Wallet) => callContract({ ...anvil, wallet: by }, getBroker(anvil.network), { fragment: ticketBrokerFundDepositAndReserveFunction, args: [5n, 0n, 0n], value: 5n })

it('leaves room for what others change before a call is in a block', async () => {
  let asked = 0n
  const { gasUsed } = await fund(wallet((request) => {
    asked = request.gas ?? 0n
    return send(request)
  }))
  expect(asked).toBeGreaterThanOrEqual((gasUsed * 3n) / 2n)
  expect(asked).toBeLessThan(gasUsed * 2n)
})

it('says that gas ran out, which no receipt does', async () => {
  // A wallet that knows better.
  await expect(fund(wallet((request) => send({ ...request, gas: 30_000n })))).rejects.toMatchObject({ code: 'ChainReverted', message: expect.stringContaining('ran out of gas') as string, help: expect.stringContaining('repeat it') as string })
})

it('names what the contract refused, if that came up on the way', async () => {
  const { network } = anvil
  const twice = wallet(async (request) => {
    await send(request)
    return send(request)
  })
  await expect(callContract({ network, wallet: twice }, getBroker(network), { fragment: ticketBrokerUnlockFunction, args: [] })).rejects.toMatchObject({ code: 'ChainReverted', data: { error: 'TicketBrokerUnlockInProgress' } })
})

describe('a wallet that sends once more under the same nonce', () => {
  beforeAll(() => anvil.rpc.request('evm_setAutomine', [false]))
  afterAll(() => anvil.rpc.request('evm_setAutomine', [true]))

  /** Sends what it is asked to, and `next` at ten times the price once that was seen waiting. */
  const replacing = (next: (request: TransactionRequest) => TransactionRequest): { readonly wallet: Wallet; readonly sent: Hex[] } => {
    const sent: Hex[] = []
    const sendAt = async ({ to, data, value = 0n }: TransactionRequest, nonce: Hex, gwei: bigint): Promise<Hex> => {
      const hash = (await anvil.rpc.request('eth_sendTransaction', [{ from, to, data, value: hex(value), gas: hex(10n ** 6n), nonce, maxFeePerGas: hex(gwei * 10n ** 9n), maxPriorityFeePerGas: hex(gwei * 10n ** 9n) }])) as Hex
      sent.push(hash)
      return hash
    }
    return {
      sent,
      wallet: wallet(async (request) => {
        const nonce = (await anvil.rpc.request('eth_getTransactionCount', [from, 'pending'])) as Hex
        const first = await sendAt(request, nonce, 5n)
        setTimeout(() => void sendAt(next(request), nonce, 50n).then(() => anvil.rpc.request('evm_mine', [])), 1_000)
        return first
      }),
    }
  }

  it('is followed where it does the same: what a person sped up is done', async () => {
    const { wallet: hurried, sent } = replacing((request) => request)
    const { hash, logs } = await fund(hurried)
    expect(hash).toBe(sent[1])
    expect(logs.length).toBeGreaterThan(0)
  })

  it('has declined where it does something else, and that is named', async () => {
    const { wallet: declining, sent } = replacing(() => ({ to: from, data: '0x' }))
    const thrown: unknown = await fund(declining).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'WalletRejected', data: { hash: sent[0], replacedBy: sent[1] } })
  })
})
