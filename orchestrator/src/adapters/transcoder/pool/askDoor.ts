/** Joins a public pool: with a key that is made here, and what the pool's orchestrator answers to its public half. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { nkeys } from '@nats-io/transport-node'
import { StreamflowError, isStreamflowError } from '@streamflow/sdk/errors'
import { errorReplySchema, parseJson, readErrorReply } from '@streamflow/sdk/protocol'
import * as v from 'valibot'
import { formatCredentials, readCredentials } from './credentials.js'
import { namePublicHolder, wordPattern } from './subjects.js'

type Hex = `0x${string}`

/** What a member knows after it was let in. */
export interface PublicIdentity {
  readonly pool: string
  readonly holder: string
  readonly credentials: string
  readonly servers: readonly string[]
  readonly own: { readonly sign: (bytes: Uint8Array) => Uint8Array; readonly payTo: Hex }
}

const answerTimeoutMs = 15_000
const maxAnswerLength = 16 * 1024
const ownerOnly = 0o600

const doorAnswer = v.object({
  version: v.literal(1),
  pool: v.pipe(v.string(), v.regex(wordPattern)),
  servers: v.pipe(v.array(v.pipe(v.string(), v.regex(/^(nats|tls):\/\/[^\s@]{1,256}$/))), v.minLength(1), v.maxLength(16)),
  jwt: v.pipe(v.string(), v.regex(/^[\w.-]{1,8192}$/)),
})

/** The key of a file, which is made if it is not there. @throws {@link StreamflowError} `ConfigInvalid` */
function openKey(path: string) {
  try {
    if (!existsSync(path)) writeFileSync(path, `${Buffer.from(nkeys.createUser().getSeed()).toString('latin1')}\n`, { mode: ownerOnly, flag: 'wx' })
    const pair = nkeys.fromSeed(Buffer.from(readFileSync(path, 'latin1').trim(), 'latin1'))
    return { pair, key: pair.getPublicKey(), seed: Buffer.from(pair.getSeed()).toString('latin1') }
  } catch (cause) {
    throw new StreamflowError('ConfigInvalid', `${path} is no key of a member, and none can be made there`, { cause, data: { path } })
  }
}

/**
 * @param options.url - of the orchestrator
 * @param options.payTo - whom it wants to be paid
 * @throws {@link StreamflowError} `ConfigInvalid`, what the orchestrator answers, `TransportFailed`
 */
export async function askDoor({ url, keyFile, payTo }: { readonly url: string; readonly keyFile: string; readonly payTo: Hex }): Promise<PublicIdentity> {
  const { pair, key, seed } = openKey(keyFile)
  const { pool, servers, jwt } = await ask(`${url.replace(/\/+$/, '')}/v1/pool/credential?key=${key}`)
  const credentials = formatCredentials(jwt, seed)
  if (readCredentials(credentials).key !== key) throw new StreamflowError('BadMessage', 'the orchestrator lets another key in')
  return { pool, holder: namePublicHolder(key), credentials, servers, own: { sign: (bytes) => pair.sign(bytes), payTo } }
}

async function ask(url: string): Promise<v.InferOutput<typeof doorAnswer>> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerTimeoutMs), redirect: 'error' })
    const text = (await response.text()).slice(0, maxAnswerLength)
    if (!response.ok) throw readErrorReply(parseJson(errorReplySchema, text))
    return parseJson(doorAnswer, text)
  } catch (cause) {
    if (isStreamflowError(cause)) throw cause
    throw new StreamflowError('TransportFailed', `${url} does not answer`, { cause })
  }
}
