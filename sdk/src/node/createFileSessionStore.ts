/**
 * Sessions in a file that only its owner can read. The keys in it are not encrypted: whoever reads the file may sign
 * until the grants' caps and expiry.
 */

import { homedir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { StreamflowError } from '../errors/StreamflowError.js'
import { addressField, bytes32Field, countField, uintField } from '../protocol/fields.js'
import { parseJson, stringify } from '../protocol/message.js'
import { signedGrantSchema } from '../protocol/stream.js'
import type { SessionStore, StoredSession } from '../session/sessionStore.js'
import { bytesToHex, hexToBytes } from '../units/hex.js'
import { createMutex } from '../units/mutex.js'
import { openPrivateFile } from './privateFile.js'

const fileSchema = v.object({
  version: v.literal(1),
  sessions: v.array(
    v.object({
      id: addressField,
      domain: v.object({ chainId: countField(), ticketBroker: addressField }),
      grant: signedGrantSchema,
      privateKey: bytes32Field,
      usage: v.object({ nextNonce: uintField, spent: uintField, isRevoked: v.boolean() }),
    }),
  ),
})

const parse = (text: string | undefined): readonly StoredSession[] => (text === undefined ? [] : parseJson(fileSchema, text).sessions.map((session) => ({ ...session, privateKey: hexToBytes(session.privateKey) })))
const format = (sessions: readonly StoredSession[]): string => stringify({ version: 1, sessions: sessions.map((session) => ({ ...session, privateKey: bytesToHex(session.privateKey) })) })

/**
 * Node's store of sessions.
 * @param options.path - @default `~/.streamflow/sessions.json`
 */
export function createFileSessionStore({ path = join(homedir(), '.streamflow', 'sessions.json') }: { readonly path?: string } = {}): SessionStore {
  const file = openPrivateFile(path)
  /** Calls of this process, one after the other. */
  const inTurn = createMutex()
  const change = <T>(edit: (sessions: readonly StoredSession[]) => { readonly sessions: readonly StoredSession[]; readonly result: T }): Promise<T> =>
    file.change((text) => {
      const { sessions, result } = edit(parse(text))
      return { text: format(sessions), result }
    })

  return {
    list: async () => parse(await file.read()),
    add: (session) => change((sessions) => ({ sessions: [...sessions.filter(({ id }) => id !== session.id), session], result: undefined })),
    update: (id, edit) =>
      change((sessions) => {
        const session = sessions.find((candidate) => candidate.id === id)
        if (session === undefined) throw new StreamflowError('GrantInvalid', `no session of key ${id}`)
        const usage = edit(session.usage)
        return { sessions: sessions.map((candidate) => (candidate === session ? { ...session, usage } : candidate)), result: usage }
      }),
    remove: (id) => change((sessions) => ({ sessions: sessions.filter((session) => session.id !== id), result: undefined })),
    // Between processes two approvals may be asked for at once: each then has its own session, none is lost.
    lock: (name, task) => inTurn(`lock:${name}`, task),
  }
}
