/**
 * The keys behind a pool's credentials, in a folder of the operator's: one file that knows them all (`authority.json`), a file
 * for each credential that was made, and the configuration of a nats-server that asks for them (`nats.conf`).
 */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nkeys } from '@nats-io/transport-node'
import { StreamflowError } from '@streamflow/sdk/errors'
import * as v from 'valibot'
import { createCredentials, encodeAccount, encodeOperator, encodePublicMember, type Role } from './credentials.js'
import { wordPattern } from './subjects.js'

/** Only the operator reads what is secret. */
const secretMode = 0o600
const folderMode = 0o700

const word = v.pipe(v.string(), v.regex(wordPattern))
const member = v.strictObject({ role: v.picklist(['orchestrator', 'transcoder']), key: v.string(), /** Seconds; missing while it is good. */ revokedAt: v.exactOptional(v.number()) })
const authority = v.strictObject({
  version: v.literal(1),
  operatorSeed: v.string(),
  /** Written once: a running server takes no other one. */
  operatorJwt: v.string(),
  pools: v.record(word, v.strictObject({ accountSeed: v.string(), members: v.record(word, member) })),
})
type Authority = v.InferOutput<typeof authority>

/** A credential that was made. */
export interface PoolMember {
  readonly name: string
  readonly role: Role
  readonly key: string
  readonly isRevoked: boolean
}

/** Where things are, and on which address the server of the written configuration listens. */
export interface PoolFolder {
  readonly directory: string
  /** `host:port` */
  readonly listen: string
}

const toBytes = (seed: string): Uint8Array => Buffer.from(seed, 'latin1')
const readSeed = (pair: ReturnType<typeof nkeys.createUser>): string => Buffer.from(pair.getSeed()).toString('latin1')

/**
 * Makes a credential, the first time with all that is behind it, and writes its file and the server's configuration.
 * @returns paths of both
 * @throws {@link StreamflowError} `InvalidArgument` if the name is none or taken
 */
export function addMember({ directory, listen }: PoolFolder, { pool, name, role }: { readonly pool: string; readonly name: string; readonly role: Role }): { readonly credentialsFile: string; readonly serverFile: string; readonly key: string } {
  if (!wordPattern.test(name)) throw new StreamflowError('InvalidArgument', `"${name}": a name has letters, digits, - and _`)
  const known = readAuthority(directory) ?? createAuthority()
  const { accountSeed, members } = known.pools[pool] ?? { accountSeed: readSeed(nkeys.createAccount()), members: {} }
  if (members[name] !== undefined && members[name].revokedAt === undefined) throw new StreamflowError('InvalidArgument', `there is a credential "${name}": revoke it first, or choose another name`)
  const { text, key } = createCredentials(nkeys.fromSeed(toBytes(accountSeed)), { pool, role, name })
  // A name that is used again must not make the old key good again.
  const old = members[name]
  const kept = old === undefined ? members : { ...members, [`${name}-${old.key.slice(-8)}`]: old }
  mkdirSync(join(directory, pool), { recursive: true, mode: folderMode })
  const credentialsFile = join(directory, pool, `${name}.creds`)
  write(credentialsFile, text)
  const serverFile = save({ directory, listen }, { ...known, pools: { ...known.pools, [pool]: { accountSeed, members: { ...kept, [name]: { role, key } } } } })
  return { credentialsFile, serverFile, key }
}

/**
 * Takes a credential back: it counts no more as soon as the server has read its configuration again.
 * @throws {@link StreamflowError} `InvalidArgument` if there is none of that name
 */
export function revokeMember({ directory, listen }: PoolFolder, { pool, name }: { readonly pool: string; readonly name: string }): { readonly serverFile: string; readonly key: string } {
  const known = readAuthority(directory)
  const account = known?.pools[pool]
  const found = account?.members[name]
  if (known === undefined || account === undefined || found === undefined) throw new StreamflowError('InvalidArgument', `the pool ${pool} has no credential "${name}": \`pool list\` shows them`)
  const members = { ...account.members, [name]: { ...found, revokedAt: Math.floor(Date.now() / 1_000) } }
  return { serverFile: save({ directory, listen }, { ...known, pools: { ...known.pools, [pool]: { ...account, members } } }), key: found.key }
}

/**
 * What lets anybody into a pool who has a key of a user of NATS.
 * @returns makes the JWT of a key
 * @throws {@link StreamflowError} `ConfigInvalid` if the pool's keys are not here
 */
export function openDoor(directory: string, pool: string): (key: string) => string {
  const account = readAuthority(directory)?.pools[pool]
  if (account === undefined) throw new StreamflowError('ConfigInvalid', `pool.open: the keys of the pool ${pool} are not in ${directory}`, { help: 'Make them there with `pool add-orchestrator`, or set pool.directory.' })
  const pair = nkeys.fromSeed(toBytes(account.accountSeed))
  return (key) => encodePublicMember(pair, { pool, key })
}

/** The credentials of a pool. */
export function listMembers(directory: string, pool: string): readonly PoolMember[] {
  const members = readAuthority(directory)?.pools[pool]?.members ?? {}
  return Object.entries(members).map(([name, { role, key, revokedAt }]) => ({ name, role, key, isRevoked: revokedAt !== undefined }))
}

function createAuthority(): Authority {
  const operator = nkeys.createOperator()
  return { version: 1, operatorSeed: readSeed(operator), operatorJwt: encodeOperator(operator), pools: {} }
}

function readAuthority(directory: string): Authority | undefined {
  const path = join(directory, 'authority.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StreamflowError('ConfigInvalid', `cannot read ${path}`, { cause })
  }
  try {
    return v.parse(authority, JSON.parse(text))
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `${path} is not what \`pool …\` wrote`, { cause })
  }
}

function save({ directory, listen }: PoolFolder, known: Authority): string {
  write(join(directory, 'authority.json'), `${JSON.stringify(known, undefined, 2)}\n`)
  const serverFile = join(directory, 'nats.conf')
  write(serverFile, renderServerConfig(known, listen))
  return serverFile
}

/** Whole or not at all: these files are all there is of the keys. */
function write(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: secretMode })
  renameSync(`${path}.new`, path)
}

function renderServerConfig({ operatorSeed, operatorJwt, pools }: Authority, listen: string): string {
  const operator = nkeys.fromSeed(toBytes(operatorSeed))
  const accounts = Object.entries(pools).map(([pool, { accountSeed, members }]) => {
    const account = nkeys.fromSeed(toBytes(accountSeed)).getPublicKey()
    const revoked = Object.fromEntries(Object.values(members).flatMap(({ key, revokedAt }) => (revokedAt === undefined ? [] : [[key, revokedAt]])))
    return `  # ${pool}\n  ${account}: ${encodeAccount(operator, { account, pool, revoked })}`
  })
  return [
    '# Written by `streamflow-orchestrator pool …`, and again with each change. Run it with `nats-server --config nats.conf`;',
    '# `nats-server --signal reload` reads it again. No secret is in it. For TLS add `tls { cert_file: …, key_file: … }` in a',
    '# file that includes this one.',
    `listen: "${listen}"`,
    `operator: ${operatorJwt}`,
    'resolver: MEMORY',
    'resolver_preload: {', ...accounts, '}', '',
  ].join('\n')
}
