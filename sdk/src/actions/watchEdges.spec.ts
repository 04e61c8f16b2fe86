/** Watching where pages make it hard: elements used again and again, no sound before a gesture, content policies. */

import { expect } from 'chai'
import { newStream, next, start, stopAll } from './watchedPlayer.js'

describe('watching again in one element', () => {
  afterEach(stopAll)

  it('plays whatever was closed before, at whatever moment, and in whatever order', async () => {
    const video = document.createElement('video')
    // Closed at once, in the next turn (where engines are being loaded), and while it opens.
    for (const delayMs of [0, 1, 40]) {
      const { player } = start(newStream(), {}, video)
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      player.close()
    }
    // The next begins before the one before is closed, as some frameworks do.
    const before = start(newStream(), {}, video).player
    const { player } = start(newStream(), {}, video)
    before.close()
    const again = start(newStream(), {}, video).player
    player.close()
    await next(again, 'playing')
    again.close()
    const last = start(newStream(), {}, video).player
    await next(last, 'playing')
    expect(last.engine).to.equal('follow')
  })
})

describe('watching where sound wants a gesture', () => {
  afterEach(stopAll)

  it('plays muted, and says so', async () => {
    const video = document.createElement('video')
    const play = video.play.bind(video)
    video.play = async () => (video.muted ? play() : Promise.reject(new DOMException('play() failed: no gesture', 'NotAllowedError')))
    const { player } = start(newStream(), {}, video)
    video.muted = false
    const muted = next(player, 'muted')
    await next(player, 'playing')
    expect(await muted).to.deep.equal({ isBlocked: false })
    expect(video.muted).to.equal(true)
  })

  it('says so where nothing at all may begin by itself', async () => {
    const video = document.createElement('video')
    video.play = () => Promise.reject(new DOMException('play() failed: no gesture', 'NotAllowedError'))
    const { player } = start(newStream(), {}, video)
    expect(await next(player, 'muted')).to.deep.equal({ isBlocked: true })
  })
})

describe('watching under a content policy', () => {
  const frames: HTMLIFrameElement[] = []
  afterEach(() => {
    for (const frame of frames.splice(0)) frame.remove()
  })

  /** Watches in a document of its own, until something is told. */
  function watchUnder(policy: string): Promise<{ readonly name: string; readonly code?: string; readonly data?: Readonly<Record<string, unknown>> }> {
    const frame = document.createElement('iframe')
    frames.push(frame)
    const told = new Promise<{ readonly name: string }>((resolve) => addEventListener('message', ({ source, data }) => source === frame.contentWindow && resolve(data as { readonly name: string })))
    frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="${policy}"><video muted></video><script type="module">
      import { watch } from '${location.origin}/base/watch.js'
      const player = watch(document.querySelector('video'), '${location.origin}${newStream()}')
      player.on('error', ({ code, data }) => parent.postMessage({ name: 'error', code, data }, '*'))
      player.on('playing', () => parent.postMessage({ name: 'playing' }, '*'))
    </script>`
    document.body.append(frame)
    return told as ReturnType<typeof watchUnder>
  }

  it('that forbids what is put together in the page names the directive', async () => {
    expect(await watchUnder("media-src 'self'")).to.deep.equal({ name: 'error', code: 'PolicyBlocked', data: { directive: 'media-src', source: 'blob:' } })
  })

  it('that forbids the orchestrator names the directive, and whom to allow', async () => {
    expect(await watchUnder("connect-src 'none'; media-src blob:")).to.deep.equal({ name: 'error', code: 'PolicyBlocked', data: { directive: 'connect-src', source: location.origin } })
  })

  it('that allows what is needed plays', async () => {
    expect(await watchUnder(`connect-src ${location.origin}; media-src blob:`)).to.deep.equal({ name: 'playing' })
  })
})
