/** The menu of a stream's qualities: one of them, or whatever the connection carries. */

import type { Player } from '@streamflow/sdk'
import { formatBitrate } from './format.js'

/** @returns `follow`: the menu shows and sets the quality of this player */
export function createQualityMenu(menu: HTMLSelectElement): { follow(player: Player): void } {
  let current: Player | undefined
  const automatic = new Option('Auto', 'auto')
  menu.addEventListener('change', () => current?.setLevel(menu.value === 'auto' ? 'auto' : Number(menu.value)))
  return {
    follow(player) {
      current = player
      menu.replaceChildren(automatic)
      menu.disabled = true
      player.on('levelsChanged', ({ levels }) => {
        const chosen = menu.value
        const options = levels.map(({ index, name, bitrate }) => {
          const { value, unit } = formatBitrate(bitrate)
          return new Option(`${name} · ${value} ${unit}`, String(index))
        })
        menu.replaceChildren(automatic, ...options.reverse())
        menu.value = options.some((option) => option.value === chosen) ? chosen : 'auto'
        menu.disabled = levels.length < 2
      })
      player.on('levelSwitched', ({ level }) => {
        automatic.text = `Auto (${level.name})`
      })
    },
  }
}
