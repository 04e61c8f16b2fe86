/** A transcoder of a pool as a program: its processes, its membership, and an orderly end. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { createTranscoders } from './adapters/transcoder/createTranscoders.js'
import { readCredentials, readCredentialsFile } from './adapters/transcoder/pool/credentials.js'
import { askDoor } from './adapters/transcoder/pool/askDoor.js'
import { joinPool, type JoinOptions } from './adapters/transcoder/pool/joinPool.js'
import { openHolder, wordPattern } from './adapters/transcoder/pool/subjects.js'
import { describeConfinement, listConfinement } from './transcoding/confinement.js'
import type { MachineUse } from './transcoding/workerArguments.js'

/** What `streamflow-transcoder --pool` was told. */
export interface PoolTranscoderOptions extends MachineUse {
  /** Addresses of NATS, separated by commas; or the address of an orchestrator, whose pool is open to anybody. */
  readonly urls: string
  /** Of one that is open: the member's key, and whom it wants to be paid. */
  readonly keyFile?: string
  readonly payTo?: string
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
  const { servers = urls.split(','), ...identity } = await readIdentity(options)
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
  const membership = joinPool({ servers, ...identity, transcoders, encoders: () => [...accelerators], log })
  await nextSignal()
  log({ type: 'draining' })
  await Promise.race([membership.drain(drainMs), nextSignal()])
  await membership.close()
  await transcoders.close()
}

async function readIdentity({ urls, keyFile = 'transcoder.nk', payTo = '', credentialsFile, name }: PoolTranscoderOptions): Promise<Pick<JoinOptions, 'pool' | 'holder' | 'credentials' | 'own'> & { readonly servers?: readonly string[] }> {
  if (/^https?:/.test(urls)) {
    if (!/^0x[0-9a-fA-F]{40}$/.test(payTo)) throw new StreamflowError('InvalidArgument', 'expected --pay-to and the address that is paid for the work')
    return askDoor({ url: urls, keyFile, payTo: payTo as `0x${string}` })
  }
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
