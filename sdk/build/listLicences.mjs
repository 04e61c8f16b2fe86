/** Rollup plugin: the licences of what a bundle carries, in a file beside it. Most of them ask for that. */

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** @returns {string | undefined} the folder of the package that a module is of, if it is somebody else's */
function findPackage(id) {
  const at = id.lastIndexOf(`${path.sep}node_modules${path.sep}`)
  if (at < 0) return undefined
  const [scope, name] = id.slice(at + '/node_modules/'.length).split(path.sep)
  return path.join(id.slice(0, at), 'node_modules', scope.startsWith('@') ? path.join(scope, name) : scope)
}

/** @param {string} folder - of a package @returns {string} its name and its licence's text */
export function describePackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry))
  const text = file === undefined ? '' : `\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}`
  return `${name} ${version} (${license})${text}`
}

/**
 * @param {string} fileName - relative to the bundle
 * @param {readonly string[]} [inlined] - folders of packages whose code came in by other ways
 */
export function listLicences(fileName, inlined = []) {
  return {
    name: 'streamflow-list-licences',
    generateBundle(_options, bundle) {
      const ids = Object.values(bundle).flatMap((chunk) => Object.keys(chunk.modules ?? {}))
      const folders = new Set([...inlined, ...ids.map((id) => findPackage(id.replaceAll('\0', '').split('?')[0])).filter((folder) => folder !== undefined && existsSync(path.join(folder, 'package.json')))])
      this.emitFile({ type: 'asset', fileName, source: `${[...folders].sort().map(describePackage).join(`\n\n${'-'.repeat(80)}\n\n`)}\n` })
    },
  }
}
