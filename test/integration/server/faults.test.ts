/** What a server does where a broadcaster or its own machine fails; what every orchestrator answers is in `test/double/contract.ts`. */
import { describe, expect, it } from 'vitest'
import { limits } from '@streamflow/sdk/protocol'
import type { RawBroadcaster } from './RawBroadcaster.js'
import { faceValue, setUpServer } from './serverRig.js'
import { addSender } from './startServer.js'

const rig = setUpServer({ seconds: 4 })
const { at, create, start } = rig

/** The stream goes on after a refusal: the next segment is paid, done and receipted. */
async function expectToGoOn(broadcaster: RawBroadcaster, seq: number, attempt = 0): Promise<void> {
  await broadcaster.send(at(seq), attempt)
  await broadcaster.say({ type: 'end' })
  await broadcaster.untilReceipt(seq)
  await broadcaster.until(({ type }) => type === 'ended')
}

describe('a ticket', () => {
  it('of a sender without funds is not even quoted', async () => {
    const broadcaster = create({ chain: await addSender(rig.chain) })
    await expect(broadcaster.fetchQuote()).rejects.toMatchObject({ code: 'LowPMBalance', status: 402, retry: 'after-fix' })
  })

  it('is refused once winners have spent the deposit', async () => {
    const broadcaster = await start({ chain: await addSender(rig.chain, 3n * faceValue) })
    let winners = 0
    let last = ''
    // Winners but for one in 10⁹, each as large as a third of the deposit.
    for (let seq = 0; last !== 'LowPMBalance' && seq < 4; seq++) {
      for (let attempt = 0; ; attempt++) {
        const ticket = await broadcaster.open(at(seq), { attempt, ticket: broadcaster.payer.signValue(faceValue - faceValue / 1_000_000_000n) })
        const reply = await broadcaster.until((each) => (each.type === 'accepted' || each.type === 'error') && each.seq === seq && each.attempt === attempt)
        last = reply.type === 'error' ? reply.code : reply.type
        // Parameters change with every winner.
        if (reply.type === 'error' && reply.quote !== undefined && reply.code === 'TicketParamsExpired') broadcaster.payer.quote = reply.quote
        else if (reply.type === 'accepted') {
          broadcaster.payer.opened(ticket, broadcaster.estimate)
          await broadcaster.sendChunks(at(seq), { attempt })
          await broadcaster.close(at(seq), { attempt })
          winners++
          break
        } else break
      }
    }
    expect(last).toBe('LowPMBalance')
    expect(winners).toBeGreaterThan(0)
    expect(winners).toBeLessThanOrEqual(3)
  })

  it('of a key that has spent its cap is refused, where no reserve stands for the recipient beyond it', async () => {
    const broadcaster = create({ chain: await addSender(rig.chain, 10n * faceValue), spendCap: 1n })
    await expect(broadcaster.connect()).rejects.toMatchObject({ code: 'SpendCapReached' })
  })
})

describe('a segment', () => {
  it('in another codec or size than declared ends the stream with that code', async () => {
    for (const video of [{ codec: 'vp8' as const, width: 640, height: 360, frameRate: 30 }, { codec: 'h264' as const, width: 1280, height: 720, frameRate: 30 }]) {
      const broadcaster = create({ input: { container: 'matroska', video, audio: { codec: 'opus', sampleRate: 48_000, channels: 2 } } })
      await broadcaster.connect()
      await broadcaster.sendHeader()
      await broadcaster.open(at(0))
      await broadcaster.sendChunks(at(0))
      await broadcaster.untilError('SegmentFormatDidntMatchJobInputParams')
      await broadcaster.untilClosed()
      expect(JSON.parse(await broadcaster.statement())).toMatchObject({ segments: 0, fees: '0' })
    }
  })

  it('that is truncated is not charged; what follows is whole', async () => {
    const broadcaster = await start()
    await broadcaster.open(at(0))
    await broadcaster.sendChunks(at(0), { to: 10 })
    await broadcaster.close(at(0))
    await broadcaster.untilError('SegmentTruncated', 0)
    await broadcaster.send(at(1))
    await broadcaster.send(at(2))
    await broadcaster.say({ type: 'end' })
    expect(await broadcaster.untilReceipt(1)).toMatchObject({ pixels: BigInt(320 * 180 * at(1).frames) })
    expect(await broadcaster.untilReceipt(2)).toMatchObject({ pixels: BigInt(320 * 180 * at(2).frames) })
    expect(await broadcaster.until(({ type }) => type === 'ended')).toMatchObject({ statement: { segments: 2, tickets: 3 } })
  })

  it('that is too large is cut off', async () => {
    const broadcaster = await start()
    const ticket = await broadcaster.open(at(0))
    const chunk = { timeUs: 0, bytes: new Uint8Array(limits.chunkBytes) }
    const huge = { ...at(0), chunks: Array.from({ length: Math.ceil(limits.segmentBytes / limits.chunkBytes) + 1 }, () => chunk) }
    await broadcaster.sendChunks(huge)
    await broadcaster.untilError('SegmentTooLarge', 0)
    broadcaster.payer.opened(ticket, broadcaster.estimate)
    await expectToGoOn(broadcaster, 1)
  })

  it('of bytes that are no video is never charged', async () => {
    const broadcaster = await start()
    const noise = { ...at(0), chunks: Array.from({ length: 20 }, (_, i) => ({ timeUs: 0, bytes: Buffer.alloc(3_000, i * 37 + 1) })) }
    await broadcaster.send(noise)
    await broadcaster.send(at(1))
    await broadcaster.say({ type: 'end' })
    await broadcaster.until(({ type }) => type === 'ended')
    await broadcaster.untilError('TranscodeFailed', 0)
    const statement = JSON.parse(await broadcaster.statement()) as { fees: string; segments: number }
    const { fee } = await broadcaster.untilReceipt(1)
    expect(BigInt(statement.fees)).toBe(fee)
  })
})

describe('whoever wants to be seen for nothing', () => {
  /** Sends all of a segment but its end, and waits until viewers have some of it. */
  async function show(broadcaster: RawBroadcaster, seq: number): Promise<void> {
    const ticket = await broadcaster.open(at(seq))
    await broadcaster.until((reply) => reply.type === 'accepted' && reply.seq === seq)
    broadcaster.payer.opened(ticket, broadcaster.estimate)
    await broadcaster.sendChunks(at(seq))
    await expect.poll(async () => (await fetch(`${rig.server.publicUrl}/live/${broadcaster.streamId}/180p/${seq}.5.m4s`)).status, { timeout: 20_000 }).toBe(200)
  }

  it.each([
    ['declares another hash', 'SegmentTruncated', (broadcaster: RawBroadcaster) => broadcaster.close(at(0), { change: { hash: `0x${'00'.repeat(32)}` } })],
    ['takes the segment back', 'Aborted', (broadcaster: RawBroadcaster) => broadcaster.say({ type: 'abort', seq: 0, attempt: 0 })],
  ])('and %s has paid for it: the next ticket must be worth a whole segment', async (_how, code, spoil) => {
    const broadcaster = await start()
    await show(broadcaster, 0)
    await spoil(broadcaster)
    expect((await broadcaster.untilError(code, 0)).data).toMatchObject({ isWithheld: true })
    await broadcaster.open(at(1), { ticket: broadcaster.payer.signValue(1n) })
    expect((await broadcaster.untilError('PriceTooLow', 1)).data).toMatchObject({ value: '1' })
    await expectToGoOn(broadcaster, 1, 1)
    const { segments, credited, fees, balance } = JSON.parse(await broadcaster.statement()) as Record<string, string>
    expect(segments).toBe(1)
    expect([BigInt(credited ?? 0), BigInt(balance ?? 0)]).toEqual([broadcaster.payer.account.credited, broadcaster.payer.account.credited - BigInt(fees ?? 0)])
  })

  it('and comes back with the next segment has paid for the broken one', async () => {
    const broadcaster = await start()
    await show(broadcaster, 0)
    broadcaster.vanish()
    await broadcaster.connect()
    await broadcaster.sendHeader()
    await broadcaster.open(at(1), { ticket: broadcaster.payer.signValue(1n) })
    await broadcaster.untilError('PriceTooLow', 1)
    await expectToGoOn(broadcaster, 1, 1)
  })

  it('and declares fewer frames than it shows is sent away', async () => {
    const liar = await start()
    await show(liar, 0)
    await liar.close(at(0), { change: { frames: 1 } })
    // A segment is known to be whole when the next one begins.
    await liar.open(at(1))
    await liar.sendChunks(at(1), { to: 20 })
    await liar.untilError('SegmentFormatDidntMatchJobInputParams', 0)
    await liar.untilError('SegmentFormatDidntMatchJobInputParams')
    await liar.untilClosed()
    expect(JSON.parse(await liar.statement())).toMatchObject({ segments: 0, tickets: 2, fees: '0' })
  })
})

describe('a client', () => {
  it('that sends garbage gets coded errors, then is closed', async () => {
    const broadcaster = await start()
    for (let i = 0; i < 20; i++) await broadcaster.sendBytes(Uint8Array.of(9, i)).catch(() => undefined)
    await broadcaster.untilClosed()
    expect(broadcaster.replies.filter((reply) => reply.type === 'error' && reply.code === 'BadMessage').length).toBeGreaterThanOrEqual(1)
    await expect(broadcaster.delete()).rejects.toMatchObject({ code: 'StreamNotFound' })
  })

  it('that vanishes within a segment comes back and goes on where it stopped: nothing is lost, nothing paid twice', async () => {
    const broadcaster = await start()
    await broadcaster.send(at(0))
    const ticket = await broadcaster.open(at(1))
    await broadcaster.sendChunks(at(1), { to: 20 })
    await broadcaster.until((reply) => reply.type === 'accepted' && reply.seq === 1)
    broadcaster.payer.opened(ticket, broadcaster.estimate)
    broadcaster.vanish()
    const { nextSeq } = await broadcaster.connect()
    expect(nextSeq).toBe(1)
    // The reservation was released: the first ticket's value is on the account.
    broadcaster.payer.settled(broadcaster.estimate, 0n)
    await broadcaster.sendHeader()
    await broadcaster.send(at(1), 1)
    await broadcaster.send(at(2))
    await broadcaster.say({ type: 'end' })
    const ended = await broadcaster.until(({ type }) => type === 'ended')
    for (const seq of [0, 1, 2]) expect(await broadcaster.untilReceipt(seq)).toMatchObject({ pixels: BigInt(320 * 180 * at(seq).frames) })
    expect(ended).toMatchObject({ statement: { segments: 3, tickets: 4 } })
  })
})

it('survives the restart of the server within a stream: ledger and account are where they were', async () => {
  const broadcaster = await start()
  await broadcaster.send(at(0))
  await broadcaster.send(at(1))
  const first = await broadcaster.untilReceipt(0)
  await rig.restart()
  await broadcaster.untilClosed()
  // The old one may be over by now.
  await broadcaster.fetchQuote()
  const { balance } = await broadcaster.connect()
  const second = await broadcaster.untilReceipt(1)
  expect(balance).toBe(second.balance)
  broadcaster.payer.settled(broadcaster.estimate, first.fee)
  broadcaster.payer.settled(broadcaster.estimate, second.fee)
  await broadcaster.sendHeader()
  await broadcaster.send(at(2))
  await broadcaster.say({ type: 'end' })
  const third = await broadcaster.untilReceipt(2)
  expect(await broadcaster.until((reply) => reply.type === 'ended' && reply.statement.segments === 3)).toMatchObject({ statement: { tickets: 3, fees: first.fee + second.fee + third.fee } })
})
