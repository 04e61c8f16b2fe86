import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { Evidence } from '../../protocol/evidence.js'
import type { Hex } from '../../units/hex.js'
import type { Examination } from '../../verification/examine.js'
import type { SettledSegment } from '../dispatch/dispatchSink.js'
import type { StreamContext, StreamJob } from '../streamContext.js'
import type { Suspicions } from '../../market/createReputation.js'
import { verifySegments, type VerificationReport } from './verifySegments.js'

const ladder = [{ name: '180p', width: 320, height: 180, bitrate: 300_000 }]
const input = { container: 'matroska', video: { codec: 'h264', width: 320, height: 180, frameRate: 25 }, audio: { codec: 'opus', sampleRate: 48_000, channels: 2 } } as const
const job = { ladder, input, segmentDurationMs: 10, header: new Uint8Array(4) } as unknown as StreamJob
const orchestrator = `0x${'a'.repeat(40)}` as const
const base = 'http://orchestrator.example/live/0x1/'

/** What viewers are given, by path. */
const served = new Map<string, string>()
const asked: { readonly path: string; readonly init: RequestInit | undefined }[] = []
let isCutOff = false
const serve = (async (url: URL, init?: RequestInit) => {
  if (isCutOff) throw new TypeError('Failed to fetch')
  asked.push({ path: url.pathname, init })
  const body = served.get(url.pathname)
  return body === undefined ? new Response('', { status: 404 }) : new Response(body)
}) as typeof fetch

function publish(seq: number): void {
  for (const name of ['180p', 'audio']) {
    served.set(`/live/0x1/${name}/index.m3u8`, `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:${seq}\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:1.0,\n${seq}.m4s\n`)
    served.set(`/live/0x1/${name}/init.mp4`, 'init')
    served.set(`/live/0x1/${name}/${seq}.m4s`, `${name} ${seq}`)
  }
}

const hashOf = (text: string): Hex => `0x${createHash('sha256').update(text).digest('hex')}`

function settle(seq: number): SettledSegment {
  const outputs = ['180p', 'audio'].map((rendition) => ({ rendition, frames: 25, bytes: `${rendition} ${seq}`.length, hash: hashOf(`${rendition} ${seq}`) }))
  const content = { seq, startUs: seq * 1e6, chunks: [new Uint8Array(3)], bytes: 3, close: { durationUs: 1e6, frames: 25, hash: hashOf('') } }
  return { receipt: { seq }, outputs, content, site: { orchestrator, playbackUrl: `${base}master.m3u8` }, bytes: 3, latencyMs: 0, isFirst: true } as unknown as SettledSegment
}

const over = new AbortController()
afterEach(() => {
  isCutOff = false
  served.clear()
  asked.length = 0
})

/** Starts with an examiner that says this of each look, in turn. */
function start(examinations: Partial<Examination>[] = [], rate = 1) {
  const reports: VerificationReport[] = []
  const cheats: StreamflowError[] = []
  const left: StreamflowError[] = []
  const warnings: StreamflowError[] = []
  const kept: Evidence[] = []
  const specimens: unknown[] = []
  let suspicions: Suspicions = {}
  const take = verifySegments({
    rate, job, context: { requestTimeoutMs: 5_000, fetch: serve, now: () => 7 } as unknown as StreamContext,
    openExaminer: async () => ({
      async examine(specimen) {
        specimens.push(specimen)
        return { outcome: 'passed', faults: [], ...examinations.shift() }
      },
      close: () => undefined,
    }),
    onReport: (report) => reports.push(report),
    onCheat: (error, { evidence }) => cheats.push(error) && kept.push(evidence),
    suspicions: { readSuspicions: () => suspicions, keepSuspicions: (_orchestrator, kept) => void (suspicions = kept) },
    onUnfit: (_orchestrator, error) => left.push(error),
    onWarning: (error) => warnings.push(error),
    signal: over.signal,
  })
  return { take, reports, cheats, left, warnings, kept, specimens }
}

const until = (check: () => boolean): Promise<void> => vi.waitFor(() => expect(check()).toBe(true), { timeout: 15_000, interval: 5 })

describe('a segment that is drawn', () => {
  it('is fetched as a viewer fetches it, and looked at with its source', async () => {
    publish(3)
    const { take, reports, specimens } = start()
    take(settle(3))
    await until(() => reports.length === 1)
    expect(reports).toEqual([{ seq: 3, orchestrator, rendition: '180p', outcome: 'passed', faults: [] }])
    expect(asked.map(({ path }) => path)).toEqual(['180p', 'audio'].flatMap((name) => [`/live/0x1/${name}/index.m3u8`, `/live/0x1/${name}/init.mp4`, `/live/0x1/${name}/3.m4s`]))
    expect(asked.every(({ init }) => Object.keys(init ?? {}).join() === 'signal')).toBe(true)
    expect(specimens).toMatchObject([{ rendition: ladder[0], source: { startUs: 3e6, durationUs: 1e6 }, moments: [expect.any(Number), expect.any(Number), expect.any(Number)] }])
  })

  it('whose bytes are not those that were signed for is a cheat before it is decoded', async () => {
    publish(3)
    served.set('/live/0x1/audio/3.m4s', 'audio X')
    const { take, reports, cheats, specimens } = start()
    take(settle(3))
    await until(() => reports.length === 1)
    expect(reports).toMatchObject([{ outcome: 'failed', faults: [{ kind: 'hash' }] }])
    expect(cheats).toMatchObject([{ code: 'SegmentFailedVerification', data: { seq: 3, orchestrator } }])
    expect(specimens).toEqual([])
  })

  it('that fails is told of with its reasons, and with what shows it', async () => {
    publish(3)
    const { take, cheats, kept } = start([{ outcome: 'failed', faults: [{ kind: 'motion', text: 'it stands still' }] }])
    take(settle(3))
    await until(() => cheats.length === 1)
    expect(cheats[0]?.message).toContain('it stands still')
    expect(kept).toMatchObject([{ receipt: { seq: 3 }, ladder, header: job.header, renditions: [{ rendition: '180p' }, { rendition: 'audio' }], recordedAtMs: 7 }])
  })

  it('that is doubtful is looked at again at other moments, and passed if nothing is found then', async () => {
    publish(3)
    const { take, reports, cheats, specimens } = start([{ outcome: 'doubtful' }, { outcome: 'passed' }])
    take(settle(3))
    await until(() => reports.length === 1)
    expect([reports[0]?.outcome, cheats.length]).toEqual(['passed', 0])
    const [first, second] = specimens as { readonly moments: readonly number[] }[]
    expect(first?.moments).not.toEqual(second?.moments)
  })

  it('that stays in doubt changes nothing; an orchestrator of which too many do is left, and is no cheat', async () => {
    const doubt = { outcome: 'doubtful', faults: [{ kind: 'quality', text: 'it is worse than it need be' }], doubts: { quality: true } } as const
    const { take, reports, cheats, left } = start(Array.from({ length: 40 }, () => doubt))
    // Ten seconds lie between looks that count.
    for (let seq = 0; left.length === 0 && seq < 200; seq += 5) {
      publish(seq)
      take(settle(seq))
      await until(() => reports.length === seq / 5 + 1)
    }
    expect(left).toMatchObject([{ code: 'PoorQuality', data: { orchestrator, kind: 'quality', looks: 7 } }])
    expect(left[0]?.message).toContain('worse than it need be')
    expect([reports.length, cheats.length]).toEqual([13, 0])
    expect(Object.keys(reports[0] ?? {})).not.toContain('doubts')
  })

  it('is looked at with what was spent before it', async () => {
    const { take, reports, specimens } = start()
    for (const seq of [0, 1]) {
      publish(seq)
      take(settle(seq))
      await until(() => reports.length === seq + 1)
    }
    expect(specimens).toMatchObject([{ mostSpent: 0 }, { mostSpent: expect.closeTo(('180p 0'.length * 8) / 300_000, 9) }])
  })

  it('that we could never have from anybody may be our own fault: it is told, and nobody is left', async () => {
    isCutOff = true
    const { take, reports, left, warnings } = start()
    for (const seq of [0, 1, 2]) {
      take(settle(seq))
      await until(() => reports.length === seq + 1)
    }
    expect([left, warnings.map(({ code }) => code)]).toEqual([[], ['Unreliable']])
  }, 30_000)

  it('that cannot be had is no proof; an orchestrator that keeps three in a row back is left', async () => {
    const { take, reports, cheats, left } = start()
    for (const seq of [0, 1, 2]) {
      take(settle(seq))
      await until(() => reports.length === seq + 1)
    }
    expect([reports.map(({ outcome }) => outcome), cheats.length, left.map(({ code }) => code)]).toEqual([['unavailable', 'unavailable', 'unavailable'], 0, ['Unreliable']])
  }, 30_000)
})

it('nothing is looked at where that is asked for', async () => {
  publish(3)
  const { take } = start([], 0)
  take(settle(3))
  await new Promise((resolve) => setImmediate(resolve))
  expect(asked).toEqual([])
})
