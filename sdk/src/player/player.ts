/** What a player shows its user, and what each engine behind it must do. Pure types. */

import type { HlsConfig } from 'hls.js'
import type { StreamflowError } from '../errors/StreamflowError.js'
import type { Subscribable } from '../units/emitter.js'
import type { Origins } from './createOrigins.js'

/** One quality of a stream. */
export interface PlayerLevel {
  /** Its place in `Player.levels`, for `setLevel`. */
  readonly index: number
  /** As the stream names it, else by its lines, e.g. `720p`. */
  readonly name: string
  /** Pixels; 0 when the stream does not say. */
  readonly width: number
  readonly height: number
  /** Bits per second. */
  readonly bitrate: number
  /** Frames per second; 0 when the stream does not say. */
  readonly frameRate: number
}

/** How far behind the playback is. */
export interface PlayerLatency {
  /** Milliseconds from capture to this screen where the stream carries wall-clock times, else behind its live edge. */
  readonly latencyMs: number
  /** Milliseconds of video that are ready to be shown. */
  readonly bufferMs: number
  /** What `latencyMs` was taken from. */
  readonly from: 'clock' | 'edge'
  readonly playbackRate: number
}

/** Events of a player. */
export interface PlayerEvents {
  /** Frames move: for the first time, or again after a stall. */
  readonly playing: { /** Milliseconds since `watch` was called, or since the stall began. */ readonly waitedMs: number }
  /** The picture stands still for want of data. */
  readonly stalled: { readonly bufferMs: number }
  /** The stream's qualities became known, or changed. */
  readonly levelsChanged: { readonly levels: readonly PlayerLevel[] }
  /** Another quality is shown. */
  readonly levelSwitched: { readonly level: PlayerLevel }
  /** Once a second while it plays. */
  readonly latency: PlayerLatency
  /** The browser allows no sound before a gesture: it plays muted, or (`isBlocked`) waits for `video.play()`. */
  readonly muted: { readonly isBlocked: boolean }
  /** The stream comes from another of its origins now. */
  readonly origin: { /** Its master playlist. */ readonly url: string }
  /** The stream ended. */
  readonly ended: Record<never, never>
  /** The player gave up, and is closed. */
  readonly error: StreamflowError
}

/** What shows the stream: our own engine over one long response, hls.js over playlists, or the browser's own HLS. */
export type PlayerEngineName = 'follow' | 'hls.js' | 'native'

/** A running player. */
export interface Player extends Subscribable<PlayerEvents> {
  /** The stream's qualities, best last; empty until known, and always so in native playback. */
  readonly levels: readonly PlayerLevel[]
  /** The quality shown; `undefined` until known. */
  readonly level: PlayerLevel | undefined
  /** Shows one quality from now on, or lets the bandwidth decide (`auto`, the default). */
  setLevel(level: number | 'auto'): void
  /** The latest `latency`; `undefined` until it plays. */
  readonly latencyMs: number | undefined
  /** What shows the stream; `undefined` until chosen. */
  readonly engine: PlayerEngineName | undefined
  /** Where the stream comes from, or is looked for: the address of its master playlist there. */
  readonly origin: string
  /** Jumps to the live edge and follows it from now on. */
  goLive(): void
  /** Ends playback, lets go of the element, leaves nothing running. Idempotent. */
  close(): void
}

/** What an engine reports. */
export interface PlayerEngineListener {
  readonly onLevels: (levels: readonly PlayerLevel[]) => void
  readonly onLevel: (index: number) => void
  readonly onEnded: () => void
  /** This address plays no more; the next one is tried, or the player gives up. */
  readonly onFailed: (error: StreamflowError) => void
}

/** What each engine opens with. */
export interface EngineOptions {
  readonly video: HTMLVideoElement
  /** Where the stream is to be had. Where there are several, a server that does not answer is not waited for. */
  readonly origins: Origins
  /** Milliseconds for which a stream that does not exist yet, or not any more, is asked for. */
  readonly waitMs: number
  /** Whether no other engine has its turn after this one. */
  readonly isOnly: boolean
  /** Settings of hls.js that go before ours. */
  readonly hls?: Partial<HlsConfig> | undefined
  /** The player was closed: an engine that is still opening lets go of the element. */
  readonly signal: AbortSignal
  readonly listener: PlayerEngineListener
}

/** One way of showing one address. */
export interface PlayerEngine {
  readonly name: PlayerEngineName
  /** Seconds that playback stays behind beyond the worst lateness of what it gets; absent: what suits delivery by playlists. */
  readonly marginS?: number
  setLevel(level: number | 'auto'): void
  /** Whether the stream is live; `undefined` until known. */
  readonly isLive: boolean | undefined
  /** Where in the element's time playback should be when following the live edge. */
  readonly livePosition: number | undefined
  /** Wall clock (ms since the epoch) at which what is shown now was captured, where the stream says. */
  readonly shownAtMs: number | undefined
  close(): void
}
