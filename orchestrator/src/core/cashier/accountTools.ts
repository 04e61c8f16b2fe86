/** What an account works with, and what all its steps begin with. */

import { StreamflowError } from '@streamflow/sdk/errors'
import type { Domain, SignedQuote } from '@streamflow/sdk/payments'
import { nameSegment, type Accounts, type AccountState, type LiveSegment } from './accounts.js'
import type { Commitments } from './commitments.js'
import type { Exposure } from './exposure.js'
import type { Ledger, OwnedStream } from './ledger.js'
import type { CashierEvents, CashierPolicy, Surroundings } from './policy.js'
import type { Quotes } from './quotes.js'
import type { OrchestratorSigner, TicketVerifier } from './signer.js'
import type { Standings } from './standings.js'

type SegmentName = { readonly seq: number; readonly attempt: number }

/** The parts of the cashier that an account works with. */
export interface AccountTools extends Surroundings {
  readonly domain: Domain
  readonly signer: OrchestratorSigner
  /** Who is paid: the registered account, for which the signer signs. Lower case. */
  readonly recipient: OrchestratorSigner['address']
  readonly verifier: TicketVerifier
  readonly ledger: Ledger
  readonly policy: CashierPolicy
  readonly events: CashierEvents
  readonly accounts: Accounts
  readonly standings: Standings
  readonly exposure: Exposure
  readonly commitments: Commitments
  readonly quotes: Quotes
  /** Throws `Draining` once the cashier takes no more tickets. */
  readonly assertOpen: () => void
}

/** The account of a stream. @throws {@link StreamflowError} `StreamNotFound`, `SenderElsewhere` */
export function getState({ accounts, ledger, now }: AccountTools, stream: OwnedStream): AccountState {
  const state = accounts.find(stream, now())
  if (state !== undefined) return state
  ledger.assertOwned(stream.sender)
  throw new StreamflowError('StreamNotFound', `no account of stream ${stream.streamId}`)
}

/** A quote for a running stream: its own price, fresh parameters. */
export function createStreamQuote(tools: AccountTools, { terms }: AccountState): Promise<SignedQuote> {
  const { sender, serviceId, grant, grantHash, pricePerMillionPixels, pricePerMillionInputPixels } = terms
  return tools.quotes.create({ sender, serviceId, grant, grantHash, prices: { pricePerMillionPixels, pricePerMillionInputPixels } })
}

/** The quote that a stream's next tickets should use; the same one until a ticket names it or it is due itself. */
export async function getNextQuote(tools: AccountTools, state: AccountState): Promise<SignedQuote> {
  const chainState = tools.standings.peekState()
  const { nextQuote } = state
  if (nextQuote !== undefined && chainState !== undefined && !tools.quotes.isDue(nextQuote, chainState)) return nextQuote
  state.nextQuote = await createStreamQuote(tools, state)
  return state.nextQuote
}

/** A segment whose ticket was taken, wherever it is remembered. */
export function findSegment({ ledger }: AccountTools, state: AccountState, name: SegmentName): LiveSegment | undefined {
  const live = state.live.get(nameSegment(name))
  if (live !== undefined) return live
  const { sender, streamId } = state.terms
  const owned = { sender, streamId, seq: name.seq, attempt: name.attempt }
  const record = ledger.getSegment(owned)
  if (record === undefined) return undefined
  const receipt = record.state === 'settled' || record.state === 'withheld' ? ledger.getReceipt(owned) : undefined
  return { record, saved: Promise.resolve(), ...(receipt && { receipt }) }
}
