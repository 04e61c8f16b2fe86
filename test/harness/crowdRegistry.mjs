// Fills the registry of a local network with orchestrators that bonded what they must and are there, or are not. Their accounts
// are anvil's to use: nothing is signed.
import { createTestClient, http, parseEther, publicActions, walletActions } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { serviceRegistryAbi, stakingAbi, streamflowTokenAbi } from '@streamflow/contracts'
import { deployerKey } from '../../examples/network/accounts.mjs'

const deployer = privateKeyToAddress(deployerKey)
/** So many accounts are set up at once. */
const atOnce = 200
const receiptTimeoutMs = 120_000

/**
 * @param {object} options
 * @param {import('@streamflow/sdk/chain').Network} options.network
 * @param {{ address: `0x${string}`, uri: string }[]} options.entries
 * @param {{ services: `0x${string}`[], regions: `0x${string}`[] }} options.offer
 */
export async function crowdRegistry({ network, entries, offer }) {
  const { token, staking, serviceRegistry } = network.contracts
  const client = createTestClient({ mode: 'anvil', transport: http(network.rpcUrls[0]), pollingInterval: 100 }).extend(publicActions).extend(walletActions)
  const stake = await client.readContract({ address: staking, abi: stakingAbi, functionName: 'minimumStake' })
  const send = (account, address, abi, functionName, args) => client.writeContract({ account, chain: null, address, abi, functionName, args, gas: 1_500_000n })
  const confirm = async (hashes) => {
    for (const hash of hashes) {
      const { status } = await client.waitForTransactionReceipt({ hash, timeout: receiptTimeoutMs })
      if (status !== 'success') throw new Error(`the registry could not be filled: ${hash} reverted`)
    }
  }
  for (const address of [deployer, ...entries.map((entry) => entry.address)]) await client.impersonateAccount({ address })
  for (let from = 0; from < entries.length; from += atOnce) {
    const some = entries.slice(from, from + atOnce)
    for (const { address } of some) await client.setBalance({ address, value: parseEther('10') })
    const given = []
    for (const { address } of some) given.push(await send(deployer, token, streamflowTokenAbi, 'transfer', [address, stake]))
    await confirm(given)
    const steps = []
    for (const { address, uri } of some) {
      steps.push(await send(address, token, streamflowTokenAbi, 'approve', [staking, stake]))
      steps.push(await send(address, staking, stakingAbi, 'bond', [stake, address]))
      steps.push(await send(address, serviceRegistry, serviceRegistryAbi, 'register', [uri, offer.services, offer.regions]))
    }
    await confirm(steps)
  }
}
