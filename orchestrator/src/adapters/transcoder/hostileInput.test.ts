/** Media that lie in their structure, through real ffmpeg: what comes out, and what it takes, is bounded by what is counted. */

import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { concatBytes, ebmlId, encodeElement, encodeElementHead, unknownSize } from '@streamflow/sdk/media'
import { createFixture, type Fixture } from '../../../../test/media-fixtures/matroskaFixture.js'
import { openRelayed } from '../../../../test/media-fixtures/relayedTranscode.js'
import { getTranscoderCommand } from '../../../../test/media-fixtures/transcoderBundle.js'
import { createJob, TranscodeRecorder } from '../../../../test/media-fixtures/transcodeRecorder.js'
import { openInput } from '../../core/input/inputMeter.js'
import type { Transcoders } from '../../core/transcoding.js'
import { createTranscoders } from './createTranscoders.js'

const ladder = [{ name: 'low', width: 160, height: 90, bitrate: 100_000 }]
const job = createJob({ ladder, video: { width: 320, height: 180 } })
/** Processor time of a whole stream: what starting and ending ffmpeg takes, and far more than a pixel does. */
const allowed = { seconds: 5, secondsPerMillionPixels: 0.5 } as const
let pool: Transcoders & { ready(): Promise<void> }
let pid = 0
let fixture: Fixture

beforeAll(async () => {
  pool = createTranscoders({
    count: 1, command: await getTranscoderCommand(), pixelsPerSecond: 1e9,
    log: (event) => {
      if (event.type === 'transcoderReady') pid = event.pid ?? 0
    },
  })
  ;[fixture] = await Promise.all([createFixture({ seconds: 3, width: 320, height: 180 }), pool.ready()])
}, 60_000)
afterAll(() => pool.close())

/** Seconds of the transcoder's children that have ended (proc_pid_stat(5): cutime, cstime). */
async function readChildSeconds(): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

/** What is done to the blocks of a segment. */
const anyLie = fc.oneof(
  fc.record({ type: fc.constantFrom('drop' as const, 'repeat' as const, 'swap' as const, 'damage' as const, 'group' as const, 'wrap' as const), at: fc.nat(80), to: fc.nat(80) }),
  fc.record({ type: fc.constant('time' as const), at: fc.nat(80), to: fc.integer({ min: -0x8000, max: 0x7fff }) }),
  fc.record({ type: fc.constant('cluster' as const), at: fc.nat(80), to: fc.nat(2 ** 31) }),
)
type Lie = typeof anyLie extends fc.Arbitrary<infer T> ? T : never

/** A block's content without the head of its element: the fixture writes the size in four bytes. */
const contentOf = (block: Uint8Array): Uint8Array => block.slice(5)

function tell(blocks: readonly Uint8Array[], { type, at, to }: Lie): readonly Uint8Array[] {
  const index = at % blocks.length
  const block = blocks[index] ?? new Uint8Array(0)
  const replace = (...by: readonly Uint8Array[]): readonly Uint8Array[] => [...blocks.slice(0, index), ...by, ...blocks.slice(index + 1)]
  if (type === 'drop') return replace()
  if (type === 'repeat') return replace(...Array<Uint8Array>(1 + (to % 40)).fill(block))
  if (type === 'swap') return blocks.map((other, i) => (i === index ? (blocks[to % blocks.length] ?? other) : i === to % blocks.length ? block : other))
  if (type === 'damage') return replace(block.map((byte, i) => (i > 12 && i % (2 + (to % 30)) === 0 ? byte ^ 0xff : byte)))
  if (type === 'group') return replace(encodeElement(ebmlId.blockGroup, [encodeElement(ebmlId.block, contentOf(block)), encodeElement(ebmlId.block, contentOf(block))]))
  if (type === 'wrap') return replace(encodeElementHead([ebmlId.segment, ebmlId.tracks, ebmlId.cluster, 0xec][to % 4] ?? 0xec, to % 2 === 0 ? unknownSize : to), block)
  if (type === 'time') return replace(block.map((byte, i) => (i === 6 ? (to >> 8) & 0xff : i === 7 ? to & 0xff : byte)))
  return replace(encodeElementHead(ebmlId.cluster, unknownSize), encodeElement(ebmlId.timestamp, Uint8Array.of(to >> 24, to >> 16, to >> 8, to)), block)
}

test('a segment of any structure comes out with no more pictures than are counted in it, for no more processor time than they may take', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.array(anyLie, { maxLength: 12 }), { minLength: 3, maxLength: 3 }), async (lies) => {
    const before = await readChildSeconds()
    const recorder = new TranscodeRecorder()
    const running = await openRelayed(pool, job, recorder)
    running.header(fixture.header)
    const input = openInput(fixture.header, job)
    const counted: number[] = []
    fixture.segments.forEach((segment, i) => {
      const meter = input.openSegment()
      const [head = new Uint8Array(0)] = segment.chunks.map(({ bytes }) => bytes)
      // The first chunk holds the cluster's head and a block.
      const blocks = (lies[i] ?? []).reduce<readonly Uint8Array[]>(tell, [head.slice(18), ...segment.chunks.slice(1).map(({ bytes }) => bytes)])
      running.openSegment(segment)
      for (const piece of [head.slice(0, 18), ...blocks]) {
        try {
          meter.take(concatBytes([piece]))
        } catch {
          break // refused at once: the rest never gets here
        }
        running.write(piece)
      }
      counted.push(meter.frames)
      running.closeSegment(segment)
    })
    await running.end()
    counted.forEach((frames, seq) => {
      const shown = recorder.partsOf('low', seq).reduce((sum, part) => sum + part.frames, 0)
      expect(shown).toBeLessThanOrEqual(frames)
      const us = recorder.partsOf('low', seq).reduce((sum, part) => sum + part.durationUs, 0)
      expect(us).toBeLessThanOrEqual(2_000_000)
    })
    const pixels = counted.reduce((sum, frames) => sum + frames * (160 * 90 + 320 * 180), 0)
    await expect.poll(readChildSeconds).toBeGreaterThan(before)
    expect((await readChildSeconds()) - before).toBeLessThan(allowed.seconds + (pixels / 1e6) * allowed.secondsPerMillionPixels)
  }), { numRuns: 25 })
})
