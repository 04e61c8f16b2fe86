import { stakingAbi } from '@streamflow/contracts'
import { createTestClient, http, parseEther, publicActions, walletActions } from 'viem'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLocalChain } from '../../../examples/network/startChain.mjs'
import { createReader } from '../../../orchestrator/src/cli/operator.js'
import { prepareMachine, type OperatorMachine } from './ServerProgram.js'

const stranger = '0x00000000000000000000000000000000000fee50'
let machine: OperatorMachine

beforeAll(async () => {
  machine = await prepareMachine()
})
afterAll(() => machine?.close())

/** Fees as the broker books them when a winner is redeemed. */
async function earn(value: bigint): Promise<void> {
  const { network, orchestrator } = machine.chain
  const { ticketBroker, staking } = network.contracts
  const [rpcUrl = ''] = network.rpcUrls
  const client = createTestClient({ mode: 'anvil', chain: describeLocalChain(rpcUrl), transport: http(rpcUrl) }).extend(publicActions).extend(walletActions)
  await client.setBalance({ address: ticketBroker, value: value + parseEther('1') })
  await client.impersonateAccount({ address: ticketBroker })
  const hash = await client.writeContract({ account: ticketBroker, address: staking, abi: stakingAbi, functionName: 'bookFees', args: [orchestrator, 2n, 0], value })
  expect((await client.waitForTransactionReceipt({ hash, pollingInterval: 100 })).status).toBe('success')
}

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
  [['fees', 'withdraw', '--key-orchestrator', stranger], /which alone can withdraw them/],
  [['commission', 'set', '--reward-cut', '101', '--fee-share', '5'], /percent 0…100/],
  [['bond', '--amount', '1', '--json'], /has no --json/],
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
