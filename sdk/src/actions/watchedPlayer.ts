/** For specs of the player: an element on a page, what it shows and what it sounds like. */

import { watch, type Playback, type WatchOptions } from './watch.js'
import type { Player, PlayerEvents } from '../player/player.js'

let players: Player[] = []
let videos: HTMLVideoElement[] = []

/** Watches in a new element, or again in one. */
export function start(playback: Playback, options: WatchOptions = {}, video: HTMLVideoElement = document.createElement('video')): { readonly player: Player; readonly video: HTMLVideoElement } {
  video.muted = true
  document.body.append(video)
  const player = watch(video, playback, options)
  players.push(player)
  videos.push(video)
  return { player, video }
}

/** Closes and removes everything that `start` made. */
export function stopAll(): void {
  for (const player of players) player.close()
  for (const video of videos) video.remove()
  players = []
  videos = []
}

/** A stream of its own on the test origin; see `sdk/build/testOrigin.mjs` for the query. */
export function newStream(query = ''): string {
  return `/origin/${crypto.randomUUID()}/master.m3u8${query}`
}

/** Changes what is wrong with a stream. */
export async function setFaults(url: string, query: string): Promise<void> {
  await fetch(url.replace(/master\.m3u8.*/, `set?${query}`))
}

/** Resolves with the next event of this name that fits; rejects when the player gives up. */
export function next<Name extends keyof PlayerEvents>(player: Player, name: Name, isIt: (event: PlayerEvents[Name]) => boolean = () => true): Promise<PlayerEvents[Name]> {
  return new Promise((resolve, reject) => {
    if (name !== 'error') player.once('error', reject)
    const off = player.on(name, (event) => {
      if (!isIt(event)) return
      off()
      resolve(event)
    })
  })
}

/** The pictures that an element shows, from now on. */
export interface Pictures {
  readonly times: readonly { readonly atMs: number; readonly mediaTimeS: number }[]
  /** Resolves when a picture at or after this second of the stream is shown. */
  reach(mediaTimeS: number): Promise<void>
  /** Resolves when no new picture came for so long (ms) after the first. */
  standStill(ms: number): Promise<void>
  /** Seconds of the stream by which pictures ever went back. */
  readonly wentBackS: number
}

/** Looks at every picture. */
export function watchPictures(video: HTMLVideoElement): Pictures {
  const times: { atMs: number; mediaTimeS: number }[] = []
  const waiting = new Set<() => void>()
  const look: VideoFrameRequestCallback = (atMs, { mediaTime }) => {
    times.push({ atMs, mediaTimeS: mediaTime })
    for (const check of waiting) check()
    video.requestVideoFrameCallback(look)
  }
  video.requestVideoFrameCallback(look)
  const fold = (compute: (before: { atMs: number; mediaTimeS: number }, after: { atMs: number; mediaTimeS: number }) => number): number => times.slice(1).reduce((most, time, i) => Math.max(most, compute(times[i]!, time)), 0)
  return {
    times,
    reach: (mediaTimeS) =>
      new Promise((resolve) => {
        const check = (): void => {
          if ((times.at(-1)?.mediaTimeS ?? 0) < mediaTimeS) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    standStill: (ms) =>
      new Promise((resolve) => {
        const timer = setInterval(() => {
          const last = times.at(-1)
          if (!last || performance.now() - last.atMs < ms) return
          clearInterval(timer)
          resolve()
        }, 50)
      }),
    get wentBackS() {
      return fold((before, after) => before.mediaTimeS - after.mediaTimeS)
    },
  }
}

/**
 * How far the sound is from the picture (seconds), as heard: the tone of the test origin rises and falls with the stream's
 * time (`testFootage.mjs`).
 */
export async function measureSoundOffset(video: HTMLVideoElement): Promise<number> {
  video.muted = false
  const context = new AudioContext()
  await context.resume()
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 })
  context.createMediaElementSource(video).connect(analyser).connect(context.destination)
  const bins = new Float32Array(analyser.frequencyBinCount)
  const offsets: number[] = []
  await new Promise<void>((resolve) => {
    const look: VideoFrameRequestCallback = () => {
      analyser.getFloatFrequencyData(bins)
      const loudest = bins.indexOf(Math.max(...bins))
      const heardHz = (loudest * context.sampleRate) / analyser.fftSize
      // The analyser's window ends now: what it holds is from half of it ago.
      const windowS = analyser.fftSize / context.sampleRate
      const getToneHz = (timeS: number): number => 400 + 100 * Math.PI * Math.cos((Math.PI / 2) * timeS)
      const candidates = Array.from({ length: 81 }, (_, i) => (i - 40) / 20)
      const middleS = video.currentTime - windowS / 2
      const closest = candidates.sort((a, b) => Math.abs(getToneHz(middleS + a) - heardHz) - Math.abs(getToneHz(middleS + b) - heardHz) || Math.abs(a) - Math.abs(b))
      // A tone that neither rises nor falls tells no time.
      if (Number.isFinite(bins[loudest]) && Math.abs(Math.sin((Math.PI / 2) * middleS)) > 0.7) offsets.push(closest.slice(0, 6).reduce((least, one) => (Math.abs(one) < Math.abs(least) ? one : least)))
      if (offsets.length < 20) video.requestVideoFrameCallback(look)
      else resolve()
    }
    video.requestVideoFrameCallback(look)
  })
  void context.close()
  return offsets.sort((a, b) => a - b)[10]!
}
