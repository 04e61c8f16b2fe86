/** What holds of transcoders wherever they are: processes of this machine, and members of a pool behind a real nats-server. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../../../../test/media-fixtures/matroskaFixture.js'
import { startNatsServer, type NatsServer } from '../../../../test/media-fixtures/natsServer.js'
import { startPoolMember } from '../../../../test/media-fixtures/poolMembers.js'
import { openRelayed } from '../../../../test/media-fixtures/relayedTranscode.js'
import { getTranscoderCommand } from '../../../../test/media-fixtures/transcoderBundle.js'
import { createJob, findTranscoding, isRunning, probeFrames, sendAll, sendSegment, TranscodeRecorder } from '../../../../test/media-fixtures/transcodeRecorder.js'
import type { Transcoders } from '../../core/transcoding.js'
import { createTranscoders } from './createTranscoders.js'
import { createPool } from './pool/createPool.js'

interface Opened {
  readonly transcoders: Transcoders
  /** The processes that transcode, in the order in which they were started. */
  pids(): readonly number[]
  close(): Promise<void>
}

/** Each offers so many output pixels per second. */
type Open = (options: { readonly count: number; readonly pixelsPerSecond: number }) => Promise<Opened>

let nats: NatsServer
let plain: Fixture
let command: readonly string[]
let pools = 0
const closers: (() => Promise<void>)[] = []

beforeAll(async () => {
  ;[nats, plain, command] = await Promise.all([startNatsServer(), createFixture({ seconds: 4 }), getTranscoderCommand()])
}, 60_000)
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
afterAll(() => nats.stop())

const openLocal: Open = async ({ count, pixelsPerSecond }) => {
  const pids: number[] = []
  const transcoders = createTranscoders({ count, command, pixelsPerSecond: count * pixelsPerSecond, log: (event) => event.type === 'transcoderReady' && pids.push(event.pid ?? 0) })
  return { transcoders, pids: () => pids, close: () => transcoders.close() }
}

const openPool: Open = async ({ count, pixelsPerSecond }) => {
  const name = `contract-${++pools}`
  const members = await Promise.all(Array.from({ length: count }, () => startPoolMember({ url: nats.url, name, pixelsPerSecond })))
  const transcoders = createPool({ servers: [nats.url], name })
  return {
    transcoders,
    pids: () => members.map(({ pid }) => pid),
    async close() {
      await transcoders.close()
      await Promise.all(members.map((member) => member.kill()))
    },
  }
}

async function start(open: Open, options: Parameters<Open>[0]): Promise<Opened> {
  const opened = await open(options)
  closers.push(() => opened.close())
  await expect.poll(() => opened.transcoders.capacity().offeredPixelsPerSecond, { timeout: 30_000 }).toBe(options.count * options.pixelsPerSecond)
  return opened
}

/** Every rendition has every segment with all of its pictures, each part once. */
function expectAll(recorder: TranscodeRecorder): void {
  expect(recorder.errors).toEqual([])
  for (const rendition of ['360p', '180p', 'audio']) {
    expect(recorder.segmentsOf(rendition).map(({ seq }) => seq)).toEqual(plain.segments.map(({ seq }) => seq))
    for (const { seq, parts } of recorder.segmentsOf(rendition)) expect(recorder.partsOf(rendition, seq).map(({ index }) => index)).toEqual(Array.from({ length: parts }, (_, i) => i))
  }
  expect(recorder.segmentsOf('360p').map(({ frames }) => frames)).toEqual(plain.segments.map(({ frames }) => frames))
}

/** The same, and each segment decodes alone. */
async function expectWhole(recorder: TranscodeRecorder): Promise<void> {
  expectAll(recorder)
  for (const { seq } of plain.segments) {
    const { frames, complaints } = await probeFrames(recorder.mp4Of('360p', seq))
    expect(complaints).toBe('')
    expect(frames[0]).toMatchObject({ isKey: true, width: 640, height: 360 })
  }
}

describe.each([['processes of this machine', openLocal], ['members of a pool', openPool]] as const)('%s', (_kind, open) => {
  test('make of a stream one init, parts and segments per rendition', async () => {
    const { transcoders } = await start(open, { count: 1, pixelsPerSecond: 1e9 })
    const recorder = new TranscodeRecorder()
    await sendAll(await openRelayed(transcoders, createJob(), recorder), plain)
    await expectWhole(recorder)
    expect([...recorder.inits.keys()].sort()).toEqual(['180p', '360p', 'audio'])
  })

  test('count what is offered and taken, refuse a stream that does not fit, and give its room back', async () => {
    const { transcoders } = await start(open, { count: 2, pixelsPerSecond: 10e6 })
    const first = await openRelayed(transcoders, createJob(), new TranscodeRecorder())
    expect(transcoders.capacity().takenPixelsPerSecond).toBe((640 * 360 + 320 * 180 + (640 * 360) / 8) * 30)
    const second = await openRelayed(transcoders, createJob(), new TranscodeRecorder())
    await expect(transcoders.admit(createJob({ streamId: `0x${'6f'.repeat(32)}` }))).rejects.toMatchObject({ code: 'Capped', data: { retryAfterMs: expect.any(Number) as number } })
    await Promise.all([first.abort(), second.abort()])
    expect(transcoders.capacity().takenPixelsPerSecond).toBe(0)
    const place = await transcoders.admit(createJob())
    place.release()
  })

  test('make streams side by side, each its own', async () => {
    const { transcoders } = await start(open, { count: 2, pixelsPerSecond: 1e9 })
    const recorders = [new TranscodeRecorder(), new TranscodeRecorder()]
    await Promise.all(recorders.map(async (recorder) => sendAll(await openRelayed(transcoders, createJob(), recorder), plain)))
    for (const recorder of recorders) expectAll(recorder)
  })

  test('ask a fast sender to wait and tell it when to go on', async () => {
    const { transcoders } = await start(open, { count: 1, pixelsPerSecond: 1e9 })
    const recorder = new TranscodeRecorder()
    const place = await transcoders.admit(createJob())
    const running = await place.start(recorder)
    running.header(plain.header)
    let refused = 0
    for (let seq = 0; seq < 6; seq++) {
      running.openSegment({ seq, startUs: seq * 4e6 })
      for (const { bytes } of plain.segments.flatMap(({ chunks }) => chunks)) if (!running.write(bytes)) refused++
    }
    expect(refused).toBeGreaterThan(0)
    await recorder.until(() => recorder.drains > 0)
    await running.abort()
    place.release()
  })

  test('pass on whose fault it is', async () => {
    const { transcoders } = await start(open, { count: 1, pixelsPerSecond: 1e9 })
    const recorder = new TranscodeRecorder()
    const running = await openRelayed(transcoders, createJob({ video: { width: 1280, height: 720 } }), recorder)
    running.header(plain.header)
    await recorder.until(() => recorder.errors.length > 0)
    expect(recorder.errors[0]).toMatchObject({ code: 'SegmentFormatDidntMatchJobInputParams', data: { field: 'width', expected: 1280, got: 640 } })
    await running.end()
  })

  test('lose no segment when the one that works is killed in the middle of it, and leave nothing of it running', async () => {
    const { transcoders, pids } = await start(open, { count: 2, pixelsPerSecond: 1e9 })
    const recorder = new TranscodeRecorder()
    const running = await openRelayed(transcoders, createJob(), recorder)
    running.header(plain.header)
    const [first, second, ...rest] = plain.segments
    if (first === undefined || second === undefined) throw new Error('fixture')
    sendSegment(running, first)
    running.openSegment(second)
    second.chunks.slice(0, 50).forEach(({ bytes }) => running.write(bytes))
    await recorder.until(() => recorder.partsOf('360p', 1).length >= 2)
    const busy = await findTranscoding(pids())
    process.kill(busy.pid, 'SIGKILL')
    second.chunks.slice(50).forEach(({ bytes }) => running.write(bytes))
    running.closeSegment(second)
    rest.forEach((segment) => sendSegment(running, segment))
    await running.end()
    await expectWhole(recorder)
    await expect.poll(async () => (await Promise.all(busy.below.map(isRunning))).some(Boolean), { timeout: 10_000 }).toBe(false)
  })
})
