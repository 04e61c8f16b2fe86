/**
 * `CPUTranscoding`: the service whose results anybody can repeat to the byte, so that a false one may cost stake. A service
 * is what its published description says, and its id the hash of that: what must be pinned for the same bytes to come out
 * stands in the description. Another encoder is another service. Pure.
 */

import { keccak_256 } from '@noble/hashes/sha3'
import { utf8ToBytes } from '@noble/hashes/utils'
import { bytesToHex, type Hex } from '../units/hex.js'

/** What one machine's ffmpeg is, as far as its output goes. */
export interface ExactEncoder {
  /** As the encoder writes it into its first picture, e.g. `x264 - core 164 r3095 baee400`. */
  readonly version: string
  /** The first 8 bytes of the SHA-256 of what it makes of a fixed source, as hex: scaler and encoder together. */
  readonly trial: string
}

/** How the encoder is run. One thread: with more, the cut into slices follows the number of processors. */
export const exactRecipe = {
  scaler: 'bicubic+accurate_rnd+full_chroma_int+bitexact',
  preset: 'ultrafast',
  tune: 'zerolatency',
  profile: 'baseline',
  /** `cpu-independent`: no algorithm is chosen by what the processor can do. */
  x264Parameters: 'threads=1:lookahead-threads=1:sliced-threads=0:sync-lookahead=0:cpu-independent=1:scenecut=0:bframes=0',
  /** Of the rendition's bitrate, in percent. */
  maxratePercent: 120,
  /** Seconds of the rendition's bitrate. */
  bufferSeconds: 2,
} as const

/** What the encoder of Debian 12 is: the service that networks list by default. */
export const defaultExactEncoder: ExactEncoder = { version: 'x264 - core 164 r3095 baee400', trial: 'e0ad60e129c64d03' }

/** The published description of the exact service with an encoder. */
export function describeExactService({ version, trial }: ExactEncoder): string {
  const { scaler, preset, tune, profile, x264Parameters, maxratePercent, bufferSeconds } = exactRecipe
  return [
    'CPUTranscoding 1: each segment by itself, from header and bytes alone, to H.264 at the rate that the header states',
    `scale ${scaler}`,
    `${version}, trial ${trial}, ${preset} ${tune} ${profile} ${x264Parameters}, maxrate ${maxratePercent} %, buffer ${bufferSeconds} s`,
    'SHA-256 of avcC and pictures',
  ].join('; ')
}

/** The id of the exact service with an encoder: keccak256 of its description. */
export function hashExactService(encoder: ExactEncoder): Hex {
  return bytesToHex(keccak_256(utf8ToBytes(describeExactService(encoder))))
}
