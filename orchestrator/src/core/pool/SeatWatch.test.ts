import { createHash } from 'node:crypto'
import { beforeEach, expect, it } from 'vitest'
import type { TranscodeJob } from '../transcoding.js'
import { SeatWatch, type MadeSegment } from './SeatWatch.js'
import { createAccount, type PoolPolicy } from './standing.js'

const policy: PoolPolicy = { payPerMillionPixels: 1_000_000n, pricePerMillionPixels: 2_000_000n, deposit: 0n, allowance: 10n ** 12n, leastCheckedOneIn: 20, minimumPayout: 0n }
const job: TranscodeJob = {
  streamId: `0x${'1'.repeat(64)}`, input: { container: 'matroska', video: { codec: 'h264', width: 20, height: 10, frameRate: 10 } },
  ladder: [{ name: 'low', width: 20, height: 10, bitrate: 1_000 }], partDurationMs: 100, segmentDurationMs: 1_000,
}
const usual = 2n * 10n * 200n
const hashOf = (...pieces: string[]): `0x${string}` => `0x${createHash('sha256').update(pieces.join('')).digest('hex')}`

let seen: { inWork: bigint; made: MadeSegment[]; refused: string[]; unsigned: number; ended: number }
let mayWork = true
let watch: SeatWatch

beforeEach(() => {
  seen = { inWork: 0n, made: [], refused: [], unsigned: 0, ended: 0 }
  mayWork = true
  watch = new SeatWatch({
    job, policy, account: () => createAccount({ member: 'U', payTo: '0x01', since: 1 }), mayWork: () => mayWork, addInWork: (amount) => void (seen.inWork += amount),
    isSigned: (_result, signature) => signature === '0x01',
    sha256() {
      const hash = createHash('sha256')
      return { update: (bytes) => void hash.update(bytes), digest: () => `0x${hash.digest('hex')}` }
    },
    random: () => 0, onMade: (made) => seen.made.push(made), onRefused: (reason) => seen.refused.push(reason), onUnsigned: () => void seen.unsigned++, onEnd: () => void seen.ended++,
  })
  watch.header(Buffer.from('head'))
})

const send = (seq: number, frames = 10): void => {
  expect(watch.openSegment({ seq, startUs: seq * 1_000_000 })).toBe(true)
  watch.write(Buffer.from(`chunk ${seq}`))
  watch.closeSegment({ seq, durationUs: 1_000_000, frames })
}
const make = (seq: number, frames = 10): void => watch.part({ rendition: 'low', seq, index: 0, bytes: Buffer.from(`part ${seq}`), startUs: 0, durationUs: 0, independent: true, frames })
const sign = (seq: number, { frames = 10, pixels = 2_000n, hash = hashOf(`part ${seq}`), signature = '0x01' as `0x${string}` } = {}): void => watch.result({ seq, outputs: [{ rendition: 'low', hash, frames }], pixels, signature })

it('counts what came out by what went in, whatever it is that comes at once, and keeps what is to be checked', () => {
  for (let seq = 0; seq < 40; seq++) send(seq)
  expect(seen.inWork).toBe(40n * usual)
  for (let seq = 0; seq < 40; seq++) {
    make(seq)
    sign(seq)
  }
  expect([seen.made.length, seen.refused, seen.made[7]?.result]).toEqual([40, [], { streamId: job.streamId, seq: 7, source: hashOf('head', 'chunk 7'), outputs: [{ rendition: 'low', hash: hashOf('part 7'), frames: 10 }], pixels: 2_000n }])
  expect(Buffer.from(seen.made[7]?.specimen?.source ?? '').toString()).toBe('chunk 7')
  for (const { work, onCredited } of seen.made) {
    expect(work).toEqual({ pixels: 2_000n, earned: 2_000n, atRisk: usual })
    onCredited()
  }
  watch.end()
  watch.end()
  expect([seen.inWork, seen.unsigned, seen.ended]).toEqual([0n, 0, 1])
})

it('pays for no more pictures than the source has, and for no segment that lacks a rung', () => {
  send(0, 4)
  make(0, 10)
  sign(0, { pixels: 800n })
  send(1)
  watch.result({ seq: 1, outputs: [], pixels: 0n, signature: '0x01' })
  expect([seen.made.map(({ work }) => work.pixels), seen.refused]).toEqual([[800n], []])
})

it.each([
  ['another hash', { hash: hashOf('else') }], ['more pixels', { pixels: 2_001n }], ['more frames', { frames: 11 }], ['another’s signature', { signature: '0x02' as const }],
])('refuses %s', (_what, change) => {
  send(0)
  make(0)
  sign(0, change)
  expect([seen.made, seen.refused.length, seen.inWork]).toEqual([[], 1, 0n])
})

it('refuses who goes on without signing, counts who leaves before, and gives nothing that is not covered', () => {
  for (let seq = 0; seq < 4; seq++) send(seq)
  for (let seq = 0; seq < 3; seq++) make(seq)
  expect(seen.refused).toEqual([])
  make(3)
  expect(seen.refused.length).toBe(1)
  mayWork = false
  expect(watch.openSegment({ seq: 4, startUs: 0 })).toBe(false)
  watch.end()
  expect([seen.unsigned, seen.inWork]).toEqual([1, 0n])
})
