/** One orchestrator in the life of a broadcast: its parameters and the books kept with it, over any number of connections. */

import { computeCodedPixels } from '../../media/codedPixels.js'
import { computeLadderPixels } from '../../media/ladder.js'
import type { Offer } from '../../market/offer.js'
import { requestQuote } from '../../market/orchestratorClient.js'
import { computeSegmentFee, estimatePixels } from '../../payments/price.js'
import { hashLadder } from '../../payments/receipt.js'
import type { Address, Hex } from '../../units/hex.js'
import { computeSurplusLimit } from './assertReceipt.js'
import { createMirror, type Mirror } from './createMirror.js'
import { createPurse, type Purse } from './createPurse.js'
import { createQuoteBook, type QuoteBook } from './createQuoteBook.js'
import { createTrackRecord, type TrackRecord } from './createTrackRecord.js'
import { createUnfinished, type Unfinished } from './createUnfinished.js'
import type { StreamContext, StreamJob } from '../streamContext.js'

/** See {@link createSite}. */
export interface Site {
  readonly orchestrator: Address
  /** The key that signs for it; an operator may change it within a stream. */
  signer: Address
  readonly uri: string
  /** Of the process that has the stream, where that is found apart from the others of its orchestrator. */
  processUri: string | undefined
  readonly book: QuoteBook
  /** Set when the first connection was opened: starts from the balance that the orchestrator states. */
  mirror: Mirror | undefined
  /** Decoded for each picture of the source: counted by both sides alike. */
  readonly codedPixels: number
  /** Output pixels beyond those of the frames sent that it may still charge. */
  surplus: bigint
  /** What it holds of ours. */
  readonly purse: Purse
  /** What of that is for what we left unfinished. */
  readonly unfinished: Unfinished
  readonly record: TrackRecord
  /** What one segment is estimated to cost at most, in wei. */
  readonly estimate: bigint
  readonly ladderHash: Hex
  /** Added to the next ticket after the orchestrator found one too small; wei. */
  boost: bigint
  playbackUrl: string
  /** Milliseconds from our latest question to its answer, behind what else was on its way; undefined before the first. */
  roundTripMs: number | undefined
}

/** Prepares for an orchestrator that made an offer. */
export function createSite(offer: Offer, context: StreamContext, job: StreamJob): Site {
  const { orchestrator, signer, uri, quote, maxFaceValue } = offer
  const { domain, session, requestTimeoutMs, receiptTimeoutMs, fetch, now } = context
  const { sender } = session.grant
  const { serviceId, ladder, input, segmentDurationMs } = job
  const { frameRate } = input.video
  const codedPixels = computeCodedPixels(job.header, input.video)
  const estimate = (ladderPixels: number) => estimatePixels({ ladderPixels, frameRate, durationMs: segmentDurationMs })
  return {
    orchestrator,
    signer,
    uri,
    processUri: undefined,
    book: createQuoteBook({
      quote,
      expectation: { domain, orchestrator, signer, sender, serviceId, maxFaceValue },
      ask: async () => (await requestQuote({ uri, timeoutMs: requestTimeoutMs, fetch }, { sender, serviceId })).quote,
      now,
    }),
    mirror: undefined,
    codedPixels,
    surplus: computeSurplusLimit(ladder),
    purse: createPurse({ receiptTimeoutMs }),
    unfinished: createUnfinished(),
    record: createTrackRecord(),
    estimate: computeSegmentFee(quote, { pixels: estimate(computeLadderPixels(ladder)), inputPixels: estimate(codedPixels) }),
    ladderHash: hashLadder(ladder),
    boost: 0n,
    playbackUrl: '',
    roundTripMs: undefined,
  }
}

/** The books of a site that was connected. */
export function getMirror(site: Pick<Site, 'mirror'>): Mirror {
  site.mirror ??= createMirror()
  return site.mirror
}
