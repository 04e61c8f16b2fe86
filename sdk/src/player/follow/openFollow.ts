/**
 * The engine for nearness: one long response with parts of picture and sound as they are made, put into Media Source. It
 * spares a viewer the twenty requests a second of low-latency HLS, and the time that each of them takes.
 */

import type { EngineOptions, PlayerEngine } from '../player.js'
import { FollowEngine } from './followEngine.js'
import { computeFollowUrl } from './followUrl.js'
import { hasBegun } from './hasBegun.js'
import { findMediaSource } from './mediaSink.js'
import { takeSlot } from './takeSlot.js'

/** The first picture is shown so soon (ms) after the stream has begun, or another engine has its turn. */
const firstPictureMs = 1000
/** How often the playlists are asked whether the stream has begun, while nothing comes (ms); then what is left of that second. */
const probeMs = 250
const lastChanceMs = 600

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Opens the response and resolves with its first picture.
 * @returns `undefined` when it cannot be had here, or not in time
 * @throws {@link StreamflowError} `StreamNotFound` when there is no stream at this address
 */
export async function openFollow(options: EngineOptions): Promise<PlayerEngine | undefined> {
  const { origins, isOnly, signal, listener } = options
  const followUrl = computeFollowUrl(origins.current, document.baseURI, {})
  if (followUrl === undefined || !findMediaSource()) return undefined
  const releaseSlot = await takeSlot(followUrl)
  if (!releaseSlot || signal.aborted) {
    releaseSlot?.()
    return undefined
  }
  return new Promise((resolve, reject) => {
    let isShown = false
    let hasParts = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const letGo = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', letGo)
      engine.close()
      releaseSlot()
      // Nothing, if it was resolved before.
      resolve(undefined)
    }
    const engine = new FollowEngine({
      ...options,
      onFirstPart: () => {
        hasParts = true
        if (!isOnly && !isShown) timer = setTimeout(letGo, firstPictureMs)
      },
      onShown: () => {
        isShown = true
        clearTimeout(timer)
        resolve(engine)
      },
      onFailed: (error) => {
        if (error && !isShown) reject(error)
        letGo()
        if (error && isShown) listener.onFailed(error)
      },
    })
    signal.addEventListener('abort', letGo)
    /** A stream that plays elsewhere and not here: an orchestrator without this response, or a proxy that keeps it. */
    const watchBeginning = async (): Promise<void> => {
      const isWaiting = (): boolean => !hasParts && !signal.aborted
      while (isWaiting() && !(await hasBegun(origins.current, signal))) await wait(probeMs)
      if (isWaiting()) await wait(lastChanceMs)
      if (isWaiting()) letGo()
    }
    if (!isOnly) void wait(probeMs).then(watchBeginning)
  })
}
