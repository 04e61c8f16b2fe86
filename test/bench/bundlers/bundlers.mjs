// The same module, bundled as three kinds of users do: what a page loads at once, and all that it can ever load, in bytes
// of gzip after minifying.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { build, transform } from 'esbuild'
import { rollup } from 'rollup'

/**
 * @typedef {object} Bundle
 * @property {number} atOnce - the entry and what it imports statically
 * @property {number} all - every chunk
 * @property {(module: string) => number} measureChunk - what loading the chunk with this module adds to what is there at once
 *
 * @typedef {{ bytes: number, imports: readonly string[], modules: readonly string[], isEntry: boolean }} Chunk
 */

const gzipped = (code) => gzipSync(code, { level: 9 }).length

/** @param {Map<string, Chunk>} chunks - `imports`: static ones @returns {Bundle} */
function weigh(chunks) {
  const visit = (name, seen) => {
    if (seen.has(name) || !chunks.has(name)) return seen
    seen.add(name)
    for (const next of chunks.get(name).imports) visit(next, seen)
    return seen
  }
  const sum = (names) => [...names].reduce((total, name) => total + chunks.get(name).bytes, 0)
  const entry = [...chunks].find(([, { isEntry }]) => isEntry)[0]
  const initial = visit(entry, new Set())
  return {
    atOnce: sum(initial),
    all: sum(chunks.keys()),
    measureChunk(module) {
      const name = [...chunks].find(([, { modules }]) => modules.some((id) => id.endsWith(module)))?.[0]
      return name === undefined ? 0 : sum([...visit(name, new Set())].filter((each) => !initial.has(each)))
    },
  }
}

async function bundleByRollup({ entry }) {
  const bundle = await rollup({ input: entry, plugins: [nodeResolve({ browser: true, preferBuiltins: false }), commonjs(), json()], onwarn: () => undefined })
  const { output } = await bundle.generate({ format: 'es' })
  await bundle.close()
  const chunks = new Map()
  for (const { type, fileName, code, imports, moduleIds, isEntry } of output) {
    if (type !== 'chunk') continue
    const { code: small } = await transform(code, { minify: true, target: 'es2022', legalComments: 'none' })
    chunks.set(fileName, { bytes: gzipped(small), imports, modules: moduleIds, isEntry })
  }
  return weigh(chunks)
}

async function bundleByEsbuild({ entry }) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry], bundle: true, splitting: true, format: 'esm', minify: true, target: 'es2022', legalComments: 'none', write: false, metafile: true, outdir: 'out', logLevel: 'silent', platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  const codes = new Map(outputFiles.map(({ path, contents }) => [path.split(/[/\\]/).at(-1), contents]))
  const base = (path) => path.split('/').at(-1)
  const chunks = new Map(Object.entries(metafile.outputs).filter(([path]) => path.endsWith('.js')).map(([path, { imports, inputs, entryPoint }]) => [base(path), {
    bytes: gzipped(codes.get(base(path))),
    imports: imports.filter(({ kind }) => kind === 'import-statement').map((each) => base(each.path)),
    modules: Object.keys(inputs),
    // An entry of its own, not what `import()` leads to.
    isEntry: entryPoint !== undefined && entryPoint.endsWith(base(entry)),
  }]))
  return weigh(chunks)
}

async function bundleByWebpack({ entry, folder }) {
  const webpack = createRequire(join(folder, 'package.json'))('webpack')
  const path = mkdtempSync(join(folder, 'out-'))
  const options = {
    mode: 'production', entry, target: ['web', 'es2022'], output: { path, filename: '[name].js', chunkFilename: '[id].js', library: { type: 'module' }, chunkFormat: 'module', module: true }, experiments: { outputModule: true },
    // An entry exports what it re-exports, and nobody imports it.
    optimization: { usedExports: true }, performance: { hints: false },
  }
  const stats = await new Promise((resolve, reject) => webpack(options, (error, result) => (error ? reject(error) : resolve(result))))
  if (stats.hasErrors()) throw new Error(stats.toString({ preset: 'errors-only' }))
  const { chunks } = stats.toJson({ all: false, chunks: true, chunkModules: true, nestedModules: true, ids: true })
  const found = new Map(chunks.map(({ id, files, initial, entry: isEntry, modules = [] }) => [String(id), {
    bytes: files.filter((file) => /\.m?js$/.test(file)).reduce((total, file) => total + gzipped(readFileSync(join(path, file))), 0),
    imports: initial ? chunks.filter((each) => each.initial).map((each) => String(each.id)) : [],
    modules: modules.flatMap((module) => [module.name, ...(module.modules ?? []).map(({ name }) => name)]).filter((name) => name !== undefined),
    isEntry,
  }]))
  rmSync(path, { recursive: true, force: true })
  return weigh(found)
}

/** By name. @type {Readonly<Record<string, (options: { entry: string, folder: string }) => Promise<Bundle>>>} */
const bundlers = { rollup: bundleByRollup, esbuild: bundleByEsbuild, webpack: bundleByWebpack }
export const bundlerNames = Object.keys(bundlers)

/**
 * @param {string} code - of the entry, a module
 * @param {string} folder - in which it lies, and finds its packages and webpack
 * @returns {Promise<Readonly<Record<string, Bundle>>>} by bundler
 */
export async function bundleByAll(code, folder) {
  const entry = join(folder, 'entry.js')
  writeFileSync(entry, code)
  const results = {}
  for (const [name, bundle] of Object.entries(bundlers)) results[name] = await bundle({ entry, folder })
  return results
}
