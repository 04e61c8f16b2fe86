/** What the SDK sees of an orchestrator, whichever it is: the same tests run over the server and over the double. */

import { createHash, randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Network } from '@streamflow/sdk/chain'
import { StreamflowError } from '@streamflow/sdk/errors'
import { computeCodedPixels } from '@streamflow/sdk/media'
import { computeExpectedValue, computeSegmentFee, createKeySigner, hashLadder, hashTicket, services, type KeySigner } from '@streamflow/sdk/payments'
import { encodeControl, encodeHeader, errorReplySchema, limits, parseJson, quoteResponseSchema, signedStatementSchema, stringify, type SegmentReceipt, type StreamResponse, type WireTicket } from '@streamflow/sdk/protocol'
import { assertReceipt, computeMostWork, computeSurplusLimit } from '../../sdk/src/broadcaster/delivery/assertReceipt.js'
import { assertStatement, assertStatementAgrees } from '../../sdk/src/broadcaster/delivery/assertStatement.js'
import { createMirror } from '../../sdk/src/broadcaster/delivery/createMirror.js'
import { assertQuote } from '../../sdk/src/market/assertQuote.js'
import { RawBroadcaster } from '../integration/server/RawBroadcaster.js'
import { createFixture, type Fixture, type FixtureSegment } from '../media-fixtures/matroskaFixture.js'

type Hex = `0x${string}`
type Code = StreamflowError['code']

/** One that runs, with two places for streams. */
export interface Subject {
  readonly url: string
  readonly network: Network
  readonly orchestrator: Hex
  /** The wallet of a sender with funds. */
  readonly senderKey: Hex
  /** Another one. */
  addSender(): Promise<Hex>
  /** Begins to shut down. */
  drain(): void
  close(): Promise<void>
}

const places = 2
const page = 'https://page.example'
const randomWord = (): Hex => `0x${randomBytes(32).toString('hex')}`
const unknownId: Hex = `0x${'5e'.repeat(32)}`

/** Describes one; `open` starts it. */
export function describeOrchestrator(name: string, open: (options: { readonly maxStreams: number }) => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    let fixture: Fixture
    const opened: RawBroadcaster[] = []
    const at = (seq: number): FixtureSegment => fixture.segments[seq] as FixtureSegment

    beforeAll(async () => {
      ;[subject, fixture] = await Promise.all([open({ maxStreams: places }), createFixture({ seconds: 2 })])
    })
    afterEach(async () => {
      for (const broadcaster of opened.splice(0)) {
        await broadcaster.delete().catch(() => undefined)
        broadcaster.vanish()
      }
    })
    afterAll(() => subject?.close())

    const create = (senderKey = subject.senderKey): RawBroadcaster => {
      const broadcaster = new RawBroadcaster({ chain: { ...subject, senderKey }, url: subject.url, fixture })
      opened.push(broadcaster)
      return broadcaster
    }
    const start = async (broadcaster = create()): Promise<{ readonly broadcaster: RawBroadcaster; readonly response: StreamResponse }> => {
      const response = await broadcaster.connect()
      await broadcaster.sendHeader()
      return { broadcaster, response }
    }
    const ask = (method: string, path: string, { body, headers = {} }: { readonly body?: string; readonly headers?: Record<string, string> } = {}): Promise<Response> =>
      fetch(subject.url + path, { method, headers: { origin: page, ...headers }, ...(body !== undefined && { body }) })
    /** It ends the stream as a broadcaster does, and the sums are the ones given. */
    const expectEnd = async (broadcaster: RawBroadcaster, sums: { readonly segments: number; readonly tickets: number }): Promise<void> => {
      await broadcaster.say({ type: 'end' })
      expect(await broadcaster.until(({ type }) => type === 'ended')).toMatchObject({ statement: sums })
    }

    it('makes a quote for whoever asks, signed, and says what is free', async () => {
      const { domain, payer: { grant: { sender } } } = create()
      const response = await ask('POST', '/v1/quotes', { body: stringify({ sender, serviceId: services.Transcoding }), headers: { 'content-type': 'application/json' } })
      expect([response.status, ...['content-type', 'cache-control', 'access-control-allow-origin'].map((field) => response.headers.get(field))]).toEqual([200, 'application/json; charset=utf-8', 'no-store', '*'])
      const { quote, freePixelsPerSecond } = parseJson(quoteResponseSchema, await response.text())
      assertQuote(quote, { domain, orchestrator: subject.orchestrator, sender, serviceId: services.Transcoding, nowSeconds: Date.now() / 1_000 })
      expect(freePixelsPerSecond).toBeGreaterThan(0)
      expect([quote.pricePerMillionPixels > 0n, quote.faceValue > 0n, quote.creationRound > 0n]).toEqual([true, true, true])
    })

    it('lets any page call', async () => {
      const preflight = await ask('OPTIONS', '/v1/streams', { headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' } })
      const allowed = (field: string): string[] => (preflight.headers.get(`access-control-allow-${field}`) ?? '').toLowerCase().split(/, */).sort()
      expect([preflight.status, allowed('origin'), allowed('methods'), allowed('headers')]).toEqual([204, ['*'], ['delete', 'get', 'head', 'options', 'post'], ['authorization', 'content-type', 'if-none-match', 'range']])
    })

    it.each<[Code, string, string, string?, string?]>([
      ['BadMessage', 'POST', '/v1/quotes', '{'],
      ['BadMessage', 'POST', '/v1/quotes', '{}'],
      ['BadMessage', 'POST', '/v1/quotes', '{}', 'text/plain'],
      ['InvalidArgument', 'POST', '/v1/quotes', stringify({ sender: `0x${'1'.repeat(40)}`, serviceId: unknownId })],
      ['MessageTooLarge', 'POST', '/v1/quotes', ' '.repeat(limits.bodyBytes + 1)],
      ['BadMessage', 'POST', '/v1/streams', '{}'],
      ['Unauthorized', 'GET', `/v1/streams/${unknownId}/statement`],
      ['Unauthorized', 'DELETE', `/v1/streams/${unknownId}`],
      ['StreamNotFound', 'DELETE', '/v1/streams/nonsense'],
      ['StreamNotFound', 'GET', `/live/${unknownId}/master.m3u8`],
      ['NotFound', 'GET', '/v1/nothing'],
    ])('says %s to %s %s', async (code, method, path, body, type = 'application/json') => {
      const response = await ask(method, path, { ...(body !== undefined && { body, headers: { 'content-type': type } }) })
      const reply = parseJson(errorReplySchema, await response.text())
      expect([reply.code, response.status, response.headers.get('access-control-allow-origin')]).toEqual([code, new StreamflowError(code, '').status, '*'])
      expect(response.headers.get('content-type')).toMatch(/^application\/json/)
      expect(response.headers.get('www-authenticate')).toBe(code === 'Unauthorized' ? 'Streamflow' : null)
    })

    it('takes tickets, acknowledges segments, and keeps the books that the SDK keeps, to the wei', async () => {
      const { broadcaster, response } = await start()
      const { domain, streamId, ladder, payer, input } = broadcaster
      const { orchestrator } = subject
      const whose = { domain, orchestrator, signer: orchestrator, broadcaster: payer.grant.sender, streamId }
      const { quote, serviceId } = payer.terms
      expect(response).toMatchObject({ streamId, nextSeq: 0, balance: 0n, playbackUrl: `${subject.url}/live/${streamId}/master.m3u8` })
      const mirror = createMirror(response.balance)
      const codedPixels = computeCodedPixels(fixture.header, input.video)
      const work = ({ frames }: FixtureSegment) => computeMostWork({ ladder, codedPixels, frames })
      const check = (message: SegmentReceipt): void => {
        const segment = at(message.seq)
        const { frames } = segment
        const receipt = assertReceipt(message, { ...whose, serviceId, ladder, ladderHash: hashLadder(ladder), prices: quote, codedPixels, round: quote.creationRound, inputHash: hashInput(segment), frames, surplus: computeSurplusLimit(ladder) })
        mirror.settle({ seq: message.seq, attempt: 0 }, receipt)
        expect(receipt).toMatchObject({ ...work(segment), fee: computeSegmentFee(quote, work(segment)), round: quote.creationRound })
        expect(message.outputs.map(({ rendition }) => rendition)).toEqual(['180p', 'audio'])
        expect(message.outputs[0]).toMatchObject({ frames, hash: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string })
      }
      let read = 0
      /** Takes what came into the books, in the order in which it came. */
      const takeReplies = (): void => {
        for (const reply of broadcaster.replies.slice(read)) {
          read++
          if (reply.type === 'accepted') mirror.accept(reply, reply.balance)
          else if (reply.type === 'receipt') check(reply)
        }
      }
      for (const segment of fixture.segments) {
        const name = { seq: segment.seq, attempt: 0 }
        const estimate = payer.price(broadcaster.estimate)
        const ticket = payer.signValue(mirror.computeRequired(estimate))
        mirror.open(name, { value: computeExpectedValue(ticket.faceValue, ticket.winProb), estimate })
        await broadcaster.open(segment, { ticket })
        await broadcaster.sendChunks(segment)
        await broadcaster.until((reply) => reply.type === 'accepted' && reply.seq === segment.seq)
        mirror.close(name, computeSegmentFee(quote, work(segment)))
        await broadcaster.close(segment)
        takeReplies()
      }
      await broadcaster.say({ type: 'ping' })
      await broadcaster.until(({ type }) => type === 'pong')
      await broadcaster.say({ type: 'end' })
      const ended = await broadcaster.until(({ type }) => type === 'ended')
      takeReplies()
      const statement = parseJson(signedStatementSchema, await broadcaster.statement())
      for (const said of [statement, ended.type === 'ended' ? ended.statement : undefined]) {
        expect(said).toMatchObject({ segments: 2, tickets: 2 })
        assertStatement(said!, whose)
        assertStatementAgrees(said!, mirror.totals)
      }
      const playlist = await ask('GET', new URL(response.playbackUrl).pathname)
      expect([playlist.status, playlist.headers.get('content-type'), playlist.headers.get('access-control-allow-origin')]).toEqual([200, 'application/vnd.apple.mpegurl', '*'])
      expect(await playlist.text()).toMatch(/^#EXTM3U[^]*180p/)
      await expect(broadcaster.delete()).rejects.toMatchObject({ code: 'StreamNotFound' })
    })

    it('refuses tickets by code, and goes on with the next one', async () => {
      const { broadcaster } = await start()
      const { payer, domain, estimate } = broadcaster
      const { sender } = payer.grant
      const stranger = createKeySigner(new Uint8Array(32).fill(9))
      /** The present parameters with another signature: by whom, and for whom. */
      const forge = (signer: KeySigner, recipient: Hex): WireTicket => {
        const ticket = broadcaster.sign()
        return { ...ticket, signature: signer.sign(hashTicket(domain, { ...ticket, recipient, sender, grant: payer.grantHash })) }
      }
      await broadcaster.send(at(0))
      payer.settled(estimate, (await broadcaster.untilReceipt(0)).fee)
      const wrong: readonly (readonly [Code, () => WireTicket])[] = [
        ['PriceTooLow', () => payer.signValue(1n)],
        ['TicketInvalid', () => forge(broadcaster.session, stranger.address)],
        ['TicketInvalid', () => forge(stranger, subject.orchestrator)],
        ['TicketInvalid', () => broadcaster.sign({ nonce: 1n })],
        ['TicketInvalid', () => broadcaster.sign({ recipientRandHash: randomWord() })],
        ['TicketParamsExpired', () => broadcaster.sign({ validUntil: Math.floor(Date.now() / 1_000) - 1_000 })],
      ]
      for (const [attempt, [code, sign]] of wrong.entries()) {
        await broadcaster.open(at(1), { attempt, ticket: sign() })
        const refusal = await broadcaster.until((reply) => reply.type === 'error' && reply.seq === 1 && reply.attempt === attempt)
        expect(refusal).toMatchObject({ code, ...(code === 'TicketParamsExpired' && { quote: { recipient: subject.orchestrator } }) })
      }
      await broadcaster.send(at(1), wrong.length)
      await broadcaster.untilReceipt(1)
      await expectEnd(broadcaster, { segments: 2, tickets: 2 })
    })

    it('does not charge a segment that is not what its end says', async () => {
      const { broadcaster } = await start()
      await broadcaster.send(at(0))
      const ticket = await broadcaster.open(at(1))
      await broadcaster.sendChunks(at(1))
      await broadcaster.close(at(1), { change: { hash: randomWord() } })
      broadcaster.payer.opened(ticket, broadcaster.estimate)
      await broadcaster.untilError('SegmentTruncated', 1)
      const { fee } = await broadcaster.untilReceipt(0)
      await expectEnd(broadcaster, { segments: 1, tickets: 2 })
      expect(parseJson(signedStatementSchema, await broadcaster.statement()).fees).toBe(fee)
    })

    it('says what it cannot read, or what is too large, and goes on', async () => {
      const { broadcaster } = await start()
      await broadcaster.sendBytes(encodeHeader(new Uint8Array(limits.headerBytes + 1)))
      await broadcaster.untilError('MessageTooLarge')
      await broadcaster.sendBytes(encodeControl(' '.repeat(limits.controlBytes + 1)))
      await broadcaster.until(() => broadcaster.replies.filter((reply) => reply.type === 'error' && reply.code === 'MessageTooLarge').length === 2)
      await broadcaster.say({ type: 'dance' })
      await broadcaster.untilError('BadMessage')
      await broadcaster.send(at(0))
      await broadcaster.untilReceipt(0)
      await expectEnd(broadcaster, { segments: 1, tickets: 1 })
    })

    it('opens no stream for an offer that is none, or one that is signed by another', async () => {
      const broadcaster = create()
      await expect(broadcaster.connect({ offer: 'v=0' })).rejects.toMatchObject({ code: 'BadMessage' })
      await expect(broadcaster.connect({ grant: { ...broadcaster.payer.grant, key: createKeySigner(new Uint8Array(32).fill(9)).address } })).rejects.toMatchObject({ code: 'Unauthorized' })
    })

    it('lets nobody touch, or be seen as, the stream of another', async () => {
      const { broadcaster, response } = await start()
      await broadcaster.send(at(0))
      const { streamId } = broadcaster
      const [other, thief] = [create(await subject.addSender()), create()]
      for (const one of [other, thief]) Object.assign(one.payer, { streamId })
      await expect(other.delete()).rejects.toMatchObject({ code: 'StreamNotFound' })
      await expect(thief.delete()).rejects.toMatchObject({ code: 'Unauthorized' })
      await expect(thief.statement()).rejects.toMatchObject({ code: 'Unauthorized' })
      const theirs = await start(other)
      expect(theirs.response.streamId).toBe(streamId)
      expect(theirs.response.playbackUrl).not.toBe(response.playbackUrl)
      await other.send(at(0))
      await other.untilReceipt(0)
      await broadcaster.untilReceipt(0)
      await expectEnd(other, { segments: 1, tickets: 1 })
      await expectEnd(broadcaster, { segments: 1, tickets: 1 })
    })

    it('is full when it is, and says when to ask again', async () => {
      const first = await start()
      await start()
      await expect(create().connect()).rejects.toMatchObject({ code: 'Capped', status: 503, data: { retryAfterMs: expect.any(Number) as number } })
      await first.broadcaster.send(at(0))
      await first.broadcaster.untilReceipt(0)
      await expectEnd(first.broadcaster, { segments: 1, tickets: 1 })
      await start()
    })

    it('comes back to a stream whose connection broke, with its balance and the segment that is next', async () => {
      const { broadcaster } = await start()
      await broadcaster.send(at(0))
      const { balance } = await broadcaster.untilReceipt(0)
      broadcaster.vanish()
      expect(await broadcaster.connect()).toMatchObject({ balance, nextSeq: 1 })
      await broadcaster.sendHeader()
      await broadcaster.send(at(1))
      await broadcaster.untilReceipt(1)
      await expectEnd(broadcaster, { segments: 2, tickets: 2 })
    })

    it('that shuts down finishes what is under way, and takes nothing more', async () => {
      const { broadcaster } = await start()
      const ticket = await broadcaster.open(at(0))
      await broadcaster.sendChunks(at(0))
      await broadcaster.until(({ type }) => type === 'accepted')
      broadcaster.payer.opened(ticket, broadcaster.estimate)
      const late = create()
      await late.fetchQuote()
      subject.drain()
      await broadcaster.until(({ type }) => type === 'draining')
      await expect(late.fetchQuote()).rejects.toMatchObject({ code: 'Draining' })
      await expect(late.connect()).rejects.toMatchObject({ code: 'Draining' })
      await broadcaster.close(at(0))
      await broadcaster.untilReceipt(0)
      expect(await broadcaster.until(({ type }) => type === 'ended')).toMatchObject({ statement: { segments: 1, tickets: 1 } })
    })

    function hashInput({ chunks }: FixtureSegment): Hex {
      return `0x${chunks.reduce((sum, { bytes }) => sum.update(bytes), createHash('sha256').update(fixture.header)).digest('hex')}`
    }
  })
}
