/** Evidence for tests: small, of one piece, signed by a key of its own. */

import type { Ladder } from '../src/media/ladder.js'
import { hashInput, hashLadder, hashOutputs, hashReceipt, type Output } from '../src/payments/receipt.js'
import { services } from '../src/payments/quote.js'
import { createKeySigner, createPrivateKey } from '../src/payments/signature.js'
import type { Evidence } from '../src/protocol/evidence.js'
import type { Address } from '../src/units/hex.js'

export const evidenceLadder: Ladder = [{ name: 'low', width: 160, height: 90, bitrate: 150_000 }]

/** @param options.size - bytes of the segment */
export function createSignedEvidence({ size = 300, seq = 3, recordedAtMs = 1_700_000_000_000 }: { readonly size?: number; readonly seq?: number; readonly recordedAtMs?: number } = {}): { readonly evidence: Evidence; readonly signer: Address } {
  const key = createKeySigner(createPrivateKey())
  const domain = { chainId: 31_337, ticketBroker: `0x${'b'.repeat(40)}` as const }
  const header = Uint8Array.from({ length: 40 }, (_, i) => i)
  const segment = new Uint8Array(size).fill(seq)
  const outputs: readonly Output[] = [{ rendition: 'low', frames: 25, bytes: 9, hash: `0x${'7'.repeat(64)}` }]
  const receipt = {
    orchestrator: key.address, broadcaster: `0x${'d'.repeat(40)}` as const, serviceId: services.CPUTranscoding, streamId: `0x${'1'.repeat(64)}` as const, seq, attempt: 0,
    ladderHash: hashLadder(evidenceLadder), inputHash: hashInput(header, segment), outputHash: hashOutputs(outputs), inputPixels: 1n, pixels: 2n, fee: 3n, balance: -4n, round: 5n,
  }
  const ticket = {
    recipient: key.address, sender: receipt.broadcaster, grant: `0x${'2'.repeat(64)}` as const, faceValue: 1n, winProb: 2n, nonce: 3n, recipientRandHash: `0x${'3'.repeat(64)}` as const,
    creationRound: 5n, creationRoundBlockHash: `0x${'4'.repeat(64)}` as const, feeShare: 0, signature: `0x${'5'.repeat(130)}` as const,
  }
  const evidence: Evidence = {
    domain, receipt: { ...receipt, signature: key.sign(hashReceipt(domain, receipt)) }, ladder: evidenceLadder, outputs, header, segment,
    renditions: [{ rendition: 'low', init: Uint8Array.of(1), media: Uint8Array.of(2, 3) }], ticket, reason: 'the picture stands still', recordedAtMs,
  }
  return { evidence, signer: key.address }
}

