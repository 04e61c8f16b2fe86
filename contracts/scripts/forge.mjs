// Where forge is: the executable that npm installed, wherever npm hoisted it.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @returns the nearest node_modules/.bin/<name> at or above this package */
export function binPath(name) {
  for (let folder = dirname(dirname(fileURLToPath(import.meta.url))); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', '.bin', name)
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) throw new Error(`${name} is not installed: run npm install`)
  }
}

/** Path of forge. */
export const forgePath = binPath('forge')

/** Path of anvil. */
export const anvilPath = binPath('anvil')
