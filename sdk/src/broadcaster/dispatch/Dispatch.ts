/**
 * Who gets which segment. Each copy of the stream has a *lane*: it is at one orchestrator at a time, comes back after a
 * broken connection, and moves on when the orchestrator is gone. One that is late is not waited for: another makes the
 * same segments, and whoever is first keeps the lane. What captured segments are written to.
 */

import type { ErrorCode } from '../../errors/codes.js'
import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import type { Offer } from '../../market/offer.js'
import type { SignedStatement } from '../../protocol/endStream.js'
import type { OrchestratorMessage } from '../../protocol/message.js'
import { createBell } from '../../units/bell.js'
import { wait } from '../../units/deadline.js'
import type { Address } from '../../units/hex.js'
import type { Streams } from '../../units/streams.js'
import { every } from '../../units/timers.js'
import { createContent, type SegmentContent } from '../content/createContent.js'
import { createAvoidance } from './createAvoidance.js'
import type { Site } from '../delivery/createSite.js'
import { tickMs } from '../delivery/createVigil.js'
import { Delivery, type DeliveryEnd, type Sending } from '../delivery/Delivery.js'
import type { DispatchOptions } from './dispatchOptions.js'
import { findLink, type LinkSearch } from './findLink.js'
import type { Lane, Run } from './lane.js'
import { Inbox } from '../delivery/Inbox.js'
import type { Link } from '../delivery/openLink.js'
import type { PreparedEvent } from '../content/prepareSegments.js'
import { Announcer, type OriginSources } from './Announcer.js'

/** A segment's attempts at one orchestrator and the next, together, for each copy. */
const maxTries = 8
/** What keeps a ticket from being signed for one orchestrator, and not for another. */
const theirCodes: readonly ErrorCode[] = ['TicketsUnsettled', 'OrchestratorCapReached', 'QuoteInvalid', 'QuoteExpired']
/** Milliseconds between probes while funds are short. */
const fundsProbeMs = 1_000
/** Milliseconds before a further copy, for which nobody was found, is looked for again. */
const furtherCopyMs = 5_000
/** Milliseconds between two looks after who stands by: one that died meanwhile is not tried first. */
const tendMs = 8_000

export type { DispatchBounds } from './dispatchOptions.js'

export class Dispatch {
  readonly #options: DispatchOptions
  readonly #content = createContent()
  readonly #bell = createBell()
  readonly #inbox: Inbox
  readonly #sites = new Map<Address, Site>()
  /** The latest connection to each: of what was sent over it receipts may still come when it is come back to. */
  readonly #latest = new Map<Site, Delivery>()
  readonly #avoidance = createAvoidance()
  readonly #lanes: readonly Lane[]
  readonly #isWelcome = ({ orchestrator }: Pick<Site, 'orchestrator'>): boolean => !this.#avoidance.has(orchestrator, performance.now())
  /** Who has the stream is told who else has it, or would. */
  readonly #announcer: Announcer
  /** Whom a lane is about to connect to: nobody else may. */
  readonly #claimed = new Set<Address>()
  #failure: StreamflowError | undefined
  #isEnding = false
  #isEnded = false
  #isReconnecting = false
  #capturedBytes = 0
  #statement: SignedStatement | undefined
  #running: Promise<void> = Promise.resolve()
  #timers: readonly (() => void)[] = []

  constructor(options: DispatchOptions) {
    this.#options = options
    const { context, job, copies, bounds, sink, isFunded } = options
    this.#lanes = Array.from({ length: copies.redundancy }, (): Lane => ({ run: undefined, hedge: undefined }))
    this.#announcer = new Announcer({ context, job, listOthers: () => this.#listOthers(), isOver: () => this.#isEnding || this.#isEnded, onOrigins: (urls) => sink.onOrigins(urls) })
    this.#inbox = new Inbox({
      context,
      job,
      fundsTimeoutMs: bounds.fundsTimeoutMs,
      isFunded,
      sink: {
        onSettled: (settled, delivery, { content }) => {
          const isFirst = !content.isFinished
          this.#content.finish(content)
          this.#avoidance.succeed(settled.site.orchestrator)
          sink.onSettled({ ...settled, content, isFirst: isFirst && !content.isRemade })
          if (isFirst) this.#decideHedge(delivery)
        },
        onWarning: (error) => sink.onWarning(error),
        onFailed: (error) => (this.#failure ??= error),
        fundsProbeMs,
      },
    })
  }

  /** Addresses at which viewers find the stream, and would find it if an orchestrator failed. */
  get origins(): readonly string[] {
    return this.#announcer.origins
  }

  /** Everybody this stream was at, in order. */
  get sites(): readonly Site[] {
    return [...this.#sites.values()]
  }

  /** The first of those that it is at. */
  get site(): Site | undefined {
    return (this.#listRuns().find(({ delivery }) => delivery.isUp) ?? this.#lanes[0]?.run)?.delivery.site
  }

  /** Who makes it now, and in which part. */
  get parts(): readonly { readonly site: Site; readonly part: 'serving' | 'helping' }[] {
    const lanes = this.#lanes.flatMap(({ run }) => (run?.delivery.isUp === true ? [{ site: run.delivery.site, part: 'serving' as const }] : []))
    const hedges = this.#lanes.flatMap(({ hedge }) => (hedge?.run?.delivery.isUp === true ? [{ site: hedge.run.delivery.site, part: 'helping' as const }] : []))
    return [...lanes, ...hedges]
  }

  /** Those that it is at, and that have not confirmed its end. */
  get unendedSites(): readonly Site[] {
    return this.#lanes.flatMap(({ run }) => (run === undefined || run.delivery.statement !== undefined ? [] : [run.delivery.site]))
  }

  /** An orchestrator's last word, checked; undefined if none gave one. */
  get statement(): SignedStatement | undefined {
    return this.#statement
  }

  /** Bytes captured and not yet on their way to anybody. */
  get unsentBytes(): number {
    const up = this.#listRuns().filter(({ delivery }) => delivery.isUp)
    if (up.length === 0) return this.#content.bytes
    return Math.min(...up.map(({ delivery }) => delivery.waitingBytes + delivery.bufferedBytes))
  }

  /** Bytes captured since the start. */
  get capturedBytes(): number {
    return this.#capturedBytes
  }

  /** Makes the first connection. @throws {@link StreamflowError} */
  async start(): Promise<void> {
    const [first, ...further] = this.#lanes as readonly [Lane, ...Lane[]]
    await this.#connect(first)
    this.#timers = [every(tickMs, () => this.#tick()), every(tendMs, () => void this.#tend())]
    this.#running = this.#run([this.#runLane(first), ...further.map((lane) => this.#runFurther(lane))])
  }

  /** Where segments go. Writing waits while the connection is behind; closing sends what is left and ends the stream. */
  createWritable({ WritableStream }: Pick<Streams, 'WritableStream'> = globalThis): WritableStream<PreparedEvent> {
    return new WritableStream<PreparedEvent>({
      start: (controller) => this.#options.signal.addEventListener('abort', () => controller.error(this.#options.signal.reason), { once: true }),
      write: (event) => this.#write(event),
      close: () => this.#finish(),
      abort: () => this.#finish(),
    })
  }

  /** Deals with an orchestrator no more, or not for a while: its error says. */
  leave(orchestrator: Address, error: StreamflowError): void {
    this.#avoid(orchestrator, error)
    for (const { delivery } of this.#listRuns()) if (delivery.site.orchestrator === orchestrator) delivery.leave(error)
  }

  /**
   * Has a segment made once more, whose result is not what it should be: by the next orchestrator that is connected, before
   * what follows. Where several make each, the others have it.
   */
  remake(content: SegmentContent): void {
    if (this.#lanes.length === 1 && !this.#isEnding) this.#content.restore(content)
  }

  /** The same, once what it has begun is settled. */
  dismiss(orchestrator: Address, error: StreamflowError): void {
    this.#avoid(orchestrator, error)
    for (const { delivery } of this.#listRuns()) if (delivery.site.orchestrator === orchestrator) void delivery.leaveAtBoundary(error)
  }

  /** Closes all connections at once. Idempotent. */
  close(): void {
    this.#isEnded = true
    for (const stop of this.#timers) stop()
    for (const { hedge } of this.#lanes) hedge?.search.abort()
    for (const { delivery } of this.#listRuns()) delivery.close()
    this.#bell.ring()
  }

  /** Lanes first, then those that help them out. */
  #listRuns(): readonly Run[] {
    return [...this.#lanes.map(({ run }) => run), ...this.#lanes.map(({ hedge }) => hedge?.run)].filter((run) => run !== undefined)
  }

  async #write(event: PreparedEvent): Promise<void> {
    if (event.type === 'open') {
      const content = this.#content.open(event)
      for (const { delivery } of this.#listRuns()) delivery.assign(content)
    }
    if (event.type === 'chunk' && this.#content.append(event.seq, event.bytes)) this.#capturedBytes += event.bytes.length
    if (event.type === 'close') this.#content.close(event.seq, { durationUs: event.durationUs, frames: event.frames, hash: event.hash })
    for (const { seq } of this.#content.trim(this.#options.bounds)) this.#options.sink.onLost({ seq, error: new StreamflowError('TransportFailed', 'no connection for too long: the segment left the memory') })
    this.#bell.ring()
    // Without a connection segments gather in memory; with one, whoever writes keeps its pace.
    while (!this.#isEnded && this.#failure === undefined && this.#isBehind()) await this.#bell.rung
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Whether nobody takes what is captured as fast as it comes. */
  #isBehind(): boolean {
    const up = this.#listRuns().filter(({ delivery }) => delivery.isUp && !delivery.vigil.isSilent)
    return up.length > 0 && up.every(({ delivery }) => delivery.waitingBytes > this.#options.bounds.unsentBytes)
  }

  async #finish(): Promise<void> {
    for (const content of this.#content.values()) if (content.close === undefined) this.#content.finish(content)
    this.#isEnding = true
    this.#bell.ring()
    await this.#running
    if (this.#failure !== undefined) throw this.#failure
  }

  async #run(lanes: readonly Promise<void>[]): Promise<void> {
    await Promise.all(lanes)
    this.close()
  }

  /** Sends one copy until the stream is over, over as many connections as it takes. Never throws. */
  async #runLane(lane: Lane): Promise<void> {
    try {
      for (;;) {
        const run = lane.run as Run
        const end = await this.#awaitEnd(run)
        if (this.#isEnded || end === 'ended' || end === 'spared') return
        if (run.delivery.leaveReason !== undefined) this.#avoid(run.delivery.site.orchestrator, run.delivery.leaveReason)
        this.#tellState()
        // A next grant is begun with beside the old connection; a broken one may have somebody to help out.
        if ((end === 'renew' || !(await this.#takeHedge(lane))) && !(await this.#connectAgain(lane))) return
        run.delivery.close()
        this.#tellState()
      }
    } catch (thrown) {
      this.#failure ??= toStreamflowError(thrown, 'Internal')
    } finally {
      this.#statement ??= lane.run?.delivery.statement
      if (this.#failure !== undefined) this.close()
      lane.run?.delivery.close()
      this.#dropHedge(lane)
      this.#bell.ring()
    }
  }

  /** Waits for the end of a delivery. @throws what ends the broadcast */
  async #awaitEnd({ delivery, done }: Run): Promise<DeliveryEnd | 'broken'> {
    try {
      return await done
    } catch (thrown) {
      const error = toStreamflowError(thrown, 'Internal')
      if (theirCodes.includes(error.code)) delivery.leave(error)
      if (this.#failure !== undefined || (error !== delivery.leaveReason && error.code !== 'TransportFailed')) throw this.#failure ?? error
      this.#options.sink.onWarning(error)
      delivery.close()
      return 'broken'
    }
  }

  /** A copy beyond the first: the broadcast goes on without it where nobody is found. */
  async #runFurther(lane: Lane): Promise<void> {
    while (!this.#isEnded && !this.#isEnding && this.#failure === undefined) {
      try {
        await this.#connect(lane)
        return await this.#runLane(lane)
      } catch (thrown) {
        const error = toStreamflowError(thrown, 'NoOrchestrator')
        if (error.code === 'Aborted') return
        await this.#waitForMarket(error)
      }
    }
  }

  /** As long as another copy is made nothing is lost: then somebody is looked for until there is one. @returns whether there is */
  async #connectAgain(lane: Lane): Promise<boolean> {
    const isMade = ({ run }: Lane): boolean => run !== undefined && (run.delivery.isUp || run.delivery.statement !== undefined)
    for (;;) {
      try {
        await this.#connect(lane)
        return true
      } catch (thrown) {
        const error = toStreamflowError(thrown, 'NoOrchestrator')
        if (error.code === 'Aborted' || !this.#lanes.some((other) => other !== lane && isMade(other))) throw thrown
        if (this.#isEnding) return false
        await this.#waitForMarket(error)
      }
    }
  }

  /** Tells that nobody was found; the next look is no sooner than the market may have changed. */
  async #waitForMarket(error: StreamflowError): Promise<void> {
    this.#options.sink.onWarning(error)
    await Promise.race([this.#awaitEnding(), wait(furtherCopyMs, this.#options.signal)]).catch(() => undefined)
  }

  async #awaitEnding(): Promise<void> {
    while (!this.#isEnding && !this.#isEnded) await this.#bell.rung
  }

  #tellState(): void {
    const isReconnecting = !this.#listRuns().some(({ delivery }) => delivery.isUp)
    if (isReconnecting === this.#isReconnecting) return
    this.#isReconnecting = isReconnecting
    this.#options.sink.onState(isReconnecting ? 'reconnecting' : 'live')
  }

  /** Connects a lane: to the same orchestrator again, if it may, else to the next. */
  async #connect(lane: Lane): Promise<void> {
    const { bounds, sink, signal } = this.#options
    const before = lane.run?.delivery
    this.#takeNextGrant()
    const link = await this.#search({ last: before?.site, left: before?.leaveReason, timeoutMs: bounds.reconnectTimeoutMs, signal })
    lane.run = this.#deliver(link)
    if (before !== undefined && before.leaveReason === undefined && link.site !== before.site) sink.onLeft(before.site.orchestrator, new StreamflowError('TransportFailed', 'the connection broke and could not be made again'))
  }

  #avoid(orchestrator: Address, reason: StreamflowError): void {
    if (this.#avoidance.isForGood(orchestrator)) return // said already
    if (this.#avoidance.add(orchestrator, reason, performance.now())) this.#options.sink.onLeft(orchestrator, reason)
  }

  async #search(search: Pick<LinkSearch, 'last' | 'left' | 'timeoutMs' | 'signal'>): Promise<Link> {
    const { context, job, market, sink } = this.#options
    const claims = new Set<Address>()
    const release = (orchestrator: Address): void => void (claims.delete(orchestrator) && this.#claimed.delete(orchestrator))
    const isTaken = (orchestrator: Address): boolean =>
      (this.#claimed.has(orchestrator) && !claims.has(orchestrator)) || this.#listRuns().some(({ delivery }) => delivery.isUp && delivery.site.orchestrator === orchestrator && delivery.site !== search.last)
    const claim = (orchestrator: Address): (() => void) => {
      this.#claimed.add(orchestrator)
      claims.add(orchestrator)
      return () => release(orchestrator)
    }
    try {
      return await findLink({
        ...search,
        ...{ context, job, isTaken, claim, sites: this.#sites, avoidance: this.#avoidance },
        isMade: () => this.#listRuns().some(({ delivery }) => delivery.isUp && !delivery.vigil.isSilent),
        listStandbys: () => market.listStandbys(job.streamId),
        findOffers: () => market.find(),
        onMessage: (site, message) => this.#receive(site, message),
        onFailure: (orchestrator, error) => {
          if (orchestrator !== undefined) sink.onRefused(orchestrator, error)
          sink.onWarning(error)
        },
      })
    } finally {
      for (const orchestrator of claims) release(orchestrator)
    }
  }

  /** Gives a new connection what is not finished, and sets it going. */
  #deliver(link: Link): Run {
    const { context, job, copies, bounds, sink, findShortage, findOldestRound, signal } = this.#options
    link.site.record.pardon()
    const delivery: Delivery = new Delivery(
      {
        link,
        context,
        job,
        bell: this.#bell,
        endTimeoutMs: bounds.endTimeoutMs,
        maxTries: maxTries * (copies.redundancy + copies.standby),
        isEnding: () => this.#isEnding,
        findFailure: () => this.#failure ?? (this.#isEnded ? new StreamflowError('TransportFailed', 'the connection was closed') : undefined),
        findShortage,
        findOldestRound,
        onTicket: (ticket) => sink.onTicket(ticket),
        onShort: (sending, shortage) => this.#inbox.hold(delivery, sending, shortage),
        onLost: (sending, error) => this.#lose(sending, error),
        onWarning: (error) => sink.onWarning(error),
        signal,
      },
      this.#latest.get(link.site),
    )
    this.#latest.set(link.site, delivery)
    // An orchestrator takes no segment from before what it has: one that is to be made once more goes to who has none yet.
    for (const content of this.#content.values()) if (!content.isRemade || content.seq >= link.nextSeq) delivery.assign(content)
    const done = delivery.run()
    done.catch(() => undefined) // whoever's lane it is sees why
    this.#announcer.add(link)
    sink.onSite(link.site)
    return { delivery, done }
  }

  /** Who would be taken next, the first first. */
  #listStandbys(): readonly Offer[] {
    const { market, job } = this.#options
    const isBusy = ({ orchestrator }: Offer): boolean => this.#listRuns().some(({ delivery }) => delivery.isUp && delivery.site.orchestrator === orchestrator)
    return market.listStandbys(job.streamId).filter((offer) => this.#isWelcome(offer) && !isBusy(offer))
  }

  /** Looks after who stands by; players are told if others than before would be next. */
  async #tend(): Promise<void> {
    await this.#options.market.tend(this.#listStandbys().slice(0, this.#options.copies.standby))
    this.#announcer.announce('if-changed')
  }

  /** Who had the stream, and who would have it next. */
  #listOthers(): Pick<OriginSources, 'past' | 'next'> {
    // One that is left alone for a while is taken back where nobody else is left: players must know it by then.
    return { past: this.sites.filter(({ orchestrator }) => !this.#avoidance.isForGood(orchestrator)).reverse(), next: this.#listStandbys() }
  }

  /** Tickets that were refused name the grant that is left. */
  #takeNextGrant(): void {
    const { session } = this.#options.context
    if (!session.hasNext) return
    session.advance()
    for (const { purse } of this.#sites.values()) purse.retire()
  }

  #receive(site: Site, message: OrchestratorMessage): void {
    const run = this.#listRuns().find(({ delivery }) => delivery.site === site)
    if (run === undefined) return // a late word of one that was left
    run.delivery.vigil.hear()
    this.#inbox.take(run.delivery, message)
    this.#bell.ring()
  }

  /** One orchestrator will not bring a segment: it is lost if no other will. */
  #lose({ content }: Sending, error: StreamflowError): void {
    if (content.isFinished || this.#listRuns().some(({ delivery }) => delivery.isUp && delivery.listUnfinished().some((sending) => sending.content === content))) return
    this.#content.finish(content)
    this.#options.sink.onLost({ seq: content.seq, error })
  }

  /** Looks who owes what, and has what is late made elsewhere too. */
  #tick(): void {
    for (const { delivery } of this.#listRuns()) delivery.tick()
    for (const lane of this.#lanes) {
      const { run, hedge } = lane
      if (run === undefined || this.#isEnding || !run.delivery.isUp) continue
      // It spoke again before anybody was found: nobody is needed.
      if (hedge !== undefined && hedge.run === undefined && !run.delivery.vigil.isLate) this.#dropHedge(lane)
      if (hedge !== undefined || !run.delivery.vigil.isLate) continue
      if (this.#lanes.filter(({ hedge }) => hedge !== undefined).length < this.#options.copies.standby) void this.#hedge(lane)
    }
  }

  /** Has another orchestrator make what a lane owes. Whoever is first with a segment keeps the lane. */
  async #hedge(lane: Lane): Promise<void> {
    const { bounds, signal } = this.#options
    const search = new AbortController()
    const stop = (): void => search.abort()
    signal.addEventListener('abort', stop, { once: true })
    const hedge: NonNullable<Lane['hedge']> = (lane.hedge = { run: undefined, search, connected: Promise.resolve() })
    try {
      const connecting = this.#search({ last: undefined, timeoutMs: bounds.reconnectTimeoutMs, signal: search.signal }).then((link) => (hedge.run = this.#deliver(link)))
      hedge.connected = connecting.catch(() => undefined)
      const run = await connecting
      await run.done
    } catch (thrown) {
      if (lane.run === hedge.run && hedge.run !== undefined) return // the lane sees why
      const error = toStreamflowError(thrown, 'NoOrchestrator')
      if (hedge.run !== undefined && !this.#isEnded) this.#avoid(hedge.run.delivery.site.orchestrator, error)
      if (!search.signal.aborted && !this.#isEnded) this.#options.sink.onWarning(error)
      // Nobody else is there: the next look is no sooner than the market may have changed.
      if (hedge.run === undefined) await wait(furtherCopyMs, search.signal).catch(() => undefined)
    } finally {
      signal.removeEventListener('abort', stop)
      if (lane.run !== hedge.run) hedge.run?.delivery.close()
      if (lane.hedge === hedge) lane.hedge = undefined
    }
  }

  /** A segment was made first by this delivery: what that says about who keeps the lane. */
  #decideHedge(delivery: Delivery): void {
    for (const lane of this.#lanes) {
      const { run, hedge } = lane
      if (hedge?.run === undefined || run === undefined) continue
      if (hedge.run.delivery === delivery && run.delivery.isUp) run.delivery.leave(new StreamflowError('Timeout', `${run.delivery.site.orchestrator} is late: another orchestrator was sooner`))
      else if (run.delivery === delivery && !delivery.vigil.isLate) this.#dropHedge(lane)
    }
  }

  /** The lane goes on with whoever helps it out, if somebody does. */
  async #takeHedge(lane: Lane): Promise<boolean> {
    const { hedge, run } = lane
    await hedge?.connected
    if (hedge?.run === undefined || !hedge.run.delivery.isUp || hedge.run.delivery.isSpared) return false
    if (run !== undefined && run.delivery.leaveReason === undefined) this.#avoid(run.delivery.site.orchestrator, new StreamflowError('TransportFailed', 'the connection broke, and another orchestrator had taken over'))
    lane.run = hedge.run
    lane.hedge = undefined
    return true
  }

  /** Help is not needed any more: it finishes what it was paid for. */
  #dropHedge(lane: Lane): void {
    const { hedge } = lane
    if (hedge?.run === undefined) hedge?.search.abort()
    else hedge.run.delivery.spare()
  }
}
