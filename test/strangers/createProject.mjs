// A project of somebody who has never seen this repository: a folder far from it, the tarballs, and npm.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'

const projects = fileURLToPath(new URL('projects', import.meta.url))
/** What npm has installed for this repository: strangers get the same versions, so that no new release breaks a test. */
const installed = JSON.parse(readFileSync(fileURLToPath(new URL('../../package-lock.json', import.meta.url)), 'utf8')).packages
/** Versions of what only strangers use. */
const theirs = { react: '19.3.1', 'react-dom': '19.3.1', '@types/react': '19.3.0', '@types/react-dom': '19.3.0', wagmi: '3.7.7', '@tanstack/react-query': '5.108.4', webpack: '5.113.0', 'livekit-client': '2.23.0', 'amazon-ivs-web-broadcast': '1.41.0', '@mux/mux-player': '3.14.0' }

const versionOf = (name) => theirs[name] ?? installed[`node_modules/${name}`].version

/**
 * @typedef {object} Project
 * @property {string} folder
 * @property {string} installed - what npm said
 * @property {(command: string, ...args: string[]) => Promise<string>} run - a program of the project (or `node`) in its folder; gives its standard output
 * @property {(name: string) => string[]} versionsOf - a package's copies in the project, each by its version
 * @property {() => void} remove
 */

/**
 * Makes a project outside the repository and installs it.
 * @param {string} name - the files of this folder of `projects/` go with it
 * @param {{ tarballs: string[], packages: string[] }} contents - `packages`: from the registry
 * @returns {Promise<Project>}
 */
export async function createProject(name, { tarballs, packages }) {
  const folder = mkdtempSync(join(tmpdir(), `streamflow-stranger-${name}-`))
  const own = join(projects, name)
  if (existsSync(own)) cpSync(own, folder, { recursive: true })
  const fromTarballs = Object.fromEntries(tarballs.map((file) => [`@streamflow/${/^streamflow-([a-z]+)-/.exec(basename(file))[1]}`, `file:${file}`]))
  const fromRegistry = Object.fromEntries(packages.map((each) => [each, versionOf(each)]))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: `stranger-${name}`, version: '1.0.0', private: true, type: 'module', dependencies: { ...fromTarballs, ...fromRegistry } }, undefined, 2))
  const run = async (command, ...args) => {
    const path = command === 'node' ? process.execPath : command === 'npm' || command === 'npx' ? command : join(folder, 'node_modules', '.bin', command)
    try {
      // A stranger's shell knows nothing of npm's run of this repository.
      const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(npm_(?!config_(registry|cache))|NODE_OPTIONS$|NODE_PATH$|VITEST|TEST$|NODE_ENV$|INIT_CWD$)/i.test(key)))
      const { stdout, stderr } = await promisify(execFile)(path, args, { cwd: folder, encoding: 'utf8', env, maxBuffer: 16 * 1024 * 1024 })
      return command === 'npm' ? `${stdout}${stderr}` : stdout
    } catch (error) {
      throw new Error(`${[command, ...args].join(' ')} failed:\n${error.stdout}${error.stderr}`, { cause: error })
    }
  }
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    // Scripts are left out: what they build (a database's binding) no test here runs, and it takes a minute.
    const said = await run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts')
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages
    return {
      folder,
      installed: said,
      run,
      versionsOf: (each) => Object.entries(lock).filter(([path]) => path === `node_modules/${each}` || path.endsWith(`/node_modules/${each}`)).map(([, { version }]) => version),
      remove,
    }
  } catch (error) {
    remove()
    throw error
  }
}
