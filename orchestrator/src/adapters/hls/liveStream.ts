/** One published stream: its renditions' windows and playlists. */

import type { Origin, SignedOrigins } from '@streamflow/sdk/payments'
import { stringify } from '@streamflow/sdk/protocol'
import { audioGrid, computePartPlan, computeSoundStart, computeTargetDurationSeconds, computeUnitStartUs, type PartPlan } from '../../core/partTiming.js'
import type { Gap, Publication, RenditionInit, RenditionPart, RenditionSegment, TranscodeJob } from '../../core/transcoding.js'
import { renderMasterPlaylist, renderMediaPlaylist, renderSteeringManifest, type ForeseeEnd, type MediaPlaylistView } from './renderPlaylists.js'
import { RenditionWindow } from './renditionWindow.js'

/** Bounds of one stream. */
export interface LiveStreamOptions {
  readonly job: TranscodeJob
  readonly startTimeMs: number
  /** Which of the stream's origins this is. */
  readonly orchestrator?: string | undefined
  readonly windowSegments: number
  /** Bytes of media, over all renditions. */
  readonly windowBytes: number
  /** Called with the name of a rendition after its window or init has changed; for all of them when the stream is over. */
  readonly changed: (rendition: string) => void
  /** Called once, when the stream is over. */
  readonly ended: () => void
}

/** Headroom of the encoder's rate control, and the weight of boxes and sound until both are measured (bits per second). */
const configuredPeakFactor = 1.2
const configuredOverhead = { video: 12_000, audio: 145_000 } as const
/** Segments after which the measured mean says more than the configured bitrate. */
const averageAfterSegments = 3

/** A segment that begins so shortly before a multiple of the duration began with it: sound does, and a keyframe that jitters. */
const boundaryMarginUs = 50_000
/** A keyframe that comes so much of a slot before the multiple is still in the slot of it. */
const roundingSlots = 0.5

/** One published stream. */
export class LiveStream implements Publication {
  readonly job: TranscodeJob
  readonly partTargetUs: number
  /** Constant over the stream: the transcoder shows no segment longer than rounds to it. */
  readonly targetDurationSeconds: number
  readonly #options: LiveStreamOptions
  readonly #plan: PartPlan
  readonly #windows: ReadonlyMap<string, RenditionWindow>
  readonly #rendered = new Map<string, string>()
  #isEnded = false
  #isElsewhere = false
  #origins: SignedOrigins | undefined

  constructor(options: LiveStreamOptions) {
    const { job, windowSegments, windowBytes } = options
    this.#options = options
    this.job = job
    this.#plan = computePartPlan(job)
    this.partTargetUs = this.#plan.targetUs
    this.targetDurationSeconds = computeTargetDurationSeconds(job)
    const names = [...job.ladder.map((rendition) => rendition.name), ...(job.input.audio === undefined ? [] : ['audio'])]
    this.#windows = new Map(names.map((name) => [name, new RenditionWindow(name, { windowSegments, windowBytes: windowBytes / names.length, nominalUs: job.segmentDurationMs * 1000 })]))
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Whether it ended here and goes on at other origins, as far as is known. */
  get isElsewhere(): boolean {
    return this.#isElsewhere
  }

  /** Wall clock at stream clock 0, ms since the epoch. */
  get startTimeMs(): number {
    return this.#options.startTimeMs
  }

  /** The window of a rendition, `undefined` if the stream has none of that name. */
  window(rendition: string): RenditionWindow | undefined {
    return this.#windows.get(rendition)
  }

  init(init: RenditionInit): void {
    const window = this.#windows.get(init.rendition)
    if (window !== undefined) window.init = { ...init, bytes: Uint8Array.from(init.bytes) }
    this.#changed(init.rendition)
  }

  part(part: RenditionPart): void {
    this.#windows.get(part.rendition)?.addPart(part)
    this.#changed(part.rendition)
  }

  segment(segment: RenditionSegment): void {
    this.#windows.get(segment.rendition)?.completeSegment(segment)
    this.#changed(segment.rendition)
  }

  gap(gap: Gap): void {
    this.#windows.get(gap.rendition)?.addGap(gap)
    this.#changed(gap.rendition)
  }

  origins(origins: SignedOrigins): void {
    this.#origins = origins
    this.#rendered.clear()
  }

  leave(isMoving: boolean): void {
    if (!this.#isEnded) this.#isElsewhere = isMoving || this.#others.length > 0
    this.end()
  }

  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    for (const window of this.#windows.values()) window.end()
    this.#changed(...this.#windows.keys())
    this.#options.ended()
  }

  /** Whether a master playlist can be made: the inits of all renditions are known. A transcoder's sound begins with its pictures. */
  get hasInits(): boolean {
    return [...this.#windows.values()].every((window) => window.init !== undefined)
  }

  /** The list of origins as it was signed; `undefined` if there is none. */
  renderOrigins(): string | undefined {
    return this.#origins && stringify(this.#origins)
  }

  /** The steering manifest (RFC 8216bis §7); `undefined` where there is nothing to choose. */
  renderSteering(): string | undefined {
    const own = this.#own
    if (own === undefined || this.#others.length === 0) return undefined
    const others = this.#others.map(({ orchestrator }) => orchestrator)
    return renderSteeringManifest(this.isEnded ? [...others, own.orchestrator] : [own.orchestrator, ...others])
  }

  get #own(): Origin | undefined {
    return this.#origins?.origins.find(({ orchestrator }) => orchestrator === this.#options.orchestrator?.toLowerCase())
  }

  get #others(): readonly Origin[] {
    return this.#origins?.origins.filter((origin) => origin !== this.#own) ?? []
  }

  /** The master playlist; call when {@link hasInits}. */
  renderMaster(): string {
    return this.#render('master', () => {
      const audio = this.#windows.get('audio')
      const audioRates = audio && this.#rates(audio, configuredOverhead.audio, configuredOverhead.audio)
      const variants = this.job.ladder.map(({ name, width, height, bitrate }) => {
        const window = this.#windows.get(name)
        const rates = window && this.#rates(window, bitrate * configuredPeakFactor + configuredOverhead.video, bitrate + configuredOverhead.video)
        return {
          rendition: name, width, height, codecs: window?.init?.codecs ?? '',
          peakBitrate: (rates?.peak ?? 0) + (audioRates?.peak ?? 0), averageBitrate: (rates?.average ?? 0) + (audioRates?.average ?? 0),
        }
      })
      const channels = Math.min(2, this.job.input.audio?.channels ?? 2)
      const own = this.#own
      const pathways = own && this.#others.length > 0 ? { own: own.orchestrator, others: this.#others } : undefined
      return renderMasterPlaylist({ variants, frameRate: this.job.input.video.frameRate, audio: audio && { codecs: audio.init?.codecs ?? '', channels }, pathways })
    })
  }

  /** Broadcasters end segments at the first keyframe beyond multiples of the duration; the sound ends beside the picture. */
  foreseeEnd({ name }: RenditionWindow): ForeseeEnd {
    const { grid } = this.#plan
    const durationUs = this.job.segmentDurationMs * 1000
    const slotUs = (1e6 * grid.ticksPerUnit) / grid.ticksPerSecond
    return (startUs) => {
      const boundaryUs = (Math.floor((startUs + boundaryMarginUs) / durationUs) + 1) * durationUs
      const slot = Math.ceil(boundaryUs / slotUs - roundingSlots)
      return name === 'audio' ? computeUnitStartUs(audioGrid, computeSoundStart(grid, slot)) : computeUnitStartUs(grid, slot)
    }
  }

  /** A rendition's media playlist. */
  renderMedia(window: RenditionWindow, skip: boolean): string {
    return this.#render(`${window.name} ${skip}`, () => {
      const view: MediaPlaylistView = {
        segments: window.segments,
        isEnded: window.isEnded,
        targetDurationSeconds: this.targetDurationSeconds,
        partTargetUs: this.partTargetUs,
        foreseeEnd: this.foreseeEnd(window),
        discontinuitySequence: window.discontinuitySequence,
        startTimeMs: this.#options.startTimeMs,
        reports: [...this.#windows.values()].flatMap((other) => {
          const last = other.segments.at(-1)
          return other === window || last === undefined ? [] : [{ rendition: other.name, lastSeq: last.seq, lastPart: last.parts.length > 0 ? last.parts.length - 1 : undefined }]
        }),
      }
      return renderMediaPlaylist(view, skip)
    })
  }

  #rates(window: RenditionWindow, configuredPeak: number, configuredAverage: number): { readonly peak: number; readonly average: number } {
    const { peak, average } = window.bitrates
    const isMeasured = window.segments.filter((segment) => segment.state === 'complete').length >= averageAfterSegments
    return { peak: Math.max(peak, configuredPeak), average: isMeasured ? average : configuredAverage }
  }

  /** Many viewers ask for the same text: it is made once per change. */
  #render(key: string, make: () => string): string {
    const known = this.#rendered.get(key)
    if (known !== undefined) return known
    const text = make()
    this.#rendered.set(key, text)
    return text
  }

  #changed(...renditions: readonly string[]): void {
    this.#rendered.clear()
    for (const rendition of renditions) if (this.#windows.has(rendition)) this.#options.changed(rendition)
  }
}
