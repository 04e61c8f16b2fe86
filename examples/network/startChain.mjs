// The local chain: anvil with all contracts on it. It is set up in the past, two rounds' worth of work without waiting,
// and then brought to the present, where it makes a block a second.
import { join } from 'node:path'
import { createPublicClient, createTestClient, createWalletClient, defineChain, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { roundsAbi } from '@streamflow/contracts'
import { deploy, parameterSets } from '@streamflow/contracts/deploy'
import { deployerKey, localChainId } from './accounts.mjs'
import { startChild } from './startChild.mjs'

const blockTimeSeconds = 1
const startTimeoutMs = 15_000
/** Blocks after which an orchestrator takes a round for begun, and one more. */
const blocksOnTop = 7
/** How long after its round began the chain reaches the present, as a share of a round. */
const roundsInPast = 1.5

/** @typedef {Awaited<ReturnType<typeof deploy>>} Deployment */

/** @param {string} rpcUrl */
export const describeLocalChain = (rpcUrl) => defineChain({ id: localChainId, name: 'Local network', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [rpcUrl] } } })

/** Waits until the chain answers. */
async function untilAnswers(child, rpcUrl) {
  const client = createPublicClient({ transport: http(rpcUrl, { retryCount: 0, timeout: 1_000 }) })
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    try {
      return await client.getChainId()
    } catch (error) {
      if (!child.isRunning()) throw new Error(`anvil ended at once:\n${child.tail()}`)
      if (Date.now() > deadline) throw new Error(`anvil did not answer at ${rpcUrl} within ${startTimeoutMs / 1_000} s`, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/**
 * Starts anvil and deploys.
 * @param {{ anvil: string, port: number, folder: string, roundLengthSeconds?: number }} options - `anvil`: path of the program
 * @returns {Promise<{ child: import('./startChild.mjs').Child, rpcUrl: string, deployment: Deployment, catchUp(): Promise<void> }>}
 *   until `catchUp` each transaction is a block of its own, at once, in the past; from then on a block comes each second
 */
export async function startChain({ anvil, port, folder, roundLengthSeconds = parameterSets.local.rounds.length }) {
  const { local } = parameterSets
  const parameters = { ...local, rounds: { ...local.rounds, length: roundLengthSeconds } }
  const rpcUrl = `http://127.0.0.1:${port}`
  const genesis = Math.floor(Date.now() / 1_000 - roundsInPast * roundLengthSeconds)
  const child = startChild({
    name: 'anvil',
    command: anvil,
    args: ['--port', String(port), '--chain-id', String(localChainId), '--timestamp', String(genesis), '--prune-history', '1000', '--silent'],
    logFile: join(folder, 'anvil.log'),
  })
  try {
    await untilAnswers(child, rpcUrl)
    const deployment = await deploy({ rpcUrl, deployer: deployerKey, parameters, directory: join(folder, 'deployments') })
    const chain = describeLocalChain(rpcUrl)
    const client = createTestClient({ mode: 'anvil', chain, transport: http(rpcUrl) })
    const wallet = createWalletClient({ account: privateKeyToAccount(deployerKey), chain, transport: http(rpcUrl) })
    return {
      child,
      rpcUrl,
      deployment,
      async catchUp() {
        await client.setNextBlockTimestamp({ timestamp: BigInt(Math.floor(Date.now() / 1_000)) - BigInt(blocksOnTop + 2) })
        await client.mine({ blocks: 1 })
        // Tickets carry their round's block hash, so nobody can sell before somebody initialized it.
        await wallet.writeContract({ address: deployment.contracts.rounds, abi: roundsAbi, functionName: 'initializeRound' })
        // Nor before that is final.
        await client.mine({ blocks: blocksOnTop, interval: 1 })
        await client.setIntervalMining({ interval: blockTimeSeconds })
      },
    }
  } catch (error) {
    await child.stop()
    throw error
  }
}
