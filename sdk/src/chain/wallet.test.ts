import { createConfig, connect, mock } from '@wagmi/core'
import { createWalletClient, custom, http, recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { describe, expect, it } from 'vitest'
import { describeGrant, hashGrant } from '../payments/grant.js'
import { recoverAddress } from '../payments/signature.js'
import { parseNetwork } from './network.js'
import { createWallet, readWalletError } from './wallet.js'

const address = (digit: string): `0x${string}` => `0x${digit.repeat(40)}`
const network = parseNetwork(JSON.stringify({ chainId: 31_337, rpcUrls: ['http://127.0.0.1:1'], contracts: { ticketBroker: address('1'), serviceRegistry: address('2'), rounds: address('3'), staking: address('4'), token: address('5') } }))
const domain = { chainId: 31_337, ticketBroker: address('1') }
const account = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const grant = { sender: account.address.toLowerCase() as `0x${string}`, key: address('a'), spendCap: 10n ** 18n, escrowCap: 1n, validUntil: 1_900_000_000, salt: `0x${'7'.repeat(64)}` as const }

/** What an injected wallet does, backed by a key. */
function createProvider({ chainId = 31_337, fail }: { readonly chainId?: number; readonly fail?: { readonly method: string; readonly code: number } } = {}) {
  const calls: string[] = []
  return {
    calls,
    async request({ method, params }: { method: string; params?: unknown }) {
      calls.push(method)
      if (fail?.method === method) throw Object.assign(new Error('wallet says no'), { code: fail.code })
      if (method === 'eth_chainId') return `0x${chainId.toString(16)}`
      if (method === 'eth_requestAccounts' || method === 'eth_accounts') return [account.address]
      if (method === 'eth_signTypedData_v4') {
        const [, json] = params as [string, string]
        const { types, ...data } = JSON.parse(json) as { types: Record<string, unknown> }
        const { EIP712Domain: _, ...own } = types
        return account.signTypedData({ ...data, types: own } as never)
      }
      if (method === 'eth_sendTransaction') return `0x${'9'.repeat(64)}`
      throw new Error(`unexpected ${method}`)
    },
  }
}

describe('a wallet from', () => {
  it('a viem LocalAccount signs the grant', async () => {
    const wallet = await createWallet(account, network)
    expect(wallet.address).toBe(grant.sender)
    expect(recoverAddress(hashGrant(domain, grant), await wallet.signTypedData(describeGrant(domain, grant)))).toBe(grant.sender)
  })

  it('a viem WalletClient with a local account signs with that', async () => {
    const wallet = await createWallet(createWalletClient({ account, chain: foundry, transport: http('http://127.0.0.1:1') }), network)
    expect(recoverAddress(hashGrant(domain, grant), await wallet.signTypedData(describeGrant(domain, grant)))).toBe(grant.sender)
  })

  it('a bare provider asks it for an account once, then for the signature', async () => {
    const provider = createProvider()
    const wallet = await createWallet(provider, network)
    expect(wallet.address).toBe(grant.sender)
    expect(recoverAddress(hashGrant(domain, grant), await wallet.signTypedData(describeGrant(domain, grant)))).toBe(grant.sender)
    expect(provider.calls).toEqual(['eth_requestAccounts', 'eth_chainId', 'eth_signTypedData_v4'])
  })

  it('something else is refused as an argument', async () => {
    await expect(createWallet({} as never, network)).rejects.toMatchObject({ code: 'InvalidArgument', data: { option: 'wallet' } })
  })

  it('a viem WalletClient over an injected provider asks the provider, in a form that viem agrees with', async () => {
    const provider = createProvider()
    const wallet = await createWallet(createWalletClient({ account: account.address, transport: custom(provider) }), network)
    const signature = await wallet.signTypedData(describeGrant(domain, grant))
    expect(recoverAddress(hashGrant(domain, grant), signature)).toBe(grant.sender)
    expect((await recoverTypedDataAddress({ ...(describeGrant(domain, grant) as object), signature } as never)).toLowerCase()).toBe(grant.sender)
    expect(provider.calls).toEqual(['eth_chainId', 'eth_signTypedData_v4'])
    expect(await wallet.sendTransaction({ to: address('1'), data: '0x' })).toMatch(/^0x9+$/)
  })

  it('a wagmi Config asks the connector that is connected', async () => {
    const config = createConfig({ chains: [foundry], transports: { [foundry.id]: http('http://127.0.0.1:1') }, connectors: [mock({ accounts: [account.address] })] })
    await expect(createWallet(config, network)).rejects.toMatchObject({ code: 'WalletUnavailable' })
    await connect(config, { connector: config.connectors[0]! })
    const wallet = await createWallet(config, network)
    expect(wallet.address).toBe(grant.sender)
  })

  it('a wagmi Config signs through the connector', async () => {
    const provider = createProvider()
    const config = { state: { current: 'x', connections: new Map([['x', { accounts: [account.address], connector: { getProvider: async () => provider } }]]) } }
    const wallet = await createWallet(config, network)
    expect(recoverAddress(hashGrant(domain, grant), await wallet.signTypedData(describeGrant(domain, grant)))).toBe(grant.sender)
  })

  it('a client without account is none', async () => {
    await expect(createWallet(createWalletClient({ transport: custom(createProvider()) }), network)).rejects.toMatchObject({ code: 'WalletUnavailable' })
  })
})

describe('what a wallet refuses', () => {
  it.each([
    [4001, 'WalletRejected'],
    [-32002, 'WalletUnavailable'],
    [4902, 'WrongChain'],
    [4100, 'WalletUnavailable'],
  ])('with %d is %s', async (code, expected) => {
    const wallet = await createWallet(createWalletClient({ account: account.address, transport: custom(createProvider({ fail: { method: 'eth_signTypedData_v4', code } }), { retryCount: 0 }) }), network)
    await expect(wallet.signTypedData(describeGrant(domain, grant))).rejects.toMatchObject({ code: expected })
  })

  it('on another chain is WrongChain, before anything is shown', async () => {
    const provider = createProvider({ chainId: 1 })
    const wallet = await createWallet(createWalletClient({ account: account.address, transport: custom(provider) }), network)
    await expect(wallet.signTypedData(describeGrant(domain, grant))).rejects.toMatchObject({ code: 'WrongChain', data: { expected: 31_337, got: 1 } })
    expect(provider.calls).toEqual(['eth_chainId'])
  })

  it('is told apart by code however deep a library wrapped it, and never by text', () => {
    expect(readWalletError(new Error('outer', { cause: Object.assign(new Error('inner'), { code: -32603, data: { originalError: { code: 4001 } } }) })).code).toBe('WalletRejected')
    expect(readWalletError(new Error('User rejected the request')).code).toBe('WalletUnavailable')
    expect(readWalletError('nonsense').code).toBe('WalletUnavailable')
    const cyclic: { cause?: unknown } = {}
    cyclic.cause = cyclic
    expect(readWalletError(cyclic).code).toBe('WalletUnavailable')
  })
})
