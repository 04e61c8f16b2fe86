/**
 * Keeps the sound going. A rendition of sound has sound from the stream's first segment to its last, whatever the source
 * has: where there is none, silence is sent to ffmpeg in its place, by the clock of the pictures. One silent packet is
 * enough, for ffmpeg fills what lies before it. So sound never holds pictures back, nor do they ever lack it.
 */

import { aacFrameSamples, audioSampleRate } from '../core/partTiming.js'
import { EncoderClock } from './encoderClock.js'

const frameUs = (aacFrameSamples * 1e6) / audioSampleRate
/** How far sound may be behind the pictures before silence takes its place: senders interleave by up to 200 ms. */
const patienceUs = 300_000
/** The same where silence is all there has been of late. */
const silentPatienceUs = 60_000
/** Silent packets come no closer than this. */
const silenceStepUs = 40_000
/** Sound further ahead of the pictures is damage. */
const maxLeadUs = 2_000_000
/** More AAC frames than an encoder holds back: so many more make it hand out what it has. */
const heldFrames = 8
/** Rounding of a container's clock. */
const roundingUs = 1_100
/** Silent packets after which an encoder has begun: the second makes up for what decoders and resamplers take off the first. */
const openingPackets = 2

/** The sound of one stream, on the encoder's clock. */
export class SoundGrid {
  readonly clock = new EncoderClock()
  readonly #silenceUs: number
  #hasBegun = false
  /** Start of the last packet, and the end of the last silent one; microseconds of the encoder's clock. */
  #lastUs = -1
  #silentUntilUs = 0
  #isSilent = false

  /** @param silenceUs - how long a silent packet is */
  constructor(silenceUs: number) {
    this.#silenceUs = silenceUs
  }

  /**
   * The encoder's clock goes on with AAC frame `frame` of the stream, at its start or after a jump (see {@link cut}).
   * @returns when to give it silent packets. At the start they are heard by nobody: with them the encoder opens, and players
   * can be told of the sound, whenever the first of it comes and whether or not it can be decoded
   */
  begin(frame: number): readonly number[] {
    const opening = this.#hasBegun ? [] : Array.from({ length: openingPackets }, (_, i) => this.#silence(i * this.#silenceUs))
    this.#hasBegun = true
    this.clock.jump(Math.ceil(this.#endUs / frameUs + 1), frame)
    return opening
  }

  /**
   * Takes a packet of the source.
   * @param streamUs - its time, and that of the newest picture, on the stream clock
   * @returns when to give it to the encoder; `undefined` if its place is taken
   */
  accept(streamUs: number, pictureUs: number): number | undefined {
    if (!this.#hasBegun || streamUs > pictureUs + maxLeadUs) return undefined
    this.#isSilent = false
    const encoderUs = this.#encoderUs(streamUs)
    if (encoderUs <= this.#lastUs || encoderUs < this.#silentUntilUs - roundingUs) return undefined
    this.#lastUs = encoderUs
    return encoderUs
  }

  /** A picture was sent. @returns when to give the encoder a silent packet, if sound is missing */
  follow(pictureUs: number): number | undefined {
    const encoderUs = this.#encoderUs(pictureUs - (this.#isSilent ? silentPatienceUs : patienceUs))
    if (!this.#hasBegun || encoderUs - this.#endUs < silenceStepUs) return undefined
    this.#isSilent = true
    return this.#silence(encoderUs)
  }

  /** Fills up to AAC frame `frame` of the stream (exclusive). @returns when to give the encoder a silent packet, if that is needed */
  fillTo(frame: number): number | undefined {
    const encoderUs = this.clock.encoderUnit(frame) * frameUs
    return this.#hasBegun && encoderUs > this.#endUs ? this.#silence(encoderUs) : undefined
  }

  /**
   * The encoder is to hand out everything before AAC frame `frame` of the stream; what it gets for that is heard by nobody.
   * Sound goes on by {@link begin}.
   * @returns when to give it a silent packet
   */
  cut(frame: number): number | undefined {
    if (!this.#hasBegun) return undefined
    const unit = this.clock.encoderUnit(frame)
    this.clock.discard(unit)
    return this.#silence(Math.max(unit * frameUs, this.#endUs) + heldFrames * frameUs)
  }

  get #endUs(): number {
    return Math.max(this.#lastUs + this.#silenceUs, this.#silentUntilUs)
  }

  #encoderUs(streamUs: number): number {
    return this.clock.encoderUnit(streamUs / frameUs) * frameUs
  }

  #silence(encoderUs: number): number {
    this.#silentUntilUs = encoderUs + this.#silenceUs
    return encoderUs
  }
}
