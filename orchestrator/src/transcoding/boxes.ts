/** Reading ISO base media boxes (ISO/IEC 14496-12 §4.2): from a stream at the top level, by path inside. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { ByteQueue } from './byteQueue.js'

/** Largest box that is read from an encoder's output. */
const maxBoxBytes = 16 * 1024 * 1024

/** A box: its four-letter type, all its bytes, and its body. */
export interface Box {
  readonly type: string
  readonly bytes: Uint8Array
  readonly body: DataView
}

/** A view of bytes, without copying. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function boxAt(bytes: Uint8Array, offset: number): Box | undefined {
  if (offset + 8 > bytes.length) return undefined
  const view = viewOf(bytes)
  const size = view.getUint32(offset)
  if (size < 8 || offset + size > bytes.length) return undefined
  const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8))
  const whole = bytes.subarray(offset, offset + size)
  return { type, bytes: whole, body: viewOf(whole.subarray(8)) }
}

/** The boxes inside `parent`, in order. */
export function* childBoxes(parent: DataView, skipBytes = 0): Generator<Box> {
  const bytes = new Uint8Array(parent.buffer, parent.byteOffset, parent.byteLength)
  for (let offset = skipBytes; ;) {
    const box = boxAt(bytes, offset)
    if (box === undefined) return
    yield box
    offset += box.bytes.length
  }
}

/** The first box at `path` below `parent`, e.g. `['mvex', 'trex']`. */
export function findBox(parent: DataView, path: readonly string[]): Box | undefined {
  const [type, ...rest] = path
  for (const box of childBoxes(parent)) {
    if (box.type === type) return rest.length === 0 ? box : findBox(box.body, rest)
  }
  return undefined
}

/** Cuts an encoder's output into top-level boxes. */
export class BoxReader {
  readonly #queue = new ByteQueue()

  /**
   * Takes bytes in and gives every box that is now whole.
   * @throws {@link StreamflowError} `TranscodeFailed` if a size is out of range
   */
  read(bytes: Uint8Array): readonly Box[] {
    this.#queue.push(bytes)
    const boxes: Box[] = []
    while (this.#queue.length >= 8) {
      const size = viewOf(this.#queue.peek(4)).getUint32(0)
      if (size < 8 || size > maxBoxBytes) throw new StreamflowError('TranscodeFailed', `encoder output: a box of ${size} bytes`)
      if (this.#queue.length < size) break
      const box = boxAt(this.#queue.take(size), 0)
      if (box !== undefined) boxes.push(box)
    }
    return boxes
  }
}
