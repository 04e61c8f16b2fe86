/** The pictures in a rendition as it is delivered: what is left when the container is taken off. ISO/IEC 14496-12 §4.2. Pure. */

import { StreamflowError } from '../errors/StreamflowError.js'
import { concatBytes } from './ebml.js'

const headBytes = 8
const bad = (message: string): StreamflowError => new StreamflowError('BadMessage', `MP4: ${message}`)

/** Bytes of a box's body before the boxes in it. */
const skipped: Readonly<Record<string, number>> = { stsd: 8, avc1: 78 }
const configPath = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd', 'avc1', 'avcC'] as const

interface Box {
  readonly type: string
  readonly body: Uint8Array
}

/** @throws {@link StreamflowError} `BadMessage` if a box is cut short or its size is none */
function* listBoxes(bytes: Uint8Array): Generator<Box, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.length - at < headBytes ? 0 : view.getUint32(at)
    if (size < headBytes || at + size > bytes.length) throw bad('a box is cut short')
    yield { type: String.fromCharCode(...bytes.subarray(at + 4, at + headBytes)), body: bytes.subarray(at + headBytes, at + size) }
    at += size
  }
}

/** The `avcC` record of an init. @throws {@link StreamflowError} `BadMessage` if there is none */
export function readAvcC(init: Uint8Array): Uint8Array {
  let body = init
  for (const type of configPath) {
    const found = [...listBoxes(body)].find((box) => box.type === type)
    if (found === undefined) throw bad(`no ${type}`)
    body = found.body.subarray(skipped[type] ?? 0)
  }
  return body
}

/** What the `mdat` boxes of some fragments hold: the samples in their order. @throws {@link StreamflowError} `BadMessage` */
export function readSamples(fragments: Uint8Array): Uint8Array {
  return concatBytes([...listBoxes(fragments)].flatMap(({ type, body }) => (type === 'mdat' ? [body] : [])))
}
