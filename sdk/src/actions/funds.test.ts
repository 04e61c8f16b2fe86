import { privateKeyToAccount } from 'viem/accounts'
import { createWalletClient, http } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anvilKeys, startAnvil, type Anvil } from '../../test/startAnvil.js'
import { getCurrentRound, getGrantInfo, getSenderStanding } from '../chain/broker.js'
import { getEntries, getEntry } from '../chain/registry.js'
import { registerGrant } from '../chain/registerGrant.js'
import { getRpc } from '../chain/rpc.js'
import { createWallet, type Wallet } from '../chain/wallet.js'
import { getDomain } from '../chain/network.js'
import { createMemorySessionStore } from '../session/createMemorySessionStore.js'
import { openSession } from '../session/openSession.js'
import { discover } from './discover.js'
import { cancelUnlock, designateReserve, fund, getFunds, unlock, withdraw } from './funds.js'
import { listSessions, revokeSession } from './sessions.js'

const account = privateKeyToAccount(anvilKeys[1])
const orchestrator = '0x00000000000000000000000000000000000000aa'
const roundSeconds = 600

let anvil: Anvil
beforeAll(async () => {
  anvil = await startAnvil()
}, 60_000)
afterAll(() => anvil.close())

describe('funds on a real chain', () => {
  it('go in, are designated, and come out after the wait, to the wei', async () => {
    const { network, rpc } = anvil
    const options = { network, wallet: account }
    expect(await getFunds({ network, sender: account.address })).toMatchObject({ deposit: 0n, state: 'empty' })
    await expect(fund(options)).rejects.toMatchObject({ code: 'InvalidArgument' })
    await expect(unlock(options)).rejects.toMatchObject({ code: 'ChainReverted', data: { error: 'TicketBrokerNoFunds' } })

    const { gasUsed } = await fund({ ...options, deposit: 5n * 10n ** 17n, reserve: 3n * 10n ** 17n, escrow: 7n })
    expect(gasUsed).toBeGreaterThan(21_000n)
    expect(await getFunds({ network, sender: account.address })).toMatchObject({ deposit: 5n * 10n ** 17n, reserve: 3n * 10n ** 17n, escrow: 7n, total: 8n * 10n ** 17n + 7n, state: 'locked' })

    await designateReserve({ ...options, designations: [{ orchestrator, amount: 10n ** 17n }] })
    await expect(designateReserve({ ...options, designations: [{ orchestrator: '0x00000000000000000000000000000000000000bb', amount: 10n ** 18n }] })).rejects.toMatchObject({ data: { error: 'TicketBrokerReserveOvercommitted' } })
    await anvil.advance(roundSeconds)
    const standing = await getSenderStanding(network, { sender: account.address, orchestrator, grantHash: `0x${'0'.repeat(64)}`, key: account.address })
    expect(standing.claimableReserve).toBe(10n ** 17n)

    await unlock(options)
    expect((await getFunds({ network, sender: account.address })).state).toBe('unlocking')
    await cancelUnlock(options)
    expect((await getFunds({ network, sender: account.address })).state).toBe('locked')
    await unlock(options)
    await expect(withdraw(options)).rejects.toMatchObject({ code: 'ChainReverted', data: { error: 'TicketBrokerStillLocked' } })
    const { withdrawRound } = await getFunds({ network, sender: account.address })
    while ((await getCurrentRound(network)) < withdrawRound) await anvil.advance(roundSeconds)
    expect((await getFunds({ network, sender: account.address })).state).toBe('withdrawable')
    const before = BigInt((await rpc.request('eth_getBalance', [account.address, 'latest'])) as string)
    const to = '0x00000000000000000000000000000000000fee52'
    await withdraw({ ...options, to, deposit: 5n, reserve: 0n, escrow: 7n })
    expect(BigInt((await rpc.request('eth_getBalance', [to, 'latest'])) as string)).toBe(12n)
    await expect(withdraw({ ...options, deposit: 10n ** 18n })).rejects.toMatchObject({ data: { error: 'TicketBrokerInsufficientFunds' }, help: expect.stringContaining('ask for less') as string })
    await withdraw(options)
    const after = BigInt((await rpc.request('eth_getBalance', [account.address, 'latest'])) as string)
    expect(after - before).toBeGreaterThan(79n * 10n ** 16n)
    expect(await getFunds({ network, sender: account.address })).toMatchObject({ deposit: 0n, reserve: 0n, escrow: 0n, state: 'empty' })
  })

  it('can be put up by a viem WalletClient too', async () => {
    const { network } = anvil
    const client = createWalletClient({ account, chain: foundry, transport: http(network.rpcUrls[0]) })
    await fund({ network, wallet: client, deposit: 9n })
    expect((await getFunds({ network, sender: account.address })).deposit).toBe(9n)
  })
})

/** An account whose own key signs registers nothing. */
const rejectRegistration = () => Promise.reject(new Error('nothing is to be registered'))

/** Code of an account that stands by every signature: answers whatever it is asked with the magic value of ERC-1271. */
const agreeableCode = '0x631626ba7e60e01b60005260206000f3'
/** And of one that answers nothing. */
const silentCode = '0x00'

describe('smart accounts on a real chain', () => {
  /** A wallet that is a contract: its signature is no key's, and it sends by itself. */
  const createSmartWallet = async (address: `0x${string}`, code: `0x${string}`): Promise<Wallet> => {
    const rpc = getRpc(anvil.network)
    await rpc.request('anvil_setCode', [address, code])
    await rpc.request('anvil_setBalance', [address, '0xde0b6b3a7640000'])
    await rpc.request('anvil_impersonateAccount', [address])
    return {
      address,
      signTypedData: async () => '0x5eed',
      sendTransaction: async ({ to, data }) => (await rpc.request('eth_sendTransaction', [{ from: address, to, data }])) as `0x${string}`,
    }
  }
  const open = async (wallet: Wallet, store = createMemorySessionStore()) =>
    openSession({ domain: getDomain(anvil.network), wallet, store, budget: { spendCap: 1_000n }, register: (grant) => registerGrant({ network: anvil.network, wallet, grant }) })

  it('register the grant of their session key by themselves, once', async () => {
    const { network } = anvil
    const store = createMemorySessionStore()
    const wallet = await createSmartWallet('0x00000000000000000000000000000000005a1e01', agreeableCode)
    const { grant, grantHash, signer } = await open(wallet, store)
    const info = await getGrantInfo(network, { sender: wallet.address, grantHash, key: signer.address })
    expect(info).toMatchObject({ validUntil: BigInt(grant.validUntil), spendCap: 1_000n, spent: 0n })
    const refusing = { ...wallet, sendTransaction: () => Promise.reject(new Error('no second transaction')) }
    expect((await open(refusing, store)).grantHash).toBe(grantHash)
  })

  it('may be accounts with a key that delegate to code (EIP-7702)', async () => {
    const { network } = anvil
    await createSmartWallet('0x00000000000000000000000000000000005a1e02', agreeableCode)
    const wallet = await createSmartWallet(account.address.toLowerCase() as `0x${string}`, `0xef0100${'00000000000000000000000000000000005a1e02'}`)
    const { grantHash, signer } = await open(wallet)
    expect((await getGrantInfo(network, { sender: wallet.address, grantHash, key: signer.address })).spendCap).toBe(1_000n)
    const own = await open({ ...wallet, signTypedData: (data) => account.signTypedData(data as never), sendTransaction: () => Promise.reject(new Error('its own signature is enough')) })
    expect(own.isNew).toBe(true)
    await getRpc(network).request('anvil_setCode', [wallet.address, '0x'])
  })

  it('that do not stand by their signature are told so, and no session is kept', async () => {
    const store = createMemorySessionStore()
    const wallet = await createSmartWallet('0x00000000000000000000000000000000005a1e03', silentCode)
    await expect(open(wallet, store)).rejects.toMatchObject({ code: 'ChainReverted', data: { error: 'TicketBrokerInvalidGrant' } })
    expect(await store.list()).toEqual([])
  })
})

describe('sessions on a real chain', () => {
  it('are listed without their keys, and void from the next round on when revoked', async () => {
    const { network } = anvil
    const store = createMemorySessionStore()
    const session = await openSession({ domain: getDomain(network), wallet: await createWallet(account, network), store, budget: { spendCap: 1_000n }, register: rejectRegistration })
    const [summary] = await listSessions({ network, sender: account.address, sessionStore: store })
    expect(summary).toMatchObject({ id: session.signer.address, grantHash: session.grantHash, spendCap: 1_000n, spent: 0n, state: 'usable' })
    expect(summary).not.toHaveProperty('privateKey')

    await revokeSession({ network, id: session.signer.address, wallet: account, sessionStore: store })
    expect((await listSessions({ network, sessionStore: store }))[0]?.state).toBe('revoked')
    await expect(session.reserve(1n)).rejects.toMatchObject({ code: 'GrantInvalid' })
    const { revocationRound } = await getGrantInfo(network, { sender: account.address, grantHash: session.grantHash, key: session.signer.address })
    expect(revocationRound).toBe(await getCurrentRound(network))
  })

  it('are forgotten where no wallet is asked', async () => {
    const { network } = anvil
    const store = createMemorySessionStore()
    const session = await openSession({ domain: getDomain(network), wallet: await createWallet(account, network), store, budget: { spendCap: 1_000n }, register: rejectRegistration })
    expect(await revokeSession({ network, id: session.signer.address, sessionStore: store })).toBeUndefined()
    expect(await listSessions({ network, sessionStore: store })).toEqual([])
    await expect(revokeSession({ network, id: session.signer.address, sessionStore: store })).rejects.toMatchObject({ code: 'GrantInvalid' })
  })
})

describe('the registry on a real chain', () => {
  it('that is empty gives no entries and no offers', async () => {
    const { network } = anvil
    expect(await getEntries(network)).toEqual([])
    expect(await getEntry(network, orchestrator)).toBeUndefined()
    expect(await discover({ network, sender: account.address })).toEqual({ offers: [], refused: [] })
  })

  it('at an address without contract is told as such', async () => {
    const { network } = anvil
    await expect(getEntries({ ...network, contracts: { ...network.contracts, serviceRegistry: orchestrator } })).rejects.toMatchObject({ code: 'ChainReverted' })
  })
})
