/** One long response: fetched, cut into frames, handed on as it comes. */

import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import { FollowReader, type FollowFrame, followMediaType } from '../../protocol/follow.js'

/** Who hears of it. None is called after `close`. */
export interface ResponseListener {
  readonly onFrame: (frame: FollowFrame) => void
  readonly onBytes: (count: number) => void
  /** It ended: by itself without a word, or by an error; `data.status` of one says what the server answered. */
  readonly onEnd: (error: StreamflowError | undefined) => void
}

/** Without a byte for so long (ms) it is dead: a live one carries sound or picture ten times a second. */
const silenceMs = 3000

/**
 * Opens it.
 * @param answerMs - how long its first byte is waited for
 * @returns what closes it
 */
export function openResponse(url: string, answerMs: number, { onFrame, onBytes, onEnd }: ResponseListener): () => void {
  const controller = new AbortController()
  const { signal } = controller
  let timer: ReturnType<typeof setTimeout> | undefined
  const watchSilence = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(() => end(new StreamflowError('PlaybackFailed', 'the server went silent')), ms)
  }
  const close = (): void => {
    clearTimeout(timer)
    controller.abort()
  }
  const end = (error: StreamflowError | undefined): void => {
    if (signal.aborted) return
    close()
    onEnd(error)
  }
  const read = async (): Promise<void> => {
    const response = await fetch(url, { signal, cache: 'no-store' })
    const { ok, status, body, headers } = response
    if (!ok || !body) throw new StreamflowError('StreamNotFound', `follow: ${status}`, { data: { status } })
    if (!headers.get('content-type')?.startsWith(followMediaType)) throw new StreamflowError('BadMessage', 'follow: another kind of answer', { data: { status } })
    const frames = new FollowReader()
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done || signal.aborted) return
      watchSilence(silenceMs)
      onBytes(value.length)
      for (const frame of frames.read(value)) {
        onFrame(frame)
        if (signal.aborted) return
      }
    }
  }
  watchSilence(answerMs)
  read().then(() => end(undefined), (error: unknown) => end(toStreamflowError(error, 'PlaybackFailed')))
  return close
}
