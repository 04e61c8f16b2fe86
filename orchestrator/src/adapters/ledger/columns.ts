/** How records become columns and back: hex ↔ blob, wei ↔ decimal text, structs ↔ JSON with big integers as text. */

import type { Ticket } from '@streamflow/sdk/payments'
import type { SignedGrant } from '@streamflow/sdk/protocol'
import { stringify } from '@streamflow/sdk/protocol'
import type { NonceWindowRecord, OwnedStream, ReceiptRecord, RetiredCommitment, SecretRecord, SegmentRecord, SegmentState, StreamRecord, TransactionRecord, WinnerRecord, WinnerState } from '../../core/cashier/ledger.js'
import type { Seal } from './seal.js'

type Hex = `0x${string}`

/** Hex → blob. */
export function toBlob(hex: Hex): Buffer {
  return Buffer.from(hex.slice(2), 'hex')
}

/** Blob → hex. */
function fromBlob(blob: unknown): Hex {
  return `0x${(blob as Buffer).toString('hex')}`
}

type Row = Readonly<Record<string, unknown>>
const text = (row: Row, column: string): string => row[column] as string
const count = (row: Row, column: string): number => row[column] as number
const wei = (row: Row, column: string): bigint => BigInt(row[column] as string)
const hex = (row: Row, column: string): Hex => fromBlob(row[column])

/** Parses JSON in which the fields named are big integers. */
function parseWith<T>(json: string, bigints: readonly string[]): T {
  return JSON.parse(json, (key, value: unknown) => (bigints.includes(key) && typeof value === 'string' ? BigInt(value) : value)) as T
}

/** Secrets are written sealed. */
export const createSecretColumns = (seal: Seal) => ({
  read: (row: Row): SecretRecord => {
    const epoch = count(row, 'epoch')
    return { epoch, secret: seal.open(row['secret'] as Buffer, nameSecret(epoch)), createdAt: count(row, 'createdAt'), isVoid: row['isVoid'] === 1 }
  },
  write: ({ epoch, secret, createdAt, isVoid }: SecretRecord): unknown[] => [epoch, seal.close(secret, nameSecret(epoch)), createdAt, isVoid ? 1 : 0],
})

/** What a sealed secret is bound to: it cannot be moved to another epoch. */
const nameSecret = (epoch: number): string => `epoch ${epoch}`

export const grantColumns = {
  read: (row: Row): SignedGrant => ({
    sender: hex(row, 'sender'),
    key: hex(row, 'key'),
    spendCap: wei(row, 'spendCap'),
    escrowCap: wei(row, 'escrowCap'),
    validUntil: count(row, 'validUntil'),
    salt: hex(row, 'salt'),
    signature: hex(row, 'signature'),
  }),
  write: (hash: Hex, grant: SignedGrant): unknown[] => [toBlob(hash), toBlob(grant.sender), toBlob(grant.key), String(grant.spendCap), grant.validUntil, toBlob(grant.salt), toBlob(grant.signature), String(grant.escrowCap)],
}

/** What names a stream. */
export const ownedColumns = ({ sender, streamId }: OwnedStream): [Buffer, Buffer] => [toBlob(sender), toBlob(streamId)]

/** The id alone of a row's stream. */
export function readStreamId(row: Row): Hex {
  return hex(row, 'streamId')
}

export const streamColumns = {
  read: (row: Row): StreamRecord => ({
    streamId: hex(row, 'streamId'),
    sender: hex(row, 'sender'),
    serviceId: hex(row, 'serviceId'),
    grantHash: hex(row, 'grantHash'),
    pricePerMillionPixels: wei(row, 'pricePerMillionPixels'),
    ladderHash: hex(row, 'ladderHash'),
    credited: wei(row, 'credited'),
    charged: wei(row, 'charged'),
    variance: wei(row, 'variance'),
    won: wei(row, 'won'),
    segments: count(row, 'segments'),
    tickets: count(row, 'tickets'),
    openedAt: count(row, 'openedAt'),
    updatedAt: count(row, 'updatedAt'),
    withheld: wei(row, 'withheld'),
    pricePerMillionInputPixels: wei(row, 'pricePerMillionInputPixels'),
    isCarried: row['isCarried'] === 1,
  }),
  write: (s: StreamRecord): unknown[] => [
    toBlob(s.streamId), toBlob(s.sender), toBlob(s.serviceId), toBlob(s.grantHash), String(s.pricePerMillionPixels), toBlob(s.ladderHash),
    String(s.credited), String(s.charged), String(s.variance), String(s.won), s.segments, s.tickets, s.openedAt, s.updatedAt, String(s.withheld), String(s.pricePerMillionInputPixels), s.isCarried ? 1 : 0,
  ],
}

export const segmentColumns = {
  read: (row: Row): SegmentRecord => ({
    sender: hex(row, 'sender'),
    streamId: hex(row, 'streamId'),
    seq: count(row, 'seq'),
    attempt: count(row, 'attempt'),
    ticketHash: hex(row, 'ticketHash'),
    key: hex(row, 'key'),
    nonce: wei(row, 'nonce'),
    faceValue: wei(row, 'faceValue'),
    winProb: wei(row, 'winProb'),
    value: wei(row, 'value'),
    estimate: wei(row, 'estimate'),
    state: text(row, 'state') as SegmentState,
    acceptedAt: count(row, 'acceptedAt'),
  }),
  write: (s: SegmentRecord): unknown[] => [
    toBlob(s.streamId), s.seq, s.attempt, toBlob(s.ticketHash), toBlob(s.key), String(s.nonce), String(s.faceValue), String(s.winProb),
    String(s.value), String(s.estimate), s.state, s.acceptedAt, toBlob(s.sender),
  ],
}

export const receiptColumns = {
  read: (row: Row): ReceiptRecord => ({
    receipt: parseWith(text(row, 'receipt'), ['inputPixels', 'pixels', 'fee', 'balance', 'round']),
    outputs: JSON.parse(text(row, 'outputs')) as ReceiptRecord['outputs'],
    issuedAt: count(row, 'issuedAt'),
  }),
  write: ({ receipt, outputs, issuedAt }: ReceiptRecord): unknown[] => [toBlob(receipt.streamId), receipt.seq, receipt.attempt, stringify(receipt), JSON.stringify(outputs), issuedAt, toBlob(receipt.broadcaster)],
}

export const nonceColumns = {
  read: (row: Row): NonceWindowRecord => ({ key: hex(row, 'key'), highest: wei(row, 'highest'), bits: new Uint8Array(row['bits'] as Buffer) }),
  write: ({ key, highest, bits }: NonceWindowRecord): unknown[] => [toBlob(key), String(highest), Buffer.from(bits.buffer, bits.byteOffset, bits.byteLength)],
}

export const retiredColumns = {
  read: (row: Row): RetiredCommitment => ({ randHash: hex(row, 'randHash'), retireAt: count(row, 'retireAt'), validUntil: count(row, 'validUntil'), revealed: row['revealed'] === 1 }),
  write: ({ randHash, retireAt, validUntil, revealed }: RetiredCommitment): unknown[] => [toBlob(randHash), retireAt, validUntil, revealed ? 1 : 0],
}

export const winnerColumns = {
  read: (row: Row): WinnerRecord => ({
    ticketHash: hex(row, 'ticketHash'),
    streamId: hex(row, 'streamId'),
    ticket: parseWith<Ticket>(text(row, 'ticket'), ['faceValue', 'winProb', 'nonce', 'creationRound']),
    signature: hex(row, 'signature'),
    recipientRand: hex(row, 'recipientRand'),
    grantHash: hex(row, 'grantHash'),
    wonAt: count(row, 'wonAt'),
    redeemableFrom: count(row, 'redeemableFrom'),
    validUntil: count(row, 'validUntil'),
    state: text(row, 'state') as WinnerState,
    paid: wei(row, 'paid'),
    attempts: count(row, 'attempts'),
    reason: text(row, 'reason'),
    nextTryAt: count(row, 'nextTryAt'),
  }),
  write: (w: WinnerRecord): unknown[] => [
    toBlob(w.ticketHash), toBlob(w.streamId), toBlob(w.ticket.sender), String(w.ticket.faceValue), stringify(w.ticket), toBlob(w.signature),
    toBlob(w.recipientRand), toBlob(w.grantHash), w.wonAt, w.redeemableFrom, w.validUntil, w.state, String(w.paid), w.attempts, w.reason, w.nextTryAt,
  ],
}

export const transactionColumns = {
  read(row: Row): TransactionRecord {
    const record = parseWith<TransactionRecord & { readonly minPayouts: readonly string[] }>(text(row, 'record'), ['maxFeePerGas', 'maxPriorityFeePerGas', 'worth'])
    const minPayouts = record.minPayouts.map(BigInt)
    // Earlier versions did not write down what a transaction is worth, and knew one chore.
    const isRound = record.ticketHashes.length === 0 && record.isCancelling !== true && record.chore === undefined
    return { ...record, minPayouts, worth: record.worth ?? minPayouts.reduce((sum, payout) => sum + payout, 0n), ...(isRound && { chore: 'round' as const }) }
  },
  write: (record: TransactionRecord): unknown[] => [record.nonce, stringify(record)],
}
