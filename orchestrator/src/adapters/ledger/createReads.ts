/** What the cashier reads of a ledger: in SQLite, from the ledger's own file or from a working copy in memory. */

import type { Ledger } from '../../core/cashier/ledger.js'
import { createSecretColumns, grantColumns, nonceColumns, ownedColumns, readStreamId, receiptColumns, retiredColumns, segmentColumns, streamColumns, toBlob, transactionColumns, winnerColumns } from './columns.js'
import type { LedgerDatabase } from './openDatabase.js'
import type { Seal } from './seal.js'

/** The reading part of a {@link Ledger}. */
export type LedgerReads = Pick<
  Ledger,
  | 'getSecrets' | 'getStream' | 'hasStreamOfAnother' | 'hasStreams' | 'getOpenSegments' | 'getUncarried' | 'getLastSettledSeq' | 'getSegment' | 'getReceipt'
  | 'getNonces' | 'getGrant' | 'getRetired' | 'getWinner' | 'getWinners' | 'getTransactions'
>

type Row = Record<string, unknown>

/** Prepares the reads. */
export function createReads(database: LedgerDatabase, seal: Seal): LedgerReads {
  const secretColumns = createSecretColumns(seal)
  const select = (sql: string) => database.prepare<unknown[], Row>(sql)
  const statements = {
    secrets: select('SELECT * FROM secrets ORDER BY epoch'),
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
  const first = <T>(row: Row | undefined, read: (row: Row) => T): T | undefined => row && read(row)
  return {
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
  }
}
