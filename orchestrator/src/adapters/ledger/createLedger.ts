/**
 * The ledger in SQLite. One writer; many callers share one commit: changes that arrive while the disk is busy wait and
 * go into the next transaction together. A commit writes the log without syncing it, then the log is synced off the
 * event loop (`fdatasync` in libuv's pool), then the callers are told. What is told is on disk; what was not told may
 * be lost, and is never acknowledged.
 */

import { closeSync, fdatasync, openSync } from 'node:fs'
import { StreamflowError } from '@streamflow/sdk/errors'
import type { Ledger, LedgerWrite } from '../../core/cashier/ledger.js'
import { insertAudit } from './audits.js'
import { createSecretColumns } from './columns.js'
import { voidIfCopied } from './copyLedger.js'
import { createReads } from './createReads.js'
import { prepareDays } from './days.js'
import { prepareForget } from './forgetting.js'
import { createRows, prepareUpserts } from './ledgerRows.js'
import { LedgerTag } from './ledgerTag.js'
import { lockLedger } from './lockLedger.js'
import { openDatabase, type LedgerDatabase } from './openDatabase.js'
import { createSeal, noSeal, type Seal } from './seal.js'

/** Told how long a commit took, for metrics. */
export type CommitListener = (commit: { readonly changes: number; readonly callers: number; readonly seconds: number }) => void

interface Waiting {
  readonly changes: readonly LedgerWrite[]
  readonly resolve: () => void
  readonly reject: (error: StreamflowError) => void
}

/** Prepares writing changes; within a transaction. */
function prepareWrites(database: LedgerDatabase, { seal, tag }: { readonly seal: Seal; readonly tag: LedgerTag }): (change: LedgerWrite) => void {
  const describeRow = createRows(seal)
  const upsert = prepareUpserts(database)
  const transactionDone = database.prepare('DELETE FROM transactions WHERE nonce = ?')
  const audit = database.prepare(insertAudit)
  const addToDay = prepareDays(database)
  const forget = prepareForget(database)
  return (change) => {
    const row = describeRow(change)
    if (row !== undefined) upsert(row)
    switch (change.kind) {
      case 'receipt':
        return addToDay(change.record)
      case 'transactionDone':
        return void transactionDone.run(change.nonce)
      case 'forget':
        tag.renew()
        return forget(change.before)
      case 'audit':
        return void audit.run(change.at, change.what)
    }
  }
}

/** What later changes of one commit make superfluous: only the last sums of a stream and the last window of a key count. */
function* dropSuperseded(batch: readonly Waiting[]): Generator<LedgerWrite> {
  const changes = batch.flatMap(({ changes }) => changes)
  const last = new Map<string, LedgerWrite>()
  const name = (change: LedgerWrite) => (change.kind === 'stream' ? change.record.sender + change.record.streamId : change.kind === 'nonces' ? change.record.key : undefined)
  for (const change of changes) {
    const key = name(change)
    if (key !== undefined) last.set(`${change.kind}${key}`, change)
  }
  for (const change of changes) {
    const key = name(change)
    if (key === undefined || last.get(`${change.kind}${key}`) === change) yield change
  }
}

function describeFailure(cause: unknown): StreamflowError {
  return new StreamflowError('LedgerFailed', `the ledger could not be written: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}

/** SQLite's primary codes after which a file may hold anything. */
const brokenCodes = /^SQLITE_(IOERR|CORRUPT|NOTADB)/

/**
 * Gathers changes and commits them together. A commit that SQLite undoes (no room) is refused, and the next may go well.
 * But when the disk fails to sync, nobody knows what is on it: the system may drop what it could not write, and report
 * success the next time. Then nothing is written any more.
 */
class GroupCommit {
  readonly #database: LedgerDatabase
  readonly #log: number
  readonly #apply: (change: LedgerWrite) => void
  readonly #onCommit: CommitListener | undefined
  #waiting: Waiting[] = []
  #busy = false
  #idle: (() => void)[] = []
  readonly failed: (() => void)[] = []
  readonly #onBroken: (error: StreamflowError) => void
  #broken: StreamflowError | undefined

  constructor(database: LedgerDatabase, { log, onCommit, onBroken, ...marks }: Pick<LedgerOptions, 'onCommit' | 'onBroken'> & { readonly log: number; readonly seal: Seal; readonly tag: LedgerTag }) {
    this.#database = database
    this.#log = log
    this.#apply = prepareWrites(database, marks)
    this.#onCommit = onCommit
    this.#onBroken = onBroken ?? (() => undefined)
  }

  add(changes: readonly LedgerWrite[]): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, resolve, reject })
      if (this.#busy) return
      this.#busy = true
      setImmediate(() => this.#commit()) // whoever else has something in this turn of the loop comes along
    })
  }

  /** Does something last, if the ledger can still be written; it is only a goodbye, and may fail. */
  finish(work: () => void): void {
    if (this.#broken !== undefined) return
    try {
      this.#database.transaction(work).immediate()
    } catch {
      // The next start finds the ledger as after a kill.
    }
  }

  /** Resolves when nothing waits. */
  drain(): Promise<void> {
    return this.#busy ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve()
  }

  #commit(): void {
    const batch = this.#waiting
    this.#waiting = []
    const startedAt = performance.now()
    let changes = 0
    try {
      this.#database
        .transaction(() => {
          for (const change of dropSuperseded(batch)) {
            this.#apply(change)
            changes++
          }
        })
        .immediate()
    } catch (cause) {
      if (brokenCodes.test(String((cause as { readonly code?: unknown }).code))) this.#break(cause)
      return this.#finish(batch, cause)
    }
    fdatasync(this.#log, (cause) => {
      if (cause === null) this.#onCommit?.({ changes, callers: batch.length, seconds: (performance.now() - startedAt) / 1_000 })
      else this.#break(cause)
      this.#finish(batch, cause ?? undefined)
    })
  }

  #break(cause: unknown): void {
    this.#broken = describeFailure(cause)
    this.#onBroken(this.#broken)
  }

  #finish(batch: readonly Waiting[], cause: unknown): void {
    if (cause === undefined) for (const { resolve } of batch) resolve()
    else this.#fail(batch, cause)
    if (this.#waiting.length > 0) return this.#commit()
    this.#busy = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Everything that waits was computed from what is lost now: it is refused too. */
  #fail(batch: readonly Waiting[], cause: unknown): void {
    const error = describeFailure(cause)
    const lost = [...batch, ...this.#waiting.splice(0)]
    for (const listener of this.failed) listener()
    for (const { reject } of lost) reject(error)
  }
}

/** Options of {@link createLedger}. */
export interface LedgerOptions {
  /** File; made if it is not there. Beside it lie `-wal` and `-shm`. */
  readonly path: string
  readonly onCommit?: CommitListener
  /** The orchestrator's key, 32 bytes, under which secrets are sealed. Left out, they are written as they are. */
  readonly key?: Uint8Array
  /** Told once when nothing can be written any more: whoever goes on works for nothing. */
  readonly onBroken?: (error: StreamflowError) => void
}

/** Seals the secrets that an earlier version wrote in clear; with the wrong key, nothing is opened. */
function sealSecrets(database: LedgerDatabase, seal: Seal): void {
  const { read, write } = createSecretColumns(seal)
  const replace = database.prepare('INSERT OR REPLACE INTO secrets VALUES (?, ?, ?, ?)')
  database
    .transaction(() => {
      for (const row of database.prepare<unknown[], Record<string, unknown>>('SELECT * FROM secrets').all()) {
        const record = read(row)
        if (!seal.isClosed(row['secret'] as Buffer)) replace.run(...write(record))
      }
    })
    .immediate()
}

/**
 * Opens the ledger, for this process alone.
 * @throws {@link StreamflowError} `LedgerInUse`, `LedgerFailed`
 */
export function createLedger(options: LedgerOptions): Ledger {
  const unlock = lockLedger(options.path)
  try {
    return openLedger(options, unlock)
  } catch (thrown) {
    unlock()
    throw thrown instanceof StreamflowError ? thrown : describeFailure(thrown)
  }
}

function openLedger({ path, key, onCommit, onBroken }: LedgerOptions, unlock: () => void): Ledger {
  const database = openDatabase(path)
  const seal = key === undefined ? noSeal : createSeal(key)
  const tag = new LedgerTag(database, path)
  try {
    sealSecrets(database, seal)
    database.transaction(() => voidIfCopied(database, tag)).immediate()
  } catch (thrown) {
    database.close()
    throw thrown
  }
  const log = openSync(`${path}-wal`, 'r+')
  const commits = new GroupCommit(database, { log, seal, tag, ...(onCommit && { onCommit }), ...(onBroken && { onBroken }) })
  const release = database.prepare(`UPDATE segments SET state = 'released' WHERE state = 'open'`)
  let closing: Promise<void> | undefined

  return {
    write: (changes) => (closing === undefined ? commits.add(changes) : Promise.reject(new StreamflowError('LedgerFailed', 'the ledger is closed'))),
    onFailed: (listener) => void commits.failed.push(listener),
    releaseOpenSegments() {
      try {
        release.run()
      } catch (cause) {
        throw describeFailure(cause)
      }
    },
    ...createReads(database, seal),
    // One process has all of it.
    own: () => Promise.resolve(),
    assertOwned: () => undefined,
    ownOnly: () => undefined,
    countOwned: () => 0,
    mayRedeem: () => true,
    onNews: () => undefined,
    close() {
      closing ??= commits.drain().then(() => {
        commits.finish(() => tag.renew())
        database.close()
        closeSync(log)
        unlock()
      })
      return closing
    },
  }
}
