/** Waiting with an end: a signal that fires after a time or when another signal does. */

import { isStreamflowError, StreamflowError } from '../errors/StreamflowError.js'
import { after } from './timers.js'

/** A signal and what ends its timer. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Stops the timer and lets go of the outer signal. Idempotent. */
  clear(): void
}

/** Why what hangs on this signal ends: the time of a deadline around it is over, or somebody does not want it any more. */
function explainAbort({ reason }: AbortSignal): StreamflowError {
  return isStreamflowError(reason) && reason.code === 'Timeout' ? reason : new StreamflowError('Aborted', 'the caller aborted', { cause: reason })
}

/**
 * A signal that aborts with `Timeout` after `timeoutMs`, or as soon as `signal` does: with the `Timeout` of a deadline around
 * this one, else with `Aborted`. (`AbortSignal.any` is missing in browsers that are still in use.)
 */
export function createDeadline({ timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }): Deadline {
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal && explainAbort(signal))
  const stop = after(timeoutMs, () => controller.abort(new StreamflowError('Timeout', `no answer within ${timeoutMs} ms`, { data: { timeoutMs } })))
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    clear() {
      stop()
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** Aborts as soon as either does, for its reason. */
export function joinSignals(first: AbortSignal, second: AbortSignal | undefined): AbortSignal {
  if (second === undefined) return first
  const joined = new AbortController()
  for (const signal of [first, second]) {
    const abort = (): void => joined.abort(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true, signal: joined.signal })
  }
  return joined.signal
}

/** @throws {@link StreamflowError} `Aborted` if `signal` has been aborted; the `Timeout` of its deadline */
export function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw explainAbort(signal)
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
  let stop: (() => void) | undefined
  try {
    await raceSignal(new Promise<void>((resolve) => (stop = after(delayMs, resolve))), signal)
  } finally {
    stop?.()
  }
}
