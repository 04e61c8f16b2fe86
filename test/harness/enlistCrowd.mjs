// Puts orchestrators on a local chain that bonded what they must and registered, whether anybody is there or not. Their accounts
// are anvil's to use: nothing is signed.
import { createTestClient, http, parseEther, publicActions, stringToHex, walletActions } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { serviceRegistryAbi, stakingAbi, streamflowTokenAbi } from '@streamflow/contracts'
import { services } from '@streamflow/sdk/payments'
import { deployerKey } from '../../examples/network/accounts.mjs'

/** So many are set up in one block each step: a block of anvil's has 30 million gas. */
const atOnce = 60
const gas = 450_000n
const offer = [[services.Transcoding], [stringToHex('local', { size: 32 })]]

/**
 * To be called while the chain makes a block for each transaction, before their stake's round begins (see `startNetwork`'s `enlist`).
 * @param {object} options
 * @param {import('@streamflow/sdk/chain').Network} options.network
 * @param {{ address: `0x${string}`, uri: string }[]} options.members
 */
export async function enlistCrowd({ network, members }) {
  const { token, staking, serviceRegistry } = network.contracts
  const client = createTestClient({ mode: 'anvil', transport: http(network.rpcUrls[0]), pollingInterval: 50 }).extend(publicActions).extend(walletActions)
  const deployer = privateKeyToAddress(deployerKey)
  const stake = await client.readContract({ address: staking, abi: stakingAbi, functionName: 'minimumStake' })
  /** One transaction of each, all in one block. */
  const step = async (some, describe) => {
    const hashes = []
    for (const member of some) hashes.push(await client.writeContract({ chain: null, gas, ...describe(member) }))
    await client.mine({ blocks: 1 })
    for (const hash of hashes) {
      const { status } = await client.getTransactionReceipt({ hash })
      if (status !== 'success') throw new Error(`the crowd could not be enlisted: ${hash} reverted`)
    }
  }
  for (const address of [deployer, ...members.map((member) => member.address)]) await client.impersonateAccount({ address })
  for (const { address } of members) await client.setBalance({ address, value: parseEther('10') })
  await client.setAutomine(false)
  for (let from = 0; from < members.length; from += atOnce) {
    const some = members.slice(from, from + atOnce)
    await step(some, ({ address }) => ({ account: deployer, address: token, abi: streamflowTokenAbi, functionName: 'transfer', args: [address, stake] }))
    await step(some, ({ address: account }) => ({ account, address: token, abi: streamflowTokenAbi, functionName: 'approve', args: [staking, stake] }))
    await step(some, ({ address: account }) => ({ account, address: staking, abi: stakingAbi, functionName: 'bond', args: [stake, account] }))
    await step(some, ({ address: account, uri }) => ({ account, address: serviceRegistry, abi: serviceRegistryAbi, functionName: 'register', args: [uri, ...offer] }))
  }
  await client.setAutomine(true)
  await client.stopImpersonatingAccount({ address: deployer })
}
