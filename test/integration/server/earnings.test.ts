import { services } from '@streamflow/sdk/payments'
import { parseEther } from 'viem'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { bookFees } from '../../payments/bookFees.js'
import { prepareMachine, type OperatorMachine } from './ServerProgram.js'
import { createReader } from './startServer.js'

const stranger = '0x00000000000000000000000000000000000fee50'
let machine: OperatorMachine

beforeAll(async () => {
  machine = await prepareMachine()
})
afterAll(() => machine?.close())

afterEach(() => machine?.program.killAll())

const earn = (value: bigint): Promise<void> => bookFees(machine.chain, value)
const run = (...words: string[]) => machine.program.run(...words)
const readJson = async (...words: string[]): Promise<Record<string, unknown>> => JSON.parse((await run(...words, '--json')).output) as Record<string, unknown>

it('shows fees, takes out a part to another account, then the rest', async () => {
  const { network, orchestrator } = machine.chain
  expect((await run('fees', 'withdraw')).output).toContain('there are no fees to withdraw')
  await earn(parseEther('0.75'))
  expect(await readJson('fees')).toEqual({ orchestrator, pendingWei: String(parseEther('0.75')) })
  expect((await run('fees')).output).toBe(`${orchestrator}: 0.75 ETH of fees to withdraw`)
  expect(await readJson('fees', 'withdraw', '--to', stranger, '--amount', '0.25')).toMatchObject({ withdrawnWei: String(parseEther('0.25')), pendingWei: String(parseEther('0.5')) })
  expect(await createReader(network).getBalance({ address: stranger })).toBe(parseEther('0.25'))
  expect((await run('fees', 'withdraw')).output).toContain('0.5 ETH withdrawn')
  expect(await readJson('fees')).toMatchObject({ pendingWei: '0' })
})

it.each([
  [['fees', 'withdraw', '--amount', '100'], /ETH can be withdrawn, not 100/],
  [['fees', 'withdraw', '--amount', 'all'], /--amount: expected ether/],
  // One letter of the checksum is wrong.
  [['fees', 'withdraw', '--to', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD'.replace('5aA', '5AA')], /--to: expected an address/],
  [['fees', 'withdraw', '--key-orchestrator', stranger], /can withdraw its fees: this key .* only signs/],
  [['commission', 'set', '--reward-cut', '101', '--fee-share', '5'], /percent 0…100/],
  [['config', 'example', '--json'], /has no --json/],
  [['stake', 'rebond'], /expected --lock/],
  [['stake', 'withdraw', '--lock', 'all'], /--lock: expected the number/],
  [['signer', 'set', '--signer', 'me'], /--signer: expected an address/],
  [['register', '--service', 'CPUTranscoding=0x00000000000000000000000000000000000000aa'], /CPUTranscoding is judged by 0x/],
  [['ledger', 'prune', '1'], /at least 2/],
  [['ledger', 'reseal'], /expected --old-key-file/],
])('says what is wrong with %j', async (words, message) => {
  expect(await run(...words)).toMatchObject({ code: 2, errors: expect.stringMatching(message) as string })
})

it('takes the reward of a round once', async () => {
  const minted = BigInt((await readJson('reward'))['mintedUnits'] as string)
  expect(minted).toBeGreaterThan(0n)
  expect(await run('reward')).toMatchObject({ code: 1, errors: expect.stringContaining('StakingAlreadyRewarded') as string })
})

it('announces a commission and shows it', async () => {
  const announced = await readJson('commission', 'set', '--reward-cut', '12.5', '--fee-share', '40')
  expect(announced).toMatchObject({ rewardCutPpm: 125_000, feeSharePpm: 400_000 })
  expect((await run('commission')).output).toContain(`keeps 12.5 % of rewards, gives 40 % of fees to its delegators, from round ${String(announced['effectiveRound'])} on`)
  expect(await run('commission', 'set', '--reward-cut', '99', '--fee-share', '1')).toMatchObject({ code: 1, errors: expect.stringContaining('StakingCommission') as string })
})

it('puts stake into a lock, bonds it again, and has nothing to withdraw before it opens', async () => {
  const { orchestrator } = machine.chain
  const { lockId, withdrawRound } = await readJson('stake', 'unbond', '--amount', '250')
  expect(await readJson('stake', 'show')).toMatchObject({ orchestrator, isActive: true, locks: [{ id: lockId, withdrawRound, amount: String(parseEther('250')), isOpen: false }] })
  expect((await run('stake', 'withdraw')).output).toBe(`${orchestrator}: no lock is open`)
  expect(await run('stake', 'withdraw', '--lock', String(lockId))).toMatchObject({ code: 1, errors: expect.stringMatching(/StakingLocked\(lockId 0.*The lock opens/s) as string })
  expect((await run('stake', 'rebond', '--lock', String(lockId))).output).toBe(`${orchestrator}: 250 tokens of lock 0 are bonded again`)
  expect((await run('stake', 'show')).output).not.toContain('lock 0')
})

it('changes services and regions by flags, in one transaction', async () => {
  expect(await readJson('register', '--service', 'Transcoding', '--service', 'GPUTranscoding', '--region', 'eu-west,local')).toMatchObject({ changed: ['services', 'regions'] })
  expect((await run('register', '--service', 'GPUTranscoding,Transcoding', '--region', 'local', '--region', 'eu-west')).output).toContain('nothing to change')
})

it('rotates the key that signs, with the ledger, and revokes it', async () => {
  const { orchestrator, sender } = machine.chain
  // The number behind a quote is kept in the ledger, sealed.
  const server = await machine.program.start(machine.url)
  const quote = await fetch(`${machine.url}/v1/quotes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ sender, serviceId: services.Transcoding }) })
  expect(quote.status, await quote.text()).toBe(200)
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
  const { signer } = await readJson('signer', 'rotate', '--new-key-file', 'hot.json')
  expect(await readJson('signer')).toEqual({ orchestrator, signer })
  expect((await run('signer', 'set', '--signer', signer as string)).output).toContain('already')
  const hot = ['--key-file', 'hot.json', '--key-orchestrator', orchestrator]
  expect((await run('signer', 'set', '--signer', stranger, ...hot)).errors).toMatch(/only signs for it.*account’s own key is/s)
  // Who has only this key can take the reward, and not the fees.
  expect((await run('reward', ...hot)).errors).toContain('StakingAlreadyRewarded')
  expect((await machine.program.runApart('start', ...hot)).errors).toContain('sealed with another key')
  expect((await readJson('ledger', 'reseal', '--old-key-file', 'key.json', ...hot))['secrets']).toBeGreaterThan(0)
  const again = await machine.program.start(machine.url, ...hot)
  expect((await run('ledger', 'prune', '30')).errors).toContain('LedgerInUse')
  again.kill('SIGTERM')
  expect(await again.exited).toBe(0)
  expect(await readJson('ledger', 'prune', '30')).toMatchObject({ rows: 0 })
  expect((await run('signer', 'revoke')).output).toBe(`${orchestrator} signs for itself from now on`)
  expect((await run('doctor', ...hot)).output).toMatch(/✗ signer .* signs for .*\n {2}→ run `signer set`/)
})

it('examines everything that it takes, and says what to do about what is bad', async () => {
  const { code, output } = await run('doctor')
  for (const line of ['✓ key', '✓ chain', '✓ clock', '✓ gas', '✓ stake', '✓ signer', '! address', '✓ disk', '✓ encoder', '✓ price']) expect(output).toContain(line)
  expect(code).toBe(0)
  const broken = await run('doctor', '--transcoder-ffmpeg', 'nowhere', '--network-rpc-urls', 'http://127.0.0.1:9', '--price-per-million-pixels', '0', '--http-public-url', 'http://127.0.0.1:9')
  expect(broken.code).toBe(1)
  expect(broken.output).toMatch(/✗ chain .*\n {2}→ check network.rpcUrls/)
  expect(broken.output).toMatch(/✗ encoder .*\n {2}→ install ffmpeg/)
  expect((await run('doctor', '--tickets-face-value', '1000')).output).toMatch(/! tickets .*\n {2}→ raise tickets\.faceValue/)
  expect(broken.output).toMatch(/! price .*\n {2}→ .*given away/)
})

it('begins a round that nobody began, once', async () => {
  expect(await readJson('round')).toEqual({ round: expect.stringMatching(/^\d+$/) as string })
  expect((await run('round', 'initialize')).errors).toContain('RoundsAlreadyInitialized')
})

it('leaves the registry', async () => {
  expect(await readJson('unregister')).toMatchObject({ orchestrator: machine.chain.orchestrator })
  expect((await run('signer')).output).toBe(`${machine.chain.orchestrator} signs for itself`)
})
