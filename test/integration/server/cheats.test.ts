// What somebody tries who wants to see for nothing, on a real server with real ffmpeg: what is published is paid.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { computeLadderPixels } from '@streamflow/sdk/media'
import { computeSegmentFee, type Work } from '@streamflow/sdk/payments'
import { encodeChunk, limits } from '@streamflow/sdk/protocol'
import { createFixture, type FixtureSegment } from '../../media-fixtures/matroskaFixture.js'
import type { RawBroadcaster } from './RawBroadcaster.js'
import { setUpServer } from './serverRig.js'

/** The longest part, in frames of 30 a second. */
const partFrames = 4
const rig = setUpServer({ seconds: 12 })
const { start } = rig

/** Seconds of media that a rendition's playlist has, gaps left out. */
async function readShownSeconds({ streamId }: RawBroadcaster, rendition: string): Promise<number> {
  const response = await fetch(`${rig.server.publicUrl}/live/${streamId}/${rendition}/index.m3u8`)
  if (!response.ok) return 0
  let [whole, parts, isGap] = [0, 0, false]
  for (const line of (await response.text()).split('\n')) {
    if (line === '#EXT-X-GAP') isGap = true
    parts += Number(/^#EXT-X-PART:.*DURATION=([\d.]+)/.exec(line)?.[1] ?? 0)
    const segment = /^#EXTINF:([\d.]+)/.exec(line)
    if (segment === null) continue
    if (!isGap) whole += Number(segment[1])
    isGap = false
    parts = 0
  }
  return whole + parts
}

async function readStatement(broadcaster: RawBroadcaster): Promise<{ readonly credited: bigint; readonly fees: bigint; readonly balance: bigint }> {
  const { credited = '0', fees = '0', balance = '0' } = JSON.parse(await broadcaster.statement()) as Record<string, string>
  return { credited: BigInt(credited), fees: BigInt(fees), balance: BigInt(balance) }
}

async function finish(broadcaster: RawBroadcaster): Promise<void> {
  await broadcaster.say({ type: 'end' })
  await broadcaster.until(({ type }) => type === 'ended')
}

/** wei for so many frames of both sides. */
function priceFrames({ payer, ladder, estimate, input }: RawBroadcaster, frames: number, segmentMs: number): bigint {
  const perFrame = (pixels: bigint): bigint => pixels / BigInt(Math.ceil((input.video.frameRate * segmentMs) / 1_000))
  const work: Work = { pixels: BigInt(computeLadderPixels(ladder) * frames), inputPixels: perFrame(estimate.inputPixels) * BigInt(frames) }
  return payer.price(work)
}

it('half a second is paid and more is never seen, however much is sent of a segment and how it ends', async () => {
  const segmentMs = 500
  const cheat = await start({ segmentDurationMs: segmentMs })
  const [first, ...rest] = rig.fixture.segments as [FixtureSegment, ...FixtureSegment[]]
  const ticket = await cheat.open({ ...first, seq: 0 })
  await cheat.until((reply) => reply.type === 'accepted' && reply.seq === 0)
  cheat.payer.opened(ticket, cheat.estimate)
  for (const segment of [first, ...rest]) for (const { bytes } of segment.chunks) await cheat.sendBytes(encodeChunk({ seq: 0, attempt: 0, bytes }))
  // Twice its length, and then it is over, at once.
  expect((await cheat.untilError('SegmentTooLarge', 0)).data).toMatchObject({ isWithheld: true, limitFrames: (30 * segmentMs * limits.segmentOverrun) / 1_000 + 1 })
  await finish(cheat)
  expect(await readShownSeconds(cheat, '180p')).toBeLessThanOrEqual((segmentMs + (partFrames * 1_000) / 30) / 1_000)
  const { credited } = await readStatement(cheat)
  expect(credited).toBeGreaterThanOrEqual(priceFrames(cheat, 15, segmentMs))
})

it('one frame a second is declared and ten are sent: no more come out than were paid', async () => {
  const fast = await createFixture({ seconds: 6, rate: 10 })
  const input = { container: 'matroska', video: { codec: 'h264', width: 640, height: 360, frameRate: 1 }, audio: { codec: 'opus', sampleRate: 48_000, channels: 2 } } as const
  const cheat = await start({ fixture: fast, segmentDurationMs: 500, input })
  for (const segment of fast.segments) {
    const ticket = await cheat.open(segment)
    await cheat.until((reply) => reply.type === 'accepted' && reply.seq === segment.seq)
    cheat.payer.opened(ticket, cheat.estimate)
    await cheat.sendChunks(segment)
    await cheat.untilError('SegmentTooLarge', segment.seq)
  }
  await finish(cheat)
  const { credited } = await readStatement(cheat)
  // A frame of one second is one part, and no segment shows two.
  const shown = await readShownSeconds(cheat, '180p')
  expect(priceFrames(cheat, 1, 1_000) * BigInt(Math.floor(shown))).toBeLessThanOrEqual(credited)
})

it('segments overrun twofold, and what one stream owes its sender’s next one pays', async () => {
  const owed: bigint[] = []
  for (let round = 0; round < 2; round++) {
    const cheat = await start({ segmentDurationMs: 500 })
    const [segment] = rig.fixture.segments as [FixtureSegment]
    if (round === 1) {
      await cheat.open(segment, { ticket: cheat.payer.signValue(cheat.payer.price(cheat.estimate)) })
      expect((await cheat.untilError('PriceTooLow', 0)).data).toMatchObject({ required: String(cheat.payer.price(cheat.estimate) + (owed[0] ?? 0n)) })
    }
    const ticket = await cheat.open(segment, { attempt: 1, ticket: cheat.payer.signValue(cheat.payer.price(cheat.estimate) + (owed[0] ?? 0n)) })
    await cheat.until((reply) => reply.type === 'accepted' && reply.attempt === 1)
    cheat.payer.opened(ticket, cheat.estimate)
    await cheat.sendChunks(segment, { attempt: 1 })
    await cheat.close(segment, { attempt: 1, change: { durationUs: 1_000_000 } })
    await finish(cheat)
    const { balance, credited } = await readStatement(cheat)
    const shown = await readShownSeconds(cheat, '180p')
    expect(priceFrames(cheat, Math.floor(shown * 30) - partFrames, 500)).toBeLessThanOrEqual(credited - (owed[0] ?? 0n))
    expect(balance).toBeLessThan(0n)
    owed.unshift(-balance)
  }
})

it('sound without pictures is not published', async () => {
  const cheat = await start()
  await cheat.send(rig.fixture.segments[0] as FixtureSegment)
  for (const segment of rig.fixture.segments.slice(1, 6)) {
    const [first, ...rest] = segment.chunks
    const sound = rest.filter(({ bytes }) => bytes[5] === 0x82).map(({ bytes }) => bytes)
    const chunks = [(first as FixtureSegment['chunks'][number]).bytes.slice(0, 18), ...sound]
    const hash = createHash('sha256').update(rig.fixture.header)
    for (const chunk of chunks) hash.update(chunk)
    const { seq, durationUs } = segment
    await cheat.open(segment, { ticket: cheat.payer.signValue(10_000_000_000n) })
    for (const bytes of chunks) await cheat.sendBytes(encodeChunk({ seq, attempt: 0, bytes }))
    await cheat.say({ type: 'close', seq, attempt: 0, durationUs, frames: 0, bytes: chunks.reduce((sum, { length }) => sum + length, 0), hash: `0x${hash.digest('hex')}` })
  }
  await finish(cheat)
  expect(await readShownSeconds(cheat, 'audio')).toBeLessThanOrEqual(1.1)
})

it('what is decoded is charged, by what the parameter sets code, and laced frames are refused', async () => {
  const broadcaster = await start()
  const [segment, next] = rig.fixture.segments as [FixtureSegment, FixtureSegment]
  await broadcaster.send(segment)
  const quote = await broadcaster.fetchQuote()
  expect(quote.pricePerMillionInputPixels).toBeGreaterThan(0n)
  const laced = next.chunks.map(({ timeUs, bytes }, i) => ({ timeUs, bytes: i === 0 ? bytes : Uint8Array.from(bytes, (byte, at) => (at === 8 && bytes[0] === 0xa3 ? byte | 0x06 : byte)) }))
  const ticket = await broadcaster.open(next)
  await broadcaster.sendChunks({ ...next, chunks: laced }, { to: 2 })
  await broadcaster.untilError('SegmentFormatDidntMatchJobInputParams', 1)
  broadcaster.payer.opened(ticket, broadcaster.estimate)
  await finish(broadcaster)
  const receipt = await broadcaster.untilReceipt(0)
  const work: Work = { pixels: BigInt(320 * 180 * segment.frames), inputPixels: BigInt(640 * 368 * segment.frames) }
  expect(receipt).toMatchObject({ ...work, fee: computeSegmentFee(quote, work) })
})
