// Where the repository's own package.json is kept while the published one stands in its place.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publishedManifest } from './publishedManifest.mjs'

/** The repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

const standing = (folder) => join(folder, 'package.json')
const kept = (folder) => join(root, '.streamflow', 'packing', `${basename(folder)}.json`)
const render = (manifest) => `${JSON.stringify(manifest, undefined, 2)}\n`

/**
 * Puts the published manifest in the place of the repository's.
 * @param {string} folder - of the package
 */
export function swapManifest(folder) {
  // A pack that was interrupted has left the published one standing.
  restoreManifest(folder)
  const own = readFileSync(standing(folder), 'utf8')
  mkdirSync(dirname(kept(folder)), { recursive: true })
  writeFileSync(kept(folder), own)
  writeFileSync(standing(folder), render(publishedManifest(JSON.parse(own))))
}

/**
 * Puts the repository's manifest back, unless somebody has changed the one that stands there since.
 * @param {string} folder - of the package
 */
export function restoreManifest(folder) {
  if (!existsSync(kept(folder))) return
  const own = readFileSync(kept(folder), 'utf8')
  if (readFileSync(standing(folder), 'utf8') === render(publishedManifest(JSON.parse(own)))) writeFileSync(standing(folder), own)
  rmSync(kept(folder))
}
