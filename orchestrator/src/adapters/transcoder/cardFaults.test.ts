/** Cards fail in the middle of a stream, and the stream goes on: real transcoder processes, over an ffmpeg that pretends to have cards. */

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createShimFfmpeg, type ShimFfmpeg } from '../../../../test/media-fixtures/createShimFfmpeg.js'
import { createFixture, type Fixture } from '../../../../test/media-fixtures/matroskaFixture.js'
import { openRelayed } from '../../../../test/media-fixtures/relayedTranscode.js'
import { getTranscoderCommand } from '../../../../test/media-fixtures/transcoderBundle.js'
import { createJob, probeFrames, sendSegment, TranscodeRecorder } from '../../../../test/media-fixtures/transcodeRecorder.js'
import type { Transcoders } from '../../core/transcoding.js'
import { createTranscoders, type TranscoderLogEvent } from './createTranscoders.js'

const ladder = [{ name: 'low', width: 320, height: 180, bitrate: 250_000 }]
const job = createJob({ ladder, video: { width: 320, height: 180 }, audio: 'none' })
let shim: ShimFfmpeg
let plain: Fixture
let pool: Transcoders
let log: TranscoderLogEvent[] = []

beforeAll(async () => {
  const [command, made, fixture] = await Promise.all([getTranscoderCommand(), createShimFfmpeg(), createFixture({ seconds: 5, width: 320, height: 180, audio: 'none' })])
  shim = made
  plain = fixture
  pool = createTranscoders({
    count: 1, command, ffmpegPath: shim.path, pixelsPerSecond: 1e9, log: (event) => log.push(event),
    choice: { kind: 'auto', exclude: ['vaapi', 'qsv'], devices: ['0', '1'] },
  })
  // Longer than a stream would wait: cards are tried with every codec.
  await vi.waitFor(() => expect(log).not.toEqual([]), { timeout: 60_000 })
}, 60_000)

beforeEach(async () => {
  // Nothing is left in doubt by the test before.
  await expect.poll(() => countChanges('left') - countChanges('back'), { timeout: 20_000 }).toBe(0)
  if (countChanges('left') > 0) log = []
})
afterAll(async () => {
  await pool.close()
  await shim.close()
})

const changes = (): readonly (TranscoderLogEvent & { type: 'acceleratorChanged' })[] => log.flatMap((event) => (event.type === 'acceleratorChanged' ? [event] : []))
const countChanges = (state: string): number => changes().filter((change) => change.state === state).length

/** A stream whose second segment is under way, with parts of it shown. @returns its card */
async function openHalfway(recorder: TranscodeRecorder): Promise<{ readonly device: number; finish(): Promise<void> }> {
  // Another kind of encoder has another init, which a recorder takes for a mistake.
  const running = await openRelayed(pool, job, {
    init: (init) => void (recorder.inits.has(init.rendition) || recorder.init(init)),
    part: (part) => recorder.part(part), segment: (segment) => recorder.segment(segment), failed: (error) => recorder.failed(error),
  })
  running.header(plain.header)
  const [first, second, ...rest] = plain.segments
  if (first === undefined || second === undefined) throw new Error('fixture')
  sendSegment(running, first)
  running.openSegment(second)
  second.chunks.slice(0, 20).forEach(({ bytes }) => running.write(bytes))
  await recorder.until(() => recorder.partsOf('low', second.seq).length >= 2)
  return {
    device: (await shim.listRuns()).at(-1) ?? -1,
    async finish() {
      second.chunks.slice(20).forEach(({ bytes }) => running.write(bytes))
      running.closeSegment(second)
      rest.forEach((segment) => sendSegment(running, segment))
      await running.end()
    },
  }
}

const framesBySegment = (recorder: TranscodeRecorder): readonly (readonly [number, number])[] => recorder.segmentsOf('low').map(({ seq, frames }) => [seq, frames] as const)
const whole = [0, 1, 2, 3, 4].map((seq) => [seq, 30] as const)

describe('streams', () => {
  test('are spread over the cards, which are tried before and preferred to the processor', async () => {
    expect(log).toContainEqual(expect.objectContaining({ type: 'transcoderReady', accelerators: ['nvidia:0', 'nvidia:1', 'x264'] }))
    const [one, other] = [new TranscodeRecorder(), new TranscodeRecorder()]
    const running = [await openHalfway(one), await openHalfway(other)]
    expect(running.map(({ device }) => device).sort()).toEqual([0, 1])
    await Promise.all(running.map(({ finish }) => finish()))
    for (const recorder of [one, other]) {
      expect(framesBySegment(recorder)).toEqual(whole)
      expect((await probeFrames(recorder.mp4Of('low'))).complaints).toBe('')
    }
    expect(changes()).toEqual([])
  })

  test('that a card breaks off go on on the other one, no segment lacks anything, and the card is back when its trial has passed', async () => {
    const recorder = new TranscodeRecorder()
    const { device, finish } = await openHalfway(recorder)
    await shim.setFault(device, 'breaks')
    await expect.poll(() => countChanges('back'), { timeout: 10_000 }).toBe(1)
    await finish()
    expect((await shim.listRuns()).filter((each) => each === 1 - device).length).toBeGreaterThan(0)
    expect(recorder.errors).toEqual([])
    expect(framesBySegment(recorder)).toEqual(whole)
    expect((await probeFrames(recorder.mp4Of('low'))).frames).toHaveLength(150)
    expect(changes()[0]).toMatchObject({ accelerator: `nvidia:${device}`, state: 'left', pixelsPerSecond: Math.round((2e9) / 3) })
  })

  test('that a full card refuses go elsewhere, those that it has stay, and the next one does not try there', async () => {
    const recorders = [new TranscodeRecorder(), new TranscodeRecorder(), new TranscodeRecorder()]
    const running = []
    for (const recorder of recorders) running.push(await openHalfway(recorder))
    const devices = running.map(({ device }) => device)
    const crowded = devices.filter((device) => device === 0).length === 2 ? 0 : 1
    await shim.setFault(crowded, 'full')
    await expect.poll(() => changes().map(({ accelerator, state }) => [accelerator, state]), { timeout: 10_000 }).toEqual([[`nvidia:${crowded}`, 'full']])
    const last = new TranscodeRecorder()
    const next = await openHalfway(last)
    expect(next.device).toBe(1 - crowded)
    await Promise.all([...running, next].map(({ finish }) => finish()))
    for (const recorder of [...recorders, last]) expect(framesBySegment(recorder)).toEqual(whole)
  })

  test('whose cards hang one after the other are made by the processor, and lose no more than the segment that was under way', async () => {
    const recorder = new TranscodeRecorder()
    const { device, finish } = await openHalfway(recorder)
    await Promise.all([shim.setFault(device, 'hang'), shim.setFault(1 - device, 'gone')])
    await finish()
    expect(recorder.errors).toEqual([])
    // Another encoder's pictures do not go with what was shown of a segment: the rest of that one is given up.
    const segments = framesBySegment(recorder)
    expect(segments.map(([seq]) => seq)).toEqual([0, 1, 2, 3, 4])
    expect(segments.filter(([, frames]) => frames !== 30).length).toBeLessThanOrEqual(1)
    expect(segments.at(-1)).toEqual([4, 30])
    expect(changes()).toContainEqual(expect.objectContaining({ accelerator: `nvidia:${device}`, state: 'left', reason: expect.stringMatching(/made no (picture|progress) for \d+ ms/) as string }))
  })
})
