/**
 * The binary grammar under Matroska (EBML, RFC 8794): read and write elements. Pure.
 */

/** Element ids that Streamflow reads or writes (RFC 9559, section 5), marker bits included. */
export const ebmlId = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  contentEncodings: 0x6d80,
  codecDelay: 0x56aa,
  seekPreRoll: 0x56bb,
  defaultDuration: 0x23e383,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  audio: 0xe1,
  samplingFrequency: 0xb5,
  channels: 0x9f,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  blockDuration: 0x9b,
  referenceBlock: 0xfb,
} as const

/** The size of an element whose end is where its parent, or the next element of its level, begins. */
export const unknownSize = -1

/** An element's id and size as read, and where its content begins. */
export interface ElementHead {
  readonly id: number
  /** Bytes of content, or `unknownSize`. */
  readonly size: number
  /** Index of the first byte of content. */
  readonly contentStart: number
}

/** `undefined`: more bytes are needed. `null`: no EBML stands here. */
function readVint(bytes: Uint8Array, at: number, maxLength: number, keepMarker: boolean): { value: number; length: number; allOnes: boolean } | undefined | null {
  const first = bytes[at]
  if (first === undefined) return undefined
  const length = Math.clz32(first) - 23
  if (length > maxLength) return null
  if (at + length > bytes.length) return undefined
  const mask = 0xff >> length
  let value = keepMarker ? first : first & mask
  let allOnes = (first & mask) === mask
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i]!
    value = value * 256 + byte
    allOnes &&= byte === 0xff
  }
  return { value, length, allOnes }
}

/**
 * Reads id and size of the element at `at`.
 * @returns `undefined` when more bytes are needed, `null` when the bytes are no EBML
 */
export function readElementHead(bytes: Uint8Array, at: number): ElementHead | undefined | null {
  const id = readVint(bytes, at, 4, true)
  if (!id) return id
  const size = readVint(bytes, at + id.length, 8, false)
  if (!size) return size
  if (!size.allOnes && size.value > Number.MAX_SAFE_INTEGER) return null
  return { id: id.value, size: size.allOnes ? unknownSize : size.value, contentStart: at + id.length + size.length }
}

/** Reads a variable-length integer without its marker, as a block's track number is written. `null` if there is none. */
export function readTrackNumber(bytes: Uint8Array, at: number): { readonly value: number; readonly length: number } | null {
  return readVint(bytes, at, 8, false) ?? null
}

/** Reads an unsigned integer element's content (at most 8 bytes; above 2^53 the result is approximate). */
export function readUnsigned(content: Uint8Array): number {
  let value = 0
  for (const byte of content) value = value * 256 + byte
  return value
}

/** Reads a floating-point element's content (4 or 8 bytes; anything else is 0). */
export function readFloat(content: Uint8Array): number {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  return content.length === 4 ? view.getFloat32(0) : content.length === 8 ? view.getFloat64(0) : 0
}

/** Calls `visit` for each complete child of a master element's content; stops at the first child that is not complete. */
export function forEachElement(content: Uint8Array, visit: (id: number, content: Uint8Array) => void): void {
  for (let at = 0; at < content.length; ) {
    const head = readElementHead(content, at)
    if (!head || head.size === unknownSize || head.contentStart + head.size > content.length) return
    visit(head.id, content.subarray(head.contentStart, head.contentStart + head.size))
    at = head.contentStart + head.size
  }
}

/** Joins byte strings into a new one. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function encodeId(id: number): number[] {
  const bytes: number[] = []
  for (let rest = id; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return bytes
}

function encodeSize(size: number): number[] {
  if (size === unknownSize) return [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
  // All ones is reserved for "unknown", hence the −1.
  let length = 1
  while (size >= 2 ** (7 * length) - 1) length++
  const bytes: number[] = []
  for (let i = 0, rest = size; i < length; i++, rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  bytes[0]! |= 0x80 >> (length - 1)
  return bytes
}

/** Encodes only id and size, e.g. of a master element that stays open (`unknownSize`). */
export function encodeElementHead(id: number, size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...encodeId(id), ...encodeSize(size)])
}

/** Encodes an element with the given content; a list is a master element's children. */
export function encodeElement(id: number, content: Uint8Array | readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const parts = content instanceof Uint8Array ? [content] : content
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  return concatBytes([encodeElementHead(id, size), ...parts])
}

/** Encodes an unsigned integer element in as few bytes as it needs. */
export function encodeUnsigned(id: number, value: number): Uint8Array<ArrayBuffer> {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.unshift(rest % 256)
    rest = Math.floor(rest / 256)
  } while (rest > 0)
  return encodeElement(id, Uint8Array.from(bytes))
}

/** Encodes a 64-bit floating-point element. */
export function encodeFloat(id: number, value: number): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(8)
  new DataView(content.buffer).setFloat64(0, value)
  return encodeElement(id, content)
}

/** Encodes an ASCII or UTF-8 string element. */
export function encodeText(id: number, text: string): Uint8Array<ArrayBuffer> {
  return encodeElement(id, new TextEncoder().encode(text))
}
