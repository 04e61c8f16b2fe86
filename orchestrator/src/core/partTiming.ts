/**
 * How long the parts of a stream are. The transcoder cuts by it and the playlists announce it, so it is one function
 * of the job that both know. Pure.
 */

import type { TranscodeJob } from './transcoding.js'

/** Samples in an AAC frame, and the rate at which audio is encoded (Hz). */
export const aacFrameSamples = 1024
/** Hz */
export const audioSampleRate = 48_000

/** Shortest part, as a share of the target, that is not the last of its segment (RFC 8216bis §4.4.4.9). */
const shortestShare = 0.85

/**
 * The nominal length of a video part: as many frames of the nominal rate as fit into `partDurationMs`, at least one.
 * @returns microseconds
 */
export function computeVideoPartUs({ input, partDurationMs }: Pick<TranscodeJob, 'input' | 'partDurationMs'>): number {
  const frameUs = 1e6 / input.video.frameRate
  return Math.max(1, Math.floor((partDurationMs * 1000) / frameUs + 1e-6)) * frameUs
}

/**
 * The part target: no part is longer unless a single frame is. {@link computeVideoPartUs}, plus a quarter of a frame for cameras whose frames jitter, but never so much that parts of the
 * nominal length, or of whole AAC frames, would be shorter than 85 % of it.
 * @param job.partDurationMs - what was asked for
 * @returns microseconds
 */
export function computePartTargetUs(job: Pick<TranscodeJob, 'input' | 'partDurationMs'>): number {
  const frameUs = 1e6 / job.input.video.frameRate
  const videoUs = computeVideoPartUs(job)
  const withJitterUs = Math.min(videoUs + frameUs / 4, videoUs / shortestShare)
  if (job.input.audio === undefined) return Math.ceil(withJitterUs)
  const aacUs = (aacFrameSamples / audioSampleRate) * 1e6
  const audioUs = Math.max(1, Math.round(videoUs / aacUs)) * aacUs
  return Math.ceil(Math.max(videoUs, audioUs, Math.min(withJitterUs, audioUs / shortestShare)))
}
