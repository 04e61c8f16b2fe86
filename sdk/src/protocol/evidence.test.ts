import { describe, expect, it } from 'vitest'
import { createSignedEvidence } from '../../test/createSignedEvidence.js'
import { decodeEvidence, decodeEvidenceHead, encodeEvidence, hashEvidence, recoverReceiptSigner } from './evidence.js'
import { decodeEvidenceNotice, encodeEvidenceNotice } from './evidenceNotice.js'
import { bytesToHex } from '../units/hex.js'

const { evidence, signer } = createSignedEvidence()
const refusal = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing'
}

describe('evidence', () => {
  it('comes back from its file as it was', () => {
    const file = encodeEvidence(evidence)
    expect(decodeEvidence(file)).toEqual(evidence)
    expect(decodeEvidenceHead(file).head.receipt).toEqual(evidence.receipt)
    expect(recoverReceiptSigner(evidence)).toBe(signer)
    expect(hashEvidence(evidence)).toMatch(/^0x[0-9a-f]{64}$/)
  })

  it.each([
    ['another source', { segment: new Uint8Array(10) }, 'source'],
    ['another ladder', { ladder: evidence.ladder.map((rendition) => ({ ...rendition, bitrate: 99_000 })) }, 'ladder'],
    ['another result', { outputs: evidence.outputs.map((output) => ({ ...output, hash: bytesToHex(new Uint8Array(32)) })) }, 'outputs'],
    ['results under other names', { outputs: evidence.outputs.map((output) => ({ ...output, rendition: 'else' })) }, 'outputs'],
    ['a signature that is none', { receipt: { ...evidence.receipt, signature: `0x${'11'.repeat(65)}` as const } }, 'signed'],
  ])('of %s than the receipt’s is refused', (_what, change, reason) => {
    expect(refusal(() => decodeEvidence(encodeEvidence({ ...evidence, ...change })))).toContain(reason)
  })

  it('that is cut, longer, of another version or no evidence at all is refused, byte by byte', () => {
    const file = encodeEvidence(evidence)
    for (let length = 0; length < file.length; length += 7) expect(() => decodeEvidence(file.slice(0, length))).toThrow()
    expect(() => decodeEvidence(Uint8Array.from([...file, 0]))).toThrow(/announced/)
    const later = file.slice()
    later[7] = 2
    expect(() => decodeEvidence(later)).toThrow(/version 2/)
    for (let at = 0; at < file.length; at += 3) {
      const damaged = file.slice()
      damaged[at] = (damaged[at] ?? 0) ^ 0x55
      try {
        // What survives names the same bytes: only what is for people may differ.
        expect(decodeEvidence(damaged).segment).toEqual(evidence.segment)
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(BadMessage|Unsupported|InvalidArgument)$/) as string })
      }
    }
  })
})

describe('where evidence is to be had', () => {
  it('is written on chain as addresses', () => {
    const addresses = ['https://one.example/v1/evidence/0x12', 'http://127.0.0.1:9/x']
    expect(decodeEvidenceNotice(encodeEvidenceNotice(addresses))).toEqual(addresses)
    expect(decodeEvidenceNotice(encodeEvidenceNotice([]))).toEqual([])
  })

  it('is read from whatever somebody wrote there', () => {
    for (const text of ['', 'file:///etc/passwd', 'https://user:word@host/', '\u0000\u0001', 'x'.repeat(3_000)]) expect(decodeEvidenceNotice(bytesToHex(new TextEncoder().encode(text)))).toEqual([])
    expect(() => encodeEvidenceNotice(['ftp://x'])).toThrow(/http/)
    expect(() => encodeEvidenceNotice(Array.from({ length: 5 }, () => 'https://x'))).toThrow(/at most/)
  })
})
