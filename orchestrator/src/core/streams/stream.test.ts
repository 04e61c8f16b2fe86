import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { StreamflowError } from '@streamflow/sdk/errors'
import { encodeControl, encodeHeader, limits, stringify } from '@streamflow/sdk/protocol'
import { actor, connect, createOrigins, createPart, createReceipt, createRequest, createRig, createSegment, header, holdTickets, sayChunk, sayClose, sayOpen, say, sendSegment, settle, streamId } from '../../../../test/streams/StreamRig.js'
import { streamBounds } from './policy.js'

const fail = (code: ConstructorParameters<typeof StreamflowError>[0]): StreamflowError => new StreamflowError(code, 'told to')
const inputHash = (text: string): string => `0x${createHash('sha256').update(header).update(text).digest('hex')}`

describe('a segment', () => {
  it('flows to the transcoder as it comes, and is settled when all its renditions are there', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/0'])
    sayChunk(rig, 0, 'abc')
    expect(rig.transcode.log).toEqual(['header 6', 'open 0 0'])
    expect(rig.transcode.bytes.toString()).toBe('abc')
    sayChunk(rig, 0, 'def')
    sayClose(rig, 0, 'abcdef')
    expect(rig.transcode.log.at(-1)).toBe('close 0 1000000 25')
    rig.transcode.produce(0)
    await settle()
    expect(rig.transport.take()).toEqual(['receipt 0/0'])
    const [charged] = rig.account.settled
    expect(charged).toMatchObject({ seq: 0, inputHash: inputHash('abcdef'), pixels: BigInt((640 * 360 + 320 * 180) * 25) })
    expect(charged?.outputs.map(({ rendition }) => rendition)).toEqual(['360p', '180p', 'audio'])
    expect(rig.account.log[0]).toBe(`open 0/0 ${(640 * 360 + 320 * 180) * 25}`)
    expect(rig.published).toEqual(['part 360p 0', 'segment 360p 0', 'part 180p 0', 'segment 180p 0', 'part audio 0', 'segment audio 0'])
  })

  it('is not forwarded before its ticket is accepted, and loses nothing meanwhile', async () => {
    const rig = createRig()
    await connect(rig)
    const admit = holdTickets(rig)
    sendSegment(rig, 0, 'early')
    await settle()
    expect(rig.transcodes).toEqual([])
    admit()
    await settle()
    expect(rig.transcode.bytes.toString()).toBe('early')
    rig.transcode.produce(0)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/0', 'receipt 0/0'])
  })

  it('waits for the one before it, whose ticket is still being looked at', async () => {
    const rig = createRig()
    await connect(rig)
    const admit = holdTickets(rig)
    sendSegment(rig, 0, 'a')
    rig.account.gate = undefined
    sendSegment(rig, 1, 'b')
    await settle()
    expect(rig.transcode.log).toEqual(['header 6']) // the second is paid, and waits
    admit()
    await settle()
    expect(rig.transcode.log).toEqual(['header 6', 'open 0 0', 'close 0 1000000 25', 'open 1 1000000', 'close 1 1000000 25'])
    expect(rig.transcode.bytes.toString()).toBe('ab')
  })

  it('that fails while its ticket is being looked at is answered after the ticket', async () => {
    const rig = createRig()
    await connect(rig)
    const admit = holdTickets(rig)
    sayOpen(rig, 0)
    sayChunk(rig, 0, 'abc')
    sayClose(rig, 0, 'something else')
    await settle()
    expect(rig.transport.take()).toEqual([])
    admit()
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/0', 'error SegmentTruncated 0/0'])
    expect(rig.account.log).toContain('release 0/0')
  })

  it('is held back while the transcoder cannot take more', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    await settle()
    rig.transcode.takes = false
    for (const character of 'abc') sayChunk(rig, 0, character)
    sayClose(rig, 0, 'abc')
    expect(rig.transcode.bytes.toString()).toBe('a')
    rig.transcode.takes = true
    rig.transcode.events.drain()
    expect(rig.transcode.bytes.toString()).toBe('abc')
    expect(rig.transcode.log.at(-1)).toBe('close 0 1000000 25')
  })

  it('is charged for the frames that were declared, whatever the transcoder says; more come out for nothing twice in a stream, not twice in every segment', async () => {
    const rig = createRig()
    await connect(rig)
    for (const [seq, frames] of [[0, 26], [1, 26], [2, 26]] as const) {
      sendSegment(rig, seq)
      await settle()
      rig.transcode.produce(seq, frames)
      await settle()
    }
    expect(rig.account.settled.map(({ pixels }) => pixels)).toEqual(Array(streamBounds.spareFrames).fill(BigInt((640 * 360 + 320 * 180) * 25)))
    expect(rig.transport.take().slice(-3)).toEqual(['error SegmentFormatDidntMatchJobInputParams 2/0', 'error SegmentFormatDidntMatchJobInputParams', 'ended'])
    expect(rig.account.log).toContain('withhold 2/0')
  })

  it('is seen as far as it is paid: what was made beyond waits for the next ticket, and is reserved when it comes', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    sayChunk(rig, 0, 'a')
    await settle()
    const part = (index: number, frames: number) => rig.transcode.events.part({ ...createPart('360p', 0, frames), index, startUs: index * 200_000, durationUs: 200_000 })
    for (let index = 0; index < 7; index++) part(index, 5)
    // 25 frames of both renditions are reserved: of one alone, 31.
    expect(rig.published).toEqual(Array(6).fill('part 360p 0'))
    sayClose(rig, 0, 'a', { frames: 35, durationUs: 1_400_000 })
    rig.account.free = BigInt(640 * 360 * 5)
    sayOpen(rig, 1)
    await settle()
    expect(rig.published).toEqual(Array(7).fill('part 360p 0'))
    expect(rig.account.log).toContain(`extend 0/0 ${640 * 360 * 35}`)
  })

  it('that overruns and is spoilt is never seen beyond its price', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    sayChunk(rig, 0, 'a')
    await settle()
    for (let index = 0; index < 20; index++) rig.transcode.events.part({ ...createPart('360p', 0, 5), index, startUs: index * 200_000, durationUs: 200_000 })
    say(rig, { type: 'abort', seq: 0, attempt: 0 })
    say(rig, { type: 'end' })
    await settle()
    expect(rig.account.log.slice(1)).toEqual(['withhold 0/0'])
    expect(rig.published.filter((event) => event.startsWith('part'))).toHaveLength(6)
  })

  it('has no sound that is heard alone', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    sayChunk(rig, 0, 'a')
    await settle()
    rig.transcode.events.part(createPart('audio', 0, 47))
    expect(rig.published).toEqual([])
    rig.transcode.events.part(createPart('180p', 0, 5))
    expect(rig.published).toEqual(['part 180p 0', 'part audio 0'])
  })

  it('whose ticket is refused leaves nothing behind: its chunks are discarded, the same number may be tried again', async () => {
    const rig = createRig()
    await connect(rig)
    rig.account.refusals.push(fail('TicketParamsExpired'))
    sendSegment(rig, 0, 'lost')
    await settle()
    expect(rig.transport.take()).toEqual(['error TicketParamsExpired 0/0'])
    expect(rig.transcodes).toEqual([])
    sayOpen(rig, 0, 1)
    sayChunk(rig, 0, 'kept', 1)
    sayClose(rig, 0, 'kept', { attempt: 1 })
    await settle()
    rig.transcode.produce(0)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/1', 'receipt 0/1'])
    expect(rig.transcode.bytes.toString()).toBe('kept')
    expect(rig.account.log).not.toContain('release 0/0')
  })

  it('that is refused for good becomes a gap when the next one is published', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    rig.transcode.produce(0)
    rig.account.refusals.push(fail('LowPMBalance'))
    sendSegment(rig, 1)
    await settle()
    sendSegment(rig, 2)
    await settle()
    rig.published.length = 0
    rig.transcode.produce(2)
    expect(rig.published[0]).toBe('gap 1 1000000 1000000')
    expect(rig.published[1]).toBe('part 360p 2')
  })

  it('without a single frame is a gap', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    rig.transcode.produce(0)
    sendSegment(rig, 1)
    await settle()
    rig.published.length = 0
    for (const rendition of ['360p', '180p', 'audio']) rig.transcode.events.segment(createSegment(rendition, 1, 0))
    expect(rig.published).toEqual(['gap 1 1000000 1000000'])
  })

  it.each([
    ['fewer bytes than declared', { bytes: 9 }, 'SegmentTruncated'],
    ['another hash', { hash: `0x${'0'.repeat(64)}` as const }, 'SegmentTruncated'],
    ['twice its length and more', { durationUs: 2_000_001 }, 'SegmentTooLarge'],
    ['more frames than its rate allows', { frames: 52 }, 'SegmentTooLarge'],
  ])('with %s gets no receipt, and its price is kept: viewers saw it', async (_what, change, code) => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    sayChunk(rig, 0, 'bytes')
    await settle()
    sayClose(rig, 0, 'bytes', change)
    await settle()
    rig.transcode.produce(0)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/0', `error ${code} 0/0`])
    expect(rig.account.log.slice(1)).toEqual(['withhold 0/0'])
    expect(rig.account.settled).toEqual([])
    expect(rig.transcode.log.at(-1)).toBe('close 0 0 0')
    sendSegment(rig, 1)
    await settle()
    rig.transcode.produce(1)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 1/0', 'receipt 1/0'])
  })

  it('beyond the largest size is cut off, and the rest of it discarded', async () => {
    const rig = createRig({ maxQueuedBytes: 2 * limits.segmentBytes })
    await connect(rig)
    sayOpen(rig, 0)
    await settle()
    const chunk = 'x'.repeat(limits.chunkBytes)
    for (let sent = 0; sent <= limits.segmentBytes + 2 * chunk.length; sent += chunk.length) sayChunk(rig, 0, chunk)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/0', 'error SegmentTooLarge 0/0'])
    expect(rig.account.log.slice(1)).toEqual(['withhold 0/0'])
    expect(rig.transcode.bytes.length).toBeLessThanOrEqual(limits.segmentBytes)
  })

  it('may be aborted by its broadcaster: for nothing before anything was made of it, for its price after', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    say(rig, { type: 'abort', seq: 0, attempt: 0 })
    await settle()
    expect(rig.account.log).toContain('release 0/0')
    expect(rig.account.log).not.toContain('withhold 0/0')
    expect(rig.transcodes.every(({ bytes }) => bytes.length === 0)).toBe(true)
    sayOpen(rig, 1)
    sayChunk(rig, 1, 'a')
    await settle()
    say(rig, { type: 'abort', seq: 1, attempt: 0 })
    await settle()
    expect(rig.account.log).toContain('withhold 1/0')
    expect(rig.account.log).not.toContain('release 1/0')
    expect(rig.transport.messages.at(-1)).toMatchObject({ type: 'error', code: 'Aborted', data: { isWithheld: true } })
    expect(rig.transcode.log.at(-1)).toBe('close 1 0 0')
  })
})

describe('a repeated message', () => {
  it('gets the same answer and is neither paid nor counted twice', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0, 'once')
    await settle()
    rig.transcode.produce(0)
    await settle()
    rig.transport.take()
    sendSegment(rig, 0, 'once')
    await settle()
    expect(rig.transport.take()).toEqual(['receipt 0/0'])
    expect(rig.account.log.filter((line) => line.startsWith('open'))).toHaveLength(1)
    expect(rig.transcode.bytes.toString()).toBe('once')
    expect(rig.observations.some(({ type }) => type === 'offended')).toBe(false)
  })

  it('about a segment that an earlier process settled gets the receipt of then', async () => {
    const rig = createRig()
    const outputs = [{ rendition: '360p', frames: 25, bytes: 1, hash: `0x${'5'.repeat(64)}` as const }]
    const segment = { seq: 4, attempt: 0, inputHash: `0x${'6'.repeat(64)}` as const, outputs, inputPixels: 4n, pixels: 7n }
    rig.account.settledBefore.set('4/0', { receipt: createReceipt(segment, 5n), outputs })
    await connect(rig)
    sendSegment(rig, 4)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 4/0', 'receipt 4/0'])
    expect(rig.transcodes).toEqual([])
  })

  it('what an earlier process charged is not asked for again, and its receipt comes when its close does', async () => {
    const rig = createRig()
    const outputs = [{ rendition: '360p', frames: 25, bytes: 1, hash: `0x${'5'.repeat(64)}` as const }]
    const segment = { seq: 4, attempt: 1, inputHash: `0x${'6'.repeat(64)}` as const, outputs, inputPixels: 4n, pixels: 7n }
    rig.account.settledBefore.set('4/1', { receipt: createReceipt(segment, 5n), outputs })
    rig.account.nextSeq = 5
    const { nextSeq } = await connect(rig)
    expect(nextSeq).toBe(5)
    sayClose(rig, 4, 'as before', { attempt: 1 })
    await settle()
    expect(rig.transport.take()).toEqual(['receipt 4/1'])
    expect(rig.account.log).toEqual([])
  })

  it.each([
    ['an earlier segment', 0, 1],
    ['another attempt at a segment that was accepted', 1, 1],
    ['an hour ahead', 2 + streamBounds.seqStep, 0],
  ])('%s is refused', async (_what, seq, attempt) => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    sendSegment(rig, 1)
    await settle()
    rig.transport.take()
    sayOpen(rig, seq, attempt, 5_000_000)
    await settle()
    expect(rig.transport.take()).toEqual([`error BadMessage ${seq}/${attempt}`])
  })
})

describe('too much', () => {
  it('at once is answered with Busy before any ticket is taken', async () => {
    const rig = createRig()
    await connect(rig)
    for (let seq = 0; seq < limits.openSegments + 1; seq++) sendSegment(rig, seq)
    await settle()
    expect(rig.transport.take()).toContain(`error Busy ${limits.openSegments}/0`)
    expect(rig.account.log.filter((line) => line.startsWith('open'))).toHaveLength(limits.openSegments)
  })

  it('for the transcoder ends the stream', async () => {
    const rig = createRig({ maxQueuedBytes: 100_000 })
    await connect(rig)
    sayOpen(rig, 0)
    await settle()
    rig.transcode.takes = false
    for (let i = 0; i < 5; i++) sayChunk(rig, 0, 'x'.repeat(30_000))
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/0', 'error Busy', 'error Busy 0/0', 'ended'])
    expect(rig.streams.figures().streams).toBe(0)
    expect(rig.transcode.isAborted).toBe(true)
  })
})

describe('garbage', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'BadMessage'],
    ['an unknown kind', Uint8Array.of(9, 1, 2), 'BadMessage'],
    ['no JSON', encodeControl('{'), 'BadMessage'],
    ['an unknown type', encodeControl('{"type":"hello"}'), 'BadMessage'],
    ['a field too many', encodeControl('{"type":"end","more":1}'), 'BadMessage'],
    ['a header too long', encodeHeader(new Uint8Array(limits.headerBytes + 1)), 'MessageTooLarge'],
    ['a message too long', new Uint8Array(limits.messageBytes + 1), 'MessageTooLarge'],
    ['a chunk of no open segment', Uint8Array.of(1, 0, 0, 0, 7, 0, 1), 'BadMessage'],
    ['a close of no open segment', encodeControl(`{"type":"close","seq":7,"attempt":0,"durationUs":1,"frames":1,"bytes":1,"hash":"0x${'0'.repeat(64)}"}`), 'BadMessage'],
  ])('such as %s gets a coded error, and the stream goes on', async (_what, message, code) => {
    const rig = createRig()
    await connect(rig)
    rig.transport.events.message(message)
    expect(rig.transport.take()).toEqual([`error ${code}`])
    sendSegment(rig, 0)
    await settle()
    rig.transcode.produce(0)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/0', 'receipt 0/0'])
  })

  it('that goes on ends the stream', async () => {
    const rig = createRig()
    await connect(rig)
    for (let i = 0; i < 100; i++) rig.transport.events.message(Uint8Array.of(9))
    await settle()
    expect(rig.transport.take().filter((line) => line === 'error BadMessage')).toHaveLength(streamBounds.offences)
    expect(rig.transport.isClosed).toBe(true)
    expect(rig.streams.figures().streams).toBe(0)
  })

  it('in the form of good messages, of which there are more than any stream needs, ends the stream', async () => {
    const rig = createRig()
    await connect(rig)
    const most = (streamBounds.messagesPerSecond * streamBounds.burstMs) / 1_000
    const ping = encodeControl(stringify({ type: 'ping' }))
    for (let i = 0; i < most + streamBounds.offences; i++) rig.transport.events.message(ping)
    await settle()
    const said = rig.transport.take()
    expect(said.filter((line) => line === 'error RateLimited')).toHaveLength(streamBounds.offences)
    expect(said.length).toBeLessThanOrEqual(most + streamBounds.offences)
    expect(rig.transport.isClosed).toBe(true)
  })

  it('in the form of tickets that are never good ends the stream', async () => {
    const rig = createRig()
    await connect(rig)
    for (let seq = 0; seq < streamBounds.refusals; seq++) {
      rig.account.refusals.push(fail('TicketInvalid'))
      sendSegment(rig, seq)
      await settle()
    }
    await settle()
    expect(rig.streams.figures().streams).toBe(0)
    expect(rig.account.log.filter((line) => line.startsWith('open'))).toHaveLength(streamBounds.refusals)
  })
})

describe('a broadcaster that vanishes', () => {
  /** A stream whose connection breaks after so much of its first segment. */
  async function breakWithin(text: string): Promise<ReturnType<typeof createRig>> {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    sayChunk(rig, 0, text)
    await settle()
    rig.transport.events.closed()
    return rig
  }

  it('within a segment is not charged for it, and goes on where it stopped when it comes back', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    sayOpen(rig, 1)
    sayChunk(rig, 1, 'first half, ')
    await settle()
    rig.transport.events.closed()
    await settle()
    expect(rig.account.log).toContain('release 1/0')
    const again = await connect(rig)
    expect(again.nextSeq).toBe(1)
    expect(rig.transcodes).toHaveLength(1)
    sayOpen(rig, 1, 1)
    sayChunk(rig, 1, 'first ', 1)
    sayChunk(rig, 1, 'half, second half', 1)
    sayClose(rig, 1, 'first half, second half', { attempt: 1 })
    await settle()
    expect(rig.transcode.bytes.toString()).toBe('segment 0first half, second half')
    expect(rig.transcode.log).toEqual(['header 6', 'open 0 0', 'close 0 1000000 25', 'open 1 1000000', 'close 1 1000000 25'])
    rig.transcode.produce(0)
    rig.transcode.produce(1)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 1/1', 'receipt 0/0', 'receipt 1/1'])
    expect(rig.account.settled.at(-1)?.inputHash).toBe(inputHash('first half, second half'))
  })

  it('and then sends something else under the same number is refused, and what was made of the first is kept', async () => {
    const rig = await breakWithin('first half, ')
    await connect(rig)
    sayOpen(rig, 0, 1)
    sayChunk(rig, 0, 'something else altogether', 1)
    await settle()
    expect(rig.transport.take()).toContain('error SegmentTruncated 0/1')
    expect(rig.account.log.filter((line) => !line.startsWith('open'))).toEqual(['release 0/0', 'withhold 0/0', 'release 0/1'])
    expect(rig.transcode.bytes.toString()).toBe('first half, ')
  })

  it('and goes on with the next segment leaves the broken one as it is, at its price', async () => {
    const rig = await breakWithin('half')
    await connect(rig)
    sendSegment(rig, 1)
    await settle()
    expect(rig.transcode.log).toEqual(['header 6', 'open 0 0', 'close 0 0 0', 'open 1 1000000', 'close 1 1000000 25'])
    expect(rig.account.log.filter((line) => !line.startsWith('open'))).toEqual(['release 0/0', 'withhold 0/0'])
  })

  it('and asks what became of it is told that its price is kept, and, once all of it is made, what of that', async () => {
    const rig = await breakWithin('half')
    await connect(rig)
    rig.transport.take()
    say(rig, { type: 'abort', seq: 0, attempt: 0 })
    await settle()
    expect(rig.transport.take()).toEqual(['error Aborted 0/0'])
    rig.transcode.produce(0)
    await settle()
    expect(rig.transport.take()).toEqual(['receipt 0/0'])
    expect(rig.account.log.filter((line) => !line.startsWith('open'))).toEqual(['release 0/0', 'withhold 0/0', 'acknowledge 0/0'])
    say(rig, { type: 'abort', seq: 0, attempt: 0 })
    await settle()
    expect(rig.transport.take()).toEqual(['receipt 0/0'])
    expect(rig.account.settled).toEqual([])
  })

  it('and pays for the rest with a bad ticket leaves it too, at its price', async () => {
    const rig = await breakWithin('half')
    await connect(rig)
    rig.account.refusals.push(fail('TicketInvalid'))
    sayOpen(rig, 0, 1)
    await settle()
    expect(rig.account.log.filter((line) => !line.startsWith('open'))).toEqual(['release 0/0', 'withhold 0/0'])
  })

  it('within a segment and never comes back has paid for it', async () => {
    const rig = await breakWithin('half')
    rig.transcode.onEnd = () => rig.transcode.produce(0)
    await rig.clock.pass(21_000)
    expect(rig.streams.figures().streams).toBe(0)
    expect(rig.account.log.filter((line) => !line.startsWith('open'))).toEqual(['release 0/0', 'withhold 0/0', 'acknowledge 0/0'])
  })

  it('after a complete segment finds its receipt when it comes back', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    rig.transport.events.closed()
    rig.transcode.produce(0)
    await settle()
    expect(rig.account.settled).toHaveLength(1)
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    expect(rig.transport.take()).toEqual(['receipt 0/0'])
  })

  it('for good ends the stream after a while: flushed, settled, published to the end', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    rig.transcode.onEnd = () => rig.transcode.produce(0)
    rig.transport.events.closed()
    await rig.clock.pass(19_000)
    expect(rig.streams.figures().streams).toBe(1)
    await rig.clock.pass(2_000)
    expect(rig.streams.figures().streams).toBe(0)
    expect(rig.account.settled).toHaveLength(1)
    expect(rig.published.at(-1)).toBe('leave')
    expect(rig.transcode.isEnded).toBe(true)
    expect(rig.observations.at(-1)).toMatchObject({ type: 'streamEnded', reason: 'lost', segments: 1 })
  })

  it('while its ticket is being looked at gets its reservation back', async () => {
    const rig = createRig()
    await connect(rig)
    const admit = holdTickets(rig)
    sayOpen(rig, 0)
    sayChunk(rig, 0, 'abc')
    rig.transport.events.closed()
    admit()
    await settle()
    expect(rig.account.log).toEqual([expect.stringMatching(/^open 0\/0/), 'release 0/0'])
    expect(rig.transcodes.every(({ bytes }) => bytes.length === 0)).toBe(true)
  })

  it('is replaced by its new connection even before the old one is known to be dead', async () => {
    const rig = createRig()
    await connect(rig)
    const old = rig.transport
    await connect(rig)
    expect(old.isClosed).toBe(true)
    old.events.message(Uint8Array.of(9))
    expect(rig.transport.take()).toEqual([])
  })
})

describe('a stream', () => {
  it('ends on `end`: what is in the pipeline comes out first, the statement comes last', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    sendSegment(rig, 1)
    await settle()
    rig.transcode.produce(0)
    rig.transcode.onEnd = () => rig.transcode.produce(1)
    say(rig, { type: 'end' })
    await settle()
    expect(rig.transport.messages.map(({ type }) => type)).toEqual(['accepted', 'accepted', 'receipt', 'receipt', 'ended'])
    expect(rig.transport.isClosed).toBe(true)
    expect(rig.published.at(-1)).toBe('end')
  })

  it('whose broadcaster says nothing for long loses its connection, then its place', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    rig.transport.take()
    await rig.clock.pass(16_000)
    expect(rig.transport.take()).toEqual(['error Timeout'])
    expect(rig.transport.isClosed).toBe(true)
    expect(rig.streams.figures().streams).toBe(1)
    await rig.clock.pass(21_000)
    expect(rig.streams.figures().streams).toBe(0)
  })

  it('of which no ticket comes within seconds is ended before it cost anything', async () => {
    const rig = createRig()
    await connect(rig)
    rig.account.refusals.push(fail('TicketInvalid'))
    sendSegment(rig, 0)
    await rig.clock.pass(streamBounds.firstTicketMs - 1_000)
    expect(rig.streams.figures().streams).toBe(1)
    await rig.clock.pass(2_000)
    expect(rig.streams.figures().streams).toBe(0)
    expect(rig.transcodes).toEqual([])
    expect(rig.places.released).toBe(1)
  })

  it('that nobody pays for any more is ended, however often its broadcaster speaks or comes back', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    rig.transcode.produce(0)
    for (let passedMs = 0; passedMs <= streamBounds.unpaidMs && rig.streams.figures().streams > 0; passedMs += 10_000) {
      await rig.clock.pass(10_000)
      if (rig.streams.figures().streams > 0) rig.transport.events.message(encodeHeader(header))
    }
    await rig.clock.pass(1_000)
    expect(rig.streams.figures().streams).toBe(0)
    expect(rig.observations.at(-1)).toMatchObject({ type: 'streamEnded', reason: 'idle', code: 'Timeout' })
  })

  it('whose connection never opens is ended', async () => {
    const rig = createRig()
    await rig.streams.open(createRequest(), actor)
    await rig.clock.pass(streamBounds.connectMs + 21_000)
    expect(rig.streams.figures().streams).toBe(0)
    expect(rig.transport.isClosed).toBe(true)
  })

  it('whose header changes is ended', async () => {
    const rig = createRig()
    await connect(rig)
    rig.transport.events.message(encodeHeader(Buffer.from('other!')))
    await settle()
    expect(rig.transport.take()).toEqual(['error SegmentFormatDidntMatchJobInputParams', 'ended'])
  })

  it('whose media turn out to be other than declared is ended with that code, and what was seen before is paid', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    await settle()
    rig.transcode.events.failed(fail('SegmentFormatDidntMatchJobInputParams'))
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/0', 'error SegmentFormatDidntMatchJobInputParams 0/0', 'error SegmentFormatDidntMatchJobInputParams', 'ended'])
    expect(rig.account.log).toContain('withhold 0/0')
  })

  /** A stream with one whole segment and the beginning of another in its transcode. */
  async function runIntoDeath(): Promise<ReturnType<typeof createRig>> {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    sayOpen(rig, 1)
    sayChunk(rig, 1, 'a')
    await settle()
    rig.transport.take()
    return rig
  }

  it('survives the death of its transcode: what was in it goes to a new one, each part leaves once, and the receipt is for what left', async () => {
    const rig = await runIntoDeath()
    const dead = rig.transcode
    dead.events.part(createPart('360p', 0, 10))
    rig.published.length = 0
    dead.events.failed(fail('TranscodeFailed'))
    await settle()
    expect(rig.transport.take()).toEqual([])
    expect(rig.transcodes).toHaveLength(2)
    dead.events.part(createPart('360p', 1, 1))
    expect(rig.published).toEqual([])
    expect(rig.transcode.log).toEqual(['header 6', 'open 0 0', 'close 0 1000000 25', 'open 1 1000000'])
    expect(rig.transcode.bytes.toString()).toBe('segment 0a')
    sayChunk(rig, 1, 'b')
    sayClose(rig, 1, 'ab')
    rig.transcode.produce(0)
    rig.transcode.produce(1)
    await settle()
    expect(rig.transcode.bytes.toString()).toBe('segment 0ab')
    expect(rig.published.filter((line) => line === 'part 360p 0')).toEqual([])
    expect(rig.transport.take()).toEqual(['receipt 0/0', 'receipt 1/0'])
    expect(rig.account.settled[0]?.outputs.map(({ frames }) => frames)).toEqual([10, 25, 25])
    expect(rig.places.released).toBe(0)
  })

  it('gives the oldest segment back when a second transcode dies over it, and goes on with the rest', async () => {
    const rig = await runIntoDeath()
    for (let deaths = 1; deaths <= 2; deaths++) {
      const dead = rig.transcode
      dead.events.failed(fail('TranscodeFailed'))
      await settle()
      dead.events.part(createPart('360p', 1, 1))
      expect(rig.published).toEqual([])
    }
    expect(rig.transport.take()).toEqual(['error TranscodeFailed 0/0'])
    expect(rig.account.log).toContain('release 0/0')
    expect(rig.transcode.log).toEqual(['header 6', 'open 0 0', 'close 0 1000000 25', 'open 1 1000000'])
    expect(rig.transcode.bytes.toString()).toBe('a')
    sayClose(rig, 1, 'a')
    sendSegment(rig, 2)
    await settle()
    rig.transcode.produce(1)
    rig.transcode.produce(2)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 2/0', 'receipt 1/0', 'receipt 2/0'])
  })

  it('loses nothing and is not ended, however often its transcode is only lost on the way', async () => {
    const rig = await runIntoDeath()
    for (let losses = 0; losses <= streamBounds.transcodeDeaths + 1; losses++) {
      rig.transcode.events.failed(fail('TransportFailed'))
      await settle()
    }
    expect(rig.transport.take()).toEqual([])
    expect(rig.transcode.bytes.toString()).toBe('segment 0a')
    sayClose(rig, 1, 'a')
    rig.transcode.produce(0)
    rig.transcode.produce(1)
    await settle()
    expect(rig.transport.take()).toEqual(['receipt 0/0', 'receipt 1/0'])
  })

  it('whose transcodes keep dying is ended', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    await settle()
    rig.transport.take()
    for (let i = 0; i <= streamBounds.transcodeDeaths; i++) {
      rig.transcode.events.failed(fail('TranscodeFailed'))
      await settle()
    }
    expect(rig.transport.take()).toEqual(['error TranscodeFailed 0/0', 'error TranscodeFailed', 'ended'])
    expect(rig.streams.figures().streams).toBe(0)
  })

  it('whose money cannot be written down is ended: nothing is acknowledged that is not durable', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    rig.account.failSettlement = fail('LedgerFailed')
    rig.transcode.produce(0)
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/0', 'error LedgerFailed 0/0', 'error LedgerFailed', 'ended'])
  })

  it('is named by its id in everything that is observed', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    rig.transcode.produce(0)
    await settle()
    expect(rig.observations).toEqual([
      expect.objectContaining({ type: 'streamOpened', streamId }),
      expect.objectContaining({ type: 'segmentAccepted', streamId, seq: 0 }),
      expect.objectContaining({ type: 'segmentSettled', streamId, seq: 0, bytes: 9, fee: 90n }),
    ])
  })
})

describe('a list of origins', () => {
  it('is passed on when the session key of the stream signed it, and replaced only by one of a higher version', async () => {
    const rig = createRig()
    await connect(rig)
    say(rig, createOrigins(2, ['https://one.example']))
    say(rig, createOrigins(1, ['https://older.example']))
    say(rig, createOrigins(2, ['https://same.example']))
    say(rig, createOrigins(3, ['https://two.example', 'https://one.example']))
    const at = (origin: string): string => `${origin}/live/${streamId}/master.m3u8`
    expect(rig.published).toEqual([`origins 2 ${at('https://one.example')}`, `origins 3 ${at('https://two.example')} ${at('https://one.example')}`])
    expect(rig.transport.take()).toEqual([])
  })

  it('of another key, or of another stream, is an offence', async () => {
    const rig = createRig()
    await connect(rig)
    const { list } = createOrigins(1, ['https://one.example'])
    say(rig, { type: 'origins', list: { ...list, version: 2 } })
    say(rig, createOrigins(1, ['https://one.example'], `0x${'2'.repeat(64)}`))
    expect(rig.published).toEqual([])
    expect(rig.transport.take()).toEqual(['error Unauthorized', 'error Unauthorized'])
  })
})
