/** What a `<streamflow-player>` is made of. Its controls are media-chrome's; so are the variables that colour them. */

import 'media-chrome/media-controller'
import 'media-chrome/media-control-bar'
import 'media-chrome/media-play-button'
import 'media-chrome/media-live-button'
import 'media-chrome/media-time-range'
import 'media-chrome/media-text-display'
import 'media-chrome/media-mute-button'
import 'media-chrome/media-volume-range'
import 'media-chrome/media-pip-button'
import 'media-chrome/media-fullscreen-button'
import 'media-chrome/media-loading-indicator'
import 'media-chrome/menu/media-chrome-menu-item'
import 'media-chrome/menu/media-rendition-menu'
import 'media-chrome/menu/media-rendition-menu-button'
import type { Renditions } from './renditions.js'

/** Further behind than this (seconds) is not what people call live. */
const liveWithinS = 4

const markup = `
<style>
  :host { display: block; aspect-ratio: 16 / 9; background: #000; color: #fff; font: 14px system-ui, sans-serif; }
  :host([hidden]), [part='error'][hidden] { display: none; }
  media-controller, video { width: 100%; height: 100%; }
  [part='error'] { align-self: center; margin: 0; padding: .75em 1em; max-width: 40em; border-radius: .5em; background: rgb(0 0 0 / .8); pointer-events: auto; }
</style>
<media-controller part="controller" defaultstreamtype="live" liveedgeoffset="${liveWithinS}" nomutedpref>
  <video slot="media" part="video" playsinline></video>
  <media-loading-indicator slot="centered-chrome" noautohide></media-loading-indicator>
  <p part="error" role="alert" slot="middle-chrome" noautohide hidden></p>
  <media-rendition-menu part="menu" hidden anchor="quality"></media-rendition-menu>
  <media-control-bar part="controls">
    <media-play-button></media-play-button>
    <media-live-button></media-live-button>
    <media-text-display part="latency" title="Behind the camera"><span></span></media-text-display>
    <media-time-range></media-time-range>
    <media-mute-button></media-mute-button>
    <media-volume-range></media-volume-range>
    <media-rendition-menu-button id="quality"></media-rendition-menu-button>
    <media-pip-button></media-pip-button>
    <media-fullscreen-button></media-fullscreen-button>
  </media-control-bar>
</media-controller>`

/** The parts that the element deals with. */
export interface Parts {
  readonly root: ShadowRoot
  readonly video: HTMLVideoElement
  readonly latency: HTMLElement
  readonly error: HTMLElement
}

/** Builds them in a new shadow root; the menu finds its qualities in `renditions`. */
export function buildParts(host: HTMLElement, renditions: Renditions): Parts {
  const root = host.attachShadow({ mode: 'open' })
  const template = document.createElement('template')
  template.innerHTML = markup
  const find = <E extends Element>(selector: string): E => template.content.querySelector<E>(selector) as E
  const parts = { root, video: find<HTMLVideoElement>('video'), latency: find<HTMLElement>('[part=latency] span'), error: find<HTMLElement>('[part=error]') }
  // Before the controls see it: they look for the list once.
  Object.defineProperty(parts.video, 'videoRenditions', { value: renditions })
  root.append(template.content)
  return parts
}
