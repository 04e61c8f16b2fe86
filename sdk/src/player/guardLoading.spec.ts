/** hls.js led into standing still, as `hls-stall.md` tells, and set going again. */

import { expect } from 'chai'
import Hls from 'hls.js'
import { newStream, next, start, stopAll, watchPictures } from '../actions/watchedPlayer.js'
import { guardLoading } from './guardLoading.js'

/** Takes marks away as refreshes do: from the last part of each segment of sound, once it was loaded. */
function loseMarks(hls: Hls): void {
  const lost = new Set<string>()
  hls.on(Hls.Events.FRAG_BUFFERED, (_, { frag, part }) => {
    if (frag.type !== 'audio' || !part) return
    const parts = hls.audioTracks[hls.audioTrack]?.details?.partList ?? []
    const name = `${part.fragment.sn} ${part.index}`
    const isLast = parts.some((one) => one.fragment.sn === Number(part.fragment.sn) + 1 || (one.fragment.sn === part.fragment.sn && one.index === 4))
    if (!isLast || lost.has(name)) return
    lost.add(name)
    parts.find((one) => one.fragment.sn === part.fragment.sn && one.index === part.index)?.clearElementaryStreamInfo()
  })
}

describe('guardLoading', function () {
  this.timeout(90_000)
  afterEach(stopAll)

  it('marks what the buffer has, and finds what it touches of hls.js', async () => {
    const video = document.createElement('video')
    video.muted = true
    document.body.append(video)
    const hls = new Hls({ lowLatencyMode: true, maxFragLookUpTolerance: 0.001 })
    const close = guardLoading(hls, video, Hls.Events)
    try {
      hls.loadSource(newStream('?ahead=300'))
      hls.attachMedia(video)
      loseMarks(hls)
      await video.play()
      await watchPictures(video).reach(video.currentTime + 12)
      // What is touched beside the public interface: a change of hls.js must show here.
      const { networkControllers } = hls as unknown as { readonly networkControllers: readonly { readonly playlistType?: string; readonly state?: string; readonly loadingParts?: boolean; readonly tick?: unknown; readonly fragmentTracker?: { readonly getState?: unknown; readonly removeFragment?: unknown } }[] }
      for (const type of ['main', 'audio']) {
        const controller = networkControllers.find(({ playlistType, state }) => playlistType === type && typeof state === 'string')!
        expect([typeof controller.loadingParts, typeof controller.tick, typeof controller.fragmentTracker?.getState, typeof controller.fragmentTracker?.removeFragment]).to.deep.equal(['boolean', 'function', 'function', 'function'])
      }
    } finally {
      close()
      hls.destroy()
      video.remove()
    }
  })

  it('plays on while playlists come late at random', async () => {
    const { player, video } = start(newStream('?delay=120&ahead=300'), { engine: 'hls.js' })
    await next(player, 'playing')
    await watchPictures(video).reach(video.currentTime + 20)
  })
})
