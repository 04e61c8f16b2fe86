/**
 * Follow responses of one stream (sdk/src/protocol/follow.ts). Frames are encoded once; what became ready in one turn of
 * the event loop, picture and sound, is one buffer that all followers of a rendition are given.
 */

import { encodeFollowFrame, type FollowHead } from '@streamflow/sdk/protocol'
import type { DeliverySink } from '../../core/delivery.js'
import { FairShare } from '../../core/fairShare.js'
import { FollowBatch, type BatchFrame } from './followBatch.js'
import { Follower } from './follower.js'
import type { LiveStream } from './liveStream.js'
import type { Pace } from './pace.js'
import type { RenditionWindow } from './renditionWindow.js'
import { findEdge, readTrackFrames, type TrackPosition } from './trackFrames.js'

/** Bounds of the followers of one stream. */
export interface FollowLimits {
  readonly maxFollowers: number
  /** Bytes that a follower may be behind; at half of it, it is asked to come again. */
  readonly maxBacklogBytes: number
}

/** The picture is held back for the rest of the sound no longer than this many parts: sound may have stopped. */
const soundGraceParts = 3
/** Told of the sound until its own mean is known, bits per second. */
const assumedSoundBitrate = 128_000

/** The newest segment of which something has been given out. */
const findNewest = ({ seq, part }: TrackPosition): number => (part > 0 ? seq : seq - 1)

/** One of a stream's tracks, as far as it has been given out. */
interface Track {
  readonly window: RenditionWindow
  position: TrackPosition
}

/** The followers of one stream. */
export class FollowFeed {
  readonly #stream: LiveStream
  readonly #limits: FollowLimits
  readonly #pace: Pace
  readonly #places: FairShare<Follower>
  /** Of the renditions that somebody follows. */
  readonly #followers = new Map<string, Set<Follower>>()
  /** Of the same, and of the sound while anybody follows. */
  readonly #tracks = new Map<string, Track>()
  /** What a newcomer is given, until something is added to it. */
  readonly #beginnings = new Map<string, Uint8Array>()
  #isOver = false

  constructor(stream: LiveStream, limits: FollowLimits, pace: Pace) {
    this.#stream = stream
    this.#limits = limits
    this.#pace = pace
    this.#places = new FairShare(limits.maxFollowers, (follower) => {
      follower.cut()
      this.#remove(follower)
    })
  }

  /** Responses that are open. */
  get size(): number {
    return this.#places.size
  }

  /**
   * Begins a response; the stream has begun.
   * @param begin - called if there is room
   * @returns what to call when the viewer is gone, or `undefined` if there is no room
   */
  join(window: RenditionWindow, fromSeq: number, client: string, begin: () => DeliverySink): (() => void) | undefined {
    this.advance()
    const follower = new Follower({ client, rendition: window.name, fromSeq, maxBacklogBytes: this.#limits.maxBacklogBytes })
    if (!this.#places.take(client, follower)) return undefined
    const beginning = this.#renderBeginning(window, fromSeq)
    this.#track(window)
    const sound = this.#stream.window('audio')
    if (sound !== undefined) this.#track(sound)
    let followers = this.#followers.get(window.name)
    if (followers === undefined) this.#followers.set(window.name, (followers = new Set()))
    followers.add(follower)
    follower.begin(begin(), beginning)
    if (this.#stream.isEnded) this.#deliver([follower], this.#collect(window.name, [], true))
    return () => this.#remove(follower)
  }

  /** Gives out what is new since the last time; everything that a turn brings in one batch. */
  advance(): void {
    this.#beginnings.clear()
    if (this.#followers.size === 0 || this.#isOver) return
    const isOver = (this.#isOver = this.#stream.isEnded)
    const sound = this.#advanceTrack('audio')
    for (const [rendition, followers] of this.#followers) {
      const frames = [...this.#advanceTrack(rendition), ...sound]
      if (frames.length === 0 && !isOver) continue
      this.#deliver([...followers], this.#collect(rendition, frames, isOver))
    }
  }

  #deliver(followers: readonly Follower[], batch: FollowBatch): void {
    for (const follower of followers) {
      this.#pace.run(() => {
        if (follower.take(batch)) this.#remove(follower)
      })
    }
  }

  #collect(rendition: string, frames: readonly BatchFrame[], isOver: boolean): FollowBatch {
    const picture = this.#tracks.get(rendition)?.position ?? { seq: 0, part: 0 }
    const sound = this.#stream.window('audio')?.init === undefined ? picture : (this.#tracks.get('audio')?.position ?? picture)
    const isSoundLate = picture.seq > sound.seq + 1 || (picture.seq === sound.seq + 1 && picture.part >= soundGraceParts)
    const firstOpenSeq = isSoundLate ? picture.seq : Math.min(picture.seq, sound.seq)
    return new FollowBatch({ frames, firstOpenSeq, newestSeq: Math.max(findNewest(picture), findNewest(sound)), isOver: isOver && this.#stream.isElsewhere ? 'elsewhere' : isOver })
  }

  #track(window: RenditionWindow): void {
    if (!this.#tracks.has(window.name)) this.#tracks.set(window.name, { window, position: findEdge(window) })
  }

  /** The frames of a track that are new. */
  #advanceTrack(name: string): readonly BatchFrame[] {
    const track = this.#tracks.get(name)
    if (track === undefined) return []
    const { window, position } = track
    track.position = findEdge(window)
    return readTrackFrames(window, name === 'audio' ? 'sound' : 'picture', position)
  }

  #renderBeginning(window: RenditionWindow, fromSeq: number): Uint8Array {
    const key = `${window.name} ${fromSeq}`
    const known = this.#beginnings.get(key)
    if (known !== undefined) return known
    const sound = this.#stream.window('audio')
    const frames = [encodeFollowFrame({ kind: 'head', head: this.#describe(window, fromSeq) })]
    if (window.init !== undefined) frames.push(encodeFollowFrame({ kind: 'init', track: 'picture', bytes: window.init.bytes }))
    if (sound?.init !== undefined) frames.push(encodeFollowFrame({ kind: 'init', track: 'sound', bytes: sound.init.bytes }))
    const media = [...readTrackFrames(window, 'picture', { seq: fromSeq, part: 0 }), ...(sound === undefined ? [] : readTrackFrames(sound, 'sound', { seq: fromSeq, part: 0 }))]
    // By segment, so that neither track is far behind the other.
    media.sort((a, b) => a.seq - b.seq)
    const beginning = Buffer.concat([...frames, ...media.map(({ bytes }) => bytes)])
    this.#beginnings.set(key, beginning)
    return beginning
  }

  #describe(window: RenditionWindow, fromSeq: number): FollowHead {
    const { job, partTargetUs, startTimeMs } = this.#stream
    const sound = this.#stream.window('audio')
    const soundBitrate = sound === undefined ? 0 : sound.bitrates.average || assumedSoundBitrate
    return {
      version: 1,
      rendition: window.name,
      renditions: job.ladder.map(({ name, width, height, bitrate }) => ({
        name, width, height, bitrate: Math.ceil(bitrate + soundBitrate), codecs: this.#stream.window(name)?.init?.codecs ?? '',
      })),
      frameRate: job.input.video.frameRate,
      ...(sound?.init !== undefined && { soundCodecs: sound.init.codecs }),
      startTimeMs,
      partTargetUs,
      segmentDurationMs: job.segmentDurationMs,
      oldestSeq: window.segments[0]?.seq ?? fromSeq,
      fromSeq,
    }
  }

  #remove(follower: Follower): void {
    follower.leave()
    this.#places.release(follower.client, follower)
    const followers = this.#followers.get(follower.rendition)
    followers?.delete(follower)
    if (followers?.size === 0) {
      this.#followers.delete(follower.rendition)
      this.#tracks.delete(follower.rendition)
    }
    if (this.#followers.size === 0) this.#tracks.clear()
  }
}
