// Prints line and branch coverage of src, file by file and in all, and fails below the floor.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toolPath } from './forge.mjs'

const MINIMUM_LINES_PERCENT = 98

const root = dirname(dirname(fileURLToPath(import.meta.url)))
// forge's coverage reads only what lies inside its project, and npm hoists the libraries out of it: a copy holds both.
const copy = join(root, 'cache', 'coverage', 'contracts')
const report = join(root, 'cache', 'coverage', 'lcov.info')

function makeCopy() {
  rmSync(dirname(copy), { recursive: true, force: true })
  mkdirSync(copy, { recursive: true })
  for (const part of ['src', 'test', 'solc.mjs', 'foundry.toml']) cpSync(join(root, part), join(copy, part), { recursive: true })
  cpSync(join(root, '..', 'test', 'vectors'), join(copy, '..', 'test', 'vectors'), { recursive: true })
  const settings = readFileSync(join(copy, 'foundry.toml'), 'utf8')
  writeFileSync(join(copy, 'foundry.toml'), settings.replaceAll('../node_modules', 'lib'))
  const require = createRequire(import.meta.url)
  for (const name of ['@openzeppelin/contracts', '@openzeppelin/contracts-upgradeable', '@uniswap/v4-core']) {
    const from = dirname(require.resolve(`${name}/package.json`))
    const inside = name === '@uniswap/v4-core' ? 'lib/forge-std/src' : ''
    cpSync(join(from, inside), join(copy, 'lib', name, inside), { recursive: true })
  }
}

function main() {
  makeCopy()
  // Few runs: coverage asks which lines are reached, not how often.
  const args = ['coverage', '--report', 'lcov', '--report-file', report, '--no-match-path', 'test/gas/*', ...process.argv.slice(2)]
  const env = { ...process.env, FOUNDRY_PROFILE: process.env.FOUNDRY_PROFILE ?? 'quick' }
  const { status, stdout, stderr } = spawnSync(toolPath('forge'), args, { cwd: copy, env, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (status !== 0) {
    console.error(stdout, stderr)
    process.exitCode = status ?? 1
    return
  }
  const files = parse(readFileSync(report, 'utf8')).filter(({ file }) => file.startsWith('src/'))
  const total = { file: 'all of src', lines: sum(files, 'lines'), linesHit: sum(files, 'linesHit'), branches: sum(files, 'branches'), branchesHit: sum(files, 'branchesHit') }
  console.table([...files, total].map((entry) => ({ file: entry.file, lines: share(entry.linesHit, entry.lines), branches: share(entry.branchesHit, entry.branches), 'lines missed': entry.missed?.join(' ') ?? '' })))
  const percent = (100 * total.linesHit) / total.lines
  if (percent >= MINIMUM_LINES_PERCENT) return
  console.error(`lines covered: ${percent.toFixed(2)} %, below ${MINIMUM_LINES_PERCENT} %`)
  process.exitCode = 1
}

/** The few records of an lcov file that matter here. */
function parse(lcov) {
  return lcov.split('end_of_record').flatMap((record) => {
    const file = /^SF:(.+)$/m.exec(record)?.[1]
    if (file === undefined) return []
    const value = (key) => Number(new RegExp(`^${key}:(\\d+)$`, 'm').exec(record)?.[1] ?? 0)
    const missed = [...record.matchAll(/^DA:(\d+),0$/gm)].map((match) => match[1])
    return [{ file, lines: value('LF'), linesHit: value('LH'), branches: value('BRF'), branchesHit: value('BRH'), missed }]
  })
}

function sum(entries, key) {
  return entries.reduce((all, entry) => all + entry[key], 0)
}

function share(hit, all) {
  return all === 0 ? '-' : `${((100 * hit) / all).toFixed(1)} % (${hit}/${all})`
}

main()
