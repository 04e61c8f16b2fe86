/** Finds out whether a file's video can go into segments as it is, which saves encoding it: to its very end, or not at all. */

import { spawn } from 'node:child_process'
import { isSegmentBoundary } from '../../media/createSegmenter.js'
import { ladderLimits } from '../../media/ladder.js'
import { createMatroskaReader } from '../../media/matroska.js'
import { inspectFrame, parseAvcC, type H264Parameters } from '../../media/h264.js'
import type { FileFacts, PictureFacts, VideoFacts } from './inspectFile.js'
import { chooseFrameRate, countLost, listGaps, listTimes, maxFrameRate, maxStillUs, type VideoPlan } from './planVideo.js'

/** What is asked of the video; anything but `allowCopy` means work. */
export interface CopyWishes {
  readonly allowCopy?: boolean
  readonly bitrate?: number
  readonly frameRate?: number
  readonly maxWidth?: number
  readonly maxHeight?: number
}

/** A file that takes longer to read whole is encoded anew. */
const scanTimeoutMs = 5000
/** A segment so much longer than wanted is shown whole (µs): its duration still rounds to what playlists state, its last picture included. */
const maxStretchUs = 400_000
/** The largest frame that is passed on; a segment's limit would be in danger. */
const maxFrameBytes = 2 * 1024 * 1024

/**
 * Looks through a file: progressive 8-bit 4:2:0 H.264 without reordering, upright, square pixels, even sides, a steady rate
 * without holes, segments of proper length; then reads it whole: every keyframe an IDR picture, parameters that never change.
 * @param inputArguments - those that name a regular file
 * @returns false also when it takes too long
 */
export async function canCopyVideo(facts: FileFacts | undefined, plan: VideoPlan, job: { readonly wishes: CopyWishes; readonly segmentDurationMs: number; readonly inputArguments: readonly string[]; readonly ffmpegPath: string }): Promise<boolean> {
  const { allowCopy = true, ...changes } = job.wishes
  if (!allowCopy || Object.values(changes).some((wish) => wish !== undefined)) return false
  if (facts?.pictures === undefined || plan.leadUs > 0 || plan.tailUs > 0 || !isPlain(facts.video)) return false
  return areTimesSteady(facts.pictures, facts.video.nominalRate) && areKeyframesDense(facts.pictures, { segmentDurationUs: job.segmentDurationMs * 1000, pictureUs: 1e6 / facts.video.nominalRate }) && (await isSameToTheEnd(job))
}

function isPlain({ codec, pixelFormat, hasReordering, isSquare, isInterlaced, isRotated, width, height }: VideoFacts): boolean {
  const isFitting = [width, height].every((side) => side % 2 === 0 && side >= ladderLimits.minSide && side <= ladderLimits.maxSide)
  return codec === 'h264' && pixelFormat === 'yuv420p' && !hasReordering && isSquare && !isInterlaced && !isRotated && isFitting
}

/** Whether every picture has a time later than the one before, soon after it, and a place at the declared rate. */
function areTimesSteady(pictures: readonly PictureFacts[], nominalRate: number): boolean {
  const times = listTimes(pictures)
  const isOrdered = pictures.every(({ timeUs, isOdd }, i) => !isOdd && timeUs === times[i] && (i === 0 || timeUs > (times[i - 1] ?? 0)))
  const rate = chooseFrameRate(times, nominalRate)
  return isOrdered && times.length > 1 && listGaps(times).every((gap) => gap <= maxStillUs) && rate <= maxFrameRate && countLost(times, rate) === 0
}

/** Whether the segments that the keyframes make are no longer than may be; also the last. What is beyond that, transcoders leave out. */
function areKeyframesDense(pictures: readonly PictureFacts[], { segmentDurationUs, pictureUs }: { readonly segmentDurationUs: number; readonly pictureUs: number }): boolean {
  const [first] = pictures
  if (first === undefined || !first.isKey) return false
  const mostUs = segmentDurationUs + maxStretchUs
  let startUs = 0
  for (const { timeUs, isKey } of pictures) {
    const atUs = timeUs - first.timeUs
    const isBoundary = isKey && isSegmentBoundary(startUs, atUs, segmentDurationUs)
    if (atUs - startUs + (isBoundary ? 0 : pictureUs) > mostUs) return false
    if (isBoundary) startUs = atUs
  }
  return true
}

/** Reads every frame as it would be sent. */
async function isSameToTheEnd({ inputArguments, ffmpegPath }: { readonly inputArguments: readonly string[]; readonly ffmpegPath: string }): Promise<boolean> {
  const child = spawn(ffmpegPath, ['-v', 'error', '-nostdin', ...inputArguments, '-map', '0:V:0', '-c', 'copy', '-f', 'matroska', '-live', '1', 'pipe:1'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let isSame = true
  let parameters: H264Parameters | undefined
  const refuse = (): void => {
    isSame = false
    child.kill('SIGKILL')
  }
  const reader = createMatroskaReader({
    onHeader: ({ tracks }) => (parameters = parseAvcC(tracks[0]?.codecPrivate)),
    onBlock: ({ isKey, bytes }) => {
      if (!isSame) return
      const { isIdr, isSteady } = parameters ? inspectFrame(bytes, parameters) : { isIdr: false, isSteady: false }
      if (!isSteady || isIdr !== isKey || bytes.length > maxFrameBytes) refuse()
    },
  })
  child.stdout.on('data', (bytes: Uint8Array) => {
    try {
      if (isSame) reader.push(bytes)
    } catch {
      refuse()
    }
  })
  // A word of complaint, and it is not passed on.
  child.stderr.once('data', refuse)
  const timer = setTimeout(refuse, scanTimeoutMs)
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  clearTimeout(timer)
  return isSame && code === 0 && parameters !== undefined
}
