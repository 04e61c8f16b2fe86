// How many streams one orchestrator holds when transcoders of a pool do the encoding. Tickets, receipts, ledger, NATS and the
// windows of delivery are real; members of the pool are processes that pass media through instead of encoding it, a socket
// stands for data channels (`bench -- cpu` shows what those cost), a chain in memory for the chain, and nobody watches.
// Then a member is killed, and the time until each of its streams goes on is taken. Last, the same streams pass through in
// the orchestrator's own process: what is less then is what NATS costs it.
// `npm run bench -- pool [--streams N,N,…] [--seconds S]`; reads /proc, so Linux only.
import { execFileSync, fork, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findFreePort } from '../../examples/network/findFreePort.mjs'
import { ensureSystemParts } from '../../examples/network/findSystemPart.mjs'
import { bundleForNode } from '../payments/bundleForNode.mjs'

const { values } = parseArgs({ options: { streams: { type: 'string', default: '100,200,300' }, seconds: { type: 'string', default: '20' } } })
const seconds = Number(values.seconds)
const memberPixelsPerSecond = 1e11
/** Starting all at once is not what is measured. */
const settleMs = 5_000
const rehomeMs = 6_000
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const round = (value, digits = 0) => Number(value.toFixed(digits))
const bundle = (name) => bundleForNode(fileURLToPath(new URL(`../pool/${name}.ts`, import.meta.url)))

/** Processor milliseconds of a process. */
function readCpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1_000
}

/** A process that is asked over its channel, one thing at a time. */
async function startAsked(file, args) {
  const child = fork(file, args, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const next = () => new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`${file} ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (answer) => {
      child.off('exit', ended)
      if (answer.error === undefined) resolve(answer)
      else reject(new Error(answer.error))
    })
  })
  await next()
  return {
    pid: child.pid,
    ask(order) {
      const answer = next()
      child.send(order)
      return answer
    },
    stop: () => new Promise((resolve) => {
      child.once('exit', resolve)
      child.kill('SIGKILL')
    }),
  }
}

function startProgram(command, args) {
  const child = spawn(command, args, { stdio: 'ignore' })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  return { pid: child.pid, kill: () => child.kill('SIGKILL') && exited }
}

/** Streams at once, for a while. `natsUrl`: through members of a pool; without it, in the orchestrator's own process. */
async function measure({ files, folder, streams, natsUrl, natsPid, mayKill }) {
  const pool = `bench-${streams}-${process.pid}`
  const members = natsUrl === undefined ? [] : [0, 1].map(() => startProgram(process.execPath, [files.member, natsUrl, pool, String(memberPixelsPerSecond)]))
  const socket = join(folder, `${streams}-${natsUrl === undefined ? 'direct' : 'pool'}.sock`)
  const orchestrator = await startAsked(files.orchestrator, [socket, pool, ...(natsUrl === undefined ? [] : [natsUrl])])
  const load = await startAsked(files.broadcasters, [socket])
  try {
    while ((await orchestrator.ask({ report: true })).offeredPixelsPerSecond < members.length * memberPixelsPerSecond) await wait(50)
    const { rssKiB: emptyKiB } = await orchestrator.ask({ report: true })
    const { terms } = await orchestrator.ask({ open: Array.from({ length: streams }, (_, i) => i) })
    await load.ask({ play: terms })
    await wait(settleMs)
    const others = [...members.map(({ pid }) => pid), ...(natsUrl === undefined ? [] : [natsPid])]
    const readOthers = () => others.reduce((sum, pid) => sum + readCpuMs(pid), 0)
    const before = { own: (await orchestrator.ask({ report: true })).cpuMs, others: readOthers() }
    await Promise.all([orchestrator.ask({ mark: true }), load.ask({ mark: true })])
    await wait(seconds * 1_000)
    const [own, loaded] = await Promise.all([orchestrator.ask({ report: true }), load.ask({ report: true })])
    const perStreamSecond = (ms) => round(ms / streams / seconds, 2)
    const figures = {
      streams, segments: loaded.receipts, late: loaded.late, refused: Object.entries(loaded.refusals).map(([code, times]) => `${times} ${code}`).join(', '),
      receiptP50Ms: round(loaded.receiptP50Ms), receiptP99Ms: round(loaded.receiptP99Ms), loopDelayP99Ms: round(own.loopDelayP99Ms, 1),
      msCpuPerStreamSecond: perStreamSecond(own.cpuMs - before.own), msCpuOfNatsAndMembers: perStreamSecond(readOthers() - before.others), rssPerStreamKiB: round((own.rssKiB - emptyKiB) / streams),
    }
    return mayKill ? { ...figures, ...(await killMember({ orchestrator, load, member: members[0] })) } : figures
  } finally {
    await Promise.all([load.stop(), orchestrator.stop(), ...members.map((member) => member.kill())])
  }
}

/** `kill -9` of one of two. */
async function killMember({ orchestrator, load, member }) {
  await Promise.all([orchestrator.ask({ mark: true }), load.ask({ mark: true })])
  await member.kill()
  await wait(rehomeMs)
  const [{ rehomedMs }, { late, refusals }] = await Promise.all([orchestrator.ask({ report: true }), load.ask({ report: true })])
  const sorted = rehomedMs.sort((a, b) => a - b)
  return { rehomed: sorted.length, rehomeP50Ms: round(sorted[sorted.length >> 1] ?? NaN), rehomeMs: round(sorted.at(-1) ?? NaN), lateByRehoming: late, lostByRehoming: Object.values(refusals).reduce((sum, times) => sum + times, 0) }
}

/** Measures, prints tables, returns the figures. */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-pool-'))
  const { 'nats-server': program } = ensureSystemParts(['nats-server'], (line) => console.error(`  ${line}`))
  const [orchestrator, broadcasters, member] = await Promise.all(['orchestratorUnderLoad', 'broadcasters', 'passThroughMember'].map(bundle))
  const files = { orchestrator, broadcasters, member }
  const port = await findFreePort(0)
  const nats = startProgram(program, ['--addr', '127.0.0.1', '--port', String(port)])
  const natsUrl = `nats://127.0.0.1:${port}`
  try {
    const rows = []
    for (const streams of values.streams.split(',').map(Number)) {
      rows.push(await measure({ files, folder, streams, natsUrl, natsPid: nats.pid, mayKill: true }))
      console.error(`  ${JSON.stringify(rows.at(-1))}`)
    }
    const held = rows.filter(({ late, refused }) => late === 0 && refused === '').at(-1) ?? rows[0]
    const direct = await measure({ files, folder, streams: held.streams, mayKill: false })
    console.log(`Streams of ${seconds} s through two members of a pool that pass media through, 25 chunks and 17 parts a second each`)
    console.table(rows)
    console.log(`Of the orchestrator's ${held.msCpuPerStreamSecond} ms per stream and second, ${round(held.msCpuPerStreamSecond - direct.msCpuPerStreamSecond, 2)} ms are for the pool: without it they are ${direct.msCpuPerStreamSecond} ms`)
    const { streams, late, msCpuPerStreamSecond, rssPerStreamKiB, loopDelayP99Ms, rehomeMs: rehome } = held
    return { name: 'pool', streams, lateSegments: late, msCpuPerStreamSecond, rssPerStreamKiB, rehomeMs: rehome, loopDelayP99Ms }
  } finally {
    await nats.kill()
    for (const file of Object.values(files)) rmSync(file, { force: true })
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
