/** From ffmpeg's complaint to an error that says what would help. Pure. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import type { FfmpegLog } from './readFfmpegLog.js'

/** ffmpeg was built without a part that is needed. */
const lacksPart = /Unknown encoder|Unrecognized option|Encoder .* not found|Requested output format .* is not|No such filter/
/** The other side cannot be reached, or was lost. */
const isUnreachable = /Connection refused|Connection timed out|Connection reset|Network is unreachable|No route to host|Host is (down|unreachable)|Name or service not known|Temporary failure in name resolution|Failed to resolve hostname|Operation timed out|Server returned [45]\d\d|HTTP error|Broken pipe|Input\/output error|Cannot open connection|Server error/i
const maxTextLength = 300
const lacksVideo = /matches no streams|does not contain any stream/
/** Complaints, and what they mean in words. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/^\[(hls|concat|dash|imf|webm_dash_manifest)\b[^\]]*\] Format not on whitelist/m, 'it is a playlist, which names other files: name the media itself, or set allowPlaylists'],
  [/not on whitelist/, 'this kind of file or address is not read'],
  [/moov atom not found/, 'its index (moov) is missing: the file is cut off, or still being written'],
  [/Decoder .* not found|Unknown decoder|no decoder/i, 'this ffmpeg has no decoder for it'],
  [/EBML header parsing failed|Invalid data found|could not find codec parameters/i, 'it is no video file, or it is damaged'],
]

/** What is known when ffmpeg ended with a failure. */
export interface Failure {
  readonly log: Pick<FfmpegLog, 'errors' | 'hasCover' | 'hasSound'>
  readonly exitCode: number | null
  readonly isDevice: boolean
  /** Whether the input comes over a network. */
  readonly isRemote: boolean
}

/** Makes the error; `data.reason` holds ffmpeg's own words. */
export function explainFailure({ log, exitCode, isDevice, isRemote }: Failure): StreamflowError {
  const reason = log.errors.join('\n')
  const text = log.errors.at(-1) ?? `it exited with ${exitCode ?? 'a signal'}`
  const data = { reason, exitCode }
  if (lacksPart.test(reason)) return new StreamflowError('Unsupported', `this ffmpeg lacks what is needed: ${text}`, { data: { missing: 'ffmpeg', ...data } })
  if (isDevice) return new StreamflowError('DeviceNotFound', `ffmpeg cannot read the device: ${reason || text}`, { data })
  if (isRemote && isUnreachable.test(reason)) return new StreamflowError('InputUnavailable', `the input cannot be reached: ${text}`, { data })
  if (lacksVideo.test(reason)) return new StreamflowError('InvalidArgument', describeNoVideo(log), { data })
  const meaning = meanings.find(([pattern]) => pattern.test(reason))?.[1]
  return new StreamflowError('InvalidArgument', `ffmpeg cannot read the input: ${meaning ? `${meaning} (${text.slice(0, maxTextLength)})` : reason || text}`, { data })
}

/** The sentence for an input without video. */
export function describeNoVideo({ hasCover, hasSound }: { readonly hasCover: boolean; readonly hasSound: boolean }): string {
  if (hasCover) return 'the input has no video: its only picture is the cover of a recording of sound'
  return hasSound ? 'the input has no video, only sound' : 'the input has no video that ffmpeg knows'
}
