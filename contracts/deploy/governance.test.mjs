// Governance against a real chain: set at once, scheduled, read, carried out, taken back; and what people own read, so that an upgrade that loses it is found.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { encodeAbiParameters, encodeFunctionData, keccak256, parseEther, stringToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startAnvil } from '../test/helpers/startAnvil.mjs'
import { readArtifact } from './artifacts.mjs'
import { deploy } from './deploy.mjs'
import { cancelProposal, executeProposal, listGoverned, listPending, listRoles, parseCall, propose } from './governance.mjs'
import { tryOnFork } from './fork.mjs'
import { readJson } from './jsonFile.mjs'
import { LOCAL_DEPLOYER_KEY } from './localChain.mjs'
import { readParameters } from './readParameters.mjs'
import { compareStates, readState } from './readState.mjs'
import { rehearseUpgrade } from './rehearse.mjs'

const DELAY_SECONDS = 3_600
const script = join(import.meta.dirname, '..', 'scripts', 'govern.mjs')
const governor = privateKeyToAccount(LOCAL_DEPLOYER_KEY)
let anvil
let directory
let contracts
const options = () => ({ rpcUrl: anvil.rpcUrl, account: LOCAL_DEPLOYER_KEY, directory })
const read = () => readParameters({ rpcUrl: anvil.rpcUrl, contracts })
const govern = async (...words) => (await promisify(execFile)(process.execPath, [script, ...words, '--rpc-url', anvil.rpcUrl, '--directory', directory])).stdout
const pass = async (seconds) => {
  await anvil.control.increaseTime({ seconds })
  await anvil.control.mine({ blocks: 1 })
}

beforeAll(async () => {
  anvil = await startAnvil()
  directory = mkdtempSync(join(tmpdir(), 'streamflow-governance-'))
  contracts = (await deploy({ rpcUrl: anvil.rpcUrl, deployer: LOCAL_DEPLOYER_KEY, parameters: 'local', directory })).contracts
}, 60_000)
afterAll(() => {
  anvil.close()
  rmSync(directory, { recursive: true, force: true })
})

it('knows every governed function, with what it takes', () => {
  const calls = listGoverned()
  expect(calls.map(({ call }) => call)).toEqual(expect.arrayContaining(['rounds.setRoundLength', 'attestationVerifier.setCommittee', 'challenges.setVerifierApproval', 'ticketBroker.haltRedemption', 'accessManager.grantRole']))
  expect(calls.find(({ call }) => call === 'attestationVerifier.setCommittee')).toMatchObject({ inputs: 'address[] added, address[] removed, uint256 newThreshold', role: 'governor' })
})

it('says who may, after how long, and nobody who no longer may', async () => {
  const roles = await listRoles(options())
  const holdersOf = (role) => roles.filter((holder) => holder.role === role).map(({ account, delaySeconds }) => [account, delaySeconds])
  expect(['administrator', 'guardian', 'governor', 'minter', 'burner'].map(holdersOf)).toEqual([[[governor.address, 0]], [[governor.address, 0]], [[governor.address, 0]], [['staking', 0]], [['staking', 0]]])
  expect(await govern('roles')).toMatch(/minter.*staking/)
})

it('refuses what it cannot read, before anything is sent', () => {
  expect(() => parseCall({ call: 'rounds.setRoundLength', args: [] })).toThrow(/takes uint256/)
  expect(() => parseCall({ call: 'rounds.setRoundLength', args: ['-1'] })).toThrow(/expected uint256/)
  expect(() => parseCall({ call: 'rounds.upgradeToAndCall', args: ['0x', '0x'] })).toThrow(/cannot call/)
  expect(() => parseCall({ call: 'challenges.setVerifierApproval', args: [contracts.rounds, 'yes'] })).toThrow(/expected bool/)
})

it('sets at once what has no delay: a length, a committee, a verifier; and tells the contract\'s own refusal', async () => {
  expect(await govern('propose', 'staking.setMaxCommissionStep', '50000')).toContain('is done')
  await propose({ ...options(), call: 'challenges.setVerifierApproval', args: [contracts.attestationVerifier, 'false'] })
  await propose({ ...options(), call: 'challenges.setVerifierApproval', args: [contracts.attestationVerifier, 'true'] })
  await propose({ ...options(), call: 'attestationVerifier.setCommittee', args: [`${contracts.rounds},${contracts.staking}`, '', '2'] })
  const { staking, attestationVerifier } = await read()
  expect(staking.maxCommissionStep).toBe(50_000)
  expect(attestationVerifier).toMatchObject({ threshold: 2n, attesters: expect.arrayContaining([contracts.rounds, contracts.staking]) })
  await expect(propose({ ...options(), call: 'attestationVerifier.setCommittee', args: ['', '', '3'] })).rejects.toThrow(/revert/i)
  const stranger = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'
  await expect(propose({ ...options(), account: stranger, call: 'rounds.setRoundLength', args: ['900'] })).rejects.toThrow(/may not call/)
})

it('schedules, shows, carries out and takes back what has a delay', async () => {
  await propose({ ...options(), call: 'accessManager.grantRole', args: ['2', governor.address, String(DELAY_SECONDS)] })
  expect(await govern('propose', 'rounds.setRoundLength', '1200')).toContain('can be executed from')
  const proposal = await propose({ ...options(), call: 'staking.setMinimumStake', args: [String(parseEther('7')), String(parseEther('3'))] })
  expect(await propose({ ...options(), call: 'staking.setMinimumStake', args: [String(parseEther('7')), String(parseEther('3'))] }), 'again changes nothing').toEqual(proposal)
  const pending = await listPending(options())
  expect(pending.map(({ call, args }) => [call, ...args])).toEqual([['rounds.setRoundLength', 1_200n], ['staking.setMinimumStake', parseEther('7'), parseEther('3')]])
  expect(await govern('pending')).toContain('rounds.setRoundLength')
  await expect(executeProposal({ ...options(), id: proposal.id })).rejects.toThrow(/AccessManagerNotReady/)
  await cancelProposal({ ...options(), id: proposal.id })
  await pass(DELAY_SECONDS)
  expect(await govern('execute', pending[0].id)).toContain('is executed')
  expect(await listPending(options())).toEqual([])
  await expect(executeProposal({ ...options(), id: proposal.id })).rejects.toThrow(/nothing waits/)
  await pass(DELAY_SECONDS) // from the next round on
  const { rounds, staking } = await read()
  expect(rounds.roundLength).toBe(1_200n)
  expect(staking.minimumStake).toBe(parseEther('1000'))
})

/** Somebody has funds, and stands for a reserve. */
async function fund() {
  const { abi } = readArtifact('TicketBroker')
  const send = async (functionName, args, value) => anvil.control.waitForTransactionReceipt({ hash: await anvil.control.sendTransaction({ account: governor, to: contracts.ticketBroker, value, data: encodeFunctionData({ abi, functionName, args }) }) })
  await send('fundDepositAndReserve', [parseEther('1'), parseEther('1'), parseEther('1')], parseEther('3'))
}

it('reads what each account owns, as of any block', async () => {
  const deployment = readJson(join(directory, '31337.json'))
  const blockNumber = await anvil.client.getBlockNumber({ cacheTime: 0 })
  await fund()
  const before = await readState({ rpcUrl: anvil.rpcUrl, deployment, blockNumber })
  const changed = compareStates(before, await readState({ rpcUrl: anvil.rpcUrl, deployment }))
  for (const what of [`ticketBroker.senderInfo(${governor.address}) `, 'ticketBroker: wei ']) expect(changed.some((each) => each.startsWith(what)), changed.join('\n')).toBe(true)
  expect(changed.every((each) => each.startsWith('ticketBroker'))).toBe(true)
})

it('finds in a rehearsal that new code looks for what people own where it is not', async () => {
  const { namespace } = readJson(join(import.meta.dirname, '..', 'storage', 'Staking.json'))
  const slot = (BigInt(keccak256(encodeAbiParameters([{ type: 'uint256' }], [BigInt(keccak256(stringToHex(namespace))) - 1n]))) & ~255n).toString(16)
  const artifacts = ['Staking', 'Bonding'].map(readArtifact)
  const bytecodes = artifacts.map(({ bytecode }) => bytecode)
  expect(bytecodes[0]).toContain(slot)
  const elsewhere = slot.replace(/^.{6}/, 'abcdef')
  for (const artifact of artifacts) artifact.bytecode = artifact.bytecode.replaceAll(slot, elsewhere)
  try {
    const rehearsal = tryOnFork(anvil.rpcUrl, (rpcUrl) => rehearseUpgrade({ rpcUrl, directory }))
    await expect(rehearsal).rejects.toThrow(/the upgrade changed \d+ of \d+ readings: .*staking\./)
  } finally {
    artifacts.forEach((artifact, index) => Object.assign(artifact, { bytecode: bytecodes[index] }))
  }
})

it('explains itself, with an example', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--help'])
  const [, call, argument] = /Example: govern propose (\S+) (\S+)/.exec(stdout) ?? []
  expect(() => parseCall({ call, args: [argument] })).not.toThrow()
})
