/** H.264 as encoders emit it (Annex B) → as Matroska stores it (length-prefixed, with its configuration apart). Pure. */

const nalTypes = { sequenceParameters: 7, pictureParameters: 8, accessUnitDelimiter: 9, filler: 12 } as const

/** Splits Annex B bytes into NAL units (views, without start codes). */
export function splitAnnexB(bytes: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = []
  let start = -1
  for (let i = 0; i + 2 < bytes.length; i++) {
    if (bytes[i] !== 0 || bytes[i + 1] !== 0 || bytes[i + 2] !== 1) continue
    if (start >= 0) units.push(trimZeros(bytes.subarray(start, i)))
    start = i + 3
    i += 2
  }
  if (start >= 0) units.push(bytes.subarray(start))
  return units.filter((unit) => unit.length > 0)
}

/** A four-byte start code leaves its first zero at the end of the unit before it. */
function trimZeros(unit: Uint8Array): Uint8Array {
  let end = unit.length
  while (end > 0 && unit[end - 1] === 0) end--
  return unit.subarray(0, end)
}

/**
 * Joins NAL units, each with its length in four bytes before it. Parameter sets stay in: where an encoder changes them
 * mid-stream, each segment still decodes with the header of the stream.
 */
export function joinWithLengths(units: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const kept = units.filter((unit) => nalType(unit) !== nalTypes.accessUnitDelimiter && nalType(unit) !== nalTypes.filler)
  const joined = new Uint8Array(kept.reduce((sum, unit) => sum + 4 + unit.length, 0))
  const view = new DataView(joined.buffer)
  let at = 0
  for (const unit of kept) {
    view.setUint32(at, unit.length)
    joined.set(unit, at + 4)
    at += 4 + unit.length
  }
  return joined
}

/**
 * Builds the `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 5.3.3.1) from the parameter sets among `units`.
 * @returns `undefined` when they are not there
 */
export function buildAvcConfiguration(units: readonly Uint8Array[]): Uint8Array<ArrayBuffer> | undefined {
  const sps = units.find((unit) => nalType(unit) === nalTypes.sequenceParameters)
  const pps = units.find((unit) => nalType(unit) === nalTypes.pictureParameters)
  if (!sps || !pps || sps.length < 4) return undefined
  const profile = sps[1]!
  // High profiles carry four more bytes: 4:2:0, 8 bits, no extension.
  const extension = [100, 110, 122, 144].includes(profile) ? [0xfd, 0xf8, 0xf8, 0] : []
  return Uint8Array.from([1, profile, sps[2]!, sps[3]!, 0xff, 0xe1, sps.length >> 8, sps.length & 0xff, ...sps, 1, pps.length >> 8, pps.length & 0xff, ...pps, ...extension])
}

function nalType(unit: Uint8Array): number {
  return unit[0]! & 0x1f
}
