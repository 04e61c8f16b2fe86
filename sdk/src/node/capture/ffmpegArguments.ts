/** The arguments with which ffmpeg turns an input into live Matroska for us to cut: pictures and sound each on a pipe of its own. Pure. */

import { ladderLimits } from '../../media/ladder.js'
import type { AudioFacts } from './inspectFile.js'
import { maxFrameRate, type VideoPlan } from './planVideo.js'

/** What to make of the input. */
export interface FfmpegJob {
  /** Arguments that name the input, `-i` and its value included, e.g. `['-i', 'rtmp://…']`; what follows them (`-t 8`) holds of pictures and sound. */
  readonly inputArguments: readonly string[]
  /** Whether the input cannot be looked through: little of it is read before it is begun. */
  readonly isStream: boolean
  readonly isLooped: boolean
  readonly segmentDurationMs: number
  /** `copy`: the video is passed on as it is. */
  readonly video: 'copy' | VideoWishes
  readonly plan: VideoPlan
  /** `false`: the audio is left out. */
  readonly audio: false | SoundWishes
}

/** What is asked of the sound, and which. */
export interface SoundWishes {
  readonly bitrate: number
  /** What is known of its track; else the first one is taken. */
  readonly track: AudioFacts | undefined
}

/** What is asked of the pictures. */
export interface VideoWishes {
  readonly bitrate?: number | undefined
  readonly frameRate?: number | undefined
  readonly maxWidth?: number | undefined
  readonly maxHeight?: number | undefined
  readonly preset: string
}

const minSide = 16
const mostGuessedChannels = 8
const defaultQuality = 23
/** Microseconds and bytes of a stream that are looked at before it is begun: what is there of it by then is late. */
const streamAnalysisUs = 500_000
const streamProbeBytes = 1_000_000
/** A longer one is a leap of the clock; so it is in createPlayout.ts. */
const maxHoleSeconds = 30
/** Sends a picture that stands still so many times a second. */
const bridgeRate = 2
/** Descriptors of ffmpeg's outputs (see startFfmpeg.ts); standard output carries the pictures. */
const soundFd = 3
const progressFd = 4

/** A cluster per block and a flush per packet: nothing waits in the muxer for the end of a segment. */
const liveMatroska = ['-map_metadata', '-1', '-map_chapters', '-1', '-f', 'matroska', '-live', '1', '-cluster_size_limit', '1', '-flush_packets', '1'] as const

/**
 * Builds ffmpeg's command line (without the program's name). Pictures come out of its standard output, sound out of
 * descriptor 3, how many pictures found no place out of 4.
 *
 * One muxer for both would hold pictures back for as long as sound is late, paused or over (up to 10 s), and not even
 * begin before the first of it. The second output must not be empty where the input has no sound, or ffmpeg gives up:
 * hence input 0, a single small picture that nobody reads.
 */
export function buildFfmpegArguments({ inputArguments, isStream, isLooped, segmentDurationMs, video, plan, audio }: FfmpegJob): string[] {
  const inputEnd = inputArguments.includes('-i') ? inputArguments.lastIndexOf('-i') + 2 : inputArguments.length
  const outputArguments = inputArguments.slice(inputEnd)
  return [
    ...['-hide_banner', '-loglevel', 'level+info', '-nostats', ...(inputArguments.includes('pipe:0') ? [] : ['-nostdin'])],
    ...['-progress', `pipe:${progressFd}`],
    ...(audio ? ['-f', 'lavfi', '-i', `color=size=${minSide}x${minSide}:duration=0.04`] : []),
    // Not `-fflags nobuffer`: that throws away the packets that were looked at, keyframe included.
    ...(isStream ? ['-analyzeduration', String(streamAnalysisUs), '-probesize', String(streamProbeBytes)] : []),
    ...(isLooped ? ['-stream_loop', '-1'] : []),
    // A hole stays a hole; a clock that leaps or runs backwards is mended (in MPEG-TS), or its leap would be filled with silence.
    ...['-dts_delta_threshold', String(maxHoleSeconds)],
    ...inputArguments.slice(0, inputEnd),
    // V: not the picture on a record's cover.
    ...[...outputArguments, '-map', `${audio ? 1 : 0}:V:0`, ...(video === 'copy' ? ['-c:v', 'copy'] : buildVideoArguments(video, plan, segmentDurationMs)), ...liveMatroska, 'pipe:1'],
    ...(audio ? [...outputArguments, ...buildSoundArguments(audio)] : []),
  ]
}

function buildSoundArguments({ bitrate, track }: SoundWishes): string[] {
  // Channels that nobody knows the place of cannot be mixed: the first two are heard. Of up to eight, ffmpeg knows the usual places.
  const mix = track !== undefined && !track.hasLayout && track.channels > mostGuessedChannels ? ['pan=stereo|c0=c0|c1=c1'] : []
  return [
    ...['-map', track === undefined ? '1:a:0?' : `1:${track.index}`, '-map', '0:v:0'],
    // Gaps in the sound become silence, so that it stays with the picture.
    ...['-af', [...mix, 'aresample=48000:async=1:first_pts=0'].join(','), '-c:a', 'libopus', '-b:a', String(bitrate), '-ac', '2', '-c:v', 'rawvideo'],
    // The small picture is over at once; the sound must not wait for another.
    ...['-max_interleave_delta', '1', ...liveMatroska, `pipe:${soundFd}`],
  ]
}

function buildVideoArguments({ bitrate, frameRate, maxWidth, maxHeight, preset }: VideoWishes, plan: VideoPlan, segmentDurationMs: number): string[] {
  const segmentSeconds = segmentDurationMs / 1000
  const segmentOf = (time: string): string => `floor(${time}/${segmentSeconds}+0.001)`
  const mostFrames = Math.min(frameRate ?? maxFrameRate, maxFrameRate)
  return [
    ...['-vf', buildFilters({ maxWidth, maxHeight }, plan), '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', preset, '-tune', 'zerolatency', '-profile:v', 'main', '-bf', '0'],
    ...(bitrate ? ['-b:v', String(bitrate), '-maxrate', String(bitrate), '-bufsize', String(bitrate)] : ['-crf', String(defaultQuality)]),
    // Keyframes where segments begin and nowhere else; also after a hole of many segments.
    ...['-force_key_frames', `expr:if(isnan(prev_forced_t),1,gt(${segmentOf('t')},${segmentOf('prev_forced_t')}))`, '-g', '100000', '-sc_threshold', '0'],
    // At most one picture in each place of a grid: the rate that is declared is never exceeded. Empty places stay empty.
    ...['-fps_mode', 'vfr', ...(plan.frameRate === undefined ? ['-fpsmax', String(mostFrames)] : ['-r', String(Math.min(plan.frameRate, mostFrames))])],
  ]
}

function buildFilters({ maxWidth, maxHeight }: { readonly maxWidth: number | undefined; readonly maxHeight: number | undefined }, { isInterlaced, isBridged, leadUs, tailUs }: VideoPlan): string {
  // ffmpeg turns rotated pictures upright by itself, before these filters. Odd sides lose a line, pixels become square.
  const bound = (wish: number | undefined): number => Math.min(wish ?? ladderLimits.maxSide, ladderLimits.maxSide)
  const scale = `min(1,min(${bound(maxWidth)}/(iw*sar),${bound(maxHeight)}/ih))`
  const side = (expression: string): string => `'max(${minSide},trunc(${expression}*${scale}/2+0.001)*2)'`
  const seconds = (us: number): string => (us / 1e6).toFixed(6)
  const chain = [
    ...(isInterlaced ? ['bwdif=mode=send_frame:deint=interlaced'] : []),
    'crop=trunc(iw/2)*2:trunc(ih/2)*2',
    `scale=w=${side('iw*sar')}:h=${side('ih')}`,
    'setsar=1',
  ].join(',')
  if (!isBridged) return chain
  // What stands still is repeated on a slow grid of its own; where a picture is nearby, the repetition finds its place taken.
  const still = [
    `fps=${bridgeRate}:round=up`,
    // tpad puts its copies at 0, where the sound begins, and moves the rest by what it adds.
    ...(leadUs > 0 ? ['setpts=PTS-STARTPTS', `tpad=start_mode=clone:start_duration=${seconds(leadUs)}`] : []),
    ...(tailUs > 0 ? [`tpad=stop_mode=clone:stop_duration=${seconds(tailUs)}`] : []),
  ].join(',')
  return `${chain},split[every][some];[some]${still}[still];[every][still]interleave`
}
