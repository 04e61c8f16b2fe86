/** What this page broadcast before, and what it cost. */

import { createBrowserHistoryStore } from '../broadcaster/report/createBrowserHistoryStore.js'
import type { HistoryEntry, HistoryStore } from '../broadcaster/report/history.js'

const defaultLimit = 50

/**
 * The latest broadcasts, latest first.
 * @param options.store - @default the page's IndexedDB
 * @throws {@link StreamflowError} `Unsupported` without storage
 */
export async function getHistory({ limit = defaultLimit, store }: { readonly limit?: number; readonly store?: HistoryStore } = {}): Promise<readonly HistoryEntry[]> {
  return (store ?? (await createBrowserHistoryStore())).list(limit)
}
