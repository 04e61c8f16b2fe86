// An upgrade against a real chain, with live state: found, created, compared, scheduled, executed after its delay, taken back.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeFunctionData, getAddress, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startAnvil } from '../test/helpers/startAnvil.mjs'
import { readArtifact } from './artifacts.mjs'
import { encodeCreation } from './creation.mjs'
import { deploy } from './deploy.mjs'
import { LOCAL_DEPLOYER_KEY } from './localChain.mjs'
import { IMPLEMENTATIONS, LIBRARIES } from './plan.mjs'
import { readImplementation } from './readParameters.mjs'
import { compareCode, executeUpgrade, prepareUpgrade, rollBack, scheduleUpgrade } from './upgrade.mjs'

const DELAY_SECONDS = 3_600
const administrator = privateKeyToAccount(LOCAL_DEPLOYER_KEY)
const { abi } = readArtifact('TicketBroker')

describe('upgrade', () => {
  let anvil
  let directory
  let contracts
  let old
  const options = () => ({ rpcUrl: anvil.rpcUrl, account: LOCAL_DEPLOYER_KEY, directory })
  const send = async (request) => anvil.client.waitForTransactionReceipt({ hash: await anvil.control.sendTransaction({ account: administrator, ...request }) })
  const staleOf = (compared) => compared.flatMap(({ name, isCurrent }) => (isCurrent ? [] : [name]))
  const running = async () => getAddress(await readImplementation(anvil.client, contracts.ticketBroker))

  beforeEach(async () => {
    anvil = await startAnvil()
    directory = mkdtempSync(join(tmpdir(), 'streamflow-upgrade-'))
    contracts = (await deploy({ rpcUrl: anvil.rpcUrl, deployer: LOCAL_DEPLOYER_KEY, parameters: 'local', directory })).contracts
    // Another version: linked with libraries of its own.
    const at = { ...contracts, ...Object.fromEntries(LIBRARIES.map((name, index) => [`library:${name}`, `0x${'0'.repeat(39)}${index + 1}`])) }
    old = getAddress((await send({ data: encodeCreation(IMPLEMENTATIONS.ticketBroker, at) })).contractAddress)
    await send({ to: contracts.ticketBroker, data: encodeFunctionData({ abi, functionName: 'upgradeToAndCall', args: [old, '0x'] }) })
    await send({ to: contracts.accessManager, data: encodeFunctionData({ abi: readArtifact('AccessManager').abi, functionName: 'grantRole', args: [0n, administrator.address, DELAY_SECONDS] }) })
    await send({ to: contracts.ticketBroker, value: parseEther('3'), data: encodeFunctionData({ abi, functionName: 'fundDepositAndReserve', args: [parseEther('1'), parseEther('1'), parseEther('1')] }) })
  }, 60_000)

  afterEach(() => {
    anvil.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('finds what differs, changes it after the delay, keeps what it holds, and finds the way back', async () => {
    expect(staleOf(await compareCode(options()))).toEqual(['ticketBroker'])
    const { ticketBroker: next } = await prepareUpgrade(options())
    expect(await running(), 'nobody is affected yet').toBe(old)
    expect(await prepareUpgrade(options()), 'again creates nothing').toEqual({ ticketBroker: next })

    const [{ when }] = await scheduleUpgrade(options())
    expect(await scheduleUpgrade(options()), 'again changes nothing').toEqual([{ name: 'ticketBroker', when }])
    await expect(executeUpgrade(options())).rejects.toThrow(/AccessManagerNotReady/)
    await anvil.control.increaseTime({ seconds: DELAY_SECONDS })
    await anvil.control.mine({ blocks: 1 })
    expect(await executeUpgrade(options())).toEqual(['ticketBroker'])
    expect(await running()).toBe(next)
    expect(staleOf(await compareCode(options()))).toEqual([])
    const held = await anvil.client.readContract({ address: contracts.ticketBroker, abi, functionName: 'senderInfo', args: [administrator.address] })
    expect(held).toMatchObject({ deposit: parseEther('1'), reserve: parseEther('1'), escrow: parseEther('1') })

    expect(await rollBack(options()), 'that waits too').toEqual([])
    await anvil.control.increaseTime({ seconds: DELAY_SECONDS })
    await anvil.control.mine({ blocks: 1 })
    expect(await rollBack(options())).toEqual(['ticketBroker'])
    expect(await running()).toBe(old)
  })

  it('is not for anybody, and of no chain but its own', async () => {
    const stranger = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'
    await prepareUpgrade({ ...options(), account: stranger })
    await expect(scheduleUpgrade({ ...options(), account: stranger })).rejects.toThrow(/may not upgrade/)
    await expect(compareCode({ ...options(), directory: tmpdir() })).rejects.toThrow(/no deployment/)
  })
})
