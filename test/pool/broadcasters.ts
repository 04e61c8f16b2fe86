// Broadcasters of the pool's bench, in a process of their own: each pays by real tickets for segments that come at their pace.
// `node broadcasters.mjs SOCKET`. Told by its parent: `{ play: terms }`, `{ mark }`, `{ report }`.
import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { decodeFrame, encodeChunk, encodeControl, encodeHeader, parseOrchestratorMessage, stringify } from '@streamflow/sdk/protocol'
import { createNativeSigner } from '../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { createFixture } from '../media-fixtures/matroskaFixture.js'
import { testDomain } from '../payments/makeTill.js'
import { SimulatedBroadcaster } from '../payments/SimulatedBroadcaster.js'
import { frameRate, input, ladder, readCpuMs, readLanes, segmentMs, sendOnLane, type LaneTerms, type LoadReport } from './lanes.js'

const [socketPath = ''] = process.argv.slice(2)
const fixture = await createFixture({ width: input.video.width, height: input.video.height, rate: frameRate, seconds: 4, audio: 'none' })
const hashes = fixture.segments.map(({ chunks }) => {
  const hash = createHash('sha256').update(fixture.header)
  for (const { bytes } of chunks) hash.update(bytes)
  return `0x${hash.digest('hex')}` as const
})
const pictureMs = 1_000 / frameRate
const tickMs = 4
/** What a segment may cost at most, as every broadcaster estimates it: half as much again as it should. */
const work = { pixels: BigInt(Math.round(1.5 * frameRate * ladder.reduce((sum, { width, height }) => sum + width * height, 0))), inputPixels: BigInt(Math.round(1.5 * frameRate * 640 * 368)) }

class Lane {
  readonly #lane: number
  readonly #person: SimulatedBroadcaster
  readonly #startMs: number
  readonly #closedMs = new Map<number, number>()
  #seq = -1
  #next = 0

  constructor({ lane, walletKey, sessionKey, quote, ...terms }: LaneTerms, startMs: number) {
    this.#lane = lane
    this.#startMs = startMs
    this.#person = new SimulatedBroadcaster({ domain: testDomain, wallet: createNativeSigner(walletKey), sessionKey: createNativeSigner(sessionKey), ...terms })
    this.#person.quote = quote
    this.#send(encodeHeader(fixture.header))
  }

  /** Segments whose receipts are owed for longer than they last. */
  countOverdue(nowMs: number): number {
    return [...this.#closedMs.values()].filter((closedMs) => nowMs - closedMs > segmentMs).length
  }

  /** Sends what is due. */
  play(nowMs: number): void {
    for (;;) {
      const { chunks } = this.#segment
      const isOver = this.#seq < 0 || this.#next >= chunks.length
      const dueMs = this.#startMs + (isOver ? (this.#seq + 1) * segmentMs : this.#seq * segmentMs + this.#next * pictureMs)
      if (dueMs > nowMs) return
      if (isOver) this.#turn(nowMs)
      else this.#send(encodeChunk({ seq: this.#seq, attempt: 0, bytes: chunks[this.#next++]?.bytes ?? new Uint8Array(0) }))
    }
  }

  receive(message: Uint8Array, nowMs: number): void {
    const frame = decodeFrame(message)
    if (frame.kind !== 'control') return
    const told = parseOrchestratorMessage(frame.text)
    if (told.type === 'receipt') {
      latencies.push(nowMs - (this.#closedMs.get(told.seq) ?? nowMs))
      this.#closedMs.delete(told.seq)
      this.#person.settled(work, told.fee)
      if (told.quote !== undefined) this.#person.quote = told.quote
    } else if (told.type === 'error') refusals[told.code] = (refusals[told.code] ?? 0) + 1
  }

  get #segment() {
    const segment = fixture.segments[Math.max(0, this.#seq) % fixture.segments.length]
    if (segment === undefined) throw new Error('fixture')
    return segment
  }

  /** Closes a segment and opens the next. */
  #turn(nowMs: number): void {
    if (this.#seq >= 0) {
      const { chunks, frames } = this.#segment
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0)
      this.#say({ type: 'close', seq: this.#seq, attempt: 0, durationUs: segmentMs * 1_000, frames, bytes, hash: hashes[this.#seq % hashes.length] })
      this.#closedMs.set(this.#seq, nowMs)
    }
    this.#seq++
    this.#next = 0
    const ticket = this.#person.sign(work)
    this.#person.opened(ticket, work)
    this.#say({ type: 'open', seq: this.#seq, attempt: 0, startUs: this.#seq * segmentMs * 1_000, ticket })
  }

  #say(message: object): void {
    this.#send(encodeControl(stringify(message)))
  }

  #send(message: Uint8Array): void {
    sendOnLane(socket, this.#lane, message)
  }
}

const lanes = new Map<number, Lane>()
let latencies: number[] = []
let refusals: Record<string, number> = {}
const socket = connect(socketPath)
readLanes(socket, (lane, message) => lanes.get(lane)?.receive(message, performance.now()))
setInterval(() => {
  const nowMs = performance.now()
  for (const lane of lanes.values()) lane.play(nowMs)
}, tickMs)

type Order = { readonly play: readonly LaneTerms[] } | { readonly mark: true } | { readonly report: true }

process.on('message', (order: Order) => process.send?.(answer(order)))
process.once('disconnect', () => process.exit(0))
process.send?.({ isReady: true })

function answer(order: Order): object {
  const nowMs = performance.now()
  if ('play' in order) {
    // Not all in the same moment: cameras are not in step.
    order.play.forEach((terms, i) => lanes.set(terms.lane, new Lane(terms, nowMs + ((i * 7) % 25) * pictureMs + (i % 10) * tickMs)))
    return {}
  }
  if ('mark' in order) {
    latencies = []
    refusals = {}
    return {}
  }
  const sorted = latencies.sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
  const overdue = [...lanes.values()].reduce((sum, lane) => sum + lane.countOverdue(nowMs), 0)
  return { cpuMs: readCpuMs(), receipts: sorted.length, late: sorted.filter((ms) => ms > segmentMs).length + overdue, refusals, receiptP50Ms: at(0.5), receiptP99Ms: at(0.99) } satisfies LoadReport
}
