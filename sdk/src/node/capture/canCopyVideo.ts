/** Finds out whether a file's video can go into segments as it is, which saves encoding it. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What is asked of the video; anything but `allowCopy` means work. */
export interface CopyWishes {
  readonly allowCopy?: boolean
  readonly bitrate?: number
  readonly frameRate?: number
  readonly maxWidth?: number
  readonly maxHeight?: number
}

/** A file that takes longer to look through is encoded anew. */
const probeTimeoutMs = 5000
const maxOutputBytes = 64 * 1024 * 1024
/** Segments may be this long (ms); and this many times the wanted duration. */
const maxSegmentMs = 4000
const maxStretch = 2

interface ProbedStream {
  readonly codec_name?: string
  readonly width?: number
  readonly height?: number
  readonly pix_fmt?: string
  readonly has_b_frames?: number
  readonly sample_aspect_ratio?: string
  readonly field_order?: string
  readonly side_data_list?: readonly { readonly rotation?: number }[]
}

interface Probe {
  readonly streams?: readonly ProbedStream[]
  readonly packets?: readonly { readonly pts_time?: string; readonly flags?: string }[]
}

/**
 * Looks through a file with ffprobe: progressive 8-bit 4:2:0 H.264 without reordering, upright, square pixels, even
 * sides, keyframes never further apart than a segment may be long.
 * @param file - path of a regular file
 * @returns false also when there is no ffprobe or it takes too long
 */
export async function canCopyVideo(file: string, wishes: CopyWishes, segmentDurationMs: number, ffmpegPath = 'ffmpeg'): Promise<boolean> {
  const { allowCopy = true, ...changes } = wishes
  if (!allowCopy || Object.values(changes).some((wish) => wish !== undefined)) return false
  const probe = await runProbe(file, ffmpegPath)
  const stream = probe?.streams?.[0]
  return stream !== undefined && isPlain(stream) && areKeyframesDense(probe?.packets ?? [], Math.min(segmentDurationMs * maxStretch, maxSegmentMs))
}

/** Absent means the plain value. */
const plainValues = { codec_name: ['h264'], pix_fmt: ['yuv420p'], has_b_frames: [0], sample_aspect_ratio: ['1:1', '0:1', 'N/A', undefined], field_order: ['progressive', 'unknown', undefined] } as const

function isPlain(stream: ProbedStream): boolean {
  const { width = 1, height = 1, side_data_list: sideData = [] } = stream
  const hasPlainValues = Object.entries(plainValues).every(([name, values]) => (values as readonly unknown[]).includes(stream[name as keyof typeof plainValues]))
  return hasPlainValues && width % 2 === 0 && height % 2 === 0 && sideData.every(({ rotation }) => !rotation)
}

async function runProbe(file: string, ffmpegPath: string): Promise<Probe | undefined> {
  const ffprobe = ffmpegPath.replace(/ffmpeg(?=[^/\\]*$)/, 'ffprobe')
  const entries = 'stream=codec_name,width,height,pix_fmt,has_b_frames,sample_aspect_ratio,field_order:stream_side_data=rotation:packet=pts_time,flags'
  const found = await promisify(execFile)(ffprobe, ['-v', 'error', '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', `file:${file}`], { timeout: probeTimeoutMs, maxBuffer: maxOutputBytes, killSignal: 'SIGKILL' }).catch(() => undefined)
  try {
    return found && (JSON.parse(found.stdout) as Probe)
  } catch {
    return undefined
  }
}

/** Whether the video starts with a keyframe and the next one always comes in time; also up to the end. */
function areKeyframesDense(packets: NonNullable<Probe['packets']>, maxGapMs: number): boolean {
  if (!packets[0]?.flags?.includes('K')) return false
  let lastKeyMs = Number(packets[0].pts_time) * 1000
  let lastMs = lastKeyMs
  for (const { pts_time: time, flags } of packets) {
    const ms = Number(time) * 1000
    // Without times, or with steps back, it is no stream to pass on.
    if (!Number.isFinite(ms) || ms < lastMs || ms - lastKeyMs > maxGapMs) return false
    lastMs = ms
    if (flags?.includes('K')) lastKeyMs = ms
  }
  return true
}
