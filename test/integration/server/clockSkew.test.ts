// Clocks that are a minute and a half off, either way: the orchestrator's against everybody's (on one ledger, so that it
// also steps), the broadcaster's against everybody's. Streams run as ever, and all books agree to the wei.
import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { stakingAbi } from '@streamflow/contracts'
import { broadcast } from '../../../sdk/src/node/broadcast.js'
import { createMemorySessionStore } from '../../../sdk/src/session/createMemorySessionStore.js'
import { certainWinners } from '../../harness/orchestratorSettings.mjs'
import { compareLedger, readLedgerTables, sumColumn } from '../../payments/compareLedger.js'
import { until } from '../../kit/until.js'
import { prepareMachine, type OperatorMachine } from './ServerProgram.js'
import { createReader } from './startServer.js'

const seconds = 4
let machine: OperatorMachine

beforeAll(async () => {
  machine = await prepareMachine({ settings: certainWinners.settings })
})
afterEach(() => vi.restoreAllMocks())
afterAll(() => machine?.close())

it.each([
  ['orchestrator is ahead', { orchestrator: 90_000, broadcaster: 0 }],
  ['orchestrator is behind', { orchestrator: -90_000, broadcaster: 0 }],
  ['broadcaster is ahead', { orchestrator: 0, broadcaster: 90_000 }],
  ['broadcaster is behind', { orchestrator: 0, broadcaster: -90_000 }],
])('nothing is refused, lost or paid twice when the %s', async (_who, shiftMs) => {
  const { chain, program, folder, url } = machine
  program.clockShiftMs = shiftMs.orchestrator
  const server = await program.start(url)
  const realNow = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + shiftMs.broadcaster)
  const live = await broadcast(
    { ffmpegInput: ['-re', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=25', '-t', String(seconds)] },
    { network: chain.network, wallet: privateKeyToAccount(chain.senderKey), budget: { spendCap: 10n ** 18n }, orchestrators: { timeoutMs: 10_000 }, sessionStore: createMemorySessionStore(), ladder: [{ name: '360p', width: 640, height: 360, bitrate: 300_000 }] },
  )
  const troubles: string[] = []
  const settled: number[] = []
  live.on('segment', ({ seq }) => settled.push(seq))
  live.on('warning', (warning) => troubles.push(`${warning.code} ${warning.message}`))
  live.on('lost', ({ seq, error }) => troubles.push(`lost ${seq} ${error.code}`))
  live.on('error', (error) => troubles.push(`failed ${error.code} ${error.message}`))
  await live.finished
  vi.restoreAllMocks()
  expect([live.state, ...troubles]).toEqual(['ended'])
  expect(settled).toEqual(Array.from({ length: seconds }, (_, seq) => seq))
  const [own] = live.signStatements()
  const { segments, tickets, credited, fees, balance } = live.statement ?? {}
  expect({ segments, tickets, credited, fees, balance }).toEqual({ segments: own?.segments, tickets: own?.tickets, credited: own?.credited, fees: own?.fees, balance: own?.balance })

  const path = join(folder, 'data', 'ledger.sqlite')
  await until('every winner is paid for good', () => readLedgerTables(path).winners.every(({ state }) => state === 'confirmed'))
  const tables = readLedgerTables(path)
  compareLedger(tables)
  const paid = await createReader(chain.network).readContract({ address: chain.network.contracts.staking, abi: stakingAbi, functionName: 'pendingFees', args: [chain.orchestrator] })
  expect(paid).toBe(sumColumn(tables.winners, 'paid'))
  expect(paid).toBe(sumColumn(tables.winners, 'faceValue'))
  server.kill('SIGTERM')
  expect(await server.exited).toBe(0)
})
