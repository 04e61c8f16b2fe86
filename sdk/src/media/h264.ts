/** What of H.264 must be known to pass it on: where decoding can begin, and that its parameters stay as they are (ITU-T H.264 §7.4.1, ISO/IEC 14496-15 §5.3.3). Pure. */

import { parseSpsSize, type CodedPicture } from './sps.js'

const nalType = { slice: 1, partition: 2, idr: 5, sequenceParameters: 7, pictureParameters: 8 } as const
const typeMask = 31

/** A NAL unit's type and bytes. */
interface Nal {
  readonly type: number
  readonly bytes: Uint8Array
}

/** An `avcC` record. */
export interface H264Parameters {
  /** Bytes of each NAL unit's length. */
  readonly lengthSize: number
  /** Sequence and picture parameter sets. */
  readonly sets: readonly Uint8Array[]
}

/** Reads an `avcC` record; `undefined` if it is none, or hides more of one than it says. */
export function parseAvcC(record: Uint8Array | undefined): H264Parameters | undefined {
  if (record === undefined || record.length < 7 || record[0] !== 1) return undefined
  const sets: Uint8Array[] = []
  let at = 5
  for (const mask of [typeMask, 255]) {
    const count = (record[at++] ?? 0) & mask
    for (let i = 0; i < count; i++) {
      const length = ((record[at] ?? 0) << 8) | (record[at + 1] ?? 0)
      const set = record.subarray(at + 2, at + 2 + length)
      if (length === 0 || set.length < length || hasStartCode(set)) return undefined
      sets.push(set)
      at += 2 + length
    }
  }
  return { lengthSize: ((record[4] ?? 0) & 3) + 1, sets }
}

/** The picture sizes of all sequence parameter sets of a record; `undefined` in place of one that is damaged. */
export function listPictureSizes({ sets }: H264Parameters): readonly (CodedPicture | undefined)[] {
  return sets.filter(([first = 0]) => (first & typeMask) === nalType.sequenceParameters).map(parseSpsSize)
}

function* listNals(frame: Uint8Array, lengthSize: number): Generator<Nal, void> {
  for (let at = 0; at + lengthSize < frame.length; ) {
    let length = 0
    for (let i = 0; i < lengthSize; i++) length = length * 256 + (frame[at + i] ?? 0)
    at += lengthSize
    const bytes = frame.subarray(at, at + length)
    if (bytes.length > 0) yield { type: (bytes[0] ?? 0) & typeMask, bytes }
    at += length
  }
}

/**
 * Looks into one frame.
 * @returns `isIdr`: decoding can begin here, whatever the container says of recovery points; `isSteady`: it brings no
 *   parameters but the record's
 */
export function inspectFrame(frame: Uint8Array, { lengthSize, sets }: H264Parameters): { readonly isIdr: boolean; readonly isSteady: boolean } {
  let isIdr = false
  let isSteady = true
  for (const { type, bytes } of listNals(frame, lengthSize)) {
    if (type === nalType.idr) isIdr = true
    else if (type === nalType.sequenceParameters || type === nalType.pictureParameters) isSteady &&= sets.some((set) => isSameBytes(set, bytes))
  }
  return { isIdr, isSteady }
}

/** Whether a frame is decoded in the size of the record's parameters: what it brings of its own codes the same. */
export function isSteadySize(frame: Uint8Array, parameters: H264Parameters): boolean {
  const [known] = listPictureSizes(parameters)
  for (const { type, bytes } of listNals(frame, parameters.lengthSize)) {
    if (type !== nalType.sequenceParameters || parameters.sets.some((set) => isSameBytes(set, bytes))) continue
    const coded = parseSpsSize(bytes)?.coded
    if (coded === undefined || coded.width !== known?.coded.width || coded.height !== known.coded.height) return false
  }
  return true
}

/** Three bytes that no NAL unit holds, but between two of them where none has its length. */
function hasStartCode(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(1, 2); at !== -1; at = bytes.indexOf(1, at + 1)) if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return true
  return false
}

/** Whether a slice is a picture's first: `first_mb_in_slice`, the first Exp-Golomb code of its head, is 0. */
const beginsPicture = ({ type, bytes }: Nal): boolean =>
  (type === nalType.slice || type === nalType.partition || type === nalType.idr) && ((bytes[1] ?? 0) & 0x80) !== 0

/**
 * What keeps a frame from being decoded as one picture of the record's size: decoders take all that a block holds, and it is
 * paid for as one. `undefined` if nothing does.
 */
export function findExcess(frame: Uint8Array, parameters: H264Parameters): 'another size' | 'several pictures' | 'a start code' | undefined {
  const fields = Math.max(1, ...listPictureSizes(parameters).map((size) => size?.fields ?? 1))
  let pictures = 0
  for (const nal of listNals(frame, parameters.lengthSize)) {
    // Decoders go on behind one, whatever the length said.
    if (hasStartCode(nal.bytes)) return 'a start code'
    if (beginsPicture(nal) && ++pictures > fields) return 'several pictures'
  }
  return isSteadySize(frame, parameters) ? undefined : 'another size'
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
