/** Writing a file so that at its path there is always a whole one, the old or the new, and the new one for good. */

import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StreamflowError } from '../errors/StreamflowError.js'

/** Its owner's to read. */
const ownerOnly = 0o600

/**
 * Replaces a file, durably when it resolves.
 * @param mayReplace - asked last, when everything is written but its name
 * @throws {@link StreamflowError} `Timeout` if it may not
 */
export async function writeFileWhole(path: string, content: string | Uint8Array, mayReplace: () => Promise<boolean> = async () => true): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    const file = await open(temporary, 'wx', ownerOnly)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    if (!(await mayReplace())) throw new StreamflowError('Timeout', `${path} took so long to write that another process took it over`)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}
