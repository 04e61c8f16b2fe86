/** What a member of a public pool signs of a job: each segment, when all of its renditions have come out. */

import { createHash, type Hash } from 'node:crypto'
import { countPixels, encodeResult } from '../../../core/pool/result.js'
import type { RenditionPart, TranscodeJob } from '../../../core/transcoding.js'
import type { FromTranscoder, ToTranscoder } from '../../../transcoding/messages.js'

type Hex = `0x${string}`

/** SHA-256, 0x-hex, as both sides of a public pool compute it. */
export function createSha256(): { update(bytes: Uint8Array): void; digest(): Hex } {
  const hash: Hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), digest: () => `0x${hash.digest('hex')}` }
}

interface Segment {
  readonly source: ReturnType<typeof createSha256>
  readonly outputs: Map<string, { readonly hash: ReturnType<typeof createSha256>; frames: number }>
  readonly lacking: Set<string>
  frames: number
}

/** Segments that may be under way: a job with more is in disorder. */
const maxSegments = 64

/** See above. */
export class ResultSigner {
  readonly #pool: string
  readonly #job: TranscodeJob
  readonly #sign: (bytes: Uint8Array) => Uint8Array
  readonly #segments = new Map<number, Segment>()
  #header: Uint8Array = new Uint8Array(0)
  #open: Segment | undefined

  constructor(options: { readonly pool: string; readonly job: TranscodeJob; readonly sign: (bytes: Uint8Array) => Uint8Array }) {
    this.#pool = options.pool
    this.#job = options.job
    this.#sign = options.sign
  }

  /** What its orchestrator sent. */
  sent(message: ToTranscoder, bytes: Uint8Array): void {
    if (message.type === 'header') this.#header = bytes
    else if (message.type === 'segmentOpened' && this.#segments.size < maxSegments) {
      const { ladder, input } = this.#job
      const source = createSha256()
      source.update(this.#header)
      this.#open = { source, outputs: new Map(), lacking: new Set([...ladder.map(({ name }) => name), ...(input.audio === undefined ? [] : ['audio'])]), frames: 0 }
      this.#segments.set(message.seq, this.#open)
    } else if (message.type === 'chunk') this.#open?.source.update(bytes)
    else if (message.type === 'segmentClosed') {
      const segment = this.#segments.get(message.seq)
      if (segment !== undefined) segment.frames = message.frames
    }
  }

  part({ rendition, seq, bytes, frames }: Pick<RenditionPart, 'rendition' | 'seq' | 'bytes' | 'frames'>): void {
    const segment = this.#segments.get(seq)
    if (segment === undefined) return
    const output = segment.outputs.get(rendition) ?? { hash: createSha256(), frames: 0 }
    segment.outputs.set(rendition, output)
    output.hash.update(bytes)
    output.frames += frames
  }

  /** A rendition's share is complete. @returns what is signed, if it was the last */
  segment({ rendition, seq }: { readonly rendition: string; readonly seq: number }): Omit<Extract<FromTranscoder, { readonly type: 'result' }>, 'type' | 'job'> | undefined {
    const segment = this.#segments.get(seq)
    if (segment?.lacking.delete(rendition) !== true || segment.lacking.size > 0) return undefined
    this.#segments.delete(seq)
    const outputs = [...segment.outputs].map(([name, { hash, frames }]) => ({ rendition: name, hash: hash.digest(), frames })).sort((a, b) => (a.rendition < b.rendition ? -1 : 1))
    const pixels = countPixels(outputs, new Map(this.#job.ladder.map(({ name, width, height }) => [name, width * height])), segment.frames)
    const signed = encodeResult({ pool: this.#pool, streamId: this.#job.streamId, seq, source: segment.source.digest(), outputs, pixels })
    return { seq, outputs, pixels: String(pixels), signature: `0x${Buffer.from(this.#sign(signed)).toString('hex')}` }
  }
}
