/** What of a stream's bytes an encoder is given, and when on the encoder's clock: pictures on their grid, sound without holes. */

import { encodeMatroskaHeader, parseAvcC, tickUs, trackNumber, type MatroskaHeader } from '@streamflow/sdk/media'
import { computeLongestSegmentUs, computeSoundStart, computeUnitStartUs, findUnit, type Grid } from '../core/partTiming.js'
import type { TranscodeJob } from '../core/transcoding.js'
import { admitPicture, type PictureTerms } from './admitPicture.js'
import { encodeBlock, MatroskaGate, type GatedBlock } from './matroskaGate.js'
import { PictureGrid, type PictureGridOptions, type Pictures } from './pictureGrid.js'
import { SegmentTimeline } from './segmentTimeline.js'
import { composeSilence } from './silence.js'
import { SoundGrid } from './soundGrid.js'

const keyFlag = 0x80

/** What goes on to the encoder. */
export interface Feed {
  readonly pieces: readonly Uint8Array[]
  readonly hasPicture: boolean
}

/** The blocks of one stream on their way to an encoder. */
export class StreamFeed {
  /**
   * What the encoder is given as the stream's header: written anew from what was read and found good, so that nothing
   * else of the broadcaster's reaches a demuxer.
   */
  readonly header: Uint8Array
  readonly timeline: SegmentTimeline
  readonly pictures: Pictures
  readonly sound: SoundGrid
  readonly #grid: Grid
  readonly #gate: MatroskaGate
  readonly #silence: Pick<GatedBlock, 'kind' | 'flags' | 'payload'> | undefined
  readonly #terms: PictureTerms
  /** Keyframe of the newest segment. */
  #key: GatedBlock | undefined
  #lastSlot = 0
  #slotCount = 0
  /** Time of the newest picture on the stream clock. */
  #pictureUs = 0

  /** @param createPictures - where pictures go; @default to one encoder for all of them */
  constructor(job: TranscodeJob, grid: Grid, header: MatroskaHeader, createPictures: (options: PictureGridOptions) => Pictures = (options) => new PictureGrid(options)) {
    this.#grid = grid
    this.header = rewriteHeader(job, header)
    this.timeline = new SegmentTimeline(grid)
    this.pictures = createPictures({ grid, timeline: this.timeline, maxSegmentSlots: Math.max(1, findUnit(grid, computeLongestSegmentUs(job))) })
    this.#gate = new MatroskaGate(header)
    const { video } = job.input
    this.#terms = { video, parameters: video.codec === 'h264' ? parseAvcC(header.tracks.find(({ kind }) => kind === 'video')?.codecPrivate) : undefined }
    const track = header.tracks.find(({ kind }) => kind === 'audio')
    const silence = track && composeSilence(track)
    this.sound = new SoundGrid(silence?.durationUs ?? 0)
    if (track !== undefined && silence !== undefined) this.#silence = { kind: 'audio', flags: keyFlag, payload: silence.bytes }
  }

  /** Pictures that the encoder was given, and those that it makes of them where slots are empty. */
  get slotCount(): number {
    return this.#slotCount
  }

  /** A segment begins. @throws {@link StreamflowError} `BadMessage` if segments go backwards */
  open(seq: number, startUs: number): void {
    this.timeline.open(seq, startUs)
    this.#gate.openSegment()
    this.#key = undefined
  }

  /**
   * Bytes of the open segment. What is damaged is left out, the rest of the stream goes on; what is missing shows in the count of frames.
   * @throws {@link StreamflowError} `SegmentFormatDidntMatchJobInputParams` if a picture brings parameters of another size than the header's
   */
  write(bytes: Uint8Array): Feed {
    const pieces: Uint8Array[] = []
    let hasPicture = false
    for (const block of this.#gate.read(bytes)) {
      if (block.kind === 'audio') pieces.push(...this.#feedSound(block))
      else {
        const picture = this.#feedPicture(block)
        hasPicture ||= picture.length > 0
        pieces.push(...picture)
      }
    }
    return { pieces, hasPicture }
  }

  /** The open segment is complete. @param durationUs - as declared */
  close(durationUs: number): void {
    this.pictures.close(durationUs)
  }

  /** Blocks after which the encoder hands out everything of the newest segment, though nothing follows. They are shown to nobody. */
  push(): readonly Uint8Array[] {
    const { end } = this.timeline.newest ?? {}
    const key = this.#key
    if (end === undefined || key === undefined) return []
    return [
      ...this.pictures.push().flatMap((us) => this.#encode(key, us)),
      ...this.#fillSound(this.sound.cut(computeSoundStart(this.#grid, end))),
    ]
  }

  /** Nothing follows: the sound that is missing at the end. */
  finish(): readonly Uint8Array[] {
    const { start, fedEnd = 0, end = fedEnd } = this.timeline.newest ?? {}
    return start === undefined ? [] : this.#fillSound(this.sound.fillTo(computeSoundStart(this.#grid, end)))
  }

  #feedPicture(block: GatedBlock): readonly Uint8Array[] {
    const placement = admitPicture(block.payload, this.#terms) ? this.pictures.place(block.timeUs, block.isKey) : undefined
    if (placement === undefined) return []
    this.#key ??= block
    this.#slotCount += placement.jumpTo === undefined ? Math.max(1, placement.slot - this.#lastSlot) : 1
    this.#lastSlot = placement.slot
    this.#pictureUs = computeUnitStartUs(this.#grid, placement.slot)
    const pieces: Uint8Array[] = []
    if (placement.jumpTo !== undefined) {
      const end = this.timeline.previous?.end
      if (end !== undefined) pieces.push(...this.#fillSound(this.sound.cut(computeSoundStart(this.#grid, end))))
      pieces.push(...this.sound.begin(computeSoundStart(this.#grid, placement.jumpTo)).flatMap((us) => this.#fillSound(us)))
    }
    pieces.push(...placement.encoderUs.flatMap((us) => this.#encode(block, us)))
    pieces.push(...this.#fillSound(this.sound.follow(this.#pictureUs)))
    return pieces
  }

  #feedSound(block: GatedBlock): readonly Uint8Array[] {
    // Sound of a segment whose picture has not come would be heard with the one before.
    if (this.#key === undefined) return []
    const encoderUs = this.sound.accept(this.pictures.toStreamUs(block.timeUs), this.#pictureUs)
    return encoderUs === undefined ? [] : this.#encode(block, encoderUs)
  }

  #fillSound(encoderUs: number | undefined): readonly Uint8Array[] {
    return encoderUs === undefined || this.#silence === undefined ? [] : this.#encode(this.#silence, encoderUs)
  }

  #encode({ kind, flags, payload }: Pick<GatedBlock, 'kind' | 'flags' | 'payload'>, encoderUs: number): readonly Uint8Array[] {
    return encodeBlock({ track: trackNumber[kind], flags, payload }, Math.round(encoderUs / tickUs))
  }
}

function rewriteHeader({ input }: TranscodeJob, { tracks }: MatroskaHeader): Uint8Array {
  const video = tracks.find(({ kind }) => kind === 'video')
  const audio = tracks.find(({ kind }) => kind === 'audio')
  const sound = input.audio && audio && { ...input.audio, sampleRate: audio.sampleRate, channels: audio.channels }
  const format = { container: input.container, video: input.video, ...(sound && { audio: sound }) }
  return encodeMatroskaHeader(format, { video: video?.codecPrivate, audio: audio?.codecPrivate, audioDelayNs: audio?.codecDelayNs })
}
