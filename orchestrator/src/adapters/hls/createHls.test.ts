import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { errorReplySchema, parseJson } from '@streamflow/sdk/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { createFixture } from '../../../../test/media-fixtures/matroskaFixture.js'
import { openRelayed } from '../../../../test/media-fixtures/relayedTranscode.js'
import { getTranscoderCommand } from '../../../../test/media-fixtures/transcoderBundle.js'
import { ask, type Answer } from '../../../../test/media-fixtures/askDelivery.js'
import { createJob, sendSegment } from '../../../../test/media-fixtures/transcodeRecorder.js'
import type { Publication, RenditionPart, TranscodeJob } from '../../core/transcoding.js'
import { createTranscoders } from '../transcoder/createTranscoders.js'
import { createDeliveryListener } from '../http/delivery.js'
import { createHls, type Hls, type HlsOptions } from './createHls.js'

const job = createJob({ audio: 'none' })
const open: Hls[] = []
afterEach(() => {
  for (const hls of open.splice(0)) hls.close()
})

function create(options?: HlsOptions): Hls {
  const hls = createHls(options)
  open.push(hls)
  return hls
}

const get = (hls: Hls, file: string): Promise<Answer> => ask(hls, `/live/${job.streamId}/${file}`).answer

function publishInits(publication: Publication, of: TranscodeJob = job): void {
  for (const { name } of of.ladder) publication.init({ rendition: name, bytes: Uint8Array.of(1, 2, 3), codecs: 'avc1.42c01e' })
}

function publishPart(publication: Publication, seq: number, index: number): void {
  for (const { name } of job.ladder) {
    const part: RenditionPart = { rendition: name, seq, index, bytes: Uint8Array.of(seq, index), startUs: seq * 1e6 + index * 100_000, durationUs: 100_000, independent: index === 0, frames: 3 }
    publication.part(part)
  }
}

function publishSegment(publication: Publication, seq: number, parts = 10): void {
  for (let i = 0; i < parts; i++) publishPart(publication, seq, i)
  for (const { name } of job.ladder) publication.segment({ rendition: name, seq, parts, frames: 30, bytes: 2 * parts, startUs: seq * 1e6, durationUs: 1e6, hash: '0x' })
}

const pending = Symbol('pending')
/** Whether a response has come without anything else happening. */
const peek = (response: Promise<Answer>): Promise<Answer | typeof pending> => Promise.race([response, new Promise<typeof pending>((resolve) => setImmediate(() => setImmediate(() => resolve(pending))))])

describe('requests', () => {
  test('for a master playlist wait until every rendition has an init', async () => {
    const hls = create()
    const publication = hls.publish({ job, startTimeMs: 0 })
    const response = get(hls, 'master.m3u8')
    publication.init({ rendition: '360p', bytes: Uint8Array.of(1), codecs: 'avc1.42c01e' })
    expect(await peek(response)).toBe(pending)
    publication.init({ rendition: '180p', bytes: Uint8Array.of(1), codecs: 'avc1.42c00d' })
    const { status, type, cacheControl, text } = await response
    expect([status, type, cacheControl]).toEqual([200, 'application/vnd.apple.mpegurl', 'no-cache'])
    expect(text).toContain('RESOLUTION=320x180')
  })

  test('for a master playlist wait for the sound that was announced', async () => {
    const hls = create()
    const publication = hls.publish({ job: createJob(), startTimeMs: 0 })
    publishInits(publication)
    publishSegment(publication, 0)
    const response = get(hls, 'master.m3u8')
    expect(await peek(response)).toBe(pending)
    publication.init({ rendition: 'audio', bytes: Uint8Array.of(1), codecs: 'mp4a.40.2' })
    expect((await response).text).toContain('AUDIO="audio"')
  })

  test('are refused as busy when a stream does not begin in time', async () => {
    const hls = create({ startTimeoutMs: 10 })
    hls.publish({ job, startTimeMs: 0 })
    for (const file of ['master.m3u8', '360p/index.m3u8']) expect(await get(hls, file)).toMatchObject({ status: 503, retryAfterSeconds: 1, cacheControl: 'no-store' })
  })

  test('for what does not exist are not found', async () => {
    const hls = create()
    expect(parseJson(errorReplySchema, (await get(hls, 'master.m3u8')).text)).toMatchObject({ code: 'StreamNotFound' })
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishInits(publication)
    publishSegment(publication, 4)
    for (const file of ['', 'other.m3u8', '720p/index.m3u8', '360p/3.m4s', '360p/9.m4s', '360p/4.11.m4s', '360p/5.1.m4s', '360p/4.m4s/x', '360p/-1.m4s', '360p/../../x']) {
      expect([file, (await get(hls, file)).status]).toEqual([file, 404])
    }
  })

  test('for media get it, to be kept', async () => {
    const hls = create()
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishInits(publication)
    publishSegment(publication, 0, 3)
    expect(await get(hls, '360p/init.mp4')).toMatchObject({ status: 200, bytes: Uint8Array.of(1, 2, 3), type: 'video/mp4', cacheControl: expect.stringContaining('immutable') as string })
    expect(Buffer.from((await get(hls, '360p/0.m4s')).bytes)).toEqual(Buffer.from([0, 0, 0, 1, 0, 2]))
    expect(Buffer.from((await get(hls, '360p/0.2.m4s')).bytes)).toEqual(Buffer.from([0, 2]))
  })

  test('for the first playlist wait for a whole segment, without which hls.js would give up for a second', async () => {
    const hls = create()
    const publication = hls.publish({ job, startTimeMs: 0 })
    const response = get(hls, '360p/index.m3u8')
    publishPart(publication, 0, 0)
    expect(await peek(response)).toBe(pending)
    publication.segment({ rendition: '360p', seq: 0, parts: 1, frames: 3, bytes: 2, startUs: 0, durationUs: 100_000, hash: '0x' })
    expect((await response).text).toContain('\n0.m4s')
  })

  test('with _HLS_msn and _HLS_part wait for exactly that part', async () => {
    const hls = create()
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishSegment(publication, 0)
    publishPart(publication, 1, 0)
    const part = get(hls, '360p/index.m3u8?_HLS_msn=1&_HLS_part=1')
    const whole = get(hls, '360p/index.m3u8?_HLS_msn=1')
    const next = get(hls, '360p/index.m3u8?_HLS_msn=1&_HLS_part=10')
    expect(await peek(part)).toBe(pending)
    publishPart(publication, 1, 1)
    expect((await part).text).toContain('URI="1.1.m4s"')
    expect(await peek(whole)).toBe(pending)
    for (let i = 2; i < 10; i++) publishPart(publication, 1, i)
    publication.segment({ rendition: '360p', seq: 1, parts: 10, frames: 30, bytes: 20, startUs: 1e6, durationUs: 1e6, hash: '0x' })
    expect((await whole).text).toContain('\n1.m4s')
    expect(await peek(next)).toBe(pending)
    publishPart(publication, 2, 0)
    expect((await next).text).toContain('URI="2.0.m4s"')
  })

  test('for a hinted part wait for it', async () => {
    const hls = create()
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishSegment(publication, 0)
    const hinted = /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec((await get(hls, '360p/index.m3u8')).text)?.[1]
    expect(hinted).toBe('1.0.m4s')
    const response = get(hls, `360p/${hinted}`)
    expect(await peek(response)).toBe(pending)
    publishPart(publication, 1, 0)
    expect((await response).status).toBe(200)
  })

  test('for a hinted part that will not come after all get the first of the next segment', async () => {
    const hls = create()
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishPart(publication, 0, 0)
    const response = get(hls, '360p/0.1.m4s')
    expect(await peek(response)).toBe(pending)
    publishPart(publication, 1, 0)
    expect(await response).toMatchObject({ status: 200, bytes: Uint8Array.of(1, 0) })
  })

  test('too far ahead or malformed are bad', async () => {
    const hls = create()
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishSegment(publication, 0)
    for (const query of ['_HLS_msn=3', '_HLS_part=1', '_HLS_msn=x', '_HLS_msn=0&_HLS_part=-1', '_HLS_msn=1e3']) expect([query, (await get(hls, `360p/index.m3u8?${query}`)).status]).toEqual([query, 400])
  })

  test('that the viewer has given up no longer wait', async () => {
    const hls = create({ maxWaiters: 1 })
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishSegment(publication, 0)
    const url = `/live/${job.streamId}/360p/index.m3u8?_HLS_msn=1&_HLS_part=0`
    const first = ask(hls, url)
    expect((await ask(hls, url).answer).status).toBe(503)
    first.leave()
    const again = ask(hls, url)
    expect(await peek(again.answer)).toBe(pending)
    publishPart(publication, 1, 0)
    expect((await again.answer).status).toBe(200)
    expect(await peek(first.answer)).toBe(pending)
  })

  test('of one client that takes all places give way to those of others', async () => {
    const hls = create({ maxWaiters: 10 })
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishSegment(publication, 0)
    const url = `/live/${job.streamId}/360p/index.m3u8?_HLS_msn=1&_HLS_part=0`
    const greedy = Array.from({ length: 100 }, () => ask(hls, url, 'greedy').answer)
    const others = ['a', 'b', 'c'].map((client) => ask(hls, url, client).answer)
    for (const other of others) expect(await peek(other)).toBe(pending)
    publishPart(publication, 1, 0)
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200, 200])
    const statuses = (await Promise.all(greedy)).map(({ status }) => status)
    expect([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 503).length]).toEqual([7, 93])
  })

  test('are answered alike with the same object, made once', async () => {
    const hls = create()
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishSegment(publication, 0)
    const answers = Promise.all(Array.from({ length: 3 }, () => get(hls, '360p/index.m3u8?_HLS_msn=1&_HLS_part=0')))
    publishPart(publication, 1, 0)
    const [first, ...others] = await answers
    for (const other of others) expect(other.bytes).toBe(first?.bytes)
  })
})

describe('the end of a stream', () => {
  test('answers who waits, ends the playlists, and drops the stream after a while', async () => {
    const hls = create({ lingerMs: 20 })
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishInits(publication)
    publishSegment(publication, 0)
    const waiting = get(hls, '360p/index.m3u8?_HLS_msn=1&_HLS_part=0')
    expect(await peek(waiting)).toBe(pending)
    publication.end()
    publication.end()
    expect((await waiting).text).toContain('#EXT-X-ENDLIST')
    expect((await get(hls, '360p/0.m4s')).status).toBe(200)
    await expect.poll(() => hls.streams, { timeout: 5000 }).toBe(0)
    expect((await get(hls, 'master.m3u8')).status).toBe(404)
  })
})

describe('a stream with other origins', () => {
  const ours = `0x${'a'.repeat(40)}` as const
  const theirs = `0x${'b'.repeat(40)}` as const
  const at = (uri: string): string => `${uri}/live/${job.streamId}/master.m3u8`
  const list = {
    streamId: job.streamId, version: 1, signature: `0x${'1'.repeat(130)}` as const,
    origins: [{ orchestrator: ours, url: at('https://ours.example') }, { orchestrator: theirs, url: at('https://theirs.example') }],
  }
  const begin = () => {
    const hls = create({ orchestrator: ours })
    const publication = hls.publish({ job, startTimeMs: 0 })
    publishInits(publication)
    publishSegment(publication, 0)
    return { hls, publication }
  }

  test('gives the list as it was signed, and has them as pathways of its master playlist', async () => {
    const { hls, publication } = begin()
    expect((await get(hls, 'origins')).status).toBe(404)
    expect((await get(hls, 'steering')).status).toBe(404)
    expect((await get(hls, 'master.m3u8')).text).not.toContain('PATHWAY')
    publication.origins(list)
    const { status, type, cacheControl, text } = await get(hls, 'origins')
    expect([status, type, cacheControl, JSON.parse(text)]).toEqual([200, 'application/json; charset=utf-8', 'no-cache', list])
    expect((await get(hls, 'master.m3u8')).text).toContain(`PATHWAY-ID="${theirs}"\nhttps://theirs.example/live/${job.streamId}/360p/index.m3u8`)
    expect(JSON.parse((await get(hls, 'steering')).text)).toEqual({ VERSION: 1, TTL: 10, 'PATHWAY-PRIORITY': [ours, theirs] })
  })

  test('that its broadcaster took elsewhere has no end here: who waits is refused, what was shown stays, and players are sent on', async () => {
    const { hls, publication } = begin()
    publication.origins(list)
    const waiting = get(hls, '360p/index.m3u8?_HLS_msn=1&_HLS_part=0')
    expect(await peek(waiting)).toBe(pending)
    publication.leave(false)
    expect((await waiting).status).toBe(404)
    expect((await get(hls, '360p/index.m3u8')).status).toBe(404)
    expect((await get(hls, '360p/0.m4s')).status).toBe(200)
    expect(JSON.parse((await get(hls, 'steering')).text)).toMatchObject({ 'PATHWAY-PRIORITY': [theirs, ours] })
  })

  test('ends as ever when there is no other origin and its broadcaster is gone', async () => {
    const { hls, publication } = begin()
    publication.leave(false)
    expect((await get(hls, '360p/index.m3u8')).text).toContain('#EXT-X-ENDLIST')
  })

  test('has no end here when its broadcaster takes it elsewhere, though nobody knows yet where', async () => {
    const { hls, publication } = begin()
    publication.leave(true)
    expect((await get(hls, '360p/index.m3u8')).status).toBe(404)
  })
})

describe('a live stream over HTTP', () => {
  test('is read by ffprobe and decoded by ffmpeg without a warning', async () => {
    const hls = create()
    const fixture = await createFixture({ seconds: 5 })
    const pool = createTranscoders({ count: 1, command: await getTranscoderCommand(), pixelsPerSecond: 1e9 })
    const server = createServer(createDeliveryListener({ delivery: hls, corsOrigins: ['*'], nameClient: () => 'test', observeRequest: () => undefined, rate: { perSecond: 1_000, burst: 10_000 }, egress: {} }))
    try {
      const liveJob = createJob()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/live/${liveJob.streamId}/master.m3u8`
      const publication = hls.publish({ job: liveJob, startTimeMs: Date.now() })
      const failed: unknown[] = []
      const transcode = await openRelayed(pool, liveJob, {
        init: (init) => publication.init(init), part: (part) => publication.part(part), segment: (segment) => publication.segment(segment), failed: (error) => failed.push(error),
      })
      transcode.header(fixture.header)
      for (const segment of fixture.segments.slice(0, 4)) sendSegment(transcode, segment)
      // Live: the playlist has no end yet.
      const live = await run('ffprobe', ['-v', 'warning', '-show_entries', 'stream=codec_name,width,height,avg_frame_rate', '-of', 'json', url])
      expect(live.stderr).toBe('')
      const { streams } = JSON.parse(live.stdout) as { streams: readonly { codec_name: string }[] }
      expect(streams).toHaveLength(3)
      expect(streams).toEqual(expect.arrayContaining([
        expect.objectContaining({ codec_name: 'aac' }),
        expect.objectContaining({ codec_name: 'h264', width: 640, height: 360, avg_frame_rate: '30/1' }),
        expect.objectContaining({ codec_name: 'h264', width: 320, height: 180, avg_frame_rate: '30/1' }),
      ]))
      for (const segment of fixture.segments.slice(4)) sendSegment(transcode, segment)
      await transcode.end()
      publication.end()
      expect(failed).toEqual([])
      const ended = await run('ffmpeg', ['-v', 'warning', '-i', url, '-map', '0', '-f', 'framecrc', '-'])
      expect(ended.stderr).toBe('')
      const frames = ended.stdout.split('\n').filter((line) => /^\d/.test(line))
      expect(frames.filter((line) => line.startsWith('1,'))).toHaveLength(150)
      expect(frames.filter((line) => line.startsWith('2,'))).toHaveLength(150)
    } finally {
      server.closeAllConnections()
      server.close()
      await pool.close()
    }
  })
})

function run(program: string, args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => execFile(program, args, { timeout: 25_000 }, (_error, stdout, stderr) => resolve({ stdout, stderr })))
}
