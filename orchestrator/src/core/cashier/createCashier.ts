/**
 * The orchestrator's side of money. Puts together quotes, acceptance, accounts and redemption over a ledger and a chain
 * that are given; does no I/O itself. Driven by the chain's blocks: each one refreshes what is known, lets idle accounts
 * go and redeems what is due.
 */

import { StreamflowError } from '@streamflow/sdk/errors'
import { hashLadder, hashQuote, type SignedQuote } from '@streamflow/sdk/payments'
import type { SignedGrant } from '@streamflow/sdk/protocol'
import type { Payments, StreamTerms } from '../payments.js'
import { Accounts, recordStream } from './accounts.js'
import type { Chain, RedemptionChain } from './chain.js'
import { Commitments } from './commitments.js'
import type { AccountTools } from './accountTools.js'
import { createStreamAccount } from './createStreamAccount.js'
import { Exposure } from './exposure.js'
import { assertCovered, assertEscrow, assertGrantStands, assertLocked, assertReserve } from './funds.js'
import { verifyGrant } from './grants.js'
import type { Ledger } from './ledger.js'
import { defaultPolicy, type CashierEvents, type CashierPolicy, type PriceSource, type Surroundings } from './policy.js'
import { Quotes } from './quotes.js'
import { Redeemer } from './Redeemer.js'
import { defaultRedemptionPolicy, type RedemptionPolicy } from './redemption.js'
import type { OrchestratorSigner, TicketVerifier } from './signer.js'
import { getTicketRound, noGrant, noKey, Standings } from './standings.js'
import { signStatement } from './statement.js'
import { takeNews } from './takeNews.js'

type Hex = `0x${string}`

/** What a cashier is made of. */
export interface CashierOptions extends Surroundings {
  readonly domain: AccountTools['domain']
  readonly signer: OrchestratorSigner
  /** The registered account for which the signer signs, and which is paid. @default the signer's own */
  readonly recipient?: Hex
  /** Keys that signed before; lower case. Whoever comes back with a quote of theirs is given another. @default none */
  readonly formerSigners?: readonly Hex[]
  readonly verifier: TicketVerifier
  readonly ledger: Ledger
  readonly chain: Chain
  readonly prices: PriceSource
  /** Absent: winners stay in the ledger, something else redeems them. */
  readonly redemption?: { readonly chain: RedemptionChain; readonly policy?: Partial<RedemptionPolicy> }
  /** @default defaultPolicy, field by field */
  readonly policy?: Partial<CashierPolicy>
  readonly events?: CashierEvents
}

/** Payments, and the redeemer for whoever wants to drive it by hand. */
export interface Cashier extends Payments {
  /** One look at the winners: submits what is due, follows what was sent. Never throws. */
  redeem(): Promise<void>
  /** What the chain holds of a sender's, and what it owes here; wei. @throws {@link StreamflowError} `ChainUnavailable` */
  describeFunds(sender: Hex): Promise<SenderFunds>
}

/** A sender's funds as they stand; wei. */
export interface SenderFunds {
  readonly deposit: bigint
  /** What its reserve holds for this orchestrator. */
  readonly reserve: bigint
  readonly escrow: bigint
  /** Winners that are not paid yet. */
  readonly outstanding: bigint
  /** First round in which it may take all of it; 0 if it is not unlocking. */
  readonly withdrawRound: bigint
}

/** Seconds between two strokes of forgetting. */
const forgetInterval = 10

function lowerCase<T extends string>(hex: T): T {
  return hex.toLowerCase() as T
}

/** @param sender - lower case @throws {@link StreamflowError} `SenderRefused` */
function assertServed({ policy: { allowedSenders, deniedSenders } }: AccountTools, sender: Hex): void {
  if (deniedSenders.has(sender) || allowedSenders?.has(sender) === false) throw new StreamflowError('SenderRefused', `${sender} is not served here`)
}

/** Whether one of these keys made the quote. */
const isSignedBy = (signers: readonly Hex[], { domain, verifier }: AccountTools, quote: SignedQuote): boolean => signers.some((signer) => signer === verifier.recover(hashQuote(domain, quote), quote.signature))

/** @param signers - all that are, or were, ours @throws {@link StreamflowError} `QuoteInvalid` */
function assertOwnQuote(tools: AccountTools, { quote, serviceId, grant }: StreamTerms, signers: readonly Hex[]): void {
  const isOurs = lowerCase(quote.recipient) === tools.recipient && isSignedBy(signers, tools, quote)
  if (!isOurs) throw new StreamflowError('QuoteInvalid', 'the quote is not signed by this orchestrator')
  if (lowerCase(quote.sender) !== lowerCase(grant.sender)) throw new StreamflowError('QuoteInvalid', 'the quote was made for another sender')
  if (quote.serviceId !== serviceId) throw new StreamflowError('QuoteInvalid', 'the quote is for another service')
}

/** Whether the number behind a quote is still known; a restored ledger knows nothing of what was quoted before. */
function isOwnCommitment({ commitments }: AccountTools, { sender, seed, faceValue, feeShare, creationRound, validUntil, recipientRandHash }: SignedQuote): boolean {
  return commitments.compute({ sender: lowerCase(sender), seed, faceValue, feeShare, creationRound, validUntil })?.randHash === recipientRandHash
}

/** @throws {@link StreamflowError} `QuoteExpired` with `data.quote` */
async function assertQuoteStands(tools: AccountTools, { quote, serviceId }: StreamTerms, grant: SignedGrant, grantHash: Hex): Promise<void> {
  const nowSeconds = tools.now()
  // Its ticket parameters rotate faster than its price: they should be good for the first tickets.
  const isFresh = nowSeconds <= quote.validUntil && !tools.commitments.isOver(quote, nowSeconds + tools.policy.rotation / 2)
  if (isFresh && isSignedBy([tools.signer.address], tools, quote) && isOwnCommitment(tools, quote)) return
  const fresh = await tools.quotes.create({ sender: grant.sender, serviceId, grant, grantHash })
  throw new StreamflowError('QuoteExpired', 'the quote is over, or its ticket parameters are, or the key that signed it', { data: { quote: fresh } })
}

/** @throws {@link StreamflowError} `GrantInvalid`, `LowPMBalance`, `SpendCapReached`, `ChainUnavailable` */
async function assertFunds(tools: AccountTools, quote: SignedQuote, grant: SignedGrant, grantHash: Hex): Promise<void> {
  const { standings, policy, exposure, quotes, now } = tools
  const state = await standings.getState()
  const standing = await standings.get(grant.sender, grantHash, grant.key)
  const round = getTicketRound(state)
  assertGrantStands(grant, { standing, round, policy, nowSeconds: now() })
  assertLocked(standing, { round: round.round, state })
  try {
    assertCovered(quote.faceValue, grant, { standing, outstanding: exposure.compute(grant.sender, grantHash, standing, { shownBy: now() }) }, policy)
  } catch {
    // A smaller face value may do: the first ticket is then answered with that quote. If none does, this says why.
    await quotes.create({ sender: grant.sender, serviceId: quote.serviceId, grant, grantHash })
  }
  assertEscrow(standing, policy, grant)
  assertReserve(standing, policy)
}

function createTools(options: CashierOptions, assertOpen: () => void): AccountTools {
  const policy: CashierPolicy = { ...defaultPolicy, ...options.policy }
  const { domain, signer, verifier, ledger, chain, prices, now, randomBytes, events = {} } = options
  const surroundings = { now, randomBytes }
  const recipient = lowerCase(options.recipient ?? signer.address)
  const standings = new Standings({ ...surroundings, chain, policy, events, isKnown: (sender) => ledger.hasStreams(sender) })
  const exposure = new Exposure()
  const commitments = new Commitments({ ...surroundings, domain, ledger, verifier })
  const quotes = new Quotes({ ...surroundings, domain, signer, recipient, policy, prices, commitments, standings, exposure })
  return { ...surroundings, domain, signer, recipient, verifier, ledger, policy, events, accounts: new Accounts(ledger), standings, exposure, commitments, quotes, assertOpen }
}

async function openStream(options: CashierOptions, tools: AccountTools, terms: StreamTerms): ReturnType<Payments['openStream']> {
  tools.assertOpen()
  const { streamId, serviceId, quote, ladder } = terms
  const grant: SignedGrant = { ...terms.grant, sender: lowerCase(terms.grant.sender), key: lowerCase(terms.grant.key) }
  assertServed(tools, grant.sender)
  const nowSeconds = tools.now()
  assertOwnQuote(tools, terms, [tools.signer.address, ...(options.formerSigners ?? [])])
  const grantHash = await verifyGrant(tools, grant)
  await tools.ledger.own(grant.sender, grant.key)
  await assertQuoteStands(tools, terms, grant, grantHash)
  await assertFunds(tools, quote, grant, grantHash)
  const { pricePerMillionPixels, pricePerMillionInputPixels } = quote
  const account = tools.accounts.open({ streamId, sender: grant.sender, serviceId, grant, grantHash, pricePerMillionPixels, pricePerMillionInputPixels, ladderHash: hashLadder(ladder), openedAt: Math.floor(nowSeconds) }, quote, nowSeconds)
  tools.standings.hold({ sender: grant.sender, grantHash, key: grant.key })
  // A stream of which no ticket was accepted leaves nothing on disk, nor does its grant: both are written with the first one.
  if (account.tickets > 0) await options.ledger.write([{ kind: 'grant', hash: grantHash, grant }, { kind: 'stream', record: recordStream(account, nowSeconds) }])
  return createStreamAccount(tools, { sender: grant.sender, streamId })
}

async function signOwnStatement(tools: AccountTools, { streamId, sender }: { readonly streamId: Hex; readonly sender: Hex }): ReturnType<Payments['statement']> {
  await tools.ledger.own(lowerCase(sender))
  const state = tools.accounts.find({ sender: lowerCase(sender), streamId }, tools.now())
  if (state === undefined) throw new StreamflowError('StreamNotFound', `no account of stream ${streamId} for this sender`)
  return signStatement(tools, state)
}

function createRedeemer(options: CashierOptions, tools: AccountTools): Redeemer | undefined {
  const { redemption } = options
  if (redemption === undefined) return undefined
  const { ledger, policy: cashierPolicy, events, exposure, commitments, standings, quotes, now, randomBytes, recipient } = tools
  const policy = { ...defaultRedemptionPolicy, ...redemption.policy }
  return new Redeemer({ now, randomBytes, recipient, chain: redemption.chain, ledger, policy, cashierPolicy, events, exposure, commitments, standings, getUsualGasPrice: () => quotes.gasPrice })
}

/**
 * Opens the till: reads the ledger, releases what a killed process held open, begins to watch the chain.
 * The ledger must belong to this process alone.
 */
export function createCashier(options: CashierOptions): Cashier {
  let isClosed = false
  const tools = createTools(options, () => {
    if (isClosed) throw new StreamflowError('Draining', 'the orchestrator takes no more tickets')
  })
  const { ledger, chain } = options
  const { accounts, standings, exposure, commitments, quotes, policy, now } = tools
  const redeemer = createRedeemer(options, tools)
  const reloadExposure = () => exposure.reload(ledger.getWinners(['pending', 'submitted']))
  ledger.releaseOpenSegments()
  reloadExposure()
  ledger.onFailed((senders) => {
    accounts.reset(senders)
    if (senders === undefined) {
      commitments.reload()
      return reloadExposure()
    }
    for (const sender of senders) exposure.reloadSender(sender, ledger.getWinners(['pending', 'submitted']).filter(({ ticket }) => ticket.sender === sender))
  })
  ledger.onNews((news) => takeNews(tools, news))
  let forgottenAt = 0
  /** A little at a time, so that no commit is long. */
  const forget = () => {
    if (isClosed || now() - forgottenAt < forgetInterval) return
    forgottenAt = now()
    ledger.write([{ kind: 'forget', before: Math.floor(now() - policy.retention) }]).catch((cause: unknown) => tools.events.troubled?.('forgetting old tickets', cause))
  }
  const unwatch = chain.watch({
    onState(state) {
      standings.setState(state)
      quotes.takeGasPrice(state.gasPrice)
      commitments.prune(now())
      accounts.evictIdle(now() - policy.accountIdle)
      standings.holdOnly(accounts.listStandings())
      ledger.ownOnly(accounts.listStandings())
      forget()
      if (!isClosed) void redeemer?.run(state)
    },
    onSenderChanged: (sender) => standings.invalidate(lowerCase(sender)),
  })

  return {
    async quote({ sender, serviceId }) {
      tools.assertOpen()
      assertServed(tools, lowerCase(sender))
      return quotes.create({ sender: lowerCase(sender), serviceId })
    },
    openStream: (terms) => openStream(options, tools, terms),
    statement: (stream) => signOwnStatement(tools, stream),
    async redeem() {
      if (redeemer !== undefined && options.redemption !== undefined) await redeemer.run(await options.redemption.chain.readState())
    },
    async describeFunds(sender) {
      const standing = await standings.get(lowerCase(sender), noGrant, noKey)
      const { deposit, claimableReserve: reserve, escrow, withdrawRound } = standing
      return { deposit, reserve, escrow, withdrawRound, outstanding: exposure.compute(lowerCase(sender), noGrant, standing).ofSender }
    },
    async close() {
      if (isClosed) return
      isClosed = true
      unwatch()
      await redeemer?.settle()
      await ledger.close()
    },
  }
}
