/** What a transcoder of a public pool signs for each segment. Pure. */

type Hex = `0x${string}`

/** One rendition of a segment. */
export interface Output {
  readonly rendition: string
  /** SHA-256 of its parts, one after the other. */
  readonly hash: Hex
  /** Pictures, or frames of sound. */
  readonly frames: number
}

/** One segment's work. */
export interface SegmentResult {
  readonly pool: string
  readonly streamId: Hex
  readonly seq: number
  /** SHA-256 of the stream's header and the segment's bytes. */
  readonly source: Hex
  /** In the order of their names. */
  readonly outputs: readonly Output[]
  /** Of all pictures together. */
  readonly pixels: bigint
}

/** The bytes that are signed: lines that can be read in one way only, for names have neither spaces nor line breaks. */
export function encodeResult({ pool, streamId, seq, source, outputs, pixels }: SegmentResult): Uint8Array {
  const lines = ['streamflow pool result 1', pool, streamId, String(seq), source, ...outputs.map(({ rendition, hash, frames }) => `${rendition} ${hash} ${frames}`), String(pixels)]
  return new TextEncoder().encode(lines.join('\n'))
}

/** Pixels of the pictures among outputs. @param sizes - of a picture, by rendition; sound has none */
export function countPixels(outputs: readonly Output[], sizes: ReadonlyMap<string, number>, mostFrames = Infinity): bigint {
  return outputs.reduce((sum, { rendition, frames }) => sum + BigInt(Math.min(frames, mostFrames)) * BigInt(sizes.get(rendition) ?? 0), 0n)
}
