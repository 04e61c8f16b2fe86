/** Copies of a ledger: making one while it is in use, and putting one in its place. */

import { closeSync, constants, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StreamflowError } from '@streamflow/sdk/errors'
import { noteAudit } from './audits.js'
import type { LedgerTag } from './ledgerTag.js'
import { lockLedger } from './lockLedger.js'
import { claimFile, openDatabase, type LedgerDatabase } from './openDatabase.js'
import type { TellStep } from './tellStep.js'

/** Says that a ledger is a copy: what its original did after it was made is not in it. */
const copyMark = 'copiedAt'
/** Pages that are copied in one turn: some milliseconds, in which its orchestrator's commits wait for nobody. */
const pagesAtOnce = 1_000

interface CopyMeans {
  readonly nowSeconds: number
  readonly tell: TellStep
}

/**
 * Copies a ledger as it is at one moment; its orchestrator may run meanwhile.
 * @param target - must not exist
 * @throws {@link StreamflowError} `InvalidArgument`, `LedgerFailed`
 */
export async function backupLedger(path: string, target: string, { nowSeconds, tell }: CopyMeans): Promise<void> {
  if (existsSync(target)) throw new StreamflowError('InvalidArgument', `${target} exists: a backup overwrites nothing`)
  const database = openDatabase(path, { readonly: true })
  try {
    claimFile(target)
    // One moment is looked at for as long as it takes: without that SQLite begins anew with each commit of the orchestrator, so a
    // busy ledger was never copied.
    database.exec('BEGIN')
    database.prepare('SELECT COUNT(*) FROM marks').get()
    await database.backup(target, {
      progress({ totalPages, remainingPages }) {
        tell(`${Math.floor((100 * (totalPages - remainingPages)) / Math.max(1, totalPages))} % are copied`)
        return pagesAtOnce
      },
    })
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
export async function restoreLedger(path: string, source: string, { nowSeconds, tell }: CopyMeans): Promise<string | undefined> {
  if (!existsSync(source)) throw new StreamflowError('InvalidArgument', `there is no file ${source}`)
  const unlock = lockLedger(path)
  try {
    const fresh = `${path}.restoring`
    for (const suffix of ['', '-wal', '-shm']) rmSync(fresh + suffix, { force: true })
    claimFile(fresh)
    tell(`${source} is copied`)
    await copyFile(source, fresh)
    const database = openDatabase(fresh)
    tell('every page of the copy is looked at', 'now')
    assertSound(database, source)
    markCopy(database, nowSeconds)
    noteAudit(database, `ledger restore ${source}`, nowSeconds)
    database.close()
    tell('what was there is set aside')
    const aside = await setAside(path, Math.floor(nowSeconds))
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
async function setAside(path: string, at: number): Promise<string | undefined> {
  if (!existsSync(path)) return undefined
  // Opened and closed once: its log goes into the file.
  openDatabase(path).close()
  const aside = `${path}.before-${at}`
  await copyFile(path, aside, constants.COPYFILE_EXCL)
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
