// What an orchestrator's ledger holds, read from its file as an auditor would: beside the program, not through it.
import { join } from 'node:path'
import Database from 'better-sqlite3'

const toBlob = (hex) => Buffer.from(hex.slice(2), 'hex')
const toHex = (blob) => `0x${blob.toString('hex')}`

/** @template T @param {string} folder - of the network, or of an operator @param {(database: import('better-sqlite3').Database) => T} read @param {string} [place] - of the ledger in it */
function withLedger(folder, read, place = 'ledger') {
  const database = new Database(join(folder, place, 'ledger.sqlite'), { readonly: true, fileMustExist: true })
  try {
    return read(database)
  } finally {
    database.close()
  }
}

/**
 * One stream's account with everything behind it; amounts in wei.
 * @param {string} folder - of the orchestrator
 * @param {string} streamId - 0x-hex
 * @param {string} [place] - of the ledger in the folder
 */
export function readLedger(folder, streamId, place) {
  return withLedger(folder, (database) => {
    const stream = database.prepare('SELECT * FROM streams WHERE streamId = ?').get(toBlob(streamId))
    if (stream === undefined) throw new Error(`the ledger knows no stream ${streamId}`)
    const segments = database.prepare('SELECT seq, attempt, nonce, value, state FROM segments WHERE streamId = ? ORDER BY seq, attempt').all(toBlob(streamId))
    const receipts = database.prepare('SELECT seq, receipt, state FROM receipts JOIN segments USING (sender, streamId, seq, attempt) WHERE streamId = ? ORDER BY seq').all(toBlob(streamId))
    const readReceipt = ({ seq, receipt }) => ({ seq: Number(seq), fee: BigInt(JSON.parse(receipt).fee) })
    return {
      credited: BigInt(stream.credited),
      fees: BigInt(stream.charged),
      tickets: Number(stream.tickets),
      segments: segments.map(({ seq, attempt, nonce, value, state }) => ({ seq: Number(seq), attempt: Number(attempt), nonce: BigInt(nonce), value: BigInt(value), state: String(state) })),
      receipts: receipts.filter(({ state }) => state === 'settled').map(readReceipt),
      // For what was made of segments that their broadcaster left: they charge nothing.
      leftReceipts: receipts.filter(({ state }) => state === 'withheld').map(readReceipt),
    }
  }, place)
}

/** All winning tickets that the orchestrator holds. @param {string} folder - of the orchestrator */
export function readWinners(folder) {
  return withLedger(folder, (database) =>
    database.prepare('SELECT ticketHash, faceValue, state, paid FROM winners ORDER BY wonAt').all().map(({ ticketHash, faceValue, state, paid }) => ({ ticketHash: toHex(ticketHash), faceValue: BigInt(faceValue), state: String(state), paid: BigInt(paid) })))
}

/** What was changed through the operator's listener, the first first. @param {string} folder - of the orchestrator */
export function readAudits(folder) {
  return withLedger(folder, (database) => database.prepare('SELECT what FROM audits ORDER BY id').all().map(({ what }) => String(what)))
}

/** Session keys that ever paid. @param {string} folder - of the orchestrator */
export function readKeys(folder) {
  return withLedger(folder, (database) => database.prepare('SELECT DISTINCT key FROM grants').all().map(({ key }) => toHex(key)))
}

/** Names of all streams, latest last. @param {string} folder - of the orchestrator */
export function readStreams(folder) {
  return withLedger(folder, (database) => database.prepare('SELECT streamId FROM streams ORDER BY openedAt').all().map(({ streamId }) => toHex(streamId)))
}
