/** The broadcasts that were made from this browser, as the SDK keeps them, in a table. */

import { getHistory, type HistoryEntry } from '@streamflow/sdk'
import { formatAmount, formatDuration } from './format.js'

const shownEntries = 12
/** States of a broadcast as people say them. One that was cut off stays `live` in the books. */
const states: Readonly<Record<HistoryEntry['state'], string>> = { live: 'cut off', reconnecting: 'cut off', stopping: 'cut off', ended: 'complete', failed: 'failed' }

function makeCell(text: string, className = ''): HTMLTableCellElement {
  const cell = document.createElement('td')
  cell.className = className
  cell.textContent = text
  return cell
}

function makeRow({ startedAtMs, updatedAtMs, streamId, state, code, sites }: HistoryEntry, liveId: string | undefined): HTMLTableRowElement {
  const row = document.createElement('tr')
  const sum = (key: 'segments' | 'tickets'): string => String(sites.reduce((total, site) => total + site[key], 0))
  const fees = sites.reduce((total, site) => total + site.fees, 0n)
  const started = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(startedAtMs)
  const outcome = streamId === liveId ? 'on air' : `${states[state]}${code === undefined ? '' : ` (${code})`}`
  row.append(
    makeCell(started),
    makeCell(outcome, 'wide'),
    makeCell(formatDuration(updatedAtMs - startedAtMs), 'number'),
    makeCell(sum('segments'), 'number wide'),
    makeCell(sum('tickets'), 'number wide'),
    makeCell(formatAmount(fees), 'number'),
  )
  return row
}

/** @returns `show`: reads the history again; `liveId`: the stream that is on air in this page, if any */
export function createHistory(table: HTMLTableElement, empty: HTMLElement): { show(liveId?: string): Promise<void> } {
  return {
    async show(liveId) {
      const entries = await getHistory({ limit: shownEntries })
      table.hidden = entries.length === 0
      empty.hidden = entries.length > 0
      table.tBodies[0]?.replaceChildren(...entries.map((entry) => makeRow(entry, liveId)))
    },
  }
}
