/** Makes captured segments ready to travel: chunks of at most a message, lengths checked, the hash that receipts must name. */

import { sha256 } from '@noble/hashes/sha2'
import { StreamflowError } from '../../errors/StreamflowError.js'
import type { SegmentEvent } from '../../media/segment.js'
import { limits } from '../../protocol/limits.js'
import { bytesToHex, type Hex } from '../../units/hex.js'
import type { Streams } from '../../units/streams.js'

/** A captured event, ready to travel: `close` knows the hash. */
export type PreparedEvent = Exclude<SegmentEvent, { type: 'close' }> | (Extract<SegmentEvent, { type: 'close' }> & { readonly hash: Hex; readonly bytes: number })

/**
 * A stream that turns what capture makes into what is sent.
 * Fails with `SegmentTooLarge` for a header or segment beyond the protocol's limits.
 */
export function prepareSegments({ TransformStream }: Pick<Streams, 'TransformStream'> = globalThis): TransformStream<SegmentEvent, PreparedEvent> {
  let headed = sha256.create()
  let hash = headed.clone()
  let bytes = 0
  const handlers: Record<SegmentEvent['type'], (event: never, controller: TransformStreamDefaultController<PreparedEvent>) => void> = {
    header(event: Extract<SegmentEvent, { type: 'header' }>, controller) {
      if (event.bytes.length > limits.headerBytes) throw new StreamflowError('SegmentTooLarge', `the stream's header of ${event.bytes.length} bytes exceeds ${limits.headerBytes}`)
      headed = sha256.create().update(event.bytes)
      controller.enqueue(event)
    },
    open(event: Extract<SegmentEvent, { type: 'open' }>, controller) {
      hash = headed.clone()
      bytes = 0
      controller.enqueue(event)
    },
    chunk(event: Extract<SegmentEvent, { type: 'chunk' }>, controller) {
      bytes += event.bytes.length
      if (bytes > limits.segmentBytes) throw new StreamflowError('SegmentTooLarge', `segment ${event.seq} exceeds ${limits.segmentBytes} bytes`, { data: { limitBytes: limits.segmentBytes, seq: event.seq } })
      hash.update(event.bytes)
      for (let at = 0; at < event.bytes.length; at += limits.chunkBytes) {
        controller.enqueue({ ...event, bytes: event.bytes.subarray(at, at + limits.chunkBytes) })
      }
    },
    close(event: Extract<SegmentEvent, { type: 'close' }>, controller) {
      controller.enqueue({ ...event, hash: bytesToHex(hash.digest()), bytes })
    },
  }
  return new TransformStream<SegmentEvent, PreparedEvent>({
    transform: (event, controller) => handlers[event.type](event as never, controller),
  })
}
