/** The command line of one stream's pipeline: one decode, one encode per rendition, audio by itself. Pure. */

import type { InputFormat, Ladder } from '@streamflow/sdk/media'
import { audioSampleRate, computePartPlan } from '../core/partTiming.js'
import type { Accelerator } from './accelerators/accelerator.js'

/** File descriptor of the first output; the renditions follow in the ladder's order, then audio. */
export const firstOutputFd = 3

/** What a pipeline encodes. */
export interface FfmpegPlan {
  readonly input: InputFormat
  readonly ladder: Ladder
  readonly partDurationMs: number
  readonly segmentDurationMs: number
  readonly accelerator: Accelerator
  /** Processors that software encoders may use. */
  readonly cores: number
}

const decoders = 'h264,vp8,vp9,av1,libdav1d,libaom-av1,h264_qsv,vp8_qsv,vp9_qsv,av1_qsv,opus,libopus,aac'
const maxAllocationBytes = 512 * 1024 * 1024
/** Output pixels per second that one x264 thread is trusted with at `ultrafast`, or a scaler's; more threads cost more processor time for the same picture. */
const pixelsPerSecondAndThread = 40e6
const countThreads = (pixelsPerSecond: number, cores: number): number => Math.min(cores, Math.ceil(pixelsPerSecond / pixelsPerSecondAndThread))
/** Longer than any segment: keyframes come from the source only. */
export const keyframeInterval = 9999

/** On the source's clock, each sample at once: see flv.ts. */
export const outputFormat = ['-avoid_negative_ts', 'disabled', '-f', 'flv', '-flvflags', '+no_metadata+no_duration_filesize+no_sequence_end', '-flush_packets', '1'] as const

/** Channels that sound is encoded with. */
export function countSoundChannels({ audio }: InputFormat): number {
  return Math.min(2, audio?.channels ?? 2)
}

/** Bits per second of the AAC rendition. */
function computeAudioBitrate(channels: number): number {
  return channels === 1 ? 80_000 : 128_000
}

/** The declared picture, with both sides rounded up to what decoders allocate. A stream that turns larger is refused by the decoder. */
function computeMaxPixels({ width, height }: InputFormat['video']): number {
  const aligned = (side: number): number => 64 * Math.ceil(side / 64)
  return aligned(width) * aligned(height)
}

/** How ffmpeg behaves, whatever it does. */
export const programArguments = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'warning', '-max_alloc', String(maxAllocationBytes)] as const

/** Matroska on standard input, decoded by what its broadcaster may send and nothing else. Frame threads would hold back one frame each. */
export function computeInputArguments(video: InputFormat['video'], threads: number): readonly string[] {
  return [
    '-threads', String(threads), '-thread_type', 'slice', '-flags', 'low_delay',
    '-protocol_whitelist', 'pipe', '-codec_whitelist', decoders, '-max_pixels', String(computeMaxPixels(video)),
    '-probesize', '32', '-analyzeduration', '0', '-fpsprobesize', '0', '-copyts',
    '-f', 'matroska', '-i', 'pipe:0',
  ]
}

function videoOutput(plan: FfmpegPlan, index: number): readonly string[] {
  const { accelerator, input, segmentDurationMs, cores } = plan
  const rendition = plan.ladder[index]
  if (rendition === undefined) return []
  const { width, height, bitrate } = rendition
  const { grid } = computePartPlan(plan)
  const threads = countThreads(width * height * input.video.frameRate, cores)
  return [
    '-map', `[v${index}]`, '-c:v', ...accelerator.encoder, ...(accelerator.isEncodedOnProcessor ? ['-threads', String(threads)] : []),
    '-bf', '0', '-g', String(keyframeInterval), '-force_key_frames', 'source',
    // The bucket holds a segment, so that its keyframe may be as large as it needs and the segment still keeps to the rate.
    '-b:v', String(bitrate), '-maxrate', String(Math.round(bitrate * 1.2)), '-bufsize', String(Math.round((bitrate * segmentDurationMs) / 1000)),
    // One picture in each slot of the grid, as soon as it comes (the filter `fps` would wait for the next one): pictureGrid.ts.
    '-fps_mode', 'cfr', '-r', `${grid.ticksPerSecond}/${grid.ticksPerUnit}`,
    ...outputFormat, `pipe:${firstOutputFd + index}`,
  ]
}

function audioOutput(plan: Pick<FfmpegPlan, 'input' | 'ladder'>): readonly string[] {
  const channels = countSoundChannels(plan.input)
  return [
    // Gaps are filled with silence, from 0 on, and drift beyond 10 ms is corrected, so that AAC frames follow without a hole.
    '-map', '0:a:0', '-af', `aresample=${audioSampleRate}:async=1:min_hard_comp=0.01:first_pts=0`, '-ac', String(channels),
    // The default coder searches twice; by ffmpeg's manual this one is as good above 64 kbit/s, for a sixth less.
    '-c:a', 'aac', '-aac_coder', 'fast', '-b:a', String(computeAudioBitrate(channels)),
    ...outputFormat, `pipe:${firstOutputFd + plan.ladder.length}`,
  ]
}

/** The arguments of an ffmpeg for the sound alone: the same input, one FLV on descriptor 3. */
export function computeSoundArguments({ input }: Pick<FfmpegPlan, 'input'>): readonly string[] {
  return [...programArguments, ...computeInputArguments(input.video, 1), '-filter_threads', '1', ...audioOutput({ input, ladder: [] })]
}

/**
 * The arguments of ffmpeg: Matroska on standard input, one FLV per rendition on descriptors 3, 4, ….
 *
 * `-fflags nobuffer` is left out on purpose: it throws away the packets read while probing, that is the first keyframe,
 * and costs a whole segment (1 s) at the start. A small `-probesize` gives the first frame 45 ms after the first byte.
 */
export function computeFfmpegArguments(plan: FfmpegPlan): readonly string[] {
  const { input, ladder, accelerator, cores } = plan
  const names = ladder.map((_, i) => i)
  const chains = ladder.map((size, i) => `[s${i}]${accelerator.scale(size)}[v${i}]`)
  const { width: inputWidth, height: inputHeight, frameRate } = input.video
  const filterThreads = accelerator.isScaledOnProcessor ? countThreads(inputWidth * inputHeight * frameRate, cores) : 1
  const isHeavy = input.video.codec === 'av1' || input.video.codec === 'vp9'
  return [
    ...programArguments, ...accelerator.inputArguments(input.video.codec),
    // Only decoders with tiles or slices gain from more than one thread.
    ...computeInputArguments(input.video, isHeavy ? Math.min(4, cores) : 1),
    // By default each scaler and resampler has a thread per core that wakes for every frame, small or not.
    '-filter_complex_threads', String(filterThreads), '-filter_threads', '1',
    '-filter_complex', [`[0:v:0]split=${ladder.length}${names.map((i) => `[s${i}]`).join('')}`, ...chains].join(';'),
    ...names.flatMap((i) => videoOutput(plan, i)),
    ...(input.audio === undefined ? [] : audioOutput(plan)),
  ]
}
