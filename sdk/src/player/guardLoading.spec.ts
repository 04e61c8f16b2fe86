/** hls.js led into standing still, as `hls-stall.md` tells, and set going again. */

import { expect } from 'chai'
import Hls, { type Part } from 'hls.js'
import { newStream, next, start, stopAll, watchPictures } from '../actions/watchedPlayer.js'
import { guardLoading } from './guardLoading.js'

/** Of the parts of a segment of the test origin. */
const lastIndex = 4
/** The guard ends in 200 ms what lasts about a second here: then hls.js keeps more in hand, and stands no more. */
const stillMs = 500

/**
 * Takes marks away as refreshes do: from the last part of each segment of sound, once it was loaded.
 * @returns the parts that have their mark again
 */
function loseMarks(hls: Hls): { readonly restored: ReadonlySet<string> } {
  const lost = new Set<string>()
  /** Seen without their mark since then. */
  const unmarked = new Set<string>()
  const restored = new Set<string>()
  const getParts = (): readonly Part[] => hls.audioTracks[hls.audioTrack]?.details?.partList ?? []
  const getName = ({ fragment, index }: Part): string => `${fragment.sn} ${index}`
  hls.on(Hls.Events.FRAG_BUFFERED, (_, { frag, part }) => {
    for (const one of getParts()) {
      if (!one.loaded && lost.has(getName(one))) unmarked.add(getName(one))
      else if (one.loaded && unmarked.has(getName(one))) restored.add(getName(one))
    }
    if (frag.type !== 'audio' || part?.index !== lastIndex) return
    lost.add(getName(part))
    getParts().find((one) => getName(one) === getName(part))?.clearElementaryStreamInfo()
  })
  return { restored }
}

describe('guardLoading', function () {
  this.timeout(90_000)
  let hls: Hls
  let video: HTMLVideoElement
  beforeEach(() => {
    video = document.createElement('video')
    video.muted = true
    document.body.append(video)
    hls = new Hls({ lowLatencyMode: true, maxFragLookUpTolerance: 0.001 })
    hls.loadSource(newStream('?ahead=300'))
    hls.attachMedia(video)
  })
  afterEach(() => {
    hls.destroy()
    video.remove()
    stopAll()
  })

  it('has something to mend: without it, playback stands still', async () => {
    loseMarks(hls)
    await video.play()
    await watchPictures(video).standStill(stillMs)
  })

  it('marks what the buffer has, and finds what it touches of hls.js', async () => {
    const close = guardLoading(hls, video, Hls.Events)
    const { restored } = loseMarks(hls)
    await video.play()
    await watchPictures(video).reach(video.currentTime + 12)
    expect(restored.size).to.be.greaterThan(0)
    // What is touched beside the public interface: a change of hls.js must show here.
    const { networkControllers } = hls as unknown as { readonly networkControllers: readonly { readonly playlistType?: string; readonly state?: string; readonly loadingParts?: boolean; readonly tick?: unknown; readonly fragmentTracker?: { readonly getState?: unknown; readonly removeFragment?: unknown } }[] }
    for (const type of ['main', 'audio']) {
      const controller = networkControllers.find(({ playlistType, state }) => playlistType === type && typeof state === 'string')!
      expect([typeof controller.loadingParts, typeof controller.tick, typeof controller.fragmentTracker?.getState, typeof controller.fragmentTracker?.removeFragment]).to.deep.equal(['boolean', 'function', 'function', 'function'])
    }
    close()
  })

  it('plays on while playlists come late at random', async () => {
    const { player, video } = start(newStream('?delay=120&ahead=300'), { engine: 'hls.js' })
    await next(player, 'playing')
    await watchPictures(video).reach(video.currentTime + 20)
  })
})
