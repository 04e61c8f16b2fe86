/** What a broadcast knows of orchestrators before it begins, and what it adds; a store that fails harms nothing. */

import { createReputation, type Reputation, type ReputationRecord, type ReputationStore } from '../../market/createReputation.js'
import type { Address } from '../../units/hex.js'

/** Milliseconds between two writes of one record: a segment changes little. */
const saveMs = 5_000

/** @param openStore - absent where nothing is kept @param now - milliseconds since the epoch */
export async function keepReputation(openStore: (() => Promise<ReputationStore>) | undefined, now: () => number): Promise<Reputation> {
  let store: ReputationStore | undefined
  let records: readonly ReputationRecord[] = []
  try {
    store = await openStore?.()
    records = (await store?.load()) ?? []
  } catch {
    store = undefined // a page without storage learns anew each time
  }
  const waiting = new Map<Address, ReputationRecord>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    timer = undefined
    for (const record of waiting.values()) store?.save(record).catch(() => undefined)
    waiting.clear()
  }
  const save = (record: ReputationRecord): void => {
    if (store === undefined) return
    waiting.set(record.orchestrator, record)
    // A failure is told at once: the page may be closed over it.
    if (record.suspendedUntilMs > now()) {
      clearTimeout(timer)
      flush()
    } else timer ??= setTimeout(flush, saveMs)
  }
  return createReputation({ records, now, save })
}
