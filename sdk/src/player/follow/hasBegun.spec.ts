/** Looking at playlists that nobody vouches for. */

import { expect } from 'chai'
import { hasBegun } from './hasBegun.js'

describe('hasBegun', () => {
  const { fetch } = window
  afterEach(() => void (window.fetch = fetch))

  const master = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n360p/index.m3u8\n'
  const answer = (respond: (url: string) => Response): void => void (window.fetch = async (input) => respond(input instanceof Request ? input.url : String(input)))
  const { signal } = new AbortController()

  it('says yes once the first playlist has a part', async () => {
    let playlist = '#EXTM3U\n#EXT-X-TARGETDURATION:1\n'
    answer((url) => new Response(url.endsWith('master.m3u8') ? master : playlist))
    expect(await hasBegun('/live/master.m3u8', signal)).to.equal(false)
    playlist += '#EXT-X-PART:DURATION=0.2,URI="p"\n'
    expect(await hasBegun('/live/master.m3u8', signal)).to.equal(true)
  })

  it('reads no more than a playlist may hold, of one that says no length and never ends', async () => {
    let isCancelled = false
    let chunks = 0
    const endless = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        pull: (controller) => {
          chunks++
          controller.enqueue(new TextEncoder().encode('#'.repeat(16_384)))
        },
        cancel: () => void (isCancelled = true),
      })
    answer(() => new Response(endless()))
    expect(await hasBegun('/live/master.m3u8', signal)).to.equal(false)
    expect(isCancelled).to.equal(true)
    expect(chunks).to.be.lessThan(20)
  })

  it('waits no longer than its caller does for one that never comes', async () => {
    answer(() => new Response(new ReadableStream()))
    const controller = new AbortController()
    const asked = hasBegun('/live/master.m3u8', controller.signal)
    controller.abort()
    expect(await asked).to.equal(false)
  })
})
