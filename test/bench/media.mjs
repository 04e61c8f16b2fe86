// Any media people have, through Node's `broadcast`, a real orchestrator and HLS, looked at as a viewer.
// `npm run bench -- media [--only NAME,…] [--at-once N] [FOLDER]`: the generated zoo, or every file of a folder.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { broadcast } from '@streamflow/sdk/node'
import { parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { findSystemPart } from '../../examples/network/findSystemPart.mjs'
import { startNetwork } from '../../examples/network/startNetwork.mjs'
import { playKind } from '../media-fixtures/playKind.mjs'
import { foreignKind, zoo } from '../media-fixtures/zoo.mjs'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' }, 'at-once': { type: 'string', default: '3' } } })

/** What is to be played. */
function chooseKinds() {
  const [folder] = positionals
  const only = values.only?.split(',')
  const kinds = folder === undefined ? zoo : readdirSync(folder).map((name) => join(folder, name)).filter((path) => statSync(path).isFile()).map(foreignKind)
  return kinds.filter(({ name }) => only === undefined || only.some((word) => name.includes(word)))
}

/** Plays all, a few at a time. */
async function playAll(kinds, network, folder) {
  const { network: description, development } = network
  const start = (input, options) => broadcast(input, { network: description, wallet: privateKeyToAccount(development.key), budget: { spendCap: parseEther('1') }, orchestrators: { timeoutMs: 20_000 }, verificationRate: 1, ...options })
  const waiting = kinds.map((kind, i) => ({ kind, i }))
  const rows = []
  const work = async () => {
    // A machine that is busy with ffmpeg may keep the chain waiting; that is not the medium's fault.
    const startPatiently = async (input, options, tries = 3) => {
      try {
        return await start(input, options)
      } catch (error) {
        if (tries === 0 || typeof input !== 'string' || !['ChainUnavailable', 'NoOrchestrator', 'Timeout'].includes(error.code)) throw error
        return startPatiently(input, options, tries - 1)
      }
    }
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { kind, i } = next
      const place = join(folder, String(i))
      mkdirSync(place)
      const path = join(place, `${kind.name.replace(/[^\w.-]/g, '-')}.${kind.extension}`)
      const row = await Promise.resolve().then(() => kind.make(path)).then(() => playKind(kind, path, startPatiently)).catch((error) => ({ outcome: 'failed', problems: [`the test failed: ${error.message}`], lostSegments: 0, offsetMs: 0, startMs: 0 }))
      rows.push({ kind, ...row })
      rmSync(place, { recursive: true, force: true })
      console.error(`  ${row.problems.length > 0 ? '✗' : '✓'} ${kind.name}: ${row.outcome}${row.code ? ` ${row.code}` : ''}${row.problems.length > 0 ? ` — ${row.problems.join('; ')}` : row.message ? ` (${row.message.slice(0, 110)})` : ''}`)
    }
  }
  await Promise.all(Array.from({ length: Number(values['at-once']) }, work))
  return rows
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-media-'))
  const network = await startNetwork({ folder: join(folder, 'network'), anyPorts: true, settings: { transcoder: { processes: 1, ffmpeg: findSystemPart('ffmpeg'), pixelsPerSecond: 1_000_000_000 }, streams: { maxPerSender: 64 } } })
  try {
    const rows = await playAll(chooseKinds(), network, folder)
    const count = (outcome) => rows.filter((row) => row.outcome === outcome).length
    console.table(rows.map(({ kind, outcome, code, offsetMs, startMs, lostSegments, problems }) => ({ kind: kind.name, outcome: code ?? outcome, 'A/V ms': offsetMs, 'start ms': startMs, lost: lostSegments, wrong: problems.join('; ').slice(0, 80) })))
    console.log(
      `RESULT ${JSON.stringify({
        name: 'media',
        files: rows.length,
        played: count('played') + count('warned'),
        warned: count('warned'),
        refused: count('refused'),
        wrong: rows.filter(({ problems }) => problems.length > 0).length,
        lostSegments: rows.reduce((sum, { lostSegments }) => sum + lostSegments, 0),
        maxAvOffsetMs: Math.max(0, ...rows.map(({ offsetMs }) => offsetMs)),
      })}`,
    )
  } finally {
    await network.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
