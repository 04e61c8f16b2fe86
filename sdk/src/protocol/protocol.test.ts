import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorCodes, type ErrorCode } from '../errors/codes.js'
import { StreamflowError, isStreamflowError } from '../errors/StreamflowError.js'
import { bytesToHex, type Hex } from '../units/hex.js'
import { decodeAuthorization, encodeAuthorization } from './authorization.js'
import { createErrorReply, errorReplySchema, readErrorReply } from './errorReply.js'
import { decodeFrame, encodeChunk, encodeControl, encodeHeader } from './frame.js'
import { limits } from './limits.js'
import { parseBroadcasterMessage, parseJson, parseOrchestratorMessage, stringify } from './message.js'
import { quoteResponseSchema } from './quote.js'
import { streamRequestSchema, streamResponseSchema } from './stream.js'

const hex = (bytes: number): fc.Arbitrary<Hex> => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(bytesToHex)
const uint = fc.bigInt({ min: 0n, max: (1n << 256n) - 1n })
const int = fc.bigInt({ min: -(1n << 255n), max: (1n << 255n) - 1n })
const count = fc.maxSafeNat()
const seq = fc.nat(0xffffffff)
const attempt = fc.nat(0xff)
const quote = fc.record({ recipient: hex(20), sender: hex(20), serviceId: hex(32), pricePerMillionPixels: uint, pricePerMillionInputPixels: uint, faceValue: uint, seed: hex(32), recipientRandHash: hex(32), feeShare: fc.nat(1_000_000), creationRound: uint, creationRoundBlockHash: hex(32), validUntil: count, signature: hex(65) })
const ticket = fc.record({ faceValue: uint, winProb: uint, nonce: uint, recipientRandHash: hex(32), creationRound: uint, creationRoundBlockHash: hex(32), feeShare: fc.nat(1_000_000), seed: hex(32), validUntil: count, signature: hex(65) })

const broadcasterMessage = fc.oneof(
  fc.record({ type: fc.constant('open'), seq, attempt, startUs: count, ticket }),
  fc.record({ type: fc.constant('close'), seq, attempt, durationUs: fc.nat(8_000_000), frames: fc.nat(10_000), bytes: fc.nat(limits.segmentBytes), hash: hex(32) }),
  fc.record({ type: fc.constant('abort'), seq, attempt }),
  fc.record({ type: fc.constant('end') }),
  fc.record({ type: fc.constant('ping') }),
)
const outputs = fc.array(fc.record({ rendition: fc.string({ maxLength: 16 }), frames: count, bytes: count, hash: hex(32) }), { maxLength: 16 })
const orchestratorMessage = fc.oneof(
  fc.record({ type: fc.constant('accepted'), seq, attempt, balance: int }),
  fc.record({ type: fc.constant('receipt'), seq, attempt, inputHash: hex(32), outputHash: hex(32), inputPixels: uint, pixels: uint, fee: uint, balance: int, round: uint, signature: hex(65), outputs, quote }, { requiredKeys: ['type', 'seq', 'attempt', 'inputHash', 'outputHash', 'inputPixels', 'pixels', 'fee', 'balance', 'round', 'signature', 'outputs'] }),
  fc.record({ type: fc.constant('error'), code: fc.constantFrom(...Object.keys(errorCodes)), message: fc.string({ maxLength: 1_000 }), seq, attempt, quote }, { requiredKeys: ['type', 'code', 'message'] }),
  fc.record({ type: fc.constant('ended'), statement: fc.record({ segments: count, tickets: count, credited: uint, fees: uint, balance: int, issuedAt: count, streamId: hex(32), signature: hex(65) }) }),
  fc.record({ type: fc.constant('draining') }),
  fc.record({ type: fc.constant('pong') }),
)

describe('messages', () => {
  it('of a broadcaster come back as they were', () => {
    fc.assert(fc.property(broadcasterMessage, (message) => void expect(parseBroadcasterMessage(stringify(message))).toEqual(message)))
  })

  it('of an orchestrator come back as they were', () => {
    fc.assert(fc.property(orchestratorMessage, (message) => void expect(parseOrchestratorMessage(stringify(message))).toEqual(message)))
  })

  it('of one side are not taken from the other', () => {
    expect(() => parseOrchestratorMessage('{"type":"end"}')).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    expect(() => parseBroadcasterMessage('{"type":"draining"}')).toThrow(expect.objectContaining({ code: 'BadMessage' }))
  })

  it('that anybody might send fail with BadMessage and nothing else', () => {
    const anything = fc.oneof(fc.string(), fc.json(), fc.jsonValue().map((value) => JSON.stringify(value)), fc.tuple(broadcasterMessage, fc.string(), fc.jsonValue()).map(([message, key, value]) => stringify({ ...message, [key]: value })))
    fc.assert(
      fc.property(anything, (text) => {
        for (const parse of [parseBroadcasterMessage, parseOrchestratorMessage, (json: string) => parseJson(streamRequestSchema, json), (json: string) => parseJson(streamResponseSchema, json), (json: string) => parseJson(quoteResponseSchema, json)]) {
          try {
            parse(text)
          } catch (error) {
            expect(isStreamflowError(error) && error.code).toBe('BadMessage')
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  it('with one field changed to anything are refused or still have the documented form', () => {
    fc.assert(
      fc.property(broadcasterMessage, fc.nat(), fc.jsonValue(), (message, pick, value) => {
        const names = Object.keys(message)
        const text = stringify({ ...message, [names[pick % names.length] as string]: value })
        try {
          const parsed = parseBroadcasterMessage(text)
          expect(parseBroadcasterMessage(stringify(parsed))).toEqual(parsed)
        } catch (error) {
          expect(isStreamflowError(error) && error.code).toBe('BadMessage')
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each(['00', '01', '-1', '1e3', '0x1', ' 1', '1 ', '', '1'.repeat(80), (1n << 256n).toString()])('refuse %s as an unsigned integer', (text) => {
    const [message] = fc.sample(fc.record({ type: fc.constant('open'), seq, attempt, startUs: count, ticket }), 1)
    expect(() => parseBroadcasterMessage(stringify({ ...message, ticket: { ...message?.ticket, faceValue: text } }))).toThrow(expect.objectContaining({ code: 'BadMessage' }))
  })
})

describe('frames', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(seq, attempt, fc.uint8Array({ minLength: 1, maxLength: 2_000 }), fc.string(), (segment, tries, bytes, text) => {
        expect(decodeFrame(encodeChunk({ seq: segment, attempt: tries, bytes }))).toEqual({ kind: 'chunk', seq: segment, attempt: tries, bytes })
        expect(decodeFrame(encodeHeader(bytes))).toEqual({ kind: 'header', bytes })
        expect(decodeFrame(encodeControl(text))).toEqual({ kind: 'control', text: new TextDecoder().decode(new TextEncoder().encode(text)) })
      }),
    )
  })

  it('of any bytes are read or refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          expect(['control', 'chunk', 'header']).toContain(decodeFrame(bytes).kind)
        } catch (error) {
          expect(isStreamflowError(error) && error.code).toBe('BadMessage')
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('start at any offset of a larger buffer', () => {
    const frame = encodeChunk({ seq: 0xfffffffe, attempt: 3, bytes: Uint8Array.of(1, 2, 3) })
    const larger = new Uint8Array(frame.length + 9)
    larger.set(frame, 5)
    expect(decodeFrame(larger.subarray(5, 5 + frame.length))).toEqual({ kind: 'chunk', seq: 0xfffffffe, attempt: 3, bytes: Uint8Array.of(1, 2, 3) })
  })

  it('are refused beyond each limit', () => {
    const tooLarge = expect.objectContaining({ code: 'MessageTooLarge' })
    expect(decodeFrame(encodeChunk({ seq: 0, attempt: 0, bytes: new Uint8Array(limits.chunkBytes) })).kind).toBe('chunk')
    expect(() => decodeFrame(new Uint8Array(limits.messageBytes + 1).fill(1))).toThrow(tooLarge)
    expect(() => decodeFrame(encodeControl(' '.repeat(limits.controlBytes + 1)))).toThrow(tooLarge)
    expect(() => decodeFrame(encodeHeader(new Uint8Array(limits.headerBytes + 1)))).toThrow(tooLarge)
    expect(() => decodeFrame(Uint8Array.of(0, 0xff))).toThrow(expect.objectContaining({ code: 'BadMessage' }))
    expect(() => decodeFrame(new Uint8Array())).toThrow(expect.objectContaining({ code: 'BadMessage' }))
  })
})

describe('error replies', () => {
  it('tell code, message, data and what helps, and nothing private', () => {
    const cause = new Error('/secret/path')
    const error = new StreamflowError('TicketParamsExpired', 'too old', { cause, data: { retryAfterMs: 7, limit: 5n, nested: { secret: 1 }, flag: true } })
    const reply = createErrorReply(error, { seq: 3, attempt: 1, ticket: 'not ours to repeat' } as never)
    expect(reply).toEqual({ type: 'error', code: 'TicketParamsExpired', message: 'too old', seq: 3, attempt: 1, retryAfterMs: 7, data: { limit: '5', flag: true } })
    expect(JSON.stringify(reply)).not.toContain('secret')
  })

  it('are read back to the same code and data', () => {
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(errorCodes) as ErrorCode[])), fc.string({ maxLength: 1_000 }), fc.nat(), quote, (code, message, retryAfterMs, fresh) => {
        const reply = parseJson(errorReplySchema, stringify(createErrorReply(new StreamflowError(code, message, { data: { retryAfterMs, quote: fresh } }), { seq: 1, attempt: 2 })))
        const error = readErrorReply(reply)
        expect(error).toMatchObject({ code, message, data: { retryAfterMs, quote: fresh, seq: 1, attempt: 2 } })
      }),
    )
  })

  it('of newer peers are read as Internal', () => {
    expect(readErrorReply({ type: 'error', code: 'InventedLater', message: '' }).code).toBe('Internal')
  })
})

describe('the address that viewers are sent to', () => {
  const read = (playbackUrl: string) => parseJson(streamResponseSchema, JSON.stringify({ version: 1, streamId: `0x${'0'.repeat(64)}`, answer: { type: 'answer', sdp: '' }, playbackUrl, balance: '0', nextSeq: 0 })).playbackUrl

  it.each(['https://host.example/live/0x0/master.m3u8', 'http://127.0.0.1:8935/live/0x0/master.m3u8'])('may be %s', (url) => {
    expect(read(url)).toBe(url)
  })

  it.each(['javascript:alert(document.domain)', 'data:text/html,x', 'blob:https://host.example/1', 'ftp://host.example/', '//host.example/', '/live', '', 'https://user:secret@host.example/'])('is never %s', (url) => {
    expect(() => read(url)).toThrow(expect.objectContaining({ code: 'BadMessage' }))
  })
})

describe('authorization', () => {
  it('comes back as it was', () => {
    fc.assert(fc.property(fc.record({ sender: hex(20), issuedAt: count, nonce: hex(32), signature: hex(65) }), (given) => void expect(decodeAuthorization(encodeAuthorization(given))).toEqual(given)))
  })

  it('of any text is refused as Unauthorized', () => {
    fc.assert(
      fc.property(fc.option(fc.oneof(fc.string(), fc.base64String().map((text) => `Streamflow ${text}`)), { nil: undefined }), (header) => {
        expect(() => decodeAuthorization(header)).toThrow(expect.objectContaining({ code: 'Unauthorized' }))
      }),
    )
  })
})

describe('codes', () => {
  it('have an HTTP status, and a sentence that says what helps', () => {
    for (const { status, help } of Object.values(errorCodes)) {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(help).toMatch(/^[A-Z"].*[.]$/)
    }
  })
})
