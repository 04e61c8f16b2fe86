import { describe, expect, it } from 'vitest'
import { StreamflowError } from '@streamflow/sdk/errors'
import { streamBounds } from './policy.js'
import { actor, connect, createRequest, createRig, ladder, sayOpen, sayChunk, sayClose, sendSegment, sender, settle, streamId } from '../../../../test/streams/StreamRig.js'

const other = `0x${'d'.repeat(40)}` as const
const otherKey = `0x${'e'.repeat(40)}` as const
const idOf = (digit: number) => `0x${String(digit).repeat(64)}` as const
const grantOf = (owner: `0x${string}`, key: `0x${string}`) => ({ ...createRequest().grant, sender: owner, key })

describe('opening a stream', () => {
  it('gives the answer, the balance and the first number that is wanted', async () => {
    const rig = createRig()
    rig.account.balance = 7n
    expect(await rig.streams.open(createRequest(), actor)).toEqual({ streamId, publicName: streamId, answer: { type: 'answer', sdp: 'v=0' }, balance: 7n, nextSeq: 0 })
    expect(rig.streams.figures()).toEqual({ streams: 1, maxStreams: 3, isDraining: false })
  })

  it.each([
    ['a key that is not the grant’s', createRequest(), { ...actor, signer: otherKey }, 'Unauthorized'],
    ['a sender that is not the grant’s', createRequest(), { ...actor, sender: other }, 'Unauthorized'],
    ['a service that is not offered', createRequest({ serviceId: `0x${'7'.repeat(64)}` }), actor, 'InvalidArgument'],
    ['an odd ladder', createRequest({ ladder: [{ name: 'x', width: 321, height: 180, bitrate: 100_000 }] }), actor, 'InvalidArgument'],
    ['a clock of another century', createRequest({ startTimeMs: 0 }), actor, 'InvalidArgument'],
  ])('is refused for %s, before money or transcoders are asked', async (_what, request, who, code) => {
    const rig = createRig()
    await expect(rig.streams.open(request, who)).rejects.toMatchObject({ code })
    expect(rig.transcodes).toHaveLength(0)
    expect(rig.observations).toEqual([expect.objectContaining({ type: 'streamRefused', code })])
  })

  it('is refused when all streams, or all of one sender, are taken, and says when to ask again', async () => {
    const rig = createRig()
    for (const digit of [1, 2]) await rig.streams.open(createRequest({ streamId: idOf(digit) }), actor)
    await expect(rig.streams.open(createRequest({ streamId: idOf(3) }), actor)).rejects.toMatchObject({ code: 'Capped', data: { retryAfterMs: expect.any(Number) as number } })
    const stranger = { ...actor, sender: other, signer: otherKey }
    await rig.streams.open(createRequest({ streamId: idOf(4), grant: grantOf(other, otherKey) }), stranger)
    await expect(rig.streams.open(createRequest({ streamId: idOf(5), grant: grantOf(other, otherKey) }), stranger)).rejects.toMatchObject({ code: 'Capped' })
  })

  it.each(['payments', 'transcoders', 'transports'] as const)('leaves nothing behind when %s refuse', async (who) => {
    const rig = createRig()
    rig.refuse[who] = new StreamflowError('Busy', 'told to')
    await expect(rig.streams.open(createRequest(), actor)).rejects.toMatchObject({ code: 'Busy' })
    await settle()
    expect(rig.streams.figures().streams).toBe(0)
    expect(rig.transcodes.every(({ isAborted }) => isAborted)).toBe(true)
    delete rig.refuse[who]
    await rig.streams.open(createRequest(), actor)
  })

  it('twice at the same time is refused once', async () => {
    const rig = createRig()
    const results = await Promise.allSettled([rig.streams.open(createRequest(), actor), rig.streams.open(createRequest(), actor)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(rig.streams.figures().streams).toBe(1)
  })

  it('again and again without a ticket makes its sender, and its address, wait', async () => {
    const rig = createRig({ maxStreams: 100, maxStreamsPerSender: 100 })
    let refused: unknown
    const from = (address: string, digit: string) => ({ ...actor, nonce: actor.nonce, address, sender: `0x${digit.repeat(40)}` as const, signer: otherKey })
    const open = async (address: string, digit: string, id: number) =>
      rig.streams.open(createRequest({ streamId: `0x${id.toString(16).padStart(64, '0')}`, grant: grantOf(`0x${digit.repeat(40)}`, otherKey) }), from(address, digit))
    let opened = 0
    for (let i = 0; i < 10 && refused === undefined; i++) {
      await open('10.0.0.1', '1', i).then(() => opened++, (error: unknown) => (refused = error))
      await rig.clock.pass(11_000)
    }
    expect(opened).toBeLessThan(10)
    expect(refused).toMatchObject({ code: 'RateLimited', data: { retryAfterMs: expect.any(Number) as number } })
    // Another sender at the same address has not used it up, but may not leave any number waiting either.
    for (let i = 0; i < streamBounds.unpaidPerSender; i++) await open('10.0.0.1', '2', 100 + i)
    await expect(open('10.0.0.1', '2', 200)).rejects.toMatchObject({ code: 'RateLimited' })
  })

  it('again and again with media that are other than declared makes its sender wait, though it pays', async () => {
    const rig = createRig({ maxStreams: 100, maxStreamsPerSender: 100 })
    let refused: unknown
    for (let i = 0; i < 10 && refused === undefined; i++) {
      await connect(rig, createRequest({ streamId: idOf(i) }), { ...actor, nonce: idOf(i) }).catch((error: unknown) => (refused = error))
      sayOpen(rig, 0)
      await settle()
      rig.transcode.events.failed(new StreamflowError('SegmentFormatDidntMatchJobInputParams', 'another size'))
      await rig.clock.pass(100)
    }
    expect(refused).toMatchObject({ code: 'RateLimited' })
  })

  it('is its sender’s once it is paid: until then another one has to wait for it, and gets it after', async () => {
    const rig = createRig()
    await connect(rig)
    const stranger = { ...actor, sender: other, signer: otherKey }
    const { publicName } = await rig.streams.open(createRequest({ grant: grantOf(other, otherKey) }), stranger)
    expect(publicName).not.toBe(streamId) // it is in use until its time to pay is over
    await rig.clock.pass(11_000)
    expect(await rig.streams.open(createRequest({ grant: grantOf(other, otherKey) }), { ...stranger, nonce: `0x${'7'.repeat(64)}`, issuedAt: actor.issuedAt + 11 })).toMatchObject({ publicName: streamId })
  })
})

describe('coming back to a stream', () => {
  it('is for its sender only: whoever knows its id opens a stream of its own by it, seen under another name, and ends no other', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    await settle()
    const { transport } = rig
    const stranger = { ...actor, sender: other, signer: otherKey }
    const opened = await rig.streams.open(createRequest({ grant: grantOf(other, otherKey) }), stranger)
    expect(opened.streamId).toBe(streamId)
    expect(opened.publicName).not.toBe(streamId)
    expect(rig.streams.figures().streams).toBe(2)
    await rig.streams.close(streamId, { ...stranger, nonce: `0x${'8'.repeat(64)}` })
    expect([rig.streams.figures().streams, transport.isClosed]).toEqual([1, false])
  })

  it('also later: a stranger by an id that somebody else paid for is never seen under it', async () => {
    const rig = createRig()
    rig.account.isIdOfAnother = true
    expect((await rig.streams.open(createRequest(), actor)).publicName).not.toBe(streamId)
  })

  it('may be with a new session key of the same sender', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    await settle()
    rig.transport.events.closed()
    await connect(rig, createRequest({ grant: grantOf(sender, otherKey) }), { ...actor, signer: otherKey })
    expect(rig.transcodes).toHaveLength(1)
    await expect(rig.streams.close(streamId, actor)).rejects.toMatchObject({ code: 'Unauthorized' })
    await rig.streams.close(streamId, { ...actor, signer: otherKey })
  })

  it.each([
    ['ladder', { ladder: ladder.slice(0, 1) }],
    ['segment duration', { segmentDurationMs: 2_000 }],
    ['input', { input: { ...createRequest().input, video: { ...createRequest().input.video, codec: 'vp8' as const } } }],
  ])('cannot change its %s', async (_what, change) => {
    const rig = createRig()
    await connect(rig)
    await expect(rig.streams.open(createRequest(change), actor)).rejects.toMatchObject({ code: 'SegmentFormatDidntMatchJobInputParams' })
  })

  it('cannot be played again from a recording that is older than the stream', async () => {
    const rig = createRig()
    await connect(rig)
    const first = { ...actor }
    await rig.streams.open(createRequest(), first)
    await expect(rig.streams.open(createRequest(), first)).rejects.toMatchObject({ code: 'Unauthorized' })
    const older = { ...actor, issuedAt: actor.issuedAt - 1 }
    await expect(rig.streams.open(createRequest(), older)).rejects.toMatchObject({ code: 'Unauthorized' })
    await expect(rig.streams.close(streamId, older)).rejects.toMatchObject({ code: 'Unauthorized' })
  })
})

describe('closing a stream', () => {
  it('flushes it and gives the statement', async () => {
    const rig = createRig()
    await connect(rig)
    sendSegment(rig, 0)
    await settle()
    rig.transcode.onEnd = () => rig.transcode.produce(0)
    expect(await rig.streams.close(streamId, actor)).toMatchObject({ segments: 1 })
    expect(rig.streams.figures().streams).toBe(0)
    await expect(rig.streams.close(streamId, actor)).rejects.toMatchObject({ code: 'StreamNotFound' })
    expect(await rig.streams.statement(streamId, actor)).toMatchObject({ segments: 1 })
  })

  it('is for its sender and its session key only', async () => {
    const rig = createRig()
    await connect(rig)
    await expect(rig.streams.close(streamId, { ...actor, signer: otherKey })).rejects.toMatchObject({ code: 'Unauthorized' })
    await expect(rig.streams.statement(streamId, { ...actor, sender: other, signer: other })).rejects.toMatchObject({ code: 'StreamNotFound' })
    await rig.streams.statement(streamId, { ...actor, signer: sender })
  })
})

describe('an operator’s end of a stream', () => {
  it('finds it by the name under which it is listed, and lets its open segment finish', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    sayChunk(rig, 0, 'a')
    await settle()
    rig.transport.take()
    await expect(rig.streams.dismiss(idOf(2), 1_000)).rejects.toMatchObject({ code: 'StreamNotFound' })
    const [listed] = rig.streams.list()
    const dismissed = rig.streams.dismiss(listed?.streamId ?? idOf(2), 10_000)
    rig.transcode.onEnd = () => rig.transcode.produce(0)
    sayClose(rig, 0, 'a')
    await rig.clock.pass(500)
    await dismissed
    expect(rig.transport.take()).toEqual(['draining', 'receipt 0/0', 'ended'])
    expect(rig.streams.figures()).toMatchObject({ streams: 0, isDraining: false })
  })
})

describe('draining', () => {
  it('lets open segments finish, refuses new ones, then ends every stream', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    await settle()
    const drained = rig.streams.drain(10_000)
    await expect(rig.streams.open(createRequest({ streamId: idOf(2) }), actor)).rejects.toMatchObject({ code: 'Draining' })
    sayOpen(rig, 1)
    sayChunk(rig, 0, 'a')
    await settle()
    expect(rig.transport.take()).toEqual(['accepted 0/0', 'draining', 'error BadMessage 1/0'].map((line) => (line.startsWith('error') ? 'error Draining 1/0' : line)))
    rig.transcode.onEnd = () => rig.transcode.produce(0)
    sayClose(rig, 0, 'a')
    await rig.clock.pass(500)
    await drained
    expect(rig.transport.take()).toEqual(['receipt 0/0', 'ended'])
    expect(rig.streams.figures()).toMatchObject({ streams: 0, isDraining: true })
  })

  it('does not wait for ever', async () => {
    const rig = createRig()
    await connect(rig)
    sayOpen(rig, 0)
    await settle()
    const drained = rig.streams.drain(1_000)
    await rig.clock.pass(1_500)
    await drained
    expect(rig.transport.take()).toEqual(['accepted 0/0', 'draining', 'error Draining 0/0', 'ended'])
    expect(rig.published.at(-1)).toBe('move')
    expect(rig.account.log).toContain('release 0/0')
  })

  it('is at once over where nothing runs', async () => {
    await createRig().streams.drain(10_000)
  })
})
