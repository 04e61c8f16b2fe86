/**
 * Lets viewers have what is paid for: what was made and is not covered yet waits here, by rendition and in order, until a
 * ticket covers it. So nobody sees more than was paid, however long a segment becomes and however it ends; and whoever
 * pays for an overrun with the next ticket loses none of it.
 */

import type { RenditionInit, RenditionPart, RenditionSegment } from '../transcoding.js'

/** May it be seen `now`, `later` if somebody pays, or `never`? */
export type Verdict = 'now' | 'later' | 'never'

/** Where everything goes that may be seen. */
export interface GateSink {
  init(init: RenditionInit): void
  part(part: RenditionPart): void
  segment(segment: RenditionSegment): void
}

type Item =
  | { readonly type: 'init'; readonly init: RenditionInit }
  | { readonly type: 'part'; readonly part: RenditionPart }
  | { readonly type: 'segment'; readonly segment: RenditionSegment }

export class PaidGate {
  readonly #judge: (part: RenditionPart) => Verdict
  readonly #sink: GateSink
  /** What waits, by rendition. */
  readonly #waiting = new Map<string, Item[]>()
  #isReleasing = false

  /** @param judge - asked again about what waits, whenever something changed */
  constructor(judge: (part: RenditionPart) => Verdict, sink: GateSink) {
    this.#judge = judge
    this.#sink = sink
  }

  init(init: RenditionInit): void {
    this.#take(init.rendition, { type: 'init', init })
  }

  part(part: RenditionPart): void {
    this.#take(part.rendition, { type: 'part', part })
  }

  segment(segment: RenditionSegment): void {
    this.#take(segment.rendition, { type: 'segment', segment })
  }

  /** Something was paid, or ended: looks at all that waits. */
  release(): void {
    if (this.#isReleasing) return // what is let go may change what is covered: the loop below sees it
    this.#isReleasing = true
    let hasMoved = true
    while (hasMoved) {
      hasMoved = false
      for (const [rendition, items] of this.#waiting) hasMoved = this.#advance(rendition, items) || hasMoved
    }
    this.#isReleasing = false
  }

  /** Nobody pays any more: what is not covered is dropped. */
  end(): void {
    this.release()
    for (const items of this.#waiting.values()) for (const item of items.splice(0)) if (item.type === 'segment') this.#sink.segment(item.segment)
    this.#waiting.clear()
  }

  #take(rendition: string, item: Item): void {
    const items = this.#waiting.get(rendition)
    if (items === undefined) this.#waiting.set(rendition, [item])
    else items.push(item)
    this.release()
  }

  /** @returns whether anything went */
  #advance(rendition: string, items: Item[]): boolean {
    let gone = 0
    for (let item = items[0]; item !== undefined && this.#pass(item); item = items[0]) {
      items.shift()
      gone++
    }
    if (items.length === 0) this.#waiting.delete(rendition)
    return gone > 0
  }

  /** @returns whether it is done with */
  #pass(item: Item): boolean {
    if (item.type === 'init') this.#sink.init(item.init)
    else if (item.type === 'segment') this.#sink.segment(item.segment)
    else {
      const verdict = this.#judge(item.part)
      if (verdict === 'later') return false
      if (verdict === 'now') this.#sink.part(item.part)
    }
    return true
  }
}
