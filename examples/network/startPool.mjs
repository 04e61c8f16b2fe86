// A pool of transcoders on this machine, set up as an operator would: credentials, a nats-server that asks for them, and the
// transcoders, which know nothing of the network's chain. The network's orchestrators share it and have none of their own.
import { join } from 'node:path'
import { runCommand } from './orchestrator.mjs'
import { startChild } from './startChild.mjs'

const poolName = 'cluster'

/**
 * What orchestrators are told of the pool, before there is one.
 * @param {{ folder: string, port: number }} options - `folder`: of the network
 */
export function computePoolSettings({ folder, port }) {
  const directory = join(folder, 'pool')
  return {
    transcoder: { processes: 0 },
    pool: {
      urls: [`nats://127.0.0.1:${port}`], name: poolName, directory, listen: `127.0.0.1:${port}`, credentialsFile: join(directory, poolName, 'orchestrator.creds'),
      // Anybody may join it, as the README shows; so little is withheld that one can watch it being paid.
      open: true, deposit: '1000000000', minimumPayout: '1000000000',
    },
  }
}

/**
 * Makes the credentials, starts NATS and the transcoders. They join when they have measured themselves; orchestrators wait.
 * @param {object} options
 * @param {string} options.root - folder of the repository
 * @param {string} options.folder - of the network: logs
 * @param {import('./orchestrator.mjs').Prepared} options.orchestrator - whose configuration names the pool
 * @param {{ natsServer: string, ffmpeg: string }} options.programs - paths
 * @param {number} options.transcoders - how many
 * @param {ReturnType<typeof computePoolSettings>} options.settings
 * @returns {Promise<{ nats: import('./startChild.mjs').Child, transcoders: import('./startChild.mjs').Child[], stop(): Promise<void> }>}
 */
export async function startPool({ root, folder, orchestrator: { command, configFile }, programs, transcoders: count, settings: { pool } }) {
  const names = Array.from({ length: count }, (_, index) => `transcoder-${index + 1}`)
  await runCommand(command, ['pool', 'add-orchestrator'], configFile)
  // One after the other: they write one file.
  for (const name of names) await runCommand(command, ['pool', 'add-transcoder', name], configFile)
  const nats = startChild({ name: 'nats-server', command: programs.natsServer, args: ['--config', join(pool.directory, 'nats.conf')], logFile: join(folder, 'nats.log') })
  const program = join(root, 'orchestrator', 'dist', 'transcoder.js')
  const transcoders = names.map((name) => startChild({
    name,
    command: process.execPath,
    args: [program, '--pool', pool.urls[0], '--pool-credentials', join(pool.directory, poolName, `${name}.creds`), '--ffmpeg', programs.ffmpeg],
    logFile: join(folder, `${name}.log`),
  }))
  return {
    nats,
    transcoders,
    async stop() {
      await Promise.all(transcoders.map((child) => child.stop()))
      await nats.stop()
    },
  }
}
