// Bytes that a page loads, minified and gzipped, by three bundlers, from the packages as npm packs them: what `broadcast`
// needs at once, all that it can ever load (apart: the worker that verifies), and `watch` without an engine; beside what others' clients weigh, built in the
// same run, and viem's `createPublicClient`, which every dApp has.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createProject } from '../strangers/createProject.mjs'
import { packTarballs } from '../strangers/packTarballs.mjs'
import { bundleByAll, bundlerNames } from './bundlers/bundlers.mjs'

const kib = (bytes) => Math.round((bytes / 1024) * 10) / 10
/** Kilobytes that are aimed at. */
const goals = { broadcastStatic: 45, broadcastAll: 110, watchStatic: 8, follow: 14 }

/** What others' clients do with the same purpose, as their documents import them. */
const others = {
  'livekit-client (Room)': `export { Room, createLocalTracks } from 'livekit-client'`,
  'amazon-ivs-web-broadcast': `import client from 'amazon-ivs-web-broadcast'\nexport const create = client.create`,
  '@mux/mux-player': `import '@mux/mux-player'`,
  'viem (createPublicClient, http)': `export { createPublicClient, http } from 'viem'`,
}

async function measure(folder) {
  const sdk = { broadcast: await bundleByAll(`export { broadcast } from '@streamflow/sdk'`, folder), watch: await bundleByAll(`export { watch } from '@streamflow/sdk'`, folder) }
  const rows = new Map()
  const add = (what, read, goal) => rows.set(what, { ...Object.fromEntries(bundlerNames.map((name) => [name, kib(read(name))])), ...(goal !== undefined && { goal }) })
  add('broadcast, at once', (name) => sdk.broadcast[name].atOnce, goals.broadcastStatic)
  const examiner = (name) => sdk.broadcast[name].measureChunk('examinerWorker.script-source.js')
  add('broadcast, everything it can load', (name) => sdk.broadcast[name].all - examiner(name), goals.broadcastAll)
  add('the worker that verifies, where a rate is named', examiner)
  add('watch, at once (without an engine)', (name) => sdk.watch[name].atOnce, goals.watchStatic)
  add('its own engine', (name) => sdk.watch[name].measureChunk('openFollow.js'), goals.follow)
  add('hls.js and what sets it up', (name) => sdk.watch[name].measureChunk('openHls.js') + sdk.watch[name].measureChunk('hls.mjs'))
  // esbuild keeps of the whole package's entry what anything loads later.
  for (const action of ['broadcast', 'watch']) {
    const alone = await bundleByAll(`export { ${action} } from '@streamflow/sdk/${action}'`, folder)
    add(`${action} from @streamflow/sdk/${action}, at once`, (name) => alone[name].atOnce)
  }
  const element = await bundleByAll(`import '@streamflow/sdk/player'`, folder)
  add('<streamflow-player>, at once (without an engine)', (name) => element[name].atOnce)
  for (const [what, code] of Object.entries(others)) {
    const bundles = await bundleByAll(code, folder)
    add(`${what}, at once`, (name) => bundles[name].atOnce)
    if (bundlerNames.some((name) => bundles[name].all > bundles[name].atOnce)) add(`${what}, everything`, (name) => bundles[name].all)
  }
  console.log('KiB, minified and gzipped, by bundler')
  console.table(Object.fromEntries(rows))
  const of = (what) => rows.get(what).rollup
  return {
    name: 'size',
    broadcastStaticKiB: of('broadcast, at once'),
    broadcastAllKiB: of('broadcast, everything it can load'),
    watchStaticKiB: of('watch, at once (without an engine)'),
    followKiB: of('its own engine'),
    hlsKiB: of('hls.js and what sets it up'),
    viemClientKiB: of('viem (createPublicClient, http), at once'),
    byBundler: Object.fromEntries(rows),
  }
}

/** Measures, prints a table, returns the figures. */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'streamflow-size-'))
  try {
    const packed = packTarballs(folder)
    const project = await createProject('size', { tarballs: [packed.contracts.file, packed.sdk.file], packages: ['viem', 'webpack', 'media-chrome', 'livekit-client', 'amazon-ivs-web-broadcast', '@mux/mux-player'] })
    try {
      return await measure(project.folder)
    } finally {
      project.remove()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`RESULT ${JSON.stringify(await run())}`)
