// `npm start`: the whole network on this machine, from a fresh clone. Plain Node until the packages are installed.
// `npm start -- --orchestrators N` runs so many (two otherwise); `--folder DIR --any-ports` keeps out of the way of another one.
// `npm run cluster` is the same with `--transcoders 2` (a pool of so many, met on NATS, in place of one beside each orchestrator) and
// `--processes 2` (one orchestrator of so many processes, which share a ledger in PostgreSQL).
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildDocs } from './buildDocs.mjs'
import { ensureBuild } from './ensureBuild.mjs'
import { ensureDependencies } from './ensureDependencies.mjs'
import { ensureSystemParts } from './findSystemPart.mjs'
import { usualFolder } from './readRunningNetwork.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Each is a process, with ffmpeg below it or beside it: more than these a desk's machine does not need to see a market, or a pool. */
const most = 8

function readCount(name, text, least) {
  const count = Number(text)
  if (!Number.isInteger(count) || count < least || count > most) throw new Error(`--${name}: expected a whole number from ${least} to ${most}, got "${text}"`)
  return count
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string', default: usualFolder(root) }, 'any-ports': { type: 'boolean', default: false },
      orchestrators: { type: 'string' }, processes: { type: 'string', default: '1' }, transcoders: { type: 'string', default: '0' },
    },
  })
  const processes = readCount('processes', values.processes, 1)
  const orchestrators = readCount('orchestrators', values.orchestrators ?? (processes > 1 ? '1' : '2'), 1)
  if (processes > 1 && orchestrators > 1) throw new Error('--processes: several of them are one orchestrator, so leave out --orchestrators')
  return { folder: values.folder, anyPorts: values['any-ports'], orchestrators, processes, transcoders: readCount('transcoders', values.transcoders, 0) }
}

/** Two lines for each: with what ends it, and the page on which its operator sees it. */
function describeOrchestrators(orchestrators) {
  return orchestrators.map(({ url, pid, operatorPage }) => `  Orchestrator   ${url}      process ${pid}${operatorPage === undefined ? '' : `\n  its operator   ${operatorPage}`}`).join('\n')
}

/** The pool, where there is one. */
function describeTranscoders(transcoders) {
  return transcoders.map(({ name, pid }) => `  ${name.padEnd(14)} of the pool on NATS      process ${pid}\n`).join('')
}

/** What to try. */
function suggest({ orchestrators, transcoders }) {
  if (transcoders.length > 1 && orchestrators.length > 1) return '\n  While a stream plays: kill -9 the process of a transcoder, or of the orchestrator; another one goes on.'
  if (transcoders.length > 1) return '\n  While a stream plays: kill -9 the process of a transcoder; the other one goes on with its segment.'
  return orchestrators.length > 1 ? '\n  While a stream plays: kill -9 the process of the orchestrator that serves it, and watch who goes on.' : ''
}

/** Ends with a sentence instead of a stack: what goes wrong here is for a person to mend. */
function fail(error) {
  console.error(`\n✗ ${error.message}\n`)
  process.exitCode = 1
}

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) throw new Error(`Node 20.19 or newer is needed, this is ${process.versions.node}`)
  const { folder, anyPorts, orchestrators, processes, transcoders } = readArguments()
  const print = (line) => console.log(`  ${line} …`)
  console.log('Streamflow: starting a network on this machine')
  ensureDependencies({ root, print })
  ensureSystemParts(['ffmpeg', ...(transcoders > 0 ? ['nats-server'] : []), ...(processes > 1 ? ['postgres'] : [])], print)
  ensureBuild({ root, print })

  // From here on packages exist. Ctrl-C while things start must still end them.
  const stopped = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve(undefined))
  })
  const { startNetwork } = await import('./startNetwork.mjs')
  const docs = buildDocs(root)
  const onLost = (error) => console.log(`\n✗ ${error.message}\n  The others go on.\n`)
  const network = await startNetwork({ folder, anyPorts, orchestrators, processes, transcoders, print, onLost })
  console.log(`
  Studio         ${network.studioUrl}      open it and press Go live
  Stake          ${network.studioUrl}stake.html      tokens behind an orchestrator
  Documents      ${network.studioUrl}docs/      guides and reference; there in a minute, the first time
${describeOrchestrators(network.orchestrators)}
${describeTranscoders(network.transcoders)}  Chain          ${network.rpcUrl}      chain id ${network.network.chainId}
  Logs           ${folder}

  npm run demo -- FILE broadcasts a video file through this network. Ctrl-C stops everything.${suggest(network)}
`)
  const error = await Promise.race([stopped, network.failed])
  console.log(error === undefined ? '\nstopping …' : '')
  docs.kill()
  await network.stop()
  if (error !== undefined) fail(error)
}

main().catch(fail)
