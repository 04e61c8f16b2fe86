import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { errorReplySchema, parseJson, type FollowFrame } from '@streamflow/sdk/protocol'
import { ask, type Answer, type RecordingSink } from '../../../../test/media-fixtures/askDelivery.js'
import { createJob } from '../../../../test/media-fixtures/transcodeRecorder.js'
import type { Publication } from '../../core/transcoding.js'
import { createHls, type Hls, type HlsOptions } from './createHls.js'

const job = createJob()
let hls: Hls
let publication: Publication
const start = (options: HlsOptions = {}): void => {
  hls = createHls({ windowSegments: 8, ...options })
  publication = hls.publish({ job, startTimeMs: 1_000 })
}
beforeEach(() => start())
afterEach(() => {
  hls.close()
  vi.useRealTimers()
})

const get = (query = '', client?: string): Promise<Answer> => ask(hls, `/live/${job.streamId}/follow${query}`, client).answer
/** What is written is written after the turn that brought it. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
async function follow(query = '', client?: string): Promise<RecordingSink> {
  const { sink } = await get(query, client)
  if (sink === undefined) throw new TypeError('not a long response')
  return sink
}

const renditions = [...job.ladder.map(({ name }) => name), 'audio']
const publishInits = (): void => renditions.forEach((rendition) => publication.init({ rendition, bytes: Buffer.from(rendition), codecs: rendition === 'audio' ? 'mp4a.40.2' : 'avc1.42c01e' }))
const publishPart = (rendition: string, seq: number, index: number): void =>
  publication.part({ rendition, seq, index, bytes: Buffer.from(`${rendition} ${seq}.${index}`), startUs: seq * 1e6 + index * 5e5, durationUs: 5e5, independent: rendition === 'audio' || index === 0, frames: 15 })
const endSegment = (rendition: string, seq: number, parts = 2): void => publication.segment({ rendition, seq, parts, frames: 30, bytes: 1, startUs: seq * 1e6, durationUs: 1e6, hash: '0x' })
function publishSegment(seq: number): void {
  for (const rendition of renditions) {
    publishPart(rendition, seq, 0)
    publishPart(rendition, seq, 1)
    endSegment(rendition, seq)
  }
}

/** Frames in short: `picture 3.1`, `sound 3 ends`. */
function tell(frames: readonly FollowFrame[]): readonly string[] {
  return frames.map((frame) => {
    if (frame.kind === 'part') return `${frame.track} ${frame.seq}.${frame.index}`
    if (frame.kind === 'segment') return `${frame.track} ${frame.seq} ${frame.isGap ? 'gap' : 'ends'}`
    if (frame.kind === 'end') return `end ${frame.isOver ? 'over' : frame.nextSeq}`
    return frame.kind === 'init' ? `init ${frame.track}` : frame.kind
  })
}

describe('a follow response', () => {
  test('begins with the first part, long before the first segment is complete', async () => {
    const asked = get('?rendition=180p')
    publishInits()
    publishPart('180p', 0, 0)
    const { sink, route } = await asked
    expect(route).toBe('/live/:streamId/follow')
    expect(tell(sink?.frames ?? [])).toEqual(['head', 'init picture', 'init sound', 'picture 0.0'])
    expect(sink?.frames[0]).toMatchObject({ head: { version: 1, rendition: '180p', startTimeMs: 1_000, fromSeq: 0, oldestSeq: 0, soundCodecs: 'mp4a.40.2', segmentDurationMs: 1_000 } })
  })

  test('without a name is of the best rendition, and tells of all', async () => {
    publishInits()
    publishSegment(0)
    const [head] = (await follow()).frames
    expect(head).toMatchObject({ head: { rendition: '360p', renditions: [{ name: '360p', width: 640 }, { name: '180p', width: 320 }] } })
  })

  test('brings each part as it is made, picture and sound of one turn in one write that all followers share', async () => {
    publishInits()
    publishSegment(0)
    const [first, second] = [await follow('?from=0'), await follow('?from=0')]
    await turn()
    const before = first.writes.length
    publishPart('360p', 1, 0)
    publishPart('180p', 1, 0)
    publishPart('audio', 1, 0)
    await turn()
    expect(tell(first.frames).slice(-2)).toEqual(['picture 1.0', 'sound 1.0'])
    expect(first.writes.length).toBe(before + 1)
    expect(second.writes.at(-1)).toBe(first.writes.at(-1))
    expect(first.frames.at(-2)).toMatchObject({ startUs: 1e6, durationUs: 5e5, isIndependent: true, bytes: Buffer.from('360p 1.0') })
  })

  test('is one buffer per turn for all, whatever they began with', async () => {
    publishInits()
    for (let seq = 0; seq < 3; seq++) publishSegment(seq)
    const sinks = await Promise.all(['?from=0', '?from=2', ''].map((query) => follow(query)))
    await turn()
    publishPart('360p', 3, 0)
    await turn()
    for (const sink of sinks) expect(sink.writes.at(-1)).toBe(sinks[0]?.writes.at(-1))
  })

  test('begins with the newest segment, the one asked for, or the oldest there is', async () => {
    publishInits()
    for (let seq = 0; seq < 12; seq++) publishSegment(seq)
    const firstPart = async (query: string): Promise<string | undefined> => tell((await follow(query)).frames).find((line) => line.startsWith('picture'))
    expect(await firstPart('')).toBe('picture 11.0')
    expect(await firstPart('?from=9')).toBe('picture 9.0')
    expect(await firstPart('?from=1')).toBe('picture 4.0')
    const ahead = await follow('?from=13')
    publishSegment(12)
    publishSegment(13)
    await turn()
    expect(tell(ahead.frames).slice(3, 5)).toEqual(['picture 13.0', 'picture 13.1'])
  })

  test('from far ahead waits for a broadcaster that was elsewhere meanwhile, and is missing when the stream ends here', async () => {
    publishInits()
    publishSegment(0)
    const [back, never] = [get('?from=90'), get('?from=200')]
    await turn()
    publishSegment(90)
    await turn()
    publication.end()
    expect((await back).status).toBe(200)
    expect([(await never).status, parseJson(errorReplySchema, (await never).text).code]).toEqual([404, 'NotFound'])
  })

  test.each([['?from=x', 'BadMessage', 400], ['?rendition=720p', 'NotFound', 404], ['?rendition=audio', 'NotFound', 404]] as const)('of %s is refused as %s', async (query, code, status) => {
    publishInits()
    publishSegment(0)
    const answer = await get(query)
    expect([answer.status, parseJson(errorReplySchema, answer.text).code]).toEqual([status, code])
  })

  test('tells of gaps, and of sound that comes late', async () => {
    publishInits()
    for (let seq = 0; seq < 3; seq++) {
      publishPart('360p', seq, 0)
      endSegment('360p', seq, 1)
    }
    const sink = await follow('?from=2')
    publication.gap({ rendition: '360p', seq: 3, startUs: 3e6, durationUs: 1e6 })
    publishPart('audio', 4, 0)
    await turn()
    expect(tell(sink.frames).slice(3)).toEqual(['picture 2.0', 'picture 2 ends', 'picture 3 gap', 'sound 4.0'])
  })

  test('ends with the stream, and one of an ended stream gets what is left', async () => {
    publishInits()
    publishSegment(0)
    const sink = await follow()
    publication.end()
    await turn()
    expect([tell(sink.frames).at(-1), sink.state]).toEqual(['end over', 'ended'])
    const late = await follow('?from=0')
    await turn()
    expect([tell(late.frames).at(-1), late.state]).toEqual(['end over', 'ended'])
    expect(hls.followers).toBe(0)
  })
})

describe('a stream that goes on elsewhere', () => {
  test('ends its responses without calling it over: viewers are to go on with the next segment at another origin', async () => {
    publishInits()
    publishSegment(0)
    const streamId = job.streamId
    publication.origins({ streamId, version: 1, signature: '0x', origins: [{ orchestrator: '0xbb', url: `https://other.example/live/${streamId}/master.m3u8` }] })
    const sink = await follow()
    publication.leave(false)
    await turn()
    expect([tell(sink.frames).at(-1), sink.state]).toEqual(['end 1', 'ended'])
  })
})

describe('after half a minute', () => {
  const passHalfAMinute = (): void => void vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 30_000)
  afterEach(() => vi.restoreAllMocks())

  test('a response ends where picture and sound have ended, and the next one begins there: nothing twice, nothing missing', async () => {
    publishInits()
    publishSegment(0)
    const first = await follow('?from=0')
    passHalfAMinute()
    publishPart('360p', 1, 0)
    publishPart('audio', 1, 0)
    await turn()
    publishPart('360p', 1, 1)
    endSegment('360p', 1)
    publishPart('360p', 2, 0)
    await turn()
    expect(first.state).toBe('open')
    publishPart('audio', 1, 1)
    endSegment('audio', 1)
    await turn()
    expect(first.state).toBe('ended')
    expect(tell(first.frames).at(-1)).toBe('end 2')
    const second = await follow('?from=2')
    publishPart('audio', 2, 0)
    await turn()
    const all = [...tell(first.frames), ...tell(second.frames)].filter((line) => /^(picture|sound)/.test(line))
    expect(all.filter((line) => line.startsWith('picture'))).toEqual(['picture 0.0', 'picture 0.1', 'picture 0 ends', 'picture 1.0', 'picture 1.1', 'picture 1 ends', 'picture 2.0'])
    expect(all.filter((line) => line.startsWith('sound'))).toEqual(['sound 0.0', 'sound 0.1', 'sound 0 ends', 'sound 1.0', 'sound 1.1', 'sound 1 ends', 'sound 2.0'])
  })

  test('a response does not wait for sound that has stopped', async () => {
    publishInits()
    publishSegment(0)
    const sink = await follow('?from=0')
    passHalfAMinute()
    publishPart('360p', 1, 0)
    await turn()
    endSegment('360p', 1, 1)
    for (let index = 0; index < 3; index++) publishPart('360p', 2, index)
    await turn()
    expect(tell(sink.frames).slice(-2)).toEqual(['picture 1 ends', 'end 2'])
  })
})

describe('a follower', () => {
  test('that is behind is asked to come again, and cut when it is far behind', async () => {
    start({ maxBacklogBytes: 1_000 })
    publishInits()
    publishSegment(0)
    const [slow, stuck, well] = [await follow(), await follow(), await follow()]
    slow.backlogBytes = 600
    stuck.backlogBytes = 1_001
    publishSegment(1)
    await turn()
    expect([slow.state, stuck.state, well.state]).toEqual(['ended', 'cut', 'open'])
    expect(tell(slow.frames).at(-1)).toBe('end 2')
    expect(hls.followers).toBe(1)
  })

  test('that is gone costs nothing', async () => {
    publishInits()
    publishSegment(0)
    const { answer, leave } = ask(hls, `/live/${job.streamId}/follow`)
    const { sink } = await answer
    leave()
    publishSegment(1)
    await turn()
    expect([hls.followers, sink?.writes.length]).toEqual([0, 1])
  })

  test('of an address that takes all places gives way to those of others', async () => {
    start({ maxFollowers: 3 })
    publishInits()
    publishSegment(0)
    const greedy = await Promise.all([1, 2, 3].map(() => follow('', 'greedy')))
    expect((await get('', 'greedy')).status).toBe(503)
    const other = await follow('', 'other')
    expect([greedy.map(({ state }) => state), other.state]).toEqual([['cut', 'open', 'open'], 'open'])
  })
})
