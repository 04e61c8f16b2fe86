/**
 * The `ftyp` and `moov` of a rendition: one track, all of whose samples are in fragments. ISO/IEC 14496-12 §8,
 * 14496-15 §5.3.3 (`avc1`, `avcC`), 14496-14 §5.6 and 14496-1 §7.2.6 (`mp4a`, `esds`).
 */

/** The only track's id. */
export const trackId = 1

/** What a track says of itself. */
export type TrackFormat =
  | { readonly kind: 'video'; /** `avcC` without its box. */ readonly config: Uint8Array; readonly width: number; readonly height: number }
  | { readonly kind: 'audio'; /** AudioSpecificConfig. */ readonly config: Uint8Array; readonly channels: number; readonly sampleRate: number }

/** An init segment. */
export interface InitSegment {
  readonly bytes: Uint8Array
  /** RFC 6381. */
  readonly codecs: string
}

type Piece = Uint8Array | readonly number[]

const u16 = (value: number): readonly number[] => [(value >>> 8) & 255, value & 255]
const u32 = (value: number): readonly number[] => [...u16(value >>> 16), ...u16(value)]
const ascii = (text: string): readonly number[] => Array.from(text, (char) => char.charCodeAt(0))
const zeros = (count: number): readonly number[] => new Array<number>(count).fill(0)
const hex = (value = 0): string => value.toString(16).padStart(2, '0')

const join = (...pieces: readonly Piece[]): Uint8Array => Uint8Array.from(pieces.flatMap((piece) => [...piece]))

/** A transform that changes nothing: 16.16, the last column 2.30. */
const unityMatrix = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000].flatMap((value) => u32(value))

function box(type: string, ...pieces: readonly Piece[]): Uint8Array {
  const body = join(...pieces)
  return join(u32(8 + body.length), ascii(type), body)
}

/** @param flags - 24 bits */
function fullBox(type: string, flags: number, ...pieces: readonly Piece[]): Uint8Array {
  return box(type, u32(flags), ...pieces)
}

/** A descriptor whose length fits seven bits. */
function descriptor(tag: number, ...pieces: readonly Piece[]): Uint8Array {
  const body = join(...pieces)
  return join([tag, body.length], body)
}

function writeSampleEntry(format: TrackFormat): Uint8Array {
  const common = [...zeros(6), ...u16(1)]
  if (format.kind === 'video') {
    const { width, height, config } = format
    // 72 dpi, one picture per sample, no compressor's name, depth 24.
    return box('avc1', common, zeros(16), u16(width), u16(height), u32(0x48_0000), u32(0x48_0000), zeros(4), u16(1), zeros(32), u16(24), [255, 255], box('avcC', config), box('pasp', u32(1), u32(1)))
  }
  const { channels, sampleRate, config } = format
  const decoderConfig = descriptor(4, [0x40, 0x15], zeros(3), u32(0), u32(0), descriptor(5, config))
  const esds = fullBox('esds', 0, descriptor(3, u16(trackId), [0], decoderConfig, descriptor(6, [2])))
  return box('mp4a', common, zeros(8), u16(channels), u16(16), zeros(4), u16(sampleRate), u16(0), esds)
}

function describeCodecs({ kind, config }: TrackFormat): string {
  return kind === 'video' ? `avc1.${hex(config[1])}${hex(config[2])}${hex(config[3])}` : `mp4a.40.${(config[0] ?? 0) >> 3}`
}

/** Writes an init segment. @param timescale - ticks per second of the track's clock */
export function writeInit(format: TrackFormat, timescale: number): InitSegment {
  const isVideo = format.kind === 'video'
  const [width, height] = isVideo ? [format.width, format.height] : [0, 0]
  const none = zeros(4)
  const stbl = box('stbl', fullBox('stsd', 0, u32(1), writeSampleEntry(format)), fullBox('stts', 0, none), fullBox('stsc', 0, none), fullBox('stsz', 0, none, none), fullBox('stco', 0, none))
  const header = isVideo ? fullBox('vmhd', 1, zeros(8)) : fullBox('smhd', 0, zeros(4))
  const minf = box('minf', header, box('dinf', fullBox('dref', 0, u32(1), fullBox('url ', 1))), stbl)
  const undetermined = u16(0x55c4)
  const mdhd = fullBox('mdhd', 0, zeros(8), u32(timescale), none, undetermined, zeros(2))
  const hdlr = fullBox('hdlr', 0, none, ascii(isVideo ? 'vide' : 'soun'), zeros(12), [0])
  // Enabled, in the movie.
  const tkhd = fullBox('tkhd', 3, zeros(8), u32(trackId), none, none, zeros(8), zeros(4), u16(isVideo ? 0 : 0x100), zeros(2), unityMatrix, u32(width << 16), u32(height << 16))
  const mvhd = fullBox('mvhd', 0, zeros(8), u32(1000), none, u32(0x1_0000), u16(0x100), zeros(10), unityMatrix, zeros(24), u32(trackId + 1))
  const mvex = box('mvex', fullBox('trex', 0, u32(trackId), u32(1), zeros(12)))
  const moov = box('moov', mvhd, box('trak', tkhd, box('mdia', mdhd, hdlr, minf)), mvex)
  return { bytes: join(box('ftyp', ascii('iso5'), u32(512), ascii('iso5iso6mp41')), moov), codecs: describeCodecs(format) }
}
