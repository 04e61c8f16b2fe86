// Signs tickets in a page with what the SDK signs with there.
import { createKeySigner, createPrivateKey, hashTicket, services, type Domain, type Ticket } from '@streamflow/sdk/payments'

const domain: Domain = { chainId: 31_337, ticketBroker: '0x5fbdb2315678afecb367f032d93f642f64180aa3' }

/** Tickets per second, over `seconds`. */
export function measureSigning(seconds: number): number {
  const signer = createKeySigner(createPrivateKey())
  const ticket: Ticket = { recipient: `0x${'11'.repeat(20)}`, sender: `0x${'22'.repeat(20)}`, grant: services.Transcoding, faceValue: 10n ** 16n, winProb: 1n << 240n, nonce: 0n, recipientRandHash: services.Transcoding, creationRound: 5n, creationRoundBlockHash: services.SegmentVerification, feeShare: 100_000 }
  for (let warm = 0; warm < 50; warm++) signer.sign(hashTicket(domain, ticket))
  const startedAt = performance.now()
  let signed = 0
  for (; performance.now() - startedAt < seconds * 1_000; signed++) signer.sign(hashTicket(domain, { ...ticket, nonce: BigInt(signed) }))
  return signed / ((performance.now() - startedAt) / 1_000)
}

Object.assign(globalThis, { measureSigning })
