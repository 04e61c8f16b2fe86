// Programs that npm cannot install: where they are on this machine, and how to get them when they are not.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { spawnSync } from 'node:child_process'

/**
 * What the network and its tests need beside npm packages. `env` names the variable with which a person points to their own.
 * @type {Record<'ffmpeg' | 'chromium', { env: string[], names: string[], places: string[], packages: { apt: string, brew: string }, why: string }>}
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
}

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Looks for a program: the environment's word first, then PATH, then the usual places.
 * @param {keyof typeof systemParts} part
 * @returns {string | undefined} absolute path of the executable
 */
export function findSystemPart(part) {
  const { env, names, places } = systemParts[part]
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

/**
 * Makes sure that programs are there, installing what is missing.
 * @param {(keyof typeof systemParts)[]} parts
 * @param {(line: string) => void} print
 * @returns {Record<string, string>} path by part
 * @throws {Error} naming the package when one is missing and cannot be installed
 */
export function ensureSystemParts(parts, print) {
  const missing = parts.filter((part) => findSystemPart(part) === undefined)
  if (missing.length > 0) {
    const advice = missing.map((part) => `${part} (${systemParts[part].why}; set ${systemParts[part].env[0]} if it is installed elsewhere)`).join(' and ')
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
    if (path === undefined) throw new Error(`${part} was installed but cannot be found; set ${systemParts[part].env[0]} to its path.`)
    return [part, path]
  }))
}
