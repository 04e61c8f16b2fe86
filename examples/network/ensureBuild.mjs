// What rollup builds: made again when a source changed since, which a hash over the sources tells.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { hashFiles } from './hashFiles.mjs'

/** Everything that decides what the build yields, relative to the root. */
const inputs = ['contracts/abi', 'contracts/artifacts', 'contracts/deploy', 'contracts/tsconfig.deploy.json', 'sdk/src', 'sdk/build', 'sdk/package.json', 'orchestrator/src', 'orchestrator/admin/src', 'orchestrator/package.json', 'examples/studio/src', 'examples/stake/src', 'examples/page/page.ts', 'rollup.config.mjs', 'tsconfig.base.json', 'package-lock.json']
/** One file of each thing that is built; if one is gone the hash is worth nothing. */
const outputs = ['contracts/dist/index.js', 'contracts/dist/deploy/deploy.d.mts', 'sdk/dist/index.js', 'sdk/dist/index.d.ts', 'sdk/dist/bundle/streamflow.js', 'orchestrator/dist/main.js', 'orchestrator/dist/transcoder.js', 'orchestrator/dist/admin/admin.js', 'examples/studio/dist/studio.js', 'examples/studio/dist/watch.js', 'examples/stake/dist/stake.js', 'examples/page/dist/page.js']
/** Where they lie. What an earlier build left there would be served, or packed. */
const folders = ['contracts/dist', 'sdk/dist', 'orchestrator/dist', 'examples/studio/dist', 'examples/stake/dist', 'examples/page/dist']

/**
 * Builds contracts' ABIs, SDK, orchestrator and studio if a source changed since the last build.
 * @param {{ root: string, print: (line: string) => void }} options
 * @returns {boolean} whether something was built
 * @throws {Error} with the output of the build
 */
export function ensureBuild({ root, print }) {
  const stamp = join(root, '.streamflow', 'build.sha256')
  const hash = hashFiles(root, inputs)
  const isFresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash && outputs.every((path) => existsSync(join(root, path)))
  if (isFresh) return false
  print('building')
  for (const folder of folders) rmSync(join(root, folder), { recursive: true, force: true })
  const windows = process.platform === 'win32'
  const { status, stdout, stderr } = spawnSync(windows ? 'npm.cmd' : 'npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8', shell: windows })
  if (status !== 0) throw new Error(`npm run build failed:\n${`${stdout}\n${stderr}`.trim()}`)
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, hash)
  return true
}
