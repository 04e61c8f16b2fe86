// Transcoders that encode nothing: what comes in goes out, as parts of the length and number that encoders would make. Bench
// and members of a bench's pool use them, so that what is measured is everything around encoding.
import { computePartPlan } from '../../orchestrator/src/core/partTiming.js'
import { computeNeed } from '../../orchestrator/src/core/transcodeNeed.js'
import type { Transcode, TranscodeEvents, TranscodeJob, Transcoders } from '../../orchestrator/src/core/transcoding.js'

const initBytes = 700
/** Of the bytes that come in, what each further rendition has of the one before. */
const shrink = 4

/** One stream: a chunk is a picture. */
class PassThrough implements Transcode {
  readonly #job: TranscodeJob
  readonly #events: TranscodeEvents
  readonly #perPart: number
  readonly #pictureUs: number
  #seq = 0
  #startUs = 0
  #pictures = 0
  #index = 0
  #pending: Uint8Array[] = []

  constructor(job: TranscodeJob, events: TranscodeEvents) {
    this.#job = job
    this.#events = events
    this.#perPart = computePartPlan(job).picturesPerPart
    this.#pictureUs = 1e6 / job.input.video.frameRate
  }

  header(): void {
    for (const { name } of this.#job.ladder) this.#events.init({ rendition: name, bytes: new Uint8Array(initBytes), codecs: 'avc1.42c01e' })
  }

  openSegment({ seq, startUs }: { readonly seq: number; readonly startUs: number }): void {
    this.#seq = seq
    this.#startUs = startUs
    this.#pictures = this.#index = 0
  }

  write(chunk: Uint8Array): boolean {
    this.#pending.push(chunk)
    if (this.#pending.length === this.#perPart) this.#emit(this.#perPart)
    return true
  }

  closeSegment({ frames }: { readonly frames: number }): void {
    if (frames > this.#pictures) this.#emit(frames - this.#pictures)
    for (const { name } of this.#job.ladder) this.#events.segment({ rendition: name, seq: this.#seq })
  }

  end(): Promise<void> {
    return Promise.resolve()
  }

  abort(): Promise<void> {
    return Promise.resolve()
  }

  #emit(frames: number): void {
    let bytes: Uint8Array = Buffer.concat(this.#pending)
    this.#pending = []
    const timing = { startUs: this.#startUs + Math.round(this.#pictures * this.#pictureUs), durationUs: Math.round(frames * this.#pictureUs) }
    for (const { name } of this.#job.ladder) {
      this.#events.part({ rendition: name, seq: this.#seq, index: this.#index, bytes, ...timing, independent: this.#index === 0, frames })
      bytes = bytes.subarray(0, Math.ceil(bytes.length / shrink))
    }
    this.#pictures += frames
    this.#index++
  }
}

/** Offers so many output pixels per second. */
export function createPassThrough(pixelsPerSecond: number): Transcoders {
  let taken = 0
  return {
    async admit(job) {
      const need = computeNeed(job)
      taken += need
      return { start: (events) => Promise.resolve(new PassThrough(job, events)), release: () => void (taken -= need) }
    },
    capacity: () => ({ offeredPixelsPerSecond: pixelsPerSecond, takenPixelsPerSecond: taken }),
    close: () => Promise.resolve(),
  }
}
