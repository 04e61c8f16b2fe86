/** A recording of MediaRecorder taken apart: what it holds, who reads it, who hears of it. Pure types. */

import type { EncodedFrame } from '../media/createSegmenter.js'
import type { InputFormat } from '../media/ladder.js'

/** What a recording holds, whatever its container. */
export interface Recording {
  readonly video: { readonly codec: InputFormat['video']['codec']; readonly width: number; readonly height: number; readonly codecPrivate?: Uint8Array }
  readonly audio?: NonNullable<InputFormat['audio']> & { readonly codecPrivate?: Uint8Array; readonly delayNs: number }
}

/** Takes a recording apart as it grows. */
export interface RecordingReader {
  push(bytes: Uint8Array): void
  /** Resolves when everything pushed was reported. */
  end(): Promise<void>
}

/** Who hears of a recording's content. */
export interface RecordingListener {
  readonly onRecording: (recording: Recording) => void
  readonly onFrame: (kind: 'video' | 'audio', frame: EncodedFrame) => void
  readonly onError: (error: unknown) => void
}
