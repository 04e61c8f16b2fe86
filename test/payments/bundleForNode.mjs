// Bundles TypeScript sources for a Node process of its own, so that benches and crash tests run what is in the working
// tree. Native packages stay imports; the bundle lies inside the repository so that they are found.
import { build } from 'esbuild'
import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../output/bundles/', import.meta.url))

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
    external: ['better-sqlite3', 'secp256k1', 'koffi', 'hash-wasm'],
    sourcemap: 'inline',
    logLevel: 'silent',
  })
  return outfile
}
