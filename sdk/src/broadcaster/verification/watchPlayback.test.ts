import { afterEach, describe, expect, it } from 'vitest'
import type { StreamflowError } from '../../errors/StreamflowError.js'
import type { SettledSegment } from '../dispatch/dispatchSink.js'
import { watchPlayback } from './watchPlayback.js'

const orchestrator = `0x${'a'.repeat(40)}` as const
const job = { ladder: [{ name: '180p', width: 320, height: 180, bitrate: 300_000 }] }
const lifetime = new AbortController()

/** What viewers are told, and how many asked. */
let answer: () => Response
let asked = 0
afterEach(() => void (asked = 0))

const list = (...seqs: readonly number[]): Response => new Response(`#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:${seqs[0]}\n#EXT-X-MAP:URI="init.mp4"\n${seqs.map((seq) => `#EXTINF:1.0,\n${seq}.m4s\n`).join('')}`)
const refuse = (status: number) => (): Response => new Response('', { status })

function start() {
  const left: StreamflowError[] = []
  const warnings: StreamflowError[] = []
  const ask = (async () => {
    asked++
    return answer()
  }) as unknown as typeof fetch
  const take = watchPlayback({ job, context: { requestTimeoutMs: 5_000, fetch: ask }, onUnavailable: (_orchestrator, error) => left.push(error), onWarning: (error) => warnings.push(error), signal: lifetime.signal })
  const settle = async (seqs: readonly number[]): Promise<void> => {
    for (const seq of seqs) {
      take({ receipt: { seq }, site: { orchestrator, playbackUrl: 'http://orchestrator.example/live/0x1/master.m3u8' } } as unknown as SettledSegment)
      await new Promise(setImmediate) // the answer is read
      await new Promise(setImmediate)
    }
  }
  return { left, warnings, settle }
}

const range = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => from + i)

describe('what is paid for', () => {
  it('is asked for as a viewer asks, at every second segment', async () => {
    answer = () => list(...range(0, 10))
    const { left, warnings, settle } = start()
    await settle(range(0, 10))
    expect(asked).toBe(5)
    expect([...left, ...warnings]).toEqual([])
  })

  it.each([
    ['the address is gone', () => { throw new TypeError('fetch failed') }],
    ['it answers with an error', refuse(503)],
    ['its playlist stands still', () => list(0, 1, 2)],
  ])('and could be had: it is left once %s for three looks', async (_what, then) => {
    answer = () => list(0, 1, 2)
    const { left, warnings, settle } = start()
    await settle([0, 1, 2])
    answer = then
    await settle(range(3, 5))
    expect(left).toEqual([])
    await settle([8])
    expect(left).toMatchObject([{ code: 'Unreliable', data: { orchestrator } }])
    // Who has nobody else comes back to it: what is still not to be had is no news.
    await settle(range(9, 20))
    expect(left).toHaveLength(1)
    expect(warnings).toEqual([])
  })

  it('and could never be had is told once, and blames nobody: the page may not be allowed to ask', async () => {
    answer = () => { throw new TypeError('blocked by a policy') }
    const { left, warnings, settle } = start()
    await settle(range(0, 30))
    expect(left).toEqual([])
    expect(warnings).toMatchObject([{ code: 'Unreliable' }])
  })

  it('is missing for a moment without a word', async () => {
    const { left, warnings, settle } = start()
    for (const seq of range(0, 12)) {
      answer = seq % 6 === 0 ? () => list(...range(0, 12)) : refuse(503)
      await settle([seq])
    }
    expect([...left, ...warnings]).toEqual([])
  })

  it('is not missing where this address has asked for much', async () => {
    answer = () => list(0)
    const { left, warnings, settle } = start()
    await settle([0])
    answer = refuse(429)
    await settle(range(1, 20))
    expect([...left, ...warnings]).toEqual([])
  })
})
