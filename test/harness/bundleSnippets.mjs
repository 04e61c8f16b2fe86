// The code of the documents as one page: every snippet under the name of its file, in `window.snippets`.
import { build } from 'esbuild'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const documents = fileURLToPath(new URL('../../examples/docs/', import.meta.url))

/**
 * Writes `index.html` and its scripts. The SDK in them is the one that users install: the built one.
 * @param {string} folder
 */
export async function bundleSnippets(folder) {
  const names = readdirSync(join(documents, 'snippets')).filter((name) => name !== 'node.ts') // runs in Node
  const contents = `
    import { createRoot } from 'react-dom/client'
    import { createElement } from 'react'
    import { createStreamflow, openCamera } from '@streamflow/sdk'
    ${names.map((name) => `import * as ${name.replace(/\..*/, '')} from './snippets/${name}'`).join('\n')}
    window.snippets = { createStreamflow, openCamera, ${names.map((name) => name.replace(/\..*/, '')).join(', ')} }
    window.mount = (component, place) => createRoot(place).render(createElement(component))
  `
  await build({ stdin: { contents, resolveDir: documents }, outfile: join(folder, 'snippets.js'), bundle: true, format: 'esm', jsx: 'automatic', target: 'es2022', define: { 'process.env.NODE_ENV': '"production"' }, logLevel: 'silent' })
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>snippets</title><video muted></video><select></select><div></div><script type="module" src="snippets.js"></script>')
}
