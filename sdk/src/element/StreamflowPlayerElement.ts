/** `<streamflow-player>`: the player with controls around it. */

import { watch, type Playback, type WatchOptions } from '../actions/watch.js'
import { toStreamflowError, type StreamflowError } from '../errors/StreamflowError.js'
import type { Player, PlayerEvents } from '../player/player.js'
import { Renditions } from './renditions.js'
import { buildParts, type Parts } from './template.js'

/** Told on as they come, `detail` being the player's event. */
const eventNames = ['playing', 'stalled', 'levelsChanged', 'levelSwitched', 'latency', 'muted', 'origin', 'ended', 'error'] as const satisfies readonly (keyof PlayerEvents)[]

/** What its listeners get. */
export type StreamflowPlayerEventMap = { readonly [Name in keyof PlayerEvents]: CustomEvent<PlayerEvents[Name]> }

const isLiveKey = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean => key.toLowerCase() === 'l' && !ctrlKey && !metaKey && !altKey

/** Servers have no elements, and may import this for its types and to render the tag. */
const Base = (globalThis as Partial<typeof globalThis>).HTMLElement ?? (class {} as unknown as typeof HTMLElement)

/**
 * Plays a stream, with controls for play, sound, quality, the way back through what is still there, the live edge, picture in
 * picture and the whole screen; by keyboard too (space, k, m, f, arrows, l).
 *
 * Attributes: `src` (one address or several of one stream, a space between them), `noautoplay`, `muted`. Events: the player's
 * (see {@link PlayerEvents}), as `CustomEvent`s.
 *
 * @example
 * <script type="module">import '@streamflow/sdk/player'</script>
 * <streamflow-player src="https://orchestrator.example/live/0x…/master.m3u8"></streamflow-player>
 */
export class StreamflowPlayerElement extends Base {
  static readonly observedAttributes = ['src', 'muted']

  readonly #renditions = new Renditions()
  readonly #parts: Parts
  #playback: Playback | undefined
  #options: Omit<WatchOptions, 'autoplay' | 'signal'> = {}
  #player: Player | undefined
  #isDue = false

  constructor() {
    super()
    this.#parts = buildParts(this, this.#renditions)
    const { root } = this.#parts
    // media-chrome would seek to the end of what is there, from which playback is not followed.
    root.addEventListener('mediaseektoliverequest', (event) => this.#goLive(event), { capture: true })
    root.addEventListener('keydown', (event) => isLiveKey(event as KeyboardEvent) && this.#goLive(event))
  }

  /** Where the stream is to be had; the attribute of this name, unless it was set. */
  get src(): Playback | undefined {
    const addresses = this.getAttribute('src')?.split(/\s+/).filter((address) => address !== '') ?? []
    return this.#playback ?? (addresses.length > 0 ? addresses : undefined)
  }

  set src(playback: Playback | undefined) {
    this.#playback = playback
    this.#reopen()
  }

  /** How to watch (`engine`, `network`, …). */
  get options(): Omit<WatchOptions, 'autoplay' | 'signal'> {
    return this.#options
  }

  set options(options: Omit<WatchOptions, 'autoplay' | 'signal'>) {
    this.#options = options
    this.#reopen()
  }

  /** The player; `undefined` while there is nothing to play. */
  get player(): Player | undefined {
    return this.#player
  }

  /** The element that shows the picture. */
  get video(): HTMLVideoElement {
    return this.#parts.video
  }

  connectedCallback(): void {
    this.#reopen()
  }

  disconnectedCallback(): void {
    this.#close()
  }

  attributeChangedCallback(name: string): void {
    if (name === 'muted') this.video.muted = this.hasAttribute('muted')
    else this.#reopen()
  }

  /** What is set in one turn is opened once. */
  #reopen(): void {
    if (this.#isDue) return
    this.#isDue = true
    queueMicrotask(() => {
      this.#isDue = false
      if (this.isConnected) this.#open()
    })
  }

  #open(): void {
    this.#close()
    const { src } = this
    if (src === undefined) return
    try {
      const player = watch(this.video, src, { ...this.#options, autoplay: !this.hasAttribute('noautoplay') })
      this.#player = player
      this.#renditions.follow(player)
      for (const name of eventNames) player.on(name, (detail: PlayerEvents[typeof name]) => this.dispatchEvent(new CustomEvent(name, { detail })))
      player.on('latency', ({ latencyMs }) => this.#showLatency(`${(latencyMs / 1_000).toFixed(1)} s`))
      player.on('ended', () => this.#showLatency(''))
      player.on('error', (error) => this.#showError(error))
    } catch (thrown) {
      const error = toStreamflowError(thrown, 'InvalidArgument')
      this.#showError(error)
      this.dispatchEvent(new CustomEvent('error', { detail: error }))
    }
  }

  #close(): void {
    this.#player?.close()
    this.#player = undefined
    this.#renditions.follow(undefined)
    this.#showLatency('')
    this.#showError(undefined)
  }

  #goLive(event: Event): void {
    event.stopPropagation()
    this.#player?.goLive()
    void this.video.play().catch(() => undefined) // a browser that wants a click first gets it at the button
  }

  #showLatency(text: string): void {
    this.#parts.latency.textContent = text
  }

  #showError(error: StreamflowError | undefined): void {
    this.#parts.error.hidden = error === undefined
    this.#parts.error.textContent = error === undefined ? '' : `${error.message}. ${error.help}`
  }
}
