// Two processes of one orchestrator over one PostgreSQL, on a real chain: killed, stopped and let go again, and the database taken
// away from them. Whatever happens, one of them serves each sender, everything that was acknowledged is in the ledger once, and
// what was won is paid, to the wei.
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { openSession } from '../../../orchestrator/src/adapters/ledger/postgres/openSession.js'
import { createChance } from '../../kit/createChance.js'
import { bundleForNode } from '../../payments/bundleForNode.mjs'
import { ChainRig } from '../../payments/ChainRig.js'
import { assertSaid, readPostgresTables } from '../../payments/compareLedger.js'
import { startPostgresServer, type PostgresServer } from '../../payments/postgresServer.js'
import { readWholeLines } from '../../payments/readWholeLines.js'

/** What a life acknowledges at least before something is done to it; two acknowledgements belong to a segment. */
const leastWork = 40
const chance = createChance()
const key = (name: string) => createHash('sha256').update(name).digest()
const broadcasters = Array.from({ length: 8 }, (_, index) => createNativeSigner(key(`wallet ${index}`)).address)

let folder: string
let program: string
let server: PostgresServer
let url: string
let rig: ChainRig
const processes: ChildProcess[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'streamflow-shared-'))
  ;[program, server, rig] = await Promise.all([bundleForNode(join(import.meta.dirname, '../../payments/crashVictim.ts')), startPostgresServer(), ChainRig.start()])
  url = await server.makePlace()
  writeFileSync(join(folder, 'postgres'), url)
  writeFileSync(join(folder, 'network.json'), JSON.stringify({ rpcUrl: rig.rpcUrl, contracts: rig.contracts }))
  await rig.testClient.setBalance({ address: createNativeSigner(key('orchestrator')).address, value: 10n ** 19n })
  for (const sender of broadcasters) await rig.fund(sender, 10n ** 17n)
})
afterAll(async () => {
  for (const child of processes) child.kill('SIGKILL')
  await rig.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
  rmSync(program, { force: true })
})

interface Life {
  readonly child: ChildProcess
  /** Resolves when it has acknowledged so much more. */
  work(count?: number): Promise<void>
}

function begin(): Life {
  const child = spawn(process.execPath, [program, folder, String(chance.seed())], { stdio: ['ignore', 'pipe', 'inherit'] })
  processes.push(child)
  let said = 0
  const waiting = new Set<() => void>()
  const look = () => waiting.forEach((check) => check())
  child.stdout.on('data', (data: Buffer) => {
    said += data.length
    look()
  })
  child.once('exit', look)
  return {
    child,
    work(count = leastWork) {
      const until = said + count
      return new Promise((resolve, reject) => {
        const check = () => {
          if (said >= until) resolve()
          else if (child.exitCode !== null || child.signalCode !== null) reject(new Error('the process ended'))
          else return
          waiting.delete(check)
        }
        waiting.add(check)
      })
    },
  }
}

async function kill({ child }: Life): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const readSaid = (): string[] => readWholeLines(join(folder, 'said'))

async function countOwners(): Promise<number> {
  const session = await openSession(url)
  const { rows } = await session.query<{ count: number }>(`SELECT COUNT(DISTINCT process) AS count FROM leases WHERE name LIKE '0x%'`)
  await session.end()
  return rows[0]?.count ?? 0
}

it('loses nothing, takes nothing twice and is paid everything, whichever process dies, hangs, or finds PostgreSQL gone', { timeout: 180_000 }, async () => {
  let serving = begin()
  await serving.work()
  // Killed: the other one takes its senders over, with their accounts, nonces, debts and winners.
  for (let round = 0; round < 2; round++) {
    const other = begin()
    await serving.work(10)
    await kill(serving)
    await other.work()
    serving = other
  }

  // Stopped, and let go when another one serves: what it still had under way is refused, and it waits for its turn.
  const other = begin()
  await serving.work(10)
  serving.child.kill('SIGSTOP')
  await other.work()
  serving.child.kill('SIGCONT')
  await other.work()
  expect(serving.child.exitCode).toBeNull()
  expect(await countOwners()).toBe(1)

  // PostgreSQL gone: nothing is acknowledged meanwhile by either, and work goes on when it is back.
  await server.halt()
  const before = readSaid().length
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(readSaid().length).toBe(before)
  await server.start()
  await Promise.any([other.work(), serving.work()])
  await Promise.all([kill(other), kill(serving)])

  const winners = (await readPostgresTables(url)).winners.length
  expect(winners).toBeGreaterThan(5)
  const desk = await rig.openDesk({ key: key('orchestrator'), postgresUrl: url })
  await rig.untilConfirmed(desk, winners)
  await rig.compare([desk], [])
  expect(assertSaid(readSaid(), await desk.readTables())).toBeGreaterThan(leastWork * 2)
  await desk.cashier.close()
})
