// `npm run bench -- NAME [options]`: runs test/bench/NAME.mjs, which prints a table for people and, as its last line,
// `RESULT {json}` for machines.
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensureBuild } from '../../examples/network/ensureBuild.mjs'
import { ensureDependencies } from '../../examples/network/ensureDependencies.mjs'
import { ensureSystemParts } from '../../examples/network/findSystemPart.mjs'

const folder = dirname(fileURLToPath(import.meta.url))
const root = join(folder, '..', '..')
const [name, ...args] = process.argv.slice(2)
const file = join(folder, `${name}.mjs`)

if (name === undefined || !/^[a-z]+$/.test(name) || name === 'run' || !existsSync(file)) {
  const names = readdirSync(folder).filter((entry) => entry.endsWith('.mjs') && entry !== 'run.mjs').map((entry) => entry.slice(0, -4))
  console.error(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`)
  process.exit(2)
}
try {
  const print = (line) => console.error(`  ${line}`)
  ensureDependencies({ root, print })
  const parts = ensureSystemParts(['ffmpeg', 'chromium', 'libsecp256k1'], print)
  ensureBuild({ root, print })
  const { status } = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: 'inherit', env: { ...process.env, CHROME_BIN: parts.chromium, FFMPEG_PATH: parts.ffmpeg } })
  process.exitCode = status ?? 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
