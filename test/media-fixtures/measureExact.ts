/** What the exact service costs over the ordinary one: the same stream through both, at its own pace. */

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { processorAccelerator } from '../../orchestrator/src/transcoding/accelerators/accelerator.js'
import { ExactPipeline } from '../../orchestrator/src/transcoding/exact/exactPipeline.js'
import { findConfinement } from '../../orchestrator/src/transcoding/confinement.js'
import { Pipeline, type PipelineEvents } from '../../orchestrator/src/transcoding/pipeline.js'
import { createFixture, type Fixture } from './matroskaFixture.js'
import { createJob } from './transcodeRecorder.js'

/** What one service took. */
export interface ServiceCost {
  /** Processor seconds of ffmpeg. */
  readonly processorSeconds: number
  /** From the write of a part's last picture to the part, milliseconds. */
  readonly latencyMs: { readonly p50: number; readonly p95: number }
  readonly segments: number
}

const ticksPerSecond = 100

/** Processor seconds of children that have ended. */
function readChildSeconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) /, '').split(' ')
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
}

const quantile = (values: readonly number[], share: number): number => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0

async function measure(isExact: boolean, fixture: Fixture): Promise<ServiceCost> {
  const command = { ffmpegPath: 'ffmpeg', confinement: await findConfinement('ffmpeg') }
  const written: { readonly timeUs: number; readonly atMs: number }[] = []
  const lagsMs: number[] = []
  let segments = 0
  const before = readChildSeconds()
  await new Promise<void>((resolve, reject) => {
    const events: PipelineEvents = {
      init: () => undefined,
      part: (rendition, { startUs, durationUs }) => {
        if (rendition === 'audio') return
        const last = written.filter(({ timeUs }) => timeUs < startUs + durationUs - 5_000).at(-1)
        if (last !== undefined) lagsMs.push(performance.now() - last.atMs)
      },
      segment: (rendition) => void (rendition === '360p' && segments++),
      consumed: () => undefined, ended: () => resolve(), failed: reject,
    }
    const job = createJob()
    const run = async (): Promise<void> => {
      const pipeline = isExact ? new ExactPipeline({ job, command, events }) : new Pipeline({ job, command, events, accelerator: processorAccelerator, cores: availableParallelism() })
      pipeline.header(fixture.header)
      const startMs = performance.now()
      for (const { seq, startUs, durationUs, chunks } of fixture.segments) {
        pipeline.openSegment(seq, startUs)
        for (const { timeUs, bytes } of chunks) {
          await new Promise((done) => setTimeout(done, startMs + timeUs / 1_000 - performance.now()))
          pipeline.write(bytes)
          written.push({ timeUs, atMs: performance.now() })
        }
        pipeline.closeSegment(durationUs)
      }
      pipeline.end()
    }
    run().catch(reject)
  })
  // The last child is reaped before its parent hears of it.
  await new Promise((done) => setTimeout(done, 200))
  return { processorSeconds: readChildSeconds() - before, latencyMs: { p50: quantile(lagsMs, 0.5), p95: quantile(lagsMs, 0.95) }, segments }
}

/** Both, one after the other. */
export async function measureExact(seconds: number): Promise<{ readonly ordinary: ServiceCost; readonly exact: ServiceCost }> {
  const fixture = await createFixture({ seconds })
  return { ordinary: await measure(false, fixture), exact: await measure(true, fixture) }
}
