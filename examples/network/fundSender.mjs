// Puts up what backs a broadcaster's tickets: a deposit, a reserve that stands for orchestrators in equal shares, and an escrow
// to lose.
import { createPublicClient, createWalletClient, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { ticketBrokerAbi } from '@streamflow/contracts'
import { describeLocalChain } from './startChain.mjs'

/** What orchestrators want to see by default, twice: one penalty does not end a broadcast. */
const usualEscrow = 2n * 10n ** 16n

/**
 * @param {{ rpcUrl: string, ticketBroker: `0x${string}`, key: `0x${string}`, orchestrators: `0x${string}`[], deposit: bigint, reserve: bigint, escrow?: bigint }} options - amounts in wei
 */
export async function fundSender({ rpcUrl, ticketBroker, key, orchestrators, deposit, reserve, escrow = usualEscrow }) {
  const chain = describeLocalChain(rpcUrl)
  const publicClient = createPublicClient({ chain, transport: http(rpcUrl), pollingInterval: 100 })
  const wallet = createWalletClient({ account: privateKeyToAccount(key), chain, transport: http(rpcUrl) })
  const send = async (request) => {
    const hash = await wallet.writeContract({ address: ticketBroker, abi: ticketBrokerAbi, ...request })
    const { status } = await publicClient.waitForTransactionReceipt({ hash })
    if (status !== 'success') throw new Error(`${request.functionName} reverted in ${hash}`)
  }
  await send({ functionName: 'fundDepositAndReserve', args: [deposit, reserve, escrow], value: deposit + reserve + escrow })
  if (reserve > 0n) await send({ functionName: 'designateReserve', args: [orchestrators, orchestrators.map(() => reserve / BigInt(orchestrators.length))] })
}
