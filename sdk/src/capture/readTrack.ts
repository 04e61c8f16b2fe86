/** Reads the frames or samples of a track one by one, from a stream of them or from the track itself. */

import type { TrackInput } from './captureMessages.js'

/** MediaStreamTrackProcessor (W3C mediacapture-transform), not in TypeScript's library. */
export interface TrackProcessorConstructor {
  new <Data>(init: { readonly track: MediaStreamTrack; readonly maxBufferSize?: number }): { readonly readable: ReadableStream<Data> }
}

/** The constructor where this page or worker has it. */
export function getTrackProcessor(): TrackProcessorConstructor | undefined {
  return (globalThis as { MediaStreamTrackProcessor?: TrackProcessorConstructor }).MediaStreamTrackProcessor
}

/**
 * Hands each frame or block of samples to `onData`, which closes it; the next one is read when that is done.
 * @returns stops reading; resolves when the source was let go
 */
export function readTrack<Data>(
  input: Exclude<TrackInput<Data>, { kind: 'messages' }>,
  onData: (data: Data) => Promise<void> | void,
): () => Promise<void> {
  const readable = input.kind === 'readable' ? input.readable : new (getTrackProcessor()!)<Data>({ track: input.track }).readable
  const reader = readable.getReader()
  let isStopped = false
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const { done, value } = await reader.read()
      if (done) break
      if (isStopped) (value as { close?: () => void }).close?.()
      else await onData(value)
    }
  }
  // A source that fails is a source that ended, and whoever has the track sees that.
  void run().catch(() => undefined)
  return async () => {
    isStopped = true
    // A track that was handed over is a copy of the page's, and this worker's to stop.
    if (input.kind === 'track') input.track.stop()
    await reader.cancel().catch(() => undefined)
  }
}
