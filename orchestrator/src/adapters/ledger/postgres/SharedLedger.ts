/**
 * What one process does with a ledger that several share: owns senders by lease, judges on a working copy in memory, and commits in
 * groups. A change is durable in PostgreSQL before the working copy has it, and before whoever waits for it is told.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { LedgerNews, LedgerWrite, RetiredCommitment, WinnerRecord } from '../../../core/cashier/ledger.js'
import { retiredColumns, winnerColumns } from '../columns.js'
import type { CommitListener } from '../createLedger.js'
import { createRows, type LedgerRow } from '../ledgerRows.js'
import type { Seal } from '../seal.js'
import { commitBatch, CommitmentsRetired, ProcessOver } from './commitBatch.js'
import { forgetOld } from './forgetOld.js'
import { gatherBatch, listRows, readSender, type Batch } from './gatherBatch.js'
import { endProcess, giveBack, registerProcess, renewProcess, takeLeases, type Elsewhere } from './leases.js'
import { Link, LinkDown, type Job } from './Link.js'
import { beginning, loadGrants, loadNonces, loadNovelties, loadRedemption, loadSecrets, loadSender, type Novelties } from './loadRows.js'
import { describeFailure, inTransaction, type Query, type Session } from './openSession.js'
import { WorkingCopy } from './WorkingCopy.js'

type Hex = `0x${string}`

/** What it is made of. */
export interface SharedLedgerOptions {
  readonly url: string
  /** The first connection, to a ledger whose schema is up to date. */
  readonly session: Session
  readonly seal: Seal
  /** For who looks into the table of processes. */
  readonly name: string
  /** Where this process alone is found. */
  readonly processUrl?: string
  /** Whether this process would redeem, if it is its turn. */
  readonly redeems: boolean
  /** How long a process that does not renew its row is thought to live; milliseconds. */
  readonly leaseMs: number
  /** A sender that was asked for is kept so long, though no stream has begun yet; milliseconds. */
  readonly graceMs: number
  /** How long changes wait for a server that is gone before they are refused; milliseconds. */
  readonly patienceMs: number
  readonly onCommit?: CommitListener
  /** Something failed that is tried again by itself. */
  readonly onTrouble: (what: string, cause: unknown) => void
}

interface Waiting {
  readonly changes: readonly LedgerWrite[]
  readonly resolve: () => void
  readonly reject: (error: StreamflowError) => void
}

interface Owned {
  readonly keys: Set<Hex>
  /** Of `performance.now()`. */
  askedAtMs: number
}

/** Callers whose changes go into one transaction at most. */
const callersAtOnce = 2_000
/** A process renews its row, and looks for news, so many times while it is thought to live. */
const renewalsPerLease = 5
/** How long closing waits for a server that is gone; milliseconds. */
const closeMs = 5_000
const redeemerLease = 'redeemer'
const nameKeyLease = (key: Hex): string => `key ${key}`

const sendersOf = ({ changes }: Pick<Waiting, 'changes'>): Set<Hex> => new Set(changes.flatMap((change) => (change.kind === 'winner' ? change.record.ticket.sender : (readSender(change) ?? []))))

const isSameRow = (a: readonly unknown[], b: readonly unknown[]): boolean => a.every((value, index) => (Buffer.isBuffer(value) ? value.equals(b[index] as Buffer) : value === b[index]))

/** See above. */
export class SharedLedger {
  readonly copy: WorkingCopy
  readonly #options: SharedLedgerOptions
  readonly #link: Link
  readonly #describeRow: (change: LedgerWrite) => LedgerRow | undefined
  readonly #owned = new Map<Hex, Owned>()
  readonly #failed: ((senders?: ReadonlySet<Hex>) => void)[] = []
  readonly #news: ((news: LedgerNews) => void)[] = []
  /** This life; undefined before it begins, and after it was found to be over. */
  #process: number | undefined
  #commits = 0
  #isRedeeming = false
  #horizon = beginning
  #waiting: Waiting[] = []
  #inFlight: Waiting[] = []
  #isBusy = false
  #idle: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #closing: Promise<void> | undefined

  constructor(options: SharedLedgerOptions) {
    const { url, session, seal, patienceMs } = options
    this.#options = options
    this.copy = new WorkingCopy(seal)
    this.#describeRow = createRows(seal)
    this.#link = new Link({ url, session, patienceMs, onDown: (reason) => this.#lose(reason) })
  }

  /** Begins to live. @throws {@link StreamflowError} `LedgerFailed` */
  async begin(): Promise<void> {
    await this.#do((session) => this.#look(session)).catch((thrown: unknown) => {
      throw thrown instanceof LinkDown ? thrown.reason : describeFailure(thrown)
    })
    this.copy.reads.getSecrets() // with the wrong key, nothing is opened
    this.#timer = setInterval(() => void this.#lookAgain(), this.#options.leaseMs / renewalsPerLease)
  }

  onFailed(listener: (senders?: ReadonlySet<Hex>) => void): void {
    this.#failed.push(listener)
  }

  onNews(listener: (news: LedgerNews) => void): void {
    this.#news.push(listener)
  }

  countOwned(): number {
    return this.#owned.size
  }

  mayRedeem(): boolean {
    return this.#isRedeeming
  }

  assertOwned(sender: Hex): void {
    if (!this.#owned.has(sender)) throw describeElsewhere(sender)
  }

  async own(sender: Hex, key?: Hex): Promise<void> {
    if (this.#closing !== undefined) throw describeClosed()
    if (this.#touch(sender, key)) return
    for (;;) {
      try {
        return await this.#do((session) => this.#takeOver(session, sender, key))
      } catch (thrown) {
        if (thrown instanceof ProcessOver) continue // with a new life
        throw thrown instanceof LinkDown ? thrown.reason : describeFailure(thrown)
      }
    }
  }

  ownOnly(owned: Iterable<{ readonly sender: Hex }>): void {
    const process = this.#process
    const kept = new Set([...owned].map(({ sender }) => sender))
    for (const call of [...this.#waiting, ...this.#inFlight]) for (const sender of sendersOf(call)) kept.add(sender)
    const leaving = [...this.#owned].filter(([sender, { askedAtMs }]) => !kept.has(sender) && performance.now() - askedAtMs > this.#options.graceMs)
    if (leaving.length === 0 || process === undefined) return
    // From now on whoever asks for one waits until it is back, and takes it again.
    for (const [sender] of leaving) this.#owned.delete(sender)
    const names = leaving.flatMap(([sender, { keys }]) => [sender, ...[...keys].map(nameKeyLease)])
    const job = async (session: Query): Promise<void> => {
      await giveBack(session, names, process)
      for (const [sender] of leaving) this.copy.drop(sender, { keepsWinners: this.#isRedeeming })
    }
    this.#do(job).catch((thrown: unknown) => this.#options.onTrouble('giving senders back', thrown))
  }

  write(changes: readonly LedgerWrite[]): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(describeClosed())
    const refusal = this.#refuseForeign(changes)
    if (refusal !== undefined) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes, resolve, reject })
      if (this.#isBusy) return
      this.#isBusy = true
      setImmediate(() => void this.#commitAll()) // whoever else has something in this turn of the loop comes along
    })
  }

  /** Writes what waits, and lets go of everything, so that others need not wait until its time is over. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer)
    const timer = setTimeout(() => this.#link.hurry(), closeMs)
    if (this.#isBusy) await new Promise<void>((resolve) => this.#idle.push(resolve))
    const process = this.#process
    if (process !== undefined) await this.#link.run((session) => endProcess(session, process)).catch(() => undefined)
    clearTimeout(timer)
    await this.#link.close()
    this.copy.close()
  }

  /** A job that finds this life over ends it before the next job begins. */
  #do<T>(job: Job<T>): Promise<T> {
    return this.#link.run(async (session) => {
      try {
        return await job(session)
      } catch (thrown) {
        if (thrown instanceof ProcessOver && thrown.process === this.#process) this.#lose(new StreamflowError('SenderElsewhere', 'another process took over what this one owned, which was away for too long', { cause: thrown }))
        throw thrown
      }
    })
  }

  /** Nothing is owned any more: what was derived from it is worth nothing, what waits to be written is refused. */
  #lose(reason: StreamflowError): void {
    this.#process = undefined
    this.#commits = 0
    this.#isRedeeming = false
    this.#owned.clear()
    this.copy.clear()
    this.#refuse([...this.#inFlight.splice(0), ...this.#waiting.splice(0)], reason)
  }

  /** Listeners are told before anybody is refused. */
  #refuse(calls: readonly Waiting[], reason: StreamflowError, senders?: ReadonlySet<Hex>): void {
    for (const listener of this.#failed) listener(senders)
    for (const { reject } of calls) reject(reason)
  }

  /** Changes of what this process does not own, or not any more. */
  #refuseForeign(changes: readonly LedgerWrite[]): StreamflowError | undefined {
    for (const change of changes) {
      if (change.kind === 'transaction' || change.kind === 'transactionDone') {
        if (!this.#isRedeeming) return new StreamflowError('LedgerFailed', 'another process redeems')
        continue
      }
      const sender = change.kind === 'winner' && !this.#isRedeeming ? change.record.ticket.sender : readSender(change)
      if (sender !== undefined && !this.#owned.has(sender)) return describeElsewhere(sender)
    }
    return undefined
  }

  async #live(session: Query): Promise<number> {
    const { name, leaseMs, processUrl } = this.#options
    this.#process ??= await registerProcess(session, { name, leaseMs, ...(processUrl !== undefined && { url: processUrl }) })
    return this.#process
  }

  /** Whether a sender and a key are owned already; they are wanted now. */
  #touch(sender: Hex, key: Hex | undefined): boolean {
    const owned = this.#owned.get(sender)
    if (owned === undefined || (key !== undefined && !owned.keys.has(key))) return false
    owned.askedAtMs = performance.now()
    return true
  }

  #mayBury(): boolean {
    return performance.now() - this.#link.backSinceMs > this.#options.leaseMs
  }

  async #takeOver(session: Query, sender: Hex, key: Hex | undefined): Promise<void> {
    if (this.#touch(sender, key)) return
    const { shapes, reads } = this.copy
    const process = await this.#live(session)
    const isNew = !this.#owned.has(sender)
    const names = [sender, ...(key === undefined ? [] : [nameKeyLease(key)])]
    const rows = await inTransaction(session, async () => {
      const elsewhere = await takeLeases(session, names, { process, leaseMs: this.#options.leaseMs, mayBury: this.#mayBury() })
      if (elsewhere !== undefined) throw describeElsewhere(sender, elsewhere)
      return [...(isNew ? await loadSender(session, sender, shapes) : []), ...(key === undefined ? [] : await loadNonces(session, key, shapes))]
    })
    this.copy.apply(rows)
    const owned = this.#owned.get(sender) ?? { keys: new Set(), askedAtMs: 0 }
    this.#owned.set(sender, owned)
    if (key !== undefined) owned.keys.add(key)
    owned.askedAtMs = performance.now()
    const unpaid = reads.getWinners(['pending', 'submitted']).filter(({ ticket }) => ticket.sender === sender)
    // What another process quoted or retired a moment ago is known with it.
    const { retired, hasSecrets, winners } = await this.#takeNovelties(session, await loadNovelties(session, this.#horizon, shapes))
    this.#tell({ ...(isNew && { began: { sender, unpaid } }), ...(key !== undefined && { beganKey: key }), retired, winners, hasSecrets })
  }

  #tell(news: LedgerNews): void {
    for (const listener of this.#news) listener(news)
  }

  /** Renews this life, and sees what is new. */
  async #look(session: Query): Promise<void> {
    const { redeems, leaseMs } = this.#options
    const { shapes, reads } = this.copy
    const isNewLife = this.#process === undefined
    const process = await this.#live(session)
    if (!isNewLife) await renewProcess(session, { process, leaseMs })
    this.#tell(await this.#takeNovelties(session, await loadNovelties(session, this.#horizon, shapes)))
    if (!redeems || this.#isRedeeming) return
    const rows = await inTransaction(session, async () => {
      const elsewhere = await takeLeases(session, [redeemerLease], { process, leaseMs, mayBury: this.#mayBury() })
      return elsewhere === undefined ? loadRedemption(session, shapes) : undefined
    })
    if (rows === undefined) return
    this.copy.apply(rows)
    this.#isRedeeming = true
    this.#tell({ retired: [], winners: reads.getWinners(['pending', 'submitted']), hasSecrets: false })
  }

  async #lookAgain(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    await this.#do((session) => this.#look(session)).catch((thrown: unknown) => this.#options.onTrouble('renewing the lease', thrown instanceof LinkDown ? thrown.reason : thrown))
    this.#isLooking = false
  }

  /** Takes what concerns this process into the working copy. */
  async #takeNovelties(session: Query, { secrets, retired, winners, horizon }: Novelties): Promise<LedgerNews> {
    const mine = winners.map((row) => ({ row, record: this.#readWinner(row) })).filter(({ row, record }) => {
      const known = this.copy.reads.getWinner(record.ticketHash)
      return (this.#isRedeeming || this.#owned.has(record.ticket.sender)) && !(known !== undefined && isSameRow(row.values, winnerColumns.write(known)))
    })
    const grants = this.#isRedeeming && mine.length > 0 ? await loadGrants(session, mine.map(({ record }) => Buffer.from(record.grantHash.slice(2), 'hex')), this.copy.shapes) : []
    this.copy.apply([...secrets, ...retired, ...grants, ...mine.map(({ row }) => row)])
    this.#horizon = horizon
    return { retired: retired.map((row) => this.#readRetired(row)), winners: mine.map(({ record }) => record), hasSecrets: secrets.length > 0 }
  }

  #readWinner(row: LedgerRow): WinnerRecord {
    return winnerColumns.read(this.#nameColumns(row))
  }

  #readRetired(row: LedgerRow): RetiredCommitment {
    return retiredColumns.read(this.#nameColumns(row))
  }

  #nameColumns({ table, values }: LedgerRow): Record<string, unknown> {
    return Object.fromEntries(this.copy.shapes[table].columns.map(({ name }, index) => [name, values[index]]))
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const calls = this.#waiting.splice(0, callersAtOnce)
      await this.#commit(calls)
    }
    this.#isBusy = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #commit(calls: readonly Waiting[]): Promise<void> {
    const startedAt = performance.now()
    const { shapes } = this.copy
    const batch = gatherBatch(calls.flatMap(({ changes }) => changes), { shapes, describeRow: this.#describeRow })
    this.#inFlight = [...calls]
    try {
      // In which life it was judged is settled here: a job before it may find that one over.
      const process = this.#process ?? (await this.#do((session) => this.#live(session)))
      const number = this.#commits + 1
      const standing = batch.changes === 0 ? [] : await this.#do((session) => this.#makeDurable(session, batch, { process, number }))
      if (batch.changes > 0) this.#commits = number
      this.copy.apply([...[...listRows(batch)].filter(({ table }) => table !== 'secrets'), ...standing], batch)
    } catch (thrown) {
      return this.#handleFailure(calls, thrown)
    }
    this.#inFlight = []
    this.#options.onCommit?.({ changes: batch.changes, callers: calls.length, seconds: (performance.now() - startedAt) / 1_000 })
    for (const { resolve } of calls) resolve()
    if (batch.forgetBefore !== undefined) this.#forget(batch.forgetBefore)
  }

  /** @returns secrets as they stand, where the batch has some: another process may have begun the same epoch */
  async #makeDurable(session: Query, batch: Batch, { process, number }: { readonly process: number; readonly number: number }): Promise<readonly LedgerRow[]> {
    const { leaseMs } = this.#options
    const { shapes } = this.copy
    await commitBatch(session, batch, { process, number, leaseMs, isRedeeming: this.#isRedeeming, shapes })
    const secrets = batch.rows.get('secrets')
    return secrets === undefined ? [] : loadSecrets(session, secrets.map(([epoch]) => Number(epoch)), shapes)
  }

  async #handleFailure(calls: readonly Waiting[], thrown: unknown): Promise<void> {
    if (thrown instanceof ProcessOver || thrown instanceof LinkDown) return // everything is refused already
    this.#inFlight = []
    if (!(thrown instanceof CommitmentsRetired)) {
      // PostgreSQL undid it. Everything that waits was computed from what is lost now: it is refused too.
      return this.#refuse([...calls, ...this.#waiting.splice(0)], describeFailure(thrown))
    }
    const { kept, lost, senders } = splitRetired(calls, thrown.randHashes)
    await this.#lookAgain()
    if (kept.length > 0) await this.#commit(kept)
    const isLost = (call: Waiting): boolean => [...sendersOf(call)].some((sender) => senders.has(sender))
    const behind = this.#waiting.filter(isLost)
    this.#waiting = this.#waiting.filter((call) => !isLost(call))
    this.#refuse([...lost, ...behind], new StreamflowError('TicketParamsExpired', 'the parameters were retired by another process of this orchestrator'), senders)
  }

  #forget(before: number): void {
    this.copy.trim(before)
    this.#do((session) => forgetOld(session, before)).catch((thrown: unknown) => this.#options.onTrouble('forgetting old tickets', thrown))
  }
}

const describeClosed = (): StreamflowError => new StreamflowError('LedgerFailed', 'the ledger is closed')

/** A lease that is over in this very moment is asked for again a moment later. */
const retryLeastMs = 200

function describeElsewhere(sender: Hex, elsewhere?: Elsewhere): StreamflowError {
  const told = elsewhere && { retryAfterMs: Math.max(elsewhere.remainingMs, retryLeastMs), ...(elsewhere.url !== null && { url: elsewhere.url }) }
  return new StreamflowError('SenderElsewhere', `${sender} is not served by this process of the orchestrator`, { data: { sender, ...told } })
}

/** What was queued before a ticket that is refused is good; what its sender queued after it was computed from it. */
function splitRetired(calls: readonly Waiting[], randHashes: ReadonlySet<Hex>): { readonly kept: readonly Waiting[]; readonly lost: readonly Waiting[]; readonly senders: ReadonlySet<Hex> } {
  const senders = new Set<Hex>()
  const kept: Waiting[] = []
  const lost: Waiting[] = []
  for (const call of calls) {
    for (const change of call.changes) if (change.kind === 'segment' && change.commitment !== undefined && randHashes.has(change.commitment)) senders.add(change.record.sender)
    const isLost = [...sendersOf(call)].some((sender) => senders.has(sender))
    ;(isLost ? lost : kept).push(call)
  }
  return { kept, lost, senders }
}
