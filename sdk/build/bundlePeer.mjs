/**
 * simple-peer in 6 KiB instead of 29: most of its prebuilt bundle are Node's streams and buffers, which nobody here uses
 * (`transport/dialPeer.ts` listens to events). Its own code is unchanged; what it requires is replaced.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describePackage } from './listLicences.mjs'

const require = createRequire(import.meta.url)
/** What `transport/dialPeer.ts` imports: the prebuilt one, where nothing is built (tests in Node). */
const specifier = 'simple-peer/simplepeer.min.js'
/** Whose code is in it, and whose licences go with it. */
export const peerPackages = ['simple-peer', 'get-browser-rtc', 'err-code'].map((name) => path.dirname(require.resolve(`${name}/package.json`)))

/** By the name that is required: the module that stands for it. */
const replacements = {
  'readable-stream': readFileSync(fileURLToPath(new URL('peer/stream.cjs', import.meta.url)), 'utf8'),
  buffer: 'exports.Buffer = { from: (data) => new Uint8Array(data) }',
  debug: 'module.exports = () => () => undefined',
  'queue-microtask': 'module.exports = (task) => queueMicrotask(task)',
  randombytes: `module.exports = (count) => ({ toString: () => Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => byte.toString(16).padStart(2, '0')).join('') })`,
}

/** @returns {Promise<string>} an ES module whose default export is simple-peer's class, licences on top */
async function bundlePeer() {
  const names = Object.keys(replacements)
  const result = await build({
    entryPoints: [path.join(peerPackages[0], 'index.js')],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [
      {
        name: 'replacements',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path: name }) => ({ path: name, namespace: 'replacement' }))
          onLoad({ filter: /.*/, namespace: 'replacement' }, ({ path: name }) => ({ contents: replacements[name] }))
        },
      },
    ],
  })
  return `/*!\n${peerPackages.map(describePackage).join('\n\n')}\n*/\n${result.outputFiles[0].text}`
}

/** Rollup plugin: simple-peer as a module of ours, so that neither a bundler nor a page needs to know its package. */
export function inlinePeer() {
  const id = fileURLToPath(new URL('../src/transport/simplePeer.js', import.meta.url))
  return {
    name: 'streamflow-inline-peer',
    resolveId: { order: 'pre', handler: (source) => (source === specifier ? { id, moduleSideEffects: false } : null) },
    load: (source) => (source === id ? bundlePeer() : null),
  }
}

/** The same for esbuild, which bundles the browser tests: they run what is shipped. */
export function inlinePeerForEsbuild() {
  return {
    name: 'streamflow-inline-peer',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^${specifier}$`) }, () => ({ path: specifier, namespace: 'peer' }))
      onLoad({ filter: /.*/, namespace: 'peer' }, async () => ({ contents: await bundlePeer(), loader: 'js' }))
    },
  }
}
