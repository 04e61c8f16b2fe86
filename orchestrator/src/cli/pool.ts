/** `pool …`: who may join the pool of transcoders on NATS. */

import { formatTable, report } from '@streamflow/sdk/cli'
import { StreamflowError } from '@streamflow/sdk/errors'
import { addMember, listMembers, revokeMember } from '../adapters/transcoder/pool/poolAuthority.js'
import type { Config } from '../config/settings.js'
import type { Command } from './command.js'
import { readAccount } from './operator.js'

const runbook = [
  'Run a nats-server with the configuration that this writes (Debian: package nats-server), give the orchestrator its file as',
  'pool.credentialsFile together with pool.urls and transcoder.processes: 0, and start on each transcoding machine:',
  '  streamflow-transcoder --pool nats://HOST:4222 --pool-credentials NAME.creds',
  'A credential allows only what its holder needs: a transcoder sees its own jobs, an orchestrator its own pool. After each change',
  '`nats-server --signal reload` makes it count; a credential that was revoked is then refused, and its connections are closed.',
].join('\n')

/** The pool of these settings. @throws {@link StreamflowError} `ConfigInvalid` */
const readName = async (config: Config): Promise<string> => config.pool.name ?? (await readAccount(config))

function readMember(words: readonly string[], command: string): string {
  const [name, ...rest] = words
  if (name === undefined || rest.length > 0) throw new StreamflowError('InvalidArgument', `${command}: expected one name`)
  return name
}

/** `pool` */
export const poolCommand: Command = {
  usage: 'pool [--json]',
  summary: 'show who has credentials of the pool',
  example: 'pool',
  details: runbook,
  async run({ load, print, isJson }) {
    const { config } = load()
    const name = await readName(config)
    const members = listMembers(config.pool.directory, name)
    const table = formatTable(['name', 'role', 'key', 'state'], members.map(({ name: member, role, key, isRevoked }) => [member, role, key, isRevoked ? 'revoked' : 'good']))
    report({ pool: name, members }, { isJson, print, sentence: members.length === 0 ? `nobody has credentials of the pool ${name}` : table.join('\n') })
    return 0
  },
}

/** `pool add-orchestrator` */
export const poolAddOrchestratorCommand: Command = {
  usage: 'pool add-orchestrator [NAME] [--json]',
  summary: 'make credentials for an orchestrator of this identity [orchestrator], and the server’s configuration',
  example: 'pool add-orchestrator',
  takesWords: true,
  details: runbook,
  async run({ load, words, print, isJson }) {
    const { config } = load()
    const pool = await readName(config)
    const added = addMember(config.pool, { pool, name: words.length === 0 ? 'orchestrator' : readMember(words, 'pool add-orchestrator'), role: 'orchestrator' })
    report({ pool, ...added }, { isJson, print, sentence: `${added.credentialsFile} is for the orchestrator (pool.credentialsFile), ${added.serverFile} for nats-server` })
    return 0
  },
}

/** `pool add-transcoder` */
export const poolAddTranscoderCommand: Command = {
  usage: 'pool add-transcoder NAME [--json]',
  summary: 'make credentials for a machine that transcodes',
  example: 'pool add-transcoder gpu-1',
  takesWords: true,
  details: runbook,
  async run({ load, words, print, isJson }) {
    const { config } = load()
    const pool = await readName(config)
    const added = addMember(config.pool, { pool, name: readMember(words, 'pool add-transcoder'), role: 'transcoder' })
    report({ pool, ...added }, { isJson, print, sentence: `${added.credentialsFile} is for that machine: streamflow-transcoder --pool nats://… --pool-credentials ${added.credentialsFile}` })
    return 0
  },
}

/** `pool revoke` */
export const poolRevokeCommand: Command = {
  usage: 'pool revoke NAME [--json]',
  summary: 'take credentials back',
  example: 'pool revoke gpu-1',
  takesWords: true,
  details: runbook,
  async run({ load, words, print, isJson }) {
    const { config } = load()
    const pool = await readName(config)
    const name = readMember(words, 'pool revoke')
    const { key, serverFile } = revokeMember(config.pool, { pool, name })
    report({ pool, name, key, serverFile }, { isJson, print, sentence: `${name} is revoked as soon as nats-server has read ${serverFile} again: nats-server --signal reload` })
    return 0
  },
}
