/** Tells orchestrators, and through them players, where else the stream is to be had, or will be. */

import { hashOrigins, type Origin, type Origins } from '../../payments/origins.js'
import { computePlaybackUrl, isPlaybackUrl, maxOrigins } from '../../protocol/playbackUrl.js'
import { isSameHex } from '../../units/hex.js'
import type { Offer } from '../../market/offer.js'
import type { Site } from '../delivery/createSite.js'
import type { Link } from '../delivery/openLink.js'
import type { StreamContext, StreamJob } from '../streamContext.js'

/** Who has the stream, and who would be asked to take it. */
export interface OriginSources {
  /** Orchestrators that it is at now, the one to begin with first. */
  readonly present: readonly Site[]
  /** Orchestrators that it was at: where their word is still kept, players may come from. */
  readonly past: readonly Site[]
  /** Who would be next, in that order. A player that loses its origin finds the list at none of them: it must know them before. */
  readonly next: readonly Pick<Offer, 'orchestrator' | 'uri'>[]
}

/** Each orchestrator once, the present ones first, then those that would be next, then those of before. Pure. */
export function listOrigins({ present, past, next }: OriginSources, streamId: Origins['streamId']): readonly Origin[] {
  const origins: Origin[] = []
  const add = (orchestrator: Origin['orchestrator'], url: string): void => {
    const isKnown = origins.some((known) => isSameHex(known.orchestrator, orchestrator))
    if (!isKnown && origins.length < maxOrigins && isPlaybackUrl(url, streamId)) origins.push({ orchestrator, url })
  }
  for (const { orchestrator, playbackUrl } of present) add(orchestrator, playbackUrl)
  for (const { orchestrator, uri } of next) add(orchestrator, computePlaybackUrl(uri, streamId))
  for (const { orchestrator, playbackUrl } of past) add(orchestrator, playbackUrl)
  return origins
}

/**
 * Signs a list by the present session key and puts it to orchestrators, over the connections to them; one that does not take
 * it has the list of before, and is no reason to stop.
 * @param list.version - higher than that of any list of this stream before
 */
async function publishOrigins(links: Iterable<Link>, list: Pick<Origins, 'version' | 'origins'>, { context, job }: { readonly context: StreamContext; readonly job: StreamJob }): Promise<void> {
  if (list.origins.length === 0) return
  const origins: Origins = { streamId: job.streamId, ...list }
  const signature = context.session.signer.sign(hashOrigins(context.domain, origins))
  await Promise.allSettled([...links].map((link) => link.send({ type: 'origins', list: { ...origins, origins: [...origins.origins], signature } })))
}

interface AnnouncerOptions {
  readonly context: StreamContext
  readonly job: StreamJob
  /** Who else there is. */
  readonly listOthers: () => Pick<OriginSources, 'past' | 'next'>
  readonly isOver: () => boolean
  readonly onOrigins: (urls: readonly string[]) => void
}

/** Knows whom the stream is at, and keeps them told. */
export class Announcer {
  readonly #options: AnnouncerOptions
  /** Connections that are there. */
  readonly #links = new Set<Link>()
  #origins: readonly string[] = []
  #version = 0

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** What was told last. */
  get origins(): readonly string[] {
    return this.#origins
  }

  /** The stream is at one more, until its connection closes. */
  add(link: Link): void {
    this.#links.add(link)
    void link.closed.then(() => {
      this.#links.delete(link)
      this.announce()
    })
    this.announce()
  }

  /** Tells all; or only if it is news. */
  announce(when: 'always' | 'if-changed' = 'always'): void {
    const { context, job, listOthers, isOver, onOrigins } = this.#options
    if (this.#links.size === 0 || isOver()) return
    // The newest first: an older connection may be dead and not known to be.
    const present = [...this.#links].map(({ site }) => site).reverse()
    const origins = listOrigins({ present, ...listOthers() }, job.streamId)
    const urls = origins.map(({ url }) => url)
    if (when === 'if-changed' && String(urls) === String(this.#origins)) return
    onOrigins((this.#origins = urls))
    void publishOrigins(this.#links, { version: ++this.#version, origins }, { context, job })
  }
}
