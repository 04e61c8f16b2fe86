import { computeRandHash, createKeySigner, createPrivateKey, hashTicket, isWinner, recoverAddress, type Domain, type Ticket } from '@streamflow/sdk/payments'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBundledCurve } from './bundledCurve.js'
import { createNativeSigner } from './createNativeSigner.js'
import { createTicketVerifier } from './createTicketVerifier.js'
import { createSystemCurve } from './systemCurve.js'

type Hex = `0x${string}`
const domain: Domain = { chainId: 31_337, ticketBroker: `0x${'5f'.repeat(20)}` }
const key = createPrivateKey()
const curves = { bundled: createBundledCurve(), system: createSystemCurve() }
const hex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`)
const word = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n })
const tickets: fc.Arbitrary<Ticket> = fc.record({ recipient: hex(20), sender: hex(20), grant: hex(32), faceValue: word, winProb: word, nonce: word, recipientRandHash: hex(32), creationRound: word, creationRoundBlockHash: hex(32), feeShare: fc.nat(1_000_000) })
const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

it('finds the system’s library, which tests install', () => expect(curves.system?.library).toMatch(/libsecp256k1/))

describe.each(Object.entries(curves))('the native verifier, %s library', (_name, curve) => {
  const signer = createNativeSigner(key, curve)

  it('hashes, recovers and draws as the portable code does', async () => {
    const verifier = await createTicketVerifier(domain, curve)
    fc.assert(
      fc.property(tickets, word, fc.uint8Array({ minLength: 32, maxLength: 32 }), (ticket, nonce, recipientRand) => {
        // The second one takes the kept encoding of the first.
        for (const value of [ticket, { ...ticket, nonce }]) {
          const digest = hashTicket(domain, value)
          const signature = signer.sign(digest)
          expect(signature).toBe(createKeySigner(key).sign(digest))
          expect(verifier.recover(digest, signature)).toBe(recoverAddress(digest, signature))
          expect(verifier.check(value, { signature, signer: signer.address, recipientRand })).toEqual({
            hash: `0x${Buffer.from(digest).toString('hex')}`,
            isSigned: true,
            hasWon: isWinner(value, signature, recipientRand),
            signature,
          })
          expect(verifier.computeRandHash(recipientRand)).toBe(`0x${Buffer.from(computeRandHash(recipientRand)).toString('hex')}`)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('keeps the tickets of quotes that differ in one parameter apart', async () => {
    const verifier = await createTicketVerifier(domain, curve)
    const [ticket] = fc.sample(tickets, 1) as [Ticket]
    const rand = new Uint8Array(32)
    for (const change of [{ faceValue: 5n }, { feeShare: 7 }, { creationRound: 9n }, { sender: signer.address }, { creationRoundBlockHash: ticket.recipientRandHash }]) {
      const value = { ...ticket, ...change }
      const digest = hashTicket(domain, value)
      expect(verifier.check(value, { signature: signer.sign(digest), signer: signer.address, recipientRand: rand })).toMatchObject({ isSigned: true, hash: `0x${Buffer.from(digest).toString('hex')}` })
    }
  })

  it('refuses every other encoding of a signature, so that there is one draw', async () => {
    const verifier = await createTicketVerifier(domain, curve)
    const [ticket] = fc.sample(tickets, 1) as [Ticket]
    const good = signer.sign(hashTicket(domain, ticket))
    const check = (signature: Hex) => verifier.check(ticket, { signature, signer: signer.address, recipientRand: new Uint8Array(32) }).isSigned
    const s = BigInt(`0x${good.slice(66, 130)}`)
    const twin: Hex = `0x${good.slice(2, 66)}${(n - s).toString(16).padStart(64, '0')}${good.endsWith('1b') ? '1c' : '1b'}`
    for (let round = 0; round < 2; round++) {
      expect(check(good)).toBe(true) // recovers first, verifies against the remembered key then
      expect([twin, good.slice(0, 130) as Hex, `${good}00` as Hex, `${good.slice(0, 130)}01` as Hex, `0x${'00'.repeat(64)}1b` as Hex].map(check)).toEqual([false, false, false, false, false])
    }
  })

  it('takes any bytes for a signature or a key without harm', async () => {
    const verifier = await createTicketVerifier(domain, curve)
    const digest = new Uint8Array(32).fill(7)
    fc.assert(fc.property(fc.uint8Array({ minLength: 0, maxLength: 70 }), (bytes) => {
      const signature: Hex = `0x${Buffer.from(bytes).toString('hex')}`
      expect(verifier.recover(digest, signature)).toBe(recoverAddress(digest, signature))
    }))
    const edges = ['00'.repeat(32), `${'00'.repeat(31)}01`, n.toString(16), (n - 1n).toString(16), 'ff'.repeat(32)]
    for (const r of edges) {
      for (const s of edges) {
        for (const v of ['1b', '1c']) expect(verifier.recover(digest, `0x${r}${s}${v}`), `${r} ${s} ${v}`).toBe(recoverAddress(digest, `0x${r}${s}${v}`))
      }
      const isKey = r !== '00'.repeat(32) && BigInt(`0x${r}`) < n
      const create = () => createNativeSigner(Buffer.from(r, 'hex'), curve)
      if (isKey) expect(create().address).toBe(createKeySigner(Buffer.from(r, 'hex')).address)
      else expect(create).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
    }
    for (const length of [0, 31, 33]) expect(() => createNativeSigner(new Uint8Array(length).fill(1), curve)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
    expect(() => signer.sign(new Uint8Array(31))).toThrow()
  })

  it('gives a winner the v that the chain wants, whatever the broadcaster sent', async () => {
    const verifier = await createTicketVerifier(domain, curve)
    const [sample] = fc.sample(tickets, 1) as [Ticket]
    const ticket = { ...sample, winProb: (1n << 256n) - 1n }
    const good = signer.sign(hashTicket(domain, ticket))
    const wrong = `${good.slice(0, 130)}${good.endsWith('1b') ? '1c' : '1b'}` as Hex
    const evidence = { signer: signer.address, recipientRand: new Uint8Array(32) }
    verifier.check(ticket, { ...evidence, signature: good })
    expect(verifier.check(ticket, { ...evidence, signature: wrong })).toMatchObject({ isSigned: true, hasWon: true, signature: good })
  })
})
