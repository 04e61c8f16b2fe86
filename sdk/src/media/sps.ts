/** The picture size in an H.264 sequence parameter set (ITU-T H.264 §7.3.2.1). Pure. */

/** A picture size in pixels. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** What a picture is shown as, after cropping, and what is decoded for it. */
export interface CodedPicture extends PictureSize {
  readonly coded: PictureSize
  /** Of how many fields one may consist, each coded by itself: 2 where pictures may be interlaced. */
  readonly fields: 1 | 2
}

class BitReader {
  #position = 0
  constructor(readonly bytes: Uint8Array) {}

  bits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) {
      const byte = this.bytes[this.#position >> 3]
      if (byte === undefined) throw new RangeError('h264: the parameter set is cut off')
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1)
      this.#position++
    }
    return value
  }

  /** Unsigned Exp-Golomb code. */
  ue(): number {
    let zeros = 0
    while (this.bits(1) === 0) if (++zeros > 31) throw new RangeError('h264: not an Exp-Golomb code')
    return 2 ** zeros - 1 + this.bits(zeros)
  }

  /** Signed Exp-Golomb code. */
  se(): number {
    const code = this.ue()
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2
  }
}

/** Profiles whose SPS carries chroma format and scaling matrices. */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

function skipScalingLists(reader: BitReader, chromaFormat: number): void {
  for (let list = 0; list < (chromaFormat === 3 ? 12 : 8); list++) {
    if (reader.bits(1) === 0) continue
    let last = 8
    let next = 8
    for (let i = 0; i < (list < 6 ? 16 : 64); i++) {
      if (next !== 0) next = (last + reader.se() + 256) % 256
      last = next === 0 ? last : next
    }
  }
}

function skipToSize(reader: BitReader): number {
  const profile = reader.bits(8)
  reader.bits(16)
  reader.ue()
  let chromaFormat = 1
  if (highProfiles.has(profile)) {
    chromaFormat = reader.ue()
    if (chromaFormat === 3) reader.bits(1)
    reader.ue()
    reader.ue()
    reader.bits(1)
    if (reader.bits(1) === 1) skipScalingLists(reader, chromaFormat)
  }
  reader.ue()
  const orderType = reader.ue()
  if (orderType === 0) reader.ue()
  else if (orderType === 1) {
    reader.bits(1)
    reader.se()
    reader.se()
    const cycle = reader.ue()
    for (let i = 0; i < cycle; i++) reader.se()
  }
  reader.ue()
  reader.bits(1)
  return chromaFormat
}

/**
 * The picture sizes of a sequence parameter set.
 * @param nal - the NAL unit, with its one byte of header
 * @returns `undefined` if it is damaged
 */
export function parseSpsSize(nal: Uint8Array): CodedPicture | undefined {
  const payload: number[] = []
  for (let i = 1; i < nal.length; i++) {
    // emulation prevention: 00 00 03 stands for 00 00
    if (nal[i] === 3 && nal[i - 1] === 0 && nal[i - 2] === 0 && i > 2) continue
    payload.push(nal[i] ?? 0)
  }
  try {
    const reader = new BitReader(Uint8Array.from(payload))
    const chromaFormat = skipToSize(reader)
    const widthInBlocks = reader.ue() + 1
    const heightInUnits = reader.ue() + 1
    const isFrameOnly = reader.bits(1)
    if (isFrameOnly === 0) reader.bits(1)
    reader.bits(1)
    const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1
    const unitY = (chromaFormat === 1 ? 2 : 1) * (2 - isFrameOnly)
    const [left, right, top, bottom] = reader.bits(1) === 1 ? [reader.ue(), reader.ue(), reader.ue(), reader.ue()] as const : [0, 0, 0, 0] as const
    const coded = { width: widthInBlocks * 16, height: heightInUnits * 16 * (2 - isFrameOnly) }
    return { width: coded.width - (left + right) * unitX, height: coded.height - (top + bottom) * unitY, coded, fields: isFrameOnly === 1 ? 1 : 2 }
  } catch {
    return undefined
  }
}
