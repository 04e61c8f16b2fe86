/** A worker whose code comes with the page, not from an address of its own. */

/** The fetch of the script has begun by then; the URL itself is not needed any more. */
const revokeAfterMs = 10_000

/** @throws where the page may have no such worker; a policy that forbids `blob:` is told by its `error` event */
export function startWorker(source: string, name: string): Worker {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  try {
    return new Worker(url, { name })
  } finally {
    setTimeout(() => URL.revokeObjectURL(url), revokeAfterMs)
  }
}
