import { watch, type Player } from '@streamflow/sdk'

/** A player with what a page around it needs. */
export function show(video: HTMLVideoElement, origins: readonly string[], menu: HTMLSelectElement): Player {
  // #region watch
  const player = watch(video, origins) // the master playlist's address, or several of one stream
  player.on('latency', ({ latencyMs }) => (video.title = `${(latencyMs / 1000).toFixed(1)} s behind`))
  player.on('stalled', () => video.classList.add('waiting'))
  player.on('playing', () => video.classList.remove('waiting'))
  player.on('muted', ({ isBlocked }) => console.log(isBlocked ? 'a click is needed to play' : 'playing without sound'))
  player.on('ended', () => console.log('the broadcast is over'))
  player.on('error', ({ code, help }) => console.error(code, help)) // the player is closed then
  // #endregion watch
  // #region levels
  player.on('levelsChanged', ({ levels }) => menu.replaceChildren(new Option('auto', 'auto'), ...levels.map(({ name, index }) => new Option(name, String(index)))))
  menu.onchange = () => player.setLevel(menu.value === 'auto' ? 'auto' : Number(menu.value))
  // #endregion levels
  return player
}

/** What to put into a link, and what to take out of it. */
export function share(origins: readonly string[]): string {
  // #region share
  const link = new URL('/watch', location.href)
  for (const origin of origins) link.searchParams.append('src', origin)
  // #endregion share
  return link.href
}
