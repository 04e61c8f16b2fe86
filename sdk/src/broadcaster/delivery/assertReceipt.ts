/** What a receipt must fulfil before it is believed. Pure. */

import { StreamflowError } from '../../errors/StreamflowError.js'
import { computeLadderPixels, type Ladder } from '../../media/ladder.js'
import type { Domain } from '../../payments/domain.js'
import { computeSegmentFee, type Prices, type Work } from '../../payments/price.js'
import { hashOutputs, isReceiptFrom, isReceiptTimely, type SignedReceipt } from '../../payments/receipt.js'
import type { Recover } from '../../payments/signature.js'
import type { SegmentReceipt } from '../../protocol/segmentReceipt.js'
import { isSameHex, type Address, type Hex } from '../../units/hex.js'

/** What we know of the segment and the terms. */
export interface ReceiptExpectation {
  readonly domain: Domain
  readonly orchestrator: Address
  /** The key that signs for it. */
  readonly signer: Address
  readonly broadcaster: Address
  readonly serviceId: Hex
  readonly streamId: Hex
  readonly ladder: Ladder
  readonly ladderHash: Hex
  /** As quoted when the stream was opened. */
  readonly prices: Prices
  /** Decoded for each picture of the source; see media/codedPixels.ts. */
  readonly codedPixels: number
  /** Round of the parameters in use: the latest that is known here. */
  readonly round: bigint
  /** SHA-256 of header ‖ segment, as sent. */
  readonly inputHash: Hex
  /** Video frames sent. */
  readonly frames: number
  /** Output pixels beyond those of the frames sent that may still be charged; see {@link computeSurplusLimit}. */
  readonly surplus: bigint
  readonly recover?: Recover
}

/** Frames beyond those sent that an orchestrator may charge over a whole stream: encoders may repeat one, none does so in every segment. */
const toleratedFrames = 2

/** What an orchestrator may charge beyond the frames that it was sent, over a whole stream; output pixels. */
export function computeSurplusLimit(ladder: Ladder): bigint {
  return computeMostWork({ ladder, codedPixels: 0, frames: toleratedFrames }).pixels
}

/** What a segment of so many frames is charged for, and no more. */
export function computeMostWork({ ladder, codedPixels, frames }: { readonly ladder: Ladder; readonly codedPixels: number; readonly frames: number }): Work {
  return { pixels: BigInt(computeLadderPixels(ladder)) * BigInt(frames), inputPixels: BigInt(codedPixels) * BigInt(frames) }
}

/**
 * Asserts that a receipt is signed by the orchestrator, names what was sent, and charges no more than the quoted price
 * for the frames of the ladder.
 * @returns the whole signed receipt: evidence on chain
 * @throws {@link StreamflowError} `BadMessage` if it is not what was asked for or not signed, `Overcharged`
 */
export function assertReceipt(message: SegmentReceipt, expected: ReceiptExpectation): SignedReceipt {
  const { seq, attempt, inputHash, outputHash, inputPixels, pixels, fee, balance, round, signature, outputs } = message
  const { domain, orchestrator, signer, broadcaster, serviceId, streamId, ladder, ladderHash, prices, codedPixels, frames, surplus, recover } = expected
  const invalid = (reason: string): never => {
    throw new StreamflowError('BadMessage', `receipt of segment ${seq}: ${reason}`, { data: { seq, orchestrator } })
  }
  const overcharged = (reason: string, data: Record<string, unknown>): never => {
    throw new StreamflowError('Overcharged', `receipt of segment ${seq}: ${reason}`, { data: { seq, orchestrator, ...data } })
  }
  if (!isSameHex(inputHash, expected.inputHash)) invalid('it names another input than was sent')
  if (!isSameHex(outputHash, hashOutputs(outputs))) invalid('its outputs do not have the hash that is signed')
  const receipt: SignedReceipt = { orchestrator, broadcaster, serviceId, streamId, seq, attempt, ladderHash, inputHash, outputHash, inputPixels, pixels, fee, balance, round, signature }
  if (!isReceiptFrom(domain, receipt, orchestrator, { signer, recover })) invalid('it is not signed by the orchestrator')
  // A receipt of another round could be dated out of the reach of a challenge. We may know of a round later than it does, or one earlier.
  if (!isReceiptTimely(receipt, expected.round) && !isReceiptTimely(receipt, expected.round + 1n)) invalid(`it states round ${round}, the round is ${expected.round}`)

  const delivered = ladder.reduce((sum, { name, width, height }) => {
    const made = outputs.find(({ rendition }) => rendition === name)?.frames ?? 0
    return sum + BigInt(width * height) * BigInt(made)
  }, 0n)
  const sent = computeMostWork({ ladder, codedPixels, frames })
  const limit = sent.pixels + surplus
  if (pixels > limit) overcharged(`${pixels} pixels are charged, the ladder has at most ${limit}`, { pixels, limit })
  if (pixels > delivered) overcharged(`${pixels} pixels are charged, ${delivered} were delivered`, { pixels, limit: delivered })
  if (inputPixels > sent.inputPixels) overcharged(`${inputPixels} input pixels are charged, the source has ${sent.inputPixels}`, { inputPixels, limit: sent.inputPixels })
  const most = computeSegmentFee(prices, { pixels, inputPixels })
  if (fee > most) overcharged(`the fee of ${fee} wei exceeds ${most} at the quoted price`, { fee, limit: most })
  return receipt
}
