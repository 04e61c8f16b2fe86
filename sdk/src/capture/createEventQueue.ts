/** The ReadableStream of segment events between a capture, which cannot wait, and its reader, which may be slow. */

import type { StreamflowError } from '../errors/StreamflowError.js'
import type { SegmentEvent } from '../media/segment.js'

/** The queue; see `createEventQueue`. */
export interface EventQueue {
  readonly stream: ReadableStream<SegmentEvent>
  push(event: SegmentEvent): void
  end(): void
  fail(error: StreamflowError): void
}

/** Who hears of the reader. */
export interface EventQueueListener {
  /** The queue is full (`true`) or has room again: the source should leave frames out, or go on. */
  readonly onFlow: (isPaused: boolean) => void
  readonly onCancel: () => void
}

/**
 * Creates a queue. Events are never dropped, for that would break segments: above `maxQueuedBytes` the source is told
 * to pause, and told to go on when the reader has caught up.
 */
export function createEventQueue(maxQueuedBytes: number, { onFlow, onCancel }: EventQueueListener): EventQueue {
  let controller: ReadableStreamDefaultController<SegmentEvent> | undefined
  let isPaused = false
  const setPaused = (next: boolean): void => {
    if (next === isPaused) return
    isPaused = next
    onFlow(next)
  }
  const stream = new ReadableStream<SegmentEvent>(
    {
      start: (created) => {
        controller = created
      },
      pull: () => setPaused(false),
      cancel: () => {
        controller = undefined
        onCancel()
      },
    },
    { highWaterMark: maxQueuedBytes, size: (event) => ('bytes' in event ? event.bytes.length : 1) },
  )
  return {
    stream,
    push(event) {
      if (!controller) return
      controller.enqueue(event)
      if ((controller.desiredSize ?? 0) <= 0) setPaused(true)
    },
    end() {
      controller?.close()
      controller = undefined
    },
    fail(error) {
      controller?.error(error)
      controller = undefined
    },
  }
}
