/**
 * What we left at one orchestrator without a receipt, because a connection broke or somebody else was sooner. It holds the
 * price of what it made of that, and viewers may have seen it: it signs a receipt for it, for which it is asked when we are back.
 * Without that, two such losses would be all that it may ever hold. Pure.
 */

import { sha256 } from '@noble/hashes/sha2'
import { bytesToHex, type Hex } from '../../units/hex.js'
import type { Attempt } from './createMirror.js'

/** An attempt that was left. */
export interface Left extends Attempt {
  /** wei that its ticket reserved. */
  readonly estimate: bigint
  /** Frames that it may have been charged for, at most. */
  readonly frames: number
  /** What was sent of it, in the pieces in which it was sent: as many of them arrived as arrived. */
  readonly chunks: readonly Uint8Array[]
}

/** See {@link createUnfinished}. */
export interface Unfinished {
  leave(left: Left): void
  /** Those whose receipts are to be asked for. */
  list(): readonly Left[]
  find(attempt: Attempt): Left | undefined
  /** Its receipt came. */
  drop(attempt: Attempt): void
  /** The orchestrator says whether it keeps anything for it; if not, no receipt comes. */
  answer(attempt: Attempt, isKept: boolean): void
  /** Receipts of these were asked for. */
  ask(attempts: readonly Attempt[], nowMs: number): void
  /** Whether it has still to say what it keeps: that decides what the next ticket is worth. */
  isAsking(nowMs: number): boolean
  /** Whether receipts may be on their way. */
  isAwaited(nowMs: number): boolean
}

/** More than can be lost without being left for good. */
const most = 4
/** An answer comes at once (ms); a receipt that is not there yet, with the last picture that is made. */
const answerMs = 1_000
const receiptMs = 2_000

const isSame = (a: Attempt, b: Attempt): boolean => a.seq === b.seq && a.attempt === b.attempt

/** Nothing was left. */
export function createUnfinished(): Unfinished {
  let all: readonly Left[] = []
  let unanswered: readonly Attempt[] = []
  let askedMs = Number.NEGATIVE_INFINITY
  const drop = (attempt: Attempt): void => {
    all = all.filter((left) => !isSame(left, attempt))
    unanswered = unanswered.filter((asked) => !isSame(asked, attempt))
  }
  return {
    leave(left) {
      drop(left)
      all = [...all, left].slice(-most)
    },
    list: () => all,
    find: (attempt) => all.find((left) => isSame(left, attempt)),
    drop,
    answer(attempt, isKept) {
      if (!isKept) drop(attempt)
      unanswered = unanswered.filter((asked) => !isSame(asked, attempt))
    },
    ask(attempts, nowMs) {
      unanswered = attempts
      askedMs = nowMs
    },
    isAsking: (nowMs) => unanswered.length > 0 && nowMs < askedMs + answerMs,
    isAwaited: (nowMs) => all.length > 0 && nowMs < askedMs + receiptMs,
  }
}

/**
 * How much of what was sent this is the hash of: of header ‖ the first pieces, SHA-256. A piece has one picture at most, so that
 * no more of them can be charged than the pieces that are named.
 * @returns how many pieces; 0 if it names nothing that was sent
 */
export function countInput(inputHash: Hex, { header, chunks }: { readonly header: Uint8Array; readonly chunks: readonly Uint8Array[] }): number {
  const hash = sha256.create().update(header)
  return chunks.findIndex((chunk) => bytesToHex(hash.update(chunk).clone().digest()) === inputHash) + 1
}
