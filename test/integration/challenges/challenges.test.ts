// From a lie to its price, by the commands and the SDK alone: real contracts, members of the committee as processes, real encoders.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attestationVerifierAbi, attestationVerifierHashVerdictFunction, serviceRegistryAbi, stakingStakeOfFunction, streamflowTokenBalanceOfFunction } from '@streamflow/contracts'
import { bond, getChallenge, getChallengeCredit, getChallengeTerms, register, type Evidence } from '@streamflow/sdk'
import { getCurrentRound, getDomain, readContract } from '@streamflow/sdk/chain'
import { createFileEvidenceStore, createKeyFile } from '@streamflow/sdk/node'
import { createKeySigner, describeExactService, hashExactService, hashInput, hashLadder, hashOutputs, hashReceipt, hashVerdict, services, verdictNumbers, type Output } from '@streamflow/sdk/payments'
import { encodeEvidence, hashEvidence } from '@streamflow/sdk/protocol'
import { createWalletClient, http, publicActions, erc20Abi, type Address, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../../../examples/network/findFreePort.mjs'
import { identifyExactEncoder } from '../../../orchestrator/src/transcoding/exact/identifyExactEncoder.js'
import { transcodeExactly } from '../../../orchestrator/src/transcoding/exact/transcodeExactly.js'
import { findConfinement } from '../../../orchestrator/src/transcoding/confinement.js'
import { runProgram } from '../../../sdk/src/node/cli/runProgram.js'
import { anvilKeys, startAnvil, type Anvil } from '../../../sdk/test/startAnvil.js'
import { createFixture } from '../../media-fixtures/matroskaFixture.js'
import { until } from '../../kit/until.js'
import { ExampleLines, fillExample } from '../server/exampleLines.js'
import { ServerProgram, type Running } from '../server/ServerProgram.js'

const token = 10n ** 18n
const roundSeconds = 600
const ladder = [{ name: 'low', width: 160, height: 90, bitrate: 150_000 }] as const
const [liarKey, firstKey, secondKey, thirdKey, victimKey] = Array.from({ length: 5 }, () => generatePrivateKey()) as [Hex, Hex, Hex, Hex, Hex]
const [liar, first, second, third, victim] = [liarKey, firstKey, secondKey, thirdKey, victimKey].map((key) => privateKeyToAccount(key)) as [PrivateKeyAccount, PrivateKeyAccount, PrivateKeyAccount, PrivateKeyAccount, PrivateKeyAccount]

interface Member {
  readonly url: string
  readonly words: readonly string[]
  running: Running
}

/** The examples of commands that want somebody who judges: these are what is typed here. */
const [operatorLines, streamflowLines] = [ExampleLines.ofOperator({ areJudged: true }), ExampleLines.ofStreamflow({ areJudged: true })]
let anvil: Anvil
let folder: string
let program: ServerProgram
let serviceId: Hex
let source: { readonly header: Uint8Array; readonly segment: Uint8Array; readonly outputs: readonly Output[] }
let members: readonly Member[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streamflow-challenges-'))
  const command = { ffmpegPath: 'ffmpeg', confinement: await findConfinement('ffmpeg') }
  const [chain, fixture, encoder, bundled] = await Promise.all([startAnvil(), createFixture({ seconds: 1, rate: 25, width: 320, height: 180 }), identifyExactEncoder(command), ServerProgram.create(folder)])
  anvil = chain
  program = bundled
  serviceId = hashExactService(encoder)
  const segment = new Uint8Array(Buffer.concat((fixture.segments[0]?.chunks ?? []).map(({ bytes }) => bytes)))
  const made = await transcodeExactly(command, { header: fixture.header, segment, ladder })
  if ('refusal' in made) throw made.refusal
  source = { header: fixture.header, segment, outputs: made.map(({ rendition, frames, bytes, hash }) => ({ rendition, frames, bytes, hash })) }
  await populate(describeExactService(encoder))
  members = await startMembers()
})
afterAll(async () => {
  program.killAll()
  await anvil.close()
  await rm(folder, { recursive: true })
})

/** Stake, entries, and who judges: as governance and operators would have it. */
async function populate(description: string): Promise<void> {
  const { network, rpc } = anvil
  const treasury = createWalletClient({ account: privateKeyToAccount(anvilKeys[0]), transport: http(network.rpcUrls[0]), pollingInterval: 20 }).extend(publicActions)
  const send = async (call: object): Promise<void> => void (await treasury.waitForTransactionReceipt({ hash: await treasury.writeContract({ chain: null, ...call } as Parameters<typeof treasury.writeContract>[0]) }))
  for (const { address } of [liar, first, second, third, victim]) {
    await rpc.request('anvil_setBalance', [address, '0x8ac7230489e80000'])
    if (address !== victim.address) await send({ address: network.contracts.token, abi: erc20Abi, functionName: 'transfer', args: [address, 2_000n * token] })
  }
  const { attestationVerifier, serviceRegistry } = network.contracts
  if (serviceId !== services.CPUTranscoding) {
    await send({ address: serviceRegistry, abi: serviceRegistryAbi, functionName: 'describeService', args: [description] })
    await send({ address: serviceRegistry, abi: serviceRegistryAbi, functionName: 'setJudgement', args: [serviceId, { verifier: attestationVerifier, slashRate: 100_000, bountyRate: 250_000 }] })
  }
  await send({ address: attestationVerifier, abi: attestationVerifierAbi, functionName: 'setCommittee', args: [[first.address, second.address, third.address], [], 2n] })
  await Promise.all([liar, first, second, third].map(async (wallet) => {
    await bond({ network, wallet, amount: 2_000n * token })
    await register({ network, wallet, uri: 'https://orchestrator.example', services: [serviceId], regions: ['local'] })
  }))
  await anvil.advance(roundSeconds)
}

/** Two of three: the third never runs. */
async function startMembers(): Promise<readonly Member[]> {
  await writeFile(join(folder, 'network.json'), JSON.stringify(anvil.network))
  await writeFile(join(folder, 'password'), 'correct horse\n')
  const keys = [firstKey, secondKey]
  const example = operatorLines.take('attest').join(' ')
  const urls = await Promise.all(keys.map(async () => `http://127.0.0.1:${await findFreePort(0)}`))
  return Promise.all(keys.map(async (key, i) => {
    const keyFile = join(folder, `key-${i}.json`)
    await createKeyFile(keyFile, { privateKey: Buffer.from(key.slice(2), 'hex'), password: 'correct horse', cost: { n: 1_024, r: 8, p: 1 } })
    const url = urls[i] ?? ''
    const words = [
      ...fillExample(example, { 'https://attester.example.org': url, 'https://second.example.org': urls.find((other) => other !== url) ?? '', 'https://third.example.org': 'http://127.0.0.1:9' }), '--network-file', join(folder, 'network.json'), '--key-file', keyFile, '--key-password-file', join(folder, 'password'), '--data-directory', join(folder, `data-${i}`),
      '--attest-host', '127.0.0.1', '--attest-port', new URL(url).port, '--attest-poll-interval-ms', '200',
    ]
    const member = { url, words, running: program.launch(...words) }
    await isUp(member)
    return member
  }))
}

const isUp = ({ url, running }: Member): Promise<void> => until(`${url}: ${running.errors()}`, async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok === true)

/** What the orchestrator signs about the segment; evidence as the broadcaster keeps it. */
async function work(seq: number, outputs: readonly Output[], service = serviceId): Promise<Evidence> {
  const { network } = anvil
  const domain = getDomain(network)
  const receipt = {
    orchestrator: liar.address.toLowerCase() as Address, broadcaster: victim.address.toLowerCase() as Address, serviceId: service, streamId: `0x${'1'.repeat(64)}` as const, seq, attempt: 0,
    ladderHash: hashLadder(ladder), inputHash: hashInput(source.header, source.segment), outputHash: hashOutputs(outputs),
    inputPixels: 1n, pixels: 1n, fee: 1n, balance: 0n, round: await getCurrentRound(network),
  }
  const signature = createKeySigner(Buffer.from(liarKey.slice(2), 'hex')).sign(hashReceipt(domain, receipt))
  return { domain, receipt: { ...receipt, signature }, ladder, outputs, header: source.header, segment: source.segment, renditions: [], reason: 'the picture is another one', recordedAtMs: Date.now() }
}

async function run(...argv: string[]): Promise<Record<string, unknown>> {
  const [output, errors]: [string[], string[]] = [[], []]
  const environment = { STREAMFLOW_NETWORK: join(folder, 'network.json'), STREAMFLOW_PRIVATE_KEY: victimKey, STREAMFLOW_DIRECTORY: folder }
  process.chdir(folder)
  const code = await runProgram({ argv: [...argv, '--json'], environment, version: '0', print: (text) => void output.push(text), complain: (text) => void errors.push(text) })
  expect(errors.join('\n')).toBe('')
  expect(code).toBe(0)
  return JSON.parse(output.join('\n')) as Record<string, unknown>
}

/** Runs the example of a command. @param names - what is there, by what stands for it in the example */
const runExample = (name: string, names: Readonly<Record<string, string>> = {}) => run(...streamflowLines.take(name, names))
const someChallenge = `0x${'2'.repeat(64)}`

/** Challenges with a file, as a person does. */
async function challengeWith(evidence: Evidence, ...words: string[]): Promise<Hex> {
  const path = join(folder, `${hashEvidence(evidence)}.evidence`)
  await writeFile(path, encodeEvidence(evidence))
  return (await run('challenge', path, '--bond', '0.05', ...words))['challengeId'] as Hex
}

const stateOf = (challengeId: Hex) => getChallenge({ network: anvil.network, challengeId })
const verdictOf = async (challengeId: Hex, verdict: string): Promise<void> => {
  await until(`${verdict}; ${members.map(({ running }) => running.output()).join('\n')}`, async () => (await stateOf(challengeId))?.verdict !== undefined)
  expect((await stateOf(challengeId))?.verdict).toBe(verdict)
}
async function waitOut(challengeId: Hex): Promise<void> {
  while ((await stateOf(challengeId))?.state === 'waiting') await anvil.advance(roundSeconds)
}
async function settle(challengeId: Hex): Promise<void> {
  await waitOut(challengeId)
  await run('challenge', 'settle', challengeId)
}
const creditOf = ({ address }: PrivateKeyAccount) => getChallengeCredit({ network: anvil.network, account: address })
const stakeOfLiar = () => readContract(anvil.rpc, { address: anvil.network.contracts.staking, fragment: stakingStakeOfFunction, args: [liar.address] })
const tokensOfVictim = () => readContract(anvil.rpc, { address: anvil.network.contracts.token, fragment: streamflowTokenBalanceOfFunction, args: [victim.address] })

describe('a challenge', () => {
  it('costs an orchestrator that lied its stake, brings the bounty, and pays those who looked', async () => {
    const lie = source.outputs.map((output) => ({ ...output, hash: `0x${'f'.repeat(64)}` as Hex }))
    const evidence = await work(1, lie)
    const store = createFileEvidenceStore({ folder: join(folder, 'evidence') })
    await store.put(evidence)
    const { evidence: [kept] } = (await runExample('evidence list')) as { evidence: readonly { seq: number; receiptHash: Hex }[] }
    expect(kept?.seq).toBe(1)
    await runExample('evidence export', { [`0x${'1'.repeat(64)}`]: kept?.receiptHash ?? '' })
    const [stake, { bond: put, attesterShare, slashRate, bountyRate }] = await Promise.all([stakeOfLiar(), getChallengeTerms({ network: anvil.network, service: serviceId })])
    const challengeId = (await runExample('challenge', { 'https://attester.example.org': members[0]?.url ?? '' }))['challengeId'] as Hex
    await verdictOf(challengeId, 'guilty')
    await waitOut(challengeId)
    expect(await runExample('challenge show', { [someChallenge]: challengeId })).toMatchObject({ challenge: { verdict: 'guilty', state: 'settleable' } })
    await runExample('challenge settle', { [someChallenge]: challengeId })
    const taken = (stake * BigInt(slashRate)) / 1_000_000n
    expect(stake - (await stakeOfLiar())).toBe(taken)
    expect(await tokensOfVictim()).toBe((taken * BigInt(bountyRate)) / 1_000_000n)
    const fee = (put * BigInt(attesterShare)) / 1_000_000n
    expect([await creditOf(first), await creditOf(second), await creditOf(third)]).toEqual([fee / 2n, fee / 2n, 0n])
    expect(await runExample('challenge credit')).toMatchObject({ credit: String(put - fee) })
    expect(await runExample('challenge withdraw')).toMatchObject({ amount: String(put - fee) })
    expect([...operatorLines.left, ...streamflowLines.left]).toEqual([])
  })

  it('of one who told the truth costs the bond, which it gets', async () => {
    const before = await creditOf(first)
    const challengeId = await challengeWith(await work(2, source.outputs), '--attester', members[1]?.url ?? '')
    await verdictOf(challengeId, 'innocent')
    await settle(challengeId)
    const { bond: put, attesterShare } = await getChallengeTerms({ network: anvil.network, service: serviceId })
    const fee = (put * BigInt(attesterShare)) / 1_000_000n
    expect(await creditOf(liar)).toBe(put - fee)
    expect(await creditOf(victim)).toBe(0n)
    expect((await creditOf(first)) - before).toBe(fee / 2n)
  })

  it('whose evidence is withheld costs the bond, all of it for those who waited', async () => {
    const before = [await creditOf(first), await creditOf(liar)]
    const challengeId = await challengeWith(await work(3, source.outputs.map((output) => ({ ...output, hash: `0x${'e'.repeat(64)}` as Hex }))), '--url', 'https://127.0.0.1:9/nothing')
    const { deadline = 0n, bond: put = 0n } = (await stateOf(challengeId)) ?? {}
    while ((await getCurrentRound(anvil.network)) < deadline) await anvil.advance(roundSeconds)
    await verdictOf(challengeId, 'unavailable')
    await settle(challengeId)
    expect([await creditOf(first), await creditOf(liar)]).toEqual([(before[0] ?? 0n) + put / 2n, before[1]])
  })

  it('is answered once: a member that starts again says what it said', async () => {
    const evidence = await work(4, source.outputs)
    const challengeId = await challengeWith(evidence, '--attester', members[0]?.url ?? '')
    await verdictOf(challengeId, 'innocent')
    const member = members[0] as Member
    const ask = async (): Promise<{ verdict: string; signature: Hex }> => (await fetch(`${member.url}/v1/verdicts/${challengeId}`)).json() as Promise<{ verdict: string; signature: Hex }>
    const said = await ask()
    member.running.kill('SIGKILL')
    await member.running.exited
    member.running = program.launch(...member.words)
    await isUp(member)
    expect(await ask()).toEqual(said)
    const verdict = { challengeId, verdict: 'innocent' as const }
    const digest = await readContract(anvil.rpc, { address: anvil.network.contracts.attestationVerifier as Address, fragment: attestationVerifierHashVerdictFunction, args: [challengeId, verdictNumbers.innocent] })
    expect(`0x${Buffer.from(hashVerdict(getDomain(anvil.network), verdict)).toString('hex')}`).toBe(digest)
  })

  it('is not possible for a service that nobody judges: nothing is put up', async () => {
    const path = join(folder, 'ordinary.evidence')
    await writeFile(path, encodeEvidence(await work(5, source.outputs, services.Transcoding)))
    const errors: string[] = []
    const environment = { STREAMFLOW_NETWORK: join(folder, 'network.json'), STREAMFLOW_PRIVATE_KEY: victimKey }
    expect(await runProgram({ argv: ['challenge', path, '--bond', '0.05', '--attester', members[0]?.url ?? ''], environment, version: '0', print: () => undefined, complain: (text) => void errors.push(text) })).not.toBe(0)
    expect(errors.join('\n')).toContain('nobody judges this service')
  })
})
