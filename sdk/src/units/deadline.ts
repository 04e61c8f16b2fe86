/** Waiting with an end: a signal that fires after a time or when another signal does. */

import { StreamflowError } from '../errors/StreamflowError.js'

/** A signal and what ends its timer. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Stops the timer and lets go of the outer signal. Idempotent. */
  clear(): void
}

/**
 * A signal that aborts with `Timeout` after `timeoutMs`, or with `Aborted` as soon as `signal` does.
 * (`AbortSignal.any` is missing in browsers that are still in use.)
 */
export function createDeadline({ timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }): Deadline {
  const controller = new AbortController()
  const abort = (): void => controller.abort(new StreamflowError('Aborted', 'the caller aborted', { cause: signal?.reason }))
  const timer = setTimeout(() => controller.abort(new StreamflowError('Timeout', `no answer within ${timeoutMs} ms`, { data: { timeoutMs } })), timeoutMs)
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** @throws {@link StreamflowError} `Aborted` if `signal` has been aborted */
export function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StreamflowError('Aborted', 'the caller aborted', { cause: signal.reason })
}

/** Settles as `promise` does, or rejects with the signal's reason when it aborts first. */
export async function raceSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: () => void = () => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
export async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await raceSignal(new Promise<void>((resolve) => (timer = setTimeout(resolve, delayMs))), signal)
  } finally {
    clearTimeout(timer)
  }
}
