// npm packages: installed when they are missing or differ from package-lock.json. Runs before any package exists.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))

/**
 * Whether node_modules holds what the lock file says. npm keeps its own record of what it installed, written last, so
 * an interrupted installation counts as none.
 * @param {string} root - folder of the repository
 */
export function areDependenciesInstalled(root) {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const installed = readJson(record).packages
  // Optional packages are for other platforms as often as not; links are the workspaces themselves.
  const wanted = Object.entries(readJson(join(root, 'package-lock.json')).packages).filter(([path, entry]) => path.startsWith('node_modules/') && !entry.link && !entry.optional && !entry.devOptional && !entry.peer)
  return wanted.every(([path, entry]) => installed[path]?.version === entry.version)
}

/**
 * Installs npm packages if they are missing or stale.
 * @param {{ root: string, print: (line: string) => void }} options
 * @returns {boolean} whether something was installed
 * @throws {Error} with the end of npm's output
 */
export function ensureDependencies({ root, print }) {
  if (areDependenciesInstalled(root)) return false
  print('installing npm packages (the first time takes a minute)')
  const windows = process.platform === 'win32'
  const { status, stdout, stderr, error } = spawnSync(windows ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, encoding: 'utf8', shell: windows })
  if (status !== 0) throw new Error(`npm ci failed:\n${error?.message ?? `${stdout}\n${stderr}`.trim().split('\n').slice(-20).join('\n')}`)
  return true
}
