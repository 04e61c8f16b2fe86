import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import type { Ladder } from '@streamflow/sdk/media'
import { hashExactService } from '@streamflow/sdk/payments'
import { beforeAll, describe, expect, it } from 'vitest'
import { createFixture, type Fixture, type FixtureSegment } from '../../../../test/media-fixtures/matroskaFixture.js'
import { findConfinement } from '../confinement.js'
import type { FfmpegCommand } from '../ffmpegProcess.js'
import { identifyExactEncoder } from './identifyExactEncoder.js'
import { transcodeExactly, type ExactInput, type ExactOutput } from './transcodeExactly.js'

const ladder: Ladder = [
  { name: 'high', width: 320, height: 180, bitrate: 400_000 },
  { name: 'low', width: 160, height: 90, bitrate: 150_000 },
]
const bytesOf = ({ chunks }: FixtureSegment): Uint8Array => Buffer.concat(chunks.map(({ bytes }) => bytes))

/** Puts a command on one processor, where the machine can. */
const taskset = ['taskset', '-c', '0']
const oneProcessor = spawnSync(taskset[0] ?? '', [...taskset.slice(1), 'true']).status === 0 ? taskset : []

let command: FfmpegCommand
let fixture: Fixture

async function make(input: Partial<ExactInput> = {}, by = command): Promise<readonly ExactOutput[]> {
  const result = await transcodeExactly(by, { header: fixture.header, segment: bytesOf(fixture.segments[1] as FixtureSegment), ladder, ...input })
  if ('refusal' in result) throw result.refusal
  return result
}

const hashesOf = (outputs: readonly ExactOutput[]): readonly string[] => outputs.map(({ hash }) => hash)

describe('transcodeExactly', () => {
  beforeAll(async () => {
    command = { ffmpegPath: 'ffmpeg', confinement: await findConfinement('ffmpeg') }
    fixture = await createFixture({ seconds: 3, rate: 25, videoFilter: 'noise=alls=30:allf=t' })
  })

  it('makes the same bytes each time, whoever else runs, on one processor or all', async () => {
    const [once, again] = await Promise.all([make(), make()])
    const confined = await make({}, { ...command, confinement: [...oneProcessor, ...command.confinement] })
    expect(hashesOf(again)).toEqual(hashesOf(once))
    expect(hashesOf(confined)).toEqual(hashesOf(once))
    expect(once.map(({ rendition, frames }) => [rendition, frames])).toEqual([['high', 25], ['low', 25]])
    expect(once.map(({ pictures }) => `0x${createHash('sha256').update(pictures).digest('hex')}`)).toEqual(hashesOf(once))
  })

  it('knows nothing of the segments before it', async () => {
    const [first, second] = await Promise.all([0, 1].map((i) => make({ segment: bytesOf(fixture.segments[i] as FixtureSegment) })))
    expect(hashesOf(second as readonly ExactOutput[])).not.toEqual(hashesOf(first as readonly ExactOutput[]))
    // A segment cut out of another stream with the same header: alone, it is the same segment.
    expect(hashesOf(await make())).toEqual(hashesOf(second as readonly ExactOutput[]))
  })

  it('shows every picture in its slot, and repeats it through a hole without counting it', async () => {
    const chunks = (fixture.segments[1] as FixtureSegment).chunks
    const withHole = Buffer.concat(chunks.filter((_, i) => i < chunks.length / 3 || i > chunks.length / 2).map(({ bytes }) => bytes))
    const [whole, holed] = await Promise.all([make(), make({ segment: withHole })])
    expect(holed[0]?.frames).toBeLessThan(whole[0]?.frames ?? 0)
    expect(hashesOf(holed)).not.toEqual(hashesOf(whole))
    expect(hashesOf(await make({ segment: withHole }))).toEqual(hashesOf(holed))
  })

  it('is decoded by anybody: what is hashed is a stream of H.264 in the size that was ordered', async () => {
    const [high] = await make()
    const pictures = Buffer.from(high?.pictures ?? [])
    const annexB = toAnnexB(pictures)
    const shown = execFileSync('ffprobe', ['-loglevel', 'error', '-count_frames', '-show_entries', 'stream=width,height,nb_read_frames', '-of', 'csv=p=0', '-f', 'h264', 'pipe:0'], { input: annexB }).toString().trim()
    expect(shown).toBe('320,180,25')
  })

  it('says of a source that cannot be one that nobody can make anything of it', async () => {
    const garbage = { header: new Uint8Array(64).fill(7), segment: new Uint8Array(1_000).fill(9), ladder }
    expect(await transcodeExactly(command, garbage)).toMatchObject({ refusal: { code: 'BadMessage' } })
  })

  it('has an id that follows from the encoder that is found here', async () => {
    const [one, two] = await Promise.all([identifyExactEncoder(command), identifyExactEncoder({ ...command, confinement: [...oneProcessor, ...command.confinement] })])
    expect(two).toEqual(one)
    expect(one.version).toMatch(/^x264 - core \d+/)
    expect(hashExactService(one)).not.toBe(hashExactService({ ...one, trial: '0000000000000000' }))
  })
})

/** Start codes instead of lengths, and the parameter sets in front. */
function toAnnexB(pictures: Buffer): Buffer {
  const startCode = Buffer.from([0, 0, 0, 1])
  const pieces: Buffer[] = []
  let at = 5
  for (let kind = 0; kind < 2; kind++) {
    const count = (pictures[at++] ?? 0) & 31
    for (let i = 0; i < count; i++) {
      const length = pictures.readUInt16BE(at)
      pieces.push(startCode, pictures.subarray(at + 2, at + 2 + length))
      at += 2 + length
    }
  }
  while (at < pictures.length) {
    const length = pictures.readUInt32BE(at)
    pieces.push(startCode, pictures.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return Buffer.concat(pieces)
}
