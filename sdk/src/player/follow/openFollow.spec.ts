/** Our own engine against the test origin: breaks, ends, lacking sound, narrow networks, and when it leaves the stage to hls.js. */

import { expect } from 'chai'
import { measureSoundOffset, newStream, next, setFaults, start, stopAll, watchPictures } from '../../actions/watchedPlayer.js'

/** Sound and picture are one for an ear within this (seconds); the measure is coarse. */
const togetherS = 0.3

describe('openFollow', function () {
  this.timeout(60_000)
  afterEach(stopAll)

  it('takes a response up again where it broke, and where it ended', async () => {
    const { player, video } = start(newStream('?breakAfter=2500'), { engine: 'follow' })
    await next(player, 'playing')
    const pictures = watchPictures(video)
    await pictures.reach(video.currentTime + 12)
    expect(pictures.wentBackS).to.equal(0)
  })

  it('goes on without a sound that stopped, and takes it back', async () => {
    const url = newStream('?mute=5')
    const { player, video } = start(url, { engine: 'follow' })
    await next(player, 'playing')
    await watchPictures(video).reach(9)
    await setFaults(url, 'mute=0')
    await watchPictures(video).reach(14)
    expect(Math.abs(await measureSoundOffset(video))).to.be.lessThan(togetherS)
  })

  it('takes a smaller picture where the network is narrow', async () => {
    const url = newStream()
    const { player } = start(url, { engine: 'follow' })
    await next(player, 'playing')
    expect(player.level?.name).to.equal('180p')
    await setFaults(url, 'throttle=70000')
    await next(player, 'levelSwitched', ({ level }) => level.name === '90p')
    await setFaults(url, 'throttle=0')
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 1200)
  })

  it('asks again for what was before its buffer', async () => {
    const { player, video } = start(newStream('?head=10'), { engine: 'follow', maxBehindMs: 3000 })
    await next(player, 'playing')
    const wantedS = video.currentTime - 6
    video.currentTime = wantedS
    await watchPictures(video).reach(wantedS)
    await next(player, 'latency', ({ latencyMs }) => latencyMs > 5000 && latencyMs < 8000)
    await next(player, 'latency', ({ latencyMs }) => latencyMs > 5000 && latencyMs < 8000)
    player.goLive()
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 1200)
  })

  for (const [what, query] of [['an orchestrator has no such response', 'follow=1'], ['a proxy keeps it', 'follow=2'], ['what it brings cannot be decoded', 'follow=3']] as const)
    it(`leaves it to hls.js where ${what}`, async () => {
      const { player, video } = start(newStream(`?${query}`))
      await next(player, 'playing')
      expect(player.engine).to.equal('hls.js')
      await watchPictures(video).reach(video.currentTime + 1)
    })

  it('opens no more than four at a time to an origin that has six connections', async () => {
    const releases: (() => void)[] = []
    for (let place = 0; place < 4; place++) await new Promise<void>((taken) => void navigator.locks.request(`streamflow follow ${location.origin} ${place}`, () => new Promise<void>((release) => (releases.push(release), taken()))))
    const { player } = start(newStream())
    await next(player, 'playing')
    expect(player.engine).to.equal('hls.js')
    for (const release of releases) release()
    const second = start(newStream())
    await next(second.player, 'playing')
    expect(second.player.engine).to.equal('follow')
  })
})
