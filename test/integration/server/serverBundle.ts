/** The server's two programs, bundled from source as they are built for use, so that tests run them as processes. */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const source = (path: string): string => fileURLToPath(new URL(`../../../orchestrator/${path}`, import.meta.url))
/** Of this process alone: another one may be testing beside it. Inside the repository, so that packages are found. */
const folder = fileURLToPath(new URL(`../../output/server-${process.pid}`, import.meta.url))
let built: Promise<string> | undefined

/** Path of `main.js`; `transcoder.js` lies beside it, the package's description above it. */
export function getServerProgram(): Promise<string> {
  return (built ??= bundle())
}

async function bundle(): Promise<string> {
  const description = await readFile(source('package.json'), 'utf8')
  const { dependencies } = JSON.parse(description) as { readonly dependencies: Readonly<Record<string, string>> }
  await mkdir(`${folder}/dist`, { recursive: true })
  await writeFile(`${folder}/package.json`, description)
  await build({
    entryPoints: { main: source('src/main.ts'), transcoder: source('src/transcoder.ts') },
    outdir: `${folder}/dist`, bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node20', conditions: ['@streamflow/source'], logLevel: 'silent',
    external: Object.keys(dependencies).filter((name) => !name.startsWith('@streamflow/')),
  })
  return `${folder}/dist/main.js`
}
