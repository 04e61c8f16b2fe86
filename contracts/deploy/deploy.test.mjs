// The deployment against a real chain: complete, repeatable, resumable, and with the parameters and roles asked for.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startAnvil } from '../test/helpers/startAnvil.mjs'
import { readArtifact } from './artifacts.mjs'
import { deploy } from './deploy.mjs'
import { describeFailure } from './describeFailure.mjs'
import { LOCAL_DEPLOYER_KEY } from './localChain.mjs'
import { parameterSets } from './parameterSets.mjs'
import { readParameters } from './readParameters.mjs'
import { describeCost, rehearseDeployment } from './rehearseDeployment.mjs'

const deployer = privateKeyToAccount(LOCAL_DEPLOYER_KEY).address
const admin = getAddress('0x70997970c51812dc3a010c7d01b50e0d17dc79c8')

describe('deploy', () => {
  let anvil
  let rpcUrl
  let directory
  let client

  beforeEach(async () => {
    anvil = await startAnvil()
    ;({ rpcUrl, client } = anvil)
    directory = mkdtempSync(join(tmpdir(), 'streamflow-deploy-'))
  })

  afterEach(() => {
    anvil.close()
    rmSync(directory, { recursive: true, force: true })
  })

  const run = (options) => deploy({ rpcUrl, deployer: LOCAL_DEPLOYER_KEY, parameters: 'local', directory, ...options })
  const isMember = async ({ accessManager: address }, role, account) => {
    const [member] = await client.readContract({ address, abi: readArtifact('AccessManager').abi, functionName: 'hasRole', args: [role, account] })
    return member
  }

  it('puts every contract on chain with the parameters asked for, and again sends nothing', async () => {
    const deployment = await run()
    expect(deployment).toMatchObject({ chainId: 31_337, rpcUrls: [rpcUrl] })
    expect(Object.keys(deployment.contracts).sort()).toEqual(['accessManager', 'attestationVerifier', 'challenges', 'rounds', 'serviceRegistry', 'staking', 'ticketBroker', 'token'])
    const live = await readParameters({ rpcUrl, contracts: deployment.contracts })
    const { local } = parameterSets
    expect(live.rounds).toMatchObject({ roundLength: BigInt(local.rounds.length), paused: false, authority: deployment.contracts.accessManager })
    expect(live.ticketBroker).toMatchObject({ ticketValidityPeriod: 2n, unlockPeriod: 2n, escrowBurnShare: local.ticketBroker.escrowBurnShare })
    expect(live.staking).toMatchObject({ minimumStake: BigInt(local.staking.minimumStake), unbondingPeriod: BigInt(local.staking.unbondingPeriod) })
    expect(live.challenges.parameters).toMatchObject({ bond: BigInt(local.challenges.bond), attesterShare: local.challenges.attesterShare })
    expect(live.serviceRegistry.listed.map((items) => items.length)).toEqual([local.services.length, local.regions.length])
    expect(live.roles.members).toMatchObject({ 0: [deployer], 1: [deployer], 2: [deployer], 3: [deployment.contracts.staking], 4: [deployment.contracts.staking] })
    expect(live.token.totalSupply).toBe(BigInt(local.token.initialSupply))
    const block = await client.getBlockNumber()
    expect(await run()).toEqual(deployment)
    expect(await client.getBlockNumber()).toBe(block)
  })

  it('publishes no endpoint that may hold a key, but those that it is told', async () => {
    await expect(run({ rpcUrl: `${rpcUrl}/v2/secret` })).rejects.toThrow(/publicRpcUrls/)
    expect((await run({ publicRpcUrls: ['https://rpc.example.org'] })).rpcUrls).toEqual(['https://rpc.example.org'])
  })

  it('goes on where it was cut off, whichever step that was', async () => {
    let sent = 0
    const cuts = [1, 6, 11, 20, 33]
    for (const stopAt of cuts) {
      const cutOff = () => {
        sent += 1
        if (sent === stopAt) throw new Error('cut off')
      }
      await expect(run({ log: cutOff })).rejects.toThrow('cut off')
      expect(readdirSync(directory)).toEqual(['31337.partial.json'])
    }
    const names = []
    await run({ log: (line) => names.push(line.split(' ')[0]) })
    expect(readdirSync(directory)).toEqual(['31337.json'])
    expect(names.length).toBeGreaterThan(0)
    expect(new Set(names).size).toBe(names.length)
    expect(await client.getTransactionCount({ address: deployer })).toBe(sent - cuts.length + names.length)
  })

  it('starts over on a chain that has never seen the deployment on record', async () => {
    const first = await run()
    const rest = { ...first, genesisHash: `0x${'0'.repeat(64)}` }
    writeFileSync(join(directory, '31337.json'), JSON.stringify(rest))
    const second = await run()
    expect(second.contracts.ticketBroker).not.toBe(first.contracts.ticketBroker)
  })

  it('leaves the deployer nothing when another account administers', async () => {
    const { contracts } = await run({ admin })
    expect(await isMember(contracts, 0n, admin)).toBe(true)
    expect(await isMember(contracts, 0n, deployer)).toBe(false)
    expect(await isMember(contracts, 1n, admin)).toBe(true)
    expect(await isMember(contracts, 3n, deployer)).toBe(false)
    expect(await isMember(contracts, 3n, contracts.staking)).toBe(true)
    const supply = await client.readContract({ address: contracts.token, abi: readArtifact('StreamflowToken').abi, functionName: 'balanceOf', args: [admin] })
    expect(supply).toBe(BigInt(parameterSets.local.token.initialSupply))
  })

  it('does not go on with other accounts than it was begun with', async () => {
    let sent = 0
    const cutOff = () => {
      sent += 1
      if (sent === 6) throw new Error('cut off')
    }
    await expect(run({ log: cutOff })).rejects.toThrow('cut off')
    await expect(run({ admin })).rejects.toThrow(/other accounts/)
    await run()
  })

  it('lets administrator and governor act only after the delays asked for', async () => {
    const { local } = parameterSets
    const { contracts } = await run({ parameters: { ...local, governance: { adminDelay: 3_600, governorDelay: 600 } }, admin })
    const { abi } = readArtifact('AccessManager')
    const delayOf = async (role) => (await client.readContract({ address: contracts.accessManager, abi, functionName: 'hasRole', args: [role, admin] }))[1]
    expect([await delayOf(0n), await delayOf(1n), await delayOf(2n)]).toEqual([3_600, 0, 600])
    const { roles } = await readParameters({ rpcUrl, contracts })
    expect(roles.delays).toMatchObject({ 0: { [admin]: 3_600 }, 2: { [admin]: 600 } })
  })

  it('rehearses on a fork: what the contracts refuse is told by name, what it costs is told, and nothing is sent', async () => {
    const { local } = parameterSets
    const rehearse = (parameters) => rehearseDeployment({ rpcUrl, deployer: LOCAL_DEPLOYER_KEY, parameters, admin })
    const refused = await rehearse({ ...local, ticketBroker: { ...local.ticketBroker, unlockPeriod: 60 } }).catch(describeFailure)
    expect(refused).toBe('the contract refuses it: TicketBrokerInvalidParameters(2, 60, 7, 1000000)')
    const outcome = await rehearse(local)
    expect(outcome.balance).toBe(await client.getBalance({ address: deployer }))
    expect(describeCost(outcome)).toMatch(/ the deployer has 10000 ETH$/)
    expect(describeCost({ ...outcome, balance: outcome.cost - 1n })).toMatch(/: send it 0\.000000000000000001 more$/)
    expect(await client.getBlockNumber({ cacheTime: 0 })).toBe(0n)
    expect(readdirSync(directory)).toEqual([])
  })

  it('names the parameter sets it knows', async () => {
    await expect(run({ parameters: 'mainnet' })).rejects.toThrow(/local, testnet/)
  })
})
