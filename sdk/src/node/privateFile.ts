/** A file that only its owner can read, replaced whole, by rename; a lock file keeps processes from writing over each other. */

import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StreamflowError } from '../errors/StreamflowError.js'
import { createMutex } from '../units/mutex.js'
import { writeFileWhole } from './writeFileWhole.js'

/** A lock that is older was left by a process that died. Nothing under it takes longer than writing one file. */
const staleLockMs = 10_000
const lockPollMs = 20
const lockTimeoutMs = 15_000
const ownerOnly = 0o600

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code

/** See {@link openPrivateFile}. */
export interface PrivateFile {
  /** Its text; undefined if there is no such file. */
  read(): Promise<string | undefined>
  /** Replaces the text by what `edit` makes of it; nobody else does so in between. Durable when it resolves. @throws {@link StreamflowError} `Timeout` */
  change<T>(edit: (text: string | undefined) => { readonly text: string; readonly result: T }): Promise<T>
}

/** Makes a file that must not be there yet. @returns whether it was not */
const claim = (path: string, text: string): Promise<boolean> =>
  writeFile(path, text, { flag: 'wx', mode: ownerOnly }).then(() => true, (error: unknown) => {
    if (isCode(error, 'EEXIST')) return false
    throw error
  })
const isStale = (path: string): Promise<boolean> => stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs > staleLockMs, () => false)

/**
 * Removes a lock that its holder left. Who finds it old looks again under a guard: another one may have removed it, and
 * taken the lock, between the look and the removal.
 */
async function removeStale(path: string): Promise<void> {
  if (!(await isStale(path))) return
  const guard = `${path}.guard`
  // One that died within these few calls left the guard too.
  if (await isStale(guard)) await rm(guard, { force: true })
  if (!(await claim(guard, ''))) return
  try {
    if (await isStale(path)) await rm(path, { force: true })
  } finally {
    await rm(guard, { force: true })
  }
}

/**
 * Holds a lock file while `task` runs.
 * @param task - `isHeld` tells whether it is still ours: whoever slept for long has lost it
 * @throws {@link StreamflowError} `Timeout`
 */
async function withFileLock<T>(path: string, task: (isHeld: () => Promise<boolean>) => Promise<T>): Promise<T> {
  const deadline = Date.now() + lockTimeoutMs
  const name = randomUUID()
  const isHeld = (): Promise<boolean> => readText(path).then((text) => text === name)
  while (!(await claim(path, name))) {
    await removeStale(path)
    if (Date.now() > deadline) throw new StreamflowError('Timeout', `${path} is held by another process`)
    await new Promise((resolve) => setTimeout(resolve, lockPollMs))
  }
  try {
    return await task(isHeld)
  } finally {
    if (await isHeld()) await rm(path, { force: true })
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** The file at `path`; its folder is made when it is first written. */
export function openPrivateFile(path: string): PrivateFile {
  /** Calls of this process, one after the other: the lock file is for other processes. */
  const inTurn = createMutex()
  return {
    read: () => readText(path),
    change: (edit) =>
      inTurn('file', async () => {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        return withFileLock(`${path}.lock`, async (isHeld) => {
          const { text, result } = edit(await readText(path))
          await writeFileWhole(path, text, isHeld)
          return result
        })
      }),
  }
}
