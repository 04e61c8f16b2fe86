/** What goes wrong between a stream and its viewer, and that playback comes back: pictures and sound, not the player's word. */

import { expect } from 'chai'
import { measureSoundOffset, newStream, next, setFaults, start, stopAll, watchPictures } from '../actions/watchedPlayer.js'

/** Sound and picture are one for an ear within this (seconds); the measure is coarse. */
const togetherS = 0.3
/** Pictures may be repeated by this much (seconds) where playback goes over a break. */
const repeatedS = 0.1

for (const engine of ['follow', 'hls.js'] as const) {
  describe(`bad conditions, ${engine}`, function () {
    this.timeout(60_000)
    afterEach(stopAll)

    it('comes back to the edge when nothing was to be had for two seconds, sound and picture together', async () => {
      const url = newStream()
      const { player, video } = start(url, { engine })
      await next(player, 'latency', ({ latencyMs }) => latencyMs < 1200)
      const pictures = watchPictures(video)
      await setFaults(url, engine === 'follow' ? 'away=2000' : 'playlistsAway=2000')
      await next(player, 'stalled')
      await next(player, 'playing')
      await next(player, 'latency', ({ latencyMs }) => latencyMs < 1200)
      expect(pictures.wentBackS).to.be.lessThan(repeatedS)
      expect(Math.abs(await measureSoundOffset(video))).to.be.lessThan(togetherS)
    })

    it('comes back to the edge after the page slept', async () => {
      const { player, video } = start(newStream(), { engine })
      await next(player, 'latency', ({ latencyMs }) => latencyMs < 1200)
      const pictures = watchPictures(video)
      const untilMs = performance.now() + 5000
      while (performance.now() < untilMs);
      await next(player, 'latency', ({ latencyMs }) => latencyMs < 1200)
      expect(pictures.wentBackS).to.be.lessThan(repeatedS)
      expect(Math.abs(await measureSoundOffset(video))).to.be.lessThan(togetherS)
    })

    it('plays on one element after it was closed at once', async () => {
      const { player, video } = start(newStream(), { engine })
      player.close()
      const again = start(newStream(), { engine }, video)
      await next(again.player, 'playing')
      expect(again.player.engine).to.equal(engine)
      await watchPictures(video).reach(video.currentTime + 1)
    })

    it('goes over a segment that is missing', async () => {
      const { player, video } = start(newStream('?gap=5'), { engine })
      await next(player, 'playing')
      await watchPictures(video).reach(7)
    })
  })
}

describe('requests that take longer than a part lasts', function () {
  this.timeout(90_000)
  afterEach(stopAll)

  it('leave hls.js near the edge: it takes whole segments', async () => {
    const { player, video } = start(newStream('?mediaLate=350'), { engine: 'hls.js', maxBehindMs: 60_000 })
    const pictures = watchPictures(video)
    await next(player, 'playing')
    // By parts alone it would be ten seconds behind by then.
    await pictures.reach(video.currentTime + 20)
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 4000)
  })
})
