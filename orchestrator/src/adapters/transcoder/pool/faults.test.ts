/** What becomes of a stream when something between it and its transcoder fails: real processes, a real nats-server. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../../../../../test/media-fixtures/matroskaFixture.js'
import { startNatsServer, type NatsServer } from '../../../../../test/media-fixtures/natsServer.js'
import { startPoolMember, type PoolMember } from '../../../../../test/media-fixtures/poolMembers.js'
import { openRelayed } from '../../../../../test/media-fixtures/relayedTranscode.js'
import { createJob, findTranscoding, sendSegment, TranscodeRecorder } from '../../../../../test/media-fixtures/transcodeRecorder.js'
import type { Transcode } from '../../../core/transcoding.js'
import { createPool, type PoolLogEvent } from './createPool.js'

let nats: NatsServer
let plain: Fixture
let pools = 0
const closers: (() => Promise<void>)[] = []

beforeAll(async () => {
  ;[nats, plain] = await Promise.all([startNatsServer(), createFixture({ seconds: 4 })])
}, 60_000)
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(() => nats.stop())

/** A pool with so many members, and a stream of which the second segment has begun to come out. */
async function start(count: number) {
  const name = `faults-${++pools}`
  const log: PoolLogEvent[] = []
  const members = await Promise.all(Array.from({ length: count }, () => startPoolMember({ url: nats.url, name, pixelsPerSecond: 1e9 })))
  const pool = createPool({ servers: [nats.url], name, log: (event) => log.push(event) })
  closers.push(...members.map((member) => () => member.kill()), () => pool.close())
  await expect.poll(() => pool.capacity().offeredPixelsPerSecond, { timeout: 30_000 }).toBe(count * 1e9)
  const recorder = new TranscodeRecorder()
  const running = await openRelayed(pool, createJob(), recorder)
  running.header(plain.header)
  const [first, second] = plain.segments
  if (first === undefined || second === undefined) throw new Error('fixture')
  sendSegment(running, first)
  running.openSegment(second)
  second.chunks.slice(0, 50).forEach(({ bytes }) => running.write(bytes))
  await recorder.until(() => recorder.partsOf('360p', 1).length >= 2)
  const busy = await findTranscoding(members.map(({ pid }) => pid))
  const member = members.find(({ pid }) => pid === busy.pid) as PoolMember
  return { log, recorder, running, member, ffmpeg: busy.ffmpeg }
}

/** The rest of what {@link start} began. */
function sendRest(running: Transcode): void {
  const [, second, ...rest] = plain.segments
  if (second === undefined) throw new Error('fixture')
  second.chunks.slice(50).forEach(({ bytes }) => running.write(bytes))
  running.closeSegment(second)
  for (const segment of rest) sendSegment(running, segment)
}

/** No segment of any rendition is missing, no picture, and no part came twice. */
function expectWhole(recorder: TranscodeRecorder): void {
  expect(recorder.errors).toEqual([])
  for (const rendition of ['360p', '180p', 'audio']) {
    expect(recorder.segmentsOf(rendition).map(({ seq }) => seq)).toEqual(plain.segments.map(({ seq }) => seq))
    for (const { seq, parts } of recorder.segmentsOf(rendition)) expect(recorder.partsOf(rendition, seq).map(({ index }) => index)).toEqual(Array.from({ length: parts }, (_, i) => i))
  }
  expect(recorder.segmentsOf('360p').map(({ frames }) => frames)).toEqual(plain.segments.map(({ frames }) => frames))
}

test('a member that stops answering is left, and its segment made again elsewhere', async () => {
  const { log, recorder, running, member } = await start(2)
  member.signal('SIGSTOP')
  sendRest(running)
  await running.end()
  expectWhole(recorder)
  expect(log).toContainEqual(expect.objectContaining({ type: 'transcodesMoved', jobs: 1 }))
  member.signal('SIGCONT')
})

test('a stream whose transcode makes no progress moves, though its transcoder lives', async () => {
  const { log, recorder, running, ffmpeg } = await start(2)
  process.kill(ffmpeg, 'SIGSTOP')
  sendRest(running)
  await expect.poll(() => log.some((event) => event.type === 'transcodesMoved' && event.reason === 'late'), { timeout: 30_000 }).toBe(true)
  await running.end()
  expectWhole(recorder)
})

test('a member that is told to stop gives its streams away first', async () => {
  const { recorder, running, member } = await start(2)
  member.signal('SIGTERM')
  expect(await member.exited).toBe(0)
  sendRest(running)
  await running.end()
  expectWhole(recorder)
})

test('the only member that is killed is replaced by the next that joins', async () => {
  const { log, recorder, running, member } = await start(1)
  await member.kill()
  sendRest(running)
  await expect.poll(() => log.some(({ type }) => type === 'transcoderLeft'), { timeout: 30_000 }).toBe(true)
  const next = await startPoolMember({ url: nats.url, name: `faults-${pools}` })
  closers.push(() => next.kill())
  await running.end()
  expectWhole(recorder)
})

/** How long NATS is gone; more takes longer, and is the same. */
const goneMs = Number(process.env['NATS_GONE_SECONDS'] ?? 8) * 1_000

test('streams go on after NATS was gone, for long enough that everybody has given everybody up: nothing is missing', { timeout: goneMs + 60_000 }, async () => {
  const { log, recorder, running } = await start(2)
  await nats.stop()
  sendRest(running)
  await new Promise((resolve) => setTimeout(resolve, goneMs))
  expect(recorder.errors).toEqual([])
  const joinedBefore = log.filter(({ type }) => type === 'transcoderJoined').length
  await nats.start()
  await running.end()
  expectWhole(recorder)
  expect(log.filter(({ type }) => type === 'transcoderJoined').length).toBeGreaterThan(joinedBefore)
})

test('a pool of another name sees neither members nor jobs', async () => {
  const member = await startPoolMember({ url: nats.url, name: 'one' })
  const [one, other] = ['one', 'another'].map((name) => createPool({ servers: [nats.url], name })) as [ReturnType<typeof createPool>, ReturnType<typeof createPool>]
  closers.push(() => member.kill(), () => one.close(), () => other.close())
  await one.ready(30_000)
  await expect(other.admit(createJob())).rejects.toMatchObject({ code: 'Capped' })
  expect(other.capacity().offeredPixelsPerSecond).toBe(0)
})
