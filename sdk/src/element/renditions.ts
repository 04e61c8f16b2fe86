/** A player's qualities in the shape in which media-chrome's menu reads and chooses them: the `videoRenditions` of a media element. */

import type { Player, PlayerLevel } from '../player/player.js'

/** One of them; `id` is what the menu asks for. */
interface Rendition {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly bitrate: number
}

/** A list that tells of its changes, as media elements' lists of tracks do. */
export class Renditions extends EventTarget {
  readonly [index: number]: Rendition
  #player: Player | undefined
  #list: readonly Rendition[] = []
  #selectedIndex = -1

  get length(): number {
    return this.#list.length
  }

  /** Of what was chosen by hand; −1: the bandwidth decides. */
  get selectedIndex(): number {
    return this.#selectedIndex
  }

  set selectedIndex(index: number) {
    this.#selectedIndex = index
    this.#player?.setLevel(index < 0 ? 'auto' : index)
    this.dispatchEvent(new Event('change'))
  }

  [Symbol.iterator](): Iterator<Rendition> {
    return this.#list[Symbol.iterator]()
  }

  /** Shows another player's, or none. */
  follow(player: Player | undefined): void {
    this.#player = player
    this.#show([])
    player?.on('levelsChanged', ({ levels }) => player === this.#player && this.#show(levels))
  }

  #show(levels: readonly PlayerLevel[]): void {
    const before = this.length
    this.#list = levels.map(({ index, width, height, bitrate }) => ({ id: String(index), width, height, bitrate }))
    for (let index = 0; index < Math.max(before, levels.length); index++) {
      if (index < levels.length) Object.defineProperty(this, index, { value: this.#list[index], configurable: true })
      else Reflect.deleteProperty(this, index)
    }
    this.#selectedIndex = -1
    this.dispatchEvent(new Event(levels.length > 0 ? 'addrendition' : 'removerendition'))
  }
}
