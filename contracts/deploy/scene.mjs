// What a step of an administrator or governor works with: the chain, the deployment on record, who sends.
import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { readArtifact } from './artifacts.mjs'
import { connect } from './connect.mjs'
import { readJson } from './jsonFile.mjs'

/**
 * @typedef {object} SceneOptions
 * @property {string} rpcUrl - HTTP RPC of the chain
 * @property {`0x${string}` | import('viem').LocalAccount} account - who sends
 * @property {string} directory - where <chainId>.json is
 * @property {(line: string) => void} [log] - told of every step
 */

/**
 * Opens it.
 * @param {SceneOptions} options
 * @throws {Error} if there is no deployment of this chain on record
 */
export async function openScene({ rpcUrl, account, directory, log = () => {} }) {
  const signer = typeof account === 'string' ? privateKeyToAccount(account) : account
  const { publicClient: client, wallet, chainId } = await connect(rpcUrl, signer)
  const deployment = readJson(join(directory, `${chainId}.json`))
  if (deployment === undefined) throw new Error(`there is no deployment of chain ${chainId} in ${directory}`)
  const genesisHash = (await client.getBlock({ blockNumber: 0n })).hash
  if (deployment.genesisHash !== genesisHash) throw new Error(`the deployment in ${directory} is of another chain`)
  const { abi } = readArtifact('AccessManager')
  const { accessManager: address } = deployment.contracts
  const settle = async (hash, what) => {
    const receipt = await client.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`could not ${what}: ${hash} reverted`)
    return receipt
  }
  return {
    client,
    wallet,
    chainId,
    deployment,
    log,
    readManager: (functionName, args) => client.readContract({ address, abi, functionName, args }),
    send: async (request, what) => settle(await wallet.sendTransaction(request), what),
    /** Calls the AccessManager; what it would refuse is told by its own error, before anything is sent. */
    async manage(functionName, args, what) {
      const { request } = await client.simulateContract({ address, abi, functionName, args, account: wallet.account })
      await settle(await wallet.writeContract(request), what)
    },
  }
}
