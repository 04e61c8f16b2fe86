/**
 * Rollup (and Vite) plugin: `import { source } from './x.js?inline'` gives the module `x` with all that it imports,
 * bundled to one classic script, as a string. For workers that start from a Blob URL.
 */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'

const suffix = '?inline'

/**
 * What a worker says of a failure is its code and what happened; the page that hears it makes an error of both, with
 * the sentence that helps. So the sentences stay in the page.
 */
const withoutHelp = {
  name: 'streamflow-without-help',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]errors[\\/]codes\.ts$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, 'utf8')).replace(/\bhelp: ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g, "help: ''"),
      loader: 'ts',
    }))
  },
}

/**
 * Bundles a module to a self-contained script.
 * @param {string} file - path of the module, `.js` standing for `.ts` where only that exists
 * @returns {Promise<{ source: string, inputs: string[] }>} the script and the files that went into it
 */
export async function bundleScript(file) {
  const entry = existsSync(file) ? file : file.replace(/\.js$/, '.ts')
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    conditions: ['@streamflow/source'],
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [withoutHelp],
  })
  return { source: result.outputFiles[0].text, inputs: Object.keys(result.metafile.inputs).map((input) => path.resolve(input)) }
}

/**
 * The plugin.
 * @param {{ emit?: boolean }} [options] - `emit`: also write the script as a file beside the module that imports it
 *   (`captureWorker.script.js`), for pages whose CSP forbids `blob:` workers; Rollup only
 */
export function inlineWorker({ emit = false } = {}) {
  return {
    name: 'streamflow-inline-worker',
    enforce: 'pre',
    resolveId(specifier, importer) {
      if (!specifier.endsWith(suffix) || !importer) return null
      const file = path.resolve(path.dirname(importer.split('?')[0]), specifier.slice(0, -suffix.length))
      // The id looks like a file of its own, so that preserved modules get a sensible name from it.
      return { id: file.replace(/\.[jt]s$/, '.script-source.js'), moduleSideEffects: false }
    },
    async load(id) {
      if (!id.endsWith('.script-source.js')) return null
      const file = id.replace(/\.script-source\.js$/, '.js')
      const { source, inputs } = await bundleScript(file)
      for (const input of inputs) this.addWatchFile?.(input)
      if (emit) this.emitFile({ type: 'asset', fileName: `${path.basename(path.dirname(file))}/${path.basename(file, '.js')}.script.js`, source })
      return { code: `export const source = ${JSON.stringify(source)}\n`, moduleSideEffects: false }
    },
  }
}

/** The same for esbuild, which bundles the browser tests. */
export function inlineWorkerForEsbuild() {
  return {
    name: 'streamflow-inline-worker',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\?inline$/ }, ({ path: specifier, resolveDir }) => ({ path: path.resolve(resolveDir, specifier.slice(0, -suffix.length)), namespace: 'inline-script' }))
      onLoad({ filter: /.*/, namespace: 'inline-script' }, async ({ path: file }) => {
        const { source, inputs } = await bundleScript(file)
        return { contents: `export const source = ${JSON.stringify(source)}`, loader: 'js', watchFiles: inputs }
      })
    },
  }
}
