/** The broadcasts that were made from this browser: kept in localStorage, shown as a table. */

import { formatAmount, formatDuration } from './format.js'

/** One broadcast. Amounts in wei, as decimal strings. */
export interface PastBroadcast {
  readonly streamId: string
  readonly startedAtMs: number
  readonly durationMs: number
  readonly segments: number
  readonly tickets: number
  readonly winners: number
  readonly paidWei: string
}

const key = 'streamflow.broadcasts'
const maxEntries = 20

function isPastBroadcast(value: unknown): value is PastBroadcast {
  const row = value as Partial<PastBroadcast> | null
  const areNumbers = [row?.startedAtMs, row?.durationMs, row?.segments, row?.tickets, row?.winners].every(Number.isFinite)
  return areNumbers && typeof row?.streamId === 'string' && /^\d{1,78}$/.test(row.paidWei ?? '')
}

/** @returns newest first; what cannot be read is dropped */
function readHistory(): PastBroadcast[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(value) ? value.filter(isPastBroadcast).slice(0, maxEntries) : []
  } catch {
    return []
  }
}

/** @returns `put`: adds a broadcast or replaces it (same `streamId`), and shows the table */
export function createHistory(table: HTMLTableElement, empty: HTMLElement): { put(broadcast: PastBroadcast): void } {
  let rows = readHistory()
  const cell = (text: string, className = ''): HTMLTableCellElement => {
    const element = document.createElement('td')
    element.className = className
    element.textContent = text
    return element
  }
  const show = (): void => {
    table.hidden = rows.length === 0
    empty.hidden = rows.length > 0
    const started = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
    table.tBodies[0]?.replaceChildren(
      ...rows.map((row) => {
        const line = document.createElement('tr')
        const figures = [row.segments, row.tickets, row.winners].map((value) => cell(String(value), 'number wide'))
        line.append(cell(started.format(row.startedAtMs)), cell(formatDuration(row.durationMs), 'number'), ...figures, cell(formatAmount(BigInt(row.paidWei)), 'number'))
        return line
      }),
    )
  }
  show()
  return {
    put(broadcast) {
      rows = [broadcast, ...rows.filter((row) => row.streamId !== broadcast.streamId)].slice(0, maxEntries)
      localStorage.setItem(key, JSON.stringify(rows))
      show()
    },
  }
}
