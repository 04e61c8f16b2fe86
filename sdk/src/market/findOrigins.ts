/** Looks through the registry for a stream of which nothing but its id is known. */

import type { Network } from '../chain/network.js'
import { getEntries, getEntriesOf, getRows } from '../chain/registry.js'
import { services } from '../payments/quote.js'
import { computePlaybackUrl } from '../protocol/playbackUrl.js'
import type { Address, Hex } from '../units/hex.js'
import { isDialable } from './offer.js'
import { rankByStream } from './rankByStream.js'

/** Whom the stream's id puts first; who places a stream there is found. */
const maxLooked = 16

/**
 * @returns addresses at which the stream may be, in the order that its id decides
 * @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted`
 */
export async function findOrigins(network: Network, streamId: Hex, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<readonly string[]> {
  const rows = await getRows(network, { serviceId: services.Transcoding, signal })
  const matching: readonly { readonly orchestrator: Address }[] = rows ?? (await getEntries(network, { signal }))
  const ranked = rankByStream(matching, streamId).slice(0, maxLooked)
  const entries = await getEntriesOf(network, ranked.map(({ orchestrator }) => orchestrator), { signal })
  return rankByStream(entries, streamId).flatMap(({ uri }) => (isDialable(uri) ? [computePlaybackUrl(uri, streamId)] : []))
}
