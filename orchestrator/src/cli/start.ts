/** `start`: the server, from configuration to the last goodbye. */

import type { Logger } from 'pino'
import { isStreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import type { Config } from '../config/settings.js'
import type { Orchestrator } from '../createOrchestrator.js'
import type { Command } from './command.js'
import { createLog } from './createLog.js'
import { createLogTail } from './createLogTail.js'
import { readNetwork, readPassword, readPrivateKey } from './operator.js'
import { explainRegistration, readRegistration } from './registration.js'
import { watchSignals } from './watchSignals.js'

const selfTestMs = 5_000
/** How long a server that cannot write takes to let go of what it holds. */
const brokenCloseMs = 2_000
/** `start` */
export const startCommand: Command = {
  usage: 'start',
  summary: 'run the orchestrator until SIGTERM or SIGINT',
  example: 'start --http-public-url https://orchestrator.example.org',
  isText: true,
  async run({ load }) {
    const { config, warnings } = load()
    const stopped = watchSignals()
    const network = readNetwork(config)
    const privateKey = await readPrivateKey(config)
    const tail = createLogTail()
    const write = (line: string): void => {
      process.stdout.write(line)
      tail.write(line)
    }
    const log = createLog(config, { network, privateKey, password: readPassword(config) }, { write })
    for (const warning of warnings) log.warn(warning)
    watchDefects(log)
    // Loaded here: the other commands do without the server, and without its start-up time.
    const { createOrchestrator } = await import('../createOrchestrator.js')
    const orchestrator = await createOrchestrator({ config, network, privateKey, log, readLog: tail.lines })
    void warnOfRegistration(config, orchestrator, log)
    if (config.registration.selfTest) void warnOfUnreachable(orchestrator, log)
    const reason = await Promise.race([stopped.first, orchestrator.failed])
    if (isStreamflowError(reason)) {
      log.fatal({ err: reason }, 'nothing can be made durable any more: stopping')
      // Nothing that is open can be settled. What is on disk is the truth; the next start reads it.
      await Promise.race([orchestrator.close().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, brokenCloseMs))])
      return 1
    }
    log.info({ signal: reason }, 'stopping; the same signal again stops at once')
    const outcome = await Promise.race([orchestrator.close().then(() => 0), stopped.second.then(() => 1)])
    return outcome
  },
}

/** A defect must not leave a half-working server that takes money: it is logged, and a supervisor starts it anew. */
function watchDefects(log: Logger): void {
  const die = (what: string) => (thrown: unknown): void => {
    log.fatal({ err: thrown }, what)
    process.exitCode = 1
    setImmediate(() => process.kill(process.pid, 'SIGTERM'))
  }
  process.once('uncaughtException', die('uncaught exception'))
  process.once('unhandledRejection', die('unhandled rejection'))
}

async function warnOfRegistration(config: Config, { address, publicUrl }: Orchestrator, log: Logger): Promise<void> {
  try {
    const registration = await readRegistration(readNetwork(config), address)
    const advice = explainRegistration(registration, publicUrl)
    for (const sentence of advice) log.warn({ orchestrator: address }, sentence)
    if (advice.length === 0) log.info({ stake: registration.stake.toString(), uri: registration.uri }, 'registered and bonded')
  } catch (thrown) {
    log.warn({ err: toStreamflowError(thrown, 'ChainUnavailable') }, 'the registration cannot be read')
  }
}

/** Whether the public URL leads here: seen from inside, so a success proves less than a failure. */
async function warnOfUnreachable({ publicUrl, instance }: Orchestrator, log: Logger): Promise<void> {
  try {
    const response = await fetch(`${publicUrl}/healthz`, { signal: AbortSignal.timeout(selfTestMs), redirect: 'error' })
    const answer = (await response.json()) as { readonly instance?: unknown }
    if (answer.instance === instance) log.info({ publicUrl }, 'the public URL leads here')
    else log.warn({ publicUrl }, 'the public URL leads to another server')
  } catch (thrown) {
    log.warn({ publicUrl, reason: thrown instanceof Error ? thrown.message : String(thrown) }, 'the public URL does not lead here, as seen from this machine')
  }
}
