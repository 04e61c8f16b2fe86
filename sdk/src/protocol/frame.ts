/**
 * Frames of a data channel. Byte 0 is the kind:
 * 0 control: UTF-8 JSON of one message; 1 chunk: seq (u32, big-endian), attempt (u8), payload; 2 header: payload.
 */

import { StreamflowError } from '../errors/StreamflowError.js'
import { limits } from './limits.js'

/** A decoded frame. `bytes` are views into the message, not copies. */
export type Frame =
  | { readonly kind: 'control'; readonly text: string }
  | { readonly kind: 'chunk'; readonly seq: number; readonly attempt: number; readonly bytes: Uint8Array }
  | { readonly kind: 'header'; readonly bytes: Uint8Array }

const chunkHead = 6
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Bytes of a chunk, at most `limits.chunkBytes` of payload. */
export function encodeChunk(chunk: { readonly seq: number; readonly attempt: number; readonly bytes: Uint8Array }): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(chunkHead + chunk.bytes.length)
  frame[0] = 1
  new DataView(frame.buffer).setUint32(1, chunk.seq)
  frame[5] = chunk.attempt
  frame.set(chunk.bytes, chunkHead)
  return frame
}

/** Bytes of a stream header, at most `limits.headerBytes`. */
export function encodeHeader(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(1 + bytes.length)
  frame[0] = 2
  frame.set(bytes, 1)
  return frame
}

/** Bytes of a control message. */
export function encodeControl(text: string): Uint8Array<ArrayBuffer> {
  const body = encoder.encode(text)
  const frame = new Uint8Array(1 + body.length)
  frame.set(body, 1)
  return frame
}

function assertSize(what: string, got: number, limit: number): void {
  if (got > limit) throw new StreamflowError('MessageTooLarge', `${what} of ${got} bytes exceeds ${limit}`, { data: { limitBytes: limit, gotBytes: got } })
}

/**
 * Reads a frame.
 * @throws {@link StreamflowError} `BadMessage` if it is empty, of unknown kind or not UTF-8; `MessageTooLarge` beyond its limit
 */
export function decodeFrame(message: Uint8Array): Frame {
  assertSize('message', message.length, limits.messageBytes)
  switch (message[0]) {
    case 0:
      assertSize('control message', message.length - 1, limits.controlBytes)
      try {
        return { kind: 'control', text: decoder.decode(message.subarray(1)) }
      } catch (cause) {
        throw new StreamflowError('BadMessage', 'control message is not UTF-8', { cause })
      }
    case 1: {
      if (message.length <= chunkHead) throw new StreamflowError('BadMessage', 'chunk without payload')
      const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
      return { kind: 'chunk', seq: view.getUint32(1), attempt: view.getUint8(5), bytes: message.subarray(chunkHead) }
    }
    case 2:
      assertSize('header', message.length - 1, limits.headerBytes)
      return { kind: 'header', bytes: message.subarray(1) }
    default:
      throw new StreamflowError('BadMessage', `unknown kind of frame: ${message[0] ?? 'none'}`)
  }
}
