/** A stream that is at several origins, some of which fail: the player goes on by itself, and back. */

import { expect } from 'chai'
import { newStream, next, setFaults, start, stopAll, watchPictures } from '../actions/watchedPlayer.js'

/** The same stream at two origins. */
function newOrigins(): readonly [string, string] {
  const one = newStream()
  return [one, one.replace('/master.m3u8', '~2/master.m3u8')]
}

for (const engine of ['follow', 'hls.js'] as const) describe(`a stream at two origins, by ${engine}`, function () {
  this.timeout(60_000)
  afterEach(stopAll)

  it('goes on at the other when one hangs up, and back', async () => {
    const [one, two] = newOrigins()
    // It plays for longer than it would wait for what is not there: what counts is since when nothing came.
    const { player, video } = start([one, two], { engine, waitMs: 1500 })
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 1500)
    expect(player.origin).to.equal(one)
    const pictures = watchPictures(video)
    await pictures.reach(video.currentTime + 2)
    for (const [dead, alive] of [[one, two], [two, one]] as const) {
      const moved = next(player, 'origin')
      await setFaults(dead, 'away=60000')
      expect((await moved).url).to.equal(alive)
      expect(player.origin).to.equal(alive)
      await pictures.reach(video.currentTime + 2)
      await setFaults(dead, 'away=0')
    }
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 1500)
    expect(player.engine).to.equal(engine)
  })

  it('goes on at the other when one says nothing more', async () => {
    const [one, two] = newOrigins()
    const { player, video } = start([one, two], { engine })
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 1500)
    const moved = next(player, 'origin')
    await setFaults(one, 'frozen=60000')
    expect((await moved).url).to.equal(two)
    await watchPictures(video).reach(video.currentTime + 2)
    await setFaults(one, 'frozen=0')
  })

  it('gives up when it is nowhere any more', async () => {
    const [one, two] = newOrigins()
    const { player } = start([one, two], { engine, waitMs: 1500 })
    await next(player, 'playing')
    for (const url of [one, two]) await setFaults(url, 'away=60000')
    expect((await next(player, 'error')).code).to.equal('PlaybackFailed')
  })
})

describe('a stream at two origins', () => {
  afterEach(stopAll)

  it('shows every picture once when our own engine moves', async () => {
    const [one, two] = newOrigins()
    const { player, video } = start([one, two], { engine: 'follow' })
    await next(player, 'latency', ({ latencyMs }) => latencyMs < 1500)
    const pictures = watchPictures(video)
    // Within a segment of a second: what was shown of it comes again, made by another encoder.
    const fromS = Math.ceil(video.currentTime) + 0.4
    await pictures.reach(fromS)
    const seeks: string[] = []
    video.addEventListener('seeking', () => seeks.push(`from ${pictures.times.at(-1)?.mediaTimeS} to ${video.currentTime}`))
    await setFaults(one, 'away=60000')
    await pictures.reach(fromS + 3)
    expect(pictures.wentBackS, `sought ${seeks.join()}`).to.equal(0)
    const shown = pictures.times.filter(({ mediaTimeS }) => mediaTimeS >= fromS)
    const largestStepS = shown.slice(1).reduce((most, { mediaTimeS }, i) => Math.max(most, mediaTimeS - shown[i]!.mediaTimeS), 0)
    // A decoder that missed the other encoder's keyframe would show nothing of the rest of its segment.
    expect(largestStepS).to.be.lessThan(0.4)
  })
})
