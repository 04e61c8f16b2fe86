/**
 * The ledger in SQLite. One writer; many callers share one commit: changes that arrive while the disk is busy wait and
 * go into the next transaction together. A commit writes the log without syncing it, then the log is synced off the
 * event loop (`fdatasync` in libuv's pool), then the callers are told. What is told is on disk; what was not told may
 * be lost, and is never acknowledged.
 */

import { closeSync, fdatasync, openSync } from 'node:fs'
import { StreamflowError } from '@streamflow/sdk/errors'
import { stringify } from '@streamflow/sdk/protocol'
import type { Ledger, LedgerWrite } from '../../core/cashier/ledger.js'
import { createSecretColumns, grantColumns, nonceColumns, ownedColumns, readStreamId, receiptColumns, retiredColumns, segmentColumns, streamColumns, toBlob, transactionColumns, winnerColumns } from './columns.js'
import { voidIfCopied } from './copyLedger.js'
import { prepareDays } from './days.js'
import { prepareForget } from './forgetting.js'
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

const placeholders = (count: number): string => Array.from({ length: count }, () => '?').join(', ')

/** One prepared statement per kind of change. */
function prepareWrites(database: LedgerDatabase, { seal, tag }: { readonly seal: Seal; readonly tag: LedgerTag }): (change: LedgerWrite) => void {
  const secretColumns = createSecretColumns(seal)
  const upsert = (table: string, columns: number) => database.prepare<unknown[]>(`INSERT OR REPLACE INTO ${table} VALUES (${placeholders(columns)})`)
  const secret = upsert('secrets', 4)
  const grant = upsert('grants', 8)
  const stream = upsert('streams', 17)
  const segment = upsert('segments', 13)
  const receipt = upsert('receipts', 7)
  const nonces = upsert('nonces', 3)
  const retire = upsert('retired', 4)
  const winner = upsert('winners', 16)
  const transaction = upsert('transactions', 2)
  const transactionDone = database.prepare('DELETE FROM transactions WHERE nonce = ?')
  const statement = upsert('statements', 4)
  const audit = database.prepare('INSERT INTO audits (at, what) VALUES (?, ?)')
  const addToDay = prepareDays(database)
  const forget = prepareForget(database)
  return (change) => {
    switch (change.kind) {
      case 'secret':
        return void secret.run(...secretColumns.write(change.record))
      case 'grant':
        return void grant.run(...grantColumns.write(change.hash, change.grant))
      case 'stream':
        return void stream.run(...streamColumns.write(change.record))
      case 'segment':
        return void segment.run(...segmentColumns.write(change.record))
      case 'receipt':
        receipt.run(...receiptColumns.write(change.record))
        return addToDay(change.record)
      case 'nonces':
        return void nonces.run(...nonceColumns.write(change.record))
      case 'retire':
        return void retire.run(...retiredColumns.write(change.record))
      case 'winner':
        return void winner.run(...winnerColumns.write(change.record))
      case 'transaction':
        return void transaction.run(...transactionColumns.write(change.record))
      case 'transactionDone':
        return void transactionDone.run(change.nonce)
      case 'forget':
        tag.renew()
        return forget(change.before)
      case 'statement':
        return void statement.run(toBlob(change.record.broadcaster), toBlob(change.record.streamId), stringify(change.record), change.record.issuedAt)
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
    throw thrown
  }
}

function openLedger({ path, key, onCommit, onBroken }: LedgerOptions, unlock: () => void): Ledger {
  const database = openDatabase(path)
  const seal = key === undefined ? noSeal : createSeal(key)
  const secretColumns = createSecretColumns(seal)
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
  const select = (sql: string) => database.prepare<unknown[], Record<string, unknown>>(sql)
  const statements = {
    release: database.prepare(`UPDATE segments SET state = 'released' WHERE state = 'open'`),
    secrets: select('SELECT * FROM secrets'),
    stream: select('SELECT * FROM streams WHERE sender = ? AND streamId = ?'),
    uncarried: select('SELECT streamId FROM streams WHERE sender = ? AND isCarried = 0'),
    ofAnother: select('SELECT 1 FROM streams WHERE streamId = ? AND sender <> ? LIMIT 1'),
    ofSender: select('SELECT 1 FROM streams WHERE sender = ? LIMIT 1'),
    lastSettled: select(`SELECT MAX(seq) AS seq FROM segments WHERE sender = ? AND streamId = ? AND state = 'settled'`),
    open: select(`SELECT * FROM segments WHERE sender = ? AND streamId = ? AND state = 'open'`),
    segment: select('SELECT * FROM segments WHERE sender = ? AND streamId = ? AND seq = ? AND attempt = ?'),
    receipt: select('SELECT * FROM receipts WHERE sender = ? AND streamId = ? AND seq = ? AND attempt = ?'),
    nonces: select('SELECT * FROM nonces WHERE key = ?'),
    grant: select('SELECT * FROM grants WHERE hash = ?'),
    retired: select('SELECT * FROM retired WHERE validUntil >= ?'),
    winner: select('SELECT * FROM winners WHERE ticketHash = ?'),
    winners: select('SELECT * FROM winners WHERE state IN (SELECT value FROM json_each(?)) ORDER BY wonAt, ticketHash'),
    transactions: select('SELECT * FROM transactions ORDER BY nonce'),
  }
  const first = <T>(row: Record<string, unknown> | undefined, read: (row: Record<string, unknown>) => T): T | undefined => row && read(row)
  let closing: Promise<void> | undefined

  return {
    write: (changes) => (closing === undefined ? commits.add(changes) : Promise.reject(new StreamflowError('LedgerFailed', 'the ledger is closed'))),
    onFailed: (listener) => void commits.failed.push(listener),
    releaseOpenSegments() {
      try {
        statements.release.run()
      } catch (cause) {
        throw describeFailure(cause)
      }
    },
    getSecrets: () => statements.secrets.all().map(secretColumns.read),
    getStream: (stream) => first(statements.stream.get(...ownedColumns(stream)), streamColumns.read),
    hasStreamOfAnother: ({ sender, streamId }) => statements.ofAnother.get(toBlob(streamId), toBlob(sender)) !== undefined,
    hasStreams: (sender) => statements.ofSender.get(toBlob(sender)) !== undefined,
    getOpenSegments: (stream) => statements.open.all(...ownedColumns(stream)).map(segmentColumns.read),
    getUncarried: (sender) => statements.uncarried.all(toBlob(sender)).map(readStreamId),
    getLastSettledSeq: (stream) => first(statements.lastSettled.get(...ownedColumns(stream)), ({ seq }) => (seq === null ? undefined : Number(seq))),
    getSegment: (segment) => first(statements.segment.get(...ownedColumns(segment), segment.seq, segment.attempt), segmentColumns.read),
    getReceipt: (segment) => first(statements.receipt.get(...ownedColumns(segment), segment.seq, segment.attempt), receiptColumns.read),
    getNonces: (key) => first(statements.nonces.get(toBlob(key)), nonceColumns.read),
    getGrant: (hash) => first(statements.grant.get(toBlob(hash)), grantColumns.read),
    getRetired: (since) => statements.retired.all(Math.floor(since)).map(retiredColumns.read),
    getWinner: (ticketHash) => first(statements.winner.get(toBlob(ticketHash)), winnerColumns.read),
    getWinners: (states) => statements.winners.all(JSON.stringify(states)).map(winnerColumns.read),
    getTransactions: () => statements.transactions.all().map(transactionColumns.read),
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
