/** Copies of a ledger: making one while it is in use, and putting one in its place. */

import { closeSync, constants, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { LedgerTag } from './ledgerTag.js'
import { lockLedger } from './lockLedger.js'
import { claimFile, openDatabase, type LedgerDatabase } from './openDatabase.js'

/** Says that a ledger is a copy: what its original did after it was made is not in it. */
const copyMark = 'copiedAt'

/**
 * Copies a ledger as it is at one moment; its orchestrator may run meanwhile.
 * @param target - must not exist
 * @throws {@link StreamflowError} `InvalidArgument`, `LedgerFailed`
 */
export async function backupLedger(path: string, target: string, nowSeconds: number): Promise<void> {
  if (existsSync(target)) throw new StreamflowError('InvalidArgument', `${target} exists: a backup overwrites nothing`)
  const database = openDatabase(path, { readonly: true })
  try {
    claimFile(target)
    await database.backup(target)
  } catch (cause) {
    rmSync(target, { force: true })
    throw new StreamflowError('LedgerFailed', `the ledger cannot be copied to ${target}`, { cause })
  } finally {
    database.close()
  }
  const copy = openDatabase(target)
  markCopy(copy, nowSeconds)
  copy.close()
  syncPath(target)
}

/**
 * Puts a copy in the place of a ledger that nobody uses. What was there stays beside it.
 * @returns where what was there is now; undefined if there was nothing
 * @throws {@link StreamflowError} `LedgerInUse`, `LedgerFailed` if the copy is damaged or of a later version
 */
export function restoreLedger(path: string, source: string, nowSeconds: number): string | undefined {
  if (!existsSync(source)) throw new StreamflowError('InvalidArgument', `there is no file ${source}`)
  const unlock = lockLedger(path)
  try {
    const fresh = `${path}.restoring`
    for (const suffix of ['', '-wal', '-shm']) rmSync(fresh + suffix, { force: true })
    claimFile(fresh)
    copyFileSync(source, fresh)
    const database = openDatabase(fresh)
    assertSound(database, source)
    markCopy(database, nowSeconds)
    database.close()
    const aside = setAside(path, Math.floor(nowSeconds))
    renameSync(fresh, path)
    syncPath(path)
    return aside
  } finally {
    unlock()
  }
}

/**
 * Voids what was quoted before a copy was made: numbers may have been shown since, and nonces used, of which it knows
 * nothing. To be called when a ledger is opened for work, in a transaction.
 */
export function voidIfCopied(database: LedgerDatabase, tag: LedgerTag): void {
  const isMarked = database.prepare('DELETE FROM marks WHERE name = ?').run(copyMark).changes > 0
  if (isMarked || tag.isOld()) database.prepare('UPDATE secrets SET isVoid = 1').run()
  tag.renew()
}

function markCopy(database: LedgerDatabase, nowSeconds: number): void {
  database.prepare('INSERT OR REPLACE INTO marks VALUES (?, ?)').run(copyMark, String(Math.floor(nowSeconds)))
}

function assertSound(database: LedgerDatabase, source: string): void {
  const [first] = database.pragma('integrity_check(1)') as readonly { readonly integrity_check: string }[]
  if (first?.integrity_check === 'ok') return
  database.close()
  throw new StreamflowError('LedgerFailed', `${source} is damaged: ${first?.integrity_check ?? 'it cannot be checked'}`)
}

/** Moves a ledger out of the way, with what it has not written back yet. */
function setAside(path: string, at: number): string | undefined {
  if (!existsSync(path)) return undefined
  // Opened and closed once: its log goes into the file.
  openDatabase(path).close()
  const aside = `${path}.before-${at}`
  copyFileSync(path, aside, constants.COPYFILE_EXCL)
  claimFile(aside)
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
  return aside
}

/** The file and its name in the folder are on disk. */
function syncPath(path: string): void {
  for (const each of [path, dirname(path)]) {
    const file = openSync(each, 'r')
    fsyncSync(file)
    closeSync(file)
  }
}
