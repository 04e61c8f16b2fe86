/** What stands before ffmpeg's input: how it is named, and what of ffmpeg's many readers may touch it. */

import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { StreamflowError } from '../../errors/StreamflowError.js'

/**
 * What to capture: a path, a URL that ffmpeg reads (`rtmp:`, `srt:`, `http:`, `file:` …), a stream of bytes, or the
 * arguments that name any other input of ffmpeg's (`['-f', 'v4l2', '-i', '/dev/video0']`).
 */
export type ReadableInput = string | URL | Readable | ReadableStream<Uint8Array> | { readonly ffmpegInput: readonly string[] }

/** An input as ffmpeg is told of it. */
export interface NamedInput {
  /** Arguments up to `-i` and its value, whitelists included. */
  readonly arguments: readonly string[]
  /** What holds unless the caller says otherwise. */
  readonly pace: 'realtime' | 'source'
  readonly stdin?: Readable
  /** Path of a regular file: it can be looked through before it is begun. */
  readonly file?: string
  readonly isDevice: boolean
}

/** ffmpeg's names of what reads cameras, microphones and screens. */
const deviceFormats: readonly string[] = ['v4l2', 'avfoundation', 'dshow', 'gdigrab', 'x11grab', 'alsa', 'pulse']
const networkUrl = /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i

/**
 * Containers of one file or connection. Whatever names other files is missing on purpose: a playlist that calls itself
 * `film.mp4` would otherwise broadcast any file of this machine. Containers of sound alone are here for a better message.
 */
const containers = [
  'mov', 'matroska', 'mpegts', 'flv', 'live_flv', 'kux', 'avi', 'mpeg', 'mpegvideo', 'm4v', 'h264', 'hevc', 'h263', 'av1', 'obu', 'ivf', 'vc1', 'vc1test', 'mjpeg', 'mpjpeg', 'dirac',
  'ogg', 'asf', 'mxf', 'gxf', 'nut', 'dv', 'rm', 'wtv', 'yuv4mpegpipe', 'gif', 'apng', 'nsv', 'swf', 'lxf', 'film_cpk', 'dxa', 'smjpeg', 'fits', 'cavsvideo',
  'wav', 'w64', 'mp3', 'aac', 'ac3', 'eac3', 'flac', 'aiff', 'caf', 'dts', 'dtshd', 'amr', 'au', 'ape', 'tta', 'wv', 'tak', 'truehd', 'mlp', 'voc', 'rtp', 'rtsp', 'sdp',
]
/** What only names other files: read where the caller asks for it. */
const playlists = ['hls', 'dash', 'concat', 'imf', 'webm_dash_manifest']
const networkProtocols = ['tcp', 'udp', 'udplite', 'rtp', 'srtp', 'srt', 'rist', 'rtmp', 'rtmpe', 'rtmps', 'rtmpt', 'rtmpts', 'ffrtmphttp', 'ffrtmpcrypt', 'http', 'https', 'httpproxy', 'tls', 'crypto']

/** The whitelists of an input that is reached by `protocols`. */
function limitReaders(protocols: readonly string[], allowPlaylists: boolean): string[] {
  const formats = allowPlaylists ? [...containers, ...playlists] : containers
  const reached = allowPlaylists ? [...protocols, 'crypto', 'data', 'concat'] : protocols
  return ['-protocol_whitelist', reached.join(','), '-format_whitelist', formats.join(',')]
}

/**
 * Names an input.
 * @param allowPlaylists - whether playlists may name other files
 * @throws {@link StreamflowError} `InvalidArgument` for a file that cannot be read or is empty
 */
export async function nameInput(input: ReadableInput, allowPlaylists: boolean): Promise<NamedInput> {
  const pipe = (stdin: Readable): NamedInput => ({ arguments: [...limitReaders(['pipe'], allowPlaylists), '-i', 'pipe:0'], pace: 'realtime', stdin, isDevice: false })
  if (input instanceof Readable) return pipe(input)
  if (input instanceof ReadableStream) return pipe(Readable.fromWeb(input as Parameters<typeof Readable.fromWeb>[0]))
  if (typeof input === 'object' && 'ffmpegInput' in input) return { arguments: input.ffmpegInput, pace: 'source', isDevice: input.ffmpegInput.some((argument) => deviceFormats.includes(argument)) }
  const url = typeof input === 'string' ? (networkUrl.test(input) ? input : undefined) : input.protocol === 'file:' ? undefined : input.href
  if (url !== undefined) return { arguments: [...limitReaders(networkProtocols, allowPlaylists), '-i', url], pace: 'source', isDevice: false }
  const file = input instanceof URL || String(input).startsWith('file:') ? fileURLToPath(input as string | URL) : String(input)
  const found = await stat(file).catch((error: unknown) => {
    throw new StreamflowError('InvalidArgument', `the input file cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  })
  if (found.isDirectory()) throw new StreamflowError('InvalidArgument', `the input is a folder, not a file: ${file}`)
  if (found.isFile() && found.size === 0) throw new StreamflowError('InvalidArgument', `the input file is empty: ${file}`)
  // `file:` keeps ffmpeg from taking a name with a colon for a protocol, or one with a dash for an option.
  return { arguments: [...limitReaders(['file'], allowPlaylists), '-i', `file:${file}`], pace: 'realtime', isDevice: false, ...(found.isFile() ? { file } : {}) }
}
