/** A stream's work as the core runs it: a relay in a place of a pool, fed like a single transcode, all tickets accepted. */

import type { StreamflowError } from '@streamflow/sdk/errors'
import { Relay } from '../../orchestrator/src/core/streams/relay.js'
import { advance, openSegment, type SegmentState } from '../../orchestrator/src/core/streams/segment.js'
import { listRenditions } from '../../orchestrator/src/core/streams/segmentResult.js'
import type { RenditionInit, RenditionPart, RenditionSegment, TranscodeJob, Transcode, Transcoders } from '../../orchestrator/src/core/transcoding.js'

/** Where its output goes. */
export interface RelayedOutput {
  init(init: RenditionInit): void
  part(part: RenditionPart): void
  segment(segment: RenditionSegment): void
  /** The stream is given up. */
  failed(error: StreamflowError): void
}

/** Takes a place of the pool and starts a transcode there. @throws {@link StreamflowError} `Capped` */
export async function openRelayed(pool: Pick<Transcoders, 'admit'>, job: TranscodeJob, output: RelayedOutput): Promise<Transcode> {
  const terms = { ladder: job.ladder, hasAudio: job.input.audio !== undefined, spareFrames: 0 }
  const relay = new Relay(await pool.admit(job), listRenditions(terms), {
    init: (init) => output.init(init),
    part: (part) => output.part(part),
    segment: (segment) => output.segment(segment),
    forwarded: (segment) => Object.assign(segment, { state: advance(segment.state, { type: 'forwarded' }, terms).state }),
    died: () => undefined,
    lost(segment, error) {
      Object.assign(segment, { state: advance(segment.state, { type: 'transcodeFailed', error }, terms).state })
      relay.cut(segment)
    },
    failed: (error) => output.failed(error),
  }, job.exactService === undefined ? [] : job.ladder.map(({ name }) => name))
  relay.begin()
  let current: { readonly seq: number; readonly startUs: number; state: SegmentState } | undefined
  return {
    header: (bytes) => relay.setHeader(bytes),
    openSegment({ seq, startUs }) {
      const { state } = advance(openSegment(0), { type: 'ticketAccepted', attempt: 0, wei: 0n, isSettled: false }, terms)
      current = { seq, startUs, state }
      relay.add(current)
      relay.resume()
    },
    write(chunk) {
      if (current?.state.phase === 'open') relay.write(current, chunk)
      return true
    },
    closeSegment({ durationUs, frames }) {
      if (current !== undefined) relay.close(current, { durationUs, frames })
    },
    async end() {
      await relay.end()
      await relay.abort()
    },
    abort: () => relay.abort(),
  }
}
