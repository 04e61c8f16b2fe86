/** What of a running capture can be changed: which tracks are published, and what of them is sent. */

import { StreamflowError } from '../errors/StreamflowError.js'
import type { Publishing } from './captureMessages.js'

/** A kind of track. */
export type TrackKind = 'video' | 'audio'

/** The tracks that are published at the moment. */
export interface PublishedTracks {
  readonly video: MediaStreamTrack
  readonly audio?: MediaStreamTrack | undefined
}

/**
 * Changes what is published while it runs. What is set stays so, whichever orchestrator the stream is at, until it is set
 * otherwise; each takes effect with the next picture or block of sound.
 */
export interface PublishControls {
  readonly isMuted: boolean
  readonly isHidden: boolean
  readonly isPaused: boolean
  /** The tracks of the moment; they are the caller's. */
  readonly tracks: PublishedTracks
  /**
   * Takes the pictures from another track: another camera, a screen, a canvas. The stream keeps its size, so that a picture
   * of another shape gets bars. The track before is not stopped.
   * @throws {@link StreamflowError} `InvalidArgument` if it is no live track of video; `Unsupported` where MediaRecorder captures
   */
  replaceVideoTrack(track: MediaStreamTrack): void
  /**
   * Takes the sound from another track. The track before is not stopped.
   * @throws {@link StreamflowError} `InvalidArgument` if it is no live track of audio, or the stream began without sound (see
   *   `audio.always`); `Unsupported` where MediaRecorder captures
   */
  replaceAudioTrack(track: MediaStreamTrack): void
  /** Sends silence instead of the sound. The microphone goes on; stop its track to turn it off. */
  setMuted(isMuted: boolean): void
  /** Sends black instead of the picture, ten times a second, which costs accordingly less. The camera goes on; stop its track to turn it off. */
  setHidden(isHidden: boolean): void
  /**
   * Lets the picture stand still, sent twice a second, and sends silence: what keeps viewers and orchestrator, for a
   * fraction of the price. Sending nothing at all would lose both after a few seconds.
   */
  setPaused(isPaused: boolean): void
}

/** All of it is sent. */
const everything: Publishing = { isMuted: false, isHidden: false, isPaused: false }

/** Whom the controls act upon. */
export interface ControlledCapture {
  readonly tracks: PublishedTracks
  /** Whether the stream has sound. */
  readonly hasSound: boolean
  /** @throws {@link StreamflowError} `Unsupported` */
  readonly onReplaced: (kind: TrackKind, track: MediaStreamTrack) => void
  readonly onPublishing: (publishing: Publishing) => void
}

/** Controls, and what they are set to. */
export interface OwnedControls extends PublishControls {
  readonly publishing: Publishing
}

/** Creates the controls of one capture. */
export function createPublishControls({ tracks: first, hasSound, onReplaced, onPublishing }: ControlledCapture): OwnedControls {
  let tracks = first
  let publishing = everything
  const set = (change: Partial<Publishing>): void => {
    publishing = { ...publishing, ...change }
    onPublishing(publishing)
  }
  const replace = (kind: TrackKind, track: MediaStreamTrack, option: string): void => {
    if (track?.kind !== kind || track.readyState !== 'live') throw refuse(option, `a live track of ${kind}`, track?.kind === kind ? 'one that has ended' : String(track?.kind))
    onReplaced(kind, track)
    tracks = { ...tracks, [kind]: track }
  }
  return {
    get publishing() {
      return publishing
    },
    get tracks() {
      return tracks
    },
    get isMuted() {
      return publishing.isMuted
    },
    get isHidden() {
      return publishing.isHidden
    },
    get isPaused() {
      return publishing.isPaused
    },
    replaceVideoTrack: (track) => replace('video', track, 'replaceVideoTrack'),
    replaceAudioTrack(track) {
      if (!hasSound) throw refuse('replaceAudioTrack', 'a stream that began with sound (a track of audio, or audio: { always: true })', 'one without')
      replace('audio', track, 'replaceAudioTrack')
    },
    setMuted: (isMuted) => set({ isMuted }),
    setHidden: (isHidden) => set({ isHidden }),
    setPaused: (isPaused) => set({ isPaused }),
  }
}

const controlNames = ['isMuted', 'isHidden', 'isPaused', 'tracks', 'replaceVideoTrack', 'replaceAudioTrack', 'setMuted', 'setHidden', 'setPaused'] as const satisfies readonly (keyof PublishControls)[]

/** The same object, with the controls on it; what they read stays what is so at the moment. */
export function addControls<Target extends object>(target: Target, controls: PublishControls): Target & PublishControls {
  for (const name of controlNames) Object.defineProperty(target, name, Object.getOwnPropertyDescriptor(controls, name)!)
  return target as Target & PublishControls
}

function refuse(option: string, expected: string, got: string): StreamflowError {
  return new StreamflowError('InvalidArgument', `${option}: expected ${expected}, got ${got}`, { data: { option, expected } })
}
