/** `streamflow-orchestrator ledger`: shows what the ledger holds, exports it, and raises winners from the dead. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { backupLedger, restoreLedger } from '../../adapters/ledger/copyLedger.js'
import { openDatabase, type LedgerDatabase } from '../../adapters/ledger/openDatabase.js'
import { exportableTables, readDeadLetters, readSenders, readTable, readValue, readWinners, retryDeadLetters, type ExportableTable } from '../../adapters/ledger/readReports.js'
import { formatCsvRow } from './formatCsvRow.js'
import { formatEther, formatTable } from './formatTable.js'

type Hex = `0x${string}`

/** What the command works with. */
export interface LedgerCommand {
  /** Words after `ledger`. */
  readonly args: readonly string[]
  /** File of the ledger. */
  readonly path: string
  /** Takes the output, line by line, without line ends. */
  readonly write: (line: string) => void
}

/** Shown for `ledger help` and after a mistake. */
export const ledgerUsage = `ledger                        balances, winners by state, value expected and won
ledger balances               what each sender paid in and was charged
ledger winners                winning tickets by state
ledger value                  value expected against value won, with the 99 % band
ledger dead                   winning tickets that will not be paid, and why
ledger retry HASH | --all     try dead ones again
ledger backup FILE            copy the ledger; its orchestrator may run meanwhile
ledger restore FILE           put a copy in its place; what was quoted before is void then
ledger export TABLE           CSV of ${exportableTables.join(', ')}`

function showBalances(database: LedgerDatabase, write: LedgerCommand['write']): void {
  const rows = readSenders(database).map(({ sender, streams, segments, tickets, credited, charged, balance, withheld }) => [sender, String(streams), String(segments), String(tickets), formatEther(credited), formatEther(charged), formatEther(balance), formatEther(withheld)])
  formatTable(['sender', 'streams', 'segments', 'tickets', 'credited', 'charged', 'balance', 'of it withheld'], rows).forEach(write)
}

function showWinners(database: LedgerDatabase, write: LedgerCommand['write']): void {
  const rows = readWinners(database).map(({ state, count, faceValue, paid }) => [state, String(count), formatEther(faceValue), formatEther(paid)])
  formatTable(['winners', 'count', 'face value', 'paid'], rows).forEach(write)
}

function showValue(database: LedgerDatabase, write: LedgerCommand['write']): void {
  const { tickets, expected, won, redeemed, deviation, band, isInBand } = readValue(database)
  formatTable(
    ['value', 'ether'],
    [
      [`expected of ${tickets} tickets`, formatEther(expected)],
      ['won', formatEther(won)],
      ['redeemed', formatEther(redeemed)],
      ['standard deviation', formatEther(deviation)],
      ['99 % band', `${formatEther(band.low)} … ${formatEther(band.high)}`],
      ['won lies', isInBand ? 'inside' : 'OUTSIDE'],
    ],
  ).forEach(write)
}

function showDead(database: LedgerDatabase, write: LedgerCommand['write']): void {
  const rows = readDeadLetters(database).map(({ ticketHash, sender, faceValue, creationRound, attempts, reason }) => [ticketHash, sender, formatEther(faceValue), String(creationRound), String(attempts), reason])
  formatTable(['ticket', 'sender', 'face value', 'round', 'tries', 'reason'], rows).forEach(write)
}

function exportTable(database: LedgerDatabase, write: LedgerCommand['write'], table: string | undefined): void {
  if (!exportableTables.includes(table as ExportableTable)) throw new StreamflowError('InvalidArgument', `expected one of ${exportableTables.join(', ')}, got ${table ?? 'nothing'}`)
  let isFirst = true
  for (const row of readTable(database, table as ExportableTable)) {
    if (isFirst) write(formatCsvRow(Object.keys(row)))
    isFirst = false
    write(formatCsvRow(Object.values(row)))
  }
}

function retry(path: string, write: LedgerCommand['write'], which: string | undefined): void {
  if (which !== '--all' && !/^0x[0-9a-fA-F]{64}$/.test(which ?? '')) throw new StreamflowError('InvalidArgument', `expected a ticket's hash or --all, got ${which ?? 'nothing'}`)
  const database = openDatabase(path)
  try {
    const count = which === '--all' ? retryDeadLetters(database) : retryDeadLetters(database, which as Hex)
    write(`${count} winning ticket${count === 1 ? '' : 's'} will be tried again`)
  } finally {
    database.close()
  }
}

function nameFile(file: string | undefined): string {
  if (file === undefined) throw new StreamflowError('InvalidArgument', 'expected the name of a file')
  return file
}

function restore(path: string, write: LedgerCommand['write'], file: string | undefined): void {
  const aside = restoreLedger(path, nameFile(file), Date.now() / 1_000)
  write(`${path} is what ${nameFile(file)} was${aside === undefined ? '' : `; what it was before is ${aside}`}`)
  write('quotes given out before are void; broadcasters get new ones by themselves')
}

/**
 * Runs the sub-command. Reading and copying leave a running orchestrator alone; `retry` takes turns with it; `restore` wants
 * the ledger for itself.
 * @throws {@link StreamflowError} `InvalidArgument`, `LedgerInUse`, `LedgerFailed` if there is no such ledger
 */
export async function runLedgerCommand({ args, path, write }: LedgerCommand): Promise<void> {
  const [action = 'all', argument] = args
  if (action === 'help') return void ledgerUsage.split('\n').forEach(write)
  if (action === 'retry') return retry(path, write, argument)
  if (action === 'restore') return restore(path, write, argument)
  if (action === 'backup') {
    await backupLedger(path, nameFile(argument), Date.now() / 1_000)
    return write(`${path} is copied to ${argument}; it holds no key, and its secrets only for who has yours`)
  }
  const database = openDatabase(path, { readonly: true })
  try {
    switch (action) {
      case 'balances':
        return showBalances(database, write)
      case 'winners':
        return showWinners(database, write)
      case 'value':
        return showValue(database, write)
      case 'dead':
        return showDead(database, write)
      case 'export':
        return exportTable(database, write, argument)
      case 'all':
        for (const show of [showBalances, showWinners, showValue]) {
          show(database, write)
          write('')
        }
        return
      default:
        throw new StreamflowError('InvalidArgument', `unknown action ${action}\n${ledgerUsage}`)
    }
  } finally {
    database.close()
  }
}
