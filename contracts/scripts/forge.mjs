// Where the native forge and anvil are that npm installed, and forge as a command: `node scripts/forge.mjs test …`.
// The packages' own command is a wrapper that exits with 0 whatever forge said: a failing test would pass.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' }

/**
 * @param {'forge' | 'anvil'} tool
 * @returns {string} path of its executable for this machine
 */
export function toolPath(tool) {
  const name = `@foundry-rs/${tool}-${process.platform}-${ARCHITECTURES[process.arch]}`
  const wrapper = createRequire(import.meta.url).resolve(`@foundry-rs/${tool}/package.json`)
  const manifest = createRequire(wrapper).resolve(`${name}/package.json`)
  return join(dirname(manifest), 'bin', process.platform === 'win32' ? `${tool}.exe` : tool)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  const { status } = spawnSync(toolPath('forge'), process.argv.slice(2), { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1
}
