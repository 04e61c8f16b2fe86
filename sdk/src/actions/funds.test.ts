import { privateKeyToAccount } from 'viem/accounts'
import { createWalletClient, http } from 'viem'
import { foundry } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anvilKeys, startAnvil, type Anvil } from '../../test/startAnvil.js'
import { getCurrentRound, getGrantInfo, getSenderStanding } from '../chain/broker.js'
import { getEntries, getEntry } from '../chain/registry.js'
import { createWallet } from '../chain/wallet.js'
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
    expect(await getFunds({ network, sender: account.address })).toMatchObject({ deposit: 5n * 10n ** 17n, reserve: 3n * 10n ** 17n, escrow: 7n, state: 'locked' })

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

describe('sessions on a real chain', () => {
  it('are listed without their keys, and void from the next round on when revoked', async () => {
    const { network } = anvil
    const store = createMemorySessionStore()
    const session = await openSession({ domain: getDomain(network), wallet: await createWallet(account, network), store, budget: { spendCap: 1_000n } })
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
    const session = await openSession({ domain: getDomain(network), wallet: await createWallet(account, network), store, budget: { spendCap: 1_000n } })
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
