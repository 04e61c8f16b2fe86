/** The arguments with which ffmpeg turns an input into live Matroska for us to cut. Pure. */

/** What to make of the input. */
export interface FfmpegJob {
  /** Arguments that name the input, `-i` and its value included, e.g. `['-i', 'rtmp://…']`. */
  readonly inputArguments: readonly string[]
  /** Whether the input is read at the pace of its own clock. */
  readonly isRealTime: boolean
  /** Whether the input is live: it is looked at for a second, not for five, before it is begun. */
  readonly isLive: boolean
  readonly isLooped: boolean
  readonly segmentDurationMs: number
  /** `copy`: the video is passed on as it is. */
  readonly video: 'copy' | { readonly bitrate?: number | undefined; readonly frameRate?: number | undefined; readonly maxWidth?: number | undefined; readonly maxHeight?: number | undefined; readonly preset: string }
  /** `false`: the audio is left out. */
  readonly audio: false | { readonly bitrate: number }
}

const minSide = 16
const defaultQuality = 23

/** Builds ffmpeg's command line (without the program's name); Matroska comes out of its standard output. */
export function buildFfmpegArguments({ inputArguments, isRealTime, isLive, isLooped, segmentDurationMs, video, audio }: FfmpegJob): string[] {
  return [
    ...['-hide_banner', '-loglevel', 'error', ...(inputArguments.includes('pipe:0') ? [] : ['-nostdin'])],
    ...(isRealTime ? ['-re'] : []),
    // Not `-fflags nobuffer`: that throws away the packets that were looked at, keyframe included.
    ...(isLive ? ['-analyzeduration', '1000000'] : []),
    ...(isLooped ? ['-stream_loop', '-1'] : []),
    ...inputArguments,
    ...['-map', '0:v:0', ...(audio ? ['-map', '0:a:0?'] : [])],
    ...['-map_metadata', '-1', '-map_chapters', '-1'],
    ...(video === 'copy' ? ['-c:v', 'copy'] : buildVideoArguments(video, segmentDurationMs)),
    // Gaps in the sound become silence, so that it stays with the picture.
    ...(audio ? ['-af', 'aresample=async=1:first_pts=0', '-c:a', 'libopus', '-b:a', String(audio.bitrate), '-ar', '48000', '-ac', '2'] : []),
    // A cluster per block and a flush per packet: nothing waits in the muxer for the end of a segment.
    ...['-f', 'matroska', '-live', '1', '-cluster_size_limit', '1', '-flush_packets', '1', 'pipe:1'],
  ]
}

function buildVideoArguments({ bitrate, frameRate, maxWidth, maxHeight, preset }: Exclude<FfmpegJob['video'], 'copy'>, segmentDurationMs: number): string[] {
  // ffmpeg turns rotated pictures upright by itself, before these filters. Odd sides lose a line, pixels become square.
  const bounds = [...(maxWidth ? [`${maxWidth}/(iw*sar)`] : []), ...(maxHeight ? [`${maxHeight}/ih`] : [])]
  const scale = bounds.reduce((smallest, bound) => `min(${smallest},${bound})`, '1')
  const side = (expression: string): string => `'max(${minSide},trunc(${expression}*${scale}/2+0.001)*2)'`
  const filters = [
    ...(frameRate ? [`fps=fps='min(source_fps,${frameRate})'`] : []),
    'crop=trunc(iw/2)*2:trunc(ih/2)*2',
    `scale=w=${side('iw*sar')}:h=${side('ih')}`,
    'setsar=1',
  ]
  return [
    ...['-vf', filters.join(','), '-pix_fmt', 'yuv420p'],
    ...['-c:v', 'libx264', '-preset', preset, '-tune', 'zerolatency', '-profile:v', 'main', '-bf', '0'],
    ...(bitrate ? ['-b:v', String(bitrate), '-maxrate', String(bitrate), '-bufsize', String(bitrate)] : ['-crf', String(defaultQuality)]),
    // Keyframes where segments begin and nowhere else.
    ...['-force_key_frames', `expr:gte(t,n_forced*${segmentDurationMs / 1000})`, '-g', '100000', '-sc_threshold', '0'],
    // Frames keep their own times (variable frame rate); the encoder's clock must be finer than a frame.
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
  ]
}
