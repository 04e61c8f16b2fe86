/** A transcoder of a pool as a program: its processes, its membership, and an orderly end. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { createTranscoders } from './adapters/transcoder/createTranscoders.js'
import { readCredentials, readCredentialsFile } from './adapters/transcoder/pool/credentials.js'
import { joinPool } from './adapters/transcoder/pool/joinPool.js'
import { openHolder, wordPattern } from './adapters/transcoder/pool/subjects.js'
import { describeConfinement, listConfinement } from './transcoding/confinement.js'
import type { MachineUse } from './transcoding/workerArguments.js'

/** What `streamflow-transcoder --pool` was told. */
export interface PoolTranscoderOptions extends MachineUse {
  /** Addresses of NATS, separated by commas. */
  readonly urls: string
  /** File that the orchestrator's operator made; it names the pool. */
  readonly credentialsFile?: string
  /** Name of the pool, where there is no such file. */
  readonly name?: string
  readonly processes: number
  /** Program and arguments of one process. */
  readonly command: readonly string[]
  /** Told what happens, as fields of one line. */
  readonly log: (event: Readonly<Record<string, unknown>>) => void
}

/** How long it waits at its end until what it has was moved. */
const drainMs = 10_000

/**
 * Serves until SIGTERM or SIGINT; the same signal again ends it at once.
 * @throws {@link StreamflowError} `InvalidArgument`, `ConfigInvalid`
 */
export async function serveInPool(options: PoolTranscoderOptions): Promise<void> {
  const { urls, command, processes, ffmpegPath, choice, sessionsPerDevice, pixelsPerSecond, log } = options
  const identity = readIdentity(options)
  void listConfinement(ffmpegPath).then((parts) => log({ type: 'confined', ...describeConfinement(parts) }))
  const accelerators = new Set<string>()
  const transcoders = createTranscoders({
    count: processes, command, ffmpegPath, choice,
    ...(sessionsPerDevice !== undefined && { sessionsPerDevice }),
    ...(pixelsPerSecond !== undefined && { pixelsPerSecond }),
    log(event) {
      if (event.type === 'transcoderReady') for (const name of event.accelerators) accelerators.add(name)
      log(event)
    },
  })
  const membership = joinPool({ servers: urls.split(','), ...identity, transcoders, encoders: () => [...accelerators], log })
  await nextSignal()
  log({ type: 'draining' })
  await Promise.race([membership.drain(drainMs), nextSignal()])
  await membership.close()
  await transcoders.close()
}

function readIdentity({ credentialsFile, name }: PoolTranscoderOptions): { readonly pool: string; readonly holder: string; readonly credentials?: string } {
  if (credentialsFile !== undefined) {
    const credentials = readCredentialsFile(credentialsFile)
    const { pool, key } = readCredentials(credentials)
    return { pool, holder: key, credentials }
  }
  if (name === undefined || !wordPattern.test(name)) throw new StreamflowError('InvalidArgument', 'expected --pool-credentials, or --pool-name where the server asks for none')
  return { pool: name, holder: openHolder }
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGTERM', stop).off('SIGINT', stop)
      resolve()
    }
    process.on('SIGTERM', stop).on('SIGINT', stop)
  })
}
