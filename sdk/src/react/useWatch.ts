/** Watching in a component. */

import { useEffect, useState } from 'react'
import { watch, type Playback, type WatchOptions } from '../actions/watch.js'
import { toStreamflowError, type StreamflowError } from '../errors/StreamflowError.js'
import type { Player, PlayerLevel } from '../player/player.js'

/** What is so at the moment. */
interface View {
  /** What plays, with everything that can be done with it. */
  readonly player: Player | undefined
  readonly state: 'waiting' | 'playing' | 'stalled' | 'ended' | 'failed'
  /** Milliseconds from capture to this screen; once a second. */
  readonly latencyMs: number | undefined
  readonly levels: readonly PlayerLevel[]
  readonly level: PlayerLevel | undefined
  /** The browser allows no sound before a gesture: `muted`, or `blocked` until somebody presses play. */
  readonly autoplay: 'allowed' | 'muted' | 'blocked'
  readonly error: StreamflowError | undefined
}

/** See {@link useWatch}. */
export interface UseWatch extends View {
  /** For the video element. */
  readonly ref: (video: HTMLVideoElement | null) => void
}

const nothing: View = { player: undefined, state: 'waiting', latencyMs: undefined, levels: [], level: undefined, autoplay: 'allowed', error: undefined }

/**
 * Plays a stream in the element that is given `ref`, as long as both are there.
 * @param playback - `undefined`: nothing yet
 * @param options - taken when it begins to play
 * @example
 * const { ref, state, latencyMs } = useWatch(live?.playbackUrl)
 * return <video ref={ref} controls title={`${state} ${latencyMs}`} />
 */
export function useWatch(playback: Playback | undefined, options?: WatchOptions): UseWatch {
  const [video, ref] = useState<HTMLVideoElement | null>(null)
  const [view, setView] = useState(nothing)
  const several = typeof playback === 'object' && 'urls' in playback ? playback.urls : playback
  const address = typeof several === 'object' ? several.join('\n') : several
  useEffect(() => {
    if (video === null || address === undefined) return undefined
    const change = (part: Partial<View>): void => setView((before) => ({ ...before, ...part }))
    let player: Player
    try {
      player = watch(video, { urls: address.split('\n') }, options)
    } catch (thrown) {
      change({ state: 'failed', error: toStreamflowError(thrown, 'Internal') })
      return () => setView(nothing)
    }
    setView({ ...nothing, player })
    player.on('playing', () => change({ state: 'playing' }))
    player.on('stalled', () => change({ state: 'stalled' }))
    player.on('ended', () => change({ state: 'ended' }))
    player.on('latency', ({ latencyMs }) => change({ latencyMs }))
    player.on('levelsChanged', ({ levels }) => change({ levels }))
    player.on('levelSwitched', ({ level }) => change({ level }))
    player.on('muted', ({ isBlocked }) => change({ autoplay: isBlocked ? 'blocked' : 'muted' }))
    player.on('error', (error) => change({ state: 'failed', error }))
    return () => {
      player.close()
      setView(nothing)
    }
    // What has changed in `options` meanwhile is no reason to begin anew.
  }, [video, address])
  return { ...view, ref }
}
