/**
 * Frames on a byte stream between orchestrator and transcoder: a length of 4 bytes (big endian), then that many bytes.
 * What is inside is messages.ts; a message bus with its own framing (NATS) carries the same bodies without this file.
 */

import type { Writable } from 'node:stream'
import { StreamflowError } from '@streamflow/sdk/errors'
import { ByteQueue } from './byteQueue.js'
import { maxMessageBytes } from './messages.js'

/** A first piece of at most so many bytes is copied behind the length: one piece less to write costs less. */
const copiedBytes = 256

/**
 * Writes one frame, without copying its pieces but a short first one.
 * @param pieces - the body, in order
 * @returns false when the stream asks the caller to wait for its `drain`
 */
export function writeFrame(stream: Writable, pieces: readonly Uint8Array[]): boolean {
  const head = Buffer.allocUnsafe(4)
  head.writeUInt32BE(pieces.reduce((sum, piece) => sum + piece.length, 0))
  // Frames written in the same turn leave together.
  if (stream.writableCorked === 0) {
    stream.cork()
    setImmediate(() => stream.uncork())
  }
  const [first, ...rest] = pieces
  const isShort = first !== undefined && first.length <= copiedBytes
  let ready = stream.write(isShort ? Buffer.concat([head, first]) : head)
  for (const piece of isShort ? rest : pieces) ready = stream.write(piece)
  return ready
}

/** Cuts a byte stream into the bodies of its frames. */
export class FrameReader {
  readonly #queue = new ByteQueue()

  /**
   * Takes bytes in and gives every body that is now complete.
   * @throws {@link StreamflowError} `MessageTooLarge` if a length exceeds {@link maxMessageBytes}; the stream is then lost
   */
  read(bytes: Uint8Array): readonly Uint8Array[] {
    this.#queue.push(bytes)
    const bodies: Uint8Array[] = []
    while (this.#queue.length >= 4) {
      const head = this.#queue.peek(4)
      const length = ((head[0] ?? 0) * 0x1000000) + (((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0))
      if (length > maxMessageBytes) {
        throw new StreamflowError('MessageTooLarge', `frame: at most ${maxMessageBytes} bytes, got ${length}`, { data: { limitBytes: maxMessageBytes, gotBytes: length } })
      }
      if (this.#queue.length < 4 + length) break
      this.#queue.take(4)
      bodies.push(this.#queue.take(length))
    }
    return bodies
  }
}
