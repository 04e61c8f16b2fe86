// `npm start`: the whole network on this machine, from a fresh clone. Plain Node until the packages are installed.
// `npm start -- --folder DIR --any-ports` keeps out of the way of another one.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureBuild } from './ensureBuild.mjs'
import { ensureDependencies } from './ensureDependencies.mjs'
import { ensureSystemParts } from './findSystemPart.mjs'
import { usualFolder } from './readRunningNetwork.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Ends with a sentence instead of a stack: what goes wrong here is for a person to mend. */
function fail(error) {
  console.error(`\n✗ ${error.message}\n`)
  process.exitCode = 1
}

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) throw new Error(`Node 20.19 or newer is needed, this is ${process.versions.node}`)
  const { values: options } = parseArgs({ options: { folder: { type: 'string', default: usualFolder(root) }, 'any-ports': { type: 'boolean', default: false } } })
  const print = (line) => console.log(`  ${line} …`)
  console.log('Streamflow: starting a network on this machine')
  ensureDependencies({ root, print })
  ensureSystemParts(['ffmpeg'], print)
  ensureBuild({ root, print })

  // From here on packages exist. Ctrl-C while things start must still end them.
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve(undefined))
  })
  const { startNetwork } = await import('./startNetwork.mjs')
  const network = await startNetwork({ folder: options.folder, anyPorts: options['any-ports'], print })
  console.log(`
  Studio         ${network.studioUrl}      open it and press Go live
  Orchestrator   ${network.orchestratorUrl}
  Chain          ${network.rpcUrl}      chain id ${network.network.chainId}
  Logs           ${options.folder}

  npm run demo -- FILE broadcasts a video file through this network. Ctrl-C stops everything.
`)
  const error = await Promise.race([stopped, network.failed])
  console.log(error === undefined ? '\nstopping …' : '')
  await network.stop()
  if (error !== undefined) fail(error)
}

main().catch(fail)
