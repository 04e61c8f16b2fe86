/** A source of segments for tests: random bytes in the order and shape that captures have, at any pace. */

import type { Source } from '../src/broadcaster/startBroadcast.js'
import type { SegmentEvent } from '../src/media/segment.js'

export interface TestSource extends Source {
  readonly bitrates: number[]
  readonly isStopped: () => boolean
  /** Events that the reader has not taken yet. */
  readonly queued: () => number
}

/**
 * @param options.count - segments, then the end; endless by default
 * @param options.paceMs - from segment to segment
 */
export function createTestSource({ count = Number.POSITIVE_INFINITY, paceMs = 60, chunkBytes = 2_000, chunks = 5, framesPerSegment = 25 } = {}): TestSource {
  const bitrates: number[] = []
  let isStopped = false
  let controller: ReadableStreamDefaultController<SegmentEvent> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const random = (length: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(length))
  const end = (): void => {
    if (isStopped) return
    isStopped = true
    clearTimeout(timer)
    controller?.close()
  }
  let seq = 0
  let chunk = 0
  const step = (): void => {
    if (isStopped) return
    const startUs = seq * 1_000_000
    if (chunk === 0) controller?.enqueue({ type: 'open', seq, startUs })
    controller?.enqueue({ type: 'chunk', seq, bytes: random(chunkBytes) })
    if (++chunk === chunks) {
      controller?.enqueue({ type: 'close', seq, durationUs: 1_000_000, frames: framesPerSegment })
      chunk = 0
      if (++seq === count) return end()
    }
    timer = setTimeout(step, paceMs / chunks)
  }
  const events = new ReadableStream<SegmentEvent>(
    {
      start(given) {
        controller = given
        controller.enqueue({ type: 'header', bytes: random(200), format: { container: 'matroska', video: { codec: 'h264', width: 640, height: 360, frameRate: 25 } }, startTimeMs: Date.now() })
        timer = setTimeout(step, 0)
      },
      cancel() {
        isStopped = true
        clearTimeout(timer)
      },
    },
    { highWaterMark: 1_000_000 },
  )
  return {
    events,
    bitrates,
    isStopped: () => isStopped,
    queued: () => 1_000_000 - (controller?.desiredSize ?? 0),
    setBitrate: (bitrate) => void bitrates.push(bitrate),
    async stop() {
      if (!isStopped && chunk > 0) controller?.enqueue({ type: 'close', seq, durationUs: 500_000, frames: 12 })
      end()
    },
  }
}
