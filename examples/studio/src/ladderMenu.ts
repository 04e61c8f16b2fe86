/** The qualities that viewers get: the rungs that make sense for the picture, as check boxes. */

import { computeDefaultLadder, type Ladder } from '@streamflow/sdk/media'
import { formatBitrate } from './format.js'

/** The menu. */
export interface LadderMenu {
  /** Offers the rungs for this picture (pixels, frames per second); what was chosen before stays chosen where it still exists. */
  offer(source: { readonly width: number; readonly height: number; readonly frameRate: number }): void
  /** What is chosen, best first; never empty. */
  readonly ladder: Ladder
}

/** Rungs that are chosen from the start: each costs the orchestrator, and the broadcaster, its pixels. */
const initialRungs = 2

/** @param list - element that receives the check boxes */
export function createLadderMenu(list: HTMLElement): LadderMenu {
  let offered: Ladder = []
  let dropped: ReadonlySet<string> | undefined
  const boxes = (): HTMLInputElement[] => [...list.querySelectorAll('input')]
  /** The last chosen rung cannot be dropped: a broadcast without a rendition is none. */
  const keepOne = (): void => {
    const chosen = boxes().filter((box) => box.checked)
    for (const box of boxes()) box.disabled = chosen.length === 1 && box.checked
    dropped = new Set(boxes().flatMap((box) => (box.checked ? [] : [box.value])))
  }
  list.addEventListener('change', keepOne)
  return {
    offer(source) {
      offered = computeDefaultLadder(source)
      const isChosen = (name: string, index: number): boolean => (dropped === undefined ? index < initialRungs : !dropped.has(name))
      const none = !offered.some((rendition, index) => isChosen(rendition.name, index))
      list.replaceChildren(
        ...offered.map(({ name, width, height, bitrate }, index) => {
          const label = document.createElement('label')
          label.className = 'rung'
          label.innerHTML = '<input type="checkbox" /><span><b></b> <span class="soft small"></span></span><span class="soft small"></span>'
          const [box, title, size, rate] = [label.querySelector('input'), label.querySelector('b'), label.querySelector('b + span'), label.lastElementChild]
          if (box === null) return label
          box.value = name
          box.checked = isChosen(name, index) || (none && index === 0)
          const { value, unit } = formatBitrate(bitrate)
          title?.append(name)
          size?.append(`${width} × ${height}`)
          rate?.append(`${value} ${unit}`)
          return label
        }),
      )
      const remembered = dropped
      keepOne()
      dropped = remembered // what the person chose, not what this picture happened to lack
    },
    get ladder() {
      const chosen = new Set(boxes().flatMap((box) => (box.checked ? [box.value] : [])))
      return offered.filter(({ name }) => chosen.has(name))
    },
  }
}
