/** Payments on a real chain: once, also when they are shown again, and never at a nonce that somebody else has. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeySigner } from '@streamflow/sdk/payments'
import { createTestClient, http, publicActions, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { developmentKey } from '../../../../examples/network/accounts.mjs'
import { findFreePort } from '../../../../examples/network/findFreePort.mjs'
import { startChild } from '../../../../examples/network/startChild.mjs'
import { createPayer } from './createPayer.js'

const anvil = join(import.meta.dirname, '../../../../node_modules/.bin/anvil')
const confirmations = 2
const folder = mkdtempSync(join(tmpdir(), 'streamflow-payer-'))
let child: ReturnType<typeof startChild>
let url: string

beforeAll(async () => {
  const port = await findFreePort(0)
  url = `http://127.0.0.1:${port}`
  child = startChild({ name: 'anvil', command: anvil, args: ['--port', String(port), '--no-mining'], logFile: join(folder, 'anvil.log') })
  await vi.waitFor(() => fetch(url, { method: 'POST' }), { timeout: 20_000 })
})
afterAll(async () => {
  await child.stop()
  rmSync(folder, { recursive: true, force: true })
})

const open = () => {
  const none = `0x${'0'.repeat(40)}` as const
  const chain = createTestClient({ mode: 'anvil', transport: http(url) }).extend(publicActions).extend(walletActions)
  const payer = createPayer({ chainId: 31_337, rpcUrls: [url], contracts: { ticketBroker: none, rounds: none, staking: none }, signer: createKeySigner(Buffer.from(developmentKey.slice(2), 'hex')), confirmations })
  return { chain, payer }
}
const payTo = `0x${'ab'.repeat(20)}` as const

it('pays once, however often it is shown, and says so when it is final', async () => {
  const { chain, payer } = open()
  const signed = await payer.sign({ payTo, amount: 12_345n })
  if (signed === undefined) throw new Error('it can be paid')
  expect(await payer.read(signed)).toBe('waiting')
  await payer.show(signed)
  await payer.show(signed)
  await chain.mine({ blocks: 1 })
  await payer.show(signed)
  expect(await payer.read(signed)).toBe('waiting')
  await chain.mine({ blocks: confirmations })
  expect([await payer.read(signed), await chain.getBalance({ address: payTo })]).toEqual(['paid', 12_345n])
})

it('takes a payment for displaced only when another transaction has its nonce for good', async () => {
  const { chain, payer } = open()
  const signed = await payer.sign({ payTo, amount: 5n })
  if (signed === undefined) throw new Error('it can be paid')
  const other = await chain.sendTransaction({ account: privateKeyToAccount(developmentKey), chain: null, to: payTo, value: 1n, nonce: signed.nonce, maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n, gas: 21_000n, type: 'eip1559' })
  await payer.show(signed)
  await chain.mine({ blocks: 1 })
  expect((await chain.getTransactionReceipt({ hash: other })).status).toBe('success')
  expect(await payer.read(signed)).toBe('waiting')
  await chain.mine({ blocks: confirmations })
  expect(await payer.read(signed)).toBe('displaced')
  await payer.show(signed)
  expect(await chain.getBalance({ address: payTo })).toBe(12_346n)
})

it('signs nothing for a contract, and nothing that the account does not have', async () => {
  const { chain, payer } = open()
  const contract = `0x${'cd'.repeat(20)}` as const
  await chain.setCode({ address: contract, bytecode: '0x00' })
  expect(await payer.sign({ payTo: contract, amount: 1n })).toBeUndefined()
  await expect(payer.sign({ payTo, amount: 10n ** 30n })).rejects.toMatchObject({ code: 'ChainReverted' })
})
