/** Looks through a file with ffprobe, packet by packet where there is time: what it holds and when each picture is shown. */

import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

/** The picture track, as ffprobe describes it. */
export interface VideoFacts {
  readonly codec: string
  readonly width: number
  readonly height: number
  readonly pixelFormat: string
  readonly hasReordering: boolean
  /** Whether pixels are as high as wide. */
  readonly isSquare: boolean
  readonly isInterlaced: boolean
  readonly isRotated: boolean
  /** Frames per second as the container's clock suggests; 0 when it does not say. */
  readonly nominalRate: number
  readonly averageRate: number
}

/** A track of sound, as ffprobe describes it. */
export interface AudioFacts {
  readonly index: number
  readonly channels: number
  /** Whether it is known which channel is where. */
  readonly hasLayout: boolean
}

/** One picture. */
export interface PictureFacts {
  readonly timeUs: number
  readonly isKey: boolean
  /** Whether an edit list hides it, or it comes with other parameters than those before. */
  readonly isOdd: boolean
}

/** What a file holds. */
export interface FileFacts {
  readonly video: VideoFacts
  /** The track of sound that is sent: the first that ffmpeg knows. */
  readonly audio: AudioFacts | undefined
  /** All pictures in the order of the file; `undefined`: there was no time to look at all of them. */
  readonly pictures: readonly PictureFacts[] | undefined
  /** First and last moment of the sound, microseconds on the pictures' clock. */
  readonly sound: { readonly startUs: number; readonly endUs: number } | undefined
}

/** A file that takes longer to look through is taken as it comes. */
const scanTimeoutMs = 5000
const maxOutputBytes = 4 * 1024 * 1024

interface ProbedStream {
  readonly index: number
  readonly codec_type?: string
  readonly codec_name?: string
  readonly width?: number
  readonly height?: number
  readonly pix_fmt?: string
  readonly has_b_frames?: number
  readonly channels?: number
  readonly channel_layout?: string
  readonly sample_aspect_ratio?: string
  readonly field_order?: string
  readonly r_frame_rate?: string
  readonly avg_frame_rate?: string
  readonly disposition?: { readonly attached_pic?: number }
  readonly side_data_list?: readonly { readonly rotation?: number }[]
}

/**
 * Looks through a file.
 * @param inputArguments - those that name it to ffmpeg, `-i` and its value last
 * @returns undefined when ffprobe is missing or cannot read it: ffmpeg then says why
 */
export async function inspectFile(inputArguments: readonly string[], ffmpegPath: string): Promise<FileFacts | undefined> {
  const ffprobe = ffmpegPath.replace(/ffmpeg(?=[^/\\]*$)/, 'ffprobe')
  const [streams, packets] = await Promise.all([readStreams(ffprobe, inputArguments), readPackets(ffprobe, inputArguments)])
  const video = streams.find(({ codec_type: type, disposition }) => type === 'video' && !disposition?.attached_pic)
  const audios = streams.filter(({ codec_type: type }) => type === 'audio')
  const audio = audios.find(({ codec_name: codec = 'unknown' }) => codec !== 'unknown') ?? audios[0]
  if (video === undefined) return undefined
  const sound = audio && packets?.get(audio.index)
  return {
    video: describeVideo(video),
    audio: audio && describeAudio(audio),
    pictures: packets?.get(video.index)?.pictures,
    sound: sound && sound.pictures.length > 0 ? { startUs: sound.startUs, endUs: sound.endUs } : undefined,
  }
}

function describeVideo(stream: ProbedStream): VideoFacts {
  const { sample_aspect_ratio: ratio = '1:1', field_order: fields = 'progressive', side_data_list: sideData = [] } = stream
  return {
    codec: stream.codec_name ?? '',
    width: stream.width ?? 0,
    height: stream.height ?? 0,
    pixelFormat: stream.pix_fmt ?? '',
    hasReordering: stream.has_b_frames !== 0,
    isSquare: ['1:1', '0:1', 'N/A'].includes(ratio),
    isInterlaced: !['progressive', 'unknown'].includes(fields),
    isRotated: sideData.some(({ rotation }) => rotation !== undefined && rotation !== 0),
    nominalRate: parseRate(stream.r_frame_rate),
    averageRate: parseRate(stream.avg_frame_rate),
  }
}

function describeAudio({ index, channels = 0, channel_layout: layout = 'unknown' }: ProbedStream): AudioFacts {
  return { index, channels, hasLayout: layout !== 'unknown' }
}

function parseRate(text = '0/1'): number {
  const [numerator = 0, denominator = 1] = text.split('/').map(Number)
  return denominator > 0 ? numerator / denominator : 0
}

async function readStreams(ffprobe: string, inputArguments: readonly string[]): Promise<readonly ProbedStream[]> {
  const entries = 'stream=index,codec_type,codec_name,width,height,pix_fmt,has_b_frames,channels,channel_layout,sample_aspect_ratio,field_order,r_frame_rate,avg_frame_rate:stream_disposition=attached_pic:stream_side_data=rotation'
  try {
    const { stdout } = await promisify(execFile)(ffprobe, ['-v', 'error', '-show_entries', entries, '-of', 'json', ...inputArguments], { timeout: scanTimeoutMs, maxBuffer: maxOutputBytes, killSignal: 'SIGKILL' })
    return (JSON.parse(stdout) as { readonly streams?: readonly ProbedStream[] }).streams ?? []
  } catch {
    return []
  }
}

interface TrackPackets {
  readonly pictures: PictureFacts[]
  startUs: number
  endUs: number
}

/** Of sound only the ends are kept, with one entry for whether there is any. */
async function readPackets(ffprobe: string, inputArguments: readonly string[]): Promise<ReadonlyMap<number, TrackPackets> | undefined> {
  const entries = 'packet=codec_type,stream_index,pts_time,duration_time,flags:packet_side_data=side_data_type'
  const child = spawn(ffprobe, ['-v', 'quiet', '-show_entries', entries, '-of', 'compact=p=0:nk=1', ...inputArguments], { stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false))
    child.once('close', (_code, signal) => resolve(signal === null))
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), scanTimeoutMs)
  const tracks = new Map<number, TrackPackets>()
  for await (const line of createInterface({ input: child.stdout })) readPacket(line, tracks)
  const isComplete = await exited
  clearTimeout(timer)
  return isComplete ? tracks : undefined
}

function readPacket(line: string, tracks: Map<number, TrackPackets>): void {
  const [kind, index, time, duration, flags = '', ...sideData] = line.split('|')
  const startUs = Math.round(Number(time) * 1e6)
  if (kind !== 'video' && kind !== 'audio') return
  const track = tracks.get(Number(index)) ?? { pictures: [], startUs: Number.POSITIVE_INFINITY, endUs: Number.NEGATIVE_INFINITY }
  tracks.set(Number(index), track)
  const isHidden = flags.includes('D')
  if (kind === 'video') track.pictures.push({ timeUs: startUs, isKey: flags.includes('K'), isOdd: isHidden || sideData.some((type) => type.includes('Extradata')) })
  else if (track.pictures.length === 0) track.pictures.push({ timeUs: startUs, isKey: true, isOdd: false })
  if (isHidden || !Number.isFinite(startUs)) return
  track.startUs = Math.min(track.startUs, startUs)
  track.endUs = Math.max(track.endUs, startUs + Math.round((Number(duration) || 0) * 1e6))
}
