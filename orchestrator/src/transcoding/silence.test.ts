/** Silent packets as ffmpeg decodes them. */

import { parseMatroskaHeader } from '@streamflow/sdk/media'
import { expect, test } from 'vitest'
import { runWithInput } from '../../../test/media-fixtures/transcodeRecorder.js'
import { encodeBlock, MatroskaGate } from './matroskaGate.js'
import { composeSilence } from './silence.js'

const rate = 48_000
const clusterId = Buffer.from([0x1f, 0x43, 0xb6, 0x75])
const matroska = ['-f', 'matroska', '-live', '1', '-cluster_size_limit', '1', '-']
const tone = 'aevalsrc=exprs=0.5*sin(2*PI*1000*t)|0.5*sin(2*PI*1000*t):s=48000:d=0.5:c=stereo'

/** A tone after two silent packets; where it begins, and how loud each 10 ms are. */
async function playAfterSilence(codec: readonly string[]): Promise<{ readonly levels: readonly number[]; readonly toneAt: number }> {
  const { stdout } = await runWithInput('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', tone, ...codec, ...matroska], Buffer.of())
  const head = stdout.subarray(0, stdout.indexOf(clusterId))
  const header = parseMatroskaHeader(head)
  const tickUs = header.timestampScaleNs / 1000
  const gate = new MatroskaGate(header)
  const [track] = header.tracks
  if (track === undefined) throw new Error('the fixture has no track')
  gate.openSegment()
  const sounds = gate.read(stdout.subarray(head.length))
  const { bytes: payload, durationUs } = composeSilence(track)
  const startUs = 2 * durationUs
  const opened = [0, durationUs].flatMap((us) => encodeBlock({ track: track.number, flags: 0x80, payload }, Math.round(us / tickUs)))
  const media = Buffer.concat([head, ...opened, ...sounds.flatMap((block) => encodeBlock(block, Math.round((startUs + block.timeUs) / tickUs)))])
  const decoded = await runWithInput('ffmpeg', ['-v', 'error', '-f', 'matroska', '-i', '-', '-ac', '1', '-f', 's16le', '-ar', String(rate), '-'], media)
  expect(decoded.stderr).toBe('')
  const window = rate / 100
  const levels = Array.from({ length: Math.floor(decoded.stdout.length / 2 / window) }, (_, i) =>
    Math.sqrt(Array.from({ length: window }, (__, j) => decoded.stdout.readInt16LE(2 * (i * window + j)) ** 2).reduce((sum, square) => sum + square) / window))
  return { levels, toneAt: Math.floor(startUs / 10_000) }
}

/** AAC's first frame is its encoder's own. */
test.each([['opus', ['-c:a', 'libopus', '-b:a', '128k'], 1], ['aac', ['-c:a', 'aac', '-b:a', '128k'], 3]] as const)(
  '%s is silent, and what follows is as loud as it was sent from its first packet on',
  async (_, codec, first) => {
    const { levels, toneAt } = await playAfterSilence(codec)
    expect(Math.max(...levels.slice(0, toneAt - 1))).toBeLessThan(2)
    const steady = levels[toneAt + 20] ?? 0
    expect(steady).toBeGreaterThan(5_000)
    for (const level of levels.slice(toneAt + first, toneAt + 12)) expect(level / steady).toBeGreaterThan(0.9)
  },
)
