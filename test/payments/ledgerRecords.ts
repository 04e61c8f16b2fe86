// Records of a ledger, made up: what a stream leaves behind, without a stream.
import { randomBytes } from 'node:crypto'
import type { LedgerWrite, StreamRecord } from '../../orchestrator/src/core/cashier/ledger.js'

type Hex = `0x${string}`
export const hash = (fill: number): Hex => `0x${fill.toString(16).padStart(64, '0')}`
export const address = (fill: number): Hex => `0x${fill.toString(16).padStart(40, '0')}`
export const stream = (change: Partial<StreamRecord> = {}): StreamRecord => ({ streamId: hash(1), sender: address(2), serviceId: hash(3), grantHash: hash(4), pricePerMillionInputPixels: 3n, pricePerMillionPixels: 5n, ladderHash: hash(6), credited: 0n, charged: 0n, variance: 0n, won: 0n, segments: 0, tickets: 0, openedAt: 1, updatedAt: 2, withheld: 0n, isCarried: false, ...change })

/** Everything that a stream of one segment and one winner leaves behind. */
export function liveADay(index: number, at: number): LedgerWrite[] {
  const [streamId, grantHash, ticketHash, sender, key] = [hash(index), hash(index), hash(index), address(index), address(index)]
  const statement = { orchestrator: sender, broadcaster: sender, streamId, segments: 1, tickets: 1, credited: 7n, fees: 7n, balance: 0n, issuedAt: at }
  const receipt = { orchestrator: sender, broadcaster: sender, serviceId: hash(3), streamId, seq: 0, attempt: 0, ladderHash: hash(6), inputHash: hash(6), outputHash: hash(6), inputPixels: 0n, pixels: 1n, fee: 7n, balance: 0n, round: 1n, signature: hash(1) }
  const ticket = { recipient: sender, sender, grant: grantHash, faceValue: 9n, winProb: 1n, nonce: 1n, recipientRandHash: hash(index), creationRound: 1n, creationRoundBlockHash: hash(1), feeShare: 0 }
  return [
    { kind: 'secret', record: { epoch: Math.ceil(at / 86_400), secret: randomBytes(32), createdAt: at, isVoid: false } },
    { kind: 'grant', hash: grantHash, grant: { sender, key, spendCap: 1n, escrowCap: 1n, validUntil: at, salt: hash(1), signature: hash(1) } },
    { kind: 'stream', record: stream({ streamId, sender, grantHash, credited: 7n, charged: 7n, won: 9n, segments: 1, tickets: 1, openedAt: at, updatedAt: at }) },
    { kind: 'segment', record: { sender, streamId, seq: 0, attempt: 0, ticketHash, key, nonce: 1n, faceValue: 9n, winProb: 1n, value: 7n, estimate: 7n, state: 'settled', acceptedAt: at } },
    { kind: 'receipt', record: { receipt, outputs: [], issuedAt: at } },
    { kind: 'nonces', record: { key, highest: 1n, bits: new Uint8Array(128) } },
    { kind: 'retire', record: { randHash: hash(index), retireAt: at, validUntil: at, revealed: true } },
    { kind: 'winner', record: { ticketHash, streamId, ticket, signature: hash(1), recipientRand: hash(1), grantHash, wonAt: at, redeemableFrom: at, validUntil: at, state: 'confirmed', paid: 9n, attempts: 1, reason: '', nextTryAt: 0 } },
    { kind: 'statement', record: { ...statement, signature: hash(1) } },
    { kind: 'audit', at, what: 'drain' },
  ]
}
