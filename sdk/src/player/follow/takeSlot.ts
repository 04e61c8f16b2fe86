/**
 * A browser opens six connections to an origin over HTTP/1.1, for all its tabs together. A response that stays open takes
 * one of them for good, so a fifth player must ask for parts one by one, or nobody gets anything. Over HTTP/2 there is no
 * such limit.
 */

/** Long responses to one origin at a time; the rest is for playlists, parts and the page itself. */
const maxPerOrigin = 4

/** Gives a place back. */
export type Slot = () => void

/** @returns `undefined` when all are taken, or when this page cannot know */
export async function takeSlot(url: string): Promise<Slot | undefined> {
  const { origin } = new URL(url)
  if (isMultiplexed(origin)) return () => undefined
  // Only pages of secure origins have locks.
  const { locks } = navigator as { readonly locks?: LockManager }
  if (!locks) return undefined
  for (let place = 0; place < maxPerOrigin; place++) {
    const slot = await new Promise<Slot | undefined>((resolve) => {
      const held = locks.request(`streamflow follow ${origin} ${place}`, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(undefined)
        return new Promise<void>((release) => resolve(release))
      })
      // A page of no origin, a sandboxed frame, is refused.
      held.catch(() => resolve(undefined))
    })
    if (slot) return slot
  }
  return undefined
}

/** Whether this origin is known to answer over HTTP/2 or later; one that does not tell other origins is not. */
function isMultiplexed(origin: string): boolean {
  return (performance.getEntriesByType('resource') as PerformanceResourceTiming[]).some(({ name, nextHopProtocol }) => /^h[23]/.test(nextHopProtocol) && name.startsWith(`${origin}/`))
}
