import { createHash } from 'node:crypto'
import type { Ladder } from '@streamflow/sdk/media'
import { hashExactService, listHashedBytes, services } from '@streamflow/sdk/payments'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixture, type Fixture } from '../../../../test/media-fixtures/matroskaFixture.js'
import { openRelayed } from '../../../../test/media-fixtures/relayedTranscode.js'
import { getTranscoderCommand } from '../../../../test/media-fixtures/transcoderBundle.js'
import { createJob, probeFrames, sendAll, TranscodeRecorder } from '../../../../test/media-fixtures/transcodeRecorder.js'
import { createTranscoders } from '../../adapters/transcoder/createTranscoders.js'
import type { Transcoders } from '../../core/transcoding.js'
import { findConfinement } from '../confinement.js'
import { identifyExactEncoder } from './identifyExactEncoder.js'
import { transcodeExactly } from './transcodeExactly.js'

const ladder: Ladder = [{ name: 'high', width: 320, height: 180, bitrate: 400_000 }, { name: 'low', width: 160, height: 90, bitrate: 150_000 }]

let fixture: Fixture
let exactService: `0x${string}`
let pool: Transcoders & { ready(): Promise<void> }
beforeAll(async () => {
  exactService = hashExactService(await identifyExactEncoder({ ffmpegPath: 'ffmpeg', confinement: await findConfinement('ffmpeg') }))
  let command: readonly string[]
  ;[command, fixture] = await Promise.all([getTranscoderCommand(), createFixture({ seconds: 4, rate: 25, videoFilter: 'noise=alls=20:allf=t' })])
  pool = createTranscoders({ count: 1, command, pixelsPerSecond: 1e9, log: () => undefined })
  await pool.ready()
}, 60_000)
afterAll(() => pool.close())

async function transcode(of: Fixture): Promise<TranscodeRecorder> {
  const recorder = new TranscodeRecorder()
  const job = createJob({ video: { frameRate: 25 }, ladder, exactService })
  await sendAll(await openRelayed(pool, job, recorder), of)
  expect(recorder.errors).toEqual([])
  return recorder
}

describe('a stream of the exact service', () => {
  it('has in each receipt what anybody gets from the segment alone', async () => {
    const recorder = await transcode(fixture)
    const command = { ffmpegPath: 'ffmpeg', confinement: await findConfinement('ffmpeg') }
    for (const [i, { name }] of ladder.entries()) {
      const segments = recorder.segmentsOf(name)
      expect(segments.map(({ seq }) => seq)).toEqual(fixture.segments.map(({ seq }) => seq))
      for (const [at, { hash, frames, seq }] of segments.entries()) {
        const alone = await transcodeExactly(command, { header: fixture.header, segment: Buffer.concat((fixture.segments[at]?.chunks ?? []).map(({ bytes }) => bytes)), ladder })
        if ('refusal' in alone) throw alone.refusal
        expect([seq, hash, frames]).toEqual([seq, alone[i]?.hash, alone[i]?.frames])
        const delivered = { rendition: name, init: recorder.inits.get(name)?.bytes ?? new Uint8Array(), media: Buffer.concat(recorder.partsOf(name, seq).map(({ bytes }) => bytes)) }
        expect(`0x${createHash('sha256').update(Buffer.concat(listHashedBytes(services.CPUTranscoding, delivered))).digest('hex')}`).toBe(hash)
      }
    }
  })

  it('is watched like any other: parts that follow on, with pictures that decode, and sound', async () => {
    const recorder = await transcode(fixture)
    for (const { name } of ladder) {
      for (const segment of recorder.segmentsOf(name)) {
        const parts = recorder.partsOf(name, segment.seq)
        expect(parts[0]?.independent).toBe(true)
        for (const [i, part] of parts.entries()) if (i > 0) expect(part.startUs).toBe((parts[i - 1]?.startUs ?? 0) + (parts[i - 1]?.durationUs ?? 0))
        const { frames, complaints } = await probeFrames(recorder.mp4Of(name, segment.seq))
        expect(complaints).toBe('')
        expect(frames).toHaveLength(segment.frames)
      }
    }
    expect(recorder.segmentsOf('audio').map(({ frames }) => frames > 0)).toEqual(fixture.segments.map(() => true))
  })

  it('is made by no transcoder with another encoder: it would cost stake', async () => {
    const recorder = new TranscodeRecorder()
    await openRelayed(pool, createJob({ video: { frameRate: 25 }, ladder, exactService: `0x${'1'.repeat(64)}` }), recorder)
    await recorder.until(() => recorder.errors.length > 0)
    expect(recorder.errors).toMatchObject([{ code: 'Unsupported' }])
  })

  it('goes on behind a segment that was lost', async () => {
    const recorder = await transcode({ ...fixture, segments: fixture.segments.filter(({ seq }) => seq !== 1) })
    const whole = await transcode(fixture)
    const [partial, all] = [recorder, whole].map((seen) => new Map(seen.segmentsOf('low').map(({ seq, hash }) => [seq, hash]))) as [Map<number, string>, Map<number, string>]
    expect([...partial.keys()]).toEqual([0, 2, 3])
    for (const [seq, hash] of partial) expect(hash).toBe(all.get(seq))
  })
})
