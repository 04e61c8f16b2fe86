// `npm test`: everything that decides whether main is green, one thing after the other (two processors are enough).
// `npm test -- unit e2e` runs only these sections. Needs Node alone: packages and programs are installed where missing.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensureBuild } from '../examples/network/ensureBuild.mjs'
import { ensureDependencies } from '../examples/network/ensureDependencies.mjs'
import { ensureSystemParts } from '../examples/network/findSystemPart.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const output = join(root, 'test', 'output')
const isVerbose = process.argv.includes('--verbose')

/** @typedef {{ passed: number, failed: number, skipped?: number, failures?: string[] }} Count - `failures`: names of tests */

/** Vitest's own count, from the report that it writes. */
const vitestReport = (name) => join(output, `${name}.json`)
const vitest = (name, ...args) => ['npx', 'vitest', 'run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport(name)}`]
const countVitest = (name) => () => {
  const { numPassedTests, numPendingTests, testResults } = JSON.parse(readFileSync(vitestReport(name), 'utf8'))
  const failures = testResults
    .filter(({ status }) => status === 'failed')
    .flatMap((file) => {
      const path = relative(root, file.name)
      const tests = file.assertionResults.filter(({ status }) => status === 'failed').map(({ ancestorTitles, title }) => [path, ...ancestorTitles, title].join(' › '))
      // A file that does not even load, or whose hooks fail, has no failed tests, and has failed.
      return tests.length > 0 ? tests : [path]
    })
  return { passed: numPassedTests, failed: failures.length, skipped: numPendingTests, failures }
}
/** What was thrown where nobody waited for it: no test's failure, and the run's. */
const unhandled = /Unhandled (?:Rejection|Error|Errors) ⎯+\n(.*\w.*)$/gm
/** The lines by which karma, forge and vitest name what failed. */
const findLines = (text, pattern) => [...new Set([...text.matchAll(pattern)].map(([, line]) => line.trim()))]
/** @param {RegExp} pattern - last match: passed, failed */
const countText = (pattern, read) => (text) => {
  const match = [...text.matchAll(pattern)].at(-1)
  return match === undefined ? undefined : read(match)
}
const check = (name) => ({ name, command: ['npm', 'run', '--silent', `check:${name}`] })
/** Several browsers at once: specs wait for real time, and leave the processors idle. */
const browserShares = 3
const browser = (share) => ({
  name: `${share} of ${browserShares}`,
  command: ['npm', 'run', '--silent', 'test:browser'],
  env: { SHARD: `${share}/${browserShares}` },
  // The browser itself hung, now and then, on a machine that was busy: that says nothing of a test.
  again: /DISCONNECTED/,
  count: countText(/Executed (\d+) of \d+(?: \((\d+) FAILED\))?(?: \(skipped (\d+)\))?/g, ([, executed, failed = '0', skipped = '0']) => ({ passed: Number(executed) - Number(failed), failed: Number(failed), skipped: Number(skipped) })),
  failurePattern: /^(.*) FAILED$/gm,
})

/** In the order in which they run. A section has `parts`, of which `atOnce` run side by side, or is one; what cannot count is one test. */
const sections = [
  { name: 'check', title: 'types, lint, imports, dead code, generated files, documents', atOnce: 2, parts: ['types', 'docs', 'lint', 'deps', 'dead', 'abi', 'contracts'].map(check) },
  { name: 'unit', title: 'unit tests (vitest)', command: vitest('unit'), count: countVitest('unit'), failurePattern: unhandled },
  {
    name: 'contracts',
    title: 'contracts (forge)',
    command: ['npm', 'run', '--silent', '--workspace', 'contracts', 'test'], // `npm run test:contracts` looks at the coverage too
    count: countText(/(\d+) tests passed, (\d+) failed, (\d+) skipped/g, ([, passed, failed, skipped]) => ({ passed: Number(passed), failed: Number(failed), skipped: Number(skipped) })),
    failurePattern: /^\[FAIL[^\]]*\] *(.*)$/gm,
  },
  { name: 'browser', title: 'the SDK in a browser (karma)', atOnce: browserShares, parts: Array.from({ length: browserShares }, (_, index) => browser(index + 1)) },
  { name: 'integration', title: 'what crosses rooms, without a browser (vitest)', command: vitest('integration', '--config', 'test/vitest.config.ts', '--project', 'integration'), count: countVitest('integration'), failurePattern: unhandled },
  { name: 'e2e', title: 'end to end in Chromium and Firefox (vitest)', command: vitest('e2e', '--config', 'test/vitest.config.ts', '--project', 'e2e'), count: countVitest('e2e'), failurePattern: unhandled },
  { name: 'packages', title: 'the packages in strangers’ projects (vitest)', command: vitest('packages', '--config', 'test/vitest.config.ts', '--project', 'strangers'), count: countVitest('packages'), failurePattern: unhandled },
]

/** Runs a command with its output in a file (and here, if verbose). @returns {Promise<{ status: number, text: string }>} */
function run([command, ...args], logFile, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1', npm_config_update_notifier: 'false', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    const take = (chunk) => {
      text += chunk
      if (isVerbose) process.stdout.write(chunk)
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.once('error', (error) => take(`${error.message}\n`))
    child.once('close', (status) => {
      writeFileSync(logFile, text)
      resolve({ status: status ?? 1, text })
    })
  })
}

/** @returns {Promise<Count>} */
async function runSection(section, env) {
  const total = { passed: 0, failed: 0, skipped: 0, failures: [] }
  const waiting = [...(section.parts ?? [section])]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await runPart(section, next, { env, total })
  }
  await Promise.all(Array.from({ length: section.atOnce ?? 1 }, work))
  return total
}

/** One command of a section; adds what it counted to `total`. */
async function runPart(section, { name, command, count, failurePattern, again, env: own }, { env: common, total }) {
  const env = { ...common, ...own }
  const logFile = join(output, `${section.name}${section.parts ? `-${name.replaceAll(' ', '-')}` : ''}.log`)
  let { status, text } = await run(command, logFile, env)
  if (status !== 0 && again?.test(text)) {
    console.log(`  ${name}: what runs the tests hung and was ended; once more`)
    ;({ status, text } = await run(command, logFile, env))
  }
  let counted = { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 }
  if (count !== undefined) {
    try {
      counted = count(text) ?? { passed: 0, failed: 1 }
    } catch {
      counted = { passed: 0, failed: 1 } // it ended before it could say
    }
    // Nothing counted as failed, yet the command failed; or nothing ran at all: neither is green.
    if ((status !== 0 && counted.failed === 0) || counted.passed + counted.failed === 0) counted = { ...counted, failed: counted.failed + 1 }
  }
  if (counted.failed > 0) {
    const told = counted.failures ?? []
    const found = told.length > 0 || failurePattern === undefined ? told : findLines(text, failurePattern)
    total.failures.push(...(found.length > 0 ? found : [name]).map((failure) => `${section.name}: ${failure}`))
  }
  if (counted.failed > 0 && !isVerbose) console.log(`${text.trimEnd().split('\n').slice(-120).join('\n')}\n  (all of it: ${logFile})`)
  total.passed += counted.passed
  total.failed += counted.failed
  total.skipped += counted.skipped ?? 0
}

const describe = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`

async function main() {
  const begunAt = Date.now()
  const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'))
  const unknown = wanted.find((name) => !sections.some((section) => section.name === name))
  if (unknown !== undefined) throw new Error(`there is no section "${unknown}"; there are ${sections.map((section) => section.name).join(', ')}`)
  const print = (line) => console.log(`  ${line}`)
  console.log('▸ preparing')
  ensureDependencies({ root, print })
  const parts = ensureSystemParts(['ffmpeg', 'chromium', 'firefox', 'libsecp256k1', 'nats-server', 'postgres'], print)
  ensureBuild({ root, print })
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  const env = { CHROME_BIN: parts.chromium, FFMPEG_PATH: parts.ffmpeg, NATS_SERVER_PATH: parts['nats-server'], POSTGRES_PATH: parts.postgres }
  const rows = []
  for (const section of sections.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    console.log(`▸ ${section.name}: ${section.title}`)
    const startedAt = Date.now()
    const count = await runSection(section, env)
    rows.push({ section, count, seconds: (Date.now() - startedAt) / 1_000 })
    console.log(`  ${count.failed === 0 ? '✓' : '✗'} ${describe(count)} (${rows.at(-1).seconds.toFixed(0)} s)`)
  }
  const sum = (key) => rows.reduce((total, { count }) => total + count[key], 0)
  console.log(`\n${rows.map(({ section, count, seconds }) => `${count.failed === 0 ? '✓' : '✗'} ${section.name.padEnd(12)} ${describe(count).padEnd(28)} ${seconds.toFixed(0).padStart(5)} s`).join('\n')}\n`)
  const failures = rows.flatMap(({ count }) => count.failures)
  writeFileSync(join(output, 'failures.json'), JSON.stringify(failures))
  for (const failure of failures) console.log(`✗ ${failure}`)
  const seconds = Math.round((Date.now() - begunAt) / 1_000)
  console.log(`in ${Math.floor(seconds / 60)} min ${seconds % 60} s`)
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
  process.exitCode = sum('failed') === 0 ? 0 : 1
}

main().catch((error) => {
  console.error(error.message)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
})
