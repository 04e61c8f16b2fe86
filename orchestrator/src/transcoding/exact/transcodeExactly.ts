/** The exact service as a function: the same bytes and ladder give the same hashes, on any machine with the same encoder. */

import { createHash } from 'node:crypto'
import { StreamflowError, toStreamflowError } from '@streamflow/sdk/errors'
import { parseMatroskaHeader, ladderLimits, type InputFormat, type Ladder } from '@streamflow/sdk/media'
import type { Output } from '@streamflow/sdk/payments'
import { limits } from '@streamflow/sdk/protocol'
import { nameCodec, parseDeclaredHeader } from '../../core/input/declaredHeader.js'
import type { FfmpegCommand } from '../ffmpegProcess.js'
import { ExactSegment, readFrameRate } from './ExactSegment.js'

/** A segment, as evidence has it. */
export interface ExactInput {
  readonly header: Uint8Array
  readonly segment: Uint8Array
  readonly ladder: Ladder
}

/** A rendition of a segment. */
export interface ExactOutput extends Output {
  /** `avcC`, then the pictures in their order: what `hash` is of. */
  readonly pictures: Uint8Array
}

/** Nothing comes out of a segment, and never will: its source is at fault. */
export interface ExactRefusal {
  readonly refusal: StreamflowError
}

/**
 * Makes one segment's renditions.
 * @returns the renditions in the ladder's order; or why there are none, where that follows from the bytes too
 * @throws {@link StreamflowError} `TranscodeFailed` if it failed for a reason of this machine, `Aborted`
 */
export async function transcodeExactly(command: FfmpegCommand, { header: headerBytes, segment, ladder }: ExactInput, signal?: AbortSignal): Promise<readonly ExactOutput[] | ExactRefusal> {
  let video: InputFormat['video']
  let header: ReturnType<typeof parseDeclaredHeader>
  try {
    ;({ video, header } = readHeader(headerBytes))
  } catch (error) {
    return { refusal: toStreamflowError(error, 'BadMessage') }
  }
  return new Promise((resolve, reject) => {
    const results = ladder.map(() => ({ frames: 0, pieces: [] as Uint8Array[] }))
    const exact = new ExactSegment({
      command, video, ladder,
      events: {
        config: (rendition, bytes) => results[rendition]?.pieces.unshift(bytes),
        picture: ({ rendition, isFed, bytes }) => {
          const result = results[rendition]
          if (result === undefined) return
          if (isFed) result.frames++
          result.pieces.push(bytes)
        },
        consumed: () => undefined,
        ended: () => resolve(results.map(({ frames, pieces }, i) => {
          const pictures = Buffer.concat(pieces)
          return { rendition: ladder[i]?.name ?? '', frames, bytes: pictures.length, hash: `0x${createHash('sha256').update(pictures).digest('hex')}` as const, pictures }
        })),
        failed: (error, isCertain) => (isCertain ? resolve({ refusal: error }) : reject(error)),
      },
    })
    signal?.addEventListener('abort', () => {
      exact.abort()
      reject(new StreamflowError('Aborted', 'the segment is not made to its end'))
    }, { once: true })
    exact.header(header)
    exact.write(segment)
    exact.end()
  })
}

/** What a stream of such a header would have declared. @throws {@link StreamflowError} `SegmentFormatDidntMatchJobInputParams`, `BadMessage` */
function readHeader(bytes: Uint8Array): { readonly video: InputFormat['video']; readonly header: ReturnType<typeof parseDeclaredHeader> } {
  if (bytes.length > limits.headerBytes) throw new StreamflowError('MessageTooLarge', `a header of ${bytes.length} bytes`)
  const parsed = parseMatroskaHeader(bytes)
  const video = declareVideo(parsed)
  const audio = parsed.tracks.find(({ kind }) => kind === 'audio')
  const sound = audio && { codec: nameCodec(audio.codecId) as NonNullable<InputFormat['audio']>['codec'], sampleRate: audio.sampleRate, channels: audio.channels }
  return { video, header: parseDeclaredHeader(bytes, { container: 'matroska', video, ...(sound && { audio: sound }) }) }
}

const videoCodecs = ['h264', 'vp8', 'vp9', 'av1'] as const

function declareVideo(header: ReturnType<typeof parseMatroskaHeader>): InputFormat['video'] {
  const { codecId = '', width = 0, height = 0 } = header.tracks.find(({ kind }) => kind === 'video') ?? {}
  const codec = videoCodecs.find((name) => name === nameCodec(codecId))
  const frameRate = readFrameRate(header)
  if (codec !== undefined && Math.max(width, height) <= ladderLimits.maxSide && frameRate <= ladderLimits.maxFrameRate) return { codec, width, height, frameRate }
  throw new StreamflowError('SegmentFormatDidntMatchJobInputParams', `no stream may have ${codecId} of ${width}×${height} at ${frameRate} pictures a second`)
}
