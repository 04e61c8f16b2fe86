/** `streamflow-orchestrator ledger`: shows what the ledger holds, exports it, and raises winners from the dead. */

import { setImmediate } from 'node:timers/promises'
import { StreamflowError } from '@streamflow/sdk/errors'
import { stringify } from '@streamflow/sdk/protocol'
import { backupLedger, restoreLedger } from '../../adapters/ledger/copyLedger.js'
import { openDatabase, type LedgerDatabase } from '../../adapters/ledger/openDatabase.js'
import { readSnapshot } from '../../adapters/ledger/postgres/readSnapshot.js'
import { retryInPostgres } from '../../adapters/ledger/postgres/retryInPostgres.js'
import { pruneLedger } from '../../adapters/ledger/pruneLedger.js'
import { exportableTables, readDeadLetters, readSenders, readTable, readValue, readWaiting, readWinners, retryDeadLetters, type ExportableTable, type UnpaidReport } from '../../adapters/ledger/readReports.js'
import type { TellStep } from '../../adapters/ledger/tellStep.js'
import { formatCsvRow } from './formatCsvRow.js'
import { formatAmount as formatEther, formatTable } from '@streamflow/sdk/cli'

type Hex = `0x${string}`

/** As few as `data.retentionDays` may say: what is younger may still come up. */
const fewestDays = 2
const daySeconds = 86_400

/** What the command works with. */
export interface LedgerCommand {
  /** Words after `ledger`. */
  readonly args: readonly string[]
  /** File of the ledger. */
  readonly path: string
  /** Where it is instead, if several processes share it. */
  readonly postgresUrl?: string
  /** Takes the output, line by line, without line ends. */
  readonly write: (line: string) => void
  /** The output is one line of JSON. */
  readonly isJson?: boolean
  /** Told how far it is. */
  readonly tell?: TellStep
}

/** What an action says: to programs, and to people. */
interface Answer {
  readonly facts: Readonly<Record<string, unknown>>
  readonly lines: readonly string[]
}

/** Shown for `ledger help` and after a mistake. */
export const ledgerUsage = `ledger                        balances, winners by state, value expected and won
ledger balances               what each sender paid in and was charged
ledger winners                winning tickets by state
ledger waiting                winning tickets that wait for their payment, and why
ledger value                  value expected against value won, with the 99 % band
ledger dead                   winning tickets that will not be paid, and why
ledger retry HASH | --all     try dead ones again
ledger backup FILE            copy the ledger; its orchestrator may run meanwhile
ledger restore FILE           put a copy in its place; what was quoted before is void then
ledger prune DAYS             forget what was over so many days ago, and make the file smaller; the orchestrator must be stopped
ledger reseal                 go over to another key, as after signer rotate
ledger export TABLE           CSV of ${exportableTables.join(', ')}`

function describeBalances(database: LedgerDatabase): Answer {
  const senders = readSenders(database)
  const rows = senders.map(({ sender, streams, segments, tickets, credited, charged, balance, withheld }) => [sender, String(streams), String(segments), String(tickets), formatEther(credited), formatEther(charged), formatEther(balance), formatEther(withheld)])
  return { facts: { senders }, lines: formatTable(['sender', 'streams', 'segments', 'tickets', 'credited', 'charged', 'balance', 'of it withheld'], rows) }
}

function describeWinners(database: LedgerDatabase): Answer {
  const winners = readWinners(database)
  return { facts: { winners }, lines: formatTable(['winners', 'count', 'face value', 'paid'], winners.map(({ state, count, faceValue, paid }) => [state, String(count), formatEther(faceValue), formatEther(paid)])) }
}

function describeValue(database: LedgerDatabase): Answer {
  const value = readValue(database)
  const { tickets, expected, won, redeemed, deviation, band, isInBand } = value
  const lines = formatTable(
    ['value', 'ether'],
    [
      [`expected of ${tickets} tickets`, formatEther(expected)],
      ['won', formatEther(won)],
      ['redeemed', formatEther(redeemed)],
      ['standard deviation', formatEther(deviation)],
      ['99 % band', `${formatEther(band.low)} … ${formatEther(band.high)}`],
      ['won lies', isInBand ? 'inside' : 'OUTSIDE'],
    ],
  )
  return { facts: { value }, lines }
}

const tabulate = (winners: readonly UnpaidReport[]): readonly string[] =>
  formatTable(['ticket', 'sender', 'face value', 'round', 'tries', 'reason'], winners.map(({ ticketHash, sender, faceValue, creationRound, attempts, reason }) => [ticketHash, sender, formatEther(faceValue), String(creationRound), String(attempts), reason]))

function describeDead(database: LedgerDatabase): Answer {
  const dead = readDeadLetters(database)
  return { facts: { dead }, lines: tabulate(dead) }
}

function describeWaiting(database: LedgerDatabase): Answer {
  const waiting = readWaiting(database)
  return { facts: { waiting }, lines: tabulate(waiting) }
}

function describeAll(database: LedgerDatabase): Answer {
  const answers = [describeBalances, describeWinners, describeValue].map((describe) => describe(database))
  return { facts: Object.assign({}, ...answers.map(({ facts }) => facts)) as Answer['facts'], lines: answers.flatMap(({ lines }) => [...lines, '']) }
}

function nameTable(table: string | undefined): ExportableTable {
  if (!exportableTables.includes(table as ExportableTable)) throw new StreamflowError('InvalidArgument', `expected one of ${exportableTables.join(', ')}, got ${table ?? 'nothing'}`)
  return table as ExportableTable
}

/** Rows after which somebody who waits is told, and the loop gets its turn. */
const rowsAtOnce = 1_000

async function exportTable(database: LedgerDatabase, { write, tell = () => undefined }: Pick<LedgerCommand, 'write' | 'tell'>, table: ExportableTable): Promise<void> {
  let rows = 0
  for (const row of readTable(database, table)) {
    if (rows === 0) write(formatCsvRow(Object.keys(row)))
    write(formatCsvRow(Object.values(row)))
    rows++
    if (rows % rowsAtOnce !== 0) continue
    tell(`${rows} rows of ${table} are written`)
    await setImmediate()
  }
}

async function retry({ path, postgresUrl }: LedgerCommand, which: string | undefined): Promise<Answer> {
  if (which !== '--all' && !/^0x[0-9a-fA-F]{64}$/.test(which ?? '')) throw new StreamflowError('InvalidArgument', `expected a ticket's hash or --all, got ${which ?? 'nothing'}`)
  const wanted = { nowSeconds: Date.now() / 1_000, ...(which !== '--all' && { ticketHash: which as Hex }) }
  const count = postgresUrl === undefined ? retryInFile(path, wanted) : await retryInPostgres(postgresUrl, wanted)
  return { facts: { count }, lines: [`${count} winning ticket${count === 1 ? '' : 's'} will be tried again`] }
}

function retryInFile(path: string, wanted: Parameters<typeof retryDeadLetters>[1]): number {
  const database = openDatabase(path)
  try {
    return retryDeadLetters(database, wanted)
  } finally {
    database.close()
  }
}

const createMeans = ({ tell = () => undefined }: LedgerCommand) => ({ nowSeconds: Date.now() / 1_000, tell })

async function prune(command: LedgerCommand, text: string | undefined): Promise<Answer> {
  const days = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0
  if (days < fewestDays) throw new StreamflowError('InvalidArgument', `expected a number of days, at least ${fewestDays}, got ${text ?? 'nothing'}`)
  const means = createMeans(command)
  const pruned = await pruneLedger(command.path, means.nowSeconds - days * daySeconds, means)
  return { facts: { ...pruned }, lines: [`${pruned.rows} rows are forgotten, what they add up to is kept; ${pruned.bytesBefore} bytes became ${pruned.bytesAfter}`] }
}

function nameFile(file: string | undefined): string {
  if (file === undefined) throw new StreamflowError('InvalidArgument', 'expected the name of a file')
  return file
}

async function restore(command: LedgerCommand, file: string | undefined): Promise<Answer> {
  const { path } = command
  const aside = await restoreLedger(path, nameFile(file), createMeans(command))
  const lines = [`${path} is what ${nameFile(file)} was${aside === undefined ? '' : `; what it was before is ${aside}`}`, 'quotes given out before are void; broadcasters get new ones by themselves']
  return { facts: { path, restored: nameFile(file), aside }, lines }
}

async function backup(command: LedgerCommand, file: string | undefined): Promise<Answer> {
  const { path } = command
  await backupLedger(path, nameFile(file), createMeans(command))
  return { facts: { path, copy: nameFile(file) }, lines: [`${path} is copied to ${nameFile(file)}; it holds no key, and its secrets only for who has yours`] }
}

/** What PostgreSQL has tools of its own for. */
const instead: Readonly<Record<string, string>> = {
  prune: 'a running orchestrator forgets by itself (data.retentionDays), and PostgreSQL gives the room back',
  backup: 'use pg_dump',
  restore: 'use pg_restore (orchestrator/README.md says what to do then)',
}

type Action = (command: LedgerCommand, argument: string | undefined) => Answer | Promise<Answer>

/** An action on a ledger in a file. */
const inFile = (action: Action): Action => (command, argument) => {
  const { args: [name = ''], postgresUrl } = command
  if (postgresUrl !== undefined) throw new StreamflowError('InvalidArgument', `ledger ${name} is for a ledger in a file: ${instead[name] ?? ''}`)
  return action(command, argument)
}

const actions: Readonly<Record<string, Action>> = {
  help: () => ({ facts: { usage: ledgerUsage }, lines: ledgerUsage.split('\n') }),
  retry,
  restore: inFile(restore),
  prune: inFile(prune),
  backup: inFile(backup),
}
const reports: Readonly<Record<string, (database: LedgerDatabase) => Answer>> = { all: describeAll, balances: describeBalances, winners: describeWinners, value: describeValue, waiting: describeWaiting, dead: describeDead }
/** Tables that these are made of. */
const reported = ['streams', 'winners', 'past'] as const

const find = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined => (Object.hasOwn(table, name) ? table[name] : undefined)

/** A report, or a table as CSV. */
async function look({ path, postgresUrl, write, tell = () => undefined }: LedgerCommand, what: ((database: LedgerDatabase) => Answer) | ExportableTable): Promise<Answer> {
  const tables = typeof what === 'string' ? [what] : reported
  const database = postgresUrl === undefined ? openDatabase(path, { readonly: true }) : await readSnapshot(postgresUrl, tables, tell)
  try {
    if (typeof what !== 'string') return what(database)
    await exportTable(database, { write, tell }, what)
    return { facts: {}, lines: [] }
  } finally {
    database.close()
  }
}

/**
 * Runs the sub-command. Reading and copying leave a running orchestrator alone; `retry` takes turns with it; `restore` and
 * `prune` want the ledger for themselves.
 * @throws {@link StreamflowError} `InvalidArgument`, `LedgerInUse`, `LedgerFailed` if there is no such ledger
 */
export async function runLedgerCommand(command: LedgerCommand): Promise<void> {
  const { args: [name = 'all', argument], write, isJson = false } = command
  const answer = ({ facts, lines }: Answer): void => (isJson ? write(stringify(facts)) : lines.forEach(write))
  const act = find(actions, name)
  if (act !== undefined) return answer(await act(command, argument))
  const report = find(reports, name)
  if (report === undefined && name !== 'export') throw new StreamflowError('InvalidArgument', `unknown action ${name}\n${ledgerUsage}`)
  if (name === 'export' && isJson) throw new StreamflowError('InvalidArgument', 'ledger export gives CSV, not JSON')
  answer(await look(command, report ?? nameTable(argument)))
}
