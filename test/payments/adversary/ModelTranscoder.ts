// A transcoder without an encoder: makes a part of every few pictures that the real gate lets through, at once. It is
// quicker and more generous than a real one, so that nothing but the orchestrator's own bounds holds back what is shown.
import { parseMatroskaHeader } from '@streamflow/sdk/media'
import type { Place, Transcode, TranscodeEvents, TranscodeJob, Transcoders } from '../../../orchestrator/src/core/transcoding.js'
import { MatroskaGate } from '../../../orchestrator/src/transcoding/matroskaGate.js'

/** Pictures of a part. */
export const picturesPerPart = 3

class ModelTranscode implements Transcode {
  readonly #job: TranscodeJob
  readonly #events: TranscodeEvents
  #gate: MatroskaGate | undefined
  #seq = -1
  #startUs = 0
  #parts = 0
  #pictures = 0

  constructor(job: TranscodeJob, events: TranscodeEvents) {
    this.#job = job
    this.#events = events
  }

  header(bytes: Uint8Array): void {
    this.#gate = new MatroskaGate(parseMatroskaHeader(bytes))
  }

  openSegment({ seq, startUs }: { readonly seq: number; readonly startUs: number }): void {
    this.#gate?.openSegment()
    this.#seq = seq
    this.#startUs = startUs
    this.#parts = this.#pictures = 0
  }

  write(chunk: Uint8Array): boolean {
    for (const { kind } of this.#gate?.read(chunk) ?? []) {
      if (kind === 'video' && ++this.#pictures === picturesPerPart) this.#emit()
    }
    return true
  }

  closeSegment(): void {
    if (this.#pictures > 0) this.#emit()
    for (const { name } of this.#job.ladder) this.#events.segment({ rendition: name, seq: this.#seq })
  }

  end(): Promise<void> {
    return Promise.resolve()
  }

  abort(): Promise<void> {
    return Promise.resolve()
  }

  #emit(): void {
    const frames = this.#pictures
    const pictureUs = 1e6 / this.#job.input.video.frameRate
    this.#pictures = 0
    for (const { name } of this.#job.ladder) {
      const startUs = this.#startUs + Math.round(this.#parts * picturesPerPart * pictureUs)
      this.#events.part({ rendition: name, seq: this.#seq, index: this.#parts, bytes: Uint8Array.of(1), startUs, durationUs: Math.round(frames * pictureUs), independent: this.#parts === 0, frames })
    }
    this.#parts++
  }
}

/** Room for everybody. */
export const modelTranscoders: Transcoders = {
  admit: (job): Promise<Place> => Promise.resolve({ start: (events) => Promise.resolve(new ModelTranscode(job, events)), release: () => undefined }),
  capacity: () => ({ offeredPixelsPerSecond: 1, takenPixelsPerSecond: 0 }),
  close: () => Promise.resolve(),
}
