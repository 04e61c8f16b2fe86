/**
 * Sessions in a file that only its owner can read. Replaced whole, by rename; a lock file keeps processes from writing
 * over each other. The keys in it are not encrypted: whoever reads the file may sign until the grants' caps and expiry.
 */

import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { StreamflowError } from '../errors/StreamflowError.js'
import { addressField, bytes32Field, countField, uintField } from '../protocol/fields.js'
import { parseJson, stringify } from '../protocol/message.js'
import { signedGrantSchema } from '../protocol/stream.js'
import type { SessionStore, StoredSession } from '../session/sessionStore.js'
import { bytesToHex, hexToBytes } from '../units/hex.js'
import { createMutex } from '../units/mutex.js'

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

/** A lock that is older was left by a process that died. Nothing under it takes longer than writing one file. */
const staleLockMs = 10_000
const lockPollMs = 20
const lockTimeoutMs = 15_000
const ownerOnly = 0o600

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code

/** Holds `${path}.lock` while `task` runs. @throws {@link StreamflowError} `Timeout` */
async function withFileLock<T>(path: string, task: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + lockTimeoutMs
  for (;;) {
    try {
      const lock = await open(path, 'wx', ownerOnly)
      await lock.close()
      break
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
      const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0)
      if (age > staleLockMs) await rm(path, { force: true })
      else if (Date.now() > deadline) throw new StreamflowError('Timeout', `${path} is held by another process`)
      else await new Promise((resolve) => setTimeout(resolve, lockPollMs))
    }
  }
  try {
    return await task()
  } finally {
    await rm(path, { force: true })
  }
}

async function readSessions(path: string): Promise<StoredSession[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
  return parseJson(fileSchema, text).sessions.map((session) => ({ ...session, privateKey: hexToBytes(session.privateKey) }))
}

async function writeSessions(path: string, sessions: readonly StoredSession[]): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  const file = await open(temporary, 'wx', ownerOnly)
  try {
    await file.writeFile(stringify({ version: 1, sessions: sessions.map((session) => ({ ...session, privateKey: bytesToHex(session.privateKey) })) }))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}

/**
 * Node's store of sessions.
 * @param options.path - @default `~/.streamflow/sessions.json`
 */
export function createFileSessionStore({ path = join(homedir(), '.streamflow', 'sessions.json') }: { readonly path?: string } = {}): SessionStore {
  /** Calls of this process, one after the other: the lock file is for other processes. */
  const inTurn = createMutex()
  const change = <T>(edit: (sessions: StoredSession[]) => { readonly sessions: readonly StoredSession[]; readonly result: T }): Promise<T> =>
    inTurn('file', async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      return withFileLock(`${path}.lock`, async () => {
        const { sessions, result } = edit(await readSessions(path))
        await writeSessions(path, sessions)
        return result
      })
    })

  return {
    list: () => readSessions(path),
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
