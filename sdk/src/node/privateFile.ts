/** A file that only its owner can read, replaced whole, by rename; a lock file keeps processes from writing over each other. */

import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StreamflowError } from '../errors/StreamflowError.js'
import { createMutex } from '../units/mutex.js'

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

/** Holds a lock file while `task` runs. @throws {@link StreamflowError} `Timeout` */
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

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

async function writeText(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  const file = await open(temporary, 'wx', ownerOnly)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
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
        return withFileLock(`${path}.lock`, async () => {
          const { text, result } = edit(await readText(path))
          await writeText(path, text)
          return result
        })
      }),
  }
}
