/**
 * The account of one stream: takes tickets, charges segments, signs receipts. Every change is computed at once in
 * memory, in one synchronous step, and acknowledged when the ledger has it; if the ledger loses it, memory is read again
 * from disk.
 */

import { isStreamflowError, StreamflowError } from '@streamflow/sdk/errors'
import { computeBalance, computeFree, computeRequiredValue, computeSegmentFee, minimumTicketValue, openSegment } from '@streamflow/sdk/payments'
import type { WireTicket } from '@streamflow/sdk/protocol'
import type { StreamAccount } from '../payments.js'
import { judgeTicket, type GoodTicket } from './acceptance.js'
import { nameSegment, recordNonces, recordStream, type AccountState, type LiveSegment } from './accounts.js'
import { createStreamQuote, findSegment, getNextQuote, getState, type AccountTools } from './accountTools.js'
import { carryOver, viewAccount } from './carry.js'
import { readCommitmentEnd } from './commitments.js'
import type { LedgerWrite, OwnedStream, SegmentRecord, WinnerRecord } from './ledger.js'
import { useNonce } from './nonceWindow.js'
import { acknowledgeSegment, extendSegment, releaseSegment, settleSegment, withholdSegment } from './settlement.js'
import { showWinners } from './showWinners.js'
import { signStatement } from './statement.js'

type OpenRequest = Parameters<StreamAccount['openSegment']>[0]

function isCode(thrown: unknown, ...codes: readonly string[]): thrown is StreamflowError {
  return isStreamflowError(thrown) && codes.includes(thrown.code)
}

/**
 * Adds what would help to a refusal: fresh parameters where the old ones are the matter, or where a smaller face value
 * would still be covered.
 */
async function explainRefusal(tools: AccountTools, state: AccountState, thrown: unknown, ticket: WireTicket): Promise<unknown> {
  if (isStreamflowError(thrown)) tools.events.ticketRefused?.(thrown.code)
  const isExpired = isCode(thrown, 'TicketParamsExpired')
  if (!isExpired && !isCode(thrown, 'LowPMBalance', 'SpendCapReached')) return thrown
  // Funds that were there a ticket ago are not there now: who is refused for winners it did not know of knows now.
  const { sender } = state.terms
  if (!isExpired && tools.exposure.hasHidden(sender, tools.now())) {
    await tools.ledger.write([]) // a winner of this very moment is on its way to disk
    await showWinners(tools, tools.ledger.getWinners(['pending']).filter(({ ticket }) => ticket.sender === sender))
  }
  try {
    // Tickets that were under way together are answered with the same quote; one that was refused itself is not offered again.
    const isAskedAgain = isExpired && state.nextQuote?.recipientRandHash !== ticket.recipientRandHash
    const quote = isAskedAgain ? await getNextQuote(tools, state) : await createStreamQuote(tools, state)
    if (!isExpired && quote.faceValue >= ticket.faceValue) return thrown
    state.nextQuote = quote
    return new StreamflowError('TicketParamsExpired', thrown.message, { data: { quote }, cause: thrown })
  } catch (cause) {
    // Parameters expired and none can be given: the reason for that is what helps.
    return isExpired ? cause : thrown
  }
}

function createWinner(tools: AccountTools, state: AccountState, good: GoodTicket, wire: WireTicket): LedgerWrite[] {
  const { now, exposure } = tools
  const winner: WinnerRecord = {
    ticketHash: good.ticketHash,
    streamId: state.terms.streamId,
    ticket: good.ticket,
    signature: good.signature,
    recipientRand: `0x${Buffer.from(good.commitment.recipientRand).toString('hex')}`,
    grantHash: state.terms.grantHash,
    wonAt: Math.floor(now()),
    redeemableFrom: readCommitmentEnd(wire.seed),
    validUntil: wire.validUntil,
    state: 'pending',
    paid: 0n,
    attempts: 0,
    reason: '',
    nextTryAt: 0,
  }
  exposure.add(winner)
  return [{ kind: 'winner', record: winner }]
}

/** Σ of F²·p·(1−p), the variance of what a ticket pays: EV·F − EV². */
function computeVariance(faceValue: bigint, value: bigint): bigint {
  return value * faceValue - value * value
}

/** Takes a ticket that is good: one synchronous step. */
function credit(tools: AccountTools, state: AccountState, request: OpenRequest, good: GoodTicket): LiveSegment {
  const { seq, attempt, ticket: wire } = request
  const { value, ticketHash, hasWon, ticket, estimate } = good
  const { grant, grantHash } = state.terms
  const { key } = grant
  const nowSeconds = Math.floor(tools.now())
  const winner = hasWon ? createWinner(tools, state, good, wire) : []
  const isFirst = state.tickets === 0
  const carried = isFirst ? carryOver(tools, state) : []
  const granted: LedgerWrite[] = isFirst ? [{ kind: 'grant', hash: grantHash, grant }] : []
  state.account = openSegment(state.account, { value, estimate })
  state.variance += computeVariance(ticket.faceValue, value)
  state.tickets++
  if (hasWon) state.won += ticket.faceValue
  if (state.nextQuote?.recipientRandHash === wire.recipientRandHash) delete state.nextQuote
  state.parameters = wire
  const record: SegmentRecord = { sender: state.terms.sender, streamId: state.terms.streamId, seq, attempt, ticketHash, key, nonce: wire.nonce, faceValue: wire.faceValue, winProb: wire.winProb, value, estimate, state: 'open', acceptedAt: nowSeconds }
  const changes: LedgerWrite[] = [{ kind: 'segment', record, commitment: wire.recipientRandHash }, { kind: 'stream', record: recordStream(state, nowSeconds) }, recordNonces(key, state.nonces), ...granted, ...winner, ...carried]
  const live = { record, saved: tools.ledger.write(changes) }
  state.live.set(nameSegment(request), live)
  tools.events.ticketAccepted?.({ value, faceValue: ticket.faceValue, won: hasWon })
  return live
}

/** A segment whose ticket was taken before comes again: nothing is credited twice. */
function resume(tools: AccountTools, state: AccountState, known: LiveSegment): LiveSegment {
  if (known.record.state === 'withheld') throw new StreamflowError('TicketInvalid', 'the value of this ticket was spent on what was made of the segment: send it as a new attempt with a new ticket')
  if (known.record.state !== 'released') return known
  const { estimate } = known.record
  if (computeRequiredValue(state.account, estimate) > minimumTicketValue) {
    throw new StreamflowError('TicketInvalid', 'the value of this ticket was spent on other segments: send the segment as a new attempt with a new ticket')
  }
  state.account = { ...state.account, reserved: state.account.reserved + estimate }
  const record: SegmentRecord = { ...known.record, state: 'open' }
  const live = { record, saved: tools.ledger.write([{ kind: 'segment', record }]) }
  state.live.set(nameSegment(record), live)
  return live
}

/** Judges and takes the ticket, or finds that it was taken; synchronous, so that two calls never interleave. */
function acceptTicket(tools: AccountTools, state: AccountState, request: OpenRequest): LiveSegment {
  const { standings, exposure, policy, verifier, commitments, recipient, now } = tools
  const known = findSegment(tools, state, request)
  if (known !== undefined) return resume(tools, state, known)
  const { grant, grantHash } = state.terms
  const chainState = standings.peekState()
  const standing = standings.peek(grant.sender, grantHash, grant.key)
  if (chainState === undefined || standing === undefined) throw new StreamflowError('ChainUnavailable', "the sender's funds are not known")
  const estimate = computeSegmentFee(state.terms, { pixels: request.estimatedPixels, inputPixels: request.estimatedInputPixels ?? 0n })
  const good = judgeTicket(request.ticket, {
    policy,
    verifier,
    commitments,
    state: chainState,
    funds: { standing, outstanding: exposure.compute(grant.sender, grantHash, standing) },
    nonces: state.nonces,
    nowSeconds: now(),
    recipient,
    grant,
    grantHash,
    account: viewAccount(tools, state),
    estimate,
  })
  useNonce(state.nonces, request.ticket.nonce)
  return credit(tools, state, request, good)
}

async function open(tools: AccountTools, stream: OwnedStream, request: OpenRequest): ReturnType<StreamAccount['openSegment']> {
  tools.assertOpen()
  const { grant, grantHash } = getState(tools, stream).terms
  let live: LiveSegment
  try {
    if (tools.standings.peekState() === undefined) await tools.standings.getState()
    if (tools.standings.peek(grant.sender, grantHash, grant.key) === undefined) await tools.standings.get(grant.sender, grantHash, grant.key)
    await tools.standings.renew(grant.sender, grantHash, grant.key)
    live = acceptTicket(tools, getState(tools, stream), request)
  } catch (thrown) {
    throw await explainRefusal(tools, getState(tools, stream), thrown, request.ticket)
  }
  const balance = computeBalance(getState(tools, stream).account)
  try {
    await live.saved
  } catch (thrown) {
    // Another process showed the number behind its parameters a moment before.
    throw isCode(thrown, 'TicketParamsExpired') ? await explainRefusal(tools, getState(tools, stream), thrown, request.ticket) : thrown
  }
  const { receipt: settled } = live
  return { balance, ...(settled && { settled: { receipt: settled.receipt, outputs: settled.outputs } }) }
}

/** The account of an opened stream, as streams see it. */
export function createStreamAccount(tools: AccountTools, stream: OwnedStream): StreamAccount {
  return {
    get balance() {
      return computeBalance(viewAccount(tools, getState(tools, stream)))
    },
    get free() {
      return computeFree(getState(tools, stream).account)
    },
    get pricePerMillionPixels() {
      return getState(tools, stream).terms.pricePerMillionPixels
    },
    get pricePerMillionInputPixels() {
      return getState(tools, stream).terms.pricePerMillionInputPixels
    },
    get isIdOfAnother() {
      return tools.ledger.hasStreamOfAnother(stream)
    },
    get nextSeq() {
      return (tools.ledger.getLastSettledSeq(stream) ?? -1) + 1
    },
    findReceipt: (segment) => {
      const receipt = findSegment(tools, getState(tools, stream), segment)?.receipt
      return receipt && { receipt: receipt.receipt, outputs: receipt.outputs }
    },
    isWithheld: (segment) => findSegment(tools, getState(tools, stream), segment)?.record.state === 'withheld',
    openSegment: (segment) => open(tools, stream, segment),
    extendSegment: (segment) => extendSegment(tools, stream, segment),
    settleSegment: (segment) => settleSegment(tools, stream, segment),
    releaseSegment: (segment) => releaseSegment(tools, stream, segment),
    withholdSegment: (segment) => withholdSegment(tools, stream, segment),
    acknowledgeSegment: (segment) => acknowledgeSegment(tools, stream, segment),
    state: () => signStatement(tools, getState(tools, stream)),
    end: () => void (getState(tools, stream).isRunning = false),
  }
}
