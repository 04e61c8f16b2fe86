/** Small texts from servers that may be hostile: one may say no length and never end. */

import { createDeadline, raceSignal } from '../units/deadline.js'

/** What is let in, and how long it may take. */
export interface TextBounds {
  readonly maxBytes: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Loads the text at an address.
 * @returns `undefined` if there is none, or too much of it
 * @throws what `fetch` throws; {@link StreamflowError} `Timeout`, `Aborted`
 */
export async function loadText(url: string, { maxBytes, timeoutMs, signal }: TextBounds): Promise<string | undefined> {
  const deadline = createDeadline({ timeoutMs, signal })
  try {
    const response = await fetch(url, { signal: deadline.signal, cache: 'no-store' })
    if (!response.ok || response.body === null) return undefined
    return await raceSignal(readText(response.body, maxBytes), deadline.signal)
  } finally {
    deadline.clear()
  }
}

async function readText(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<string | undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let size = 0; ; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.length
    if (size > maxBytes) {
      void reader.cancel().catch(() => undefined)
      return undefined
    }
    text += decoder.decode(value, { stream: true })
  }
}
