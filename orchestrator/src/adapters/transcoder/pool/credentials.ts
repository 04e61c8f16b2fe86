/**
 * Who may do what on a pool's NATS: an operator trusts one account per pool, an account signs credentials of its orchestrators
 * and transcoders, and each credential allows the subjects of its role alone. A server that knows the operator needs no list
 * of them: another machine joins by a file, and leaves by a line in its account.
 *
 * The three claims are written here: the package that writes JWTs for NATS is at 0.0.x, and is a signature over JSON.
 */

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { nkeys } from '@nats-io/transport-node'
import { StreamflowError } from '@streamflow/sdk/errors'
import * as v from 'valibot'
import { namePublicHolder, nameSubjects, wordPattern } from './subjects.js'

type KeyPair = ReturnType<typeof nkeys.createUser>

/** What a credential is for. */
export type Role = 'orchestrator' | 'transcoder'

/** Limits of NATS that are left open. */
const unlimited = -1
const unlimitedAccount = { subs: unlimited, data: unlimited, payload: unlimited, imports: unlimited, exports: unlimited, wildcards: true, conn: unlimited, leaf: unlimited }
const poolTag = 'pool:'
const maxCredentialsLength = 16 * 1024

const base64url = (value: object): string => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url')

function encodeClaims(signer: KeyPair, { subject, name, nats }: { readonly subject: string; readonly name: string; readonly nats: object }): string {
  const claims = { jti: randomUUID(), iat: Math.floor(Date.now() / 1_000), iss: signer.getPublicKey(), sub: subject, name, nats: { version: 2, ...nats } }
  const text = `${base64url({ typ: 'JWT', alg: 'ed25519-nkey' })}.${base64url(claims)}`
  return `${text}.${Buffer.from(signer.sign(Buffer.from(text, 'utf8'))).toString('base64url')}`
}

/** The JWT of whom the server trusts. */
export function encodeOperator(operator: KeyPair): string {
  return encodeClaims(operator, { subject: operator.getPublicKey(), name: 'streamflow', nats: { type: 'operator' } })
}

/** The JWT of a pool's account. @param revoked - when each credential was taken back, seconds, by public key */
export function encodeAccount(operator: KeyPair, { account, pool, revoked }: { readonly account: string; readonly pool: string; readonly revoked: Readonly<Record<string, number>> }): string {
  return encodeClaims(operator, { subject: account, name: pool, nats: { type: 'account', limits: unlimitedAccount, revocations: revoked } })
}

/** A credentials file: the JWT of a new user and its seed. @returns its text, and the user's public key */
export function createCredentials(account: KeyPair, { pool, role, name }: { readonly pool: string; readonly role: Role; readonly name: string }): { readonly text: string; readonly key: string } {
  const user = nkeys.createUser()
  const key = user.getPublicKey()
  const jwt = encodeClaims(account, {
    subject: key, name,
    nats: { type: 'user', tags: [`${poolTag}${pool}`], subs: unlimited, data: unlimited, payload: unlimited, ...computePermissions(pool, role, key) },
  })
  return { text: formatCredentials(jwt, Buffer.from(user.getSeed()).toString('latin1')), key }
}

/** Connections of a member of a public pool hear this many subjects at most. */
const publicSubs = 16
/** And say no longer messages: a frame, with room. */
const publicPayload = 256 * 1024

/** The JWT of who joins a public pool with a key of its own. @param key - its public key, of a user of NATS */
export function encodePublicMember(account: KeyPair, { pool, key }: { readonly pool: string; readonly key: string }): string {
  const holder = namePublicHolder(key)
  return encodeClaims(account, { subject: key, name: holder, nats: { type: 'user', tags: [`${poolTag}${pool}`], subs: publicSubs, data: unlimited, payload: publicPayload, ...computePermissions(pool, 'transcoder', holder) } })
}

/** The file that a client of NATS takes. @param seed - of the JWT's key */
export function formatCredentials(jwt: string, seed: string): string {
  return [
    '-----BEGIN NATS USER JWT-----', jwt, '------END NATS USER JWT------', '',
    '************************* IMPORTANT *************************', 'Whoever has this file can act as its owner. Keep it secret.', '',
    '-----BEGIN USER NKEY SEED-----', seed, '------END USER NKEY SEED------', '',
  ].join('\n')
}

/** Whether a text is the public key of a user. */
export const isUserKey = (text: string): boolean => /^U[A-Z2-7]{55}$/.test(text) && isReadable(text)

function isReadable(key: string): boolean {
  try {
    nkeys.fromPublic(key)
    return true
  } catch {
    return false
  }
}

/** Whether the holder of a public key signed bytes. */
export function isSignedBy(key: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  return isUserKey(key) && nkeys.fromPublic(key).verify(bytes, signature)
}

/** A transcoder hears and says what bears its own key; an orchestrator all of its pool. */
function computePermissions(pool: string, role: Role, key: string): { readonly pub: { readonly allow: readonly string[] }; readonly sub: { readonly allow: readonly string[] } } {
  const { offer, guest, work, made } = nameSubjects(pool)
  const any = { holder: '*', run: '*' }
  const own = { holder: key, run: '*' }
  return role === 'orchestrator'
    ? { pub: { allow: [work(any, '*'), guest('*')] }, sub: { allow: [made(any, '*'), offer(any)] } }
    : { pub: { allow: [made(own, '*'), offer(own)] }, sub: { allow: [work(own, '*'), guest('*')] } }
}

/** The text of a credentials file. @throws {@link StreamflowError} `ConfigInvalid` */
export function readCredentialsFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `cannot read the credentials file ${path}`, { cause, data: { path } })
  }
}

const payload = v.object({ sub: v.pipe(v.string(), v.regex(wordPattern)), nats: v.object({ tags: v.array(v.string()) }) })

/**
 * Reads which pool a credentials file is for, and its public key.
 * @throws {@link StreamflowError} `InvalidArgument`
 */
export function readCredentials(text: string): { readonly pool: string; readonly key: string } {
  const jwt = text.length > maxCredentialsLength ? undefined : /BEGIN NATS USER JWT-+\s+([\w.-]+)\s+-+END/.exec(text)?.[1]
  try {
    const { sub, nats } = v.parse(payload, JSON.parse(Buffer.from(jwt?.split('.')[1] ?? '', 'base64url').toString('utf8')))
    const pool = nats.tags.find((tag) => tag.startsWith(poolTag))?.slice(poolTag.length) ?? ''
    if (wordPattern.test(pool)) return { pool, key: sub }
  } catch {
    // Said below: what the file holds is never repeated.
  }
  throw new StreamflowError('InvalidArgument', 'this is no credentials file of a pool: `streamflow-orchestrator pool add-transcoder` makes one')
}
