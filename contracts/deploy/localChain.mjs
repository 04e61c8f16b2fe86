// What is special about a development chain on this machine: its accounts' keys are public, so they are used there and
// nowhere else.
import { createPublicClient, http } from 'viem'

/** Chain id of anvil and hardhat. */
export const LOCAL_CHAIN_ID = 31_337

/** Key of the first account of anvil's well-known mnemonic; worthless on any other chain. */
export const LOCAL_DEPLOYER_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

/** Whether an RPC URL leads to a local development chain. */
export async function isLocal(rpcUrl) {
  return (await createPublicClient({ transport: http(rpcUrl) }).getChainId()) === LOCAL_CHAIN_ID
}
