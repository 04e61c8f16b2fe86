// Bytes that a page loads, minified and gzipped: what `broadcast` needs at once, all that it can ever load, and `watch`
// without hls.js; beside viem's `createPublicClient`, which every dApp has. Bundled by rollup from the built package, as a
// user's bundler sees it.
import commonjs from '@rollup/plugin-commonjs'
import json from '@rollup/plugin-json'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import { transform } from 'esbuild'
import { rollup } from 'rollup'
import { withoutNodeFiles } from '../../rollup.config.mjs'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const kib = (bytes) => Math.round((bytes / 1024) * 10) / 10
/** Kilobytes that are aimed at. */
const goals = { broadcastStatic: 60, broadcastAll: 130, watchStatic: 8, follow: 14 }

/** @returns {Promise<{ atOnce: number, all: number, measureChunk: (module: string) => number }>} bytes of gzip: the entry with what it imports statically, and every chunk */
async function measure(code) {
  const entry = { name: 'entry', resolveId: (id) => (id === 'entry' ? `${folder}entry.js` : null), load: (id) => (id === `${folder}entry.js` ? code : null) }
  const bundle = await rollup({
    input: 'entry',
    plugins: [entry, withoutNodeFiles, nodeResolve({ browser: true, preferBuiltins: false }), commonjs(), json()],
    onwarn: () => undefined,
  })
  const { output } = await bundle.generate({ format: 'es' })
  await bundle.close()
  const chunks = new Map()
  for (const { type, fileName, code: text, imports, isEntry } of output) {
    if (type !== 'chunk') continue
    const { code: small } = await transform(text, { minify: true, target: 'es2022', legalComments: 'none' })
    chunks.set(fileName, { bytes: gzipSync(small, { level: 9 }).length, imports, isEntry })
  }
  const seen = new Set()
  const visit = (name) => {
    if (seen.has(name)) return
    seen.add(name)
    for (const next of chunks.get(name).imports) if (chunks.has(next)) visit(next)
  }
  for (const [name, { isEntry }] of chunks) if (isEntry) visit(name)
  const sum = (names) => [...names].reduce((total, name) => total + chunks.get(name).bytes, 0)
  /** What loading one chunk on demand costs beside what is there already: it and its imports. */
  const measureChunk = (module) => {
    const file = output.find(({ type, moduleIds }) => type === 'chunk' && moduleIds?.some((id) => id.endsWith(module)))?.fileName
    if (file === undefined || seen.has(file)) return 0
    const before = new Set(seen)
    visit(file)
    const added = [...seen].filter((name) => !before.has(name))
    for (const name of added) seen.delete(name)
    return sum(added)
  }
  return { atOnce: sum(seen), all: sum(chunks.keys()), measureChunk }
}

/** Measures, prints a table, returns the figures. */
export async function run() {
  const broadcast = await measure(`export { broadcast } from '@streamflow/sdk'`)
  const watch = await measure(`export { watch } from '@streamflow/sdk'`)
  const followBytes = watch.measureChunk('openFollow.ts') || watch.measureChunk('openFollow.js')
  const hlsBytes = watch.measureChunk('openHls.ts') || watch.measureChunk('openHls.js')
  const libraryBytes = watch.measureChunk('hls.mjs')
  const viem = await measure(`export { createPublicClient, http } from 'viem'`)
  console.log('KiB, minified and gzipped')
  console.table([
    { what: 'broadcast, at once', KiB: kib(broadcast.atOnce), goal: goals.broadcastStatic },
    { what: 'broadcast, everything it can load', KiB: kib(broadcast.all), goal: goals.broadcastAll },
    { what: 'watch, at once (without an engine)', KiB: kib(watch.atOnce), goal: goals.watchStatic },
    { what: 'its own engine', KiB: kib(followBytes), goal: goals.follow },
    { what: 'hls.js (and what sets it up)', KiB: `${kib(libraryBytes)} (${kib(hlsBytes)})` },
    { what: "viem's createPublicClient and http, for comparison", KiB: kib(viem.atOnce) },
  ])
  return { name: 'size', broadcastStaticKiB: kib(broadcast.atOnce), broadcastAllKiB: kib(broadcast.all), watchStaticKiB: kib(watch.atOnce), followKiB: kib(followBytes), hlsKiB: kib(hlsBytes + libraryBytes), viemClientKiB: kib(viem.atOnce) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
