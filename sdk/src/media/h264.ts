/** What of H.264 must be known to pass it on: where decoding can begin, and that its parameters stay as they are (ITU-T H.264 §7.4.1, ISO/IEC 14496-15 §5.3.3). Pure. */

import { parseSpsSize, type CodedPicture } from './sps.js'

const nalType = { idr: 5, sequenceParameters: 7, pictureParameters: 8 } as const
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

/** Reads an `avcC` record; `undefined` if it is none. */
export function parseAvcC(record: Uint8Array | undefined): H264Parameters | undefined {
  if (record === undefined || record.length < 7 || record[0] !== 1) return undefined
  const sets: Uint8Array[] = []
  let at = 5
  for (const mask of [typeMask, 255]) {
    const count = (record[at++] ?? 0) & mask
    for (let i = 0; i < count; i++) {
      const length = ((record[at] ?? 0) << 8) | (record[at + 1] ?? 0)
      if (length === 0 || at + 2 + length > record.length) return undefined
      sets.push(record.subarray(at + 2, at + 2 + length))
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

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
