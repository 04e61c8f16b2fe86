// Programs and libraries that npm cannot install: where they are on this machine, and how to get them when they are not.
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { spawnSync } from 'node:child_process'

/** Where systems keep shared libraries. */
const libraryFolders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib', '/opt/homebrew/lib']

/**
 * What the network and its tests need beside npm packages: a program by its `names` and `places`, a library by the
 * pattern of its file. `env` names the variables with which a person points to their own.
 * @type {Record<'ffmpeg' | 'chromium' | 'firefox' | 'libsecp256k1' | 'nats-server' | 'postgres', { env: string[], names?: string[], places?: string[], library?: RegExp, packages: { apt: string, brew: string }, why: string }>}
 */
export const systemParts = {
  ffmpeg: {
    env: ['FFMPEG_PATH'],
    names: ['ffmpeg'],
    places: ['/usr/bin/ffmpeg', '/usr/local/bin/ffmpeg', '/opt/homebrew/bin/ffmpeg', '/snap/bin/ffmpeg'],
    packages: { apt: 'ffmpeg', brew: 'ffmpeg' },
    why: 'the transcoder runs it',
  },
  chromium: {
    env: ['CHROME_BIN', 'CHROME_PATH'],
    names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'],
    places: [
      '/usr/bin/chromium',
      '/usr/bin/google-chrome',
      '/snap/bin/chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    packages: { apt: 'chromium', brew: '--cask chromium' },
    why: 'the browser tests and benchmarks run it',
  },
  firefox: {
    env: ['FIREFOX_BIN'],
    names: ['firefox-esr', 'firefox'],
    places: ['/usr/bin/firefox-esr', '/usr/bin/firefox', '/snap/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'],
    packages: { apt: 'firefox-esr', brew: '--cask firefox' },
    why: 'the end-to-end tests run it beside Chromium',
  },
  'nats-server': {
    env: ['NATS_SERVER_PATH'],
    names: ['nats-server'],
    // Debian's is where only root's PATH looks.
    places: ['/usr/sbin/nats-server', '/usr/local/bin/nats-server', '/opt/homebrew/bin/nats-server'],
    packages: { apt: 'nats-server', brew: 'nats-server' },
    why: 'transcoders of other machines are met there',
  },
  postgres: {
    env: ['POSTGRES_PATH'],
    names: ['postgres'],
    // Debian keeps each version apart, and none where anybody's PATH looks.
    places: ['18', '17', '16', '15', '14', '13'].map((version) => `/usr/lib/postgresql/${version}/bin/postgres`),
    packages: { apt: 'postgresql', brew: 'postgresql@17' },
    why: 'several orchestrator processes share a ledger there',
  },
  libsecp256k1: {
    env: [],
    library: /^libsecp256k1\.(so\.\d+|dylib)$/,
    packages: { apt: 'libsecp256k1-dev', brew: 'secp256k1' },
    why: 'orchestrators check tickets faster with it, which is tested and measured',
  },
}

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function findLibrary(pattern) {
  for (const folder of libraryFolders) {
    try {
      const name = readdirSync(folder).find((entry) => pattern.test(entry))
      if (name !== undefined) return join(folder, name)
    } catch {
      // another system's folder
    }
  }
  return undefined
}

/**
 * Looks for a library in its folders, or for a program: the environment's word first, then PATH, then the usual places.
 * @param {keyof typeof systemParts} part
 * @returns {string | undefined} absolute path of the file
 */
export function findSystemPart(part) {
  const { env, names = [], places = [], library } = systemParts[part]
  if (library !== undefined) return findLibrary(library)
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const candidates = [...env.flatMap((name) => process.env[name] ?? []), ...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...places]
  return candidates.find(isExecutable)
}

/** The command that installs packages here without asking anyone, or undefined. */
function findInstaller() {
  const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0
  if (process.platform === 'darwin' && has('brew', '--version')) return { kind: 'brew', commands: (names) => [['brew', 'install', ...names.flatMap((name) => name.split(' '))]] }
  if (process.platform !== 'linux' || !has('apt-get', '--version')) return undefined
  const isRoot = process.getuid?.() === 0
  if (!isRoot && !has('sudo', '-n', 'true')) return undefined
  const prefix = isRoot ? [] : ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND']
  return {
    kind: 'apt',
    commands: (names) => [
      [...prefix, 'apt-get', 'update', '-q'],
      [...prefix, 'apt-get', 'install', '-q', '-y', '--no-install-recommends', ...names],
    ],
  }
}

/** A clause about the variable that points to a part, where there is one. */
const describeEnv = (part, before, after) => systemParts[part].env.slice(0, 1).map((name) => `${before}${name}${after}`).join('')

/**
 * Makes sure that parts are there, installing what is missing.
 * @param {(keyof typeof systemParts)[]} parts
 * @param {(line: string) => void} print
 * @returns {Record<string, string>} path by part
 * @throws {Error} naming the package when one is missing and cannot be installed
 */
export function ensureSystemParts(parts, print) {
  const missing = parts.filter((part) => findSystemPart(part) === undefined)
  if (missing.length > 0) {
    const advice = missing.map((part) => `${part} (${systemParts[part].why}${describeEnv(part, '; set ', ' if it is installed elsewhere')})`).join(' and ')
    const installer = findInstaller()
    const packages = missing.map((part) => systemParts[part].packages[installer?.kind === 'brew' ? 'brew' : 'apt'])
    if (installer === undefined) throw new Error(`Please install ${advice}, for example with your package manager's package "${packages.join(' ')}", and start again.`)
    print(`installing ${missing.join(', ')}`)
    for (const [command, ...args] of installer.commands(packages)) {
      const { status, stderr } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
      if (status !== 0) throw new Error(`"${[command, ...args].join(' ')}" failed:\n${stderr.trim().split('\n').slice(-8).join('\n')}\nPlease install ${advice} by hand and start again.`)
    }
  }
  return Object.fromEntries(parts.map((part) => {
    const path = findSystemPart(part)
    if (path === undefined) throw new Error(`${part} was installed but cannot be found${describeEnv(part, '; set ', ' to its path')}.`)
    return [part, path]
  }))
}
