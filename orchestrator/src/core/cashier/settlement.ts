/** Ends segments: charges the real pixels and signs the receipt, or releases what was reserved, or keeps it, of which it may sign for a part. */

import { computeBalance, computeFree, computeSegmentFee, hashOutputs, hashReceipt, settleSegment as settleOnAccount, type Receipt, type SignedQuote } from '@streamflow/sdk/payments'
import type { StreamAccount } from '../payments.js'
import { nameSegment, recordStream, type AccountState, type LiveSegment } from './accounts.js'
import { findSegment, getNextQuote, getState, type AccountTools } from './accountTools.js'
import type { LedgerWrite, OwnedStream, ReceiptRecord, SegmentState } from './ledger.js'

type SettleRequest = Parameters<StreamAccount['settleSegment']>[0]

function signReceipt(tools: AccountTools, state: AccountState, request: SettleRequest, fee: bigint): ReceiptRecord {
  const { seq, attempt, inputHash, outputs, pixels, inputPixels = 0n } = request
  const { sender, serviceId, streamId, ladderHash } = state.terms
  const receipt: Receipt = {
    orchestrator: tools.recipient,
    broadcaster: sender,
    serviceId,
    streamId,
    seq,
    attempt,
    ladderHash,
    inputHash,
    outputHash: hashOutputs(outputs),
    inputPixels,
    pixels,
    fee,
    balance: computeBalance(state.account),
    round: tools.standings.lastRound,
  }
  return { receipt: { ...receipt, signature: tools.signer.sign(hashReceipt(tools.domain, receipt)) }, outputs, issuedAt: Math.floor(tools.now()) }
}

/** Ends a live segment in memory and queues the change; it leaves memory once it is on disk. */
function end(tools: AccountTools, state: AccountState, live: LiveSegment, change: { readonly segment: SegmentState; readonly receipt?: ReceiptRecord }): void {
  const name = nameSegment(live.record)
  const { receipt } = change
  live.record = { ...live.record, state: change.segment }
  state.live.set(name, live) // one that was read from disk is not there: until it is written, what is on disk is not so
  if (receipt !== undefined) live.receipt = receipt
  const changes: LedgerWrite[] = [{ kind: 'segment', record: live.record }, { kind: 'stream', record: recordStream(state, tools.now()) }]
  if (receipt !== undefined) changes.push({ kind: 'receipt', record: receipt })
  const saved = tools.ledger.write(changes)
  live.saved = saved
  void saved.then(
    () => {
      if (live.saved === saved) state.live.delete(name)
    },
    () => undefined, // whoever awaits `saved` is told
  )
}

/** New parameters if they are due; the same ones until a ticket names them. */
async function renewQuote(tools: AccountTools, state: AccountState): Promise<SignedQuote | undefined> {
  const { quotes, standings, events } = tools
  const chainState = standings.peekState()
  if (chainState === undefined || !quotes.isDue(state.parameters, chainState)) return undefined
  try {
    return await getNextQuote(tools, state)
  } catch (cause) {
    // The old parameters may still do; if not, the next ticket is refused with the reason.
    events.troubled?.('renewing ticket parameters', cause)
    return undefined
  }
}

/** See {@link StreamAccount.settleSegment}. */
export async function settleSegment(tools: AccountTools, stream: OwnedStream, request: SettleRequest): ReturnType<StreamAccount['settleSegment']> {
  const state = getState(tools, stream)
  const live = findSegment(tools, state, request)
  if (live === undefined || live.record.state === 'released' || live.record.state === 'withheld') throw new RangeError(`segment ${nameSegment(request)} is not open`)
  let record = live.receipt
  if (record === undefined) {
    const fee = computeSegmentFee(state.terms, { pixels: request.pixels, inputPixels: request.inputPixels ?? 0n })
    state.account = settleOnAccount(state.account, { estimate: live.record.estimate, fee })
    state.segments++
    record = signReceipt(tools, state, request, fee)
    end(tools, state, live, { segment: 'settled', receipt: record })
    tools.events.segmentSettled?.({ pixels: request.pixels, fee })
  }
  await live.saved
  const quote = await renewQuote(tools, state)
  return { receipt: record.receipt, ...(quote && { quote }) }
}

/** See {@link StreamAccount.extendSegment}. What is lost with the process is released then anyhow. */
export function extendSegment(tools: AccountTools, stream: OwnedStream, { seq, attempt, wei }: Parameters<StreamAccount['extendSegment']>[0]): boolean {
  const state = getState(tools, stream)
  const live = state.live.get(nameSegment({ seq, attempt }))
  if (live?.record.state !== 'open') return false
  const missing = wei - live.record.estimate
  if (missing <= 0n) return true
  if (computeFree(state.account) < missing) return false
  state.account = { ...state.account, reserved: state.account.reserved + missing }
  live.record = { ...live.record, estimate: wei }
  live.saved = tools.ledger.write([{ kind: 'segment', record: live.record }])
  void live.saved.catch(() => undefined) // whoever ends the segment is told
  return true
}

/** See {@link StreamAccount.releaseSegment}. */
export async function releaseSegment(tools: AccountTools, stream: OwnedStream, name: { readonly seq: number; readonly attempt: number }): Promise<void> {
  const state = getState(tools, stream)
  const live = findSegment(tools, state, name)
  if (live === undefined) return
  if (live.record.state === 'open') {
    state.account = settleOnAccount(state.account, { estimate: live.record.estimate, fee: 0n })
    end(tools, state, live, { segment: 'released' })
  }
  await live.saved
}

/** See {@link StreamAccount.withholdSegment}. */
export async function withholdSegment(tools: AccountTools, stream: OwnedStream, name: { readonly seq: number; readonly attempt: number }): Promise<void> {
  const state = getState(tools, stream)
  const live = findSegment(tools, state, name)
  if (live === undefined) return
  const { estimate, state: before } = live.record
  if (before === 'open' || before === 'released') {
    if (before === 'released') state.account = { ...state.account, reserved: state.account.reserved + estimate }
    state.withheld += estimate
    end(tools, state, live, { segment: 'withheld' })
  }
  await live.saved
}

/** See {@link StreamAccount.acknowledgeSegment}. */
export async function acknowledgeSegment(tools: AccountTools, stream: OwnedStream, request: SettleRequest): ReturnType<StreamAccount['acknowledgeSegment']> {
  const state = getState(tools, stream)
  const live = findSegment(tools, state, request)
  if (live?.record.state !== 'withheld') return undefined
  if (live.receipt === undefined) {
    const { estimate } = live.record
    const price = computeSegmentFee(state.terms, { pixels: request.pixels, inputPixels: request.inputPixels ?? 0n })
    const fee = price < estimate ? price : estimate
    state.account = { ...state.account, reserved: state.account.reserved - (estimate - fee) }
    state.withheld -= estimate - fee
    live.record = { ...live.record, estimate: fee }
    end(tools, state, live, { segment: 'withheld', receipt: signReceipt(tools, state, request, fee) })
    tools.events.segmentSettled?.({ pixels: request.pixels, fee })
  }
  await live.saved
  const { receipt } = live
  return receipt && { receipt: receipt.receipt, outputs: receipt.outputs }
}
