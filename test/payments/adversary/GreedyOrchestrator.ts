// An orchestrator that wants to be paid for nothing. It knows all that one may know, signs what it likes and redeems every
// ticket that it was ever sent.
import fc from 'fast-check'
import { computeLadderPixels } from '@streamflow/sdk/media'
import { computeBalance, computeExpectedValue, computeFee, createPrivateKey, emptyAccount, hashInput, hashLadder, hashOutputs, hashQuote, hashReceipt, openSegment, services, settleSegment, type Account, type Receipt, type SignedQuote } from '@streamflow/sdk/payments'
import { decodeFrame, encodeControl, parseBroadcasterMessage, stringify, type CloseSegment, type OpenSegment, type OrchestratorMessage, type StreamRequest } from '@streamflow/sdk/protocol'
import type { ErrorCode } from '@streamflow/sdk/errors'
import { createNativeSigner } from '../../../orchestrator/src/adapters/signer/createNativeSigner.js'
import { randomHex, testDomain } from '../makeTill.js'

type Hex = `0x${string}`

/** What an orchestrator may do next. `which`: among those that it has, from the oldest on. */
export type GreedyMove =
  /** Does for so many seconds what an honest one does. */
  | { readonly type: 'serve'; readonly seconds: number }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'accept'; readonly which: number; readonly shift: number }
  /** Refuses a ticket, or gives up a segment whose ticket it took. */
  | { readonly type: 'refuse'; readonly which: number; readonly code: ErrorCode; readonly isWithheld: boolean; readonly hasQuote: boolean }
  | { readonly type: 'receipt'; readonly which: number; readonly percent: number; readonly shift: number; readonly isForged: boolean }
  /** The connection breaks; it comes back with another balance and another opinion of what it has. */
  | { readonly type: 'break'; readonly shift: number; readonly seqs: number }
  /** Its quotes from now on. */
  | { readonly type: 'quote'; readonly faceValue: bigint; readonly percent: number }
  | { readonly type: 'draining' }
  /** What it says of what was left unfinished, when it is asked: `share` of the pieces that came in charged as pictures. */
  | { readonly type: 'late'; readonly answer: 'receipt' | 'kept' | 'released' | 'nothing'; readonly share: number; readonly isForged: boolean }

const codes: readonly ErrorCode[] = [
  'TicketInvalid', 'TicketParamsExpired', 'PriceTooLow', 'LowPMBalance', 'SpendCapReached', 'GrantInvalid', 'QuoteExpired', 'Busy', 'Capped', 'TranscodeFailed', 'SegmentTruncated',
  'SegmentTooLarge', 'Aborted', 'LedgerFailed', 'Internal', 'Draining',
]
/** Shares of a segment's price by which it lies about a balance. */
const shift = fc.constantFrom(0, 0, 0, 1, -1, -2, 0.5, -0.5)
const which = fc.nat(7)
/** wei; the first carries any segment, the last one scarcely. */
const faceValues = [10n ** 15n, 10n ** 14n, 2n * 10n ** 9n] as const

/** What it says that earlier streams left over. */
export const anyClaim = fc.constantFrom(0, 0, 0, -0.1, -1, -1.01, 2)

export const anyGreedyMove: fc.Arbitrary<GreedyMove> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('serve' as const), seconds: fc.constantFrom(1, 2, 5, 12) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.constantFrom(200, 1_000, 1_000, 4_000, 15_000) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('accept' as const), which, shift }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('refuse' as const), which, code: fc.constantFrom(...codes), isWithheld: fc.boolean(), hasQuote: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('receipt' as const), which, percent: fc.constantFrom(100, 100, 100, 101, 106, 107, 200, 0), shift, isForged: fc.nat(9).map((n) => n === 0) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('break' as const), shift, seqs: fc.constantFrom(0, 0, 1, -1, 3) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('quote' as const), faceValue: fc.constantFrom(...faceValues), percent: fc.constantFrom(100, 100, 101) }) },
  { weight: 1, arbitrary: fc.constant<GreedyMove>({ type: 'draining' }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('late' as const), answer: fc.constantFrom('receipt', 'receipt', 'kept', 'released', 'nothing'), share: fc.constantFrom(1, 1, 0.5, 0, 1.5, 5), isForged: fc.nat(9).map((n) => n === 0) }),
  },
)

/** wei per 10^6 output pixels. */
const price = 250_000_000n
const uri = 'http://orchestrator.test'

/** A segment that it was sent. */
interface Piece {
  readonly open: OpenSegment
  readonly chunks: Uint8Array[]
  close: CloseSegment | undefined
  /** When it was closed, in milliseconds of the page's clock. */
  closedAtMs: number
  isAccepted: boolean
}

/** The page's end of a connection. */
export interface Wire {
  deliver(message: Uint8Array<ArrayBuffer>): void
  breakOff(): void
}

export class GreedyOrchestrator {
  readonly #signer = createNativeSigner(createPrivateKey())
  readonly uri = uri
  #account: Account = emptyAccount
  #pieces: Piece[] = []
  #request: StreamRequest | undefined
  #wire: Wire | undefined
  #terms = { faceValue: faceValues[0] as bigint, percent: 100 }
  #lie: { readonly shift: number; readonly seqs: number }
  #isHonest = false
  #lastSettledSeq = -1
  #header: Uint8Array = new Uint8Array(0)
  /** Pieces that the page left unfinished, and what it says of them. */
  #left: Piece[] = []
  #word: Omit<GreedyMove & { readonly type: 'late' }, 'type'> = { answer: 'kept', share: 1, isForged: false }
  /** Σ fees of receipts for what was left unfinished that charge for no more than came in; wei. */
  lateFees = 0n

  /** @param claim - share of a segment's price that it says earlier streams left over */
  constructor(readonly sender: Hex, claim: number) {
    this.#lie = { shift: claim, seqs: 0 }
  }

  get address(): Hex {
    return this.#signer.address
  }

  /** What a segment is estimated to cost; wei. */
  get estimate(): bigint {
    const { ladder, input, segmentDurationMs } = this.#request ?? {}
    return ladder === undefined ? 0n : computeFee(price, BigInt(computeLadderPixels(ladder) * Math.ceil(((input?.video.frameRate ?? 0) * (segmentDurationMs ?? 0)) / 1_000)))
  }

  /** Segments that it has and may still certify: those in work, and those whose receipt is not due yet. */
  countDue(nowMs: number, receiptTimeoutMs: number): number {
    return this.#pieces.filter(({ close, closedAtMs }) => close === undefined || nowMs - closedAtMs < receiptTimeoutMs).length
  }

  quote(nowMs: number): SignedQuote {
    const quote: SignedQuote = {
      recipient: this.address,
      sender: this.sender,
      serviceId: services.Transcoding,
      pricePerMillionPixels: (price * BigInt(this.#terms.percent)) / 100n,
      pricePerMillionInputPixels: 0n,
      faceValue: this.#terms.faceValue,
      seed: randomHex(32),
      recipientRandHash: randomHex(32),
      feeShare: 0,
      creationRound: 5n,
      creationRoundBlockHash: `0x${'07'.repeat(32)}`,
      validUntil: Math.floor(nowMs / 1_000) + 60,
      signature: '0x',
    }
    return { ...quote, signature: this.#signer.sign(hashQuote(testDomain, quote)) }
  }

  /** `POST /v1/streams`. @returns the body of its answer */
  connect(request: StreamRequest, wire: Wire): string {
    this.#request = request
    this.#wire = wire
    for (const { isAccepted, close } of this.#pieces) if (isAccepted && close === undefined) this.#account = settleSegment(this.#account, { estimate: this.estimate, fee: 0n })
    this.#left = [...this.#left, ...this.#pieces.filter(({ close, chunks }) => close === undefined && chunks.length > 0)]
    this.#pieces = this.#pieces.filter(({ close }) => close !== undefined)
    const closed = Math.max(this.#lastSettledSeq, ...this.#pieces.map(({ open }) => open.seq))
    const { shift: by, seqs } = this.#lie
    this.#lie = { shift: 0, seqs: 0 }
    return stringify({ version: 1, streamId: request.streamId, answer: { type: 'answer', sdp: '' }, playbackUrl: `${uri}/live/`, balance: computeBalance(this.#account) + this.#part(by), nextSeq: Math.max(0, closed + 1 + seqs) })
  }

  /** A frame from the page. */
  receive(bytes: Uint8Array<ArrayBuffer>, nowMs: number): void {
    const frame = decodeFrame(bytes)
    if (frame.kind === 'header') this.#header = frame.bytes
    if (frame.kind === 'chunk') this.#pieces.find(({ open }) => open.seq === frame.seq && open.attempt === frame.attempt)?.chunks.push(frame.bytes)
    if (frame.kind !== 'control') return
    const message = parseBroadcasterMessage(frame.text)
    if (message.type === 'ping') return this.#say({ type: 'pong' }) // whoever is silent gets no more tickets
    const known = 'seq' in message ? this.#pieces.find(({ open }) => open.seq === message.seq && open.attempt === message.attempt) : undefined
    if (message.type === 'open') this.#pieces.push({ open: message, chunks: [], close: undefined, closedAtMs: nowMs, isAccepted: false })
    else if (message.type === 'close' && known !== undefined) Object.assign(known, { close: message, closedAtMs: nowMs } satisfies Partial<Piece>)
    else if (message.type === 'abort' && known === undefined) this.#answerLeft(message)
    else if (message.type === 'abort') this.#pieces = this.#pieces.filter((piece) => piece !== known)
    if (this.#isHonest) this.#work(nowMs)
  }

  /** Plays a move that takes no time. */
  play(move: Exclude<GreedyMove, { readonly type: 'pass' }>, nowMs: number): void {
    this.#isHonest = move.type === 'serve'
    if (move.type === 'serve') return this.#work(nowMs)
    if (move.type === 'quote') this.#terms = { faceValue: move.faceValue, percent: move.percent }
    if (move.type === 'late') this.#word = move
    if (move.type === 'draining') this.#say({ type: 'draining' })
    if (move.type === 'break') {
      this.#lie = move
      this.#wire?.breakOff()
    }
    if (!('which' in move)) return
    const piece = this.#pieces[move.which % Math.max(1, this.#pieces.length)]
    if (piece === undefined) return
    if (move.type === 'accept') this.#accept(piece, move.shift)
    else if (move.type === 'refuse') this.#refuse(piece, move, nowMs)
    else this.#certify(piece, move)
  }

  #work(nowMs: number): void {
    for (const piece of [...this.#pieces]) {
      if (!piece.isAccepted) this.#accept(piece, 0)
      if (piece.close !== undefined) this.#certify(piece, { percent: 100, shift: 0, isForged: false }, this.quote(nowMs))
    }
  }

  #accept(piece: Piece, by: number): void {
    const { seq, attempt, ticket } = piece.open
    if (!piece.isAccepted) this.#account = openSegment(this.#account, { value: computeExpectedValue(ticket.faceValue, ticket.winProb), estimate: this.estimate })
    piece.isAccepted = true
    this.#say({ type: 'accepted', seq, attempt, balance: computeBalance(this.#account) + this.#part(by) })
  }

  #refuse(piece: Piece, { code, isWithheld, hasQuote }: GreedyMove & { readonly type: 'refuse' }, nowMs: number): void {
    const { seq, attempt } = piece.open
    if (piece.isAccepted) this.#account = settleSegment(this.#account, { estimate: this.estimate, fee: 0n })
    this.#pieces = this.#pieces.filter((other) => other !== piece)
    this.#say({ type: 'error', code, message: 'no', seq, attempt, data: { isWithheld }, ...(hasQuote && { quote: this.quote(nowMs) }) })
  }

  #certify(piece: Piece, { percent, shift: by, isForged }: Pick<GreedyMove & { readonly type: 'receipt' }, 'percent' | 'shift' | 'isForged'>, quote?: SignedQuote): void {
    const { request, close } = { request: this.#request, close: piece.close }
    if (request === undefined || close === undefined) return
    const { seq, attempt, frames, hash } = close
    const made = Math.floor((frames * percent) / 100)
    const outputs = request.ladder.map(({ name }) => ({ rendition: name, frames: made, bytes: 1_000, hash: randomHex(32) }))
    const pixels = BigInt(computeLadderPixels(request.ladder) * made)
    const fee = computeFee(price, pixels)
    if (piece.isAccepted) this.#account = settleSegment(this.#account, { estimate: this.estimate, fee })
    const terms = { orchestrator: this.address, broadcaster: this.sender, serviceId: request.serviceId, streamId: request.streamId, seq, attempt, ladderHash: hashLadder(request.ladder) }
    const receipt: Receipt = { ...terms, inputHash: hash, outputHash: hashOutputs(outputs), inputPixels: 0n, pixels, fee, balance: computeBalance(this.#account) + this.#part(by), round: 5n }
    const signature = isForged ? (`0x${'11'.repeat(64)}1b` as const) : this.#signer.sign(hashReceipt(testDomain, receipt))
    this.#pieces = this.#pieces.filter((other) => other !== piece)
    this.#lastSettledSeq = Math.max(this.#lastSettledSeq, seq)
    const { inputHash, outputHash, inputPixels, balance, round } = receipt
    this.#say({ type: 'receipt', seq, attempt, inputHash, outputHash, inputPixels, pixels, fee, balance, round, signature, outputs, ...(quote && { quote }) })
  }

  /** The page asks what became of what it left. */
  #answerLeft({ seq, attempt }: { readonly seq: number; readonly attempt: number }): void {
    const { request } = { request: this.#request }
    const piece = this.#left.find(({ open }) => open.seq === seq && open.attempt === attempt)
    const { answer, share, isForged } = this.#word
    if (request === undefined || answer === 'nothing') return
    if (piece === undefined || answer !== 'receipt') return this.#say({ type: 'error', code: 'Aborted', message: 'left', seq, attempt, data: { isWithheld: answer !== 'released' } })
    this.#left = this.#left.filter((other) => other !== piece)
    const made = Math.floor(piece.chunks.length * share)
    const outputs = request.ladder.map(({ name }) => ({ rendition: name, frames: made, bytes: 1_000, hash: randomHex(32) }))
    const pixels = BigInt(computeLadderPixels(request.ladder) * made)
    const fee = computeFee(price, pixels)
    const terms = { orchestrator: this.address, broadcaster: this.sender, serviceId: request.serviceId, streamId: request.streamId, seq, attempt, ladderHash: hashLadder(request.ladder) }
    const inputHash = hashInput(this.#header, Buffer.concat(piece.chunks))
    const receipt: Receipt = { ...terms, inputHash, outputHash: hashOutputs(outputs), inputPixels: 0n, pixels, fee, balance: computeBalance(this.#account), round: 5n }
    const signature = isForged ? (`0x${'11'.repeat(64)}1b` as const) : this.#signer.sign(hashReceipt(testDomain, receipt))
    if (!isForged && made <= piece.chunks.length) this.lateFees += fee
    const { outputHash, inputPixels, balance, round } = receipt
    this.#say({ type: 'receipt', seq, attempt, inputHash, outputHash, inputPixels, pixels, fee, balance, round, signature, outputs })
  }

  #part(share: number): bigint {
    return (this.estimate * BigInt(Math.round(share * 100))) / 100n
  }

  #say(message: OrchestratorMessage): void {
    this.#wire?.deliver(encodeControl(stringify(message)))
  }
}
