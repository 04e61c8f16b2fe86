// Bundles TypeScript sources for a Node process of its own, so that benches and crash tests run what is in the working
// tree. Packages of others stay imports; the bundle lies inside the repository so that they are found.
import { build } from 'esbuild'
import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const folder = fileURLToPath(new URL('../output/bundles/', import.meta.url))
const { dependencies } = JSON.parse(readFileSync(new URL('../../orchestrator/package.json', import.meta.url), 'utf8'))
/** What the orchestrator depends on, and what makes bundles itself. */
const external = [...Object.keys(dependencies).filter((name) => !name.startsWith('@streamflow/')), 'esbuild']

/** What is JavaScript already is imported where it lies: some of it reads files beside itself. */
const leaveModules = {
  name: 'leave-modules',
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/.*\.mjs$/ }, ({ path, resolveDir }) => ({ path: pathToFileURL(join(resolveDir, path)).href, external: true }))
  },
}

/**
 * @param {string} entry - path of a .ts file
 * @returns {Promise<string>} path of the bundle
 */
export async function bundleForNode(entry) {
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `${basename(entry, '.ts')}-${process.pid}.mjs`)
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@streamflow/source'],
    plugins: [leaveModules],
    external,
    sourcemap: 'inline',
    logLevel: 'silent',
  })
  return outfile
}
