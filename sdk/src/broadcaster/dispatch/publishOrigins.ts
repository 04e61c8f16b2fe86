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
export async function publishOrigins(links: Iterable<Link>, list: Pick<Origins, 'version' | 'origins'>, { context, job }: { readonly context: StreamContext; readonly job: StreamJob }): Promise<void> {
  if (list.origins.length === 0) return
  const origins: Origins = { streamId: job.streamId, ...list }
  const signature = context.session.signer.sign(hashOrigins(context.domain, origins))
  await Promise.allSettled([...links].map((link) => link.send({ type: 'origins', list: { ...origins, origins: [...origins.origins], signature } })))
}
