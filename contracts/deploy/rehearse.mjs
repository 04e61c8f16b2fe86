// An upgrade of every proxy on a fork, with the state that is there now: nothing of it reaches the chain that was forked.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFunctionData } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { readArtifact } from './artifacts.mjs'
import { controlFork } from './fork.mjs'
import { PROXIED } from './plan.mjs'
import { readParameters } from './readParameters.mjs'
import { compareStates, readState } from './readState.mjs'
import { openScene } from './scene.mjs'
import { compareCode, executeUpgrade, prepareUpgrade, scheduleUpgrade } from './upgrade.mjs'

/** Differences that are told. */
const TOLD = 10
const ETHER = 10n ** 18n

/**
 * @param {object} options
 * @param {string} options.rpcUrl - of a fork (`anvil --fork-url URL`), which is changed
 * @param {string} options.directory - where <chainId>.json of the forked chain is; it is only read
 * @param {(line: string) => void} [options.log]
 * @returns {Promise<string[]>} names of the contracts that were upgraded, and kept all that can be read of them
 * @throws {Error} naming what differs afterwards
 */
export async function rehearseUpgrade({ rpcUrl, directory, log = () => {} }) {
  const key = generatePrivateKey()
  const scratch = mkdtempSync(join(tmpdir(), 'streamflow-rehearsal-'))
  try {
    const { client, chainId, deployment } = await openScene({ rpcUrl, account: key, directory })
    copyFileSync(join(directory, `${chainId}.json`), join(scratch, `${chainId}.json`))
    const { contracts } = deployment
    const { roles } = await readParameters({ rpcUrl, contracts })
    const control = controlFork(rpcUrl, client.chain)
    await becomeAdministrator({ control, client, contracts, account: privateKeyToAccount(key).address, administrators: roles.members[0n] ?? [] })
    const options = { rpcUrl, account: key, directory: scratch, log }
    await prepareUpgrade({ ...options, names: Object.keys(PROXIED) })
    await scheduleUpgrade(options)
    // Read now: days may have passed on the fork, and with them rounds. From here to the end no time does.
    await control.setBlockTimestampInterval({ interval: 0 })
    const before = await readState({ rpcUrl, deployment })
    const done = await executeUpgrade(options)
    const stale = (await compareCode(options)).filter(({ isCurrent }) => !isCurrent)
    if (stale.length > 0) throw new Error(`not the code of the artifacts: ${stale.map(({ name }) => name).join(', ')}`)
    const differing = compareStates(before, await readState({ rpcUrl, deployment }))
    if (differing.length > 0) throw new Error(`the upgrade changed ${differing.length} of ${before.size} readings: ${differing.slice(0, TOLD).join(', ')}`)
    log(`${before.size} readings, of contracts, accounts, stakes, deposits, rounds and challenges, are what they were`)
    return done
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** On a fork anybody can act for the administrator: it lets `account` upgrade without a delay. */
async function becomeAdministrator({ control, client, contracts, account, administrators }) {
  const [administrator] = administrators
  if (administrator === undefined) throw new Error('nobody administers this deployment')
  const { abi } = readArtifact('AccessManager')
  const { accessManager: address } = contracts
  for (const each of [administrator, account]) await control.setBalance({ address: each, value: 1_000n * ETHER })
  await control.impersonateAccount({ address: administrator })
  const send = async (functionName, args) => {
    const hash = await control.sendTransaction({ account: administrator, to: address, data: encodeFunctionData({ abi, functionName, args }) })
    const { status } = await control.waitForTransactionReceipt({ hash })
    if (status !== 'success') throw new Error(`the administrator could not ${functionName}`)
  }
  const grant = encodeFunctionData({ abi, functionName: 'grantRole', args: [0n, account, 0] })
  const [isMember, executionDelay] = await client.readContract({ address, abi, functionName: 'hasRole', args: [0n, administrator] })
  if (!isMember) throw new Error(`${administrator} is not the administrator any more`)
  if (executionDelay === 0) return send('grantRole', [0n, account, 0])
  await send('schedule', [address, grant, 0])
  await control.increaseTime({ seconds: executionDelay })
  await control.mine({ blocks: 1 })
  await send('execute', [address, grant])
}
