/** What orchestrators spend of the bits that were ordered, segment by segment, as their receipts say. */

import type { Rendition } from '../../media/ladder.js'
import type { Address } from '../../units/hex.js'
import { savings } from '../../verification/settleDoubt.js'
import type { SettledSegment } from '../dispatch/dispatchSink.js'

type Settled = Pick<SettledSegment, 'content' | 'outputs'> & { readonly site: Pick<SettledSegment['site'], 'orchestrator'> }

/** See {@link createSpendings}. */
export interface Spendings {
  add(settled: Settled): void
  /**
   * The largest share of its bits that one of the segments before this one took, for as long as an encoder saves; 0 where the
   * stream began with this one. The container's bytes count as bits: they can only acquit.
   * @returns undefined where one of them is another's, or not known
   */
  findMost(settled: Settled, rendition: Pick<Rendition, 'name' | 'bitrate'>): number | undefined
}

/** Segments of an orchestrator that are remembered: of the shortest, as many as make up the time that counts, and some for looks that wait. */
const maxRemembered = 64

interface Spent {
  readonly durationUs: number
  readonly bytes: ReadonlyMap<string, number>
}

export function createSpendings(): Spendings {
  const spent = new Map<Address, Map<number, Spent>>()
  return {
    add({ content: { seq, close }, outputs, site: { orchestrator } }) {
      const own = spent.get(orchestrator) ?? new Map<number, Spent>()
      spent.set(orchestrator, own)
      own.set(seq, { durationUs: close?.durationUs ?? 0, bytes: new Map(outputs.map(({ rendition, bytes }) => [rendition, bytes])) })
      const [oldest] = own.keys()
      if (own.size > maxRemembered && oldest !== undefined) own.delete(oldest)
    },
    findMost({ content, site: { orchestrator } }, { name, bitrate }) {
      const own = spent.get(orchestrator)
      let most = 0
      for (let seq = content.seq - 1, us = 0; seq >= 0 && us < savings.seconds * 1e6; seq--) {
        const { durationUs, bytes } = own?.get(seq) ?? { durationUs: 0, bytes: undefined }
        const count = bytes?.get(name)
        if (count === undefined || durationUs === 0) return undefined
        us += durationUs
        most = Math.max(most, (count * 8e6) / durationUs / bitrate)
      }
      return most
    },
  }
}
