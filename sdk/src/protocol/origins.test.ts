import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Domain } from '../payments/domain.js'
import { hashOrigins, isOriginsFrom, type Origins, type SignedOrigins } from '../payments/origins.js'
import { createKeySigner, createPrivateKey } from '../payments/signature.js'
import { bytesToHex, type Hex } from '../units/hex.js'
import { limits } from './limits.js'
import { parseBroadcasterMessage, parseJson, stringify } from './message.js'
import { signedOriginsSchema } from './origins.js'
import { computePlaybackUrl, isPlaybackUrl, maxOrigins } from './playbackUrl.js'

const hex = (bytes: number): fc.Arbitrary<Hex> => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(bytesToHex)
const domain: Domain = { chainId: 31_337, ticketBroker: `0x${'c'.repeat(40)}` }
const signer = createKeySigner(createPrivateKey())
const sign = (origins: Origins): SignedOrigins => ({ ...origins, signature: signer.sign(hashOrigins(domain, origins)) })
const streamId: Hex = `0x${'1'.repeat(64)}`
const at = (uri: string): string => computePlaybackUrl(uri, streamId)
const address = (i: number): Hex => `0x${String(i).repeat(40)}`

const list = fc
  .record({ streamId: hex(32), version: fc.maxSafeNat(), hosts: fc.uniqueArray(fc.domain(), { minLength: 1, maxLength: maxOrigins }), orchestrators: fc.uniqueArray(hex(20), { minLength: maxOrigins, maxLength: maxOrigins }) })
  .map(({ streamId: id, version, hosts, orchestrators }): Origins => ({ streamId: id, version, origins: hosts.map((host, i) => ({ orchestrator: orchestrators[i]!, url: computePlaybackUrl(`https://${host}`, id) })) }))

describe('a list of origins', () => {
  it('comes back as it was, to orchestrators and to players, and fits into a message', () => {
    fc.assert(
      fc.property(list, (origins) => {
        const signed = sign(origins)
        const text = stringify({ type: 'origins', list: signed })
        expect(text.length).toBeLessThan(limits.controlBytes)
        expect(parseBroadcasterMessage(text)).toEqual({ type: 'origins', list: signed })
        expect(parseJson(signedOriginsSchema, stringify(signed))).toEqual(signed)
      }),
      { numRuns: 20 },
    )
  })

  it('is its broadcaster’s only as it was signed: no other order, version, stream, address or chain', () => {
    const origins = [{ orchestrator: address(1), url: at('https://a.example') }, { orchestrator: address(2), url: at('https://b.example') }]
    const signed = sign({ streamId, version: 3, origins })
    expect(isOriginsFrom(domain, signed, signer.address)).toBe(true)
    const [first, second] = origins
    for (const forged of [
      { ...signed, version: 4 },
      { ...signed, streamId: `0x${'2'.repeat(64)}` as const },
      { ...signed, origins: [second!, first!] },
      { ...signed, origins: [first!] },
      { ...signed, origins: [first!, { ...second!, url: at('https://c.example') }] },
      { ...signed, origins: [first!, { ...second!, orchestrator: address(3) }] },
      { ...signed, signature: `0x${'0'.repeat(130)}` as const },
    ]) expect(isOriginsFrom(domain, forged, signer.address)).toBe(false)
    expect(isOriginsFrom({ ...domain, chainId: 1 }, signed, signer.address)).toBe(false)
    expect(isOriginsFrom(domain, signed, address(4))).toBe(false)
  })

  it.each([
    ['no origin', []],
    ['too many', Array.from({ length: maxOrigins + 1 }, (_, i) => ({ orchestrator: address(i), url: at(`https://${i}.example`) }))],
    ['an orchestrator twice', [{ orchestrator: address(1), url: at('https://a.example') }, { orchestrator: address(1), url: at('https://b.example') }]],
    ['another stream’s playlist', [{ orchestrator: address(1), url: computePlaybackUrl('https://a.example', `0x${'2'.repeat(64)}`) }]],
    ['an address that is none', [{ orchestrator: '0x1', url: at('https://a.example') }]],
    ['something beside', [{ orchestrator: address(1), url: at('https://a.example'), weight: 1 }]],
  ])('with %s is refused', (_, origins) => {
    expect(() => parseBroadcasterMessage(stringify({ type: 'origins', list: { streamId, version: 1, origins, signature: `0x${'1'.repeat(130)}` } }))).toThrow(expect.objectContaining({ code: 'BadMessage' }))
  })
})

describe('an address of a stream', () => {
  it.each(['https://a.example', 'http://127.0.0.1:8935', 'https://a.example/base', 'http://[::1]:80', 'https://a.example/'])('below %s is one', (uri) => expect(isPlaybackUrl(at(uri), streamId)).toBe(true))

  it.each([
    'javascript:alert(1)//live/x/master.m3u8', `ftp://a.example/live/${streamId}/master.m3u8`, `//a.example/live/${streamId}/master.m3u8`, `/live/${streamId}/master.m3u8`,
    `${at('https://a.example')}?x=1`, `${at('https://a.example')}#x`, at('https://user:secret@a.example'), `https://a.example/live/${streamId}/`, `https://a.example/master.m3u8`,
    `${at('https://a.example')}\n#EXT`, at('https://a.example/"b'), at(`https://a.example/${'a'.repeat(512)}`), '', undefined, 7,
  ])('is not %j', (text) => expect(isPlaybackUrl(text, streamId)).toBe(false))
})
