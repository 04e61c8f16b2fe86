// What `npm publish` would upload: each published package as npm packs it.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Workspaces that are published. */
export const publishedWorkspaces = /** @type {const} */ (['contracts', 'sdk', 'orchestrator'])

/**
 * @param {string} folder - where the tarballs go
 * @returns {Record<typeof publishedWorkspaces[number], { file: string, paths: string[] }>} by workspace: the tarball, and what lies in it
 */
export function packTarballs(folder) {
  mkdirSync(folder, { recursive: true })
  const args = ['pack', '--silent', '--json', '--pack-destination', folder, ...publishedWorkspaces.flatMap((name) => ['--workspace', name])]
  const packed = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }))
  // An array, or an object by name: npm's versions differ.
  const list = Object.values(packed)
  return Object.fromEntries(publishedWorkspaces.map((workspace) => {
    const { filename, files } = list.find(({ name }) => name === `@streamflow/${workspace}`)
    return [workspace, { file: join(folder, filename.replace('@', '').replace('/', '-')), paths: files.map(({ path }) => path) }]
  }))
}
