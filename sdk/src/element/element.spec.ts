/** The element on a page: what its controls show and do, in a real browser, against the test origin. */

import axe from 'axe-core'
import { expect } from 'chai'
import { newStream } from '../actions/watchedPlayer.js'
import './index.js'
import type { StreamflowPlayerElement, StreamflowPlayerEventMap } from './index.js'

let elements: StreamflowPlayerElement[] = []

/** Puts one on the page. */
function show(attributes: Readonly<Record<string, string>> = {}): StreamflowPlayerElement {
  const element = document.createElement('streamflow-player')
  for (const [name, value] of Object.entries({ muted: '', ...attributes })) element.setAttribute(name, value)
  element.style.width = '960px'
  document.body.append(element)
  elements.push(element)
  return element
}

/** Resolves with the next event of this name that fits. */
function next<Name extends keyof StreamflowPlayerEventMap>(element: StreamflowPlayerElement, name: Name, isIt: (detail: StreamflowPlayerEventMap[Name]['detail']) => boolean = () => true): Promise<StreamflowPlayerEventMap[Name]['detail']> {
  return new Promise((resolve) => {
    const listener = (event: Event): void => {
      const { detail } = event as StreamflowPlayerEventMap[Name]
      if (!isIt(detail)) return
      element.removeEventListener(name, listener)
      resolve(detail)
    }
    element.addEventListener(name, listener)
  })
}

const find = (element: StreamflowPlayerElement, selector: string): HTMLElement => element.shadowRoot!.querySelector<HTMLElement>(selector)!

/** Resolves when this is so; looked at with every picture of the page. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('<streamflow-player>', () => {
  afterEach(() => {
    for (const element of elements) element.remove()
    elements = []
  })

  it('plays what its attribute names, tells as the player does, and shows how far it is behind', async () => {
    const element = show({ src: newStream() })
    const [{ latencyMs }] = await Promise.all([next(element, 'latency'), next(element, 'playing')])
    expect(latencyMs).to.be.greaterThan(0)
    expect(element.player?.engine).to.equal('follow')
    expect(find(element, '[part=latency]').textContent).to.match(/^\s*\d+\.\d s\s*$/)
    expect(find(element, '[part=error]').hidden).to.equal(true)
  })

  it('keeps nobody out: its controls have names, roles and an order', async () => {
    const element = show({ src: newStream() })
    await next(element, 'playing')
    const { violations, passes } = await axe.run(element, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } })
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).to.deep.equal([])
    expect(passes.map(({ id }) => id)).to.include('aria-allowed-attr')
  })

  it('offers the qualities of the stream, and shows the one that is chosen', async () => {
    const element = show({ src: newStream() })
    await next(element, 'playing')
    const menu = find(element, 'media-rendition-menu') as HTMLElement & { readonly radioGroupItems: readonly (HTMLElement & { readonly value: string })[] }
    await until(() => menu.radioGroupItems.length === 3)
    expect(menu.radioGroupItems.map(({ role }) => role)).to.deep.equal(['menuitemradio', 'menuitemradio', 'menuitemradio'])
    const other = element.player!.level!.index === 0 ? 1 : 0
    const switched = next(element, 'levelSwitched', ({ level }) => level.index === other)
    menu.radioGroupItems.find(({ value }) => value === String(other))!.click()
    await switched
    expect(element.player!.level!.index).to.equal(other)
  })

  it('goes back to live by its button and by a key, after a viewer went back', async () => {
    const element = show({ src: newStream('?head=10') })
    await next(element, 'playing')
    await next(element, 'latency', ({ latencyMs }) => latencyMs < 1_500)
    for (const goLive of [() => find(element, 'media-live-button').click(), () => find(element, 'media-play-button').dispatchEvent(new KeyboardEvent('keydown', { key: 'l', bubbles: true, composed: true }))]) {
      element.video.currentTime -= 6
      await next(element, 'latency', ({ latencyMs }) => latencyMs > 5_000)
      goLive()
      await next(element, 'latency', ({ latencyMs }) => latencyMs < 1_500)
    }
  })

  it('names all its controls, and lets a keyboard reach them', async () => {
    const element = show({ src: newStream() })
    await next(element, 'playing')
    const names = ['media-play-button', 'media-live-button', 'media-mute-button', 'media-pip-button', 'media-fullscreen-button', 'media-rendition-menu-button'].map((tag) => {
      const control = find(element, tag)
      expect(control.tabIndex, tag).to.equal(0)
      expect(control.role, tag).to.equal('button')
      return control.ariaLabel
    })
    expect(names.every((name) => (name ?? '').length > 0), String(names)).to.equal(true)
    for (const tag of ['media-time-range', 'media-volume-range']) expect(find(element, tag).shadowRoot!.querySelector('input')!.ariaLabel, tag).to.match(/\w/)
  })

  it('says what went wrong, to people and to programs, and plays the next stream that it is given', async () => {
    const element = show({ src: newStream('?missing=1000') })
    element.options = { waitMs: 300 }
    const { code } = await next(element, 'error')
    expect(code).to.equal('StreamNotFound')
    const message = find(element, '[part=error]')
    expect(message.role).to.equal('alert')
    expect(message.hidden).to.equal(false)
    element.src = [newStream()]
    await next(element, 'playing')
    expect(message.hidden).to.equal(true)
  })

  it('lets go of everything when it leaves the page, and plays again when it comes back', async () => {
    const element = show({ src: newStream() })
    await next(element, 'playing')
    element.remove()
    expect(element.player).to.equal(undefined)
    expect(element.video.getAttribute('src')).to.equal(null)
    document.body.append(element)
    await next(element, 'playing')
  })
})
