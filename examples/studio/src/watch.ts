/** The viewer's page: the SDK's player with controls around it. */

import { watch, type Network, type Player, type PlayerEngineName } from '@streamflow/sdk'
import { StreamflowError } from '@streamflow/sdk/errors'
import { getElement, setText } from './getElement.js'
import { loadNetwork } from './loadNetwork.js'
import { createNotices } from './notices.js'
import { createQualityMenu } from './qualityMenu.js'

/** Further behind than this is not what people call live. */
const liveWithinMs = 4_000
/** The controls hide when nothing moved for so long. */
const idleAfterMs = 2_500
const shapes = { pause: 'M8 5v14M16 5v14', play: 'M8 5.2v13.6L18.5 12z', sound: 'M15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11', silence: 'M16 9.5l5 5M21 9.5l-5 5' }

const section = getElement('player', HTMLElement)
const video = getElement('video', HTMLVideoElement)
const playButton = getElement('play', HTMLButtonElement)
const muteButton = getElement('mute', HTMLButtonElement)
const unmuteButton = getElement('unmute', HTMLButtonElement)
const liveButton = getElement('live', HTMLButtonElement)
const latency = getElement('latency', HTMLElement)
const latencyWords = getElement('latency-words', HTMLElement)
const engineWords = getElement('engine-words', HTMLElement)
/** What the engines are to people. */
const engines: Readonly<Record<PlayerEngineName, string>> = { follow: 'one long response', 'hls.js': 'hls.js', native: "the browser's own player" }
const notices = createNotices(getElement('notices', HTMLElement))
const qualities = createQualityMenu(getElement('quality', HTMLSelectElement))

let player: Player | undefined
/** Where this page belongs to one, the registry helps when all of a link's origins are gone. */
const network = loadNetwork().then((place) => place.network, () => undefined)

/** @throws {@link StreamflowError} `InvalidArgument`: only web addresses are opened, whatever a link says */
function parseSource(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw new StreamflowError('InvalidArgument', `"${text}" is not the address of a stream`)
  return url.href
}

function showPlaying(): void {
  playButton.ariaLabel = video.paused ? 'Play' : 'Pause'
  getElement('play-shape', SVGPathElement).setAttribute('d', video.paused ? shapes.play : shapes.pause)
}

function showSound(): void {
  const isSilent = video.muted || video.volume === 0
  muteButton.ariaLabel = isSilent ? 'Unmute' : 'Mute'
  getElement('mute-shape', SVGPathElement).setAttribute('d', isSilent ? shapes.silence : shapes.sound)
  if (!isSilent) unmuteButton.hidden = true
}

function showState(state: 'loading' | 'playing' | 'ended'): void {
  section.dataset['state'] = state
}

/** What the page's address asks to play with. */
function getWantedEngine(): PlayerEngineName | 'auto' {
  const wanted = new URLSearchParams(location.search).get('engine')
  return wanted !== null && Object.hasOwn(engines, wanted) ? (wanted as PlayerEngineName) : 'auto'
}

function showEngine(engine: PlayerEngineName | undefined): void {
  if (engine === undefined) delete section.dataset['engine']
  else section.dataset['engine'] = engine
  setText(engineWords, engine === undefined ? '' : `· by ${engines[engine]}`)
}

/** The host that the stream comes from, for people and for whoever reads the page by program. */
function showOrigin(origin: string): void {
  section.dataset['origin'] = origin
  engineWords.title = new URL(origin, location.href).host
}

function open(sources: readonly string[], network: Network | undefined): void {
  player?.close()
  notices.clear()
  showState('loading')
  setText(liveButton, 'LIVE')
  showEngine(undefined)
  const opened = watch(video, sources, { engine: getWantedEngine(), ...(network && { network }) })
  player = opened
  qualities.follow(opened)
  showOrigin(opened.origin)
  opened.on('origin', ({ url }) => showOrigin(url))
  opened.on('playing', () => {
    showState('playing')
    showEngine(opened.engine)
  })
  opened.on('stalled', () => showState('loading'))
  opened.on('muted', ({ isBlocked }) => {
    unmuteButton.hidden = isBlocked
    if (isBlocked) showState('ended')
    showSound()
  })
  opened.on('latency', ({ latencyMs, from }) => {
    setText(latency, `${(latencyMs / 1_000).toFixed(1)} s`)
    setText(latencyWords, from === 'clock' ? 'behind the camera' : 'behind live')
    liveButton.classList.toggle('live', latencyMs < liveWithinMs)
  })
  opened.on('ended', () => {
    showState('ended')
    liveButton.classList.remove('live')
    setText(liveButton, 'ENDED')
    setText(latency, 'The broadcast is over')
    setText(latencyWords, '')
    showEngine(undefined)
  })
  opened.on('error', (error) => {
    showState('ended')
    liveButton.classList.remove('live')
    notices.show(error)
    getElement('open', HTMLFormElement).hidden = false
  })
}

const togglePlay = (): void => void (video.paused ? video.play().catch((thrown: unknown) => notices.show(thrown)) : video.pause())
const toggleMute = (): void => {
  video.muted = !video.muted
}
const toggleFullscreen = (): void => void (document.fullscreenElement === null ? section.requestFullscreen() : document.exitFullscreen())
const jumpToLive = (): void => {
  player?.goLive()
  void video.play().catch(() => undefined)
}

function initControls(): void {
  playButton.addEventListener('click', togglePlay)
  video.addEventListener('click', togglePlay)
  muteButton.addEventListener('click', toggleMute)
  unmuteButton.addEventListener('click', toggleMute)
  liveButton.addEventListener('click', jumpToLive)
  getElement('fullscreen', HTMLButtonElement).addEventListener('click', toggleFullscreen)
  for (const name of ['play', 'pause'] as const) video.addEventListener(name, showPlaying)
  video.addEventListener('volumechange', showSound)
  const keys: Readonly<Record<string, () => void>> = { ' ': togglePlay, k: togglePlay, m: toggleMute, f: toggleFullscreen, l: jumpToLive }
  addEventListener('keydown', (event) => {
    const isControl = event.target instanceof HTMLButtonElement || event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement
    const action = keys[event.key.toLowerCase()]
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey || (isControl && (event.key === ' ' || !(event.target instanceof HTMLButtonElement)))) return
    event.preventDefault()
    action()
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  const wake = (): void => {
    section.dataset['idle'] = 'false'
    clearTimeout(timer)
    timer = setTimeout(() => (section.dataset['idle'] = String(!video.paused)), idleAfterMs)
  }
  for (const name of ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const) section.addEventListener(name, wake)
  wake()
}

function start(): void {
  initControls()
  const form = getElement('open', HTMLFormElement)
  const field = getElement('source', HTMLInputElement)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const address = new URL(location.href)
    address.searchParams.set('src', field.value)
    history.replaceState(undefined, '', address)
    void openSources([field.value])
  })
  const sources = new URLSearchParams(location.search).getAll('src')
  if (sources.length === 0) {
    form.hidden = false
    showState('ended')
  } else {
    field.value = sources[0] ?? ''
    void openSources(sources)
  }
}

async function openSources(texts: readonly string[]): Promise<void> {
  const form = getElement('open', HTMLFormElement)
  try {
    const sources = texts.map(parseSource)
    open(sources, await network)
    form.hidden = true
  } catch (thrown) {
    notices.show(thrown)
    form.hidden = false
    showState('ended')
  }
}

start()
