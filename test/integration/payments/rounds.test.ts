import { roundsAbi, stakingAbi, streamflowTokenAbi } from '@streamflow/contracts'
import { bond } from '@streamflow/sdk'
import { createPrivateKey } from '@streamflow/sdk/payments'
import { bytesToHex, createWalletClient, http, parseEther, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, it } from 'vitest'
import { deployerKey, developmentKey } from '../../../examples/network/accounts.mjs'
import { describeLocalChain } from '../../../examples/network/startChain.mjs'
import { createChain } from '../../../orchestrator/src/adapters/chain/createChain.js'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { computeTurn } from '../../../orchestrator/src/core/cashier/chores.js'
import { ChainRig, until } from '../../payments/ChainRig.js'

it('a round is sold only when its block hash cannot change any more', async () => {
  const rig = await ChainRig.start({ roundLengthSeconds: 86_400 })
  try {
    const { rpcUrl, contracts, testClient } = rig
    const chain = createChain({ chainId: 31_337, rpcUrls: [rpcUrl], contracts, signer: createNativeSigner(createPrivateKey()), confirmations: 3 })
    await testClient.setIntervalMining({ interval: 0 })
    await testClient.setAutomine(true)
    const before = await chain.readState()
    await testClient.setNextBlockTimestamp({ timestamp: BigInt(before.currentRoundEndsAt) })
    const wallet = createWalletClient({ account: privateKeyToAccount(developmentKey), chain: describeLocalChain(rpcUrl), transport: http(rpcUrl) })
    const snapshot = await testClient.snapshot()
    const begin = async () => {
      const hash = await wallet.writeContract({ address: contracts.rounds, abi: roundsAbi, functionName: 'initializeRound' })
      // anvil answers before its block is there.
      await rig.client.waitForTransactionReceipt({ hash, pollingInterval: 50 })
    }
    await begin()
    const offered = async () => (await chain.readState()).redeemable.map(({ round }) => round)
    expect(await offered()).toEqual(before.redeemable.map(({ round }) => round))
    // It began in a block that is undone, and begins again after another one.
    await testClient.revert({ id: snapshot })
    await testClient.mine({ blocks: 1 })
    await testClient.setNextBlockTimestamp({ timestamp: BigInt(before.currentRoundEndsAt + 10) })
    await begin()
    const blockHash = await rig.client.readContract({ address: contracts.rounds, abi: roundsAbi, functionName: 'blockHashForRound', args: [before.currentRound + 1n] })
    await testClient.mine({ blocks: 2 })
    expect(await offered()).not.toContain(before.currentRound + 1n)
    await testClient.mine({ blocks: 1 })
    expect((await chain.readState()).redeemable[0]).toMatchObject({ round: before.currentRound + 1n, blockHash })
  } finally {
    await rig.close()
  }
})

/** A key whose account comes first, or late, among those that may begin a round. */
function findKey(turn: { readonly currentRound: bigint; readonly roundLength: number }, isWanted: (seconds: number) => boolean): Uint8Array {
  for (;;) {
    const key = createPrivateKey()
    if (isWanted(computeTurn(turn, createNativeSigner(key).address))) return key
  }
}

it('a round is begun by one of those that try, and each takes its own reward of it, once', async () => {
  const rig = await ChainRig.start({ roundLengthSeconds: 86_400 })
  try {
    const { network, contracts, client, testClient, rpcUrl } = rig
    const readLastReward = (address: Hex) => client.readContract({ address: contracts.staking, abi: stakingAbi, functionName: 'lastRewardRound', args: [address] })
    const treasury = createWalletClient({ account: privateKeyToAccount(deployerKey), chain: describeLocalChain(rpcUrl), transport: http(rpcUrl) })
    const currentRound = (await client.readContract({ address: contracts.rounds, abi: roundsAbi, functionName: 'currentRound' })) + 1n
    const turn = { currentRound, roundLength: 86_400 }
    // Nobody's turn but the first one's comes while this test runs.
    const keys = [findKey(turn, (seconds) => seconds === 0), findKey(turn, (seconds) => seconds > 120)]
    const desks = await Promise.all(keys.map((key) => rig.openDesk({ key })))
    for (const [index, { signer }] of desks.entries()) {
      const hash = await treasury.writeContract({ address: network.contracts.token, abi: streamflowTokenAbi, functionName: 'transfer', args: [signer.address, parseEther('1000')] })
      await client.waitForTransactionReceipt({ hash, pollingInterval: 100 })
      await bond({ network, wallet: privateKeyToAccount(bytesToHex(keys[index] as Uint8Array)), amount: parseEther('1000') })
    }
    const countSent = (address: Hex) => client.getTransactionCount({ address })
    const before = await Promise.all(desks.map(({ signer }) => countSent(signer.address)))
    const startsAt = await client.readContract({ address: contracts.rounds, abi: roundsAbi, functionName: 'roundStart', args: [currentRound] })
    rig.shift = Number(startsAt) + 1 - Date.now() / 1_000
    await testClient.setNextBlockTimestamp({ timestamp: BigInt(startsAt) + 1n })
    for (const { signer } of desks) await until('its reward', async () => (await readLastReward(signer.address)) === currentRound)
    await until('the round', async () => (await client.readContract({ address: contracts.rounds, abi: roundsAbi, functionName: 'lastInitializedRound' })) === currentRound)
    const [first] = desks
    if (first === undefined) throw new Error('no desk')
    // Whoever starts again finds on the chain what it did.
    await first.cashier.close()
    const again = await rig.openDesk({ key: keys[0] as Uint8Array, path: first.path })
    await again.cashier.redeem()
    const sent = await Promise.all(desks.map(async ({ signer }, index) => (await countSent(signer.address)) - (before[index] ?? 0)))
    expect(sent).toEqual([2, 1])
    await again.cashier.close()
    await desks[1]?.cashier.close()
  } finally {
    await rig.close()
  }
})
