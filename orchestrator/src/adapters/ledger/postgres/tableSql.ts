/** The statements that write and read rows of a table as a whole: made of its shape, so that no column is named twice. */

import type { LedgerTable } from '../ledgerRows.js'
import type { TableShape } from './WorkingCopy.js'

/** Tables whose rows tell others when they changed. */
const told: ReadonlySet<LedgerTable> = new Set(['secrets', 'retired', 'winners'])

/** Columns that may only move one way, whoever writes the row last. */
const oneWay: Partial<Record<LedgerTable, Readonly<Record<string, 'GREATEST' | 'LEAST'>>>> = {
  retired: { retireAt: 'LEAST', revealed: 'GREATEST' },
  winners: { redeemableFrom: 'LEAST' },
}

const quote = (name: string): string => `"${name}"`

/** Its columns, for SELECT. @param alias - of the table */
export function listColumns({ columns }: TableShape, alias?: string): string {
  return columns.map(({ name }) => (alias === undefined ? quote(name) : `${alias}.${quote(name)}`)).join(', ')
}

/** A row of the answer to a SELECT of {@link listColumns}, as it is written. */
export function readValues({ columns }: TableShape, row: Readonly<Record<string, unknown>>): readonly unknown[] {
  return columns.map(({ name }) => row[name])
}

/**
 * Writes many rows, given as one array for each column, in the place of those of the same key.
 * @param onlyThese - columns that an existing row takes; all if left out
 */
export function formatUpsert(shape: TableShape, onlyThese?: readonly string[]): string {
  const { name, columns, key } = shape
  const keyNames = key.map((index) => columns[index]?.name ?? '')
  const taken = columns.map((column) => column.name).filter((column) => (onlyThese === undefined ? !keyNames.includes(column) : onlyThese.includes(column)))
  const sets = taken.map((column) => {
    const way = oneWay[name]?.[column]
    return `${quote(column)} = ${way === undefined ? `EXCLUDED.${quote(column)}` : `${way}(${name}.${quote(column)}, EXCLUDED.${quote(column)})`}`
  })
  if (told.has(name)) sets.push('xid = pg_current_xact_id()')
  // The first process that begins an epoch makes its secret; another takes that one.
  const action = name === 'secrets' ? 'NOTHING' : `UPDATE SET ${sets.join(', ')}`
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')
  return `INSERT INTO ${name} (${listColumns(shape)}) SELECT * FROM unnest(${arrays}) ON CONFLICT (${keyNames.map(quote).join(', ')}) DO ${action}`
}
