// `npm run test:repeat -- --times 10 [--busy] [SECTION…]`: runs `npm test` again and again, if asked while every processor
// is kept busy, and says which runs passed and which tests failed how often. What passes by luck shows here.
import { readFileSync, rmSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const failuresPath = fileURLToPath(new URL('output/failures.json', import.meta.url))
const { values, positionals: sections } = parseArgs({ options: { times: { type: 'string', default: '10' }, busy: { type: 'boolean', default: false } }, allowPositionals: true })
const times = Number(values.times)

/** Loops that never rest, one for each processor, until they are killed or nobody listens to them any more. */
function startLoad() {
  const loop = 'const parent = process.ppid; while (process.ppid === parent) { for (let i = 0; i < 1e8; i++); }'
  return Array.from({ length: availableParallelism() }, () => spawn(process.execPath, ['--eval', loop], { stdio: 'ignore' }))
}

/** @returns {Promise<{ failures: string[], seconds: number }>} */
function runOnce() {
  rmSync(failuresPath, { force: true })
  const startedAt = Date.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('run.mjs', import.meta.url)), ...sections], { stdio: 'inherit' })
    child.once('close', (status) => {
      let failures
      try {
        failures = JSON.parse(readFileSync(failuresPath, 'utf8'))
      } catch {
        failures = ['it ended before it could say'] // and wrote no list
      }
      if (status !== 0 && failures.length === 0) failures.push('it ended without a reason')
      resolve({ failures, seconds: Math.round((Date.now() - startedAt) / 1_000) })
    })
  })
}

function printTable(runs) {
  console.log(`\nrun   seconds   failed${values.busy ? '   (processors kept busy)' : ''}`)
  for (const [index, { failures, seconds }] of runs.entries()) console.log(`${String(index + 1).padStart(3)}   ${String(seconds).padStart(7)}   ${failures.length === 0 ? '–' : failures.length}`)
  const counts = new Map()
  for (const failure of runs.flatMap(({ failures }) => failures)) counts.set(failure, (counts.get(failure) ?? 0) + 1)
  for (const [failure, count] of [...counts].sort(([, a], [, b]) => b - a)) console.log(`${count} of ${runs.length}   ${failure}`)
  console.log(`${runs.filter(({ failures }) => failures.length === 0).length} of ${runs.length} runs passed`)
}

if (!Number.isInteger(times) || times < 1) throw new RangeError('--times is a whole number from 1 on')
const load = values.busy ? startLoad() : []
const runs = []
try {
  while (runs.length < times) {
    console.log(`▸ run ${runs.length + 1} of ${times}`)
    runs.push(await runOnce())
  }
} finally {
  for (const child of load) child.kill()
}
printTable(runs)
process.exitCode = runs.every(({ failures }) => failures.length === 0) ? 0 : 1
