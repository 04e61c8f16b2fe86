/** The player in a real browser, against a low-latency HLS origin that makes its parts in real time. */

import { expect } from 'chai'
import { watch } from './watch.js'
import { newStream, next, setFaults, start, stopAll } from './watchedPlayer.js'

for (const engine of ['follow', 'hls.js'] as const) describe(`watch by ${engine}`, () => {
  afterEach(stopAll)

  it('plays near the live edge and tells latency and qualities', async () => {
    const { player, video } = start(newStream(), { engine })
    const [{ levels }] = await Promise.all([next(player, 'levelsChanged'), next(player, 'playing')])
    expect(levels.map(({ name, width, height }) => [name, width, height])).to.deep.equal([['90p', 160, 90], ['180p', 320, 180]])
    expect(player.engine).to.equal(engine)
    const { from } = await next(player, 'latency', ({ latencyMs }) => latencyMs < 900)
    expect(from).to.equal('clock')
    expect(player.latencyMs).to.be.lessThan(900)
    const before = video.getVideoPlaybackQuality().totalVideoFrames
    await next(player, 'latency')
    expect(video.getVideoPlaybackQuality().totalVideoFrames).to.be.greaterThan(before)
  })

  it('names its engine when it tells that it plays, also on an element that begins by itself', async () => {
    for (let i = 0; i < 4; i++) {
      const element = document.createElement('video')
      element.autoplay = true
      const { player } = start(newStream(), { engine }, element)
      let named: string | undefined
      player.once('playing', () => (named = player.engine))
      await next(player, 'playing')
      expect(named).to.equal(engine)
    }
  })

  it('shows the quality that is asked for', async () => {
    const { player, video } = start(newStream(), { engine })
    await next(player, 'playing')
    for (const index of [0, 1, 0]) {
      if (player.level?.index === index) continue
      const switched = next(player, 'levelSwitched', ({ level }) => level.index === index)
      player.setLevel(index)
      await switched
      expect(player.level?.index).to.equal(index)
    }
    await new Promise<void>((resolve) => video.requestVideoFrameCallback(() => resolve()))
    expect(() => player.setLevel(7)).to.throw().with.property('code', 'InvalidArgument')
  })

  it('waits for a stream that is about to go live', async () => {
    const { player } = start(newStream('?missing=4'), { engine })
    await next(player, 'playing')
  })

  it('tells that there is no stream', async () => {
    const { player, video } = start(newStream('?missing=1000'), { engine, waitMs: 600 })
    const error = await next(player, 'error')
    expect(error.code).to.equal('StreamNotFound')
    expect(video.src).to.equal('')
  })

  it('moves on to the next address', async () => {
    const { player } = start({ urls: [newStream('?missing=1000'), newStream()] }, { engine, waitMs: 300 })
    await next(player, 'playing')
  })

  it('waits for an origin that is away for a moment', async () => {
    const url = newStream()
    const { player } = start(url, { engine })
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 1500)
    await setFaults(url, 'away=2500')
    await next(player, 'stalled')
    await next(player, 'playing')
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 2000)
  })

  it('tells that the stream ended', async () => {
    const { player } = start(newStream('?length=4'), { engine })
    await next(player, 'playing')
    await next(player, 'ended')
  })

  it('comes back to live after a pause, but leaves alone who looks back', async () => {
    const { player, video } = start(newStream(), { engine, maxBehindMs: 3000 })
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 1500)
    video.pause()
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (video.seekable.end(0) - video.currentTime < 4) return
        clearInterval(timer)
        resolve()
      }, 50)
    })
    void video.play()
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 1500)

    video.currentTime -= 2
    await next(player, 'latency', ({ latencyMs }) => latencyMs > 2000)
    for (let i = 0; i < 3; i++) expect((await next(player, 'latency')).playbackRate).to.equal(1)
    expect(player.latencyMs).to.be.greaterThan(2000)
    player.goLive()
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 1500)
  })

  it('lets go of everything when it is closed', async () => {
    const url = newStream()
    const { player, video } = start(url, { engine })
    await next(player, 'playing')
    player.close()
    player.close()
    expect(video.src).to.equal('')
    expect(video.readyState).to.equal(0)
    expect(video.playbackRate).to.equal(1)
    const closedMs = performance.now()
    await next(start(newStream(), { engine }).player, 'playing')
    const later = (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).filter((entry) => entry.startTime > closedMs && entry.name.includes(url.split('?')[0]!))
    expect(later).to.deep.equal([])
    expect(() => watch(video, { urls: [] })).to.throw().with.property('code', 'InvalidArgument')
  })
})
