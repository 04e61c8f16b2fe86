import { streamflowTokenBalanceOfFunction, streamflowTokenTransferFunction, stakingAbi } from '@streamflow/contracts'
import { createTestClient, http, publicActions, walletActions } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anvilKeys, startAnvil, type Anvil } from '../../test/startAnvil.js'
import { getCurrentRound } from '../chain/broker.js'
import { callContract } from '../chain/contracts/contract.js'
import { getToken } from '../chain/contracts/token.js'
import { getDomain } from '../chain/network.js'
import { readContract } from '../chain/readContract.js'
import { services } from '../payments/quote.js'
import { hashReceipt, type Receipt } from '../payments/receipt.js'
import { bytesToHex, type Address, type Hex } from '../units/hex.js'
import { announceCommission } from './announceCommission.js'
import { bond } from './bond.js'
import { getChallengeCredit, withdrawChallengeCredit } from './challengeCredit.js'
import { claimReward } from './claimReward.js'
import { delegate } from './delegate.js'
import { getChallenge } from './getChallenge.js'
import { getChallengeTerms } from './getChallengeTerms.js'
import { getCommission } from './getCommission.js'
import { getDelegation } from './getDelegation.js'
import { getDelegationHistory } from './getDelegationHistory.js'
import { initializeRound } from './initializeRound.js'
import { listOrchestrators } from './listOrchestrators.js'
import { openChallenge } from './openChallenge.js'
import { rebond } from './rebond.js'
import { redelegate } from './redelegate.js'
import { register } from './register.js'
import { setSigner } from './setSigner.js'
import { settleChallenge } from './settleChallenge.js'
import { unbond } from './unbond.js'
import { unregister } from './unregister.js'
import { withdrawFees } from './withdrawFees.js'
import { withdrawStake } from './withdrawStake.js'

const token = 10n ** 18n
const roundSeconds = 600
const treasury = privateKeyToAccount(anvilKeys[0])
const [first, second, delegator, signer] = Array.from({ length: 4 }, () => privateKeyToAccount(generatePrivateKey())) as [typeof treasury, typeof treasury, typeof treasury, typeof treasury]

let anvil: Anvil
beforeAll(async () => {
  anvil = await startAnvil()
  const { network, rpc } = anvil
  for (const { address } of [first, second, delegator]) {
    await rpc.request('anvil_setBalance', [address, '0x8ac7230489e80000'])
    await callContract({ network, wallet: treasury }, getToken(network), { fragment: streamflowTokenTransferFunction, args: [address, 5_000n * token] })
  }
}, 60_000)
afterAll(() => anvil.close())

const as = (wallet: typeof treasury) => ({ network: anvil.network, wallet })
const nextRound = () => anvil.advance(roundSeconds)
const lower = (address: Address) => address.toLowerCase()
const getTokens = (account: Address) => readContract(anvil.rpc, { address: anvil.network.contracts.token, fragment: streamflowTokenBalanceOfFunction, args: [account] })

/** Fees as the broker books them when a winner is redeemed. */
async function earn(orchestrator: Address, value: bigint, feeShare: number): Promise<void> {
  const { ticketBroker, staking } = anvil.network.contracts
  const client = createTestClient({ mode: 'anvil', transport: http(anvil.network.rpcUrls[0]), pollingInterval: 20 }).extend(walletActions).extend(publicActions)
  await client.setBalance({ address: ticketBroker, value: value + token })
  await client.impersonateAccount({ address: ticketBroker })
  const hash = await client.writeContract({ account: ticketBroker, chain: null, address: staking, abi: stakingAbi, functionName: 'bookFees', args: [orchestrator, await getCurrentRound(anvil.network), feeShare], value })
  await client.waitForTransactionReceipt({ hash })
}

describe('a life at stake, on a real chain', () => {
  it('begins with a bond to oneself, which counts from the next round on', async () => {
    const round = await getCurrentRound(anvil.network)
    await expect(bond({ ...as(first), amount: 6_000n * token })).rejects.toMatchObject({ code: 'InvalidArgument', data: { held: 5_000n * token } })
    expect(await bond({ ...as(first), amount: 2_000n * token })).toMatchObject({ orchestrator: lower(first.address), stake: 2_000n * token, countsFrom: round + 1n })
    expect(await bond({ ...as(second), amount: 2_000n * token })).toMatchObject({ stake: 2_000n * token })
    await expect(claimReward(as(first))).rejects.toMatchObject({ code: 'ChainReverted', data: { error: 'StakingNotActive' }, help: expect.stringContaining('counts from the round after') as string })
  })

  it('lets nobody delegate before a commission is announced, and says so before tokens are approved', async () => {
    await expect(delegate({ ...as(delegator), orchestrator: first.address, amount: token })).rejects.toMatchObject({ code: 'InvalidArgument', help: expect.stringContaining('announces one') as string })
    await expect(delegate({ ...as(first), orchestrator: first.address, amount: token })).rejects.toMatchObject({ data: { option: 'orchestrator' } })
    await expect(announceCommission({ ...as(first), rewardCut: 1_000_001, feeShare: 0 })).rejects.toMatchObject({ data: { option: 'rewardCut' } })
    expect(await getCommission({ network: anvil.network, orchestrator: first.address })).toEqual({ current: undefined, coming: undefined })
    const { effectiveRound } = await announceCommission({ ...as(first), rewardCut: 100_000, feeShare: 400_000 })
    expect(await getCommission({ network: anvil.network, orchestrator: first.address })).toMatchObject({ coming: { rewardCut: 100_000, feeShare: 400_000, effectiveRound } })
    await announceCommission({ ...as(second), rewardCut: 0, feeShare: 800_000 })
  })

  it('takes a delegation, and more of it', async () => {
    const { network } = anvil
    await delegate({ ...as(delegator), orchestrator: first.address, amount: 600n * token })
    expect(await delegate({ ...as(delegator), orchestrator: first.address, amount: 400n * token })).toMatchObject({ stake: 1_000n * token })
    expect(await getDelegation({ network, delegator: delegator.address })).toMatchObject({ orchestrator: lower(first.address), stake: 1_000n * token, fees: 0n, locks: [], liable: undefined })
    await expect(delegate({ ...as(delegator), orchestrator: second.address, amount: token })).rejects.toMatchObject({ data: { error: 'StakingAlreadyDelegated' } })
  })

  it('registers once its stake counts, changes what differs, and checks who judges a service', async () => {
    const { network } = anvil
    const entry = { uri: 'https://one.example', services: ['Transcoding'], regions: ['local'] }
    await expect(register({ ...as(delegator), ...entry })).rejects.toMatchObject({ data: { error: 'ServiceRegistryStakeTooLow' }, help: expect.stringContaining('next round') as string })
    await nextRound()
    expect((await register({ ...as(first), ...entry })).changed).toEqual(['entry'])
    expect(await register({ ...as(first), ...entry })).toEqual({ changed: [], transaction: undefined })
    expect((await register({ ...as(first), ...entry, regions: ['eu-west'] })).changed).toEqual(['regions'])
    expect((await register({ ...as(first), ...entry, uri: 'https://uno.example', services: ['Transcoding', 'GPUTranscoding'] })).changed).toEqual(['uri', 'services', 'regions'])
    await register({ ...as(second), ...entry, uri: 'https://two.example' })
    const wrong = { service: 'Transcoding', verifier: '0x00000000000000000000000000000000000000aa' } as const
    await expect(register({ ...as(first), ...entry, services: [wrong] })).rejects.toMatchObject({ code: 'InvalidArgument', data: { option: 'services', service: 'Transcoding' } })
    await expect(register({ ...as(first), ...entry, regions: ['süd'] })).rejects.toMatchObject({ data: { option: 'regions' } })
    expect((await listOrchestrators({ network })).map(({ uri }) => uri)).toEqual(['https://uno.example', 'https://two.example'])
  })

  it('earns rewards and fees at the commission, as the list foretold', async () => {
    const { network } = anvil
    const { minted, cut } = await claimReward(as(first))
    expect(cut).toBe(minted / 10n)
    await claimReward(as(second))
    await expect(claimReward(as(first))).rejects.toMatchObject({ data: { error: 'StakingAlreadyRewarded' } })
    await earn(first.address, 3n * token, 400_000)
    const { stake, fees } = await getDelegation({ network, delegator: delegator.address })
    expect(stake - 1_000n * token).toBe((minted - cut) / 3n)
    // A third of the stake gets a third of the share.
    expect(fees).toBe((3n * token * 4n) / 10n / 3n)
    await nextRound()
    const [one, two] = await listOrchestrators({ network, amount: 1_000n * token, rounds: 1 })
    expect(one?.feesPerToken).toEqual([{ round: (await getCurrentRound(network)) - 1n, wei: 10n ** 15n }])
    expect(one).toMatchObject({ commission: { rewardCut: 100_000, feeShare: 400_000 }, coming: undefined, active: true })
    expect(one?.expected.rewards).toBeGreaterThan(0n)
    expect(one?.expected.rewards).toBe(((two?.expected.rewards ?? 0n) * 9n) / 10n)
    expect(one?.expected.fees).toBeGreaterThan(0n)
    expect(two?.expected.fees).toBe(0n)
  })

  it('lets the key that signs take the reward, and nobody after it was revoked', async () => {
    await anvil.rpc.request('anvil_setBalance', [signer.address, '0x8ac7230489e80000'])
    const claim = () => claimReward({ ...as(signer), orchestrator: first.address })
    await expect(claim()).rejects.toMatchObject({ data: { error: 'StakingNotSigner' } })
    await setSigner({ ...as(first), signer: signer.address })
    expect((await claim()).minted).toBeGreaterThan(0n)
    await setSigner({ ...as(first), signer: undefined })
    await nextRound()
    await expect(claim()).rejects.toMatchObject({ data: { error: 'StakingNotSigner' } })
    await expect(setSigner({ ...as(first), signer: signer.address })).rejects.toMatchObject({ data: { error: 'ServiceRegistrySignerUsed' } })
  })

  it('moves, leaves by a lock, comes back, and goes for good with everything', async () => {
    const { network } = anvil
    const before = await getDelegation({ network, delegator: delegator.address })
    const moved = await redelegate({ ...as(delegator), orchestrator: second.address })
    expect(moved).toMatchObject({ from: lower(first.address), amount: before.stake })
    expect((await getDelegation({ network, delegator: delegator.address })).liable).toEqual({ to: lower(first.address), until: moved.liableUntil })
    await expect(redelegate({ ...as(delegator), orchestrator: first.address })).rejects.toMatchObject({ data: { error: 'StakingRedelegationPending' } })
    const part = await unbond({ ...as(delegator), amount: 100n * token })
    await expect(withdrawStake({ ...as(delegator), lockId: part.lockId })).rejects.toMatchObject({ data: { error: 'StakingLocked' }, help: expect.stringContaining('opens') as string })
    while ((await getCurrentRound(network)) < moved.liableUntil) await nextRound()
    expect(await rebond({ ...as(delegator), lockId: part.lockId })).toMatchObject({ orchestrator: lower(second.address), amount: 100n * token })
    const { stake } = await getDelegation({ network, delegator: delegator.address })
    const { lockId, withdrawRound } = await unbond({ ...as(delegator), amount: stake })
    expect(await getDelegation({ network, delegator: delegator.address })).toMatchObject({ orchestrator: undefined, stake: 0n, locks: [{ id: lockId, withdrawRound, amount: stake, isOpen: false }] })
    while ((await getCurrentRound(network)) < withdrawRound) await nextRound()
    expect(await withdrawStake({ ...as(delegator), lockId })).toMatchObject({ amount: stake })
    expect(await getTokens(delegator.address)).toBe(4_000n * token + stake)
    const to = '0x00000000000000000000000000000000000fee51'
    const paid = await withdrawFees({ ...as(delegator), to })
    expect(BigInt((await anvil.rpc.request('eth_getBalance', [to, 'latest'])) as string)).toBe(paid.amount)
    await expect(withdrawFees(as(delegator))).rejects.toMatchObject({ code: 'InvalidArgument', data: { pending: 0n } })
    const { steps, earned, feesWithdrawn } = await getDelegationHistory({ network, delegator: delegator.address })
    expect(steps.map(({ kind }) => kind)).toEqual(['bonded', 'bonded', 'moved', 'unbonded', 'rebonded', 'unbonded', 'withdrawn', 'fees-withdrawn'])
    expect({ earned, feesWithdrawn }).toEqual({ earned: stake - 1_000n * token, feesWithdrawn: paid.amount })
  })

  it('is initialized by whoever comes first, and left by those who unregister', async () => {
    const { network } = anvil
    await nextRound()
    expect((await initializeRound(as(delegator))).round).toBe(await getCurrentRound(network))
    await expect(initializeRound(as(delegator))).rejects.toMatchObject({ data: { error: 'RoundsAlreadyInitialized' }, help: expect.stringContaining('nothing to do') as string })
    await unregister(as(second))
    expect((await listOrchestrators({ network, limit: 1 })).map(({ uri }) => uri)).toEqual(['https://uno.example'])
    await expect(listOrchestrators({ network, rounds: 0 })).rejects.toMatchObject({ code: 'InvalidArgument', data: { option: 'rounds' } })
    await expect(unregister(as(second))).rejects.toMatchObject({ data: { error: 'ServiceRegistryNotRegistered' } })
  })
})

describe('a receipt that is challenged, on a real chain', () => {
  const signReceipt = async (serviceId: Hex = services.CPUTranscoding) => {
    const receipt: Receipt = {
      orchestrator: first.address, broadcaster: delegator.address, serviceId, streamId: `0x${'1'.repeat(64)}`, seq: 3, attempt: 0,
      ladderHash: `0x${'2'.repeat(64)}`, inputHash: `0x${'3'.repeat(64)}`, outputHash: `0x${'4'.repeat(64)}`, inputPixels: 1n, pixels: 1n, fee: 1n, balance: -1n, round: await getCurrentRound(anvil.network),
    }
    return { ...receipt, signature: await first.sign({ hash: bytesToHex(hashReceipt(getDomain(anvil.network), receipt)) }) }
  }

  it('is one of the exact service: for no other one can anybody be slashed', async () => {
    const { network } = anvil
    expect(await getChallengeTerms({ network, service: 'CPUTranscoding' })).toMatchObject({ verifier: network.contracts.attestationVerifier, slashRate: 100_000, bountyRate: 250_000, window: 2n })
    for (const name of ['Transcoding', 'GPUTranscoding', 'SegmentVerification'] as const) {
      expect((await getChallengeTerms({ network, service: name })).verifier).toBeUndefined()
      await expect(openChallenge({ ...as(delegator), receipt: await signReceipt(services[name]), evidence: '0x' })).rejects.toMatchObject({ data: { error: 'ChallengesNotVerifiable' } })
    }
  })

  it('costs a bond, which comes back where nobody answers', async () => {
    const { network } = anvil
    const receipt = await signReceipt()
    const forged = { ...receipt, fee: 2n }
    await expect(openChallenge({ ...as(delegator), receipt: forged, evidence: '0x' })).rejects.toMatchObject({ data: { error: 'ChallengesInvalidSignature' }, help: expect.stringContaining('proves nothing') as string })
    const { challengeId, bond: put, deadline } = await openChallenge({ ...as(delegator), receipt, evidence: '0x5eed' })
    expect(put).toBeGreaterThan(0n)
    expect(await getChallenge({ network, challengeId })).toMatchObject({ orchestrator: lower(first.address), challenger: lower(delegator.address), bond: put, verdict: undefined, deadline, state: 'waiting' })
    await expect(openChallenge({ ...as(delegator), receipt, evidence: '0x' })).rejects.toMatchObject({ data: { error: 'ChallengesAlreadyChallenged' } })
    await expect(settleChallenge({ ...as(second), challengeId })).rejects.toMatchObject({ data: { error: 'ChallengesAnswerPending' } })
    while ((await getCurrentRound(network)) <= deadline) await nextRound()
    expect((await getChallenge({ network, challengeId }))?.state).toBe('settleable')
    await settleChallenge({ ...as(second), challengeId })
    expect(await getChallenge({ network, challengeId })).toBeUndefined()
    expect(await getChallengeCredit({ network, account: delegator.address })).toBe(put)
    await expect(withdrawChallengeCredit({ ...as(delegator), amount: put + 1n })).rejects.toMatchObject({ code: 'InvalidArgument', data: { credit: put } })
    expect(await withdrawChallengeCredit(as(delegator))).toMatchObject({ amount: put })
    expect(await getChallengeCredit({ network, account: delegator.address })).toBe(0n)
  })

  it('is looked for in vain under another name, or where the network has no challenges', async () => {
    const { network } = anvil
    const challengeId = `0x${'5'.repeat(64)}` as const
    expect(await getChallenge({ network, challengeId })).toBeUndefined()
    await expect(settleChallenge({ ...as(second), challengeId })).rejects.toMatchObject({ code: 'InvalidArgument', data: { option: 'challengeId' } })
    const { challenges: _, ...contracts } = network.contracts
    await expect(getChallenge({ network: { ...network, contracts }, challengeId })).rejects.toMatchObject({ code: 'InvalidArgument', data: { option: 'network.contracts.challenges' } })
  })
})
