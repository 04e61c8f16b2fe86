/** The transcoder's program, bundled from source, so that tests run it as a process of its own. */

import { build } from 'esbuild'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

let built: Promise<readonly string[]> | undefined

/** Program and arguments of a transcoder process. */
export function getTranscoderCommand(): Promise<readonly string[]> {
  return (built ??= bundle())
}

async function bundle(): Promise<readonly string[]> {
  const outfile = join(await mkdtemp(join(tmpdir(), 'streamflow-transcoder-')), 'transcoder.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('../../orchestrator/src/transcoder.ts', import.meta.url))],
    outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', conditions: ['@streamflow/source'], logLevel: 'silent',
    // What is bundled of CommonJS asks for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
  })
  return [process.execPath, outfile]
}
