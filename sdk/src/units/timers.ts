/**
 * Timers that a page nobody sees keeps as well. Browsers let those of hidden pages fire once a second, later once a minute,
 * and a chain of ten short waits takes ten seconds; what a worker says they deliver at once.
 */

import { startWorker } from './startWorker.js'

interface Waiting {
  /** By `performance.now()`. */
  readonly dueMs: number
  fire(): void
}

/** How late what is due may be in a hidden page. */
const tickMs = 50
const waiting = new Set<Waiting>()
/** Who wants punctual timers now. */
let keepers = 0
let ticker: Worker | undefined

/** Calls `run` once after `delayMs`. @returns what calls it off */
export function after(delayMs: number, run: () => void): () => void {
  const entry = { dueMs: performance.now() + delayMs, fire: () => (cancel(), run()) }
  const timer = setTimeout(entry.fire, delayMs)
  const cancel = (): void => {
    clearTimeout(timer)
    waiting.delete(entry)
  }
  waiting.add(entry)
  return cancel
}

/** Calls `run` every `intervalMs`, first after the first of them. @returns what ends it */
export function every(intervalMs: number, run: () => void): () => void {
  let cancel: () => void
  const next = (): void => {
    cancel = after(intervalMs, () => {
      next()
      run()
    })
  }
  next()
  return () => cancel()
}

/** From now on timers are punctual while the page is hidden. Where there is no page they always are. @returns what ends it, once */
export function keepPunctual(): () => void {
  if (typeof document === 'undefined') return () => undefined
  let isKept = true
  if (++keepers === 1) document.addEventListener('visibilitychange', onVisibility)
  onVisibility()
  return () => {
    if (!isKept) return
    isKept = false
    if (--keepers === 0) document.removeEventListener('visibilitychange', onVisibility)
    onVisibility()
  }
}

function onVisibility(): void {
  if (keepers > 0 && document.hidden) ticker ??= openTicker()
  else {
    ticker?.terminate()
    ticker = undefined
  }
}

/** Undefined where the page may have no such worker: then timers are as slow as the browser has them. */
function openTicker(): Worker | undefined {
  try {
    const worker = startWorker(`setInterval(() => postMessage(0), ${tickMs})`, 'streamflow-timers')
    worker.onmessage = fireDue
    worker.onerror = (event) => event.preventDefault() // the page's policy forbids `blob:` workers
    return worker
  } catch {
    return undefined
  }
}

function fireDue(): void {
  const nowMs = performance.now()
  for (const entry of [...waiting]) if (entry.dueMs <= nowMs && waiting.has(entry)) entry.fire()
}
