import { roundsAbi } from '@streamflow/contracts'
import { createPrivateKey } from '@streamflow/sdk/payments'
import { createWalletClient, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, it } from 'vitest'
import { developmentKey } from '../../../examples/network/accounts.mjs'
import { describeLocalChain } from '../../../examples/network/startChain.mjs'
import { createChain } from '../../../orchestrator/src/adapters/chain/createChain.js'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { ChainRig } from '../../payments/ChainRig.js'

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
    const begin = () => wallet.writeContract({ address: contracts.rounds, abi: roundsAbi, functionName: 'initializeRound' })
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
