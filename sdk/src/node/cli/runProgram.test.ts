import { streamflowTokenTransferFunction } from '@streamflow/contracts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anvilKeys, startAnvil, type Anvil } from '../../../test/startAnvil.js'
import { announceCommission } from '../../actions/announceCommission.js'
import { bond } from '../../actions/bond.js'
import { register } from '../../actions/register.js'
import { callContract } from '../../chain/contracts/contract.js'
import { getToken } from '../../chain/contracts/token.js'
import { createKeyFile } from '../keystore/keyFile.js'
import { commands, renderCommandHelp, renderHelp } from './commands.js'
import { findCommand } from './command.js'
import { bareFlags, parseCommandLine } from './parseCommandLine.js'
import { runProgram } from './runProgram.js'

const token = 10n ** 18n
const treasury = privateKeyToAccount(anvilKeys[0])
const orchestrators = [privateKeyToAccount(generatePrivateKey()), privateKeyToAccount(generatePrivateKey())] as const
const [first, second] = [orchestrators[0].address, orchestrators[1].address]
const key = generatePrivateKey()
const delegator = privateKeyToAccount(key).address
const folder = mkdtempSync(join(tmpdir(), 'streamflow-cli-'))

let anvil: Anvil
beforeAll(async () => {
  anvil = await startAnvil()
  const { network, rpc } = anvil
  writeFileSync(join(folder, 'network.json'), JSON.stringify(network))
  for (const address of [first, second, delegator]) {
    await rpc.request('anvil_setBalance', [address, '0x8ac7230489e80000'])
    await callContract({ network, wallet: treasury }, getToken(network), { fragment: streamflowTokenTransferFunction, args: [address, 2_000n * token] })
  }
  for (const [index, wallet] of orchestrators.entries()) {
    await bond({ network, wallet, amount: 2_000n * token })
    await announceCommission({ network, wallet, rewardCut: 100_000, feeShare: 250_000 })
    await register({ network, wallet, uri: `https://orchestrator-${index}.example`, services: ['Transcoding'], regions: ['local'] })
  }
}, 60_000)
afterAll(async () => {
  await anvil.close()
  rmSync(folder, { recursive: true, force: true })
})

async function run(argv: readonly string[], environment: Readonly<Record<string, string>> = { STREAMFLOW_PRIVATE_KEY: key }) {
  const [output, errors]: [string[], string[]] = [[], []]
  const code = await runProgram({ argv, environment: { STREAMFLOW_NETWORK: join(folder, 'network.json'), ...environment }, version: '1.2.3', print: (text) => void output.push(text), complain: (text) => void errors.push(text) })
  return { code, output: output.join('\n'), errors: errors.join('\n') }
}
const readJson = async (...argv: string[]): Promise<Record<string, unknown>> => {
  const { output, errors } = await run([...argv, '--json'])
  expect(errors).toBe('')
  return JSON.parse(output) as Record<string, unknown>
}

describe.each(Object.entries(commands))('%s', (name, command) => {
  it('is explained by itself, with an example that is a command line of its own', async () => {
    const help = renderCommandHelp(command)
    for (const text of [command.usage, command.summary, command.example, 'Exit codes']) expect(help).toContain(text)
    expect((await run([...name.split(' '), '--help'])).output).toBe(help)
    expect(findCommand(commands, parseCommandLine(command.example.split(' ')).words)?.command).toBe(command)
    for (const [, flag = ''] of command.usage.matchAll(/--([a-z-]+)/g)) expect(() => parseCommandLine(Object.hasOwn(bareFlags, flag) ? [`--${flag}`] : [`--${flag}`, 'x'])).not.toThrow()
  })
})

describe('streamflow', () => {
  it('explains itself, and says what is wrong', async () => {
    expect(await run([])).toEqual({ code: 0, output: renderHelp(), errors: '' })
    expect(await run(['--version'])).toMatchObject({ code: 0, output: '1.2.3' })
    expect(await run(['nonsense'])).toMatchObject({ code: 2, errors: expect.stringContaining('there is no command "nonsense"') as string })
    expect(await run(['fund', '--deposti', '1'])).toMatchObject({ code: 2, errors: expect.stringContaining('deposti') as string })
    expect(await run(['fund'])).toMatchObject({ code: 2, errors: expect.stringContaining('--deposit') as string })
    expect(await run(['funds'], {})).toMatchObject({ code: 2, errors: expect.stringContaining('there is no key') as string })
    expect(await run(['funds'], { STREAMFLOW_PRIVATE_KEY: '0x5ec7e7' })).toMatchObject({ code: 2, errors: expect.not.stringContaining('5ec7e7') as string })
    expect(await run(['funds', '--network', 'nowhere.json'])).toMatchObject({ code: 2, errors: expect.stringContaining('cannot read the network description') as string })
    expect(await run(['broadcast'])).toMatchObject({ code: 2, errors: expect.stringContaining('expected one file') as string })
    expect(await run(['broadcast', 'film.mp4', '--verification-rate', 'all'])).toMatchObject({ code: 2, errors: expect.stringContaining('--verification-rate') as string })
    expect(await run(['watch', 'https://orchestrator.example/'])).toMatchObject({ code: 2, errors: expect.stringContaining('expected the address of a master playlist') as string })
    expect(await run(['watch', 'https://orchestrator.example/live/0x00/master.m3u8', '--seconds', '0'])).toMatchObject({ code: 2, errors: expect.stringContaining('--seconds') as string })
  })

  it('takes the network from whoever serves its description', async () => {
    const server = createServer((request, response) => void response.end(request.url === '/network.json' ? JSON.stringify({ ...anvil.network, developmentKey: key }) : '<html>'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect((await run(['funds', '--network', `${url}/network.json`])).output).toContain('nothing is there')
    expect(await run(['funds', '--network', `${url}/`])).toMatchObject({ code: 1, errors: expect.stringContaining('an HTML page is there instead of JSON') as string })
    server.close()
    expect(await run(['funds', '--network', `${url}/network.json`])).toMatchObject({ code: 1, errors: expect.stringContaining('NetworkUnavailable') as string })
  })

  it('shows the network, and says what of its description is not true', async () => {
    expect((await run(['network'])).output).toMatch(/^chain 31337, one endpoint\n(\w+ at 0x[0-9a-fA-F]{40}\n){7}all of them answer, and belong to one deployment$/)
    const path = join(folder, 'mixed.json')
    writeFileSync(path, JSON.stringify({ ...anvil.network, contracts: { ...anvil.network.contracts, staking: anvil.network.contracts.rounds } }))
    expect(await run(['network', '--network', path])).toMatchObject({ code: 1, output: expect.stringMatching(/wrong: staking: /) as string })
  })

  it('puts up funds for another account, one kind at a time', async () => {
    const other = privateKeyToAccount(generatePrivateKey()).address
    expect((await run(['fund', '--to', other, '--deposit', '0.5'])).output).toBe(`${other}: deposit 0.5 ETH, reserve 0 ETH, escrow 0 ETH; locked`)
    expect((await run(['fund', '--to', other, '--reserve', '0.25'])).output).toContain('deposit 0.5 ETH, reserve 0.25 ETH')
    expect(await run(['fund', '--to', other, '--deposit', '0.5', '--escrow', '0.1'])).toMatchObject({ code: 2, errors: expect.stringContaining('a deposit or a reserve alone') as string })
    expect((await run(['funds'])).output).toContain('nothing is there')
  })

  it('takes a keystore file and its password', async () => {
    const file = join(folder, 'key.json')
    await createKeyFile(file, { privateKey: Buffer.from(key.slice(2), 'hex'), password: 'correct horse', cost: { n: 1_024, r: 8, p: 1 } })
    writeFileSync(join(folder, 'password'), 'correct horse\n')
    expect((await run(['funds', '--key-file', file], {})).output).toContain(`${delegator.toLowerCase()}: deposit 0 ETH`)
    expect((await run(['unlock', '--key-file', file, '--password-file', join(folder, 'password')], {})).errors).toMatch(/TicketBrokerNoFunds.*nothing to unlock/s)
    expect(await run(['unlock', '--key-file', file], {})).toMatchObject({ code: 2, errors: expect.stringContaining('no password') as string })
  })

  it('puts up funds, designates a reserve, and takes all back', async () => {
    expect(await readJson('fund', '--deposit', '0.5', '--reserve', '0.25', '--escrow', '0.02')).toMatchObject({ deposit: String(5n * 10n ** 17n), state: 'locked' })
    expect((await run(['reserve', '--orchestrator', first, '--amount', '0.1'])).code).toBe(0)
    expect((await run(['funds'])).output).toBe(`${delegator}: deposit 0.5 ETH, reserve 0.25 ETH, escrow 0.02 ETH; locked`)
    expect((await run(['unlock'])).output).toContain('unlocking until round')
    expect((await run(['unlock', 'cancel'])).output).toContain('; locked')
    expect((await run(['unlock'])).code).toBe(0)
    expect((await run(['withdraw'])).errors).toMatch(/TicketBrokerStillLocked\(sender 0x.*wait for the round/s)
    for (let round = 0; round < 3; round++) await anvil.advance(600)
    expect((await run(['withdraw'])).output).toContain('nothing is there')
  })

  it('shows orchestrators side by side, and the life of a stake', async () => {
    expect((await run(['stake', 'list', '--amount', '100'])).output).toMatch(/10 % \/ 25 %/)
    expect(((await readJson('stake', 'list', '--limit', '1'))['orchestrators'] as unknown[]).length).toBe(1)
    expect((await run(['stake', 'delegate', '--orchestrator', first, '--amount', '1000'])).output).toContain(`1000 tokens are behind ${first}`)
    expect(await run(['stake', 'delegate', '--orchestrator', second, '--amount', '1'])).toMatchObject({ code: 1, errors: expect.stringMatching(/StakingAlreadyDelegated.*one orchestrator at a time/s) as string })
    expect((await run(['stake', 'move', '--to', second])).output).toContain(`1000 tokens are behind ${second}`)
    expect(await readJson('stake', 'unbond', '--amount', '400')).toMatchObject({ amount: String(400n * token), lockId: '0' })
    expect((await run(['stake', 'rebond', '--lock', '0'])).errors).toContain('StakingRedelegationPending')
    expect((await run(['stake', 'rewards'])).output).toMatch(/600 tokens behind.*earned 0 tokens.*lock 0: 400 tokens, opens in round.*moved 1000/s)
    expect((await run(['stake', 'withdraw'])).output).toBe('there is nothing to withdraw')
    for (let round = 0; round < 8; round++) await anvil.advance(600)
    expect((await run(['stake', 'withdraw'])).output).toBe('400 tokens of lock 0 withdrawn')
  })

  it('finds nothing of challenges to withdraw where there were none', async () => {
    expect((await run(['challenge', 'withdraw'])).output).toBe(`${delegator}: there is nothing to withdraw`)
    expect(await run(['challenge', 'withdraw', '--amount', '1'])).toMatchObject({ code: 2, errors: expect.stringContaining('0 wei of credit are there') as string })
  })

  it('says that nobody offers anything, and why', async () => {
    expect((await run(['discover'])).output).toMatch(/nobody offers anything\nhttps:\/\/orchestrator-\d\.example is no choice: /)
    expect((await run(['discover', '--max-price', 'cheap'])).errors).toContain('--max-price: expected wei')
  })
})
