/** Transcoders without ffmpeg: of every segment they make what a perfect one would, whatever its bytes are, as soon as it is whole. */

import type { Transcode, TranscodeEvents, TranscodeJob, Transcoders } from '../../orchestrator/src/core/transcoding.js'

/** Samples of one AAC frame, and their rate in what transcoders make. */
const audioFramesPerSecond = 48_000 / 1_024

/** @param readDelayMs - how much later than at its end a segment comes out */
export function createPerfectTranscoders(readDelayMs: () => number): Transcoders {
  return {
    admit: (job) => Promise.resolve({ start: (events) => Promise.resolve(startTranscode(job, events, readDelayMs)), release: () => undefined }),
    capacity: () => ({ offeredPixelsPerSecond: 1e9, takenPixelsPerSecond: 0 }),
    close: () => Promise.resolve(),
  }
}

function startTranscode({ ladder, input }: TranscodeJob, events: TranscodeEvents, readDelayMs: () => number): Transcode {
  const pictures = ladder.map(({ name }) => name)
  const renditions = input.audio === undefined ? pictures : [...pictures, 'audio']
  let startUs = 0
  let hasBegun = false
  let isAborted = false
  let done: Promise<unknown> = Promise.resolve()
  const begin = (): void => {
    hasBegun = true
    for (const rendition of renditions) events.init({ rendition, bytes: Buffer.from(`init of ${rendition}`), codecs: rendition === 'audio' ? 'mp4a.40.2' : 'avc1.42c01e' })
  }
  const make = (rendition: string, { seq, durationUs, frames }: Parameters<Transcode['closeSegment']>[0], from: number): void => {
    const count = rendition === 'audio' ? Math.round((durationUs / 1e6) * audioFramesPerSecond) : frames
    if (count > 0) events.part({ rendition, seq, index: 0, bytes: Buffer.from(`segment ${seq} of ${rendition}`), startUs: from, durationUs, independent: true, frames: count })
    events.segment({ rendition, seq })
  }
  return {
    header: () => undefined,
    openSegment: (segment) => void (startUs = segment.startUs),
    write: () => true,
    closeSegment(segment) {
      const from = startUs
      const delayMs = readDelayMs()
      const due = delayMs > 0 ? new Promise((resolve) => setTimeout(resolve, delayMs)) : Promise.resolve()
      // In order, and never before the caller is done with the call.
      done = Promise.all([done, due]).then(() => {
        if (isAborted) return
        if (!hasBegun) begin()
        for (const rendition of renditions) make(rendition, segment, from)
      })
    },
    async end() {
      await done
    },
    async abort() {
      isAborted = true
    },
  }
}
