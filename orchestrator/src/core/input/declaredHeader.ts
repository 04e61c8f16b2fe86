/** Whether a stream's header is what its job declared, before a byte of it reaches a decoder. Pure. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { findHeaderEnd, listPictureSizes, parseAvcC, parseMatroskaHeader, type InputFormat, type MatroskaHeader, type MatroskaTrack } from '@streamflow/sdk/media'

const codecIds = {
  h264: ['V_MPEG4/ISO/AVC'], vp8: ['V_VP8'], vp9: ['V_VP9'], av1: ['V_AV1'],
  opus: ['A_OPUS'], aac: ['A_AAC', 'A_AAC/MPEG4/LC', 'A_AAC/MPEG2/LC'],
} as const satisfies Record<string, readonly string[]>

/** The name of a codec of Matroska, e.g. `h264`; the identifier itself if no stream may have it. */
export const nameCodec = (codecId: string): string =>
  Object.entries(codecIds).find(([, ids]) => (ids as readonly string[]).includes(codecId))?.[0] ?? codecId

function assertSame(field: string, expected: string | number, got: string | number): void {
  if (expected === got) return
  throw new StreamflowError('SegmentFormatDidntMatchJobInputParams', `${field}: the job declared ${expected}, the stream has ${got}`, { data: { field, expected, got } })
}

/** Largest header that is read, and slowest clock that is believed, nanoseconds per tick. */
export const maxHeaderBytes = 256 * 1024
const maxTickNs = 1e6

function parseContainer(bytes: Uint8Array): MatroskaHeader {
  try {
    if (bytes.length > maxHeaderBytes) throw new StreamflowError('BadMessage', `matroska: a header of ${bytes.length} bytes is larger than ${maxHeaderBytes}`)
    // What follows the header is a segment's, and is paid for.
    if (findHeaderEnd(bytes) !== undefined) throw new StreamflowError('BadMessage', 'matroska: a cluster within the header')
    const header = parseMatroskaHeader(bytes)
    if (header.timestampScaleNs > maxTickNs) throw new StreamflowError('BadMessage', `matroska: a clock of ${header.timestampScaleNs} ns is out of range`)
    return header
  } catch (cause) {
    throw new StreamflowError('SegmentFormatDidntMatchJobInputParams', 'container: the job declared matroska, the header is none', { cause, data: { field: 'container', expected: 'matroska', got: 'unknown' } })
  }
}

/** Decoders code whole blocks, of two fields where a picture is interlaced: what is cropped beyond that would be work that nobody declared. */
const maxCropped = 32

/** The size in the container, which players go by, and those in H.264's own parameters, all of which decoders may go by. */
function assertPicture(track: MatroskaTrack, { codec, width, height }: InputFormat['video']): void {
  assertSame('video codec', codec, nameCodec(track.codecId))
  assertSame('width', width, track.width)
  assertSame('height', height, track.height)
  if (codec !== 'h264') return
  // Without them, pictures would bring their own, of any size.
  const parameters = parseAvcC(track.codecPrivate)
  const sizes = parameters === undefined ? [] : listPictureSizes(parameters)
  for (const size of sizes.length === 0 ? [undefined] : sizes) {
    assertSame('coded width', width, size?.width ?? 0)
    assertSame('coded height', height, size?.height ?? 0)
    if (size !== undefined) assertSame('cropped pixels', 0, [size.coded.width - size.width, size.coded.height - size.height].find((cropped) => cropped > maxCropped) ?? 0)
  }
}

/**
 * Parses a container header and checks it against the job.
 * @returns the header
 * @throws {@link StreamflowError} `SegmentFormatDidntMatchJobInputParams` with `data: { field, expected, got }`
 */
export function parseDeclaredHeader(bytes: Uint8Array, input: InputFormat): MatroskaHeader {
  const header = parseContainer(bytes)
  const videos = header.tracks.filter((track) => track.kind === 'video')
  const audios = header.tracks.filter((track) => track.kind === 'audio')
  assertSame('video tracks', 1, videos.length)
  assertSame('audio tracks', input.audio === undefined ? 0 : 1, audios.length)
  const [video] = videos
  const [audio] = audios
  // Compressed by the container, a segment within its limit of bytes becomes gigabytes.
  assertSame('content encodings', 0, header.tracks.filter(({ isEncoded }) => isEncoded).length)
  if (video !== undefined) assertPicture(video, input.video)
  if (audio !== undefined && input.audio !== undefined) assertSame('audio codec', input.audio.codec, nameCodec(audio.codecId))
  return header
}
