/** The command line that makes a segment of the exact service: one decode, one encode per rendition, one thread each. Pure. */

import type { InputFormat, Ladder } from '@streamflow/sdk/media'
import { exactRecipe } from '@streamflow/sdk/payments'
import { computeFrameGrid } from '../../core/partTiming.js'
import { computeInputArguments, firstOutputFd, keyframeInterval, outputFormat, programArguments } from '../ffmpegArguments.js'

/** What a segment is encoded from and to. */
export interface ExactPlan {
  readonly video: InputFormat['video']
  readonly ladder: Ladder
}

/** The encoder, at a bitrate. */
export function computeExactEncoderArguments(bitrate: number): readonly string[] {
  const { preset, tune, profile, x264Parameters, maxratePercent, bufferSeconds } = exactRecipe
  return [
    '-c:v', 'libx264', '-threads', '1', '-preset', preset, '-tune', tune, '-profile:v', profile, '-x264-params', x264Parameters,
    '-forced-idr', '1', '-g', String(keyframeInterval),
    '-b:v', String(bitrate), '-maxrate', String(Math.round((bitrate * maxratePercent) / 100)), '-bufsize', String(bitrate * bufferSeconds),
  ]
}

/** The scaler to a size. */
export function computeExactFilter({ width, height }: { readonly width: number; readonly height: number }): string {
  return `scale=${width}:${height}:flags=${exactRecipe.scaler},setsar=1,format=yuv420p`
}

/** The arguments of ffmpeg: Matroska on standard input, one FLV per rendition on descriptors 3, 4, …. They follow from header and ladder alone. */
export function computeExactArguments({ video, ladder }: ExactPlan): readonly string[] {
  const grid = computeFrameGrid(video.frameRate)
  const chains = ladder.map((size, i) => `[s${i}]${computeExactFilter(size)}[v${i}]`)
  return [
    ...programArguments, ...computeInputArguments(video, 1),
    '-filter_complex_threads', '1', '-filter_threads', '1',
    '-filter_complex', [`[0:v:0]split=${ladder.length}${ladder.map((_, i) => `[s${i}]`).join('')}`, ...chains].join(';'),
    ...ladder.flatMap(({ bitrate }, i) => [
      '-map', `[v${i}]`, ...computeExactEncoderArguments(bitrate), '-force_key_frames', 'source',
      '-fps_mode', 'cfr', '-r', `${grid.ticksPerSecond}/${grid.ticksPerUnit}`,
      ...outputFormat, `pipe:${firstOutputFd + i}`,
    ]),
  ]
}
