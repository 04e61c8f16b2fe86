// A deployment on a fork: whether it would succeed with these parameters and accounts, and what it would cost.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { connect } from './connect.mjs'
import { deploy } from './deploy.mjs'
import { controlFork, tryOnFork } from './fork.mjs'
import { findUnlike } from './findUnlike.mjs'
import { readParameters } from './readParameters.mjs'

const ETHER = 10n ** 18n

/**
 * Deploys on a fork, with ether that is there only, and reads back what came of it.
 * @param {Parameters<typeof deploy>[0]} options - as for `deploy`; its directory is left alone
 * @returns {Promise<{ transactions: number, gas: bigint, cost: bigint, balance: bigint }>} `cost`: wei, were all gas as dear as now; `balance`: what the deployer has
 * @throws {Error} whatever stops the deployment, or naming what is not as the parameters say
 */
export async function rehearseDeployment(options) {
  const { rpcUrl, deployer, log = () => {} } = options
  const account = typeof deployer === 'string' ? privateKeyToAccount(deployer) : deployer
  const { publicClient } = await connect(rpcUrl, account)
  const balance = await publicClient.getBalance({ address: account.address })
  const { maxFeePerGas } = await publicClient.estimateFeesPerGas()
  const directory = mkdtempSync(join(tmpdir(), 'streamflow-rehearsal-'))
  const hashes = []
  try {
    const gas = await tryOnFork(rpcUrl, async (fork) => {
      const control = controlFork(fork, publicClient.chain)
      await control.setBalance({ address: account.address, value: 1_000_000n * ETHER })
      const note = (line) => {
        hashes.push(line.split(' ')[1])
        log(line)
      }
      const deployment = await deploy({ ...options, rpcUrl: fork, publicRpcUrls: [fork], directory, log: note })
      const unlike = findUnlike(await readParameters({ rpcUrl: fork, ...deployment }), deployment.parameters)
      if (unlike.length > 0) throw new Error(`not as the parameters say: ${unlike.join('; ')}`)
      const receipts = await Promise.all(hashes.map((hash) => control.getTransactionReceipt({ hash })))
      return receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
    })
    return { transactions: hashes.length, gas, cost: gas * maxFeePerGas, balance }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What it comes to, in words. */
export function describeCost({ transactions, gas, cost, balance }) {
  const sum = `${transactions} transactions, ${gas} gas, ${formatEther(cost)} ETH at the present price at most; the deployer has ${formatEther(balance)} ETH`
  return balance >= cost ? sum : `${sum}: send it ${formatEther(cost - balance)} more`
}
