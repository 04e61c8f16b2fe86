/**
 * What a member signed, a file for each challenge: written whole, then linked under its name, which fails if there is one.
 * So no restart, and no second process in the same folder, ever signs another verdict of a challenge.
 */

import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { StreamflowError } from '@streamflow/sdk/errors'
import { memberVerdictSchema, parseJson, stringify } from '@streamflow/sdk/protocol'
import type { Attestation, VerdictJournal } from '../../core/attestation/attester.js'

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
const ownerOnly = 0o600

/** @param folder - made if it is not there */
export async function createVerdictJournal(folder: string): Promise<VerdictJournal> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const pathOf = (challengeId: string): string => join(folder, `${challengeId}.json`)

  const read = async (challengeId: string): Promise<Attestation | undefined> => {
    try {
      return parseJson(memberVerdictSchema, await readFile(pathOf(challengeId), 'utf8'))
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return undefined
      // Better no answer than a second one.
      throw new StreamflowError('LedgerFailed', `${pathOf(challengeId)} cannot be read: what was signed is not known, so nothing is signed`, { cause })
    }
  }

  return {
    read,
    async write(attestation) {
      const path = pathOf(attestation.challengeId)
      const temporary = `${path}.${randomUUID()}.tmp`
      try {
        const file = await open(temporary, 'wx', ownerOnly)
        try {
          await file.writeFile(stringify(attestation))
          await file.sync()
        } finally {
          await file.close()
        }
        await link(temporary, path)
        const directory = await open(folder, 'r')
        await directory.sync().finally(() => directory.close())
        return attestation
      } catch (cause) {
        const standing = codeOf(cause) === 'EEXIST' ? await read(attestation.challengeId) : undefined
        if (standing !== undefined) return standing
        throw new StreamflowError('LedgerFailed', `${path} cannot be written`, { cause })
      } finally {
        await rm(temporary, { force: true })
      }
    },
  }
}
