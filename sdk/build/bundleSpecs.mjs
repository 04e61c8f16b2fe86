/** Bundles the browser tests (src/**\/*.spec.ts) into one module with its chunks, for karma to serve. */

import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { inlinePeerForEsbuild } from './bundlePeer.mjs'
import { bundleScript, inlineWorkerForEsbuild } from './inlineWorker.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * @param {{ folder: string, only: string, shard: string }} options - where to write; only files whose path holds this word; of those
 *   one share of several, as in `2/3`: specs wait for real time more than they compute, so browsers side by side are done sooner
 */
export async function bundleSpecs({ folder, only, shard }) {
  const [share, shares] = shard.split('/').map(Number)
  const all = (await readdir(path.join(root, 'src'), { recursive: true })).filter((file) => file.endsWith('.spec.ts') && file.includes(only)).sort()
  const files = all.filter((_, index) => index % shares === share - 1)
  if (files.length === 0) throw new Error(`no *.spec.ts with "${only}" in its path under ${path.join(root, 'src')}`)
  await build({
    stdin: { contents: files.map((file) => `import './src/${file}'`).join('\n'), resolveDir: root, sourcefile: 'specs.js' },
    outdir: folder,
    entryNames: 'specs',
    chunkNames: 'chunk-[hash]',
    bundle: true,
    splitting: true,
    // The package says that its modules have no side effects; test files have nothing else.
    ignoreAnnotations: true,
    format: 'esm',
    target: 'es2022',
    sourcemap: 'inline',
    conditions: ['@streamflow/source', 'browser'],
    define: { 'process.env.NODE_ENV': '"test"' },
    plugins: [inlineWorkerForEsbuild(), inlinePeerForEsbuild()],
    logLevel: 'warning',
  })
  // For a document with a content policy of its own, in a frame.
  await build({ entryPoints: [path.join(root, 'src/actions/watch.ts')], outfile: path.join(folder, 'watch.js'), bundle: true, format: 'esm', target: 'es2022', conditions: ['@streamflow/source', 'browser'], define: { 'process.env.NODE_ENV': '"test"' }, logLevel: 'warning' })
  // What pages with a strict CSP host themselves, for the test of `workerUrl`.
  await writeFile(path.join(folder, 'captureWorker.js'), (await bundleScript(path.join(root, 'src/capture/captureWorker.ts'))).source)
}
