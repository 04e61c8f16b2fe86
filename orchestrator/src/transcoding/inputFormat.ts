/** Whether a stream is what its job declared, before a byte of it reaches a decoder. Pure. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { InputFormat } from '@streamflow/sdk/media'
import { getSps, parseSpsSize } from './h264.js'
import { parseMatroskaHeader, type MatroskaHeader } from './matroskaHeader.js'

const codecIds = {
  h264: ['V_MPEG4/ISO/AVC'], vp8: ['V_VP8'], vp9: ['V_VP9'], av1: ['V_AV1'],
  opus: ['A_OPUS'], aac: ['A_AAC', 'A_AAC/MPEG4/LC', 'A_AAC/MPEG2/LC'],
} as const satisfies Record<string, readonly string[]>

const nameOf = (codecId: string | undefined): string =>
  Object.entries(codecIds).find(([, ids]) => (ids as readonly string[]).includes(codecId ?? ''))?.[0] ?? codecId ?? 'none'

/**
 * Parses a container header and checks it against the job.
 * @returns the header
 * @throws {@link StreamflowError} `SegmentFormatDidntMatchJobInputParams` with `data: { field, expected, got }`
 */
export function parseDeclaredHeader(bytes: Uint8Array, input: InputFormat): MatroskaHeader {
  const assertSame = (field: string, expected: string | number, got: string | number): void => {
    if (expected === got) return
    throw new StreamflowError('SegmentFormatDidntMatchJobInputParams', `${field}: the job declared ${expected}, the stream has ${got}`, { data: { field, expected, got } })
  }
  let header: MatroskaHeader
  try {
    header = parseMatroskaHeader(bytes)
  } catch (cause) {
    throw new StreamflowError('SegmentFormatDidntMatchJobInputParams', 'container: the job declared matroska, the header is none', { cause, data: { field: 'container', expected: 'matroska', got: 'unknown' } })
  }
  const videos = header.tracks.filter((track) => track.kind === 'video')
  assertSame('video tracks', 1, videos.length)
  const video = videos[0]
  assertSame('video codec', input.video.codec, nameOf(video?.codecId))
  assertSame('width', input.video.width, video?.width ?? 0)
  assertSame('height', input.video.height, video?.height ?? 0)
  const sps = input.video.codec === 'h264' ? getSps(video?.codecPrivate ?? new Uint8Array(0)) : undefined
  if (sps !== undefined) {
    const size = parseSpsSize(sps)
    assertSame('coded width', input.video.width, size?.width ?? 0)
    assertSame('coded height', input.video.height, size?.height ?? 0)
  }
  const audios = header.tracks.filter((track) => track.kind === 'audio')
  assertSame('audio tracks', input.audio === undefined ? 0 : 1, audios.length)
  if (input.audio !== undefined) assertSame('audio codec', input.audio.codec, nameOf(audios[0]?.codecId))
  return header
}
