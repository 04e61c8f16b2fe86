// kill -9 at any moment of acceptance, settlement, rotation and redemption, many times, on one ledger. Afterwards the sum
// of what was acknowledged, the ledger and the chain must agree to the wei. First against a chain in memory, whose blocks
// come as fast as the disk takes them, then against a real one.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { createChance } from '../../kit/createChance.js'
import { bundleForNode } from '../../payments/bundleForNode.mjs'
import { ChainRig } from '../../payments/ChainRig.js'
import { assertSaid, compareLedger, readLedgerTables, readTrueWinners } from '../../payments/compareLedger.js'
import { readWholeLines } from '../../payments/readWholeLines.js'

const kills = 25
const chainKills = 8
/** What each life acknowledges at least, however slow the machine is; two acknowledgements belong to a segment. */
const leastWork = 40
/** Kilobytes that a file may grow to where the disk is full. */
const fullKilobytes = 700
const chance = createChance()
let folder: string
let victim: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'streamflow-crash-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(async () => {
  victim = await bundleForNode(join(import.meta.dirname, '../../payments/crashVictim.ts'))
})
afterAll(() => rmSync(victim, { force: true }))

/** Lets it live until it has done the least work and `lifeMs` longer, then kills it. */
async function liveAndDie(lifeMs: number): Promise<void> {
  const child = spawn(process.execPath, [victim, folder, String(chance.seed())], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const hasWorked = new Promise<void>((resolve) => {
    let count = 0
    child.stdout.on('data', (said: Buffer) => (count += said.length) >= leastWork && resolve())
  })
  await Promise.race([hasWorked, exited])
  expect(child.exitCode, 'the cashier ended by itself').toBeNull()
  await new Promise((resolve) => setTimeout(resolve, lifeMs)) // the moment of the kill is what is random here
  expect(child.exitCode, 'the cashier ended by itself').toBeNull()
  child.kill('SIGKILL')
  await exited
}

const readLines = (name: string) => readWholeLines(join(folder, name))

it('loses nothing that was acknowledged and credits nothing twice, over many kills', { timeout: 180_000 }, async () => {
  for (let kill = 0; kill < kills; kill++) await liveAndDie(chance.between(20, 370))
  await compare({ accepted: (kills * leastWork) / 3, winners: 5 })
})

it('is paid every winner by a real chain, over many kills', { timeout: 180_000 }, async () => {
  const rig = await ChainRig.start()
  try {
    const { rpcUrl, contracts } = rig
    writeFileSync(join(folder, 'network.json'), JSON.stringify({ rpcUrl, contracts }))
    const key = (name: string) => createHash('sha256').update(name).digest()
    await rig.testClient.setBalance({ address: createNativeSigner(key('orchestrator')).address, value: 10n ** 19n })
    for (let index = 0; index < 8; index++) await rig.fund(createNativeSigner(key(`wallet ${index}`)).address, 10n ** 17n)
    for (let kill = 0; kill < chainKills; kill++) await liveAndDie(chance.between(300, 1_800))
    const winners = readLedgerTables(join(folder, 'ledger.sqlite')).winners.length
    expect(winners).toBeGreaterThan(chainKills)
    const desk = await rig.openDesk({ key: key('orchestrator'), path: join(folder, 'ledger.sqlite') })
    await rig.untilConfirmed(desk, winners)
    await rig.compare([desk], [])
    assertSaid(readLines('said'), readLedgerTables(desk.path))
    await desk.cashier.close()
  } finally {
    await rig.close()
  }
})

it('acknowledges nothing that a full disk did not take, and goes on when there is room', { timeout: 180_000 }, async () => {
  // In the end there is not even room to open it.
  const rounds = [...Array.from({ length: 3 }, () => fullKilobytes + Math.floor(chance.between(0, 200))), 4]
  for (const blocks of rounds) {
    // What stands for the full disk is the system's own limit on a file: the same failing write, at any byte.
    const child = spawn('bash', ['-c', `ulimit -f ${blocks}; exec "${process.execPath}" "${victim}" "${folder}"`], { stdio: ['ignore', 'ignore', 'pipe'] })
    let complaint = ''
    child.stderr.on('data', (data: Buffer) => (complaint += data.toString()))
    await once(child, 'exit')
    expect(complaint).toContain('LedgerFailed')
  }
  await liveAndDie(300)
  await compare({ accepted: 50, winners: 1 })
})

/** Compares what the victim said with its ledger and its chain. */
async function compare(least: { readonly accepted: number; readonly winners: number }): Promise<void> {
  const tables = readLedgerTables(join(folder, 'ledger.sqlite'))
  expect(assertSaid(readLines('said'), tables)).toBeGreaterThan(least.accepted)
  compareLedger(tables)
  expect(tables.winners.length).toBeGreaterThan(least.winners)
  const all = readTrueWinners(join(folder, 'ledger.sqlite'))
  const byHash = new Map(all.map((winner) => [winner.ticketHash, winner]))
  // Nothing was paid that the ledger does not know, nothing was taken for paid that was not, none died.
  const paid = new Map(readLines('chain').map((line) => line.split(' ')).map(([hash, amount]) => [hash, BigInt(amount ?? 0)]))
  expect(paid.size).toBeGreaterThan(0)
  for (const [hash, amount] of paid) expect(byHash.get(hash as `0x${string}`)?.ticket.faceValue).toBe(amount)
  for (const winner of all) if (winner.state === 'confirmed') expect(paid.get(winner.ticketHash)).toBe(winner.ticket.faceValue)
  expect(all.filter(({ state }) => state === 'dead')).toEqual([])
}
